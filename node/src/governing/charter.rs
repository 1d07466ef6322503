//! The charter: what the next one says, and what changed from one to another.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::authority::{Authority, Charter, POLICIES_MAX, Standing};
use tern_crdt::identity::{OrgId, RecordId};
use tern_crdt::signed::{PAYLOAD_BYTES_MAX, Statement};

use super::{called, policies, refused};
use crate::ops::{ErrorCode, OpError};

/// What somebody wants changed; `None` and what is not named stays.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Amendment {
    /// The federation's name.
    pub name: Option<String>,
    /// All stewards from then on.
    pub stewards: Option<Vec<OrgId>>,
    /// Policies to set, by code.
    pub policies: BTreeMap<String, String>,
    /// Codes of policies to take out.
    pub without: BTreeSet<String>,
}

/// One thing in which a charter differs from the one before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// The federation is called otherwise.
    Name {
        /// Before.
        from: String,
        /// From then on.
        to: String,
    },
    /// An organisation is a steward.
    Appoints(OrgId),
    /// An organisation is no steward any more.
    Drops(OrgId),
    /// A policy is set, changed or taken out.
    Policy {
        /// Its code.
        code: String,
        /// Before, if there was one.
        from: Option<String>,
        /// From then on, if there is one.
        to: Option<String>,
    },
    /// How many members can replace the stewards.
    Recall {
        /// Before.
        from: u32,
        /// From then on.
        to: u32,
    },
}

/// In what a charter differs from the one before.
pub fn changes(before: &Charter, after: &Charter) -> Vec<Change> {
    let mut found = Vec::new();
    if before.name != after.name {
        found.push(Change::Name { from: before.name.clone(), to: after.name.clone() });
    }
    let only = |a: &Charter, b: &Charter| {
        a.stewards.iter().filter(|org| !b.stewards.contains(org)).copied().collect::<Vec<_>>()
    };
    found.extend(only(after, before).into_iter().map(Change::Appoints));
    found.extend(only(before, after).into_iter().map(Change::Drops));
    let policy = |charter: &Charter, code: &String| {
        charter.policies.as_ref().and_then(|policies| policies.get(code)).cloned()
    };
    let codes: BTreeSet<&String> =
        [before, after].iter().flat_map(|c| c.policies.iter().flat_map(BTreeMap::keys)).collect();
    for code in codes {
        let (from, to) = (policy(before, code), policy(after, code));
        if from != to {
            found.push(Change::Policy { code: code.clone(), from, to });
        }
    }
    if before.recall != after.recall {
        found.push(Change::Recall { from: before.recall, to: after.recall });
    }
    found
}

/// A charter of the line that led to the one in force.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version {
    /// Its id.
    pub id: RecordId,
    /// What it says.
    pub charter: Charter,
    /// Organisations whose keys signed it; of the founding one it is of no
    /// consequence who did.
    pub signed: Vec<OrgId>,
    /// In what it differs from the one before.
    pub changes: Vec<Change>,
}

/// Every charter from the founding one to that in force.
pub fn versions(authority: &Authority) -> Vec<Version> {
    let chain: Vec<(RecordId, &Charter)> = authority.charters().collect();
    let signed = |id: &RecordId| {
        let record = authority.record(id);
        let keys = record.into_iter().flat_map(|record| record.signers());
        let orgs: BTreeSet<OrgId> = keys.filter_map(|key| authority.org_of_root(&key)).collect();
        orgs.into_iter().collect()
    };
    let version = |(at, (id, charter)): (usize, &(RecordId, &Charter))| {
        let changes = match at.checked_sub(1) {
            Some(before) => changes(chain[before].1, charter),
            None => Vec::new(),
        };
        Version { id: *id, charter: (*charter).clone(), signed: signed(id), changes }
    };
    chain.iter().enumerate().map(version).collect()
}

/// The charters of one number that an organisation signed, but for those that
/// are in force or were.
pub(super) fn signed_by(authority: &Authority, own: &OrgId, n: u32) -> BTreeMap<RecordId, Charter> {
    let proposed = authority.records().filter_map(|record| {
        let charter: Charter = record.record().peek().ok()?;
        (charter.n == n && authority.approved(own, &record.id())).then_some((record.id(), charter))
    });
    proposed.collect()
}

/// What an organisation signed for this number and a proposal does not know
/// of; the rule is that it may sign only what supersedes all of it.
pub(super) fn contradicted(
    authority: &Authority,
    own: &OrgId,
    proposal: &RecordId,
    charter: &Charter,
) -> Option<RecordId> {
    let signed = signed_by(authority, own, charter.n);
    signed.into_keys().find(|id| id != proposal && !charter.supersedes.contains(id))
}

/// The next charter, with everything that it has to name.
///
/// # Errors
/// It changes nothing, is proposed already, names somebody who is no member,
/// or breaks a rule of charters.
pub(crate) fn next(
    authority: &Authority,
    own: OrgId,
    amendment: &Amendment,
) -> Result<Charter, OpError> {
    let (prev, before) = authority.charters().last().ok_or_else(|| {
        refused(ErrorCode::Conflict, "this node holds no charter yet: a steward has to admit it")
    })?;
    let standings = authority.organisations();
    let members = standings.filter(|(_, _, s)| *s == Standing::Member).count();
    let signed = signed_by(authority, &own, before.n + 1);
    let charter = Charter {
        n: before.n + 1,
        prev: Some(prev),
        name: amendment.name.as_deref().map_or(before.name.as_str(), str::trim).to_owned(),
        stewards: amendment.stewards.clone().unwrap_or_else(|| before.stewards.clone()),
        recall: Charter::recall_of(members),
        roster: authority.to_recognise(),
        supersedes: signed.keys().copied().collect(),
        rules: before.rules,
        // Chance is for the founding: later, two stewards who propose the same
        // propose one thing, and their signatures add up.
        nonce: before.nonce,
        policies: policies(before, amendment)?,
    };
    check(authority, &charter)?;
    let differs = |change: &Change| !matches!(change, Change::Recall { .. });
    if !changes(before, &charter).iter().any(differs) {
        let what = "this would change nothing: say what the next charter has otherwise, with --name, --steward, --policy or --no-policy";
        return Err(refused(ErrorCode::Invalid, what));
    }
    let same = |(_, open): &(&RecordId, &Charter)| {
        !changes(open, &charter).iter().any(differs) && open.prev == Some(prev)
    };
    if let Some((id, _)) = signed.iter().find(same) {
        let what = format!("this organisation has approved the very same already, as {id}");
        return Err(refused(ErrorCode::Conflict, what));
    }
    Ok(charter)
}

fn policies(
    before: &Charter,
    amendment: &Amendment,
) -> Result<Option<BTreeMap<String, String>>, OpError> {
    let mut policies = before.policies.clone().unwrap_or_default();
    for code in &amendment.without {
        if policies.remove(code).is_none() {
            let what = format!("the charter in force has no policy `{code}` to take out");
            return Err(refused(ErrorCode::Invalid, what).in_field("policy"));
        }
    }
    for (code, text) in &amendment.policies {
        policies::check(code, text)?;
        policies.insert(code.clone(), text.trim().to_owned());
    }
    if policies.len() > POLICIES_MAX {
        let what = format!("a charter has at most {POLICIES_MAX} policies: take one out first");
        let error = refused(ErrorCode::TooLarge, what).in_field("policy");
        return Err(error.over(POLICIES_MAX as u64));
    }
    Ok((!policies.is_empty()).then_some(policies))
}

fn check(authority: &Authority, charter: &Charter) -> Result<(), OpError> {
    let invalid =
        |field: &str, what: String| Err(refused(ErrorCode::Invalid, what).in_field(field));
    let count = charter.stewards.len();
    if !matches!(count, 1 | 3 | 5 | 7) {
        let what = format!(
            "a charter names 1, 3, 5 or 7 stewards, and this names {count}: an even number can be of two minds for ever, and more than 7 seldom decide"
        );
        return invalid("steward", what);
    }
    for org in &charter.stewards {
        if authority.standing(org) != Some(Standing::Member) {
            let what = format!(
                "{} is no member of this federation, so it cannot be a steward: admit it first",
                called(authority, *org)
            );
            return invalid("steward", what);
        }
    }
    charter.check().or_else(|rule| invalid("charter", rule.to_owned()))?;
    let bytes = charter.prepare().to_sign(authority.federation()).len();
    if bytes > PAYLOAD_BYTES_MAX {
        let what = format!(
            "the charter would have {bytes} bytes, and at most {PAYLOAD_BYTES_MAX} can be signed: shorten its policies"
        );
        let error = refused(ErrorCode::TooLarge, what).in_field("policy");
        return Err(error.over(PAYLOAD_BYTES_MAX as u64));
    }
    Ok(())
}
