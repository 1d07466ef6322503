//! Founding, inviting, joining, admitting, certifying: what needs the
//! organisation's root key, or leads to it.
//!
//! The rules are the authority's; here keys are fetched from the keystore and
//! statements are prepared, signed and submitted.

use std::fs;
use std::io;

use serde::{Deserialize, Serialize};
use tern_crdt::authority::{Admit, Charter, Profile, Role, Roles, Standing};
use tern_crdt::card::NameCard;
use tern_crdt::identity::{FederationId, OrgId, PublicKey, RecordId, SecretKey};
use tern_crdt::signed::{Record, Statement};
use tern_crdt::timestamp::Timestamp;
use tern_protocol::gate::Examined;
use tern_protocol::ledger::Private;
use tern_protocol::membership::{Invitation, Knock};
use tern_protocol::step::{Command, Done};

use crate::accounts::Account;
use crate::doctor::may_be_right;
use crate::driver::now;
use crate::folder::{DataFolder, OpenFolder, write_private};
use crate::governing::{self, certificate_with, has_room};
use crate::handle::NodeReplica;
use crate::identity::{Identity, NewKeys, Newcomer, grant};
use crate::keystore::{Keystore, Passphrase, Purpose};
use crate::ops::{ErrorCode, Granting, OpError};
use crate::running::{Node, draw};

/// How long an invitation holds: two weeks, in milliseconds.
pub const INVITATION_MILLIS: i64 = 14 * 24 * 3_600 * 1_000;

/// Everything by which a new node begins, before its store exists.
pub struct Beginning {
    /// Who the node is.
    pub identity: Identity,
    /// Signed records to submit once its store is open: of a founder all, of
    /// a newcomer none (they travel with its knock).
    pub records: Vec<Record>,
    /// The first account.
    pub account: Account,
}

fn account(newcomer: &Newcomer, keys: &NewKeys) -> Account {
    Account {
        name: newcomer.account.as_str().to_owned(),
        sign: keys.person.public(),
        encrypt: keys.encrypt.public(),
        lang: newcomer.lang.clone(),
        number: 1,
        lang_chosen: false,
        former: Vec::new(),
        stamp: 0,
        devices: Vec::new(),
    }
}

/// Founds an organisation and a federation of one.
///
/// # Errors
/// What the newcomer said of itself, or the keystore's.
pub fn found(
    keystore: &Keystore,
    newcomer: &Newcomer,
    federation: Option<&str>,
) -> Result<Beginning, OpError> {
    let keys = NewKeys::draw(keystore, newcomer)?;
    let name = federation.map_or(newcomer.org.trim(), str::trim);
    let charter = Charter {
        n: 0,
        prev: None,
        name: name.to_owned(),
        stewards: vec![keys.org],
        recall: 1,
        roster: Vec::new(),
        supersedes: Vec::new(),
        rules: 1,
        nonce: draw()?,
        policies: None,
    };
    charter.check().map_err(|rule| OpError::new(ErrorCode::Invalid, rule))?;
    let charter = charter.prepare();
    let id: FederationId = charter.id().cast();
    let roles = Roles::of_founder().with(Role::Steward);
    let (log, card) = keys.log(id, roles, newcomer.person.as_deref(), now());
    let mut records = vec![charter.sign(id, &keys.root)];
    records.extend(log);
    records.push(card);
    let identity = Identity { federation: id, org: keys.org, node: keys.node.public() };
    Ok(Beginning { identity, records, account: account(newcomer, &keys) })
}

/// `{data}/join.tern`: what a newcomer shows until it is a member. Holds the
/// invitation's secret, so it is as private as a key.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct JoinFile {
    version: u8,
    invitation: String,
    org: String,
    records: Vec<String>,
    card: String,
}

/// Prepares to join: draws keys, writes the knock into the folder.
///
/// # Errors
/// What the newcomer said of itself, an expired invitation, or the keystore's.
pub fn knock(
    folder: &OpenFolder,
    keystore: &Keystore,
    newcomer: &Newcomer,
    text: &str,
) -> Result<Beginning, OpError> {
    let invitation = read_invitation(text)?;
    let federation = invitation.federation;
    let keys = NewKeys::draw(keystore, newcomer)?;
    let (log, card) = keys.log(federation, Roles::of_founder(), newcomer.person.as_deref(), now());
    let hex = |record: &Record| crate::hex::encode(&record.to_bytes());
    let file = JoinFile {
        version: 1,
        invitation: invitation.to_text(),
        org: keys.org.to_string(),
        records: log.iter().map(hex).collect(),
        card: hex(&card),
    };
    let path = folder.paths().join_file();
    let text = serde_json::to_vec_pretty(&file).map_err(io::Error::from);
    text.and_then(|text| write_private(&path, &text)).map_err(|cause| {
        OpError::new(ErrorCode::Failed, format!("cannot write {}: {cause}", path.display()))
    })?;
    let identity = Identity { federation, org: keys.org, node: keys.node.public() };
    Ok(Beginning { identity, records: Vec::new(), account: account(newcomer, &keys) })
}

/// Reads an invitation that is still good, as far as this clock can tell. Where
/// a clock cannot be right, this one or the inviter's, the inviter alone
/// decides, which it does anyway.
///
/// # Errors
/// Mistyped, or expired.
pub fn read_invitation(text: &str) -> Result<Invitation, OpError> {
    let invitation = Invitation::from_text(text).map_err(|refused| {
        OpError::new(ErrorCode::Invalid, refused.to_string()).in_field("invitation")
    })?;
    let now = now();
    let told = may_be_right(now) && may_be_right(invitation.expires);
    if told && invitation.expires < now {
        let what = format!(
            "this invitation to {} has expired: ask for a new one (or set this machine's clock, if it is wrong)",
            invitation.name
        );
        return Err(OpError::new(ErrorCode::Expired, what).in_field("invitation"));
    }
    Ok(invitation)
}

/// The knock of a folder that has not joined yet, with the name card that is
/// published once it has.
///
/// # Errors
/// The file is damaged.
pub fn load_knock(folder: &DataFolder) -> Result<Option<(Knock, Record)>, OpError> {
    let path = folder.join_file();
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => {
            let what = format!("cannot read {}: {cause}", path.display());
            return Err(OpError::new(ErrorCode::Failed, what));
        }
    };
    let read = || {
        let file: JoinFile = serde_json::from_str(&text).ok()?;
        let record = |text: &String| Record::from_bytes(&crate::hex::decode_all(text)?).ok();
        Some((
            Knock {
                invitation: Invitation::from_text(&file.invitation).ok()?,
                org: file.org.parse().ok()?,
                records: file.records.iter().map(record).collect::<Option<_>>()?,
            },
            record(&file.card)?,
        ))
    };
    read().map(Some).ok_or_else(|| {
        let what = format!("{} is damaged: join again with a new invitation", path.display());
        OpError::new(ErrorCode::Damaged, what)
    })
}

/// An organisation that waits for the stewards.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Who.
    pub org: OrgId,
    /// Its name as it gives it.
    pub name: String,
    /// Its country, as it gives it.
    pub country: Option<String>,
    /// All that it says of itself.
    pub profile: Profile,
    /// Whether it showed an invitation that this node wrote.
    pub invited_here: bool,
    /// Its root key, to be compared out of band.
    pub root: PublicKey,
    /// Since when, by this node's clock; of one that knocked elsewhere `None`.
    pub since: Option<Timestamp>,
    /// Stewards that approved.
    pub approvals: usize,
    /// How many make a majority.
    pub needed: usize,
    /// Whether this organisation approved already.
    pub approved_here: bool,
    /// Whether it was a member before, and left or was removed: an invitation
    /// alone does not bring it back.
    pub returns: bool,
}

/// Everyone who waits, as this replica knows it.
pub fn candidates(replica: &NodeReplica) -> Vec<Candidate> {
    let library = replica.library();
    let authority = library.authority();
    let needed = authority.majority();
    let own = replica.org();
    let mut found: Vec<Candidate> = library
        .waiting()
        .filter(|(org, _)| {
            !matches!(
                authority.standing(org),
                Some(Standing::Proposed { .. } | Standing::Member | Standing::Suspended)
            )
        })
        .map(|(org, waiting)| Candidate {
            org,
            name: waiting.genesis.profile.name(&[]).to_owned(),
            country: waiting.genesis.profile.country.clone(),
            profile: waiting.genesis.profile.clone(),
            invited_here: true,
            root: waiting.genesis.root,
            since: Some(waiting.since),
            approvals: 0,
            needed,
            approved_here: false,
            returns: authority.standing(&org).is_some(),
        })
        .collect();
    for (org, organisation, standing) in authority.organisations() {
        if let Standing::Proposed { approvals, needed } = standing {
            let waiting = library.waiting().find(|(waiting, _)| *waiting == org);
            found.push(Candidate {
                org,
                name: organisation.genesis.profile.name(&[]).to_owned(),
                country: organisation.genesis.profile.country.clone(),
                profile: organisation.genesis.profile.clone(),
                invited_here: waiting.is_some(),
                root: organisation.genesis.root,
                since: waiting.map(|(_, waiting)| waiting.since),
                approvals,
                needed,
                approved_here: authority
                    .admissions(&org)
                    .any(|admit| authority.approved(&own, &admit.id())),
                returns: false,
            });
        }
    }
    found
}

impl Node {
    /// Writes an invitation. Needs the role of a steward.
    ///
    /// # Errors
    /// The account is no steward's, or the node listens nowhere and is reached over
    /// no relay.
    pub async fn invite(&self, account: &Account) -> Result<Invitation, OpError> {
        let account = account.clone();
        let name = self
            .handle()
            .read(move |replica| {
                let authority = replica.library().authority();
                account.certificate_for(authority, Role::Steward)?;
                Ok::<_, OpError>(authority.charter().map(|c| c.name.clone()).unwrap_or_default())
            })
            .await??;
        let addresses = self.addresses_to_invite().await?;
        if addresses.is_empty() {
            let what = "this node listens on no address and is reached over no member, so nobody could answer an invitation: start it with `tern serve` first, or set `net.listen`; `tern status` tells how others reach it";
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        let invitation = Invitation {
            federation: self.identity().federation,
            name,
            inviter: self.identity().node,
            addresses,
            secret: draw()?,
            expires: now().plus(INVITATION_MILLIS),
        };
        let invitation = invitation.fitted();
        let command =
            Command::Invite { invitation: invitation.public(), expires: invitation.expires };
        self.handle().command(command).await?;
        Ok(invitation)
    }

    /// Approves those of `orgs` who wait (all, if `None`) with this
    /// organisation's root key. Returns whom.
    ///
    /// # Errors
    /// The account is no steward's; nobody of that id waits; the root key is
    /// locked.
    pub async fn approve(
        &self,
        account: &Account,
        org: Option<OrgId>,
        passphrase: Option<Passphrase>,
    ) -> Result<Vec<OrgId>, OpError> {
        let account = account.clone();
        let waiting = self
            .handle()
            .read(move |replica| {
                governing::speaks_for_steward(
                    replica.library().authority(),
                    &account,
                    replica.org(),
                )?;
                Ok::<_, OpError>(candidates(replica))
            })
            .await??;
        let chosen: Vec<OrgId> = waiting
            .into_iter()
            .filter(|c| !c.approved_here && org.map_or(!c.returns, |org| org == c.org))
            .map(|c| c.org)
            .collect();
        match (chosen.is_empty(), org) {
            (true, Some(org)) => {
                let what = format!("{org} does not wait for this organisation's approval");
                Err(OpError::new(ErrorCode::NotFound, what))
            }
            (true, None) => Ok(chosen),
            _ => {
                let root = self.root_key(passphrase).await?;
                self.admit(&chosen, &root).await?;
                Ok(chosen)
            }
        }
    }

    /// Approves those who knock, if this organisation alone makes the
    /// majority of the stewards and its root key is not locked: the
    /// invitation was the decision.
    pub(crate) async fn admit_invited(&self, org: OrgId) -> Result<(), OpError> {
        let own = self.identity().org;
        let alone = self
            .handle()
            .read(move |replica| {
                let authority = replica.library().authority();
                let returns = candidates(replica).iter().any(|c| c.org == org && c.returns);
                !returns
                    && authority.majority() == 1
                    && authority.stewards().any(|steward| steward == own)
            })
            .await?;
        if !alone {
            return Ok(());
        }
        match self.root_key(None).await {
            Ok(root) => self.admit(&[org], &root).await,
            Err(shut) if matches!(shut.code, ErrorCode::Locked | ErrorCode::KeyAway) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn admit(&self, orgs: &[OrgId], root: &SecretKey) -> Result<(), OpError> {
        let federation = self.identity().federation;
        let wanted = orgs.to_vec();
        let follow = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            let latest = |org: OrgId| authority.organisation(&org).map(|o| o.latest.clone());
            wanted.into_iter().map(|org| (org, latest(org).unwrap_or_default())).collect::<Vec<_>>()
        };
        let admits = self.handle().read(follow).await?;
        let admits = admits
            .into_iter()
            .map(|(org, after)| Admit { org, after }.prepare().sign(federation, root));
        self.submit(admits.collect()).await.map(drop)
    }

    /// Whether an account may manage the people of this node.
    ///
    /// # Errors
    /// It is no operator's, or the organisation is no member yet.
    pub(crate) async fn operates(&self, account: &Account) -> Result<(), OpError> {
        let account = account.clone();
        let may = move |replica: &NodeReplica| {
            account.certificate_for(replica.library().authority(), Role::Operator)
        };
        self.handle().read(may).await?.map(drop)
    }

    /// Submits records signed here.
    ///
    /// # Errors
    /// The gate's refusal.
    pub async fn submit(&self, records: Vec<Record>) -> Result<Done, OpError> {
        self.submit_with(records, Vec::new()).await
    }

    /// Submits records signed here, with what is written beside them.
    ///
    /// # Errors
    /// The gate's refusal.
    pub(crate) async fn submit_with(
        &self,
        records: Vec<Record>,
        private: Vec<Private>,
    ) -> Result<Done, OpError> {
        let federation = self.identity().federation;
        let verified: Result<Vec<_>, _> =
            records.into_iter().map(|r| r.verify(federation).map(Examined::Record)).collect();
        let pieces =
            verified.map_err(|error| OpError::new(ErrorCode::Failed, error.to_string()))?;
        Ok(self.handle().command(Command::Write { pieces, private }).await?)
    }

    /// Grants roles to the key of a person of this organisation, without an end
    /// or for so many weeks, for everything or for some things alone.
    ///
    /// # Errors
    /// The organisation is no member, or its root key is locked; too many
    /// weeks, or things that are none.
    pub async fn grant(
        &self,
        key: PublicKey,
        encryption: Option<[u8; 32]>,
        roles: &[Role],
        with: Granting,
        passphrase: Option<Passphrase>,
    ) -> Result<RecordId, OpError> {
        let Identity { org, federation, .. } = *self.identity();
        let roles = roles.to_vec();
        let look = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            has_room(authority, &org)?;
            let granted = certificate_with(authority, key, encryption, &roles, &with);
            granted.map(|granted| (authority.log_tips(&org), granted))
        };
        let (tips, granted) = self.handle().read(look).await??;
        let root = self.root_key(passphrase).await?;
        let entry = grant(org, tips, granted);
        let record = entry.sign(federation, &root);
        let id = record.id();
        self.submit(vec![record]).await?;
        Ok(id)
    }

    /// Shows a name for a certificate, with its holder's consent as of now.
    ///
    /// # Errors
    /// The name is empty or too long, or the key is locked.
    pub async fn give_name(
        &self,
        account: &Account,
        name: &str,
        passphrase: Option<Passphrase>,
    ) -> Result<(), OpError> {
        let (own, federation) = (account.clone(), self.identity().federation);
        let certificates = self
            .handle()
            .read(move |replica| own.certificates(replica.library().authority()))
            .await?;
        let key = self.unlock(Purpose::PersonSign, account.sign, passphrase).await?;
        let basis = tern_crdt::card::Basis::Consent(now());
        let mut cards = Vec::new();
        for by in certificates {
            let card = NameCard { by, name: name.trim().to_owned(), basis };
            card.check()
                .map_err(|rule| OpError::new(ErrorCode::Invalid, rule).in_field("person"))?;
            cards.push(card.prepare().sign(federation, &key));
        }
        self.submit(cards).await.map(drop)
    }
}
