//! What a statement says, in words that whoever signs it can judge.

use std::collections::BTreeMap;

use tern_crdt::authority::{
    Admit, Certificate, Charter, Genesis, Grant, Leave, Lift, Rekey, Remove, Revoke, Role, Rotate,
    Suspend,
};
use tern_crdt::card::NameCard;
use tern_crdt::identity::{OrgId, PublicKey, RecordId};
use tern_crdt::signed::Unsigned;

use super::StatementFile;
use crate::sheet::fingerprint;

/// Names that records in the file prove.
pub(super) struct Names {
    federation: String,
    /// With the root key of the founding.
    orgs: BTreeMap<OrgId, (String, PublicKey)>,
}

impl Names {
    pub(super) fn of(file: &StatementFile) -> Self {
        let mut names = Self { federation: id(&file.federation), orgs: BTreeMap::new() };
        for record in &file.about {
            if let Ok(genesis) = record.peek::<Genesis>() {
                let name = quoted(genesis.profile.name(&[]));
                names.orgs.insert(record.id().cast(), (name, genesis.root));
            }
            let founding = record.id().cast::<tern_crdt::identity::Federation>();
            if founding == file.federation
                && let Ok(charter) = record.peek::<Charter>()
            {
                names.federation = quoted(&charter.name);
            }
        }
        names
    }

    fn org(&self, org: &OrgId) -> String {
        match self.orgs.get(org) {
            Some((name, _)) => format!("{name} ({})", id(org)),
            None => format!("the organisation {}", id(org)),
        }
    }
}

/// A name in quotes, on one line.
fn quoted(name: &str) -> String {
    let calm: String = name.chars().filter(|letter| !letter.is_control()).collect();
    format!("“{calm}”")
}

/// As much of an id as tells it apart.
fn id(id: &impl ToString) -> String {
    id.to_string().chars().take(18).collect()
}

/// What a certificate's roles are about. Which kind of thing an id is of is not in the
/// certificate; its letters after that of the kind are those that people see.
fn about(certificate: &Certificate) -> String {
    match certificate.objects() {
        None => String::new(),
        Some(objects) if objects.is_empty() => ", for nothing that this version understands".into(),
        Some(objects) => {
            let letters = |id: &[u8; 32]| {
                RecordId::new(*id).to_string().chars().skip("tern1r".len()).take(12).collect()
            };
            let named: Vec<String> = objects.iter().map(letters).collect();
            let letters = named.join(" or ");
            format!(
                ", only for what has an id that goes on, after tern1 and a letter, with {letters}"
            )
        }
    }
}

/// One sentence or a few; `None` for a kind that is not known.
pub(super) fn say(statement: &Unsigned, names: &Names) -> Option<String> {
    let federation = &names.federation;
    if let Ok(Admit { org, .. }) = statement.peek() {
        let key = names.orgs.get(&org).map(|(_, root)| fingerprint(root));
        let key = key.map(|key| format!(", whose root key begins with {key}")).unwrap_or_default();
        return Some(format!("Admit {}{key} as a member of {federation}.", names.org(&org)));
    }
    if let Ok(Grant { org, certificate, .. }) = statement.peek() {
        let roles: Vec<&str> = certificate.roles.iter().map(Role::code).collect();
        let key = fingerprint(&certificate.key);
        let what = if roles.is_empty() { "no role".into() } else { roles.join(", ") };
        let end = certificate.last_beacon;
        let end = end.map(|last| format!(", up to beacon {last}")).unwrap_or_default();
        let quota = certificate.quota;
        let quota = quota.map(|quota| {
            format!(" Of what it signs, {quota} go first in a meeting, the rest after what others signed.")
        });
        let (only, quota) = (about(&certificate), quota.unwrap_or_default());
        return Some(format!(
            "Grant {what} to the key {key} of {}{only}{end}.{quota}",
            names.org(&org)
        ));
    }
    if let Ok(Suspend { org, reason, .. }) = statement.peek() {
        return Some(format!(
            "Suspend {} from {federation}: {}.",
            names.org(&org),
            quoted(&reason)
        ));
    }
    if let Ok(Lift { org, .. }) = statement.peek() {
        return Some(format!("End the suspension of {} in {federation}.", names.org(&org)));
    }
    if let Ok(Remove { org, reason, .. }) = statement.peek() {
        let (org, reason) = (names.org(&org), quoted(&reason));
        return Some(format!("Remove {org} from {federation}: {reason}."));
    }
    if let Ok(Leave { org, .. }) = statement.peek() {
        return Some(format!("{} leaves {federation}.", names.org(&org)));
    }
    if let Ok(Revoke { org, certificate, reason, .. }) = statement.peek() {
        let certificate = id(&certificate);
        return Some(format!(
            "Revoke the certificate {certificate} of {} ({reason:?}).",
            names.org(&org)
        ));
    }
    if let Ok(Rotate { org, root, .. }) = statement.peek() {
        let key = fingerprint(&root);
        return Some(format!("Replace the root key of {} by {key}.", names.org(&org)));
    }
    if let Ok(Rekey { org, root, reason, .. }) = statement.peek() {
        let (org, key, reason) = (names.org(&org), fingerprint(&root), quoted(&reason));
        return Some(format!("Give {org}, which lost its keys, the root key {key}: {reason}."));
    }
    if let Ok(charter) = statement.peek::<Charter>() {
        let stewards: Vec<String> = charter.stewards.iter().map(|org| names.org(org)).collect();
        return Some(format!(
            "Charter number {} of {federation}: it is called {}; its stewards are {}; {} members can recall them.",
            charter.n,
            quoted(&charter.name),
            stewards.join(", "),
            charter.recall
        ));
    }
    if let Ok(NameCard { by, name, .. }) = statement.peek() {
        return Some(format!("Show the name {} for the certificate {}.", quoted(&name), id(&by)));
    }
    None
}
