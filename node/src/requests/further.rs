//! Looking further, when nobody is left who fits: wider by itself, to desks of other
//! organisations when a person says so.

use std::collections::BTreeSet;

use tern_crdt::ask::Ask;
use tern_crdt::authority::Standing;
use tern_crdt::identity::OrgId;
use tern_crdt::request::{DESKS_MAX, Deed, Step};

use super::acting::{conflict, invalid};
use super::viewing::Seen;
use crate::governing::org_called;
use crate::handle::NodeReplica;
use crate::ops::OpError;
use crate::running::Node;

/// What is matched at a step: from *wider* on languages exclude nobody.
pub(super) fn widened(mut ask: Ask, step: Step) -> Ask {
    if step >= Step::Wider {
        ask.languages_in.clear();
        ask.languages_out.clear();
    }
    ask
}

impl Node {
    /// A step further, as a person takes it.
    pub(super) async fn further(
        &self,
        seen: &Seen,
        step: Option<Step>,
        desks: Vec<String>,
    ) -> Result<Deed, OpError> {
        let next = match seen.case.talk.step {
            _ if !desks.is_empty() => Step::Desks,
            Step::Next => Step::Wider,
            Step::Wider | Step::Desks | Step::Board => Step::Desks,
        };
        match step.unwrap_or(next) {
            Step::Wider if desks.is_empty() && seen.case.talk.step >= Step::Wider => {
                Err(conflict("experts of every language are looked for already: ask desks"))
            }
            Step::Wider if desks.is_empty() => {
                Ok(Deed::Escalate { step: Step::Wider, desks: Vec::new(), need: None })
            }
            Step::Desks => {
                let desks = self.desks_for(seen, desks).await?;
                Ok(Deed::Escalate { step: Step::Desks, desks, need: None })
            }
            Step::Board => {
                Err(invalid("step", "what everybody may read is written first: tern request post"))
            }
            Step::Next | Step::Wider => Err(invalid(
                "step",
                "the steps are wider, desks and board; desks are named at desks",
            )),
        }
    }

    /// The organisations that somebody names, or the stewards, as far as they read it not
    /// yet.
    async fn desks_for(&self, seen: &Seen, named: Vec<String>) -> Result<Vec<OrgId>, OpError> {
        let readers: BTreeSet<OrgId> = std::iter::once(&seen.asker)
            .chain(&seen.asked)
            .map(|person| person.org.id)
            .chain(seen.case.talk.desks.iter().copied())
            .collect();
        let find = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            let mut desks = Vec::new();
            for name in &named {
                let org = org_called(replica, name)?;
                let member = authority.organisation(&org).map(|org| org.standing);
                if member != Some(Standing::Member) {
                    return Err(invalid("desks", format!("`{name}` is no member")));
                }
                if readers.contains(&org) {
                    let what = format!("the desk of `{name}` reads it already");
                    return Err(conflict(what).in_field("desks"));
                }
                desks.push(org);
            }
            if named.is_empty() {
                desks.extend(authority.stewards().filter(|org| !readers.contains(org)));
                desks.truncate(DESKS_MAX);
            }
            desks.sort_unstable();
            desks.dedup();
            Ok(desks)
        };
        let desks = self.handle().read(find).await??;
        if desks.is_empty() {
            let what = "the desks of all stewards read it already: name other organisations, or put it on the board";
            return Err(conflict(what).in_field("desks"));
        }
        if desks.len() > DESKS_MAX {
            return Err(invalid("desks", format!("at most {DESKS_MAX} desks are asked at once")));
        }
        Ok(desks)
    }
}
