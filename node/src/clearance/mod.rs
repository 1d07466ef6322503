//! Clearance before publishing: asking for it, giving it, telling where a draft lies, and
//! refusing to publish without it.
//!
//! What clears is the rules' ([`tern_crdt::clearance`]); what an organisation asks for is its
//! authority's. Here a person's wish becomes a signed record in the draft's document, and
//! every way to publish asks `Node::cleared` first. A draft for which clearance is asked is
//! [shared](crate::sharing), among the nodes of this organisation at least: so it is carried
//! to whoever can give it, over a stick too.
//!
//! Not here: how it is told to people in lists and mails (`notices`), and in pages and
//! commands.

mod acting;
mod telling;

pub use acting::Act;
pub use telling::{ClearanceTold, ClearedTold, May, StepTold, Waiting, cleared_told};

use minicbor::bytes::ByteVec;
use tern_crdt::authority::{Authority, ClearanceNeed, Role};
use tern_crdt::clearance::fold::{Case, State, fold};
use tern_crdt::clearance::records;
use tern_crdt::identity::{CertificateId, FederationId, OrgId, PublicKey};
use tern_crdt::value::content_hash;

use crate::drafts::Opened;
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::publishing::Pen;
use crate::reading::org_name;
use crate::running::Node;
use crate::sharing::Signatory;

/// What is said about the clearance of a draft, with what it rests on.
pub(crate) struct Looked {
    pub case: Case,
    pub content: [u8; 32],
    pub need: ClearanceNeed,
}

/// The case of a draft of this organisation as it is opened.
pub(crate) fn look(replica: &NodeReplica, federation: FederationId, opened: &Opened) -> Looked {
    let (authority, org) = (replica.library().authority(), replica.org());
    let content = content_hash(&opened.content.to_value());
    let said = records(federation, &opened.stored.id, &opened.beside);
    let need = authority.clearance_need(&org);
    Looked { case: fold(authority, org, need, &content, &said), content, need }
}

/// The certificates of an organisation that can clear what these keys ask for or publish: one
/// of each other publisher that acts.
fn publishers(authority: &Authority, org: OrgId, but: &[PublicKey]) -> Vec<CertificateId> {
    let mut keys: Vec<PublicKey> = but.to_vec();
    let acts = authority.certificates().filter(|(id, granted)| {
        let key = granted.certificate.key;
        let new = granted.org == org
            && !keys.contains(&key)
            && authority.permits(*id, key, Role::Publisher).is_ok();
        if new {
            keys.push(key);
        }
        new
    });
    acts.map(|(id, _)| id).collect()
}

/// People in a sentence.
fn in_words(replica: &NodeReplica, who: &[CertificateId]) -> String {
    let own = org_name(replica.library().authority(), replica.org()).name;
    let name = |id: &CertificateId| {
        let person = Signatory::of(replica, id).person;
        person.unwrap_or_else(|| format!("another publisher of {own}"))
    };
    let mut names: Vec<String> = who.iter().map(name).collect();
    names.dedup();
    names.join(", ")
}

/// What is needed, in a sentence.
const fn needed(need: ClearanceNeed) -> &'static str {
    match need {
        ClearanceNeed::Nothing => "nothing",
        ClearanceNeed::Publisher => "the approval of a second publisher",
        ClearanceNeed::Sheet => "a sheet that was signed by hand, confirmed by a publisher",
        ClearanceNeed::Either => {
            "the approval of a second publisher, or a sheet that was signed by hand"
        }
    }
}

impl Node {
    /// The record that clears what a draft says for whoever publishes with this key, to be published with
    /// it; none where none is needed and none was given.
    ///
    /// # Errors
    /// It is needed and is not there; says what is missing and who can give it.
    pub(crate) async fn cleared(
        &self,
        publisher: PublicKey,
        opened: &Opened,
    ) -> Result<Option<ByteVec>, OpError> {
        let (federation, opened, key) = (self.identity().federation, opened.clone(), publisher);
        let look = move |replica: &NodeReplica| {
            let Looked { case, need, .. } = look(replica, federation, &opened);
            let (authority, org) = (replica.library().authority(), replica.org());
            if let Some((_, record)) = case.clears_for(authority, org, &key) {
                return Ok(Some(record.to_bytes().into()));
            }
            match need {
                ClearanceNeed::Nothing => Ok(None),
                need => {
                    Err(missing(replica, need, Some(&case), &key, &opened.stored.id.to_string()))
                }
            }
        };
        self.handle().read(look).await?
    }

    /// That nothing is published here without a draft that somebody cleared.
    ///
    /// # Errors
    /// This organisation asks for clearance.
    pub(crate) async fn needs_no_clearance(&self, pen: &Pen) -> Result<(), OpError> {
        let key = pen.key.public();
        let look = move |replica: &NodeReplica| match replica
            .library()
            .authority()
            .clearance_need(&replica.org())
        {
            ClearanceNeed::Nothing => Ok(()),
            need => Err(missing(replica, need, None, &key, "DRAFT")),
        };
        self.handle().read(look).await?
    }
}

/// Why something is not published.
fn missing(
    replica: &NodeReplica,
    need: ClearanceNeed,
    case: Option<&Case>,
    publisher: &PublicKey,
    draft: &str,
) -> OpError {
    let (authority, org) = (replica.library().authority(), replica.org());
    let asker = case.and_then(Case::ask).and_then(|ask| authority.key_of(&ask.by));
    let others: Vec<PublicKey> = asker.into_iter().chain([*publisher]).collect();
    let can = publishers(authority, org, &others);
    let who = match (can.is_empty(), need) {
        (false, _) => format!("it can be given by {}", in_words(replica, &can)),
        (true, ClearanceNeed::Publisher) => {
            "nobody else publishes here: grant the role `publisher` to a second person".into()
        }
        (true, _) => "a publisher who did not ask confirms the sheet".into(),
    };
    let by =
        |case: &Case| case.last().map(|step| in_words(replica, &[step.by])).unwrap_or_default();
    let lies = match case.map(|case| (case.state, case)) {
        None => format!("make a draft of it and ask with `tern clearance ask {draft}`"),
        Some((State::NotAsked, _)) => {
            format!("nobody asked for it: `tern clearance ask {draft}` does")
        }
        Some((State::Changed, _)) => format!(
            "the text changed since it was asked for: ask again with `tern clearance ask {draft}`"
        ),
        Some((State::Asked, _)) => "it was asked for and is not given yet".into(),
        Some((State::Taken, case)) => format!("it lies with {}", by(case)),
        Some((State::Returned, case)) => format!(
            "{} returned it: {}",
            by(case),
            case.last().map(|step| step.deed.words().to_owned()).unwrap_or_default()
        ),
        Some((State::Cleared, case)) => {
            format!("{} cleared it and so cannot publish it too: somebody else does", by(case))
        }
    };
    let what = format!(
        "{} asks for clearance before a practice is published: {}; {lies}; {who}",
        org_name(authority, org).name,
        needed(need)
    );
    OpError::new(ErrorCode::Conflict, what).in_field("clearance")
}
