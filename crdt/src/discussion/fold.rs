//! What stands of a discussion: a function of the set of its records.
//!
//! First each record by itself: whether its signer may say such a thing there.
//! Then, each after what it follows or names, what it is about. An advisory
//! takes nothing away: it is told with its organisation, and whoever shows the
//! discussion chooses whom to follow.

use std::collections::{BTreeMap, BTreeSet};

use super::refused::{DiscussionRefused, OpeningRefused};
use super::{Advice, Answers, Deed, Discussion, DiscussionEvent, DiscussionForm, Made, Reason};
use crate::authority::{Authority, Role};
use crate::identity::{CertificateId, DiscussionId, DocumentId, OrgId, RecordId};
use crate::review::fold::{DESK, speaks};
use crate::signed::Verified;
use crate::timestamp::Timestamp;

mod telling;

use telling::Telling;

/// Of one signer at most this many events in one discussion are looked at:
/// those with the smallest ids.
pub const SAID_MAX: usize = 500;

/// The roles in which somebody posts, rewords and translates: those of people
/// who take part in the work, and not those that run machines.
pub const WRITERS: [Role; 6] = [
    Role::Contributor,
    Role::Publisher,
    Role::Reviewer,
    Role::FocalPoint,
    Role::Expert,
    Role::Moderator,
];

/// The roles of which the author of an event needs one.
pub const fn roles(deed: &Deed) -> &'static [Role] {
    match deed {
        Deed::Post { .. } | Deed::Edit { .. } | Deed::Translate { .. } => &WRITERS,
        Deed::Advise { .. } | Deed::Close { .. } => &[Role::Moderator],
    }
}

/// Where something is said.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// In a discussion that was opened.
    Opened(&'a Verified<Discussion>),
    /// In that of a practice, which nobody opens.
    Practice {
        /// The practice.
        id: DocumentId,
        /// The organisation that it comes from.
        origin: OrgId,
    },
}

impl Place<'_> {
    /// The id of the discussion.
    pub const fn id(&self) -> DiscussionId {
        match self {
            Self::Opened(opened) => opened.id().cast(),
            Self::Practice { id, .. } => id.cast(),
        }
    }
}

/// What is held of one discussion.
#[derive(Clone, Copy, Debug)]
pub struct Records<'a> {
    /// Where.
    pub place: Place<'a>,
    /// What is said, in any order.
    pub events: &'a [Verified<DiscussionEvent>],
}

/// One wording of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Wording {
    /// The post, the summary or the edit.
    pub id: RecordId,
    /// When, as is claimed.
    pub claimed_at: Timestamp,
}

/// A translation that is shown: of several into one language the author's own,
/// then one of the wording that stands, then the last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Translation {
    /// The record.
    pub id: RecordId,
    /// Who translated.
    pub by: CertificateId,
    /// How.
    pub made: Made,
    /// Whether the author of the text did.
    pub own: bool,
    /// Whether it is of the wording that stands.
    pub current: bool,
}

/// What one organisation advises now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Advised {
    /// The advisory.
    pub id: RecordId,
    /// Who signed it.
    pub by: CertificateId,
    /// For which organisation.
    pub org: OrgId,
    /// Whether that organisation moderates the discussion.
    pub moderates: bool,
    /// What.
    pub advice: Advice,
    /// Why.
    pub reason: Reason,
    /// When, as is claimed.
    pub claimed_at: Timestamp,
}

/// A post, or a summary that closes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// The record.
    pub id: RecordId,
    /// Who wrote it.
    pub by: CertificateId,
    /// Of which organisation.
    pub org: OrgId,
    /// What it answers; a post that is not among those that stand is gone, or
    /// not here yet.
    pub answers: Answers,
    /// In which language.
    pub lang: String,
    /// Its wordings, the last of which stands; at least one.
    pub wordings: Vec<Wording>,
    /// By language.
    pub translations: BTreeMap<String, Translation>,
    /// By organisation, those of moderators of this discussion first.
    pub advised: Vec<Advised>,
}

impl Said {
    /// The wording that stands.
    pub fn now(&self) -> RecordId {
        self.wordings.last().map_or(self.id, |wording| wording.id)
    }
}

/// A discussion as the held records make it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Conversation {
    /// Why it is none, if so.
    pub flaw: Option<OpeningRefused>,
    /// The organisations whose moderators moderate it.
    pub moderators: BTreeSet<OrgId>,
    /// The posts, each after what it follows, else by claimed time.
    pub posts: Vec<Said>,
    /// The summaries that close it; of moderators who did not know of each
    /// other there may be several.
    pub summaries: Vec<Said>,
    /// What is advised about the discussion as a whole.
    pub advised: Vec<Advised>,
    /// All that counts, in order.
    pub line: Vec<RecordId>,
    /// What changes nothing, with the reason.
    pub refused: BTreeMap<RecordId, DiscussionRefused>,
    /// What no other follows: what the next event follows.
    pub tips: Vec<RecordId>,
}

impl Conversation {
    /// Whether its moderators summed it up.
    pub const fn is_closed(&self) -> bool {
        !self.summaries.is_empty()
    }

    /// A post or a summary.
    pub fn said(&self, id: &RecordId) -> Option<&Said> {
        self.posts.iter().chain(&self.summaries).find(|said| said.id == *id)
    }
}

/// The organisations that moderate an opened discussion.
///
/// # Errors
/// It is no discussion: its signer may not open one.
pub fn opened(
    authority: &Authority,
    opened: &Verified<Discussion>,
) -> Result<BTreeSet<OrgId>, OpeningRefused> {
    opened.only_signer().ok_or(OpeningRefused::Signatures)?;
    let org = speaks(authority, opened.body().by, &DESK, opened)?;
    let named: BTreeSet<OrgId> = opened.body().moderators.iter().copied().collect();
    Ok(if named.is_empty() { [org].into() } else { named })
}

/// What stands of a discussion. Equal sets of records give equal ones.
pub fn fold(authority: &Authority, records: &Records<'_>) -> Conversation {
    let (moderators, questions) = match records.place {
        Place::Practice { origin, .. } => ([origin].into(), 0),
        Place::Opened(record) => match opened(authority, record) {
            Ok(moderators) => {
                let form = DiscussionForm::from_tree(&record.body().form);
                (moderators, form.questions.len())
            }
            Err(flaw) => {
                let none = |event: &Verified<DiscussionEvent>| {
                    (event.id(), DiscussionRefused::NoDiscussion)
                };
                let refused = records.events.iter().map(none).collect();
                return Conversation { flaw: Some(flaw), refused, ..Conversation::default() };
            }
        },
    };
    let place = records.place.id();
    let mut refused = BTreeMap::new();
    let by_id: BTreeMap<RecordId, &Verified<DiscussionEvent>> =
        records.events.iter().map(|event| (event.id(), event)).collect();
    // Only what its signer may say counts towards how much is looked at: nobody
    // crowds out another by what they forge.
    let mut said: BTreeMap<CertificateId, usize> = BTreeMap::new();
    let mut standing: BTreeMap<RecordId, (&Verified<DiscussionEvent>, OrgId)> = BTreeMap::new();
    for (id, event) in by_id {
        match may_say(authority, place, &moderators, event) {
            Err(why) => drop(refused.insert(id, why)),
            Ok(org) => {
                let count = said.entry(event.body().by).or_default();
                *count += 1;
                if *count > SAID_MAX {
                    refused.insert(id, DiscussionRefused::TooMany);
                } else {
                    standing.insert(id, (event, org));
                }
            }
        }
    }
    Telling::of(place, moderators, questions, standing, refused)
}

/// Whether the signer of an event may say such a thing; for which organisation.
fn may_say(
    authority: &Authority,
    place: DiscussionId,
    moderators: &BTreeSet<OrgId>,
    event: &Verified<DiscussionEvent>,
) -> Result<OrgId, DiscussionRefused> {
    let body = event.body();
    if body.discussion != place {
        return Err(DiscussionRefused::OtherDiscussion);
    }
    event.only_signer().ok_or(DiscussionRefused::Signatures)?;
    let org = speaks(authority, body.by, roles(&body.deed), event)?;
    match body.deed {
        Deed::Close { .. } if !moderators.contains(&org) => Err(DiscussionRefused::NotModerating),
        _ => Ok(org),
    }
}
