//! A person leaves: their account goes, what they had begun finds a successor.
//!
//! Drafts go over to the successor. Of the requests they asked, any focal point
//! of the organisation can go on, so those go over to a successor who is one.
//! What is asked of them as an expert is asked of their key, and no other can
//! answer: if the key opens, they decline with it, so that the asker hears at
//! once and can choose another; if not, it stays, and is told.
//!
//! First the door is closed (password, links, sessions), last the account goes,
//! in one commit with the drafts. Killed between the two, the account is still
//! there, and the same command finishes. Between them the certificates are
//! revoked, after the last thing that the person's key signs; what they signed and
//! this node holds is in the cut, and stands. A root key that does not open is
//! found out before anything is touched. The signing key is removed for good, and
//! the key that reads is set aside.
//!
//! Not here: who only moves to another node of the organisation keeps their
//! certificates, if that is asked for.

use tern_crdt::authority::{RevokeReason, Role};
use tern_crdt::identity::{CertificateId, DraftId, RequestId};
use tern_crdt::request::DeclineReason;
use tern_protocol::step::{Command, CommandRefused};

use crate::accounts::Account;
use crate::drafts;
use crate::handle::{CommandFailed, NodeReplica};
use crate::keystore::{Passphrase, Purpose};
use crate::ops::{ErrorCode, OpError};
use crate::requests::{Act, Doing, Seen};
use crate::running::{Node, draw};

/// What those hear who had asked somebody who left.
const GONE: &str = "This person no longer works for the organisation.";

const SHOWN: &str = "nobody here could take it back, so it is shown until it ends: a publisher, moderator or focal point whose key opens can";
const ASIDE: &str =
    "the one that reads is set aside: with its passphrase it opens what was encrypted to it";
const VALID: &str = "valid until it is revoked, with `tern cert revoke ID --reason left`: its key was removed from this node, copies in backups were not";
const ON_A_DEVICE: &str = "of a device of this person, and valid until it is revoked, with `tern cert revoke ID --reason left`: its key is on the device, where nobody here can remove it";
const ANSWERED: &str = "it is answered: whoever asked closes it";
const SAID: &str = "this person declined it, or another was chosen: there is nothing left to say";
const REVOKED: &str = "it is asked of a certificate that was revoked before, so nobody can answer or decline: tell those who asked to ask again";
const LOCKED: &str = "it is asked of a key that does not open, so nobody can answer or decline: tell those who asked to ask again";

/// What is wished for when somebody leaves.
#[derive(Debug)]
pub struct Leaving<'a> {
    /// Who goes on.
    pub successor: Option<&'a Account>,
    /// Whether their certificates act on, because they only move to another
    /// node.
    pub keep_certificates: bool,
    /// Opens the organisation's root key.
    pub passphrase: Option<Passphrase>,
    /// Opens the keys of whoever leaves, if they told it.
    pub theirs: Option<Passphrase>,
}

/// What became of what a person had.
#[derive(Clone, Default, Debug)]
pub struct Departed {
    /// Drafts that are the successor's now.
    pub drafts: Vec<DraftId>,
    /// Open requests that the successor decides about now.
    pub requests: Vec<RequestId>,
    /// Requests that were declined in the person's name.
    pub declined: Vec<RequestId>,
    /// Certificates that were revoked.
    pub revoked: Vec<CertificateId>,
    /// How many things signed under them are held here, and stand.
    pub stands: usize,
    /// What stays as it is.
    pub kept: Vec<Kept>,
}

/// Something that did not move, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    /// `request`, `certificate`, `expert-card` or `key`.
    pub what: &'static str,
    /// Its id, if it has one.
    pub id: Option<String>,
    /// In words.
    pub reason: &'static str,
}

impl Kept {
    fn new(what: &'static str, id: Option<String>, reason: &'static str) -> Self {
        Self { what, id, reason }
    }
}

fn refused(code: ErrorCode, what: impl Into<String>) -> OpError {
    OpError::new(code, what)
}

impl Node {
    /// Takes the account of a person away. See the module.
    ///
    /// # Errors
    /// It is the last operator's; a successor is needed, or cannot go on.
    pub(crate) async fn depart(
        &self,
        acting: &Account,
        leaving: &Account,
        asked: Leaving<'_>,
    ) -> Result<Departed, OpError> {
        let requests = self.open_requests_of(leaving).await?;
        self.check_departure(leaving, asked.successor, &requests).await?;
        let (own, devices) = self.acting_certificates_of(leaving).await?;
        let revokes = !asked.keep_certificates && own.len() + devices.len() > 0;
        if revokes {
            self.root_key(asked.passphrase.clone()).await.map_err(|e| of_root(e, leaving))?;
        }
        let leaving = self.close_the_door(leaving).await?;
        let theirs = asked.theirs.clone().or_else(|| asked.passphrase.clone());
        let mut departed = Departed::default();
        for seen in &requests {
            self.hand_over(&leaving, seen, theirs.clone(), &mut departed).await?;
        }
        let signers = [(&leaving, theirs), (acting, asked.passphrase.clone())];
        for id in self.take_cards_back(self.certificates_of(&leaving).await?, &signers).await? {
            departed.kept.push(Kept::new("expert-card", Some(id.to_string()), SHOWN));
        }
        if asked.keep_certificates {
            let all =
                own.iter().map(|id| (id, VALID)).chain(devices.iter().map(|id| (id, ON_A_DEVICE)));
            let kept = all.map(|(id, why)| Kept::new("certificate", Some(id.to_string()), why));
            departed.kept.extend(kept);
        } else {
            let all = [own, devices].concat();
            if !all.is_empty() {
                let revoked = self.revoke(all, RevokeReason::Left, asked.passphrase).await?;
                (departed.revoked, departed.stands) = (revoked.certificates, revoked.stands);
            }
        }
        self.put_keys_away(&leaving)?;
        departed.kept.push(Kept::new("key", None, ASIDE));
        departed.drafts = self.forget_account(&leaving, asked.successor).await?;
        Ok(departed)
    }

    /// Certificates of the person that nothing ended yet: those of keys of
    /// theirs, and those of devices.
    async fn acting_certificates_of(
        &self,
        account: &Account,
    ) -> Result<(Vec<CertificateId>, Vec<CertificateId>), OpError> {
        let (account, org) = (account.clone(), self.identity().org);
        let look = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            let acts = |id: &CertificateId| {
                authority.ended(id).is_none()
                    && authority.certificate(id).is_some_and(|granted| granted.org == org)
            };
            let own = [account.certificates(authority), account.former_certificates(authority)];
            let devices = account.device_certificates(authority);
            (
                own.into_iter().flatten().filter(acts).collect(),
                devices.into_iter().filter(acts).collect(),
            )
        };
        Ok(self.handle().read(look).await?)
    }

    /// Every certificate that a key of the person has or had.
    async fn certificates_of(&self, account: &Account) -> Result<Vec<CertificateId>, OpError> {
        let own = account.clone();
        let all = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            [own.certificates(authority), own.former_certificates(authority)].concat()
        };
        Ok(self.handle().read(all).await?)
    }

    /// Requests that the person asked or is asked, and that go on.
    async fn open_requests_of(&self, leaving: &Account) -> Result<Vec<Seen>, OpError> {
        let certificates = self.certificates_of(leaving).await?;
        let mut requests = self.seen_by(leaving).await?;
        requests.retain(|seen| seen.is_of(&certificates) && !seen.case.state.is_over());
        Ok(requests)
    }

    async fn check_departure(
        &self,
        leaving: &Account,
        successor: Option<&Account>,
        requests: &[Seen],
    ) -> Result<(), OpError> {
        let asked = requests.iter().filter(|seen| seen.expert.is_none()).count();
        let (own, to) = (leaving.clone(), successor.cloned());
        let check = move |replica: &NodeReplica| {
            if replica.is_catching_up() {
                // It could not decline, and the keys would be gone.
                return Err(CommandFailed::Refused(CommandRefused::CatchingUp).into());
            }
            let library = replica.library();
            let authority = library.authority();
            let operates = |account: &Account| {
                account.name != own.name
                    && account.certificate_for(authority, Role::Operator).is_ok()
            };
            if !Account::all(library)?.iter().any(operates) {
                let what = format!(
                    "`{}` is the last operator of this node: make somebody else one first, with `tern cert grant NAME --role operator`",
                    own.name
                );
                return Err(refused(ErrorCode::Conflict, what));
            }
            let begun = drafts::all(replica)?.iter().filter(|(_, m)| m.account == own.name).count();
            match to {
                None if asked + begun > 0 => {
                    let what = format!(
                        "`{}` leaves work behind (drafts: {begun}, open requests: {asked}): name who goes on with it, with `--to NAME`",
                        own.name
                    );
                    Err(refused(ErrorCode::Invalid, what).in_field("to"))
                }
                Some(to) if to.name == own.name => {
                    let what = format!("`{}` cannot be their own successor", own.name);
                    Err(refused(ErrorCode::Invalid, what).in_field("to"))
                }
                Some(to) if begun > 0 && drafts::drafter(&to, authority, None).is_err() => {
                    Err(cannot_go_on(&to, "drafts", Role::Contributor))
                }
                Some(to)
                    if asked > 0 && to.certificate_for(authority, Role::FocalPoint).is_err() =>
                {
                    Err(cannot_go_on(&to, "requests", Role::FocalPoint))
                }
                _ => Ok(()),
            }
        };
        self.handle().read(check).await?
    }

    /// No password, no link, no session and no feed of an account works any more.
    ///
    /// # Errors
    /// The store's or the keystore's.
    pub(crate) async fn close_the_door(&self, account: &Account) -> Result<Account, OpError> {
        let name = account.account_name()?;
        self.verifiers().remove(&name)?;
        let closed = Account { stamp: u64::from_le_bytes(draw()?), ..account.clone() };
        let keep = Command::Write { pieces: Vec::new(), private: vec![closed.keep()] };
        self.handle().command(keep).await?;
        self.links().forget(&account.name);
        self.end_feed(&account.name).await?;
        Ok(closed)
    }

    async fn hand_over(
        &self,
        leaving: &Account,
        seen: &Seen,
        passphrase: Option<Passphrase>,
        departed: &mut Departed,
    ) -> Result<(), OpError> {
        let id = seen.id();
        if seen.expert.is_none() {
            departed.requests.push(id);
            return Ok(());
        }
        let ended = |expert: CertificateId| {
            move |replica: &NodeReplica| replica.library().authority().ended(&expert).is_some()
        };
        let revoked = match seen.expert {
            Some(expert) => self.handle().read(ended(expert)).await?,
            None => false,
        };
        let reason = if revoked {
            REVOKED
        } else if seen.doings().any(|doing| doing == Doing::Decline) {
            let decline = Act::Decline { reason: DeclineReason::Other, note: GONE.into() };
            match self.act(leaving, &id.to_string(), decline, passphrase).await {
                Ok(_) => {
                    departed.declined.push(id);
                    return Ok(());
                }
                Err(closed) if is_closed(&closed) => LOCKED,
                Err(failed) => return Err(failed),
            }
        } else if seen.is_of_former_key() {
            LOCKED
        } else if seen.case.answers.is_empty() {
            SAID
        } else {
            ANSWERED
        };
        departed.kept.push(Kept::new("request", Some(id.to_string()), reason));
        Ok(())
    }

    fn put_keys_away(&self, leaving: &Account) -> Result<(), OpError> {
        for key in [leaving.sign, leaving.encrypt].iter().chain(&leaving.former) {
            self.keystore().discard(Purpose::PersonSign, *key)?;
            self.keystore().set_aside(Purpose::PersonEncrypt, *key)?;
        }
        Ok(())
    }

    /// Forgets an account in one commit with its drafts going over.
    async fn forget_account(
        &self,
        leaving: &Account,
        successor: Option<&Account>,
    ) -> Result<Vec<DraftId>, OpError> {
        let _one_at_a_time = self.saving().lock().await;
        // A mail that went just now is noted before, or not at all.
        let _nothing_is_noted = self.notices().changing().await;
        let begun = self.handle().read(drafts::all).await??;
        let begun = begun.into_iter().filter(|(_, meta)| meta.account == leaving.name);
        let name = leaving.name.clone();
        let kept = move |replica: &NodeReplica| {
            let mut kept = crate::saved::forgotten(replica, &name)?;
            kept.extend(crate::discussions::forgotten(replica, &name)?);
            kept.push(crate::notices::Record::forgotten(&name));
            Ok::<_, OpError>(kept)
        };
        let mut private = self.handle().read(kept).await??;
        private.push(leaving.forget());
        let mut moved = Vec::new();
        for (id, meta) in begun {
            let Some(to) = successor else {
                // Begun since it was looked: the person is still signed in nowhere.
                let what = format!(
                    "`{}` has a draft: name who goes on with it, with `--to NAME`",
                    leaving.name
                );
                return Err(refused(ErrorCode::Invalid, what).in_field("to"));
            };
            private.push(drafts::Meta { account: to.name.clone(), ..meta }.keep(&id));
            moved.push(id);
        }
        self.handle().command(Command::Write { pieces: Vec::new(), private }).await?;
        Ok(moved)
    }
}

/// The refusal of the root key, when somebody is to leave.
fn of_root(refused: OpError, leaving: &Account) -> OpError {
    if refused.code != ErrorCode::KeyAway {
        return refused;
    }
    let what = format!(
        "removing `{}` revokes their certificate, which needs the organisation's root key, and that is not on this node: have the stick with it and add `--key-file FILE`; or remove the account now with `--keep-certificate`, and afterwards run `tern cert revoke ID --reason left --key-file FILE`",
        leaving.name
    );
    OpError { message: what, ..refused }
}

/// Whether it is for want of the key.
fn is_closed(error: &OpError) -> bool {
    let codes =
        [ErrorCode::Locked, ErrorCode::WrongPassphrase, ErrorCode::NotFound, ErrorCode::Damaged];
    codes.contains(&error.code)
}

fn cannot_go_on(to: &Account, with: &str, role: Role) -> OpError {
    let what = format!(
        "`{}` cannot go on with these {with} without the role {role}: grant it with `tern cert grant {} --role {role}`, or name somebody else",
        to.name, to.name
    );
    refused(ErrorCode::Invalid, what).in_field("to")
}
