//! What the pages ask of a node: [`Service`] over an open [`Node`], or over a
//! folder that holds none yet.
//!
//! Values are converted by hand between the node's types and the plain
//! structs of the pages; rules are decided elsewhere. Until set-up is done
//! everything but set-up answers that it is not.

use std::sync::{Arc, OnceLock};

use futures::future::BoxFuture;
use serde_json::Value;
use tern_web_ui::service::{
    Account, AccountChange, AccountEntry, AccountId, Act, Adoption, Alike, Answer, Ask, Card,
    CardAct, CardCheck, Changes, Departed, Draft, DraftEntry, EditionEntry, Erasure, Expert,
    ExpertQuery, Experts, Exported, Exporting, FieldError, Found, Gathered, Harvest, Harvested,
    Harvesting, Invitation, Like, Links, Matching, Membership, Network, OneTimeLink, Overview,
    OwnCard, Practice, Provenance, Publish, Published, Query, Reader, Readiness, ReadyCheck,
    RecoverySheet, Refusal, Removal, Request, RequestQuery, Requests, RootKey, Save, Saved,
    SavedSearch, SayLinks, Seconds, SendAsk, Service, SetUp, SetUpDone, Share, Sharing,
    SheetStanding, SignCard, Standing, Status, Vocabularies,
};

use crate::accounts::Account as LocalAccount;
use crate::health;
use crate::operator::NodeOperator;
use crate::ops::{Caller, ErrorCode, Op, OpError, Operator};
use crate::running::Node;
use crate::sign_in::LinkUse;

mod accounts;
mod alike;
mod annotations;
mod board;
mod clearance;
mod codes;
mod discussions;
mod experts;
mod exporting;
mod files;
mod governing;
mod harvesting;
mod keys;
mod library;
mod links;
mod listings;
mod mending;
mod network;
mod notices;
mod people;
mod practices;
mod requests;
mod reviews;
mod saved;
mod set_up;
mod sharing;
mod talk;
mod vocabulary;
mod writing;

pub(crate) use annotations::likely_same;
#[cfg(test)]
pub(crate) use requests::request as request_of;
pub use set_up::Unfounded;
pub(crate) use vocabulary::of as vocabularies;

/// See the module.
pub struct Site {
    node: OnceLock<Arc<Node>>,
    unfounded: Unfounded,
}

impl Site {
    /// The pages of an open node.
    pub fn of(node: Arc<Node>) -> Self {
        Self { node: OnceLock::from(node), unfounded: Unfounded::done() }
    }

    /// The pages of a folder that holds no node yet: set-up.
    pub const fn unfounded(unfounded: Unfounded) -> Self {
        Self { node: OnceLock::new(), unfounded }
    }

    /// The node, once there is one.
    pub fn node(&self) -> Option<&Arc<Node>> {
        self.node.get()
    }

    fn open(&self) -> Result<&Arc<Node>, Refusal> {
        self.node.get().ok_or_else(|| {
            Refusal::Unavailable("This node is not set up yet: open /setup first.".into())
        })
    }
}

impl Operator for Site {
    fn run(&self, caller: Caller, op: Op) -> BoxFuture<'_, Result<Value, OpError>> {
        Box::pin(async move {
            let node = self.node.get().ok_or_else(|| {
                let what = "this node is not set up yet: open its pages in a browser, or stop it and use `tern init`";
                OpError::new(ErrorCode::Conflict, what)
            })?;
            NodeOperator(Arc::clone(node)).run(caller, op).await
        })
    }
}

/// A moment as the pages have it.
fn seconds(at: tern_crdt::timestamp::Timestamp) -> Seconds {
    at.0.div_euclid(1_000)
}

impl From<OpError> for Refusal {
    fn from(error: OpError) -> Self {
        refusal(error)
    }
}

/// An operation's refusal as the pages show it.
fn refusal(error: OpError) -> Refusal {
    let sentence = sentence(&error.message);
    match (error.code, error.field) {
        (ErrorCode::NotFound, _) => Refusal::NotFound,
        (ErrorCode::WrongPassphrase | ErrorCode::Locked, _) => {
            invalid("passphrase", error.code.as_str(), &sentence, None)
        }
        (ErrorCode::NotAllowed, _) => Refusal::Forbidden(sentence),
        (ErrorCode::Conflict, None) | (ErrorCode::KeyAway, _) => Refusal::Conflict(sentence),
        (_, Some(field)) => invalid(&field, error.code.as_str(), &sentence, error.limit),
        _ => Refusal::Unavailable(sentence),
    }
}

fn invalid(field: &str, code: &str, message: &str, limit: Option<u64>) -> Refusal {
    Refusal::Invalid(vec![FieldError {
        field: field.into(),
        code: code.into(),
        message: message.into(),
        limit: limit.map(|limit| limit.to_string()),
    }])
}

/// A message as a sentence: a capital first, a full stop last.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    let rest = letters.as_str();
    let stop = if message.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{rest}{stop}")
}

/// The account that signed in.
async fn acting(node: &Node, reader: &Reader) -> Result<LocalAccount, Refusal> {
    let Some(AccountId(session)) = reader.account.clone() else {
        return Err(Refusal::Forbidden("Sign in first.".into()));
    };
    node.handle()
        .read(move |replica| LocalAccount::of_session(replica.library(), &session))
        .await
        .map_err(|stopped| refusal(stopped.into()))??
        .ok_or_else(|| Refusal::Forbidden("You are not signed in any more.".into()))
}

impl Exporting for Site {
    fn export_practice<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        edition: Option<&'a str>,
        format: &'a str,
    ) -> Answer<'a, Exported> {
        Box::pin(async move {
            let made = exporting::practice(self.open()?, reader, id, edition, format).await;
            made.map_err(refusal)
        })
    }

    fn submission_form<'a>(&'a self, reader: &'a Reader, lang: &'a str) -> Answer<'a, Exported> {
        Box::pin(async move { exporting::submission_form(reader, lang).map_err(refusal) })
    }

    fn export_found<'a>(
        &'a self,
        reader: &'a Reader,
        query: &'a Query,
        format: &'a str,
    ) -> Answer<'a, Exported> {
        Box::pin(async move {
            exporting::found(self.open()?, reader, query, format).await.map_err(refusal)
        })
    }
}

impl Harvesting for Site {
    fn harvest<'a>(&'a self, harvest: &'a Harvest) -> Answer<'a, Harvested> {
        Box::pin(async move { harvesting::harvest(self.open()?, harvest).await.map_err(refusal) })
    }

    fn gathered<'a>(&'a self, id: &'a str) -> Answer<'a, Gathered> {
        Box::pin(async move { harvesting::one(self.open()?, id).await.map_err(refusal) })
    }
}

impl Service for Site {
    fn standing(&self) -> Answer<'_, Standing> {
        Box::pin(async {
            match self.node.get() {
                Some(node) => network::standing(node).await.map_err(refusal),
                None => Ok(network::unfounded()),
            }
        })
    }

    fn ready(&self) -> Answer<'_, Vec<ReadyCheck>> {
        Box::pin(async { Ok(health::readiness(self.open()?).await) })
    }

    fn vocabularies<'a>(&'a self, lang: &'a str) -> Answer<'a, Arc<Vocabularies>> {
        Box::pin(async move { Ok(vocabulary::of(lang)) })
    }

    fn overview<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Overview> {
        Box::pin(async move { library::overview(self.open()?, reader).await.map_err(refusal) })
    }

    fn search<'a>(&'a self, reader: &'a Reader, query: &'a Query) -> Answer<'a, Found> {
        Box::pin(async move { library::search(self.open()?, reader, query).await.map_err(refusal) })
    }

    fn alike<'a>(
        &'a self,
        reader: &'a Reader,
        like: &'a Like,
        limit: usize,
    ) -> Answer<'a, Vec<Alike>> {
        Box::pin(
            async move { alike::alike(self.open()?, reader, like, limit).await.map_err(refusal) },
        )
    }

    fn saved_searches<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<SavedSearch>> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            saved::all(node, &account).await.map_err(refusal)
        })
    }

    fn save_search<'a>(
        &'a self,
        reader: &'a Reader,
        name: &'a str,
        query: &'a Query,
    ) -> Answer<'a, String> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            saved::save(node, &account, name, query).await.map_err(refusal)
        })
    }

    fn look_at_search<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            node.look_at_search(&account, id).await.map_err(refusal)
        })
    }

    fn forget_search<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            node.forget_search(&account, id).await.map_err(refusal)
        })
    }

    fn practice<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        edition: Option<&'a str>,
    ) -> Answer<'a, Practice> {
        Box::pin(async move {
            practices::practice(self.open()?, reader, id, edition).await.map_err(refusal)
        })
    }

    fn history<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Vec<EditionEntry>> {
        Box::pin(async move { practices::history(self.open()?, reader, id).await.map_err(refusal) })
    }

    fn provenance<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Provenance> {
        Box::pin(
            async move { practices::provenance(self.open()?, reader, id).await.map_err(refusal) },
        )
    }

    fn drafts<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<DraftEntry>> {
        Box::pin(async move {
            let node = self.open()?;
            acting(node, reader).await?;
            writing::drafts(node).await.map_err(refusal)
        })
    }

    fn new_draft<'a>(
        &'a self,
        reader: &'a Reader,
        title: &'a str,
        lang: &'a str,
    ) -> Answer<'a, String> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            writing::new_draft(node, &account, title, lang).await.map_err(refusal)
        })
    }

    fn draft_of<'a>(&'a self, reader: &'a Reader, practice: &'a str) -> Answer<'a, String> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let draft = node.draft_of(&account, practice).await?;
            Ok(draft.stored.id.to_string())
        })
    }

    fn draft<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        at: Option<&'a [String]>,
    ) -> Answer<'a, Draft> {
        Box::pin(async move {
            let node = self.open()?;
            acting(node, reader).await?;
            writing::draft(node, id, at).await.map_err(refusal)
        })
    }

    fn save_draft<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        save: &'a Save,
    ) -> Answer<'a, Saved> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            writing::save(node, &account, id, save).await.map_err(refusal)
        })
    }

    fn readiness<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Readiness> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            writing::readiness(node, &account, id).await.map_err(refusal)
        })
    }

    fn publish<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        publish: &'a Publish,
    ) -> Answer<'a, Published> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            writing::publish(node, &account, id, publish).await.map_err(refusal)
        })
    }

    fn sharing<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Sharing> {
        Box::pin(async move {
            let node = self.open()?;
            acting(node, reader).await?;
            sharing::sharing(node, id).await.map_err(refusal)
        })
    }

    fn share<'a>(&'a self, reader: &'a Reader, id: &'a str, share: &'a Share) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            sharing::share(node, &account, id, share).await.map_err(refusal)
        })
    }

    fn adopt<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        adoption: &'a Adoption,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            practices::adopt(node, &account, id, adoption).await.map_err(refusal)
        })
    }

    fn network<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Network> {
        Box::pin(async move { network::network(self.open()?, reader).await.map_err(refusal) })
    }

    fn status(&self) -> Answer<'_, Status> {
        Box::pin(async { network::status(self.open()?).await.map_err(refusal) })
    }

    fn links<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Links> {
        Box::pin(async move { links::links(self.open()?, reader).await.map_err(refusal) })
    }

    fn say_links<'a>(&'a self, reader: &'a Reader, said: &'a SayLinks) -> Answer<'a, ()> {
        Box::pin(async move { links::say(self.open()?, reader, said).await })
    }

    fn contact<'a>(&'a self, reader: &'a Reader) -> Answer<'a, bool> {
        Box::pin(async move {
            let node = self.open()?;
            acting(node, reader).await?;
            links::contact(node).await.map_err(refusal)
        })
    }

    fn resume<'a>(&'a self, reader: &'a Reader) -> Answer<'a, ()> {
        Box::pin(async move { network::resume(self.open()?, reader).await.map_err(refusal) })
    }

    fn clear_copied<'a>(&'a self, reader: &'a Reader) -> Answer<'a, ()> {
        Box::pin(async move { network::clear_copied(self.open()?, reader).await.map_err(refusal) })
    }

    fn exchange<'a>(&'a self, reader: &'a Reader, peer: Option<&'a str>) -> Answer<'a, u32> {
        Box::pin(async move {
            let node = self.open()?;
            acting(node, reader).await?;
            network::exchange(node, peer).await.map_err(refusal)
        })
    }

    fn membership<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Membership> {
        Box::pin(async move { network::membership(self.open()?, reader).await.map_err(refusal) })
    }

    fn invite<'a>(&'a self, reader: &'a Reader, _: Option<&'a str>) -> Answer<'a, Invitation> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let invitation = node.invite(&account).await?;
            let expires = seconds(invitation.expires);
            Ok(Invitation { text: invitation.to_text(), expires })
        })
    }

    fn erase_practice<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        erasure: &'a Erasure,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            practices::erase(node, &account, id, erasure).await.map_err(refusal)
        })
    }

    fn take_name_back<'a>(
        &'a self,
        reader: &'a Reader,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let passphrase = experts::typed(passphrase)?;
            node.erase_names(&account, passphrase).await.map(drop).map_err(refusal)
        })
    }

    fn experts<'a>(&'a self, reader: &'a Reader, query: &'a ExpertQuery) -> Answer<'a, Experts> {
        Box::pin(async move {
            let node = self.open()?;
            acting(node, reader).await?;
            experts::experts(node, &reader.lang, query).await.map_err(refusal)
        })
    }

    fn expert<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Expert> {
        Box::pin(async move {
            let node = self.open()?;
            acting(node, reader).await?;
            experts::one(node, &reader.lang, id).await.map_err(refusal)
        })
    }

    fn own_card<'a>(&'a self, reader: &'a Reader) -> Answer<'a, OwnCard> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            experts::own_card(node, &account, &reader.lang).await.map_err(refusal)
        })
    }

    fn check_card<'a>(&'a self, reader: &'a Reader, card: &'a Card) -> Answer<'a, CardCheck> {
        Box::pin(async move {
            let account = acting(self.open()?, reader).await?;
            experts::check_card(card, &account).map_err(refusal)
        })
    }

    fn sign_card<'a>(&'a self, reader: &'a Reader, sign: &'a SignCard) -> Answer<'a, String> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            experts::sign_card(node, &account, sign).await.map_err(refusal)
        })
    }

    fn act_on_card<'a>(
        &'a self,
        reader: &'a Reader,
        act: CardAct,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            experts::act_on_card(node, &account, act, passphrase).await.map_err(refusal)
        })
    }

    fn waiting<'a>(&'a self, reader: &'a Reader) -> Answer<'a, u32> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            requests::waiting(node, &account).await.map_err(refusal)
        })
    }

    fn propose<'a>(&'a self, reader: &'a Reader, ask: &'a Ask) -> Answer<'a, Matching> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            experts::propose(node, &account, &reader.lang, ask).await.map_err(refusal)
        })
    }

    fn ask<'a>(&'a self, reader: &'a Reader, send: &'a SendAsk) -> Answer<'a, String> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            requests::ask(node, &account, send).await.map_err(refusal)
        })
    }

    fn requests<'a>(&'a self, reader: &'a Reader, query: &'a RequestQuery) -> Answer<'a, Requests> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            requests::list(node, &account, &reader.lang, query).await.map_err(refusal)
        })
    }

    fn open_requests<'a>(&'a self, reader: &'a Reader, passphrase: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            acting(node, reader).await?;
            let passphrase = experts::typed(Some(passphrase))?;
            node.unlock_requests(passphrase).await.map_err(refusal)
        })
    }

    fn request<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Request> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            requests::request(node, &account, &reader.lang, id).await.map_err(refusal)
        })
    }

    fn act<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        act: &'a Act,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            requests::act(node, &account, id, act, passphrase).await.map_err(refusal)
        })
    }

    fn changes<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Changes> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            Ok(requests::changes(node, &account))
        })
    }

    fn sign_in<'a>(&'a self, name: &'a str, password: &'a str) -> Answer<'a, Option<AccountId>> {
        Box::pin(
            async move { people::sign_in(self.open()?, name, password).await.map_err(refusal) },
        )
    }

    fn redeem_link<'a>(&'a self, token: &'a str) -> Answer<'a, Option<AccountId>> {
        Box::pin(async move {
            let node = self.open()?;
            match node.links().redeem(token, LinkUse::SignIn) {
                Some(name) => people::session(node, name).await.map_err(refusal),
                None => Ok(None),
            }
        })
    }

    fn account<'a>(&'a self, id: &'a AccountId) -> Answer<'a, Option<Account>> {
        Box::pin(async move { people::account(self.open()?, id).await.map_err(refusal) })
    }

    fn change_account<'a>(
        &'a self,
        reader: &'a Reader,
        change: &'a AccountChange,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            people::change(node, account, change).await
        })
    }

    fn password_link<'a>(&'a self, token: &'a str) -> Answer<'a, Option<String>> {
        Box::pin(async move { Ok(self.open()?.links().look(token, LinkUse::NewPassword)) })
    }

    fn set_password<'a>(
        &'a self,
        token: &'a str,
        password: &'a str,
    ) -> Answer<'a, Option<AccountId>> {
        Box::pin(async move { accounts::set_password(self.open()?, token, password).await })
    }

    fn accounts<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<AccountEntry>> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            accounts::list(node, &account).await.map_err(refusal)
        })
    }

    fn reset_account<'a>(&'a self, reader: &'a Reader, name: &'a str) -> Answer<'a, OneTimeLink> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            accounts::reset(node, &account, name).await.map_err(refusal)
        })
    }

    fn sheet_standing<'a>(&'a self, reader: &'a Reader) -> Answer<'a, SheetStanding> {
        Box::pin(async move {
            let node = self.open()?;
            keys::standing(node, &acting(node, reader).await?).await.map_err(refusal)
        })
    }

    fn recovery_sheet<'a>(
        &'a self,
        reader: &'a Reader,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, RecoverySheet> {
        Box::pin(async move {
            let node = self.open()?;
            let passphrase = experts::typed(passphrase)?;
            keys::sheet(node, &acting(node, reader).await?, passphrase).await.map_err(refusal)
        })
    }

    fn keep_sheet<'a>(&'a self, reader: &'a Reader) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            keys::keep(node, &acting(node, reader).await?).await.map_err(refusal)
        })
    }

    fn remove_account<'a>(
        &'a self,
        reader: &'a Reader,
        name: &'a str,
        removal: Removal<'a>,
    ) -> Answer<'a, Departed> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            accounts::remove(node, &account, name, removal).await.map_err(refusal)
        })
    }

    fn root_key<'a>(&'a self, reader: &'a Reader) -> Answer<'a, RootKey> {
        Box::pin(async move {
            let node = self.open()?;
            keys::root(node, &acting(node, reader).await?).await.map_err(refusal)
        })
    }

    fn set_up<'a>(&'a self, _: &'a str, setup: &'a SetUp) -> Answer<'a, SetUpDone> {
        Box::pin(async move {
            let (node, done) = self.unfounded.found(setup).await?;
            // Set-up happens once: whoever came second was refused above.
            let _ = self.node.set(node);
            Ok(done)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_reads_as_a_sentence() {
        assert_eq!(sentence("the desk is closed"), "The desk is closed.");
        assert_eq!(sentence("éclair?"), "Éclair?");
        assert_eq!(sentence(""), ".");
    }
}
