//! What every shell does around its replica, in virtual time: it steps with
//! what it heard and carries out what comes back.

use bytes::Bytes;
use tern_crdt::identity::PublicKey;
use tern_crdt::timestamp::Timestamp;
use tern_protocol::limits::{INPUTS_MAX, MESSAGE_BYTES_MAX, WINDOW_BYTES};
use tern_protocol::message::{Message, Piece};
use tern_protocol::replica::Replica;
use tern_protocol::step::{
    Command, CommandId, CommandRefused, Done, Event, Input, Job, LinkId, Output, Settings, Worked,
};
use tern_protocol::store::StoreError;

use super::{Happening, World};
use crate::invariants::{Digest, tells_nothing};
use crate::model::Item;
use crate::node::{Asked, Link, Nature, Node, address, at_address};

impl World {
    /// Hands what the network says to the nodes that hear it.
    pub fn deliver(&mut self) {
        while let Some((node, input)) = self.network.heard.pop_front() {
            self.hears(node, input);
        }
    }

    /// A node hears something and will step.
    pub fn hears(&mut self, node: usize, input: Input) {
        if self.nodes[node].nature == Nature::Stranger {
            return self.stranger_hears(node, input);
        }
        if self.nodes[node].is_up() {
            self.nodes[node].inputs.push_back(input);
            self.plan_step(node);
        }
    }

    fn plan_step(&mut self, node: usize) {
        if !self.nodes[node].stepping {
            self.nodes[node].stepping = true;
            let life = self.nodes[node].life;
            let wait = self.chance.between(0, self.scenario.faults.batch);
            self.agenda.after(wait, Happening::Step { node, life });
        }
    }

    pub fn alarm(&mut self, node: usize, life: u64, alarm: u64) {
        if self.nodes[node].life == life && self.nodes[node].alarm == alarm {
            self.hears(node, Input::Tick);
        }
    }

    pub fn worked(&mut self, node: usize, life: u64, worked: Worked) {
        if self.nodes[node].life == life {
            self.hears(node, Input::Worked(worked));
        }
    }

    /// One step of one replica.
    pub fn step(&mut self, number: usize, life: u64) -> Result<(), String> {
        let node = &mut self.nodes[number];
        if node.life != life || !node.is_up() {
            return Ok(());
        }
        node.stepping = false;
        let many = 1 + self.chance.below(INPUTS_MAX as u64) as usize;
        let inputs: Vec<Input> = node.inputs.drain(..many.min(node.inputs.len())).collect();
        for input in &inputs {
            if let Input::Taken { link, bytes } = input
                && let Some(link) = node.links.get_mut(link)
            {
                link.in_flight = link.in_flight.saturating_sub(*bytes);
            }
            if let Input::Disconnected { link } = input {
                node.links.remove(link);
            }
            if let Input::Received { frame, .. } = input
                && let Some(villain) = self.lies.get(frame)
            {
                *node.lied_to.entry(*villain).or_default() += 1;
            }
        }
        let now = node.time(self.agenda.now());
        let Some(replica) = &mut node.replica else { return Ok(()) };
        match replica.step(now, inputs.into_iter()) {
            Ok(outputs) => self.carry_out(number, now, outputs)?,
            Err(error) => self.storage_failed(number, error)?,
        }
        if !self.nodes[number].inputs.is_empty() {
            self.plan_step(number);
        }
        Ok(())
    }

    fn storage_failed(&mut self, node: usize, error: StoreError) -> Result<(), String> {
        let wait = match error {
            StoreError::Full => 5_000,
            StoreError::Failed(_) => {
                self.nodes[node].disk.fault(None);
                self.chance.between(0, 10_000)
            }
            other => return Err(format!("the store of {}: {other}", self.name(node))),
        };
        self.stop(node, None, wait);
        Ok(())
    }

    /// A node stops, with what it was if that is known, and starts again.
    pub fn stop(&mut self, node: usize, before: Option<Digest>, wait: i64) {
        self.tell(|world| format!("{} stops", world.name(node)));
        let unnoticed = self.quality.unnoticed;
        self.network.crash(&mut self.agenda, &mut self.chance, node, unnoticed);
        let stopped = &mut self.nodes[node];
        stopped.before = before;
        stopped.replica = None;
        stopped.life += 1;
        stopped.inputs.clear();
        stopped.stepping = false;
        stopped.links.clear();
        stopped.commands.clear();
        self.restarts += 1;
        self.agenda.after(wait, Happening::Start(node));
    }

    /// A node starts.
    pub fn start(&mut self, node: usize) -> Result<(), String> {
        if self.nodes[node].nature == Nature::Stranger {
            self.nodes[node].life += 1;
            return Ok(());
        }
        if self.nodes[node].is_up() || self.nodes[node].gone {
            return Ok(());
        }
        match self.open(node) {
            Ok(outputs) => {
                let now = self.nodes[node].time(self.agenda.now());
                self.tell(|world| format!("{} starts", world.name(node)));
                self.check_reopened(node)?;
                self.carry_out(node, now, outputs)
            }
            Err(StoreError::Full) => {
                self.agenda.after(5_000, Happening::Start(node));
                Ok(())
            }
            Err(StoreError::Failed(_)) => {
                self.nodes[node].disk.fault(None);
                self.agenda.after(1_000, Happening::Start(node));
                Ok(())
            }
            Err(error) => Err(format!("{} does not open: {error}", self.name(node))),
        }
    }

    /// Starts a node whose disk is new and sound.
    pub fn start_now(&mut self, node: usize) {
        let opened = self.open(node);
        debug_assert!(opened.is_ok(), "a new disk is sound: {opened:?}");
    }

    fn open(&mut self, number: usize) -> Result<Vec<Output>, StoreError> {
        let seed = self.chance.any();
        let now = self.nodes[number].time(self.agenda.now());
        let node = &mut self.nodes[number];
        let Some(party) = node.party else { return Ok(vec![]) };
        let settings = Settings {
            federation: self.federation,
            org: self.parties[party].org(),
            auto: node.auto,
            joining: node.knock.clone(),
        };
        let opened = Replica::open(settings, node.key.public(), node.disk.clone(), seed, now);
        let (replica, outputs) = opened?;
        node.replica = Some(replica);
        Ok(outputs)
    }

    /// Asks a node for something.
    pub fn ask(&mut self, node: usize, command: Command, asked: Asked) {
        if self.nodes[node].is_up() {
            let id = CommandId(self.nodes[node].next());
            self.nodes[node].commands.insert(id, asked);
            self.hears(node, Input::Command { id, command });
        }
    }

    /// Asks a node to write pieces that were made there.
    pub fn write(&mut self, node: usize, pieces: &[Piece], items: Vec<Item>) {
        for item in &items {
            self.model.asked(*item);
        }
        self.write_as(node, pieces, Asked::Write(items));
    }

    /// Asks a node to write pieces, whatever becomes of it.
    pub fn write_as(&mut self, node: usize, pieces: &[Piece], asked: Asked) {
        let federation = self.federation;
        let examined: Result<Vec<_>, _> =
            pieces.iter().map(|piece| tern_protocol::gate::examine(piece, federation)).collect();
        match examined {
            Ok(pieces) => self.ask(node, Command::Write { pieces, private: vec![] }, asked),
            Err(refused) => self.tell(|_| format!("examined and refused: {refused}")),
        }
    }

    fn carry_out(
        &mut self,
        node: usize,
        now: Timestamp,
        outputs: Vec<Output>,
    ) -> Result<(), String> {
        for output in outputs {
            match output {
                Output::Send { link, frame } => self.sends(node, link, frame)?,
                Output::Credit { link, bytes } => {
                    if let Some(link) = self.nodes[node].links.get(&link) {
                        self.network.credit(&mut self.agenda, link.end, bytes)?;
                    }
                }
                Output::Hangup { link } => {
                    if let Some(link) = self.nodes[node].links.remove(&link) {
                        self.network.hang_up(&mut self.agenda, link.end);
                    }
                }
                Output::Dial { address, peer } => self.dials(node, address, peer),
                Output::WakeAt(at) => {
                    let wait = at.since(now).min(24 * 60 * 60 * 1_000);
                    if wait <= 0 {
                        return Err(format!("{} wants to wake at once", self.name(node)));
                    }
                    let alarmed = &mut self.nodes[node];
                    alarmed.alarm += 1;
                    let (life, alarm) = (alarmed.life, alarmed.alarm);
                    self.agenda.after(wait, Happening::Alarm { node, life, alarm });
                }
                Output::Work(job) => self.works(node, job),
                Output::Answer { id, result } => self.answers(node, id, result)?,
                Output::Event(event) => self.tells(node, &event)?,
            }
        }
        Ok(())
    }

    fn works(&mut self, node: usize, job: Job) {
        let life = self.nodes[node].life;
        let late = self.chance.percent(self.scenario.faults.late_jobs) && self.trouble;
        let wait = if late { self.chance.between(0, 2_000) } else { 0 };
        let worked = Box::new(job.run());
        self.agenda.after(wait, Happening::Worked { node, life, worked });
    }

    fn dials(&mut self, node: usize, address: String, peer: Option<PublicKey>) {
        let wait = self.quality.latency * 2 + self.chance.between(0, self.quality.jitter);
        let life = self.nodes[node].life;
        self.agenda.after(wait, Happening::Answered { node, life, address, peer });
    }

    /// Whether two nodes can reach each other now.
    fn reach(&self, one: usize, other: usize) -> bool {
        self.parts.as_ref().is_none_or(|parts| parts.get(one) == parts.get(other))
    }

    pub fn answered_dial(
        &mut self,
        node: usize,
        life: u64,
        address: String,
        wanted: Option<PublicKey>,
    ) {
        if self.nodes[node].life != life {
            return;
        }
        let fails = self.trouble && self.chance.percent(self.scenario.faults.dials);
        let answers = at_address(&address).filter(|other| {
            let known = self.nodes.get(*other);
            let right = |key: PublicKey| wanted.is_none_or(|wanted| wanted == key);
            *other != node
                && known.is_some_and(|other| other.is_up() && right(other.key.public()))
                && self.reach(node, *other)
        });
        let Some(other) = answers.filter(|_| !fails) else {
            let reason = "nobody answers".to_owned();
            return self.hears(node, Input::DialFailed { address, reason });
        };
        let links = [node, other].map(|at| (at, LinkId(self.nodes[at].next())));
        let ends = self.network.connect(links, self.quality);
        for (side, (at, link)) in links.into_iter().enumerate() {
            let peer = [other, node][side];
            self.nodes[at].links.insert(link, Link { end: ends[side], peer, in_flight: 0 });
            let peer = self.nodes[peer].key.public();
            let address = if side == 0 { address.clone() } else { String::new() };
            self.hears(at, Input::Connected { link, peer, dialled: side == 0, address });
        }
    }

    /// A node sends a frame; what must never be sent is noticed here.
    fn sends(&mut self, number: usize, id: LinkId, frame: Bytes) -> Result<(), String> {
        let Some(link) = self.nodes[number].links.get_mut(&id) else { return Ok(()) };
        let to = *link;
        link.in_flight += frame.len();
        let in_flight = link.in_flight;
        self.tell(|world| {
            let what = spoken(&frame);
            format!("{} → {}: {what}", world.name(number), world.name(to.peer))
        });
        if self.nodes[number].nature == Nature::Villain {
            return self.lies(number, to, frame);
        }
        if in_flight > WINDOW_BYTES + MESSAGE_BYTES_MAX {
            return Err(format!("{} has {in_flight} bytes on one link", self.name(number)));
        }
        let peer = self.nodes[to.peer].key.public();
        if !self.model.may_be_told(&peer) && !tells_nothing(&frame) {
            return Err(format!(
                "{} told {}, which is no member: {}",
                self.name(number),
                self.name(to.peer),
                spoken(&frame)
            ));
        }
        self.overhear(&frame);
        self.network.send(&mut self.agenda, to.end, frame);
        Ok(())
    }

    fn overhear(&mut self, frame: &Bytes) {
        if self.chance.percent(10) {
            self.overheard.push_back(frame.clone());
            if self.overheard.len() > 20 {
                self.overheard.pop_front();
            }
        }
    }

    fn answers(
        &mut self,
        node: usize,
        id: CommandId,
        result: Result<Done, CommandRefused>,
    ) -> Result<(), String> {
        let Some(asked) = self.nodes[node].commands.remove(&id) else {
            return Err(format!("{} answers what nobody asked", self.name(node)));
        };
        self.tell(|world| {
            let what = match &result {
                Ok(_) => "done".to_owned(),
                Err(refused) => refused.to_string(),
            };
            format!("{} answers {asked:?}: {what}", world.name(node))
        });
        match (asked, result) {
            (Asked::Write(items), Ok(Done::Written(_))) => {
                for item in items {
                    self.model.acknowledged(item, node);
                    self.check_kept(node, &item)?;
                }
            }
            (Asked::Forbidden(what), Ok(_)) => {
                return Err(format!("{} wrote {what}", self.name(node)));
            }
            (Asked::Invitation { invited, knock }, Ok(_)) => {
                self.nodes[invited].knock = Some(*knock);
                self.nodes[invited].needs_invitation = false;
                if self.nodes[invited].is_up() {
                    self.stop(invited, None, 100);
                } else {
                    self.agenda.after(100, Happening::Start(invited));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A node tells a fact. Honest nodes have nothing to say against each
    /// other.
    fn tells(&mut self, number: usize, event: &Event) -> Result<(), String> {
        self.tell(|world| format!("{}: {event:?}", world.name(number)));
        let (peer, wrong) = match event {
            Event::Refused { peer, reason } => {
                (*peer, (!reason.is_innocent()).then(|| reason.to_string()))
            }
            Event::HungUp { peer, reason } => (*peer, (!is_fair(reason)).then(|| reason.clone())),
            Event::JoinRefused(_) => {
                self.nodes[number].needs_invitation = true;
                return Ok(());
            }
            _ => return Ok(()),
        };
        self.nodes[number].complaints.insert(peer);
        let honest = |node: &Node| node.is_honest() && node.key.public() == peer;
        let accused = self.nodes.iter().find(|node| honest(node));
        match (accused, wrong) {
            (Some(accused), Some(wrong)) if self.nodes[number].is_honest() => {
                Err(format!("{} says of {}: {wrong}", self.name(number), accused.name))
            }
            _ => Ok(()),
        }
    }

    /// The addresses by which a node is told how to reach another.
    pub fn addresses_of(&mut self, node: usize) -> Vec<String> {
        let mut doors = vec![address(node, 0)];
        if self.chance.percent(30) {
            doors.push("sim/nowhere/0".into());
        }
        doors
    }
}

/// Whether an honest peer may be hung up on with these words: it left, it is
/// not known yet, or it knocked in vain.
fn is_fair(reason: &str) -> bool {
    const FAIR: [&str; 7] = [
        "it is this node itself",
        "the peer left: ",
        "it is no node of a member",
        "it opened more links than it needs",
        "this node did not write that invitation",
        "the invitation has expired",
        "what it shows does not make it a node of a member",
    ];
    FAIR.iter().any(|fair| reason.starts_with(fair))
}

/// A frame in a word.
fn spoken(frame: &[u8]) -> String {
    match Message::from_bytes(frame) {
        Ok(Message::Hello(hello)) => format!("hello, round {}", hello.round),
        Ok(Message::Buckets { set, .. }) => format!("buckets of {set}"),
        Ok(Message::Entries { set, bucket, entries }) => {
            format!("{} entries of {set}/{bucket}", entries.len() / 64)
        }
        Ok(Message::Editions { practice, editions }) => {
            format!("{} editions of {practice:?}", editions.len() / 32)
        }
        Ok(Message::Pieces { set, pieces }) => format!("{} pieces of {set}", pieces.len()),
        Ok(Message::End { set, stage, pushed }) => {
            format!("end of stage {stage} of {set}, {pushed} pushed")
        }
        Ok(Message::Goodbye { reason }) => format!("goodbye: {reason}"),
        Ok(Message::Join(_)) => "may we join?".into(),
        Ok(Message::Joined(answer)) => format!("{answer:?}"),
        Ok(Message::Credentials { records }) => format!("{} credentials", records.len()),
        Err(refused) => format!("{} bytes of nothing: {refused}", frame.len()),
    }
}
