//! Held work of drafts, as the pages show it and decide over it.

use tern_web_ui::service::{
    AdoptedWork, Answer, Clash, EndedWork, HeldWay, HeldWork, Mend, Mending, Reader, Writer,
};

use super::experts::typed;
use super::practices::fields;
use super::writing::{clash, find_id};
use super::{Site, acting, refusal};
use crate::accounts::Account;
use crate::drafts::Opened;
use crate::ops::OpError;
use crate::running::Node;
use crate::sharing::{HeldTold, Signatory, Way};

fn writer(who: Signatory) -> Writer {
    Writer { person: who.person, organisation: who.org }
}

/// The held work of a draft.
///
/// # Errors
/// The draft cannot be read.
pub(super) async fn held(node: &Node, opened: &Opened) -> Result<Vec<HeldWork>, OpError> {
    let told = |told: HeldTold| {
        let HeldTold { work, writers, ended, way } = told;
        let ended = ended
            .into_iter()
            .map(|ended| EndedWork { who: writer(ended.who), reason: ended.reason.to_owned() });
        Ok(HeldWork {
            change: crate::hex::encode(&work.change),
            by: writers.into_iter().map(writer).collect(),
            ended: ended.collect(),
            lost: work.lost,
            changes: work.changes,
            bytes: work.bytes,
            fields: work.content.as_ref().map(fields).transpose()?,
            way: match way {
                Way::Adopt => HeldWay::Adopt,
                Way::TakeOver => HeldWay::TakeOver,
                Way::Read => HeldWay::Read,
            },
            ours: work.anew.is_some(),
            away: work.settled,
        })
    };
    node.held_told(opened).await?.into_iter().map(told).collect()
}

/// What of a draft is shown because somebody adopted it.
///
/// # Errors
/// The node is stopping.
pub(super) async fn adopted(node: &Node, opened: &Opened) -> Result<Vec<AdoptedWork>, OpError> {
    let told = node.adopted_told(&opened.stored).await?;
    let work = told.into_iter().map(|told| AdoptedWork {
        who: writer(told.who),
        by: writer(told.by),
        reason: told.reason,
    });
    Ok(work.collect())
}

async fn mend(
    node: &Node,
    account: &Account,
    id: &str,
    change: &str,
    mend: &Mend,
) -> Result<Vec<Clash>, OpError> {
    let draft = find_id(node, id).await?;
    match mend {
        Mend::Adopt { reason, passphrase } => {
            let passphrase = typed(passphrase.as_deref())?;
            node.adopt_in_draft(account, draft, Some(change), reason, passphrase).await?;
        }
        Mend::TakeOver => {
            let (_, saved) = node.take_over(account, draft, Some(change)).await?;
            return Ok(saved.clashes.iter().map(|found| clash(found, None)).collect());
        }
        Mend::PutAway => drop(node.put_held_away(draft, change, true).await?),
        Mend::BringBack => drop(node.put_held_away(draft, change, false).await?),
    }
    Ok(Vec::new())
}

impl Mending for Site {
    fn mend<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        change: &'a str,
        what: &'a Mend,
    ) -> Answer<'a, Vec<Clash>> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            mend(node, &account, id, change, what).await.map_err(refusal)
        })
    }

    fn put_draft_away<'a>(&'a self, reader: &'a Reader, id: &'a str, away: bool) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            acting(node, reader).await?;
            let draft = find_id(node, id).await?;
            node.put_draft_away(draft, away).await.map_err(refusal)
        })
    }
}
