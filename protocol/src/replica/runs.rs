//! Runs: what this node and its peers say of each other's starts; see
//! [`crate::runs`].

use tern_crdt::identity::PublicKey;
use tern_crdt::timestamp::Timestamp;

use super::Replica;
use crate::catching_up::found;
use crate::letters::mark_lost;
use crate::limits::RUN_WORDS_MAX;
use crate::message::Message;
use crate::runs::{Copied, Noted, Run, Told};
use crate::session::{RunWord, Standing};
use crate::step::{Event, LinkId};
use crate::store::Store;

impl<S: Store> Replica<S> {
    /// The run that this is.
    pub const fn run(&self) -> Run {
        self.runs.now()
    }

    /// The last time that two nodes were seen to run with this node's key.
    pub const fn copied(&self) -> Option<&Copied> {
        self.runs.copied.as_ref()
    }

    /// Whether two nodes run with this node's key, as far as is known.
    pub fn is_copied(&self) -> bool {
        self.runs.copied.is_some_and(|copied| copied.cleared.is_none())
    }

    /// Says on a link which run this is, and which one of the peer is known.
    pub(super) fn say_run(&mut self, link: LinkId) {
        let Some(session) = self.links.get_mut(&link) else { return };
        if session.standing != Standing::Member {
            return;
        }
        // What cannot be said any more is never answered either.
        session.talk.unanswered += 1;
        if session.talk.said >= RUN_WORDS_MAX {
            return;
        }
        session.talk.said += 1;
        let yours = self.runs.peers.known_of(&session.peer);
        let (mine, kept) = self.runs.say();
        kept.into_iter().for_each(|private| self.library.write(private));
        self.say(link, &Message::Run { mine, yours });
    }

    /// A peer says something about runs.
    pub(super) fn run_word(&mut self, now: Timestamp, link: LinkId, word: RunWord) {
        let Some(session) = self.links.get_mut(&link) else { return };
        let peer = session.peer;
        session.talk.heard += 1;
        if session.talk.heard > 2 * RUN_WORDS_MAX {
            return self.hang_up(now, link, "it says more about its runs than there is to say");
        }
        match word {
            RunWord::Is { theirs, ours } => {
                let other = session.talk.theirs.is_none_or(|before| !before.is_same(&theirs));
                session.talk.theirs = Some(theirs);
                let settled = session.talk.said > 0 && session.talk.unanswered == 0;
                self.say(link, &Message::RunTaken);
                if let Some(ours) = ours {
                    self.known_as(now, peer, &ours);
                }
                if settled && other {
                    self.note_run(now, link);
                }
            }
            RunWord::Taken => {
                let unanswered = session.talk.unanswered;
                session.talk.unanswered = unanswered.saturating_sub(1);
                session.talk.outdated = session.talk.outdated.saturating_sub(1);
                if unanswered == 1 {
                    self.note_run(now, link);
                }
            }
            // Said before the peer knew that people stopped the other one.
            RunWord::Twice(_) if session.talk.outdated > 0 => {}
            RunWord::Twice(other) => {
                if let Some(kept) = self.runs.twice(peer, &other, now) {
                    self.library.write(kept);
                    self.events.push(Event::Copied(peer));
                }
            }
        }
    }

    /// A peer knew this node as this run.
    fn known_as(&mut self, now: Timestamp, peer: PublicKey, run: &Run) {
        let (told, kept) = self.runs.judge(run);
        if let Some(kept) = kept {
            self.library.write(kept);
        }
        if told == Told::Unknown {
            self.put_back(now, Some(peer));
        }
    }

    /// This node was put back, or somebody runs a copy of it: once in a start
    /// it catches up, unless it does already, and becomes another run.
    pub(super) fn put_back(&mut self, now: Timestamp, by: Option<PublicKey>) {
        if std::mem::replace(&mut self.runs.was_put_back, true) {
            return;
        }
        let mark = found(by, now);
        self.library.write(mark.keep());
        self.restored = Some(mark);
        self.events.push(Event::PutBack(by));
        self.runs.renew(now);
        self.tell_run();
        // The meetings that would end it may have been held already.
        let links: Vec<LinkId> = self.links.keys().copied().collect();
        links.into_iter().for_each(|link| self.begin(link));
    }

    /// The operator says that only this one runs now.
    pub(super) fn clear_copied(&mut self, now: Timestamp) {
        let Some(kept) = self.runs.clear(now) else { return };
        self.library.write(kept);
        // What was told to the other one may not be here.
        mark_lost(&mut self.library, now);
        self.tell_run();
        for session in self.links.values_mut() {
            session.talk.outdated = session.talk.unanswered;
        }
    }

    /// Says the current run wherever another one was said.
    fn tell_run(&mut self) {
        let said = self.links.iter().filter(|(_, session)| session.talk.said > 0);
        let links: Vec<LinkId> = said.map(|(link, _)| *link).collect();
        for link in links {
            self.say_run(link);
        }
    }

    /// The peer has answered all that was said to it: its run is written down,
    /// and others that live with its key hear of it.
    fn note_run(&mut self, now: Timestamp, link: LinkId) {
        let Some(session) = self.links.get_mut(&link) else { return };
        let Some(run) = session.talk.theirs else { return };
        let told = session.talk.told.is_some_and(|told| told.is_same(&run));
        let peer = session.peer;
        let (noted, kept) = self.runs.peers.note(peer, run, now);
        kept.into_iter().for_each(|private| self.library.write(private));
        match noted {
            Noted::Same => {}
            Noted::Other => self.tell_others_of(link, peer, &run, true),
            Noted::PutBack => {
                self.events.push(Event::OtherRun { peer, twice: false });
                self.tell_others_of(link, peer, &run, true);
            }
            Noted::Twice(other) => {
                if !told {
                    session.talk.told = Some(run);
                    self.say(link, &Message::RunTwice { other });
                    self.events.push(Event::OtherRun { peer, twice: true });
                }
                self.tell_others_of(link, peer, &run, false);
            }
        }
    }

    /// Says on the other links of a key that another run of it was here. Who
    /// was told that it lives twice hears of new ones alone: for the sake of
    /// those, since its answer shows them that it lives too. So there is an end.
    fn tell_others_of(&mut self, link: LinkId, peer: PublicKey, run: &Run, new: bool) {
        let others: Vec<LinkId> = self
            .links
            .iter()
            .filter(|(other, session)| **other != link && session.peer == peer)
            .filter(|(_, session)| {
                let talk = &session.talk;
                let is = |known: Option<Run>| known.is_some_and(|known| known.is_same(run));
                let told = talk.told.zip(talk.theirs).is_some_and(|(one, two)| one.is_same(&two));
                talk.said > 0 && !is(talk.theirs) && (new || !told)
            })
            .map(|(other, _)| *other)
            .collect();
        for other in others {
            self.say_run(other);
        }
    }
}
