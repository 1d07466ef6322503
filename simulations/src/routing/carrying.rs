//! The offices at work: each with a replica that dials, meets, signs for what it
//! carries, and writes what its people say.

use std::collections::{BTreeMap, VecDeque};

use tern_crdt::identity::{CertificateId, ParcelId, PublicKey};
use tern_crdt::parcel::Custody;
use tern_crdt::signed::Statement;
use tern_crdt::timestamp::Timestamp;
use tern_protocol::gate::Examined;
use tern_protocol::ledger::Private;
use tern_protocol::limits::INPUTS_MAX;
use tern_protocol::replica::Replica;
use tern_protocol::routing::Rest;
use tern_protocol::step::{Command, CommandId, Done, Event, Input, LinkId, Output, Settings};
use tern_protocol::store::memory::MemoryStore;
use tern_protocol::tariff::{FRAME_BYTES, LinkClass, OPENING_BYTES, Tariff};

use super::contacts::{Contacts, Kind};
use super::letters::{Letters, Says};
use super::offices::Offices;
use super::{DAY, DEADLINE, Options};
use crate::agenda::Agenda;
use crate::chance::Chance;
use crate::network::{End, Network, Wired};
use crate::world::sticks::{Bundle, Carried, Heard, Writes};

/// Something that will happen.
enum Happening {
    Wired(Wired),
    Step(usize),
    Alarm {
        office: usize,
        alarm: u64,
    },
    Answered {
        office: usize,
        address: String,
    },
    Opens(usize),
    Closes(usize),
    /// A stick leaves with a bundle, or arrives with it.
    Leaves(usize),
    Arrives(usize),
    Says {
        talk: usize,
        says: Says,
    },
}

impl From<Wired> for Happening {
    fn from(wired: Wired) -> Self {
        Self::Wired(wired)
    }
}

/// What a command was asked for.
enum Asked {
    /// To write something.
    Write,
    /// To remember what a bundle tells before it leaves with a trip.
    Bundle { trip: usize, bundle: Box<Bundle> },
    /// To take in what a stick brought.
    Carried(Box<Carried>),
    /// To remember what was told in it.
    Heard { writer: usize, counter: u64, complete: bool },
}

/// One office.
struct Office {
    replica: Replica<MemoryStore>,
    inputs: VecDeque<Input>,
    stepping: bool,
    alarm: u64,
    count: u64,
    links: BTreeMap<LinkId, (End, usize)>,
    commands: BTreeMap<CommandId, Asked>,
}

/// What an office spent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    /// Bytes both ways on links, with those of the transport as they are
    /// estimated.
    pub bytes: u64,
    /// Links that it opened, or that were opened to it.
    pub links: u64,
    /// Bytes on sticks that it wrote.
    pub carried: u64,
}

/// See the module.
pub(crate) struct Carrying<'c> {
    agenda: Agenda<Happening>,
    chance: Chance,
    network: Network,
    keys: Offices,
    contacts: &'c Contacts,
    /// Windows that are open, by the two offices, the smaller first.
    open: BTreeMap<[usize; 2], usize>,
    offices: Vec<Office>,
    pub letters: Letters,
    spent: Vec<Spent>,
    /// What each office had spent when the last request was asked.
    pub spent_by_then: Vec<Spent>,
    last_asked: i64,
    /// Bundles on their way, by trip.
    sticks: BTreeMap<usize, Bundle>,
    nodes: BTreeMap<PublicKey, CertificateId>,
    /// Words of custody that were signed.
    pub custodies: u64,
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn pair([one, other]: [usize; 2]) -> [usize; 2] {
    [one.min(other), one.max(other)]
}

fn address(office: usize) -> String {
    format!("/office/{office}")
}

/// The time by everybody's clock.
const fn clock(now: i64) -> Timestamp {
    Timestamp(1_700_000_000_000 + now)
}

/// What links cost an office.
fn tariff(kind: Kind, night: u8) -> Tariff {
    match kind {
        Kind::Line | Kind::Courier => Tariff::of(LinkClass::Broadband),
        Kind::Satellite => Tariff {
            hours: Some((night, (night + 6) % 24)),
            allowance: Some(30_000_000),
            ..Tariff::of(LinkClass::Satellite)
        },
        Kind::Mobile => Tariff { allowance: Some(15_000_000), ..Tariff::of(LinkClass::Metered) },
    }
}

impl<'c> Carrying<'c> {
    pub fn begin(options: &Options, contacts: &'c Contacts) -> Result<Self, String> {
        let keys = Offices::found(options.offices, options.seed)?;
        let mut chance = Chance::new(options.seed ^ 0xca5);
        let (mut agenda, mut offices) = (Agenda::new(), Vec::new());
        for (number, own) in keys.all.iter().enumerate() {
            let settings = Settings {
                federation: keys.federation,
                org: own.party.org(),
                auto: true,
                learns: false,
                joining: None,
                tariff: tariff(contacts.kinds[number], contacts.nights[number]),
            };
            let (store, seed) = (keys.disk.clone(), chance.any());
            let opened = Replica::open(settings, own.node.public(), store, seed, clock(0));
            // It wakes when it is told whom it reaches.
            let (replica, _) = opened.map_err(text)?;
            offices.push(Office {
                replica,
                inputs: VecDeque::new(),
                stepping: false,
                alarm: 0,
                count: 0,
                links: BTreeMap::new(),
                commands: BTreeMap::new(),
            });
        }
        let letters = Letters::of(options);
        for (window, at) in contacts.windows.iter().enumerate() {
            agenda.after(at.opens, Happening::Opens(window));
            agenda.after(at.closes, Happening::Closes(window));
        }
        for (trip, at) in contacts.trips.iter().enumerate() {
            agenda.after(at.leaves, Happening::Leaves(trip));
            agenda.after(at.arrives, Happening::Arrives(trip));
        }
        for (talk, of) in letters.talks.iter().enumerate() {
            agenda.after(of.begins, Happening::Says { talk, says: Says::Request });
        }
        let certificate = |keys: &super::offices::Keys| (keys.node.public(), keys.certificate);
        let nodes = keys.all.iter().map(certificate).collect();
        let mut world = Self {
            agenda,
            chance,
            network: Network::new(),
            keys,
            contacts,
            open: BTreeMap::new(),
            spent: vec![Spent::default(); offices.len()],
            spent_by_then: Vec::new(),
            last_asked: options.days * DAY,
            offices,
            letters,
            sticks: BTreeMap::new(),
            nodes,
            custodies: 0,
        };
        let mut reach: Vec<[usize; 2]> = contacts.windows.iter().map(|w| w.between).collect();
        reach.sort_unstable();
        reach.dedup();
        for [dials, other] in reach {
            let peer = Some(world.keys.all[other].node.public());
            let command = Command::SaveAddress { address: address(other), peer };
            world.ask(dials, command, Asked::Write);
        }
        Ok(world)
    }

    /// Goes on until the last window closed.
    pub fn run(&mut self, mut tell: impl FnMut(String)) -> Result<(), String> {
        let (mut week, end) = (0, self.contacts.end);
        while let Some(next) = self.agenda.next(end) {
            if self.agenda.now() / (7 * DAY) > week {
                week = self.agenda.now() / (7 * DAY);
                let arrived = self.letters.all.iter().filter(|l| l.arrived.is_some()).count();
                tell(format!("week {week}: {arrived} of {} letters", self.letters.all.len()));
            }
            if self.spent_by_then.is_empty() && self.agenda.now() >= self.last_asked {
                self.spent_by_then.clone_from(&self.spent);
            }
            self.happens(next)?;
            while let Some((office, input)) = self.network.heard.pop_front() {
                self.hears(office, input);
            }
        }
        Ok(())
    }

    fn happens(&mut self, what: Happening) -> Result<(), String> {
        match what {
            Happening::Wired(wired) => {
                self.network.happens(&mut self.agenda, &mut self.chance, wired);
            }
            Happening::Step(office) => self.step(office)?,
            Happening::Alarm { office, alarm } => {
                if self.offices[office].alarm == alarm {
                    self.hears(office, Input::Tick);
                }
            }
            Happening::Answered { office, address } => self.answered(office, address),
            Happening::Opens(window) => {
                let between = self.contacts.windows[window].between;
                self.open.insert(pair(between), window);
            }
            Happening::Closes(window) => self.closes(window),
            Happening::Leaves(trip) => self.leaves(trip)?,
            Happening::Arrives(trip) => {
                if let Some(bundle) = self.sticks.remove(&trip) {
                    let carried = bundle.opened()?;
                    self.takes_in(self.contacts.trips[trip].to, carried);
                }
            }
            Happening::Says { talk, says } => self.says(talk, says)?,
        }
        Ok(())
    }

    fn hears(&mut self, office: usize, input: Input) {
        self.offices[office].inputs.push_back(input);
        if !self.offices[office].stepping {
            self.offices[office].stepping = true;
            self.agenda.after(0, Happening::Step(office));
        }
    }

    fn ask(&mut self, office: usize, command: Command, asked: Asked) {
        let at = &mut self.offices[office];
        at.count += 1;
        let id = CommandId(at.count);
        at.commands.insert(id, asked);
        self.hears(office, Input::Command { id, command });
    }

    fn step(&mut self, number: usize) -> Result<(), String> {
        let office = &mut self.offices[number];
        office.stepping = false;
        let many = office.inputs.len().min(INPUTS_MAX);
        let inputs: Vec<Input> = office.inputs.drain(..many).collect();
        for input in &inputs {
            if let Input::Disconnected { link } = input {
                office.links.remove(link);
            }
        }
        let now = clock(self.agenda.now());
        let outputs = office.replica.step(now, inputs.into_iter()).map_err(text)?;
        for output in outputs {
            self.carry_out(number, output)?;
        }
        if !self.offices[number].inputs.is_empty() && !self.offices[number].stepping {
            self.offices[number].stepping = true;
            self.agenda.after(0, Happening::Step(number));
        }
        Ok(())
    }

    fn carry_out(&mut self, number: usize, output: Output) -> Result<(), String> {
        match output {
            Output::Send { link, frame } => {
                if let Some((end, peer)) = self.offices[number].links.get(&link) {
                    let bytes = frame.len() as u64 + FRAME_BYTES;
                    self.spent[number].bytes += bytes;
                    self.spent[*peer].bytes += bytes;
                    self.network.send(&mut self.agenda, *end, frame);
                }
            }
            Output::Credit { link, bytes } => {
                if let Some((end, _)) = self.offices[number].links.get(&link) {
                    self.network.credit(&mut self.agenda, *end, bytes)?;
                }
            }
            Output::Hangup { link } => {
                if let Some((end, _)) = self.offices[number].links.remove(&link) {
                    self.network.hang_up(&mut self.agenda, end);
                }
            }
            Output::Dial { address, .. } => {
                self.agenda.after(700, Happening::Answered { office: number, address });
            }
            Output::WakeAt(at) => {
                let wait = at.since(clock(self.agenda.now())).clamp(1, DAY);
                self.offices[number].alarm += 1;
                let alarm = self.offices[number].alarm;
                self.agenda.after(wait, Happening::Alarm { office: number, alarm });
            }
            Output::Work(job) => self.hears(number, Input::Worked(job.run())),
            Output::Answer { id, result } => {
                let done = result.map_err(|refused| format!("office {number}: {refused}"))?;
                self.done(number, id, &done)?;
            }
            Output::Event(Event::Parcel(parcel)) => self.holds(number, parcel)?,
            Output::Event(Event::Refused { reason, .. }) if !reason.is_innocent() => {
                return Err(format!("office {number} refuses: {reason}"));
            }
            Output::Event(_) => {}
        }
        Ok(())
    }

    /// Somebody answers a dial if there is a window.
    fn answered(&mut self, office: usize, address: String) {
        let other = address.strip_prefix("/office/").and_then(|number| number.parse().ok());
        let window = other.and_then(|other| self.open.get(&pair([office, other])));
        let (Some(other), Some(window)) = (other, window.copied()) else {
            let reason = "nobody answers".to_owned();
            return self.hears(office, Input::DialFailed { address, reason });
        };
        let links: [(usize, LinkId); 2] = [office, other].map(|at| {
            self.offices[at].count += 1;
            (at, LinkId(self.offices[at].count))
        });
        let ends = self.network.connect(links, self.contacts.windows[window].quality);
        for (side, (at, link)) in links.into_iter().enumerate() {
            let peer = links[1 - side].0;
            self.offices[at].links.insert(link, (ends[side], peer));
            self.spent[at].bytes += OPENING_BYTES;
            self.spent[at].links += 1;
            let peer = self.keys.all[peer].node.public();
            let address = if side == 0 { address.clone() } else { String::new() };
            let (dialled, near) = (side == 0, false);
            self.hears(at, Input::Connected { link, peer, dialled, address, near });
        }
    }

    fn closes(&mut self, window: usize) {
        let at = self.contacts.windows[window];
        let between = pair(at.between);
        if self.open.get(&between) != Some(&window) {
            return;
        }
        self.open.remove(&between);
        let wires: Vec<u64> = self
            .network
            .wires()
            .filter(|(_, ends)| pair(*ends) == between)
            .map(|(wire, _)| wire)
            .collect();
        for wire in wires {
            let unnoticed = at.quality.unnoticed;
            self.network.cut(&mut self.agenda, &mut self.chance, wire, unnoticed);
        }
    }

    /// A parcel came to an office, or ended there.
    fn holds(&mut self, number: usize, parcel: ParcelId) -> Result<(), String> {
        let library = self.offices[number].replica.library();
        let held = library.parcel(&parcel).map_err(text)?;
        if held.is_none_or(|held| !matches!(held.rest, Rest::Sealed(_))) {
            return Ok(());
        }
        if let Some(giver) = library.giver(&parcel).map_err(text)?
            && let Some(from) = self.nodes.get(&giver)
        {
            let keys = &self.keys.all[number];
            let (by, at) = (keys.certificate, clock(self.agenda.now()));
            let custody = Custody { by, parcel, from: *from, at }.prepare();
            let custody = custody.sign(self.keys.federation, &keys.node);
            let custody = custody.verify(self.keys.federation).map_err(text)?;
            self.custodies += 1;
            self.write(number, vec![Examined::Record(custody)], vec![]);
        }
        let Some(letter) = self.letters.number(&parcel) else { return Ok(()) };
        let now = self.agenda.now();
        let of = &mut self.letters.all[letter];
        if of.to == number && of.arrived.is_none() {
            of.arrived = Some(now);
            let talk = of.talk;
            self.expects(number);
            for (says, after) in self.letters.next(letter) {
                self.agenda.after(after, Happening::Says { talk, says });
            }
        }
        Ok(())
    }

    fn says(&mut self, talk: usize, says: Says) -> Result<(), String> {
        let now = self.agenda.now();
        let ends = if says == Says::Close { self.letters.ends(talk) } else { vec![] };
        let parcel = self.letters.write(&self.keys, talk, says, now, &mut self.chance)?;
        let Some(letter) = self.letters.talks[talk].letters.last() else { return Ok(()) };
        let from = self.letters.all[*letter].from;
        self.write(from, [vec![parcel], ends].concat(), vec![]);
        self.expects(from);
        Ok(())
    }

    /// People at an office wait for those of another, as long as that is of use.
    fn expects(&mut self, office: usize) {
        let until = clock(self.agenda.now() + DEADLINE);
        self.ask(office, Command::Expect(until), Asked::Write);
    }

    fn write(&mut self, office: usize, pieces: Vec<Examined>, private: Vec<Private>) {
        self.ask(office, Command::Write { pieces, private }, Asked::Write);
    }

    /// Somebody takes a stick along.
    fn leaves(&mut self, trip: usize) -> Result<(), String> {
        let at = self.contacts.trips[trip];
        let chance = [self.chance.bytes(), self.chance.bytes()];
        let writes = Writes {
            writer: at.from,
            own: &self.keys.all[at.from].node,
            counter: trip as u64 + 1,
            written_at: clock(self.agenda.now()),
            chance,
        };
        let library = self.offices[at.from].replica.library();
        let reader = self.keys.all[at.to].node.public();
        let Some((bundle, private)) = writes.for_reader(library, &reader)? else { return Ok(()) };
        self.spent[at.from].carried += bundle.size() as u64;
        let command = Command::Write { pieces: vec![], private };
        self.ask(at.from, command, Asked::Bundle { trip, bundle: Box::new(bundle) });
        Ok(())
    }

    fn takes_in(&mut self, office: usize, carried: Carried) {
        let writer = self.keys.all[carried.writer()].node.public();
        let command = carried.command(self.keys.federation, writer);
        self.ask(office, command, Asked::Carried(Box::new(carried)));
    }

    fn done(&mut self, number: usize, id: CommandId, done: &Done) -> Result<(), String> {
        match (self.offices[number].commands.remove(&id), done) {
            (Some(Asked::Bundle { trip, bundle }), _) => {
                self.sticks.insert(trip, *bundle);
            }
            (Some(Asked::Carried(mut carried)), Done::TakenIn(taken)) => {
                if carried.tried(taken) {
                    self.takes_in(number, *carried);
                    return Ok(());
                }
                let writer = carried.writer();
                let key = self.keys.all[writer].node.public();
                let library = self.offices[number].replica.library();
                if let Some(Heard { private, counter, complete }) = carried.heard(library, &key)? {
                    let command = Command::Write { pieces: vec![], private };
                    self.ask(number, command, Asked::Heard { writer, counter, complete });
                }
            }
            (Some(Asked::Heard { writer, counter, complete: true }), _) => {
                let key = self.keys.all[writer].node.public();
                let library = self.offices[number].replica.library();
                let all = library.heard_all(&key, counter).map_err(text)?;
                self.write(number, vec![], all.into_iter().collect());
            }
            _ => {}
        }
        Ok(())
    }
}
