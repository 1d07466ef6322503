//! Discussions as this node knows them: what was said, in which wording, and
//! what is advised about it.
//!
//! What stands of a discussion is the fold's ([`tern_crdt::discussion::fold`]);
//! all that it is made of is public, so everybody on this node may read it. What
//! an account may *do* follows from its roles. What is written here (`acting`) is
//! judged by the same fold before it is signed. Whose advisories are followed is
//! this node's choice: those of the moderators of a discussion, and of the
//! organisations that the setting `discussions.follow` names. Reports to
//! moderators (`reports`) stay on this node.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::authority::{Authority, Role};
use tern_crdt::discussion::fold::{Advised, Conversation, Said, WRITERS};
use tern_crdt::discussion::{Advice, Deed, DiscussionForm};
use tern_crdt::identity::{CertificateId, DiscussionId, DocumentId, OrgId, RecordId};
use tern_crdt::practice::{Date, Tag};
use tern_crdt::timestamp::Timestamp;
use tern_protocol::discussions::{Held, HeldDiscussion};

use crate::accounts::{Account, failed};
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::reading::{OrgName, PracticeRead, Verdict, org_name};
use crate::requests::Person;
use crate::reviews::{one_of, person};
use crate::running::Node;

mod acting;
mod reports;
mod threads;

pub use acting::{Act, Opening, To};
pub use reports::{REPORT_CHARS_MAX, Report};
pub(crate) use reports::{forgotten, reason};
pub use threads::{Placed, placed};

/// A discussion with what is known around it.
#[derive(Clone, Debug)]
pub struct DiscussionRead {
    /// Its id.
    pub id: DiscussionId,
    /// All that is held of it.
    pub held: HeldDiscussion,
    /// What stands of it.
    pub talk: Conversation,
    /// What opens it; empty in the discussion of a practice.
    pub form: DiscussionForm,
    /// The practice that it is about, with its title if that can be read here.
    pub practice: Option<(DocumentId, Option<(Tag, String)>)>,
    /// Whether that practice is for members alone.
    pub members_only: bool,
    /// The organisation that opened it, or that the practice comes from.
    pub org: OrgName,
    /// The organisations that moderate it.
    pub moderators: Vec<OrgName>,
    /// Everybody who is named, by certificate.
    pub people: BTreeMap<CertificateId, Person>,
    /// Organisations whose moderators this node follows everywhere.
    pub followed: BTreeSet<OrgId>,
    /// When somebody said something last, as is claimed.
    pub last: Timestamp,
}

/// What an account can do in a discussion now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct May {
    /// Post and reply.
    pub post: bool,
    /// Translate, and reword or take back what is their own.
    pub write: bool,
    /// Issue advisories.
    pub advise: bool,
    /// Close it with a summary.
    pub close: bool,
}

/// As what an account can act.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Its organisation.
    pub org: OrgId,
    /// Whether it posts.
    pub writer: bool,
    /// Whether it opens discussions.
    pub desk: bool,
    /// Whether it moderates for its organisation.
    pub moderator: bool,
    /// Its certificates: what they signed is its own.
    pub own: BTreeSet<CertificateId>,
}

impl Standing {
    /// That of a guest.
    pub const fn nobody(org: OrgId) -> Self {
        Self { org, writer: false, desk: false, moderator: false, own: BTreeSet::new() }
    }
}

impl DiscussionRead {
    /// The code of where it stands: `closed` once it was summed up, `ahead` and
    /// `past` by its own dates, else `open`.
    pub fn state(&self) -> &'static str {
        let today = Date::of(now());
        match (self.form.opens, self.form.closes) {
            _ if self.talk.is_closed() => "closed",
            (Some(opens), _) if today.is_before(opens) => "ahead",
            (_, Some(closes)) if closes.is_before(today) => "past",
            _ => "open",
        }
    }

    /// Whether it is that of a practice, which nobody opened.
    pub const fn is_of_practice(&self) -> bool {
        matches!(self.held.held, Held::Practice(..))
    }

    /// What it is called, with the language.
    pub fn title(&self, wanted: &[Tag]) -> Option<(Tag, String)> {
        let own = self.form.title.best(wanted, None);
        let own = own.map(|(tag, text)| (tag.clone(), text.to_owned()));
        own.or_else(|| self.practice.as_ref().and_then(|(_, title)| title.clone()))
    }

    /// Whether it is in one of these languages and of one of these objectives, as
    /// far as any are given, and open if that is asked. In the discussion of a
    /// practice, the languages are those in which somebody wrote.
    pub fn fits(&self, languages: &[String], objectives: &[u8], open: bool) -> bool {
        let listed = self.form.languages.iter().map(Tag::as_str);
        let written = self.talk.posts.iter().map(|said| said.lang.as_str());
        let mut spoken = listed.chain(written);
        let served = |number: &u8| self.form.objectives.iter().any(|one| one.number() == *number);
        (languages.is_empty() || spoken.any(|tag| languages.iter().any(|lang| lang == tag)))
            && (objectives.is_empty() || objectives.iter().any(served))
            && (!open || self.state() == "open")
    }

    /// Somebody who is named.
    pub fn person(&self, id: &CertificateId) -> Option<&Person> {
        self.people.get(id)
    }

    /// The words of a record.
    pub fn text(&self, id: &RecordId) -> &str {
        self.held.event(id).map_or("", |event| event.body().deed.text())
    }

    /// Whether this node follows an advisory.
    pub fn follows(&self, advised: &Advised) -> bool {
        advised.moderates || self.followed.contains(&advised.org)
    }

    /// The advisory for which something is hidden at first, if one is followed.
    pub fn hidden<'a>(&self, advised: &'a [Advised]) -> Option<&'a Advised> {
        advised.iter().find(|one| one.advice == Advice::Hide && self.follows(one))
    }

    /// What an account can do now.
    pub fn may(&self, standing: &Standing) -> May {
        let open = self.talk.flaw.is_none();
        let moderates = self.talk.moderators.contains(&standing.org);
        let closed = self.talk.is_closed();
        May {
            post: open && standing.writer && !closed,
            write: open && standing.writer,
            advise: open && standing.moderator,
            close: open && standing.moderator && moderates && !closed,
        }
    }

    /// Whether something was written by whoever acts.
    pub fn is_own(&self, said: &Said, standing: &Standing) -> bool {
        standing.own.contains(&said.by)
    }

    /// A post or a summary by id or unique prefix.
    ///
    /// # Errors
    /// None, or several.
    pub fn find(&self, text: &str) -> Result<&Said, OpError> {
        let all: Vec<&Said> = self.talk.posts.iter().chain(&self.talk.summaries).collect();
        let found = one_of(all, |said| said.id.to_string(), text, "post");
        found.map_err(|error| error.in_field("post"))
    }

    /// The same as a guest may know it: of what is for members alone without the title.
    #[must_use]
    pub fn for_guests(mut self) -> Self {
        if self.members_only
            && let Some((_, title)) = &mut self.practice
        {
            *title = None;
        }
        self
    }
}

/// The organisations that are named by id or name, of those that are known.
fn named(authority: &Authority, names: &[String]) -> BTreeSet<OrgId> {
    let is_named = |org: &OrgId| {
        let known = authority.organisation(org).map(|known| &known.genesis.profile.names);
        names.iter().any(|name| {
            *name == org.to_string() || known.is_some_and(|all| all.values().any(|n| n == name))
        })
    };
    if names.is_empty() {
        return BTreeSet::new();
    }
    authority.organisations().map(|(org, ..)| org).filter(is_named).collect()
}

/// The ids of those that can be shown: opened ones, and practices about which
/// something was said.
fn known(replica: &NodeReplica) -> BTreeSet<DiscussionId> {
    let discussions = replica.library().discussions();
    discussions.opened().map(|(id, _)| id).chain(discussions.spoken()).collect()
}

impl Node {
    /// As what an account can act in discussions.
    ///
    /// # Errors
    /// The node is stopping.
    pub async fn discussion_standing(&self, account: &Account) -> Result<Standing, OpError> {
        let (account, org) = (account.clone(), self.identity().org);
        let look = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            let has = |role| account.certificate_for(authority, role).is_ok();
            Standing {
                org,
                writer: WRITERS.into_iter().any(has),
                desk: has(Role::Publisher) || has(Role::FocalPoint),
                moderator: has(Role::Moderator),
                own: account.certificates(authority).into_iter().collect(),
            }
        };
        Ok(self.handle().read(look).await?)
    }

    /// The first discussions that fit, at most so many: of all in which something was
    /// said, or that were opened, those in which something was said last first.
    ///
    /// # Errors
    /// The store's.
    pub async fn discussions(
        &self,
        most: usize,
        fits: impl Fn(&DiscussionRead) -> bool + Send + Sync,
    ) -> Result<Vec<DiscussionRead>, OpError> {
        let order = |replica: &NodeReplica| {
            let held = replica.library().discussions();
            let known = known(replica).into_iter();
            let mut ids: Vec<_> = known.map(|id| (std::cmp::Reverse(held.last(&id)), id)).collect();
            ids.sort_unstable();
            ids
        };
        let mut read = Vec::new();
        for (_, id) in self.handle().read(order).await? {
            if read.len() == most {
                break;
            }
            read.extend(self.read_discussion(id).await?.filter(&fits));
        }
        read.sort_by_key(|one| (std::cmp::Reverse(one.last), one.id));
        Ok(read)
    }

    /// The discussion of a practice, then those that were opened about it, at most so
    /// many.
    ///
    /// # Errors
    /// The store's.
    pub async fn discussions_about(
        &self,
        practice: DocumentId,
        most: usize,
    ) -> Result<Vec<DiscussionRead>, OpError> {
        let follow = self.settings().moderators.clone();
        let looks = move |replica: &NodeReplica| {
            let about = replica.library().discussions().about(&practice);
            let ids = std::iter::once(practice.cast()).chain(about).take(most);
            ids.map(|id| look(replica, id, &follow)).collect::<Result<Vec<_>, OpError>>()
        };
        let mut read = Vec::new();
        for looked in self.handle().read(looks).await?? {
            read.extend(self.titled(looked).await?);
        }
        Ok(read)
    }

    /// A discussion by id or unique prefix; by that of a practice, its own.
    ///
    /// # Errors
    /// None, or several.
    pub async fn find_discussion(&self, text: &str) -> Result<DiscussionRead, OpError> {
        let text = text.trim();
        let id = match text.parse::<DiscussionId>() {
            Ok(id) => id,
            Err(_) if text.starts_with("tern1p") => self.reading().practice(text).await?.id.cast(),
            Err(_) => {
                let ids: Vec<DiscussionId> = self.handle().read(known).await?.into_iter().collect();
                one_of(ids, DiscussionId::to_string, text, "discussion")?
            }
        };
        self.read_discussion(id).await?.ok_or_else(|| {
            let what = format!("no discussion `{text}` is held here");
            OpError::new(ErrorCode::NotFound, what).in_field("id")
        })
    }

    /// A discussion, whole.
    ///
    /// # Errors
    /// The store's.
    pub async fn read_discussion(
        &self,
        id: DiscussionId,
    ) -> Result<Option<DiscussionRead>, OpError> {
        let follow = self.settings().moderators.clone();
        let looked = self.handle().read(move |replica| look(replica, id, &follow)).await??;
        self.titled(looked).await
    }

    /// The same with the title of the practice that it is about.
    async fn titled(&self, looked: Looked) -> Result<Option<DiscussionRead>, OpError> {
        let Some((mut read, practice)) = looked else { return Ok(None) };
        if let Some(practice) = practice {
            let content = self.reading().content(&practice, practice.latest()).await?;
            read.members_only = content.practice.is_for_members();
            if content.verdict != Verdict::Quarantined {
                read.practice = Some((practice.id, content.practice.own_title()));
            }
        }
        Ok(Some(read))
    }
}

/// A discussion, and the practice that it is about.
type Looked = Option<(DiscussionRead, Option<PracticeRead>)>;

/// A discussion in one look, but for the title of the practice that it is about.
fn look(replica: &NodeReplica, id: DiscussionId, follow: &[String]) -> Result<Looked, OpError> {
    let library = replica.library();
    let authority = library.authority();
    let Some(held) = library.discussion(&id).map_err(failed)? else { return Ok(None) };
    let about = match &held.held {
        Held::Practice(practice, _) => Some(*practice),
        Held::Opened(opened) => opened.body().practice,
    };
    let practice = about.map(|id| PracticeRead::look(library, &id)).transpose();
    let practice = practice.map_err(failed)?.flatten();
    let talk = held.conversation(authority);
    let (form, org, begun) = match &held.held {
        Held::Opened(opened) => {
            let body = opened.body();
            let org = person(replica, &body.by).org;
            (DiscussionForm::from_tree(&body.form), org, body.claimed_at)
        }
        Held::Practice(_, origin) => {
            (DiscussionForm::default(), org_name(authority, *origin), Timestamp(0))
        }
    };
    let counts = |id: &RecordId| held.event(id).map(|event| event.body());
    let named_here = talk.line.iter().filter_map(counts).map(|body| body.by);
    let people = named_here.map(|id| (id, person(replica, &id))).collect();
    let spoken = talk.line.iter().filter_map(counts);
    let spoken = spoken.filter(|body| !matches!(body.deed, Deed::Advise { .. }));
    let read = DiscussionRead {
        id,
        last: spoken.map(|body| body.claimed_at).max().unwrap_or(begun),
        moderators: talk.moderators.iter().map(|org| org_name(authority, *org)).collect(),
        followed: named(authority, follow),
        practice: about.map(|id| (id, None)),
        members_only: false,
        people,
        org,
        form,
        talk,
        held,
    };
    Ok(Some((read, practice)))
}
