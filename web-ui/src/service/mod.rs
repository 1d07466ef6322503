//! What the pages ask for: the one seam between this crate and a node.
//!
//! [`Service`] is an object-safe trait; pages hold an `Arc<dyn Service>` and
//! every method answers with a boxed future ([`Answer`]), so that neither the
//! router nor a handler is generic over the node behind it. The node
//! implements it; tests and the preview have one in memory.
//!
//! What crosses the seam is plain: strings, numbers, lists, each type named
//! after what a page shows. Nothing here knows a document, a key or a socket,
//! and nothing is HTML: escaping is the template's work. Reads change nothing
//! and never wait for another node. A write answers once it is durable here.
//!
//! Invariants an implementation keeps:
//! - every write checks the roles of [`Reader::account`] itself; hiding a
//!   button is courtesy, not protection;
//! - lists are bounded by the limit asked for, and never above
//!   [`LIST_ITEMS_MAX`];
//! - sentences in a [`Refusal`] are whole, fit for people, in
//!   [`Reader::lang`] where the node has them in that language, else English.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

mod annotations;
mod board;
mod changes;
mod clearance;
mod codes;
mod comments;
mod discussions;
mod drafts;
mod experts;
mod exporting;
mod fields;
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
mod practice;
mod refusal;
mod requests;
mod reviews;
mod setup;
mod vocabulary;

pub use annotations::*;
pub use board::*;
pub use changes::*;
pub use clearance::*;
pub use codes::*;
pub use comments::*;
pub use discussions::*;
pub use drafts::*;
pub use experts::*;
pub use exporting::*;
pub use fields::*;
pub use files::*;
pub use governing::*;
pub use harvesting::*;
pub use keys::*;
pub use library::*;
pub use links::*;
pub use listings::*;
pub use mending::*;
pub use network::*;
pub use notices::*;
pub use people::*;
pub use practice::*;
pub use refusal::*;
pub use requests::*;
pub use reviews::*;
pub use setup::*;
pub use vocabulary::*;

/// No list that crosses the seam is longer.
pub const LIST_ITEMS_MAX: usize = 200;

/// A future answer, boxed so that the trait stays object-safe.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Refusal>> + Send + 'a>>;

/// Seconds since 1970-01-01T00:00:00Z.
pub type Seconds = i64;

/// On whose behalf, and in which language, something is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reader {
    /// The account that signed in; `None` for a guest.
    pub account: Option<AccountId>,
    /// The language of labels and sentences in the answer (BCP 47).
    pub lang: String,
}

/// A piece of text together with the language it is in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Phrase {
    /// The text, unescaped.
    pub text: String,
    /// Its language (BCP 47), empty when unknown.
    pub lang: String,
}

/// Everything the pages need from the node they belong to.
pub trait Service:
    Governing
    + Files
    + Mending
    + Exporting
    + Harvesting
    + Reviewing
    + Annotating
    + Boarding
    + Coding
    + Discussing
    + Listing
    + Commenting
    + Clearing
    + Noticing
    + Send
    + Sync
    + 'static
{
    // ---- the frame of every page

    /// Who this node is and whether it is in touch: the header and the strip
    /// below it. Asked for on every page, so it must be cheap.
    fn standing(&self) -> Answer<'_, Standing>;

    /// Whether the node can serve, for `/readyz`: one line for each check.
    /// `Err(Unavailable)` where there is nothing to check yet.
    fn ready(&self) -> Answer<'_, Vec<ReadyCheck>>;

    /// The lists that forms and filters offer, labelled in `lang`.
    fn vocabularies<'a>(&'a self, lang: &'a str) -> Answer<'a, Arc<Vocabularies>>;

    // ---- reading the library

    /// Figures and news of the first page.
    fn overview<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Overview>;

    /// Practices that fit a query, with the counts that filters show.
    fn search<'a>(&'a self, reader: &'a Reader, query: &'a Query) -> Answer<'a, Found>;

    /// Practices like something, best first, each with the likeness explained;
    /// none where there is nothing to compare with.
    fn alike<'a>(
        &'a self,
        reader: &'a Reader,
        like: &'a Like,
        limit: usize,
    ) -> Answer<'a, Vec<Alike>>;

    /// The searches that the reader keeps, by name. Only for an account.
    fn saved_searches<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<SavedSearch>>;

    /// Keeps a search under a name, in place of one that is called so; answers
    /// its id. It counts as looked at now.
    fn save_search<'a>(
        &'a self,
        reader: &'a Reader,
        name: &'a str,
        query: &'a Query,
    ) -> Answer<'a, String>;

    /// Counts everything that a kept search finds as looked at.
    fn look_at_search<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, ()>;

    /// Forgets a kept search.
    fn forget_search<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, ()>;

    /// One edition of a practice; the latest one when `edition` is `None`.
    /// `id` is a practice id or an unambiguous prefix of at least eight
    /// characters; `edition` is an edition id or its number in decimal.
    fn practice<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        edition: Option<&'a str>,
    ) -> Answer<'a, Practice>;

    /// All editions of a practice, newest first.
    fn history<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Vec<EditionEntry>>;

    /// How the latest edition is vouched for: organisation, person, signature.
    fn provenance<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Provenance>;

    // ---- writing

    /// The drafts this person can open, last changed first, and then those of
    /// others that were put away.
    fn drafts<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<DraftEntry>>;

    /// Begins an empty draft in the given original language (BCP 47) with a
    /// first title; answers its id. Needs a role that may draft.
    fn new_draft<'a>(
        &'a self,
        reader: &'a Reader,
        title: &'a str,
        lang: &'a str,
    ) -> Answer<'a, String>;

    /// Opens a draft that starts from the latest edition of a practice;
    /// answers the draft's id. A draft already open for it is answered again.
    fn draft_of<'a>(&'a self, reader: &'a Reader, practice: &'a str) -> Answer<'a, String>;

    /// A draft as it is now, or as it was at the heads a writer saw.
    fn draft<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        at: Option<&'a [String]>,
    ) -> Answer<'a, Draft>;

    /// Saves the fields a person sees, on top of the heads this person saw.
    /// Fields equal to those at the heads are left alone; the rest is merged
    /// with what others wrote meanwhile. Nothing is ever lost: where two
    /// people changed one passage, the answer lists it as a [`Clash`].
    fn save_draft<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        save: &'a Save,
    ) -> Answer<'a, Saved>;

    /// Who sees a draft.
    fn sharing<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Sharing>;

    /// Says who sees a draft, and sends what this person wrote in it. `Invalid`
    /// with field `passphrase` when that was wrong or is needed. Needs the role
    /// `contributor`.
    fn share<'a>(&'a self, reader: &'a Reader, id: &'a str, share: &'a Share) -> Answer<'a, ()>;

    /// What stands between a draft and its publication.
    fn readiness<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Readiness>;

    /// Signs the draft at the heads seen and publishes it as the next edition.
    /// `Conflict` when the draft moved on since; `Invalid` with field
    /// `passphrase` when that was wrong. Needs the role `publisher`.
    fn publish<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        publish: &'a Publish,
    ) -> Answer<'a, Published>;

    /// Stands for an edition that is held back, with all on which it builds.
    /// `Invalid` with field `passphrase` when that was wrong or is needed.
    /// Needs the role `publisher` in the organisation it comes from, or
    /// `steward`.
    fn adopt<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        adoption: &'a Adoption,
    ) -> Answer<'a, ()>;

    /// Erases a practice with all its editions, on every node that learns of
    /// it. `Invalid` with field `passphrase` when that was wrong or is needed.
    /// Needs the role `publisher`, `moderator` or `focal point` in the
    /// organisation that it comes from.
    fn erase_practice<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        erasure: &'a Erasure,
    ) -> Answer<'a, ()>;

    // ---- experts

    /// Cards of the directory that fit a query. Needs a signed-in member.
    fn experts<'a>(&'a self, reader: &'a Reader, query: &'a ExpertQuery) -> Answer<'a, Experts>;

    /// One card, by the expert's id or an unambiguous prefix of at least eight
    /// characters; a paused or lapsed one too. Needs a signed-in member.
    fn expert<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Expert>;

    /// The signed-in person's own card, or what a first one begins with.
    fn own_card<'a>(&'a self, reader: &'a Reader) -> Answer<'a, OwnCard>;

    /// What is wrong with a card, before it is signed; changes nothing.
    fn check_card<'a>(&'a self, reader: &'a Reader, card: &'a Card) -> Answer<'a, CardCheck>;

    /// Signs a card for twelve months and lists it; answers the expert's id.
    /// `Conflict` when there is a newer card than the one seen; `Invalid` with
    /// field `passphrase` when that was wrong. Needs the role `expert`.
    fn sign_card<'a>(&'a self, reader: &'a Reader, sign: &'a SignCard) -> Answer<'a, String>;

    /// Pauses, lists again or removes the signed-in person's own card; signed
    /// as a card is. `NotFound` when there is none.
    fn act_on_card<'a>(
        &'a self,
        reader: &'a Reader,
        act: CardAct,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()>;

    // ---- requests

    /// How many requests wait for something that this reader alone, or the
    /// reader's organisation, can do. Asked for on every page of a signed-in
    /// person, so it must be cheap.
    fn waiting<'a>(&'a self, reader: &'a Reader) -> Answer<'a, u32>;

    /// Reads a request through before it is sent: what is wrong with it, who
    /// could help, what others did already. Changes nothing, sends nothing.
    fn propose<'a>(&'a self, reader: &'a Reader, ask: &'a Ask) -> Answer<'a, Matching>;

    /// Signs a request, encrypts it to the chosen experts and the desks of
    /// both organisations, and sends it; answers its id once that is durable
    /// here. The same [`SendAsk::key`] of the same account is answered with
    /// the same id. `Invalid` with field `chosen` when nobody, or somebody who
    /// cannot be asked, is chosen; with field `passphrase` when that was
    /// wrong. Needs a role that may ask.
    fn ask<'a>(&'a self, reader: &'a Reader, send: &'a SendAsk) -> Answer<'a, String>;

    /// Requests that the reader can open, from one side.
    fn requests<'a>(&'a self, reader: &'a Reader, query: &'a RequestQuery) -> Answer<'a, Requests>;

    /// Opens the requests that a locked key keeps closed, until the node
    /// stops. `Invalid` with field `passphrase` when it opens nothing.
    fn open_requests<'a>(&'a self, reader: &'a Reader, passphrase: &'a str) -> Answer<'a, ()>;

    /// One request, by its id or an unambiguous prefix of at least eight
    /// characters. `NotFound` also for one that the reader cannot open: a
    /// carrier is told nothing, not even that it carries.
    fn request<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Request>;

    /// Does something to a request, signed with the reader's key. `Conflict`
    /// when it cannot be done any more: another was chosen, it was withdrawn,
    /// it is closed. `Invalid` names the field of the [`Act`] (`reason`,
    /// `note`, `expert`, `text`, `practices[0]`, `rating`, `comment`) or
    /// `passphrase`.
    fn act<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        act: &'a Act,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()>;

    /// Tells of every change from now on of what the reader may see.
    fn changes<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Changes>;

    // ---- the network

    /// This node, its federation and its partners.
    fn network<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Network>;

    /// Figures of `/api/v1/status`.
    fn status(&self) -> Answer<'_, Status>;

    /// Starts an exchange with one partner (a node id) or with all; answers
    /// at once, with how many were asked. Needs a signed-in member.
    fn exchange<'a>(&'a self, reader: &'a Reader, peer: Option<&'a str>) -> Answer<'a, u32>;

    /// What links cost, where the bytes went, and what waits.
    fn links<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Links>;

    /// Notes what links cost; what is empty is taken back, but for the time
    /// between contacts, which is then 4 hours. `Invalid` names the fields of
    /// [`SayLinks`] with `link_` before. Needs an operator.
    fn say_links<'a>(&'a self, reader: &'a Reader, said: &'a SayLinks) -> Answer<'a, ()>;

    /// Makes contact beyond the local network with the partner that answered
    /// last, without waiting for its end; whether there is one. Needs a
    /// signed-in member.
    fn contact<'a>(&'a self, reader: &'a Reader) -> Answer<'a, bool>;

    /// A restored node goes on without having met anyone. Needs an operator.
    fn resume<'a>(&'a self, reader: &'a Reader) -> Answer<'a, ()>;

    /// Only this node runs with its key now. Needs an operator.
    fn clear_copied<'a>(&'a self, reader: &'a Reader) -> Answer<'a, ()>;

    /// Members, those who wait, and what this person may do about them.
    fn membership<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Membership>;

    /// Makes an invitation as text, for the organisation named or for anyone.
    fn invite<'a>(
        &'a self,
        reader: &'a Reader,
        organisation: Option<&'a str>,
    ) -> Answer<'a, Invitation>;

    // ---- people

    /// The account whose name and password these are. Takes the same time for
    /// an unknown name, an account without password and a wrong password.
    fn sign_in<'a>(&'a self, name: &'a str, password: &'a str) -> Answer<'a, Option<AccountId>>;

    /// The account that a one-time link was made for; the link is spent.
    fn redeem_link<'a>(&'a self, token: &'a str) -> Answer<'a, Option<AccountId>>;

    /// The account, unless it was removed meanwhile.
    fn account<'a>(&'a self, id: &'a AccountId) -> Answer<'a, Option<Account>>;

    /// Changes the signed-in person's own account.
    fn change_account<'a>(
        &'a self,
        reader: &'a Reader,
        change: &'a AccountChange,
    ) -> Answer<'a, ()>;

    /// Takes the signed-in person's name back from what they signed, on every
    /// node that learns of it. `Invalid` with field `passphrase` when that was
    /// wrong or is needed.
    fn take_name_back<'a>(
        &'a self,
        reader: &'a Reader,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()>;

    /// The name of the account for which a link to a new password was made;
    /// the link is not spent.
    fn password_link<'a>(&'a self, token: &'a str) -> Answer<'a, Option<String>>;

    /// Sets a password, 12 to 128 characters, by such a link, which is spent;
    /// `None` when it does not work any more. `Invalid` with field `password`
    /// spends nothing.
    fn set_password<'a>(
        &'a self,
        token: &'a str,
        password: &'a str,
    ) -> Answer<'a, Option<AccountId>>;

    /// The accounts of this node, the first one first. Needs the role
    /// `operator`, as what follows.
    fn accounts<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<AccountEntry>>;

    /// Takes an account's password away, ends its sessions, and makes a link
    /// to set a new one. `Conflict` for the reader's own.
    fn reset_account<'a>(&'a self, reader: &'a Reader, name: &'a str) -> Answer<'a, OneTimeLink>;

    /// Removes the account of a person who left, and revokes their certificates.
    /// `Invalid` with field `to` where a successor is needed, or cannot go on,
    /// and with field `passphrase` where that of the root key is missing or
    /// wrong; `Conflict` for the last operator, for the reader's own, and where
    /// the root key is elsewhere.
    fn remove_account<'a>(
        &'a self,
        reader: &'a Reader,
        name: &'a str,
        removal: Removal<'a>,
    ) -> Answer<'a, Departed>;

    // ---- keys

    /// Where the root key is. Needs an operator.
    fn root_key<'a>(&'a self, reader: &'a Reader) -> Answer<'a, RootKey>;

    /// Where the recovery sheet is. Needs an operator, as what follows.
    fn sheet_standing<'a>(&'a self, reader: &'a Reader) -> Answer<'a, SheetStanding>;

    /// The words of the sheet. `Conflict` when the node does not have them;
    /// `Invalid` with field `passphrase` when that was wrong.
    fn recovery_sheet<'a>(
        &'a self,
        reader: &'a Reader,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, RecoverySheet>;

    /// The sheet is kept: the node forgets the words.
    fn keep_sheet<'a>(&'a self, reader: &'a Reader) -> Answer<'a, ()>;

    // ---- first run

    /// Founds the organisation, node and first account, in a federation of
    /// one or by joining another; closes set-up for good. `Forbidden` when the
    /// code is not the one printed by the node.
    fn set_up<'a>(&'a self, lang: &'a str, setup: &'a SetUp) -> Answer<'a, SetUpDone>;
}
