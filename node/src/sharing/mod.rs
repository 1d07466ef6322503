//! Drafts that several organisations write.
//!
//! The organisation that began a draft says who else sees it. What is written
//! is signed by whoever wrote it, and travels then; what a person wrote whose key
//! is locked stays here until that person [sends](Node::share_draft) it, and with
//! it what others here built on it. What comes from elsewhere is noted, so that
//! it stands among the drafts of this node.

use std::collections::BTreeSet;
use std::sync::Weak;

use tern_crdt::audience::Audience;
use tern_crdt::authority::Role;
use tern_crdt::clearance::is_said;
use tern_crdt::edition::CONTRIBUTORS_MAX;
use tern_crdt::identity::{ActorId, CertificateId, DraftId, OrgId};
use tern_crdt::signed::{Record, Statement};
use tern_crdt::timestamp::Timestamp;
use tern_protocol::drafts::SharedDraft;
use tern_protocol::gate::{Examined, examine};
use tern_protocol::ledger::Private;
use tern_protocol::message::Piece;
use tern_protocol::step::{Command, Event};
use tokio::sync::broadcast::error::RecvError;

use crate::accounts::{Account, failed};
use crate::drafts::{self, Founded, Meta, Stored};
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::keystore::{Passphrase, Purpose};
use crate::ops::{ErrorCode, OpError};
use crate::publishing::Pen;
use crate::reading::org_name;
use crate::running::Node;

pub(crate) mod commenting;
pub(crate) mod held;
pub(crate) mod letters;
mod mending;
mod signing;
mod telling;

pub use commenting::{Act as CommentAct, CommentTold};
pub use held::Held;
pub use letters::Reach;
pub use mending::Way;
use signing::{Signed, sign};
pub use telling::{AdoptedTold, EndedTold, HeldTold, Signatory};

/// Who sees a draft, and what of it is on its way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sharing {
    /// The organisation that says who sees it.
    pub owner: OrgId,
    /// Who sees it beside its owner.
    pub orgs: Vec<OrgId>,
    /// Changes that are not signed and so stay on this node.
    pub unsigned: usize,
}

impl Sharing {
    /// What is known of a draft.
    pub fn of(shared: &SharedDraft, unsigned: usize) -> Self {
        Self { owner: shared.owner, orgs: shared.circle.orgs.iter().copied().collect(), unsigned }
    }
}

fn not_allowed(what: impl Into<String>) -> OpError {
    OpError::new(ErrorCode::NotAllowed, what)
}

impl Node {
    /// Shows a draft to organisations, hides it from others, and sends what the
    /// account wrote in it. Durable when it answers; it waits for no peer.
    ///
    /// # Errors
    /// There is no such draft, another organisation owns it, the account may not
    /// draft, or its key is locked.
    pub async fn share_draft(
        &self,
        account: &Account,
        id: DraftId,
        show: &BTreeSet<OrgId>,
        hide: &BTreeSet<OrgId>,
        passphrase: Option<Passphrase>,
    ) -> Result<Sharing, OpError> {
        let _one_at_a_time = self.saving().lock().await;
        let own = account.clone();
        let read = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            let by = own.certificate_about(authority, Role::Contributor, Some(id.as_bytes()))?;
            Ok::<_, OpError>((by, drafts::load(replica, id)?, replica.org()))
        };
        let (by, stored, org) = self.handle().read(read).await??;
        let audience = next_audience(by, &stored, org, show, hide)?;
        let key = self.unlock(Purpose::PersonSign, account.sign, passphrase).await?;
        self.send_changes(&Pen { certificate: by, key }, stored, audience).await?;
        let now = self.handle().read(move |replica| drafts::load(replica, id)).await??;
        let shared = now.shared.as_ref();
        let shared = shared.ok_or_else(|| not_allowed("this draft is shared with nobody"))?;
        Ok(Sharing::of(shared, now.changes.len()))
    }

    /// Sends what an account wrote in a shared draft, if its key is not locked;
    /// else that is done when it is asked for.
    pub(crate) async fn send_if_unlocked(&self, account: &Account, id: DraftId) {
        let sent = async {
            let own = account.clone();
            let read = move |replica: &NodeReplica| {
                let authority = replica.library().authority();
                let by =
                    own.certificate_about(authority, Role::Contributor, Some(id.as_bytes()))?;
                Ok::<_, OpError>((by, drafts::load(replica, id)?))
            };
            let (by, stored) = self.handle().read(read).await??;
            let key = self.unlock(Purpose::PersonSign, account.sign, None).await?;
            self.send_changes(&Pen { certificate: by, key }, stored, None).await
        };
        match sent.await {
            Ok(_) => {}
            Err(error) if error.code == ErrorCode::Locked => {}
            Err(error) => tracing::warn!(error = error.for_log(), "could not send a draft"),
        }
    }

    /// Signs what the pen's certificate wrote, and writes it.
    async fn send_changes(
        &self,
        pen: &Pen,
        stored: Stored,
        audience: Option<Audience>,
    ) -> Result<(), OpError> {
        let federation = self.identity().federation;
        let (pen, signed_at) = (pen.clone(), now());
        let made = move || {
            let audience = audience.map(|audience| audience.prepare().sign(federation, &pen.key));
            let signed = sign(federation, &pen, &stored, signed_at)?;
            Ok::<_, OpError>((audience, signed))
        };
        let (audience, Signed { piece, private }) = self.acceptor().run(made).await??;
        let mut pieces = Vec::new();
        if let Some(record) = audience {
            pieces.push(self.gated(&record_piece(&record))?);
        }
        if let Some(piece) = piece {
            pieces.push(self.gated(&piece)?);
        }
        if !pieces.is_empty() {
            self.handle().command(Command::Write { pieces, private }).await?;
        }
        Ok(())
    }

    fn gated(&self, piece: &Piece) -> Result<Examined, OpError> {
        examine(piece, self.identity().federation)
            .map_err(|refused| OpError::new(ErrorCode::Failed, refused.to_string()))
    }

    /// Who wrote a draft beside the one who publishes it, ascending.
    ///
    /// # Errors
    /// Another organisation owns the draft.
    pub(crate) async fn contributors(
        &self,
        pen: &Pen,
        stored: &Stored,
    ) -> Result<Vec<CertificateId>, OpError> {
        let Some(shared) = &stored.shared else { return Ok(Vec::new()) };
        if shared.owner != self.identity().org {
            let owner = shared.owner;
            let name = move |replica: &NodeReplica| org_name(replica.library().authority(), owner);
            let name = self.handle().read(name).await?.name;
            return Err(not_allowed(format!("only {name}, which began this draft, publishes it")));
        }
        // Whose work is not shown is not published either.
        let shown: BTreeSet<ActorId> = shared.changes.iter().map(|(c, _)| c.actor).collect();
        let signed = shared.signatures.iter().filter(|s| shown.contains(&s.actor)).map(|s| s.by);
        let wrote: BTreeSet<CertificateId> = signed.filter(|by| *by != pen.certificate).collect();
        Ok(wrote.into_iter().take(CONTRIBUTORS_MAX).collect())
    }

    /// A draft was published: those who saw it are told nothing more of it.
    pub(crate) async fn end_sharing(&self, pen: &Pen, stored: &Stored) -> Result<(), OpError> {
        let (Some(shared), Some(founded)) = (&stored.shared, stored.meta.founded) else {
            return Ok(());
        };
        let all = shared.circle.orgs.clone();
        let audience =
            audience(pen.certificate, stored.id, founded, shared, &BTreeSet::new(), &all);
        let record = audience.prepare().sign(self.identity().federation, &pen.key);
        let pieces = vec![self.gated(&record_piece(&record))?];
        self.handle().command(Command::Write { pieces, private: Vec::new() }).await?;
        Ok(())
    }

    /// Notes what others wrote in a shared draft, for lists.
    ///
    /// # Errors
    /// The store's, or the draft cannot be read.
    pub(crate) async fn note_shared(&self, id: DraftId) -> Result<(), OpError> {
        let _one_at_a_time = self.saving().lock().await;
        let read = move |replica: &NodeReplica| {
            let library = replica.library();
            let Some(shared) = library.shared_draft(&id).map_err(failed)? else {
                return Ok::<_, OpError>(None);
            };
            let org = replica.org();
            if shared.owner != org && !shared.circle.knows_of(&org) {
                return Ok(None);
            }
            let authority = library.authority();
            let known = drafts::meta(replica, &id)?;
            // What is saved here is noted as it is saved.
            let here = |by: &CertificateId| {
                let runs = known.iter().flat_map(|meta| meta.runs.iter().flatten());
                runs.into_iter().any(|run| run.by == *by)
            };
            let last = shared.changes.last().map(|(change, _)| change.actor);
            let last = shared.signatures.iter().find(|signature| Some(signature.actor) == last);
            let writer = last.filter(|last| !here(&last.by)).map(|last| {
                let name = library.name(&last.by).map(str::to_owned);
                let org = authority.certificate(&last.by).map(|granted| granted.org);
                name.or_else(|| org.map(|org| org_name(authority, org).name)).unwrap_or_default()
            });
            let begun = Meta::from_elsewhere(org_name(authority, shared.owner).name);
            let fresh = known.is_none();
            let meta = known.unwrap_or(begun);
            Ok(Some((drafts::load_with(replica, id, meta)?, writer, fresh)))
        };
        let Some((stored, writer, fresh)) = self.handle().read(read).await?? else { return Ok(()) };
        if stored.meta.over == Some(true) {
            return Ok(());
        }
        let note = move || {
            let opened = drafts::open(stored)?;
            let before = opened.stored.meta;
            let mut meta = before.clone();
            (meta.title, meta.lang) = drafts::title(&opened.content);
            meta.cleared = is_said(&opened.beside).then_some(true);
            if let Some(writer) = writer {
                (meta.saved, meta.saved_by) = (now(), writer);
            }
            let said = meta.cleared == Some(true);
            Ok::<_, OpError>(((fresh || meta != before).then(|| meta.keep(&id)), said))
        };
        let (noted, said): (Option<Private>, bool) = self.acceptor().run(note).await??;
        if let Some(private) = noted {
            let command = Command::Write { pieces: Vec::new(), private: vec![private] };
            self.handle().command(command).await?;
        }
        if said {
            self.notices().changed();
        }
        Ok(())
    }
}

fn record_piece(record: &Record) -> Piece {
    Piece::Record(record.to_bytes().into())
}

/// What the owner says next, if there is something to say.
fn next_audience(
    by: CertificateId,
    stored: &Stored,
    org: OrgId,
    show: &BTreeSet<OrgId>,
    hide: &BTreeSet<OrgId>,
) -> Result<Option<Audience>, OpError> {
    let nothing = SharedDraft {
        founder: by,
        owner: org,
        circle: Default::default(),
        signatures: Vec::new(),
        aside: Vec::new(),
        changes: Vec::new(),
    };
    let shared = stored.shared.as_ref().unwrap_or(&nothing);
    if show.is_empty() && hide.is_empty() && stored.shared.is_some() {
        return Ok(None);
    }
    if shared.owner != org {
        return Err(not_allowed("only the organisation that began this draft says who sees it"));
    }
    if show.contains(&org) || hide.contains(&org) {
        let what = "the draft is this organisation's own: name others that are to see it";
        return Err(OpError::new(ErrorCode::Invalid, what).in_field("orgs"));
    }
    let founded = stored.meta.founded.ok_or_else(|| {
        let what = "this draft was begun by an earlier version of the program and cannot be shared: begin another one from it";
        OpError::new(ErrorCode::Conflict, what)
    })?;
    let next = audience(by, stored.id, founded, shared, show, hide);
    next.check().map_err(|rule| OpError::new(ErrorCode::Invalid, rule).in_field("orgs"))?;
    let same = shared.circle.orgs.iter().eq(&next.orgs) && stored.shared.is_some();
    Ok((!same).then_some(next))
}

fn audience(
    by: CertificateId,
    draft: DraftId,
    founded: Founded,
    shared: &SharedDraft,
    show: &BTreeSet<OrgId>,
    hide: &BTreeSet<OrgId>,
) -> Audience {
    let circle = &shared.circle;
    let orgs: BTreeSet<OrgId> =
        circle.orgs.union(show).filter(|org| !hide.contains(*org)).copied().collect();
    let left = circle.orgs.union(&circle.left).filter(|org| !orgs.contains(*org)).copied();
    Audience {
        by,
        draft,
        founder: founded.by,
        nonce: founded.nonce,
        n: circle.n.saturating_add(1),
        left: left.collect(),
        orgs: orgs.into_iter().collect(),
    }
}

/// Notes what comes from elsewhere for as long as the node runs.
pub(crate) async fn keep(node: Weak<Node>) {
    let Some(open) = node.upgrade() else { return };
    let mut events = open.handle().events();
    drop(open);
    note_all(&node).await;
    loop {
        match events.recv().await {
            Ok(Event::Draft(id)) => note(&node, id).await,
            Err(RecvError::Lagged(_)) => note_all(&node).await,
            Ok(_) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

async fn note_all(node: &Weak<Node>) {
    let Some(open) = node.upgrade() else { return };
    let all = |replica: &NodeReplica| {
        let shared: Vec<DraftId> = replica.library().shared_drafts().collect();
        let unknown = |id: &DraftId| drafts::meta(replica, id).is_ok_and(|meta| meta.is_none());
        shared.into_iter().filter(unknown).collect::<Vec<_>>()
    };
    let Ok(drafts) = open.handle().read(all).await else { return };
    drop(open);
    for id in drafts {
        note(node, id).await;
    }
}

async fn note(node: &Weak<Node>, id: DraftId) {
    let Some(node) = node.upgrade() else { return };
    if let Err(error) = node.note_shared(id).await {
        tracing::warn!(error = error.for_log(), draft = %id, "could not note a shared draft");
    }
}

impl Meta {
    /// Of a draft that another organisation or node began.
    fn from_elsewhere(owner: String) -> Self {
        let at: Timestamp = now();
        Self {
            practice: None,
            account: String::new(),
            begun: at,
            saved: at,
            saved_by: owner,
            title: String::new(),
            lang: String::new(),
            changes: 0,
            follows: None,
            founded: None,
            runs: None,
            over: None,
            settled: None,
            cleared: None,
        }
    }
}
