//! Local accounts: an account is a person acting for this node's organisation.
//!
//! What is kept (class D): the name to sign in with, the public halves of the
//! person's keys, the language. What the person may do is not kept here: it
//! is what their certificates say, asked of the authority set every time.

use tern_crdt::authority::{
    Authority, Certificate, Forbidden, Granted, Remove, Role, Roles, Standing,
};
use tern_crdt::identity::{CertificateId, OrgId, PublicKey};
use tern_protocol::ledger::Private;
use tern_protocol::library::Library;
use tern_protocol::store::{Store, StoreError};

use crate::governing::is_over;
use crate::keystore::AccountName;
use crate::ops::{ErrorCode, OpError};
use crate::stored;

const PREFIX: &[u8] = b"account/";
const NOT_A_MEMBER: &str =
    "this organisation is not a member of the federation yet: a steward has to approve";
const SUSPENDED: &str =
    "the stewards have suspended this organisation: ask them why, and to lift it";
const LEFT: &str = "this organisation has left the federation: the stewards can admit it again";
const REMOVED: &str =
    "the stewards have removed this organisation from the federation: they can admit it again";

/// See the module.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Account {
    /// The name to sign in with.
    #[n(0)]
    pub name: String,
    /// The key with which the person signs.
    #[n(1)]
    pub sign: PublicKey,
    /// The key with which the person decrypts.
    #[n(2)]
    pub encrypt: PublicKey,
    /// The language of the person's pages and of plain texts they write.
    #[n(3)]
    pub lang: String,
    /// Which account of this node it is, from 1.
    #[n(4)]
    pub number: u32,
    /// Whether the person chose the language, rather than the node.
    #[n(5)]
    pub lang_chosen: bool,
    /// The keys with which the person signed before: what was asked of them is
    /// shown to the person still.
    #[n(6)]
    #[cbor(default)]
    pub former: Vec<PublicKey>,
    /// Drawn anew whenever every session of the account ends.
    #[n(7)]
    #[cbor(default)]
    pub stamp: u64,
    /// Keys of the person on other devices, certified with the same roles.
    #[n(8)]
    #[cbor(default)]
    pub devices: Vec<PublicKey>,
}

impl Account {
    /// The change that keeps it.
    pub fn keep(&self) -> Private {
        let name = [PREFIX, self.name.as_bytes()].concat();
        Private::local(name, Some(stored::write(self)))
    }

    /// All accounts, the first one first.
    ///
    /// # Errors
    /// The store's, or a damaged value.
    pub fn all<S: Store>(library: &Library<S>) -> Result<Vec<Self>, OpError> {
        let values = library.ledger().locals(PREFIX).map_err(failed)?;
        let accounts: Result<Vec<Self>, _> =
            values.iter().map(|(_, value)| stored::read(value, "an account")).collect();
        let mut accounts = accounts?;
        accounts.sort_by_key(|account| account.number);
        Ok(accounts)
    }

    /// The account of this name, or the first one.
    ///
    /// # Errors
    /// No such account, with the names there are.
    pub fn find<S: Store>(library: &Library<S>, name: Option<&str>) -> Result<Self, OpError> {
        let accounts = Self::all(library)?;
        let names: Vec<String> = accounts.iter().map(|a| format!("`{}`", a.name)).collect();
        let found = match name {
            None => accounts.into_iter().next(),
            Some(name) => accounts.into_iter().find(|account| account.name == name),
        };
        found.ok_or_else(|| {
            let name = name.unwrap_or_default();
            let what = if names.is_empty() {
                "this node has no account yet".to_owned()
            } else {
                format!("there is no account `{name}` here; there are {}", names.join(", "))
            };
            OpError::new(ErrorCode::NotFound, what).in_field("as")
        })
    }

    /// The name as parsed.
    ///
    /// # Errors
    /// Never for an account made by this program.
    pub fn account_name(&self) -> Result<AccountName, OpError> {
        self.name.parse().map_err(OpError::from)
    }

    /// The change that forgets it.
    pub fn forget(&self) -> Private {
        Private::local([PREFIX, self.name.as_bytes()].concat(), None)
    }

    /// What a session of the pages holds of it: other once the stamp is.
    pub fn session(&self) -> String {
        match self.stamp {
            0 => self.name.clone(),
            stamp => format!("{}~{stamp:016x}", self.name),
        }
    }

    /// The account of a session, unless its sessions have ended.
    ///
    /// # Errors
    /// The store's.
    pub fn of_session<S: Store>(
        library: &Library<S>,
        session: &str,
    ) -> Result<Option<Self>, OpError> {
        Ok(Self::all(library)?.into_iter().find(|account| account.session() == session))
    }

    /// Certificates of keys that the person had before, ascending by id.
    pub fn former_certificates(&self, authority: &Authority) -> Vec<CertificateId> {
        let former = |granted: &Granted| self.former.contains(&granted.certificate.key);
        authority.certificates().filter(|(_, g)| former(g)).map(|(id, _)| id).collect()
    }

    /// Certificates of the person's keys on other devices, ascending by id.
    pub fn device_certificates(&self, authority: &Authority) -> Vec<CertificateId> {
        let of_device = |key| authority.certificates_of(key).map(|(id, _)| id);
        let mut devices: Vec<CertificateId> = self.devices.iter().flat_map(of_device).collect();
        devices.sort_unstable();
        devices
    }

    /// All certificates of the person's key, ascending by id.
    pub fn certificates(&self, authority: &Authority) -> Vec<CertificateId> {
        let own = authority.certificates().filter(|(_, g)| g.certificate.key == self.sign);
        own.map(|(id, _)| id).collect()
    }

    /// The roles of all certificates of the person's key that have not ended,
    /// and whose time is not over.
    pub fn roles(&self, authority: &Authority) -> Vec<Role> {
        let certificates = self.certificates(authority);
        let has = |role: &Role| {
            certificates
                .iter()
                .filter(|id| authority.ended(id).is_none())
                .filter_map(|id| authority.certificate(id))
                .filter(|granted| !is_over(authority, &granted.certificate))
                .any(|granted| granted.certificate.roles.has(*role))
        };
        Role::ALL.into_iter().filter(has).collect()
    }

    /// What the person's certificates of this organisation allow, as it would be granted
    /// anew: for each scope and quota by the beacon with which it ends; what has no end
    /// comes first, and a role stands with its last end alone.
    pub fn grants(&self, authority: &Authority, org: &OrgId) -> Vec<Certificate> {
        let mut of: Vec<&Certificate> = self
            .certificates(authority)
            .iter()
            .filter(|id| authority.ended(id).is_none())
            .filter_map(|id| authority.certificate(id))
            .filter(|granted| granted.org == *org && !is_over(authority, &granted.certificate))
            .map(|granted| &granted.certificate)
            .collect();
        of.sort_by_key(|granted| std::cmp::Reverse(granted.last_beacon.unwrap_or(u32::MAX)));
        let mut grants: Vec<Certificate> = Vec::new();
        for granted in of {
            let alike =
                |one: &Certificate| (&one.scope, one.quota) == (&granted.scope, granted.quota);
            let fresh = |role: &Role| {
                !grants.iter().filter(|one| alike(one)).any(|one| one.roles.has(*role))
            };
            let roles: Vec<Role> = granted.roles.iter().filter(fresh).collect();
            let ends = |one: &Certificate| one.last_beacon == granted.last_beacon && alike(one);
            match grants.iter_mut().find(|one| ends(one)) {
                Some(one) => one.roles = roles.into_iter().fold(one.roles, Roles::with),
                None if roles.is_empty() => {}
                None => grants.push(Certificate { roles: Roles::of(&roles), ..granted.clone() }),
            }
        }
        grants
    }

    /// The certificate under which the person does what needs `role` and is about
    /// nothing that is there already.
    ///
    /// # Errors
    /// None of the person's certificates has it, or the organisation is no
    /// member: says which role and who can grant it.
    pub fn certificate_for(
        &self,
        authority: &Authority,
        role: Role,
    ) -> Result<CertificateId, OpError> {
        self.certificate_about(authority, role, None)
    }

    /// The certificate under which the person does what needs `role` and is about this
    /// object, if about any.
    ///
    /// # Errors
    /// As [`certificate_for`](Self::certificate_for); or the role is for other things
    /// alone.
    pub fn certificate_about(
        &self,
        authority: &Authority,
        role: Role,
        about: Option<&[u8; 32]>,
    ) -> Result<CertificateId, OpError> {
        let certificates = self.certificates(authority);
        let mut refused = None;
        for id in certificates {
            match authority.permits_about(id, self.sign, role, about) {
                Ok(_) => return Ok(id),
                // Of several certificates the one that acts says what is missing.
                Err(forbidden @ Forbidden::OutOfScope { .. }) => refused = Some(forbidden),
                Err(forbidden @ Forbidden::WithoutRole { .. })
                    if !matches!(refused, Some(Forbidden::OutOfScope { .. })) =>
                {
                    refused = Some(forbidden);
                }
                Err(forbidden) => refused = refused.or(Some(forbidden)),
            }
        }
        let what = match refused {
            // A newcomer holds no charter until it is admitted.
            None if authority.charter().is_none() => NOT_A_MEMBER.to_owned(),
            Some(Forbidden::NotAMember(org)) => match authority.standing(&org) {
                Some(Standing::Left) => LEFT.to_owned(),
                Some(Standing::Removed) => REMOVED.to_owned(),
                _ => NOT_A_MEMBER.to_owned(),
            },
            Some(Forbidden::Suspended(_)) => SUSPENDED.to_owned(),
            Some(Forbidden::OutOfScope { .. }) => format!(
                "account `{}` has the role {role} for some things alone, and this is none of them: an administrator can grant it with `tern cert grant {} --role {role}`, for this with --only",
                self.name, self.name
            ),
            Some(Forbidden::Over(_)) => format!(
                "the certificate of account `{}` was granted for a time that is over: grant another with `tern cert grant {} --role {role}`",
                self.name, self.name
            ),
            Some(Forbidden::Revoked { by, .. }) => match authority.record(&by) {
                Some(record) if record.record().is::<Remove>() => REMOVED.to_owned(),
                _ => format!(
                    "the certificate of account `{}` was revoked, so it signs nothing any more: an operator gives new keys with `tern account rekey {}` and a role with `tern cert grant {} --role {role}`",
                    self.name, self.name, self.name
                ),
            },
            Some(_) => format!(
                "account `{}` does not have the role {role}: grant it with `tern cert grant {} --role {role}`",
                self.name, self.name
            ),
            None => format!(
                "account `{}` has no role yet: grant it one with `tern cert grant {} --role {role}`",
                self.name, self.name
            ),
        };
        Err(OpError::new(ErrorCode::NotAllowed, what))
    }

    /// The name shown: of the person's name card, else the account's.
    pub fn shown_name<S: Store>(&self, library: &Library<S>) -> String {
        self.certificates(library.authority())
            .iter()
            .find_map(|id| library.name(id))
            .unwrap_or(&self.name)
            .to_owned()
    }
}

/// A failed read of the store, in one sentence.
pub fn failed(error: StoreError) -> OpError {
    let code = match error {
        StoreError::Damaged(_) => ErrorCode::Damaged,
        StoreError::InUse(_) => ErrorCode::InUse,
        _ => ErrorCode::Failed,
    };
    OpError::new(code, error.to_string())
}
