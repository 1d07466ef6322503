//! What passed over a link: packets and bytes, each way.
//!
//! *Payload* is what the sockets of the two programs sent: exact, whatever
//! became of it. *Wire* adds headers and repetitions: 28 bytes to a datagram
//! (IPv4 20, UDP 8), which is exact; and for TCP an estimate, 40 bytes to a
//! segment of at most 1,460 (IPv4 20, TCP 20), the segments of connecting, and
//! an acknowledgement of 40 bytes for every second segment (RFC 5681 section
//! 4.2). Frames below IP are not counted.

use std::ops::{Index, IndexMut};
use std::time::Duration;

/// IPv4 and UDP before a datagram.
pub const DATAGRAM_HEADER_BYTES: usize = 28;
/// IPv4 and TCP before a segment.
pub const SEGMENT_HEADER_BYTES: usize = 40;

/// Which way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// From who dialled to who listens.
    Up,
    /// Back.
    Down,
}

impl Direction {
    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
        }
    }
}

/// One direction.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Way {
    /// Packets that were sent, each once: datagrams, or segments with payload.
    pub packets: u64,
    /// Their payload.
    pub payload_bytes: u64,
    /// With headers, repetitions and acknowledgements.
    pub wire_bytes: u64,
    /// Datagrams lost on the way.
    pub lost: u64,
    /// Datagrams for which the queue had no room.
    pub full: u64,
    /// Packets that met a link that was down.
    pub cut: u64,
    /// Repetitions of segments.
    pub repeated: u64,
}

/// Everything since the link was made, or since the counts were taken.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Counts {
    up: Way,
    down: Way,
    /// How often a packet went the other way than the one before it: about two
    /// for each round trip where the two sides wait for each other, more where
    /// both send.
    pub turns: u64,
    /// How often the link went down.
    pub cuts: u64,
    last: Option<(Direction, Duration)>,
}

impl Counts {
    /// A packet was sent.
    pub(super) fn sent(&mut self, direction: Direction, now: Duration, bytes: usize) {
        let way = &mut self[direction];
        way.packets += 1;
        way.payload_bytes += bytes as u64;
        if self.last.is_some_and(|(last, _)| last != direction) {
            self.turns += 1;
        }
        self.last = Some((direction, now));
    }

    /// When the last packet was sent, as a moment of the link.
    pub fn last_sent(&self) -> Option<Duration> {
        self.last.map(|(_, at)| at)
    }

    /// Both ways together.
    pub fn wire_bytes(&self) -> u64 {
        self.up.wire_bytes + self.down.wire_bytes
    }
}

impl Index<Direction> for Counts {
    type Output = Way;

    fn index(&self, direction: Direction) -> &Way {
        match direction {
            Direction::Up => &self.up,
            Direction::Down => &self.down,
        }
    }
}

impl IndexMut<Direction> for Counts {
    fn index_mut(&mut self, direction: Direction) -> &mut Way {
        match direction {
            Direction::Up => &mut self.up,
            Direction::Down => &mut self.down,
        }
    }
}
