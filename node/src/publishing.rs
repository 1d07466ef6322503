//! Publishing: from what a draft says to a signed edition that is durable
//! here.
//!
//! *Prepare → sign → submit*: the change and its statement are made on the
//! acceptor's threads, signed with the person's key, examined by the same gate
//! as everything that comes from elsewhere, and committed together with
//! whatever belongs to it (the end of a draft, the mark of an imported row).

use minicbor::bytes::ByteVec;
use tern_crdt::authority::Role;
use tern_crdt::document::next_change;
use tern_crdt::edition::Edition;
use tern_crdt::identity::{
    CertificateId, DocumentId, DraftId, EditionId, FederationId, Nonce, SecretKey, actor_id,
    document_id,
};
use tern_crdt::practice::Practice;
use tern_crdt::signed::Statement;
use tern_crdt::value::content_hash;
use tern_protocol::gate::{Examined, examine};
use tern_protocol::ledger::Private;
use tern_protocol::message::Piece;
use tern_protocol::step::Command;

use crate::accounts::{Account, failed};
use crate::drafts::{Opened, forget};
use crate::driver::now;
use crate::ops::{ErrorCode, OpError};
use crate::reading::PracticeRead;
use crate::running::{Node, draw};

/// A person ready to sign: which certificate, with which key.
#[derive(Clone, Debug)]
pub struct Pen {
    /// The certificate, with the role `publisher`.
    pub certificate: CertificateId,
    /// Its key.
    pub key: SecretKey,
}

/// What is to be published.
#[derive(Clone, Debug)]
pub struct Manuscript {
    /// The content.
    pub content: Practice,
    /// The practice of which it is the next edition; a new one if `None`.
    pub practice: Option<DocumentId>,
    /// The editions that its author began from, which it follows. One that
    /// was published meanwhile is then concurrent, and is not undone unseen.
    pub follows: Vec<EditionId>,
    /// What changed, for readers.
    pub note: String,
    /// Who wrote it with its publisher, ascending.
    pub contributors: Vec<CertificateId>,
    /// The record that cleared it, if one did.
    pub cleared: Option<ByteVec>,
}

/// What was published.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Published {
    /// The practice.
    pub practice: DocumentId,
    /// The edition.
    pub edition: EditionId,
    /// Its number.
    pub number: u32,
}

impl Node {
    /// The certificate and key with which an account publishes, in this practice or a
    /// new one.
    ///
    /// # Errors
    /// The account has no such role, or its key is locked.
    pub async fn pen(
        &self,
        account: &Account,
        practice: Option<DocumentId>,
        passphrase: Option<crate::keystore::Passphrase>,
    ) -> Result<Pen, OpError> {
        let own = account.clone();
        let certificate = self
            .handle()
            .read(move |replica| {
                let about = practice.as_ref().map(DocumentId::as_bytes);
                own.certificate_about(replica.library().authority(), Role::Publisher, about)
            })
            .await??;
        let purpose = crate::keystore::Purpose::PersonSign;
        let key = self.unlock(purpose, account.sign, passphrase).await?;
        Ok(Pen { certificate, key })
    }

    /// Signs and publishes a draft, which ends with that. With `read`, only as
    /// it was read at these heads. Returns too what a review would ask for.
    ///
    /// # Errors
    /// The draft is gone or was changed, or as [`publish`](Self::publish).
    pub async fn publish_draft(
        &self,
        pen: &Pen,
        draft: DraftId,
        read: Option<Vec<[u8; 32]>>,
        note: String,
    ) -> Result<(Published, Vec<&'static str>), OpError> {
        // Nothing saved meanwhile goes with the draft, and no draft is
        // published twice.
        let _one_at_a_time = self.saving().lock().await;
        let opened = self.draft(draft).await?;
        if read.is_some_and(|read| read != opened.heads) {
            let what = "somebody changed this draft since you read it: read it again, then sign";
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        let missing = opened.content.missing_for_review();
        let contributors = self.contributors(pen, &opened.stored).await?;
        complete(&opened.content)?;
        let cleared = self.cleared(pen.key.public(), &opened).await?;
        let Opened { stored, content, .. } = opened;
        let (practice, follows) = (stored.meta.practice, stored.meta.follows.clone());
        let follows = follows.unwrap_or_default();
        let manuscript = Manuscript { content, practice, follows, note, contributors, cleared };
        let published = self.publish(pen, manuscript, |_| forget(&stored)).await?;
        if stored.shared.is_some() {
            self.end_sharing(pen, &stored).await?;
        }
        Ok((published, missing))
    }

    /// Signs and publishes; `private` is committed with the edition.
    ///
    /// # Errors
    /// What the content lacks, or the gate's refusal.
    pub async fn publish(
        &self,
        pen: &Pen,
        manuscript: Manuscript,
        private: impl FnOnce(&Published) -> Vec<Private>,
    ) -> Result<Published, OpError> {
        complete(&manuscript.content)?;
        if manuscript.cleared.is_none() {
            self.needs_no_clearance(pen).await?;
        }
        let base = match manuscript.practice {
            None => None,
            Some(practice) => self
                .handle()
                .read(move |replica| PracticeRead::look(replica.library(), &practice))
                .await?
                .map_err(failed)?,
        };
        if manuscript.practice.is_some() && base.is_none() {
            let what = "the practice that this draft changes is no longer held here";
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        let nonce: Nonce = draw()?;
        let (federation, pen) = (self.identity().federation, pen.clone());
        let (published, examined) = self
            .acceptor()
            .run(move || prepare(federation, &pen, base.as_ref(), manuscript, nonce))
            .await??;
        let command = Command::Write { pieces: vec![examined], private: private(&published) };
        self.handle().command(command).await?;
        Ok(published)
    }
}

/// That a practice has what publishing asks for.
///
/// # Errors
/// What is missing.
pub(crate) fn complete(content: &Practice) -> Result<(), OpError> {
    let missing = content.missing_to_publish();
    let Some(first) = missing.first() else { return Ok(()) };
    let what = format!(
        "before publishing, fill in {}: readers need a title, the original language, and a summary or a source",
        missing.join(", ")
    );
    Err(OpError::new(ErrorCode::Invalid, what).in_field(*first))
}

/// Makes and signs the next edition, and takes it through the first half of
/// the gate.
fn prepare(
    federation: FederationId,
    pen: &Pen,
    base: Option<&PracticeRead>,
    manuscript: Manuscript,
    nonce: Nonce,
) -> Result<(Published, Examined), OpError> {
    let by = pen.certificate;
    let practice = base.map_or_else(|| document_id(federation, by, &nonce), |practice| practice.id);
    let editions = base.map_or(&[][..], |practice| &practice.editions);
    let follows = |at: &usize| manuscript.follows.contains(&editions[*at].id);
    let tips: Vec<usize> = (0..editions.len()).filter(follows).collect();
    let mut previous: Vec<EditionId> = tips.iter().map(|at| editions[*at].id).collect();
    previous.sort_unstable();
    let heads: Vec<[u8; 32]> = tips.iter().map(|at| editions[*at].statement().change).collect();
    let past: Vec<&[u8]> = editions.iter().map(|edition| &edition.held.change[..]).collect();
    let content = manuscript.content.to_value();
    let actor = actor_id(federation, practice, by, &nonce);
    let claimed_at = now();
    let change = next_change(&past, &heads, &content, &actor, claimed_at.0 / 1_000)
        .map_err(|error| OpError::new(ErrorCode::Invalid, error.to_string()))?;
    let number =
        1 + tips.iter().map(|at| editions[*at].statement().number).max().unwrap_or_default();
    let edition = Edition {
        by,
        practice,
        number,
        previous,
        nonce,
        change: change.hash,
        content: content_hash(&content),
        contributors: manuscript.contributors,
        note: manuscript.note,
        claimed_at,
        cleared: manuscript.cleared,
    };
    edition.check().map_err(|rule| OpError::new(ErrorCode::Invalid, rule).in_field("note"))?;
    let statement = edition.prepare().sign(federation, &pen.key);
    let published = Published { practice, edition: statement.id().cast(), number };
    let statement: ByteVec = statement.to_bytes().into();
    let piece = Piece::Edition { statement, change: change.bytes.into() };
    let examined = examine(&piece, federation)
        .map_err(|refused| OpError::new(ErrorCode::Failed, refused.to_string()))?;
    Ok((published, examined))
}
