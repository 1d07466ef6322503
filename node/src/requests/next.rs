//! Asking more experts: by hand, and by the asker's node when those who were
//! asked said no or let their time pass
//! ([`next_due`](tern_protocol::routing::desk::Dossier::next_due)).

use std::collections::BTreeSet;
use std::sync::Weak;
use std::time::Duration;

use tern_crdt::ask::Ask;
use tern_crdt::identity::CertificateId;
use tern_crdt::request::{Deed, Step};
use tern_crdt::timestamp::Timestamp;
use tern_protocol::matching::Match;
use tern_protocol::routing::desk::Dossier;
use tern_protocol::step::Command;

use super::further::widened;
use super::viewing::Seen;
use crate::accounts::failed;
use crate::driver::now;
use crate::experts::ExpertRead;
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::running::Node;

/// How often a node looks whether somebody's time is over.
const LOOKED: Duration = Duration::from_secs(3_600);

impl Node {
    /// Experts who fit a request and were not asked yet, the best first.
    ///
    /// # Errors
    /// The store's.
    pub async fn next_candidates(
        &self,
        ask: &Ask,
        asker: CertificateId,
        asked: &BTreeSet<CertificateId>,
    ) -> Result<Vec<(Match, ExpertRead)>, OpError> {
        let mut found = self.matching(ask.clone(), Some(asker)).await?.found;
        found.retain(|(found, _)| !asked.contains(&found.certificate));
        Ok(found)
    }

    /// Asks the next candidate where their turn has come and the asker's key is
    /// open here; whether somebody was asked. The caller holds the lock under
    /// which it is decided.
    pub(super) async fn ask_next(&self, dossier: &Dossier, at: Timestamp) -> Result<bool, OpError> {
        let of = dossier.clone();
        let turn = move |replica: &NodeReplica| {
            let authority = replica.library().authority();
            let case = of.case(authority);
            let due = of.next_due(authority, &case);
            let asked = || case.asked.iter().map(|asked| asked.expert).collect();
            due.map(|due| (due, case.talk.step, asked()))
        };
        let Some((due, step, asked)) = self.handle().read(turn).await? else { return Ok(false) };
        if at.since(due) < 0 {
            return Ok(false);
        }
        let (Some(asker), Some(key)) = self.signs_for(dossier).await? else { return Ok(false) };
        let ask = Ask::from_tree(&dossier.request.body().ask);
        let next = self.next_candidates(&widened(ask.clone(), step), asker, &asked).await?;
        let Some((next, _)) = next.into_iter().next() else {
            // Wider, once, if that finds anybody.
            let wider = widened(ask, Step::Wider);
            let found = step < Step::Wider
                && !self.next_candidates(&wider, asker, &asked).await?.is_empty();
            if found {
                let deed = Deed::Escalate { step: Step::Wider, desks: Vec::new(), need: None };
                self.say(dossier, asker, &key, deed).await?;
            }
            return Ok(found);
        };
        self.say(dossier, asker, &key, Deed::Offer { to: vec![next.certificate] }).await?;
        Ok(true)
    }

    /// Looks whether the turn of the next candidate has come at this time, for
    /// every request that was asked here; and says until when people here wait for
    /// others.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn attend_to_silence(&self, at: Timestamp) -> Result<(), OpError> {
        if self.handle().read(NodeReplica::is_catching_up).await? {
            return Ok(());
        }
        let requests = self.handle().read(|r| r.library().requests()).await?.map_err(failed)?;
        for request in requests {
            let _one_at_a_time = self.requests().deciding.lock().await;
            if let Some(dossier) = self.dossier(request).await? {
                self.ask_next(&dossier, at).await?;
                self.expect(&dossier).await?;
            }
        }
        Ok(())
    }

    /// The experts that somebody names, or the best one who was not asked yet.
    ///
    /// # Errors
    /// Nobody fits who was not asked; a name that is no expert's, or more than
    /// one's.
    pub(super) async fn to_offer(
        &self,
        seen: &Seen,
        named: &[String],
    ) -> Result<Vec<CertificateId>, OpError> {
        let ask = widened(seen.ask.clone(), seen.case.talk.step);
        let asker = seen.asker.certificate;
        let asked: BTreeSet<CertificateId> =
            seen.case.asked.iter().map(|asked| asked.expert).collect();
        if named.is_empty() {
            let next = self.next_candidates(&ask, asker, &asked).await?;
            let next = next.into_iter().next().ok_or_else(|| {
                let what = "everybody who fits was asked already: name an expert, look further with `tern request escalate`, or wait for more expert cards";
                OpError::new(ErrorCode::NotFound, what).in_field("expert")
            })?;
            return Ok(vec![next.0.certificate]);
        }
        let mut to = Vec::new();
        for name in named {
            let expert = self.named_expert(name).await?;
            if asked.contains(&expert) {
                let what = format!("`{name}` was asked already");
                return Err(OpError::new(ErrorCode::Conflict, what).in_field("expert"));
            }
            if !to.contains(&expert) {
                to.push(expert);
            }
        }
        Ok(to)
    }

    /// An expert by id, a prefix of it, or the name that they show.
    pub(super) async fn named_expert(&self, name: &str) -> Result<CertificateId, OpError> {
        let experts = self.experts().await?;
        let mut named = experts.iter().filter(|expert| expert.name.as_deref() == Some(name));
        if let (Some(one), None) = (named.next(), named.next()) {
            return Ok(one.id);
        }
        let expert = self.expert(name).await.map_err(|error| error.in_field("expert"))?;
        Ok(expert.id)
    }

    /// A request that is not over keeps people here waiting for others, until the
    /// day by which an answer is needed: links that cost money are opened more
    /// often meanwhile.
    pub(super) async fn expect(&self, dossier: &Dossier) -> Result<(), OpError> {
        const DAY: i64 = 86_400_000;
        let of = dossier.clone();
        let over =
            move |replica: &NodeReplica| of.case(replica.library().authority()).state.is_over();
        let ask = Ask::from_tree(&dossier.request.body().ask);
        let until = match ask.needed_by {
            Some(day) => Timestamp((day.last_day() + 1).saturating_mul(DAY)),
            None => dossier.received.plus(30 * DAY),
        };
        if until.since(now()) > 0 && !self.handle().read(over).await? {
            self.handle().command(Command::Expect(until)).await?;
        }
        Ok(())
    }
}

/// Looks at every request once an hour, for as long as the node runs.
pub(crate) async fn keep(node: Weak<Node>) {
    let mut ticks = tokio::time::interval(LOOKED);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(node) = node.upgrade() else { return };
        if let Err(error) = node.attend_to_silence(now()).await
            && !node.requests().is_over()
        {
            tracing::error!(error = error.for_log(), "could not look for who is silent");
        }
    }
}
