//! What a node does by itself when parcels come: signs for them, opens those
//! that its keys open, and does its duties.

use std::collections::BTreeSet;

use bytes::Bytes;
use tern_crdt::authority::Role;
use tern_crdt::identity::{CertificateId, ParcelId, RequestId, SecretKey, digest};
use tern_crdt::parcel::{Custody, Letter, LetterRefused, unpack};
use tern_crdt::request::Deed;
use tern_crdt::signed::{Record, Statement, Verified};
use tern_protocol::gate::{Examined, examine};
use tern_protocol::ledger::Private;
use tern_protocol::message::Piece;
use tern_protocol::routing::desk::{Dossier, Duty, Envelope, Sender};
use tern_protocol::routing::{HeldParcel, Rest};
use tern_protocol::step::Command;

use crate::accounts::{Account, failed};
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::keystore::{Entry, Passphrase, Purpose};
use crate::ops::{ErrorCode, OpError};
use crate::running::{Node, draw, stopping};

/// What one look finds of a parcel.
struct Looked {
    parcel: HeldParcel,
    filed: bool,
    /// The keys with which it was tried in vain.
    tried: Option<Bytes>,
    /// The certificate of the node that gave it, if this node has not signed
    /// for it yet.
    unsigned: Option<CertificateId>,
}

fn tried_name(parcel: &ParcelId) -> Vec<u8> {
    [b"tried/", &parcel.as_bytes()[..]].concat()
}

/// A name for a set of keys, in ascending order.
fn names_of(keys: &[SecretKey]) -> Bytes {
    let names: Vec<u8> = keys.iter().flat_map(|key| *key.public().as_bytes()).collect();
    Bytes::copy_from_slice(&digest("tern/tried/v1", &[&names])[..16])
}

/// Whether a key decrypts what is sent to a person here, or to the desk.
fn reads(entry: &Entry) -> bool {
    matches!(entry.purpose, Purpose::Desk | Purpose::PersonEncrypt)
}

/// The certificate under which the node of this key acts.
pub(super) fn node_certificate(
    replica: &NodeReplica,
    node: tern_crdt::identity::PublicKey,
) -> Option<CertificateId> {
    let mut own = replica.library().authority().certificates_of(&node);
    own.find(|(_, granted)| granted.certificate.roles.has(Role::Node)).map(|(id, _)| id)
}

impl Node {
    /// Opens the keys that need no passphrase, and looks at every parcel that
    /// is carried: after a start, a restart, or when facts were missed.
    pub(crate) async fn attend_to_requests(&self) -> Result<(), OpError> {
        self.open_reading_keys(None).await?;
        self.attend_to_parcels().await?;
        let requests = self.handle().read(|r| r.library().requests()).await?.map_err(failed)?;
        for request in requests {
            self.attend_to_request(request).await?;
        }
        Ok(())
    }

    /// Everything is filed before anything is done about it: what this node
    /// itself said may be among what came.
    async fn attend_to_parcels(&self) -> Result<(), OpError> {
        let carried = |replica: &NodeReplica| -> Vec<ParcelId> {
            replica.library().parcels().map(|(id, _)| id).collect()
        };
        let mut filed = BTreeSet::new();
        for id in self.handle().read(carried).await? {
            filed.extend(self.look_at_parcel(id).await?);
        }
        for request in filed {
            self.attend_to_request(request).await?;
        }
        Ok(())
    }

    /// Opens the keys of the desk and of the people here: those that this
    /// passphrase opens, or that need none. With a new key, parcels that were
    /// closed before are tried again.
    ///
    /// # Errors
    /// The keystore's. A passphrase that fits not is no error here.
    pub(crate) async fn open_reading_keys(
        &self,
        passphrase: Option<Passphrase>,
    ) -> Result<(), OpError> {
        let keystore = self.keystore().clone();
        let given = passphrase.is_some();
        let opened = tokio::task::spawn_blocking(move || {
            let mut opened = Vec::new();
            let mut entries = keystore.list()?.entries;
            if given {
                // The passphrase of keys from before may have been found again.
                entries.extend(keystore.list_aside()?);
            }
            for entry in entries {
                if reads(&entry) && (given || !entry.wrapped) {
                    opened.extend(
                        keystore.unlock(entry.purpose, entry.public, passphrase.as_ref()).ok(),
                    );
                }
            }
            Ok::<_, OpError>(opened)
        });
        let opened = opened.await.map_err(|_| stopping())??;
        let new = opened.into_iter().filter(|key| self.requests().keep(key.clone())).count();
        if given && new > 0 {
            self.attend_to_parcels().await?;
        }
        Ok(())
    }

    /// Whether a key that reads requests is locked: then some may wait unread.
    ///
    /// # Errors
    /// The keystore's.
    pub async fn reading_is_locked(&self) -> Result<bool, OpError> {
        Ok(self.locked_reading_keys().await? > 0)
    }

    /// How many keys that read requests are locked.
    ///
    /// # Errors
    /// The keystore's.
    pub async fn locked_reading_keys(&self) -> Result<u64, OpError> {
        let is_open = |entry: &Entry| self.requests().reads_with(&entry.public);
        let keys = self.keys().await?;
        let locked = keys.iter().filter(|entry| reads(entry) && entry.wrapped && !is_open(entry));
        Ok(locked.count() as u64)
    }

    /// Opens the requests that a locked key keeps closed, until the node stops;
    /// a key that was set aside, too, if the passphrase is its.
    ///
    /// # Errors
    /// Locked without a passphrase, or one that opens nothing.
    pub async fn unlock_requests(&self, passphrase: Option<Passphrase>) -> Result<(), OpError> {
        let locked = self.reading_is_locked().await?;
        let Some(passphrase) = passphrase else {
            let what = "the keys that read requests are locked: give their passphrase";
            return if locked { Err(OpError::new(ErrorCode::Locked, what)) } else { Ok(()) };
        };
        let before = self.requests().keys().len();
        self.open_reading_keys(Some(passphrase)).await?;
        if locked && self.requests().keys().len() == before {
            let what = "this passphrase opens none of the keys that read requests";
            return Err(OpError::new(ErrorCode::WrongPassphrase, what));
        }
        Ok(())
    }

    /// Signs for a parcel, opens it if a key here does, and does what follows.
    pub(crate) async fn attend_to_parcel(&self, id: ParcelId) -> Result<(), OpError> {
        match self.look_at_parcel(id).await? {
            Some(request) => self.attend_to_request(request).await,
            None => Ok(()),
        }
    }

    /// Signs for a parcel and files what is in it; of which request, if a key
    /// here opens it.
    async fn look_at_parcel(&self, id: ParcelId) -> Result<Option<RequestId>, OpError> {
        let node = self.identity().node;
        let look = move |replica: &NodeReplica| {
            // It would sign for it; it looks again once it is in step.
            if replica.is_catching_up() {
                return Ok(None);
            }
            let library = replica.library();
            let Some(parcel) = library.parcel(&id)? else { return Ok(None) };
            // It is about no request.
            if parcel.label.body().lane.is_some() {
                return Ok(None);
            }
            let filed = library.is_filed(&parcel.label)?;
            let tried = library.local(&tried_name(&id))?;
            let giver = if parcel.is_ended() { None } else { library.giver(&id)? };
            let own = node_certificate(replica, node);
            let signed = library.custodies(&id)?.iter().any(|custody| Some(custody.by) == own);
            let giver = giver.and_then(|giver| node_certificate(replica, giver));
            Ok(Some(Looked { parcel, filed, tried, unsigned: giver.filter(|_| !signed) }))
        };
        let looked = self.handle().read(look).await?.map_err(failed)?;
        let Some(Looked { parcel, filed, tried, unsigned }) = looked else { return Ok(None) };
        let request = parcel.label.body().request;
        let custody = match unsigned {
            Some(from) => vec![self.custody(id, from).await?],
            None => Vec::new(),
        };
        let keys = self.requests().keys();
        let names = names_of(&keys);
        // It is tried once with each set of keys, not at every start.
        let try_it = !filed && !parcel.is_ended() && tried.as_ref() != Some(&names);
        let letter = if try_it { self.open_parcel(parcel.clone(), keys).await? } else { None };
        let opened = letter.is_some();
        if let Some(letter) = letter {
            self.file(parcel, letter, custody).await?;
        } else {
            let tried = match (try_it, parcel.is_ended()) {
                (true, _) => Some(Private::local(tried_name(&id), Some(names))),
                (_, true) if tried.is_some() => Some(Private::local(tried_name(&id), None)),
                _ => None,
            };
            self.write(custody, tried.into_iter().collect()).await?;
        }
        self.requests().changed(request);
        Ok(opened.then_some(request))
    }

    /// Writes, if there is anything to write.
    async fn write(&self, pieces: Vec<Examined>, private: Vec<Private>) -> Result<(), OpError> {
        if !(pieces.is_empty() && private.is_empty()) {
            self.handle().command(Command::Write { pieces, private }).await?;
        }
        Ok(())
    }

    /// Word came of who holds a parcel: pages that show its way are told.
    pub(crate) async fn tell_of_way(&self, id: ParcelId) -> Result<(), OpError> {
        let parcel = self.handle().read(move |r| r.library().parcel(&id)).await?.map_err(failed)?;
        if let Some(parcel) = parcel {
            self.requests().changed(parcel.label.body().request);
        }
        Ok(())
    }

    /// This node's word that it holds a parcel.
    async fn custody(&self, parcel: ParcelId, from: CertificateId) -> Result<Examined, OpError> {
        let (by, key) = self.node_pen().await?;
        let federation = self.identity().federation;
        let custody = Custody { by, parcel, from, at: now() }.prepare().sign(federation, &key);
        Ok(Examined::Record(verified::<Custody>(custody, federation)?.forget()))
    }

    /// The node's certificate and key.
    pub(super) async fn node_pen(&self) -> Result<(CertificateId, SecretKey), OpError> {
        let node = self.identity().node;
        let certificate =
            self.handle().read(move |replica| node_certificate(replica, node)).await?;
        let certificate = certificate.ok_or_else(|| {
            let what = "this node is none of a member yet: a steward has to approve";
            OpError::new(ErrorCode::Conflict, what)
        })?;
        Ok((certificate, self.key().clone()))
    }

    /// How many of these parcels, held or not, are for somebody here: as far as
    /// keys are open, or need no passphrase. Nothing is remembered.
    pub(crate) async fn count_for_here(&self, parcels: Vec<HeldParcel>) -> Result<u64, OpError> {
        let mut keys = self.requests().keys();
        if keys.is_empty() && !parcels.is_empty() {
            let keystore = self.keystore().clone();
            let plain = tokio::task::spawn_blocking(move || {
                let entries = keystore.list()?.entries.into_iter();
                let plain = entries.filter(|entry| reads(entry) && !entry.wrapped);
                let open = |entry: Entry| keystore.unlock(entry.purpose, entry.public, None).ok();
                Ok::<_, OpError>(plain.filter_map(open).collect::<Vec<SecretKey>>())
            });
            keys = plain.await.map_err(|_| stopping())??;
        }
        let mut count = 0;
        for parcel in parcels {
            count += u64::from(self.open_parcel(parcel, keys.clone()).await?.is_some());
        }
        Ok(count)
    }

    async fn open_parcel(
        &self,
        parcel: HeldParcel,
        keys: Vec<SecretKey>,
    ) -> Result<Option<Letter>, OpError> {
        let id = parcel.id();
        let tried = self.acceptor().run(move || {
            let Rest::Sealed(sealed) = &parcel.rest else { return Err(LetterRefused::ForOthers) };
            let mut refused = LetterRefused::ForOthers;
            for key in &keys {
                match unpack(parcel.label.body(), sealed, key) {
                    Err(LetterRefused::ForOthers) => {}
                    Err(other) => refused = other,
                    Ok(letter) => return Ok(letter),
                }
            }
            Err(refused)
        });
        match tried.await? {
            Ok(letter) => Ok(Some(letter)),
            Err(LetterRefused::ForOthers) => Ok(None),
            Err(refused) => {
                tracing::warn!(%id, %refused, "a parcel for this node cannot be read");
                Ok(None)
            }
        }
    }

    /// Files a letter, with this node's word that it holds the parcel.
    async fn file(
        &self,
        parcel: HeldParcel,
        letter: Letter,
        custody: Vec<Examined>,
    ) -> Result<(), OpError> {
        let _one_at_a_time = self.requests().deciding.lock().await;
        let id = parcel.id();
        let file = move |replica: &NodeReplica| replica.library().file(&parcel, &letter, now());
        let filed = self.handle().read(file).await?.map_err(failed)?;
        for reason in &filed.refused {
            tracing::warn!(%id, reason, "refused a record in a parcel");
        }
        self.write(custody, filed.private).await
    }

    /// All that is held of a request, with the authority set that judges it.
    pub(super) async fn dossier(&self, id: RequestId) -> Result<Option<Dossier>, OpError> {
        self.handle().read(move |replica| replica.library().dossier(&id)).await?.map_err(failed)
    }

    /// Does what is this node's to do about a request.
    pub(crate) async fn attend_to_request(&self, id: RequestId) -> Result<(), OpError> {
        if self.handle().read(NodeReplica::is_catching_up).await? {
            return Ok(());
        }
        // One duty can lead to the next, never round in a circle; when nothing is
        // left to do the next candidate may have their turn.
        for _ in 0..4 {
            let _one_at_a_time = self.requests().deciding.lock().await;
            let Some(dossier) = self.dossier(id).await? else { return Ok(()) };
            let (asker, signing) = self.signs_for(&dossier).await?;
            let org = self.identity().org;
            let of = dossier.clone();
            let duties = self
                .handle()
                .read(move |replica| {
                    let authority = replica.library().authority();
                    of.duties(authority, &org, |person| asker == Some(*person))
                })
                .await?;
            let mut went_on = false;
            for duty in duties {
                went_on |= self.carry_out(&dossier, duty, signing.as_ref()).await?;
            }
            if went_on {
                continue;
            }
            if let Some(key) = &signing {
                self.end_needs_of(&dossier, key).await?;
            }
            self.expect(&dossier).await?;
            if !self.ask_next(&dossier, now()).await? {
                break;
            }
        }
        self.requests().changed(id);
        Ok(())
    }

    /// The asker of a request, if their key is here and needs no passphrase.
    pub(super) async fn signs_for(
        &self,
        dossier: &Dossier,
    ) -> Result<(Option<CertificateId>, Option<SecretKey>), OpError> {
        let asker = dossier.request.body().by;
        let sign = self
            .handle()
            .read(move |replica| {
                let library = replica.library();
                let key = library.authority().certificate(&asker)?.certificate.key;
                let accounts = Account::all(library).ok()?;
                accounts.into_iter().find(|account| account.sign == key).map(|a| a.sign)
            })
            .await?;
        let Some(sign) = sign else { return Ok((None, None)) };
        match self.unlock(Purpose::PersonSign, sign, None).await {
            Ok(key) => Ok((Some(asker), Some(key))),
            // Locked: the person chooses after signing in.
            Err(_) => Ok((None, None)),
        }
    }

    /// Whether anything was done.
    async fn carry_out(
        &self,
        dossier: &Dossier,
        duty: Duty,
        asker: Option<&SecretKey>,
    ) -> Result<bool, OpError> {
        match duty {
            Duty::Receive => {
                let (node, key) = self.node_pen().await?;
                self.say(dossier, node, &key, Deed::Received).await?;
            }
            Duty::Award(deed) => {
                let Some(key) = asker else { return Ok(false) };
                self.say(dossier, dossier.request.body().by, key, deed).await?;
            }
            Duty::End(parcels) => return self.end(parcels).await,
        }
        Ok(true)
    }

    /// Signs what somebody says about a request, and sends it. The caller
    /// holds the lock under which it was decided.
    pub(super) async fn say(
        &self,
        dossier: &Dossier,
        by: CertificateId,
        key: &SecretKey,
        deed: Deed,
    ) -> Result<(), OpError> {
        self.say_with(dossier, by, key, deed, Vec::new()).await
    }

    /// The same, with records that everybody reads, in one commit.
    pub(crate) async fn say_with(
        &self,
        dossier: &Dossier,
        by: CertificateId,
        key: &SecretKey,
        deed: Deed,
        public: Vec<Examined>,
    ) -> Result<(), OpError> {
        let of = dossier.clone();
        let decide =
            move |replica: &NodeReplica| of.says(replica.library().authority(), by, deed, now());
        let (event, envelope) = self.handle().read(decide).await?;
        event.check().map_err(|rule| OpError::new(ErrorCode::Invalid, rule))?;
        let record = event.prepare().sign(self.identity().federation, key);
        self.send_with(envelope, record, Vec::new(), public).await
    }

    /// Seals a record that was signed here, and sends it: durable when this
    /// answers, with what else is written.
    pub(crate) async fn send(
        &self,
        envelope: Envelope,
        record: Record,
        more: Vec<Private>,
    ) -> Result<(), OpError> {
        self.send_with(envelope, record, more, Vec::new()).await
    }

    async fn send_with(
        &self,
        envelope: Envelope,
        record: Record,
        more: Vec<Private>,
        public: Vec<Examined>,
    ) -> Result<(), OpError> {
        let federation = self.identity().federation;
        let (node, key) = self.node_pen().await?;
        let chance = draw()?;
        let seal = move || {
            let sender = Sender { node, key: &key, chance, now: now() };
            envelope.seal(federation, &record, &sender)
        };
        let sealed = self.acceptor().run(seal).await?;
        let sealed =
            sealed.map_err(|refused| OpError::new(ErrorCode::TooLarge, refused.to_string()))?;
        let private = sealed.private.into_iter().chain(more).collect();
        self.write(public.into_iter().chain([sealed.parcel]).collect(), private).await
    }

    /// Ends those of the parcels that are carried still; whether there were any.
    async fn end(&self, parcels: Vec<(ParcelId, [u8; 32])>) -> Result<bool, OpError> {
        let held = move |replica: &NodeReplica| {
            let library = replica.library();
            let mut pieces = Vec::new();
            for (id, secret) in parcels {
                if let Some(parcel) = library.parcel(&id)?
                    && !parcel.is_ended()
                {
                    let label = parcel.label.record().to_bytes().into();
                    pieces.push(Piece::Ended { label, secret });
                }
            }
            Ok(pieces)
        };
        let pieces = self.handle().read(held).await?.map_err(failed)?;
        let federation = self.identity().federation;
        let pieces: Result<Vec<Examined>, _> =
            pieces.iter().map(|piece| examine(piece, federation)).collect();
        let pieces = pieces.map_err(|error| OpError::new(ErrorCode::Failed, error.to_string()))?;
        let any = !pieces.is_empty();
        self.write(pieces, Vec::new()).await?;
        Ok(any)
    }
}

/// A record that was signed here, as the gate would read it.
fn verified<T: Statement>(
    record: Record,
    federation: tern_crdt::identity::FederationId,
) -> Result<Verified<T>, OpError> {
    record
        .verify(federation)
        .and_then(Verified::read)
        .map_err(|error| OpError::new(ErrorCode::Failed, error.to_string()))
}
