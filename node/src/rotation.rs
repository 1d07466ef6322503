//! The organisation's root key: where it is, and how another takes its place.
//!
//! A root key is in the keystore, or in a key file elsewhere (then it comes
//! with the operation, see `lent`), or lost. It is replaced by a
//! [`Rotate`] that the *next* key signs, to which the organisation committed
//! before; the old key need not be there. Then the desk's key is new too: the
//! one before stays in use to read what was encrypted to it. What the
//! organisation decided with the keys before stands, because the rotation
//! lists it.
//!
//! The new keys are durable before the entry that names them is written; the
//! old ones are put away after it. Killed between the two, the old root key is
//! still listed and signs nothing any more.

use tern_crdt::authority::{Rotate, SPARES_MAX, commitment};
use tern_crdt::identity::{PublicKey, RecordId, SecretKey};
use tern_crdt::signed::Statement;

use crate::handle::NodeReplica;
use crate::keystore::{KeystoreError, OWNER_BYTES_MAX, Passphrase, Purpose};
use crate::lent;
use crate::ops::{ErrorCode, OpError};
use crate::running::{Node, draw, stopping};
use crate::sheet::fingerprint;

const NOT_A_MEMBER: &str = "this organisation is not a member of the federation yet";
const FROZEN: &str = "two changes of this organisation's root key conflict, so that its log is frozen: only the stewards can give it new keys; see `tern recover`";

/// What a rotation came to.
#[derive(Clone, Debug)]
pub struct Rotated {
    /// The entry of the organisation's log.
    pub id: RecordId,
    /// The root key from here on.
    pub root: PublicKey,
    /// Charters and roster records by which the organisation stands.
    pub stands_by: usize,
    /// Whether the new keys are wrapped.
    pub wrapped: bool,
}

/// The keys that an organisation's log names.
#[derive(Clone, Debug)]
pub struct RootKeys {
    /// The organisation's name.
    pub name: String,
    /// In force; none while the log is frozen.
    pub root: Option<PublicKey>,
    /// Signing like it.
    pub spares: Vec<PublicKey>,
    /// The commitment to the next one.
    pub next: Option<[u8; 32]>,
    tips: Vec<RecordId>,
    seen: Vec<RecordId>,
}

/// What the authority says of this node's organisation; `None` until it is
/// heard of there.
pub(crate) fn root_keys(replica: &NodeReplica) -> Option<RootKeys> {
    let (authority, own) = (replica.library().authority(), replica.org());
    let organisation = authority.organisation(&own)?;
    Some(RootKeys {
        name: organisation.genesis.profile.name(&[]).to_owned(),
        root: organisation.root,
        spares: organisation.spares.clone(),
        next: organisation.next,
        tips: authority.log_tips(&own),
        seen: authority.stands_by(&own),
    })
}

/// Keys that a rotation makes.
struct New {
    root: SecretKey,
    next: SecretKey,
    desk: SecretKey,
    /// Whether the root key was in the keystore before, under this purpose.
    kept: Vec<(Purpose, PublicKey)>,
}

impl Node {
    /// The root key of this node's organisation: the one that came with the
    /// operation, else that of the keystore.
    ///
    /// # Errors
    /// Wrapped and no passphrase; not on this node; a key came along that is
    /// another.
    pub async fn root_key(&self, passphrase: Option<Passphrase>) -> Result<SecretKey, OpError> {
        let keys = self.handle().read(root_keys).await?;
        let keys = keys.ok_or_else(|| OpError::new(ErrorCode::Conflict, NOT_A_MEMBER))?;
        let root = keys.root.ok_or_else(|| OpError::new(ErrorCode::Conflict, FROZEN))?;
        if let Some(lent) = lent::key() {
            return match lent.public() == root || keys.spares.contains(&lent.public()) {
                true => Ok(lent),
                false => Err(other_key(&lent.public(), &root)),
            };
        }
        match self.unlock(Purpose::Root, root, passphrase).await {
            Err(absent) if absent.code == ErrorCode::NotFound => Err(self.away(root)),
            unlocked => unlocked,
        }
    }

    /// That the root key is elsewhere, and how to go on.
    fn away(&self, root: PublicKey) -> OpError {
        let place = self.keystore().away(Purpose::Root, root).ok().flatten();
        let place = match place {
            Some(place) => format!("it was moved to {place}"),
            None => "its file is gone".to_owned(),
        };
        let what = format!(
            "this needs the organisation's root key, which is not on this node ({place}): give the command `--key-file FILE`, or bring the key back with `tern key return FILE`; if it is lost, replace it with the recovery sheet: `tern key rotate`"
        );
        OpError::new(ErrorCode::KeyAway, what)
    }

    /// Replaces the root key, the next one and the desk's. See the module.
    ///
    /// # Errors
    /// The next key is not at hand, or what came along is another; the log is
    /// frozen; the gate's refusal.
    pub(crate) async fn rotate(
        &self,
        spares: Vec<PublicKey>,
        passphrase: Option<Passphrase>,
        wrap: Option<Passphrase>,
    ) -> Result<Rotated, OpError> {
        // Two rotations of which neither knew the other would freeze the log.
        let _one_at_a_time = self.rotating().lock().await;
        let keys = self.handle().read(root_keys).await?;
        let keys = keys.ok_or_else(|| OpError::new(ErrorCode::Conflict, NOT_A_MEMBER))?;
        if keys.root.is_none() {
            return Err(OpError::new(ErrorCode::Conflict, FROZEN));
        }
        if spares.len() > SPARES_MAX {
            let what = format!("an organisation has at most {SPARES_MAX} spare root keys");
            return Err(OpError::new(ErrorCode::TooLarge, what).in_field("spare"));
        }
        let (root, old) = self.successor(&keys, passphrase.clone()).await?;
        let wrap = wrap.or(passphrase);
        let wrapped = wrap.is_some();
        let new = self.keep_new(&keys, root, wrap.clone()).await?;
        let entry = Rotate {
            org: self.identity().org,
            prev: keys.tips.clone(),
            root: new.root.public(),
            spares: (!spares.is_empty()).then_some(spares),
            desk: new.desk.encryption_public(),
            next: Some(commitment(&new.next.public())),
            seen: keys.seen.clone(),
        };
        let checked = entry.check().map_err(|rule| OpError::new(ErrorCode::Invalid, rule));
        let prepared = entry.prepare();
        let covered = prepared.to_sign(self.identity().federation);
        let signers = std::iter::once(&new.root).chain(&old);
        let signatures = signers.map(|key| (key.public(), key.sign(&covered))).collect();
        let record = prepared.signed(signatures);
        let id = record.id();
        let submitted = match checked {
            Ok(()) => self.submit(vec![record]).await.map(drop),
            refused => refused,
        };
        if let Err(refused) = submitted {
            // Nobody has seen them.
            for (purpose, public) in new.kept {
                self.keystore().discard(purpose, public)?;
            }
            return Err(refused);
        }
        self.put_old_away(&keys, &new).await?;
        self.open_reading_keys(wrap).await?;
        let stands_by = keys.seen.len();
        Ok(Rotated { id, root: new.root.public(), stands_by, wrapped })
    }

    /// The key that signs from now on; with it the present one, where the
    /// organisation committed to none.
    async fn successor(
        &self,
        keys: &RootKeys,
        passphrase: Option<Passphrase>,
    ) -> Result<(SecretKey, Option<SecretKey>), OpError> {
        let Some(committed) = keys.next else {
            let old = self.root_key(passphrase).await?;
            return Ok((SecretKey::from_seed(&draw()?), Some(old)));
        };
        let fits = |key: &PublicKey| commitment(key) == committed;
        if let Some(lent) = lent::key() {
            return match fits(&lent.public()) {
                true => Ok((lent, None)),
                false => {
                    let what = "this is not the next root key to which the organisation committed: take the newest recovery sheet, and compare the words with it";
                    Err(OpError::new(ErrorCode::Invalid, what).in_field("words"))
                }
            };
        }
        match self.next_root().await? {
            Some(entry) => {
                Ok((self.unlock(Purpose::NextRoot, entry.public, passphrase).await?, None))
            }
            None => {
                let what = "the next root key is on the recovery sheet alone: give its words with `--words-file FILE`, or type them at a terminal";
                Err(OpError::new(ErrorCode::KeyAway, what).in_field("words"))
            }
        }
    }

    /// Draws the new keys and keeps them, durably.
    async fn keep_new(
        &self,
        keys: &RootKeys,
        root: SecretKey,
        wrap: Option<Passphrase>,
    ) -> Result<New, OpError> {
        let (keystore, name) = (self.keystore().clone(), keys.name.clone());
        let made = tokio::task::spawn_blocking(move || {
            let (owner, wrap) = (owner(&name), wrap.as_ref());
            let (public, mut kept) = (root.public(), Vec::new());
            match keystore.keep(Purpose::Root, owner, public, &root.seed(), wrap) {
                Ok(()) => kept.push((Purpose::Root, public)),
                // A rotation that was killed got so far.
                Err(KeystoreError::Exists { .. }) => {}
                Err(refused) => return Err(OpError::from(refused)),
            }
            let next = keystore.create(Purpose::NextRoot, owner, wrap)?;
            let desk = keystore.create(Purpose::Desk, owner, wrap)?;
            kept.push((Purpose::NextRoot, next.public()));
            kept.push((Purpose::Desk, desk.public()));
            Ok(New { root, next, desk, kept })
        });
        made.await.map_err(|_| stopping())?
    }

    /// The old root key is set aside, next keys of before are forgotten.
    async fn put_old_away(&self, keys: &RootKeys, new: &New) -> Result<(), OpError> {
        for entry in self.keys().await? {
            match entry.purpose {
                Purpose::Root if entry.public != new.root.public() => {
                    self.keystore().set_aside(Purpose::Root, entry.public)?;
                }
                Purpose::NextRoot if entry.public != new.next.public() => {
                    self.keystore().discard(Purpose::NextRoot, entry.public)?;
                }
                _ => {}
            }
        }
        if let Some(old) = keys.root {
            self.keystore().forget_away(Purpose::Root, old)?;
        }
        Ok(())
    }
}

/// The name of an organisation, as a note in a key file.
fn owner(name: &str) -> &str {
    let name = name.trim();
    name[..name.floor_char_boundary(OWNER_BYTES_MAX)].trim_end()
}

fn other_key(lent: &PublicKey, root: &PublicKey) -> OpError {
    let what = format!(
        "the key file holds another key ({}) than this organisation's root key ({}): name the right file with --key-file",
        fingerprint(lent),
        fingerprint(root)
    );
    OpError::new(ErrorCode::Invalid, what).in_field("key-file")
}
