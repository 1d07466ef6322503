//! When to use links that cost money, and what was spent.
//!
//! A node whose links beyond the local network cost money makes *contact* with
//! one peer at a time: at once when something about a request is to be told,
//! else when the time of its [tariff](crate::tariff) has come; everybody has
//! the same, so that one is enough. Once both are equal and nothing was said
//! for a while it hangs up. A peer that was told so does not dial it. Beyond the
//! month's allowance a meeting is about requests, and who may say what, alone.

use tern_crdt::identity::PublicKey;
use tern_crdt::timestamp::Timestamp;

use super::Replica;
use crate::limits::CONTACT_LINGER;
use crate::meeting::Terms;
use crate::meeting::set::SetId;
use crate::peers::Saved;
use crate::recent::News;
use crate::step::{CommandRefused, Done, LinkId};
use crate::store::Store;
use crate::tariff::{FRAME_BYTES, Purpose, Spent, Tariff, is_near};

/// How much may be spent before it is written down, in bytes; a link that is
/// closed writes it too.
const UNKEPT_MAX: u64 = 64 * 1024;

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
        let in_contact = self.links.values().any(|session| session.costly)
            || self.addresses.is_dialling(|address, _| for_contacts(address));
        let skips = self.skips();
        let due = self.addresses.next_due(
            now,
            1,
            |_| true,
            |address, saved| skips(saved) || !for_contacts(address),
        );
        Outlook {
            next: due.filter(|_| !in_contact).map(|due| due.max(self.next_contact(now))),
            in_contact,
            beyond: self.addresses.iter().any(|(address, _)| !is_near(address)),
            last: self.contact.map(|(at, _)| at),
            waiting,
            frugal: costly && self.is_over(),
        }
    }

    /// What changed in a set since the last contact, or before one since this
    /// node started; `None` if that is not known.
    pub fn untold(&self, set: SetId) -> Option<News> {
        self.library.news_since(set, self.contact.map_or(self.first, |(_, revision)| revision))
    }

    pub(super) fn set_tariff(&mut self, tariff: Tariff) -> Result<Done, CommandRefused> {
        tariff.check().map_err(CommandRefused::Tariff)?;
        self.library.write(tariff.keep());
        (self.tariff, self.tariff_said) = (tariff, true);
        let costly = self.tariff.class.is_costly();
        let mut in_step = false;
        for session in self.links.values_mut() {
            let was = std::mem::replace(&mut session.costly, costly && !session.near);
            in_step |= session.costly && !was && session.meeting.is_settled();
        }
        // What is open already is as good as a contact.
        if in_step {
            self.made_contact(self.library.now);
        }
        Ok(Done::Noted)
    }

    /// Whether bytes on a link cost money.
    pub(super) const fn is_costly(&self, near: bool) -> bool {
        !near && self.tariff.class.is_costly()
    }

    /// What is wanted of a meeting on a link.
    pub(super) fn terms(&self, costly: bool) -> Terms {
        Terms { class: costly.then_some(self.tariff.class), frugal: costly && self.is_over() }
    }

    /// Whether the allowance of this month is used up.
    fn is_over(&self) -> bool {
        let this_month = crate::tariff::month(self.library.now) == self.spent.month;
        let spent = if this_month { self.spent.costly.sum() } else { 0 };
        self.tariff.allowance.is_some_and(|allowance| spent >= allowance)
    }

    /// Whether something about a request is to be told to somebody.
    fn is_pressing(&self) -> bool {
        self.contact.is_some_and(|(_, revision)| {
            let news = self.library.news_since(SetId::Parcels, revision);
            news.is_none_or(|news| !news.is_empty())
        })
    }

    /// When contact is to be made next.
    fn next_contact(&self, now: Timestamp) -> Timestamp {
        let Some((last, _)) = self.contact.filter(|_| !self.is_pressing()) else { return now };
        let next = last.plus(self.tariff.every);
        // A clock that was set back would wait for years.
        if now.since(last) < 0 { now } else { self.tariff.opens(next.max(now)) }
    }

    /// A meeting ended well on a link that costs money.
    pub(super) fn made_contact(&mut self, now: Timestamp) {
        self.contact = Some((now, self.library.revision()));
    }

    /// Whether an address is used for contacts alone.
    pub(super) fn is_for_contacts(&self) -> impl Fn(&str) -> bool + use<S> {
        let costly = self.tariff.class.is_costly();
        move |address: &str| costly && !is_near(address)
    }

    /// Whether contact is to be made now, and none is being made.
    pub(super) fn is_contact_due(&self, now: Timestamp) -> bool {
        let for_contacts = self.is_for_contacts();
        let busy = self.links.values().any(|session| session.costly)
            || self.addresses.is_dialling(|address, _| for_contacts(address));
        !busy && self.next_contact(now).since(now) <= 0
    }

    /// When the next contact has to be thought of; `of` tells the addresses at
    /// which it could be made.
    pub(super) fn contact_wakes(
        &self,
        now: Timestamp,
        skip: impl Fn(&str, &Saved) -> bool,
    ) -> Option<Timestamp> {
        let ends = self.links.values().filter(|session| session.costly && session.is_quiet());
        let ends = ends.map(|session| session.last_heard.plus(CONTACT_LINGER)).min();
        let busy = self.links.values().any(|session| session.costly);
        let due = self.addresses.next_due(now, 1, |_| true, skip).filter(|_| !busy);
        let due = due.map(|due| due.max(self.next_contact(now)));
        ends.into_iter().chain(due).min()
    }

    /// Hangs up where all is told.
    pub(super) fn end_contacts(&mut self, now: Timestamp) {
        let over = |since: Timestamp| !(0..CONTACT_LINGER).contains(&now.since(since));
        let quiet = self.links.iter().filter(|(_, session)| {
            session.costly && session.is_quiet() && over(session.last_heard)
        });
        let quiet: Vec<LinkId> = quiet.map(|(link, _)| *link).collect();
        for link in quiet {
            self.hang_up(now, link, "all is told until the next contact, as this link costs money");
        }
    }

    /// Whether a peer is left to dial itself.
    pub(super) fn dials_itself(&self) -> impl Fn(&PublicKey) -> bool + use<S> {
        let thrifty = self.thrifty.clone();
        move |peer: &PublicKey| thrifty.contains(peer)
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
