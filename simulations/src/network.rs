//! The network between the nodes: ordered, reliable streams that are slow,
//! full, cut, and never tell in time.
//!
//! A *wire* is one stream between two nodes. Frames of one direction arrive in
//! order or not at all; wires are independent of each other. Sending is
//! limited by a rate and by what the receiver reads, and the receiver reads
//! while less than a window of what it read is not dealt with. A cut loses
//! what had not arrived, and each side learns of it at its own time.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use tern_protocol::limits::WINDOW_BYTES;
use tern_protocol::step::{Input, LinkId};

use crate::agenda::Agenda;
use crate::chance::Chance;

/// What a receiver takes in before it reads: the buffers of a transport.
const BUFFER_BYTES: usize = 128 * 1024;

/// One of the two ends of a wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct End {
    pub wire: u64,
    /// 0 is who dialled, 1 who answered.
    pub side: usize,
}

impl End {
    const fn other(self) -> Self {
        Self { wire: self.wire, side: 1 - self.side }
    }
}

/// What will happen on a wire.
#[derive(Debug)]
pub(crate) enum Wired {
    /// A frame left.
    Departed(End),
    /// A frame came in.
    Arrived(End, Bytes),
    /// A link is noticed to be gone.
    Lost(End),
}

#[derive(Debug)]
struct Side {
    node: usize,
    link: LinkId,
    /// The node at this side believes in the link.
    open: bool,
    queue: VecDeque<Bytes>,
    sending: bool,
    /// Close once the queue is out.
    closing: bool,
    /// Nothing arrives here before this.
    arrives: i64,
    /// Nothing arrives here any more.
    deaf: bool,
    buffer: VecDeque<Bytes>,
    unread: usize,
    uncredited: usize,
}

#[derive(Debug)]
struct Wire {
    sides: [Side; 2],
    cut: bool,
    latency: i64,
    jitter: i64,
    /// Bytes in a millisecond.
    rate: usize,
}

/// How wires are, until further notice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quality {
    /// Milliseconds one way.
    pub latency: i64,
    /// Added to some frames.
    pub jitter: i64,
    /// Bytes in a millisecond.
    pub rate: usize,
    /// The longest time until a side notices that a wire is cut.
    pub unnoticed: i64,
}

/// What a node hears of the network.
pub(crate) type Heard = (usize, Input);

/// See the module.
#[derive(Debug)]
pub(crate) struct Network {
    wires: BTreeMap<u64, Wire>,
    count: u64,
    /// Inputs for nodes, to be handed on.
    pub heard: VecDeque<Heard>,
    /// Frames that arrived, and their bytes.
    pub frames: u64,
    pub bytes: u64,
}

impl Network {
    pub const fn new() -> Self {
        Self { wires: BTreeMap::new(), count: 0, heard: VecDeque::new(), frames: 0, bytes: 0 }
    }

    /// A new wire between two links.
    pub fn connect(&mut self, ends: [(usize, LinkId); 2], quality: Quality) -> [End; 2] {
        self.count += 1;
        let sides = ends.map(|(node, link)| Side {
            node,
            link,
            open: true,
            queue: VecDeque::new(),
            sending: false,
            closing: false,
            arrives: 0,
            deaf: false,
            buffer: VecDeque::new(),
            unread: 0,
            uncredited: 0,
        });
        let Quality { latency, jitter, rate, .. } = quality;
        self.wires.insert(self.count, Wire { sides, cut: false, latency, jitter, rate });
        [0, 1].map(|side| End { wire: self.count, side })
    }

    fn side(&mut self, end: End) -> Option<&mut Side> {
        self.wires.get_mut(&end.wire).map(|wire| &mut wire.sides[end.side])
    }

    /// The nodes at the two sides of every wire that is not cut.
    pub fn wires(&self) -> impl Iterator<Item = (u64, [usize; 2])> + '_ {
        let whole = self.wires.iter().filter(|(_, wire)| !wire.cut);
        whole.map(|(number, wire)| (*number, [wire.sides[0].node, wire.sides[1].node]))
    }

    /// A node sends a frame.
    pub fn send(&mut self, agenda: &mut Agenda<impl From<Wired>>, from: End, frame: Bytes) {
        if let Some(side) = self.side(from) {
            side.queue.push_back(frame);
        }
        self.kick(agenda, from);
    }

    /// Begins to send the next frame, if there is one and the other reads.
    fn kick(&mut self, agenda: &mut Agenda<impl From<Wired>>, from: End) {
        let Some(wire) = self.wires.get_mut(&from.wire) else { return };
        let rate = wire.rate;
        let full = wire.sides[from.other().side].unread > BUFFER_BYTES;
        let side = &mut wire.sides[from.side];
        if let Some(next) = side.queue.front()
            && !side.sending
            && !wire.cut
            && !full
        {
            side.sending = true;
            agenda.after((next.len() / rate) as i64, Wired::Departed(from).into());
        }
    }

    /// What was to happen on a wire does.
    pub fn happens(
        &mut self,
        agenda: &mut Agenda<impl From<Wired>>,
        chance: &mut Chance,
        wired: Wired,
    ) {
        match wired {
            Wired::Departed(end) => self.departed(agenda, chance, end),
            Wired::Arrived(end, frame) => self.arrived(end, frame),
            Wired::Lost(end) => self.lost(end),
        }
    }

    /// The first frame of a queue is on its way.
    fn departed(&mut self, agenda: &mut Agenda<impl From<Wired>>, chance: &mut Chance, from: End) {
        let Some(wire) = self.wires.get_mut(&from.wire) else { return };
        if wire.cut {
            return;
        }
        let late = if chance.percent(20) { chance.between(0, wire.jitter) } else { 0 };
        let at = agenda.now() + wire.latency + late;
        let to = &mut wire.sides[from.other().side];
        to.arrives = to.arrives.max(at);
        let delay = to.arrives - agenda.now();
        let side = &mut wire.sides[from.side];
        side.sending = false;
        let Some(frame) = side.queue.pop_front() else { return };
        if side.open {
            let taken = Input::Taken { link: side.link, bytes: frame.len() };
            self.heard.push_back((side.node, taken));
        }
        agenda.after(delay, Wired::Arrived(from.other(), frame).into());
        if side.closing && side.queue.is_empty() {
            agenda.after(delay, Wired::Lost(from.other()).into());
        }
        self.kick(agenda, from);
    }

    /// A frame came in.
    fn arrived(&mut self, end: End, frame: Bytes) {
        self.frames += 1;
        self.bytes += frame.len() as u64;
        if let Some(side) = self.side(end)
            && side.open
            && !side.deaf
        {
            side.unread += frame.len();
            side.buffer.push_back(frame);
        }
        self.read(end);
    }

    fn read(&mut self, end: End) {
        let Some(wire) = self.wires.get_mut(&end.wire) else { return };
        let side = &mut wire.sides[end.side];
        while side.uncredited < WINDOW_BYTES
            && let Some(frame) = side.buffer.pop_front()
        {
            side.unread -= frame.len();
            side.uncredited += frame.len();
            self.heard.push_back((side.node, Input::Received { link: side.link, frame }));
        }
    }

    /// A node has dealt with bytes that it read; `Err` if it never read them.
    pub fn credit(
        &mut self,
        agenda: &mut Agenda<impl From<Wired>>,
        end: End,
        bytes: usize,
    ) -> Result<(), String> {
        if let Some(side) = self.side(end) {
            side.uncredited = side.uncredited.checked_sub(bytes).ok_or_else(|| {
                format!("credit for {bytes} bytes when {} were read", side.uncredited)
            })?;
        }
        self.read(end);
        self.kick(agenda, end.other());
        Ok(())
    }

    /// A node closes its link; what it sent before still goes out.
    pub fn hang_up(&mut self, agenda: &mut Agenda<impl From<Wired>>, end: End) {
        let Some(wire) = self.wires.get_mut(&end.wire) else { return };
        let latency = wire.latency;
        let side = &mut wire.sides[end.side];
        side.open = false;
        side.closing = true;
        if side.queue.is_empty() {
            let arrives = wire.sides[end.other().side].arrives - agenda.now();
            agenda.after(arrives.max(latency), Wired::Lost(end.other()).into());
        }
    }

    /// Cuts a wire now. Each side notices at its own time; what is on its way
    /// arrives until then, or not.
    pub fn cut(
        &mut self,
        agenda: &mut Agenda<impl From<Wired>>,
        chance: &mut Chance,
        wire: u64,
        unnoticed: i64,
    ) {
        let Some(found) = self.wires.get_mut(&wire) else { return };
        found.cut = true;
        for (number, side) in found.sides.iter_mut().enumerate() {
            side.deaf |= chance.percent(50);
            let notices = chance.between(0, unnoticed);
            agenda.after(notices, Wired::Lost(End { wire, side: number }).into());
        }
    }

    /// A node is gone: its side of every wire is, and the others are cut.
    pub fn crash(
        &mut self,
        agenda: &mut Agenda<impl From<Wired>>,
        chance: &mut Chance,
        node: usize,
        unnoticed: i64,
    ) {
        let gone: Vec<u64> = self
            .wires
            .iter_mut()
            .filter(|(_, wire)| wire.sides.iter().any(|side| side.node == node && side.open))
            .map(|(number, wire)| {
                wire.sides.iter_mut().filter(|s| s.node == node).for_each(|s| s.open = false);
                *number
            })
            .collect();
        for wire in gone {
            self.cut(agenda, chance, wire, unnoticed);
        }
        self.heard.retain(|(hears, _)| *hears != node);
    }

    /// A side learns that its link is gone.
    fn lost(&mut self, end: End) {
        let Some(wire) = self.wires.get_mut(&end.wire) else { return };
        wire.cut = true;
        let side = &mut wire.sides[end.side];
        if side.open {
            side.open = false;
            self.heard.push_back((side.node, Input::Disconnected { link: side.link }));
        }
        if wire.sides.iter().all(|side| !side.open) {
            self.wires.remove(&end.wire);
        }
    }
}
