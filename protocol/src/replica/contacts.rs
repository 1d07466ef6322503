//! When to use links that cost money, and what was spent.
//!
//! A node whose links beyond the local network cost money makes *contact* with
//! one peer at a time: at once when something about a request is to be told,
//! else when the time of its [tariff](crate::tariff) has come, or a quarter of it
//! while people here wait for each other; everybody has the same, so that one is
//! enough. Once both are equal and nothing was said
//! for a while it hangs up. Its peers [leave it alone](super::thrift) until its
//! next contact. Beyond the month's allowance a meeting is about requests, and
//! who may say what, alone.

use tern_crdt::identity::ParcelId;
use tern_crdt::timestamp::Timestamp;

use super::Replica;
use crate::limits::{CONTACT_LINGER, CONTACT_PATIENCE};
use crate::meeting::Terms;
use crate::meeting::set::{ObjectId, SetId};
use crate::peers::Saved;
use crate::recent::News;
use crate::session::{Session, Standing};
use crate::step::{CommandRefused, Done};
use crate::store::Store;
use crate::tariff::{FRAME_BYTES, Purpose, Spent, Tariff, is_near};

/// Whoever expects an answer makes contact so many times as often.
const EXPECTING: i64 = 4;
/// How much may be spent before it is written down, in bytes; a link that is
/// closed writes it too.
const UNKEPT_MAX: u64 = 64 * 1024;

/// The last time that a meeting ended well on a link that costs money, by this
/// node's clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contact {
    at: Timestamp,
    /// The last time that this node had dialled for it.
    own: Timestamp,
    /// The library's revision at the last.
    revision: u64,
}

/// What waits to be told, and when it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Outlook {
    /// When the next contact is made, by this node's clock; `None` if links
    /// stay open, nobody is dialled, or one is under way.
    pub next: Option<Timestamp>,
    /// Whether a contact is being made now.
    pub in_contact: bool,
    /// Whether an address beyond the local network is remembered.
    pub beyond: bool,
    /// When the last was made, since this node started.
    pub last: Option<Timestamp>,
    /// Objects of each set that changed since, in the order of
    /// [`SetId::ALL`]; `None` if that is not known.
    pub waiting: [Option<u64>; SetId::ALL.len()],
    /// Whether the month's allowance is used up.
    pub frugal: bool,
}

impl<S: Store> Replica<S> {
    /// What links cost.
    pub const fn tariff(&self) -> &Tariff {
        &self.tariff
    }

    /// Whether somebody has said so; otherwise the settings did, or nobody.
    pub const fn is_tariff_said(&self) -> bool {
        self.tariff_said
    }

    /// What was spent on links, in the month of its last byte.
    pub const fn spent(&self) -> Spent {
        self.spent
    }

    /// What waits to be told over links that cost money.
    pub fn outlook(&self) -> Outlook {
        let now = self.library.now;
        let waiting = SetId::ALL.map(|set| self.untold(set).map(|news| news.len() as u64));
        let costly = self.tariff.class.is_costly();
        let for_contacts = self.is_for_contacts();
        let in_contact = self.is_in_contact(now)
            || self.addresses.is_dialling(|address, _| for_contacts(address));
        Outlook {
            next: self.next_contact(now).filter(|_| !in_contact),
            in_contact,
            beyond: self.addresses.iter().any(|(address, _)| !is_near(address)),
            last: self.contact.map(|contact| contact.at),
            waiting,
            frugal: costly && self.is_over(),
        }
    }

    /// What changed in a set since the last contact, or before one since this
    /// node started; `None` if that is not known.
    pub fn untold(&self, set: SetId) -> Option<News> {
        self.library.news_since(set, self.contact.map_or(self.first, |contact| contact.revision))
    }

    /// People here wait for word of others until then.
    pub(super) fn expect(&mut self, until: Timestamp) -> Done {
        self.expects = self.expects.max(Some(until));
        Done::Noted
    }

    pub(super) fn set_tariff(&mut self, tariff: Tariff) -> Result<Done, CommandRefused> {
        tariff.check().map_err(CommandRefused::Tariff)?;
        self.library.write(tariff.keep());
        if self.tariff.class != tariff.class {
            // What peers asked for was said about a link of another kind.
            self.thrifty.clear();
        }
        (self.tariff, self.tariff_said) = (tariff, true);
        let (free, paid) = (self.terms(false), self.terms(self.is_costly(false)));
        let costly = self.tariff.class.is_costly();
        let mut in_step = false;
        for session in self.links.values_mut() {
            let was = std::mem::replace(&mut session.costly, costly && !session.near);
            session.meeting.terms = if session.near { free } else { paid };
            in_step |= session.costly && !was && session.meeting.is_settled();
        }
        // What is open already is as good as a contact.
        if in_step {
            self.made_contact(self.library.now, true);
        }
        Ok(Done::Noted)
    }

    /// Whether bytes on a link cost money.
    pub(super) const fn is_costly(&self, near: bool) -> bool {
        !near && self.tariff.class.is_costly()
    }

    /// What is wanted of a meeting on a link.
    pub(super) fn terms(&self, costly: bool) -> Terms {
        Terms { alone: costly.then(|| self.makes_contact_in()), frugal: costly && self.is_over() }
    }

    /// After how many seconds from now the next contact is made, if one is made
    /// now.
    fn makes_contact_in(&self) -> u32 {
        let now = self.library.now;
        let next = self.tariff.opens(now.plus(self.tariff.every));
        u32::try_from(next.since(now) / 1_000).unwrap_or(u32::MAX)
    }

    /// Whether the allowance of this month is used up.
    fn is_over(&self) -> bool {
        let this_month = crate::tariff::month(self.library.now) == self.spent.month;
        let spent = if this_month { self.spent.costly.sum() } else { 0 };
        self.tariff.allowance.is_some_and(|allowance| spent >= allowance)
    }

    /// Whether something about a request is to be told to somebody.
    pub(super) fn is_pressing(&self) -> bool {
        self.contact.is_some_and(|contact| {
            let news = self.library.news_since(SetId::Parcels, contact.revision);
            // What goes in a lane, or is gone, waits for the next contact.
            let presses = |id: &ObjectId| {
                self.library.holds(SetId::Parcels, id)
                    && !self.library.is_in_lane(&ParcelId::new(*id))
            };
            news.is_none_or(|news| news.keys().any(presses))
        })
    }

    /// When the next contact is made, if there is anybody to make it with.
    fn next_contact(&self, now: Timestamp) -> Option<Timestamp> {
        let (skips, for_contacts) = (self.skips(now), self.is_for_contacts());
        let skips = |address: &str, saved: &Saved| skips(saved) || !for_contacts(address);
        let due = self.addresses.next_due(now, 1, |_| true, skips);
        let alone = self.alone_ends(now, self.is_for_contacts());
        let earliest = due.into_iter().chain(alone).min()?;
        Some(earliest.max(self.contact_is_due_at(now)))
    }

    /// When contact is to be made next.
    pub(super) fn contact_is_due_at(&self, now: Timestamp) -> Timestamp {
        let Some(last) = self.contact.filter(|_| !self.is_pressing()) else { return now };
        let expects = self.expects.is_some_and(|until| until.since(now) > 0);
        let every = if expects { self.tariff.every / EXPECTING } else { self.tariff.every };
        // Those who dial this node may be always the same.
        let next = last.at.plus(every).min(last.own.plus(2 * every));
        // A clock that was set back would wait for years.
        if now.since(last.at) < 0 { now } else { self.tariff.opens(next.max(now)) }
    }

    /// A meeting ended well on a link that costs money, for which this node had
    /// `dialled` or not.
    pub(super) fn made_contact(&mut self, now: Timestamp, dialled: bool) {
        let before = self.contact.filter(|_| !dialled);
        let own = before.map_or(now, |contact| contact.own);
        self.contact = Some(Contact { at: now, own, revision: self.library.revision() });
    }

    /// Whether an address is used for contacts alone.
    pub(super) fn is_for_contacts(&self) -> impl Fn(&str) -> bool + use<S> {
        let costly = self.tariff.class.is_costly();
        move |address: &str| costly && !is_near(address)
    }

    /// Whether a link that costs money is in use. A peer that has nothing to say,
    /// or does not come to its end, keeps nobody from contact with others.
    fn is_in_contact(&self, now: Timestamp) -> bool {
        self.occupied().any(|session| is_within(now, session.moved_at(), CONTACT_PATIENCE))
    }

    /// Links with members that cost money.
    fn occupied(&self) -> impl Iterator<Item = &Session> {
        let sessions = self.links.values();
        sessions.filter(|session| session.costly && session.standing == Standing::Member)
    }

    /// Whether contact is to be made now, and none is being made.
    pub(super) fn is_contact_due(&self, now: Timestamp) -> bool {
        let for_contacts = self.is_for_contacts();
        let busy = self.is_in_contact(now)
            || self.addresses.is_dialling(|address, _| for_contacts(address));
        !busy && self.contact_is_due_at(now).since(now) <= 0
    }

    /// When the next contact has to be thought of.
    pub(super) fn contact_wakes(&self, now: Timestamp) -> Option<Timestamp> {
        let ends = self.links.values().filter(|session| session.costly && session.is_quiet());
        let ends = ends.map(|session| session.last_heard.plus(CONTACT_LINGER));
        let free = self.occupied().map(|session| session.moved_at().plus(CONTACT_PATIENCE)).max();
        let next = self.next_contact(now).map(|next| free.map_or(next, |free| next.max(free)));
        ends.chain(next).min()
    }

    /// Hangs up where all is told.
    pub(super) fn end_contacts(&mut self, now: Timestamp) {
        let mut quiet = Vec::new();
        for (link, session) in self.links.iter_mut().filter(|(_, session)| session.costly) {
            session.note_moves(now);
            if session.is_quiet() && !is_within(now, session.last_heard, CONTACT_LINGER) {
                quiet.push(*link);
            }
        }
        for link in quiet {
            self.hang_up(now, link, "all is told until the next contact, as this link costs money");
        }
    }

    /// Notes a frame.
    pub(super) fn spend_on(&mut self, costly: bool, purpose: Purpose, bytes: usize) {
        self.spend(costly, purpose, bytes as u64);
        self.spend(costly, Purpose::Transport, FRAME_BYTES);
    }

    pub(super) fn spend(&mut self, costly: bool, purpose: Purpose, bytes: u64) {
        self.spent.note(self.library.now, costly, purpose, bytes);
    }

    /// Writes down what was spent, if that is worth it.
    pub(super) fn keep_spent(&mut self) {
        let total = |spent: &Spent| spent.costly.sum() + spent.free.sum();
        let closed = self.links.is_empty() && self.spent != self.spent_kept;
        let grown = total(&self.spent).abs_diff(total(&self.spent_kept)) > UNKEPT_MAX;
        if closed || grown || self.spent.month != self.spent_kept.month {
            self.library.write(self.spent.keep());
            self.spent_kept = self.spent;
        }
    }
}

/// Whether less than `time` has passed since then. Of a clock that was set back
/// nobody can tell.
fn is_within(now: Timestamp, since: Timestamp, time: i64) -> bool {
    (0..time).contains(&now.since(since))
}
