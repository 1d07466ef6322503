//! One frame of a journal: bytes that are there whole or not at all.
//!
//! ```text
//! frame   = mark[4] ‖ length u32 ‖ seat check[4] ‖ check[8] ‖ payload[length]
//! seat    = generation u64 ‖ place in the file u64 ‖ length u32
//! seat check = BLAKE3(seat)[..4]      check = BLAKE3(seat ‖ payload)[..8]
//! ```
//! Numbers are little-endian. Because a frame's checks cover its generation and
//! place, bytes that belong elsewhere never pass for it; because the head has a
//! check of its own, a frame can be recognised by its head behind a damaged one.
//! An empty frame is a *seal*: it says that all before it was durable when it
//! was written.

/// The length of what stands before the payload.
pub const HEAD_BYTES: usize = 20;

const MARK: [u8; 4] = [0xf5, b't', b'r', 0x9d];

/// Where a frame stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seat {
    /// The generation of its journal.
    pub generation: u64,
    /// The place of its first byte in the file.
    pub at: u64,
}

impl Seat {
    fn hasher(self, length: u32) -> blake3::Hasher {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.generation.to_le_bytes());
        hasher.update(&self.at.to_le_bytes());
        hasher.update(&length.to_le_bytes());
        hasher
    }
}

/// A frame with room for its head, ready for the payload to be added.
pub fn start() -> Vec<u8> {
    vec![0; HEAD_BYTES]
}

/// Fills in the head of a frame begun with [`start`]. The payload must be
/// shorter than 4 GiB.
pub fn finish(seat: Seat, frame: &mut [u8]) {
    let (head, payload) = frame.split_at_mut(HEAD_BYTES);
    let length = u32::try_from(payload.len()).expect("a payload shorter than 4 GiB");
    let mut hasher = seat.hasher(length);
    head[..4].copy_from_slice(&MARK);
    head[4..8].copy_from_slice(&length.to_le_bytes());
    head[8..12].copy_from_slice(&hasher.finalize().as_bytes()[..4]);
    hasher.update(payload);
    head[12..].copy_from_slice(&hasher.finalize().as_bytes()[..8]);
}

/// The head of a frame whose seat check holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    seat: Seat,
    /// How long the payload is.
    pub length: u32,
    check: [u8; 8],
}

impl Head {
    /// The head of a frame that stands at `seat`, if `bytes` are one.
    pub fn read(seat: Seat, bytes: &[u8; HEAD_BYTES]) -> Option<Self> {
        let [m0, m1, m2, m3, l0, l1, l2, l3, s0, s1, s2, s3, check @ ..] = *bytes;
        if [m0, m1, m2, m3] != MARK {
            return None;
        }
        let length = u32::from_le_bytes([l0, l1, l2, l3]);
        let seated = seat.hasher(length).finalize().as_bytes()[..4] == [s0, s1, s2, s3];
        seated.then_some(Self { seat, length, check })
    }

    /// Whether this is the payload that was written.
    pub fn holds(&self, payload: &[u8]) -> bool {
        let mut hasher = self.seat.hasher(self.length);
        hasher.update(payload);
        hasher.finalize().as_bytes()[..8] == self.check
    }
}

/// The place in `bytes`, which stand at `at`, of the first head of a frame of
/// `generation`.
pub fn find_head(generation: u64, at: u64, bytes: &[u8]) -> Option<usize> {
    bytes.windows(HEAD_BYTES).enumerate().find_map(|(i, window)| {
        let head = window.try_into().ok().filter(|head: &&[u8; HEAD_BYTES]| head[..4] == MARK)?;
        Head::read(Seat { generation, at: at + i as u64 }, head).map(|_| i)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEAT: Seat = Seat { generation: 7, at: 4_096 };

    fn frame() -> Vec<u8> {
        let mut frame = start();
        frame.extend_from_slice(b"the desk is open");
        finish(SEAT, &mut frame);
        frame
    }

    fn reads(seat: Seat, frame: &[u8]) -> bool {
        let (head, payload) = frame.split_at(HEAD_BYTES);
        let head = Head::read(seat, head.try_into().expect("a whole head"));
        head.is_some_and(|head| head.length as usize == payload.len() && head.holds(payload))
    }

    #[test]
    fn a_frame_reads_back_at_its_own_seat_only() {
        assert!(reads(SEAT, &frame()));
        assert!(!reads(Seat { generation: 8, ..SEAT }, &frame()));
        assert!(!reads(Seat { at: 4_097, ..SEAT }, &frame()));
    }

    #[test]
    fn one_flipped_bit_anywhere_is_noticed() {
        for bit in 0..frame().len() * 8 {
            let mut damaged = frame();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(!reads(SEAT, &damaged), "bit {bit}");
        }
    }

    #[test]
    fn a_head_is_found_among_other_bytes_at_its_own_place_only() {
        let mut bytes = vec![0xf5; 100];
        bytes.extend_from_slice(&MARK);
        bytes.extend_from_slice(&frame());
        let at = SEAT.at - 104;
        assert_eq!(find_head(7, at, &bytes), Some(104));
        assert_eq!(find_head(7, at + 1, &bytes), None);
        assert_eq!(find_head(8, at, &bytes), None);
    }
}
