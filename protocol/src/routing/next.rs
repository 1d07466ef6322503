//! When the next candidate is asked: the asker's own rule, by the asker's own
//! clock, and no part of what a request is for others.
//!
//! A routed request that its asker's node decides about by itself goes on when
//! everybody who is asked said no or let their time pass. Time runs from when
//! somebody's node opened the request, as far as is known here; while nobody
//! there has, twice as long: who cannot be reached is not taken for silent, and
//! whoever asks needs an answer all the same. While somebody waits for the reply to
//! a question, their time stands still, and nobody else is asked. Those who were asked
//! before can still accept: the first to do so is chosen.

use tern_crdt::ask::{Ask, Award, Mode, Urgency};
use tern_crdt::authority::Authority;
use tern_crdt::identity::CertificateId;
use tern_crdt::request::Deed;
use tern_crdt::request::fold::{Case, Word};
use tern_crdt::timestamp::Timestamp;

use super::desk::Dossier;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// How long somebody who is asked has, in milliseconds.
pub const PATIENCE: i64 = 5 * DAY;
/// How long when it presses.
pub const PATIENCE_URGENT: i64 = 2 * DAY;
/// The shortest time that anybody has, however soon an answer is needed.
pub const PATIENCE_MIN: i64 = 12 * HOUR;
/// A candidate has at most this part of the time from asking to the day by which
/// an answer is needed.
const PATIENCE_PART: i64 = 5;
/// So many are asked in all by a node itself.
pub const ASKED_MAX: usize = 24;

/// How long each of those who are asked has to say something, in milliseconds.
fn patience(ask: &Ask, asked_at: Timestamp) -> i64 {
    let usual = if ask.urgency == Urgency::Urgent { PATIENCE_URGENT } else { PATIENCE };
    let day = |at: Timestamp| at.0.div_euclid(DAY);
    let left = ask.needed_by.map(|needed| (needed.last_day() - day(asked_at)).max(0) * DAY);
    usual.min(left.map_or(usual, |left| left / PATIENCE_PART)).max(PATIENCE_MIN)
}

impl Dossier {
    /// From when on the next candidate is to be asked; `None` as long as it is
    /// not this node's to ask: the asker decides or chose by hand, somebody
    /// accepted or holds it, it is over, or [`ASKED_MAX`] were asked.
    pub fn next_due(&self, authority: &Authority, case: &Case) -> Option<Timestamp> {
        let ask = Ask::from_tree(&self.request.body().ask);
        let by_itself = ask.mode == Mode::Routed && ask.award == Award::Auto;
        let decided = case.state.is_over() || case.holder.is_some() || !case.answers.is_empty();
        let ready = case.asked.iter().any(|asked| matches!(asked.word, Word::Accepted(_)));
        if !by_itself || decided || ready || case.asked.len() >= ASKED_MAX {
            return None;
        }
        let waits = |expert: &CertificateId| {
            let asked = case.asked(expert);
            asked.is_some_and(|asked| matches!(asked.word, Word::None | Word::Received))
        };
        if case.talk.open_questions().any(|question| waits(&question.by)) {
            return None;
        }
        let patience = patience(&ask, self.received);
        let ends = case.asked.iter().filter_map(|asked| match asked.word {
            Word::Declined(word) => self.events.get(&word).map(|held| held.received),
            Word::Received => {
                let time = patience.saturating_add(self.stood_still(case, &asked.expert));
                Some(self.opened(authority, &asked.expert)?.plus(time))
            }
            Word::None | Word::Accepted(_) => {
                Some(self.asked(&asked.expert).plus(patience.saturating_mul(2)))
            }
        });
        ends.max()
    }

    /// When somebody was asked: with the request, or by the first offer to them.
    fn asked(&self, expert: &CertificateId) -> Timestamp {
        if self.request.body().to.contains(expert) {
            return self.received;
        }
        let offers = self.events.values().filter(|held| match &held.event.body().deed {
            Deed::Offer { to } => to.contains(expert),
            _ => false,
        });
        offers.map(|held| held.received).min().unwrap_or(self.received)
    }

    /// When word came that somebody's node opened the request, after they were
    /// asked.
    fn opened(&self, authority: &Authority, expert: &CertificateId) -> Option<Timestamp> {
        let org_of = |one: &CertificateId| authority.certificate(one).map(|granted| granted.org);
        let org = org_of(expert);
        let there = self.events.values().filter(|held| {
            let event = held.event.body();
            match event.deed {
                Deed::Received => org_of(&event.by) == org,
                Deed::Ask { .. } | Deed::Refer { .. } => event.by == *expert,
                _ => false,
            }
        });
        let first = there.map(|held| held.received).min()?;
        Some(first.max(self.asked(expert)))
    }

    /// For how long somebody waited for replies to what they asked back, in
    /// milliseconds. Time in which they waited for two is counted once.
    fn stood_still(&self, case: &Case, expert: &CertificateId) -> i64 {
        let received = |id| self.events.get(id).map(|held| held.received);
        let questions = case.talk.questions.iter().filter(|question| question.by == *expert);
        let mut waits: Vec<(Timestamp, Timestamp)> = questions
            .filter_map(|question| {
                let replied = question.replies.iter().filter_map(received).min()?;
                Some((received(&question.id)?, replied))
            })
            .collect();
        waits.sort_unstable();
        let (mut still, mut counted) = (0_i64, Timestamp(i64::MIN));
        for (asked, replied) in waits {
            still = still.saturating_add(replied.since(asked.max(counted)).max(0));
            counted = counted.max(replied);
        }
        still
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_asked_has_a_fifth_of_the_time_and_never_less_than_half_a_day() {
        let now = Timestamp(20_000 * DAY + 5 * HOUR);
        let ask = |days: i64, urgency| Ask {
            urgency,
            needed_by: Some(tern_crdt::schema::Date::of(now.plus(days * DAY))),
            ..Ask::default()
        };
        assert_eq!(patience(&ask(60, Urgency::Normal), now), PATIENCE);
        assert_eq!(patience(&ask(60, Urgency::Urgent), now), PATIENCE_URGENT);
        assert_eq!(patience(&ask(10, Urgency::Normal), now), 2 * DAY);
        assert_eq!(patience(&ask(1, Urgency::Urgent), now), PATIENCE_MIN);
        assert_eq!(patience(&Ask::default(), now), PATIENCE);
    }
}
