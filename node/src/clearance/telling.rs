//! Where a draft lies, as people read it: who was asked, who holds it, since when, what was
//! said; and by whom an edition was cleared.

use tern_crdt::authority::{ClearanceNeed, Role};
use tern_crdt::clearance::fold::{State, Step};
use tern_crdt::clearance::{Cleared, Deed, Way, of_edition};
use tern_crdt::edition::Edition;
use tern_crdt::identity::{DraftId, PublicKey};
use tern_crdt::practice::Practice;
use tern_crdt::signed::Verified;
use tern_crdt::timestamp::Timestamp;

use super::acting::attached;
use super::{Looked, look, publishers};
use crate::accounts::Account;
use crate::drafts::{self, Opened};
use crate::handle::NodeReplica;
use crate::ops::OpError;
use crate::running::Node;
use crate::sharing::Signatory;

/// One thing that was said.
#[derive(Clone, Debug)]
pub struct StepTold {
    /// The code of what was said, as [`Deed::code`].
    pub what: &'static str,
    /// Who said it.
    pub who: Signatory,
    /// When, by their clock.
    pub at: Timestamp,
    /// In their words; may be empty.
    pub words: String,
    /// Whether it is about what the draft says now.
    pub current: bool,
    /// The scan of a sheet that it names, with its size where that is told.
    pub sheet: Option<([u8; 32], Option<u64>)>,
}

/// What an account may do about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct May {
    /// Ask, and attach a scan once it was asked.
    pub ask: bool,
    /// Take, return and approve.
    pub answer: bool,
    /// Confirm the scan that is attached.
    pub confirm: bool,
}

/// Where a draft lies.
#[derive(Clone, Debug)]
pub struct ClearanceTold {
    /// What the organisation asks for.
    pub need: ClearanceNeed,
    /// Where it lies.
    pub state: State,
    /// The hash of what it says now.
    pub content: [u8; 32],
    /// The hash of what was asked for, if it was.
    pub asked: Option<[u8; 32]>,
    /// The heads at which the draft says that.
    pub asked_heads: Vec<[u8; 32]>,
    /// What was said, by time.
    pub steps: Vec<StepTold>,
    /// The step on which the state rests.
    pub last: Option<usize>,
    /// Fields that changed since it was asked for.
    pub changed: Vec<String>,
    /// Who can give it.
    pub can: Vec<Signatory>,
    /// What the account may do.
    pub may: May,
    /// The scan that is attached for what was asked.
    pub sheet: Option<[u8; 32]>,
}

/// A draft whose clearance waits for somebody.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Which.
    pub draft: DraftId,
    /// Its title.
    pub title: String,
    /// Where it lies.
    pub state: State,
    /// What was said last.
    pub step: Step,
    /// Who said it.
    pub who: Signatory,
}

/// By whom an edition was cleared.
#[derive(Clone, Debug)]
pub struct ClearedTold {
    /// What is to be said of it.
    pub cleared: Cleared,
    /// Who cleared it, if somebody did.
    pub who: Option<Signatory>,
}

impl ClearedTold {
    /// The hash of the scan by which it was cleared.
    pub const fn sheet(&self) -> Option<[u8; 32]> {
        match self.cleared {
            Cleared::By(proof) => match proof.way {
                Way::Sheet(sheet) => Some(sheet),
                Way::Publisher => None,
            },
            _ => None,
        }
    }
}

/// By whom an edition was cleared.
pub fn cleared_told(replica: &NodeReplica, edition: &Verified<Edition>) -> ClearedTold {
    let cleared = of_edition(replica.library().authority(), edition);
    let who = match cleared {
        Cleared::By(proof) => Some(Signatory::of(replica, &proof.by)),
        _ => None,
    };
    ClearedTold { cleared, who }
}

fn step_told(replica: &NodeReplica, step: &Step, now: &[u8; 32]) -> StepTold {
    let sheet = match &step.deed {
        Deed::Attach { sheet, bytes, .. } => Some((*sheet, Some(*bytes))),
        Deed::Confirm { sheet, .. } => Some((*sheet, None)),
        _ => None,
    };
    StepTold {
        what: step.deed.code(),
        who: Signatory::of(replica, &step.by),
        at: step.claimed_at,
        words: step.deed.words().to_owned(),
        current: step.content == *now,
        sheet,
    }
}

fn asked_heads(step: Option<&Step>) -> Vec<[u8; 32]> {
    match step.map(|step| &step.deed) {
        Some(Deed::Ask { heads, .. }) => heads.iter().map(|head| **head).collect(),
        _ => Vec::new(),
    }
}

/// The keys of fields that two contents say differently.
fn changed(before: &Practice, now: &Practice) -> Vec<String> {
    let (before, now) = (before.to_value(), now.to_value());
    let keys: std::collections::BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    keys.into_iter().filter(|key| before.get(*key) != now.get(*key)).cloned().collect()
}

impl Node {
    /// Where a draft lies, for an account.
    ///
    /// # Errors
    /// The node is stopping.
    pub async fn clearance(
        &self,
        account: &Account,
        opened: &Opened,
    ) -> Result<ClearanceTold, OpError> {
        let (federation, own, draft) =
            (self.identity().federation, account.clone(), opened.clone());
        let tell = move |replica: &NodeReplica| {
            let Looked { case, content, need } = look(replica, federation, &draft);
            let (authority, org) = (replica.library().authority(), replica.org());
            let ask = case.ask();
            let asker: Option<PublicKey> = ask.and_then(|ask| authority.key_of(&ask.by));
            let but: Vec<PublicKey> = vec![asker.unwrap_or(own.sign)];
            let can = publishers(authority, org, &but);
            let about = Some(draft.stored.id.as_bytes());
            let has = |role| own.certificate_about(authority, role, about).is_ok();
            let ours = draft.stored.shared.as_ref().is_none_or(|shared| shared.owner == org);
            let writes = ours && has(Role::Contributor);
            let answers =
                writes && ask.is_some() && asker != Some(own.sign) && has(Role::Publisher);
            let sheet = ask.and_then(|ask| attached(&case.steps, ask.id));
            ClearanceTold {
                need,
                state: case.state,
                content,
                asked: ask.map(|ask| ask.content),
                asked_heads: asked_heads(ask),
                steps: case.steps.iter().map(|step| step_told(replica, step, &content)).collect(),
                last: case.last,
                changed: Vec::new(),
                can: can.iter().map(|id| Signatory::of(replica, id)).collect(),
                may: May { ask: writes, answer: answers, confirm: answers && sheet.is_some() },
                sheet,
            }
        };
        let mut told = self.handle().read(tell).await?;
        if told.state == State::Changed {
            // What of it is not here is not compared.
            let before = self.draft_at(opened, told.asked_heads.clone()).await;
            told.changed = before.map(|it| changed(&it, &opened.content)).unwrap_or_default();
        }
        Ok(told)
    }

    /// Drafts whose clearance waits for an account: for its answer, or, of what it asked for,
    /// for its word because it was returned or given. With `all`, every draft for which
    /// somebody asked.
    ///
    /// # Errors
    /// The store's, or the node is stopping.
    pub async fn clearances(&self, account: &Account, all: bool) -> Result<Vec<Waiting>, OpError> {
        let list = |replica: &NodeReplica| {
            let (open, _) = drafts::all_and_over(replica)?;
            let asked = open.into_iter().filter(|(_, meta)| meta.cleared == Some(true));
            Ok::<_, OpError>(asked.collect::<Vec<_>>())
        };
        let mut waiting = Vec::new();
        for (id, meta) in self.handle().read(list).await?? {
            // What cannot be read is told where it is opened.
            let Ok(opened) = self.draft(id).await else { continue };
            let (federation, own) = (self.identity().federation, account.clone());
            let title = meta.title;
            let look = move |replica: &NodeReplica| {
                let Looked { case, .. } = look(replica, federation, &opened);
                let (step, ask) = (case.last()?.clone(), case.ask()?);
                let authority = replica.library().authority();
                let about = Some(id.as_bytes());
                let publishes = own.certificate_about(authority, Role::Publisher, about).is_ok();
                let asked = authority.key_of(&ask.by) == Some(own.sign);
                let waits = match case.state {
                    State::Asked => publishes && !asked,
                    State::Taken => authority.key_of(&step.by) == Some(own.sign),
                    State::Returned | State::Cleared => asked,
                    State::NotAsked | State::Changed => false,
                };
                let who = Signatory::of(replica, &step.by);
                let one = Waiting { draft: id, title, state: case.state, step, who };
                (all || waits).then_some(one)
            };
            waiting.extend(self.handle().read(look).await?);
        }
        Ok(waiting)
    }
}
