//! Clearance before publishing, as the pages show and do it.

use tern_crdt::authority::{ClearanceNeed, Role};
use tern_crdt::clearance::Cleared;
use tern_crdt::clearance::fold::State;
use tern_web_ui::service::{
    Answer, Clearance, ClearanceAct, ClearanceEntry, ClearancePolicy, ClearanceStep, Clearing,
    EditionClearance, Party, Phrase, Reader,
};

use super::experts::typed;
use super::practices::fields;
use super::writing::{find, find_id};
use super::{Site, acting, refusal, seconds};
use crate::accounts::Account;
use crate::clearance::{Act, StepTold, cleared_told};
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::reading::{EditionRead, org_name};
use crate::running::Node;
use crate::sharing::Signatory;

fn party(who: &Signatory) -> Party {
    Party { person: who.person.clone(), organisation: who.org.clone() }
}

fn step(told: &StepTold) -> ClearanceStep {
    ClearanceStep {
        what: told.what.to_owned(),
        by: party(&told.who),
        at: seconds(told.at),
        words: told.words.clone(),
        current: told.current,
    }
}

/// By whom an edition was cleared.
///
/// # Errors
/// The node is stopping.
pub(super) async fn of_edition(
    node: &Node,
    edition: &EditionRead,
) -> Result<EditionClearance, OpError> {
    let statement = edition.held.statement.clone();
    let read = move |replica: &NodeReplica| cleared_told(replica, &statement);
    let told = node.handle().read(read).await?;
    let (way, at) = match told.cleared {
        Cleared::By(proof) => (proof.way.code(), seconds(proof.claimed_at)),
        Cleared::Without(need) => (need.code(), 0),
        Cleared::NotAsked | Cleared::Before => ("", 0),
    };
    Ok(EditionClearance {
        state: told.cleared.code().to_owned(),
        way: way.to_owned(),
        by: told.who.as_ref().map(party),
        at,
    })
}

async fn of_draft(node: &Node, account: &Account, id: &str) -> Result<Clearance, OpError> {
    let opened = find(node, id).await?;
    let told = node.clearance(account, &opened).await?;
    let asked = match told.may.answer && told.state != State::NotAsked {
        // What of it is not here cannot be read before it is answered.
        true => node.draft_at(&opened, told.asked_heads.clone()).await.ok(),
        false => None,
    };
    let publishes = node.cleared(account.sign, &opened).await.is_ok();
    let own = node.identity().org;
    let name = move |replica: &NodeReplica| org_name(replica.library().authority(), own).name;
    let meta = &opened.stored.meta;
    Ok(Clearance {
        need: told.need.code().to_owned(),
        state: told.state.code().to_owned(),
        steps: told.steps.iter().map(step).collect(),
        last: told.last.and_then(|at| told.steps.get(at)).map(step),
        changed: told.changed,
        can: told.can.iter().map(party).collect(),
        may_ask: told.may.ask,
        may_answer: told.may.answer,
        may_confirm: told.may.confirm,
        sheet: told.sheet.map(|hash| crate::hex::encode(&hash)),
        publishes,
        content_hash: crate::hex::encode(&told.content),
        asked: asked.as_ref().map(fields).transpose()?,
        passphrase: node.is_wrapped(account.sign).await?,
        title: Phrase { text: meta.title.clone(), lang: meta.lang.clone() },
        organisation: node.handle().read(name).await?,
    })
}

impl Clearing for Site {
    fn clearance<'a>(&'a self, reader: &'a Reader, draft: &'a str) -> Answer<'a, Clearance> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            of_draft(node, &account, draft).await.map_err(refusal)
        })
    }

    fn clear<'a>(
        &'a self,
        reader: &'a Reader,
        draft: &'a str,
        act: &'a ClearanceAct,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let act = match act.clone() {
                ClearanceAct::Ask { note } => Act::Ask { note },
                ClearanceAct::Take => Act::Take,
                ClearanceAct::Return { reason } => Act::Return { reason },
                ClearanceAct::Approve => Act::Approve,
                ClearanceAct::Confirm => Act::Confirm { sheet: None },
            };
            let id = find_id(node, draft).await.map_err(refusal)?;
            let passphrase = typed(passphrase).map_err(refusal)?;
            node.clear(&account, id, act, passphrase).await.map_err(refusal)?;
            Ok(())
        })
    }

    fn clearances<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<ClearanceEntry>> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let all = node.clearances(&account, false).await.map_err(refusal)?;
            let entry = |one: crate::clearance::Waiting| ClearanceEntry {
                draft: one.draft.to_string(),
                state: one.state.code().to_owned(),
                by: party(&one.who),
                since: seconds(one.step.claimed_at),
                title: one.title,
            };
            Ok(all.into_iter().map(entry).collect())
        })
    }

    fn clearance_policy<'a>(&'a self, reader: &'a Reader) -> Answer<'a, ClearancePolicy> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let org = node.identity().org;
            let look = move |replica: &NodeReplica| {
                let authority = replica.library().authority();
                let may_change = account.certificate_for(authority, Role::Operator).is_ok();
                (authority.clearance_need(&org).code().to_owned(), may_change)
            };
            let looked = node.handle().read(look).await;
            let (need, may_change) = looked.map_err(|stopped| refusal(stopped.into()))?;
            let passphrase = super::governing::root_is_wrapped(node).await.map_err(refusal)?;
            Ok(ClearancePolicy { need, may_change, passphrase })
        })
    }

    fn set_clearance_policy<'a>(
        &'a self,
        reader: &'a Reader,
        need: &'a str,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let need = ClearanceNeed::from_code(need).ok_or_else(|| {
                let what = "choose what is asked for";
                refusal(OpError::new(ErrorCode::Invalid, what).in_field("need"))
            })?;
            let passphrase = typed(passphrase).map_err(refusal)?;
            node.set_clearance(&account, need, passphrase).await.map_err(refusal)?;
            Ok(())
        })
    }
}
