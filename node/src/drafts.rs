//! Drafts: practices being written.
//!
//! A draft is an Automerge document of class B. Each save is a change on top
//! of the heads that its writer saw, merged with whatever was saved meanwhile,
//! so a late save loses nothing. Its actor lives for one run of this node. A
//! draft stays on this node, without a name or a signature, until it is published
//! or [shared](crate::sharing): then what was signed stands with the protocol's
//! [shared drafts](tern_protocol::drafts), and here what was not.
//!
//! | name in class B | value |
//! |---|---|
//! | `m` ‖ draft id | [`Meta`] |
//! | `c` ‖ draft id ‖ number (4 bytes, big endian) | one raw change that is not signed |

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use minicbor::bytes::ByteArray;
use tern_crdt::authority::{Authority, Role};
use tern_crdt::chunk::{self, ChangeMeta};
use tern_crdt::clearance::is_said;
use tern_crdt::comment::{COMMENTS, Commented, without};
use tern_crdt::document::{Clash, Draft as Document, accept};
use tern_crdt::identity::{
    ActorId, CertificateId, DocumentId, DraftId, EditionId, Nonce, RecordId, actor_id, document_id,
};
use tern_crdt::practice::Practice;
use tern_crdt::timestamp::Timestamp;
use tern_crdt::value::Value;
use tern_crdt::verdict::{Hash, Quarantine, Verdict};
use tern_protocol::drafts::SharedDraft;
use tern_protocol::ledger::Private;
use tern_protocol::step::Command;

use crate::accounts::{Account, failed};
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::reading::PREFIX_MIN;
use crate::running::{Node, draw};
use crate::sharing::held;
use crate::stored;

/// What is kept of a draft beside its changes.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Meta {
    /// The practice of which it is the next edition, if it is not a new one.
    #[n(0)]
    pub practice: Option<DocumentId>,
    /// The account that began it.
    #[n(1)]
    pub account: String,
    /// When it was begun.
    #[n(2)]
    pub begun: Timestamp,
    /// When it was last saved.
    #[n(3)]
    pub saved: Timestamp,
    /// The account that saved it last.
    #[n(4)]
    pub saved_by: String,
    /// Its title as of then, for lists.
    #[n(5)]
    pub title: String,
    /// The language of that title.
    #[n(6)]
    pub lang: String,
    /// How many changes it has.
    #[n(7)]
    pub changes: u32,
    /// The editions of the practice that it began from: those it will follow.
    #[n(8)]
    pub follows: Option<Vec<EditionId>>,
    /// How its id was made, of one that was begun here: that shows its owner.
    #[n(9)]
    pub founded: Option<Founded>,
    /// As whom it was written here: with these its changes are signed.
    #[n(10)]
    pub runs: Option<Vec<Founded>>,
    /// It was published or put away, and is kept only because others share it.
    #[n(11)]
    pub over: Option<bool>,
    /// The last changes of held work that was taken over here, or put away: it
    /// is not offered again.
    #[n(12)]
    pub settled: Option<Vec<ByteArray<32>>>,
    /// Somebody asked for its clearance, so that lists look into it.
    #[n(13)]
    pub cleared: Option<bool>,
}

/// A certificate with what was drawn for it: makes the id of a draft, or an
/// actor in one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
pub struct Founded {
    /// The certificate.
    #[n(0)]
    pub by: CertificateId,
    /// What was drawn.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub nonce: Nonce,
}

impl Meta {
    /// The change that keeps it.
    pub(crate) fn keep(&self, id: &DraftId) -> Private {
        Private::draft(meta_name(id), Some(stored::write(self)))
    }
}

/// What a document says.
pub(crate) type Content = BTreeMap<String, Value>;

/// Drafts of a list.
pub type Listed = Vec<(DraftId, Meta)>;

/// A draft as it is stored.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its id.
    pub id: DraftId,
    /// What is kept beside its changes.
    pub meta: Meta,
    /// Raw changes that nobody signed yet, in the order in which they were
    /// saved.
    pub changes: Vec<Bytes>,
    /// What was signed, if the draft is shared: the changes that are shown.
    pub shared: Option<SharedDraft>,
    /// What was signed and is not shown.
    pub held: Vec<HeldChange>,
    /// Changes that are shown because somebody adopted them, with the record.
    pub adopted: BTreeMap<Hash, RecordId>,
}

/// A signed change of a draft that is held and not shown.
#[derive(Clone, Debug)]
pub struct HeldChange {
    /// What is remembered of it.
    pub meta: ChangeMeta,
    /// The raw change.
    pub bytes: Bytes,
    /// Why it is not shown.
    pub why: Quarantine,
}

/// What a draft says.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The draft.
    pub stored: Stored,
    /// The heads of what it says, ascending.
    pub heads: Vec<[u8; 32]>,
    /// What it says.
    pub content: Practice,
    /// What its writers say to each other beside that.
    pub comments: Vec<Remark>,
    /// The entry of the document in which comments and [clearance](tern_crdt::clearance)
    /// stand, if it is there.
    pub beside: Content,
}

/// A comment, as a draft tells it.
#[derive(Clone, Debug)]
pub struct Remark {
    /// The comment, with the actors behind it.
    pub said: Commented,
    /// Whether the words that it is about stand in its field.
    pub stands: bool,
}

/// What a draft of a later edition begins from.
struct Base {
    practice: DocumentId,
    follows: Vec<EditionId>,
}

/// What somebody saw who edited a draft.
#[derive(Clone, Debug)]
pub(crate) enum Seen {
    /// The draft at these heads.
    Heads(Vec<[u8; 32]>),
    /// Something that it does not say, as of work that is held.
    Held(Box<Practice>),
}

/// What a save came to.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The draft as it is now.
    pub now: Opened,
    /// Whether somebody else had saved since the heads that were seen.
    pub merged: bool,
    /// The account that had saved before.
    pub before: String,
    /// Fields that both changed, with what was made of both.
    pub clashes: Vec<Clash>,
}

fn meta_name(id: &DraftId) -> Vec<u8> {
    [b"m", &id.as_bytes()[..]].concat()
}

fn change_name(id: &DraftId, number: u32) -> Vec<u8> {
    [b"c", &id.as_bytes()[..], &number.to_be_bytes()].concat()
}

fn no_draft(text: &str) -> OpError {
    let what = format!("there is no draft `{text}` here: it may have been published already");
    OpError::new(ErrorCode::NotFound, what).in_field("id")
}

/// All drafts, last saved first.
///
/// # Errors
/// The store's, or a damaged value.
pub fn all(replica: &NodeReplica) -> Result<Vec<(DraftId, Meta)>, OpError> {
    all_and_over(replica).map(|(open, _)| open)
}

/// All drafts, and those of others that are over and kept, last saved first.
///
/// # Errors
/// The store's, or a damaged value.
pub fn all_and_over(replica: &NodeReplica) -> Result<(Listed, Listed), OpError> {
    let mut found = Vec::new();
    for (name, value) in replica.library().ledger().drafts(b"m").map_err(failed)? {
        let id = name.get(1..).and_then(DraftId::from_slice);
        let id = id.ok_or_else(|| OpError::new(ErrorCode::Damaged, "a draft's name is damaged"))?;
        found.push((id, stored::read::<Meta>(&value, "a draft")?));
    }
    found.sort_by_key(|(id, meta)| (std::cmp::Reverse(meta.saved), *id));
    let (over, open): (Listed, Listed) =
        found.into_iter().partition(|(_, meta)| meta.over == Some(true));
    let org = replica.org();
    let others =
        |id: &DraftId| replica.library().draft_circle(id).is_some_and(|(owner, _)| owner != org);
    Ok((open, over.into_iter().filter(|(id, _)| others(id)).collect()))
}

/// What is kept of a draft beside its changes, if it is known here.
///
/// # Errors
/// The store's, or a damaged value.
pub(crate) fn meta(replica: &NodeReplica, id: &DraftId) -> Result<Option<Meta>, OpError> {
    let meta = replica.library().ledger().draft(&meta_name(id)).map_err(failed)?;
    meta.map(|meta| stored::read(&meta, "a draft")).transpose()
}

pub(crate) fn load(replica: &NodeReplica, id: DraftId) -> Result<Stored, OpError> {
    let meta = meta(replica, &id)?.ok_or_else(|| no_draft(&id.to_string()))?;
    load_with(replica, id, meta)
}

/// Whether a draft is on this node, as one of its own or one that it is shown.
pub(crate) fn is_here(replica: &NodeReplica, id: &DraftId) -> bool {
    replica.library().draft_circle(id).is_some() || meta(replica, id).is_ok_and(|it| it.is_some())
}

pub(crate) fn load_with(replica: &NodeReplica, id: DraftId, meta: Meta) -> Result<Stored, OpError> {
    let library = replica.library();
    let mut changes = Vec::new();
    for name in unsigned(&id, meta.changes) {
        let change = library.ledger().draft(&name).map_err(failed)?;
        changes.push(change.ok_or_else(|| {
            OpError::new(ErrorCode::Damaged, format!("a change of draft {id} is missing"))
        })?);
    }
    let mut shared = library.shared_draft(&id).map_err(failed)?;
    let (mut held, mut adopted) = (Vec::new(), BTreeMap::new());
    if let Some(shared) = &mut shared {
        let verdicts = library.draft_verdicts(&id).map_err(failed)?;
        let unknown = Verdict::Refused(Quarantine::Unsigned);
        for (meta, bytes) in std::mem::take(&mut shared.changes) {
            match verdicts.get(&meta.hash).unwrap_or(&unknown) {
                Verdict::Quarantined(why) | Verdict::Refused(why) => {
                    held.push(HeldChange { meta, bytes, why: *why });
                    continue;
                }
                Verdict::Adopted(by) => drop(adopted.insert(meta.hash, *by)),
                Verdict::Accepted => {}
            }
            shared.changes.push((meta, bytes));
        }
    }
    Ok(Stored { id, meta, changes, shared, held, adopted })
}

/// The changes that remove a draft, but for what of it is shared.
pub fn forget(stored: &Stored) -> Vec<Private> {
    let mut gone = vec![match stored.shared {
        None => Private::draft(meta_name(&stored.id), None),
        Some(_) => Meta { over: Some(true), ..stored.meta.clone() }.keep(&stored.id),
    }];
    gone.extend(unsigned(&stored.id, stored.meta.changes).map(|name| Private::draft(name, None)));
    gone
}

/// What is to be written so that these changes alone stand here unsigned.
pub(crate) fn keep_unsigned(stored: &Stored, stay: &[Bytes]) -> Vec<Private> {
    let names = unsigned(&stored.id, stored.meta.changes);
    let mut kept: Vec<Private> =
        names.zip(0..).map(|(name, at)| Private::draft(name, stay.get(at).cloned())).collect();
    let changes = u32::try_from(stay.len()).unwrap_or(u32::MAX);
    kept.push(Meta { changes, ..stored.meta.clone() }.keep(&stored.id));
    kept
}

/// The names of changes that nobody signed, of those with these numbers.
fn unsigned(id: &DraftId, changes: u32) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..changes).map(|number| change_name(id, number))
}

/// The certificate under which an account writes in a draft; without one, under which
/// it begins drafts.
///
/// # Errors
/// The account may not.
pub fn drafter(
    account: &Account,
    authority: &Authority,
    draft: Option<&DraftId>,
) -> Result<CertificateId, OpError> {
    let about = draft.map(DraftId::as_bytes);
    let role = |role| account.certificate_about(authority, role, about);
    role(Role::Contributor).or_else(|refused| {
        role(Role::Publisher).or_else(|_| role(Role::FocalPoint)).map_err(|_| refused)
    })
}

pub(crate) fn open(stored: Stored) -> Result<Opened, OpError> {
    let document = document(&stored)?;
    opened(&document, stored)
}

/// What a document says, beside what is stored of it.
fn opened(document: &Document, stored: Stored) -> Result<Opened, OpError> {
    let whole = document.content().map_err(unreadable)?;
    // Most have none, and need no second look.
    let said = match whole.contains_key(COMMENTS) {
        true => document.comments().map_err(unreadable)?,
        false => Vec::new(),
    };
    let told = said.into_iter().map(|said| Remark { stands: said.comment.stands(&whole), said });
    let comments = told.collect();
    let content = Practice::from_value(&whole);
    let beside = whole.into_iter().filter(|(key, _)| key == COMMENTS).collect();
    Ok(Opened { heads: document.heads(), content, comments, beside, stored })
}

pub(crate) fn document(stored: &Stored) -> Result<Document, OpError> {
    if stored.shared.is_none() {
        let own: Vec<&[u8]> = stored.changes.iter().map(|change| &change[..]).collect();
        return Document::load(&own).map_err(unreadable);
    }
    sound_of(&held::shown(stored)?)
}

/// The document of what of these changes is sound: what others wrote may make no
/// sense; it is left out, with what builds on it.
pub(crate) fn sound_of(all: &[&[u8]]) -> Result<Document, OpError> {
    let sound: BTreeSet<[u8; 32]> = accept(all).map_err(unreadable)?.sound().collect();
    let sound: Vec<&[u8]> = all
        .iter()
        .copied()
        .filter(|change| chunk::hash_of(change).is_some_and(|hash| sound.contains(&hash)))
        .collect();
    Document::load(&sound).map_err(unreadable)
}

pub(crate) fn unreadable(error: impl std::fmt::Display) -> OpError {
    OpError::new(ErrorCode::Damaged, format!("a draft cannot be read: {error}"))
}

/// A title for lists, with its language.
pub(crate) fn title(content: &Practice) -> (String, String) {
    let best = content.title.best(&[], content.original_language.as_ref());
    best.map(|(tag, text)| (text.to_owned(), tag.as_str().to_owned())).unwrap_or_default()
}

impl Node {
    /// The draft of this id or unique prefix of one; `None` if there is none.
    ///
    /// # Errors
    /// The prefix fits several.
    pub async fn find_draft(&self, text: &str) -> Result<Option<DraftId>, OpError> {
        if let Ok(id) = text.parse::<DraftId>() {
            return Ok(Some(id));
        }
        if text.len() < PREFIX_MIN {
            return Ok(None);
        }
        let (mut drafts, over) = self.handle().read(all_and_over).await??;
        drafts.extend(over);
        let mut fits =
            drafts.into_iter().map(|(id, _)| id).filter(|id| id.to_string().starts_with(text));
        match (fits.next(), fits.next()) {
            (Some(_), Some(_)) => {
                let what = format!("`{text}` fits more than one draft: give more characters");
                Err(OpError::new(ErrorCode::Ambiguous, what).in_field("id"))
            }
            (found, _) => Ok(found),
        }
    }

    /// A draft and what it says.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub async fn draft(&self, id: DraftId) -> Result<Opened, OpError> {
        let stored = self.handle().read(move |replica| load(replica, id)).await??;
        self.acceptor().run(move || open(stored)).await?
    }

    /// What a draft said at heads that it had.
    ///
    /// # Errors
    /// It never had them.
    pub async fn draft_at(
        &self,
        opened: &Opened,
        heads: Vec<[u8; 32]>,
    ) -> Result<Practice, OpError> {
        let stored = opened.stored.clone();
        let read = move || {
            let content = document(&stored)?.content_at(&heads).map_err(|_| {
                let what = "this draft never said what the form began from: open it again";
                OpError::new(ErrorCode::Conflict, what)
            })?;
            Ok(Practice::from_value(&content))
        };
        self.acceptor().run(read).await?
    }

    /// Begins a draft of a new practice, that says `content`.
    ///
    /// # Errors
    /// The account may not draft.
    pub async fn new_draft(&self, account: &Account, content: Practice) -> Result<Opened, OpError> {
        self.begin_draft(account, content, None, |_| Vec::new()).await
    }

    /// As [`new_draft`](Self::new_draft); what `private` makes of the draft's
    /// id is committed with it.
    ///
    /// # Errors
    /// The account may not draft.
    pub async fn new_draft_with(
        &self,
        account: &Account,
        content: Practice,
        private: impl FnOnce(&str) -> Vec<Private>,
    ) -> Result<Opened, OpError> {
        self.begin_draft(account, content, None, private).await
    }

    /// The draft that is open for a practice of this organisation, or a new
    /// one that says what its latest edition does.
    ///
    /// # Errors
    /// Not held, of another organisation, unreadable, or the account may not
    /// draft.
    pub async fn draft_of(&self, account: &Account, practice: &str) -> Result<Opened, OpError> {
        let practice = self.reading().practice(practice).await?;
        if practice.origin.id != self.identity().org {
            let what = format!("only {} publishes editions of this practice", practice.origin.name);
            return Err(OpError::new(ErrorCode::NotAllowed, what).in_field("id"));
        }
        let _one_at_a_time = self.saving().lock().await;
        let open = self.handle().read(all).await??;
        if let Some((id, _)) = open.iter().find(|(_, meta)| meta.practice == Some(practice.id)) {
            return self.draft(*id).await;
        }
        let content = self.reading().content(&practice, practice.latest()).await?;
        if let Some(reason) = &content.reason {
            let what = format!("the latest edition of this practice does not count: {reason}");
            return Err(OpError::new(ErrorCode::Conflict, what).in_field("id"));
        }
        let follows = practice.tips().into_iter().map(|at| practice.editions[at].id).collect();
        let base = Base { practice: practice.id, follows };
        self.begin_draft(account, content.practice.clone(), Some(base), |_| Vec::new()).await
    }

    async fn begin_draft(
        &self,
        account: &Account,
        content: Practice,
        base: Option<Base>,
        private: impl FnOnce(&str) -> Vec<Private>,
    ) -> Result<Opened, OpError> {
        let own = account.clone();
        let by = self
            .handle()
            .read(move |replica| drafter(&own, replica.library().authority(), None))
            .await??;
        let nonce: Nonce = draw()?;
        let id: DraftId = document_id(self.identity().federation, by, &nonce).cast();
        let meta = Meta {
            practice: base.as_ref().map(|base| base.practice),
            account: account.name.clone(),
            begun: now(),
            saved: now(),
            saved_by: account.name.clone(),
            title: String::new(),
            lang: String::new(),
            changes: 0,
            follows: base.map(|base| base.follows),
            founded: Some(Founded { by, nonce }),
            runs: None,
            over: None,
            settled: None,
            cleared: None,
        };
        let stored = Stored {
            id,
            meta,
            changes: Vec::new(),
            shared: None,
            held: Vec::new(),
            adopted: BTreeMap::new(),
        };
        let private = private(&id.to_string());
        let seen = Seen::Heads(Vec::new());
        let saved = self.write_draft(account, by, stored, seen, content, private).await?;
        Ok(saved.now)
    }

    /// Saves what a writer made of a draft on top of the heads they saw.
    ///
    /// # Errors
    /// The account may not draft, or the draft is gone.
    pub async fn save_draft(
        &self,
        account: &Account,
        id: DraftId,
        seen: Vec<[u8; 32]>,
        content: Practice,
    ) -> Result<Saved, OpError> {
        self.save_seen(account, id, Seen::Heads(seen), content).await
    }

    /// As [`save_draft`](Self::save_draft), whatever the writer saw.
    ///
    /// # Errors
    /// The same.
    pub(crate) async fn save_seen(
        &self,
        account: &Account,
        id: DraftId,
        seen: Seen,
        content: Practice,
    ) -> Result<Saved, OpError> {
        let _one_at_a_time = self.saving().lock().await;
        let (by, stored) = self.drafting(account, id).await?;
        self.write_draft(account, by, stored, seen, content, Vec::new()).await
    }

    /// Changes the comments of a draft: `change` makes of what it says what it is to
    /// say. Answers the draft as it is then.
    ///
    /// # Errors
    /// The account may not draft, the draft is gone, or what `change` refuses.
    pub(crate) async fn write_comments(
        &self,
        account: &Account,
        id: DraftId,
        change: impl FnOnce(Content) -> Result<Content, OpError> + Send + 'static,
    ) -> Result<Opened, OpError> {
        let _one_at_a_time = self.saving().lock().await;
        let (by, stored) = self.drafting(account, id).await?;
        let (stored, run) = self.run_for(by, stored).await?;
        let actor = actor_id(self.identity().federation, stored.id.cast(), by, &run.nonce);
        let name = account.name.clone();
        let work = move || {
            let document = document(&stored)?;
            let seen = document.content().map_err(unreadable)?;
            let edited = change(seen.clone())?;
            write(&actor, run, (document, stored), &seen, &edited, name)
        };
        let (now, private) = self.acceptor().run(work).await??;
        self.keep_written(account, &now, private).await?;
        Ok(now)
    }

    async fn write_draft(
        &self,
        account: &Account,
        by: CertificateId,
        stored: Stored,
        seen: Seen,
        content: Practice,
        also: Vec<Private>,
    ) -> Result<Saved, OpError> {
        let (stored, run) = self.run_for(by, stored).await?;
        let actor = actor_id(self.identity().federation, stored.id.cast(), by, &run.nonce);
        let name = account.name.clone();
        let (saved, mut private) =
            self.acceptor().run(move || save(&actor, run, stored, &seen, &content, name)).await??;
        private.extend(also);
        self.keep_written(account, &saved.now, private).await?;
        Ok(saved)
    }

    /// As whom an account writes in a draft, and what is stored of it.
    async fn drafting(
        &self,
        account: &Account,
        id: DraftId,
    ) -> Result<(CertificateId, Stored), OpError> {
        let own = account.clone();
        let look = move |replica: &NodeReplica| {
            let by = drafter(&own, replica.library().authority(), Some(&id))?;
            Ok::<_, OpError>((by, load(replica, id)?))
        };
        self.handle().read(look).await?
    }

    /// Keeps what was written, and tells those who see the draft too.
    async fn keep_written(
        &self,
        account: &Account,
        now: &Opened,
        private: Vec<Private>,
    ) -> Result<(), OpError> {
        if !private.is_empty() {
            self.handle().command(Command::Write { pieces: Vec::new(), private }).await?;
        }
        if now.stored.shared.is_some() {
            self.send_if_unlocked(account, now.stored.id).await;
        }
        Ok(())
    }

    /// As whom a certificate writes in a draft: as before in this run of the
    /// node, unless a change of that actor is held and not shown. Whoever goes on
    /// there without it would number another change like that one.
    async fn run_for(
        &self,
        by: CertificateId,
        stored: Stored,
    ) -> Result<(Stored, Founded), OpError> {
        let run = Founded { by, nonce: self.run() };
        if stored.shared.is_none() {
            return Ok((stored, run));
        }
        let look = move || {
            let fell = held::actors(&stored);
            (stored, fell)
        };
        let (stored, fell) = self.acceptor().run(look).await?;
        let actor = actor_id(self.identity().federation, stored.id.cast(), by, &run.nonce);
        if !fell?.contains(&actor) {
            return Ok((stored, run));
        }
        Ok((stored, Founded { by, nonce: self.renew_run()? }))
    }
}

/// A new state of a draft, and what is to be written so that it is.
type Written = (Opened, Vec<Private>);

fn save(
    actor: &ActorId,
    run: Founded,
    stored: Stored,
    seen: &Seen,
    content: &Practice,
    account: String,
) -> Result<(Saved, Vec<Private>), OpError> {
    let document = document(&stored)?;
    let unseen = |_| {
        let what = "this draft never said what the form began from: open it again";
        OpError::new(ErrorCode::Conflict, what)
    };
    // Whoever edits fields leaves the comments as they are.
    let (merged, seen) = match seen {
        Seen::Heads(heads) => {
            let merged = document.heads() != *heads;
            (merged, without(document.content_at(heads).map_err(unseen)?))
        }
        Seen::Held(content) => (true, content.to_value()),
    };
    let before = stored.meta.saved_by.clone();
    let edited = content.to_value();
    let clashes = document.clashes_over(&seen, &edited).map_err(unreadable)?;
    let (now, private) = write(actor, run, (document, stored), &seen, &edited, account)?;
    Ok((Saved { now, merged, before, clashes }, private))
}

/// Writes what somebody made of what they saw.
fn write(
    actor: &ActorId,
    run: Founded,
    (mut document, mut stored): (Document, Stored),
    seen: &Content,
    edited: &Content,
    account: String,
) -> Result<Written, OpError> {
    let at = now();
    let change = document
        .save_over(seen, edited, actor, at.0 / 1_000)
        .map_err(|error| OpError::new(ErrorCode::Invalid, error.to_string()))?;
    let mut private = Vec::new();
    if let Some(change) = change {
        let change = Bytes::from(change.bytes);
        let name = change_name(&stored.id, stored.meta.changes);
        private.push(Private::draft(name, Some(change.clone())));
        stored.changes.push(change);
        stored.meta.changes += 1;
        let runs = stored.meta.runs.get_or_insert_default();
        if !runs.contains(&run) {
            runs.push(run);
        }
    }
    let mut now = opened(&document, stored)?;
    if !private.is_empty() {
        let meta = &mut now.stored.meta;
        (meta.title, meta.lang) = title(&now.content);
        (meta.saved, meta.saved_by) = (at, account);
        meta.cleared = is_said(&now.beside).then_some(true);
        private.push(meta.keep(&now.stored.id));
    }
    Ok((now, private))
}
