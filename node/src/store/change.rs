//! What a journal's frame holds: the changes of one batch, and how they read
//! back.
//!
//! ```text
//! payload = change*
//! put     = 1 ‖ key length u16 ‖ space u8 ‖ key ‖ value length u32 ‖ value
//! delete  = 2 ‖ key length u16 ‖ space u8 ‖ key
//! ```
//! Numbers are little-endian; the key length counts the space byte, so that
//! space and key together are the key of the index.

use tern_protocol::store::{Batch, Op, Space};

const PUT: u8 = 1;
const DELETE: u8 = 2;
/// What a put takes up besides its key, its space and its value.
pub const PUT_BYTES: u64 = 7;

/// The key under which an index knows `key` of `space`.
pub fn index_key(space: Space, key: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + key.len());
    bytes.push(space as u8);
    bytes.extend_from_slice(key);
    bytes
}

/// One change as it stands in a payload. `key` is that of the index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change<'a> {
    /// The key has this value from now on.
    Put {
        /// Space and key.
        key: &'a [u8],
        /// The value.
        value: &'a [u8],
        /// The place of the value's first byte in the payload.
        at: usize,
    },
    /// The key has no value from now on.
    Delete {
        /// Space and key.
        key: &'a [u8],
    },
}

/// Adds a put of a key of the index.
pub fn write_put(key: &[u8], value: &[u8], payload: &mut Vec<u8>) {
    write_key(PUT, key, payload);
    payload.extend_from_slice(&(value.len() as u32).to_le_bytes());
    payload.extend_from_slice(value);
}

fn write_key(tag: u8, key: &[u8], payload: &mut Vec<u8>) {
    payload.push(tag);
    payload.extend_from_slice(&(key.len() as u16).to_le_bytes());
    payload.extend_from_slice(key);
}

/// Adds the changes of a batch that passed [`Batch::check`].
pub fn write_batch(batch: &Batch, payload: &mut Vec<u8>) {
    for op in &batch.0 {
        match op {
            Op::Put { space, key, value } => write_put(&index_key(*space, key), value, payload),
            Op::Delete { space, key } => write_key(DELETE, &index_key(*space, key), payload),
        }
    }
}

/// Reads changes one by one; ends early, with `malformed` set, where the
/// bytes are none.
pub struct Changes<'a> {
    payload: &'a [u8],
    at: usize,
    /// Whether what follows cannot be read.
    pub malformed: bool,
}

impl<'a> Changes<'a> {
    /// The changes of a payload.
    pub const fn new(payload: &'a [u8]) -> Self {
        Self { payload, at: 0, malformed: false }
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let bytes = self.payload.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(bytes)
    }

    fn read(&mut self) -> Option<Change<'a>> {
        let [tag, low, high] = *self.take(3)?.first_chunk()?;
        let key = self.take(u16::from_le_bytes([low, high]).into())?;
        match tag {
            PUT => {
                let length = u32::from_le_bytes(*self.take(4)?.first_chunk()?);
                let at = self.at;
                Some(Change::Put { key, value: self.take(length as usize)?, at })
            }
            DELETE => Some(Change::Delete { key }),
            _ => None,
        }
    }
}

impl<'a> Iterator for Changes<'a> {
    type Item = Change<'a>;

    fn next(&mut self) -> Option<Change<'a>> {
        if self.malformed || self.at == self.payload.len() {
            return None;
        }
        let change = self.read();
        self.malformed = change.is_none();
        change
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_reads_back() {
        let mut batch = Batch::default();
        batch.put(Space::Edition, &b"nepal"[..], &b"terraces"[..]);
        batch.delete(Space::Local, &b"chad"[..]);
        let mut payload = Vec::new();
        write_batch(&batch, &mut payload);
        let changes: Vec<_> = Changes::new(&payload).collect();
        assert_eq!(
            changes,
            [
                Change::Put { key: b"\x04nepal", value: b"terraces", at: 13 },
                Change::Delete { key: b"\x06chad" },
            ]
        );
        assert_eq!(payload.len() as u64, PUT_BYTES + 6 + 8 + 3 + 5);
    }

    #[test]
    fn bytes_that_are_no_changes_are_malformed_and_never_a_panic() {
        let mut payload = Vec::new();
        write_put(b"\x04nepal", b"terraces", &mut payload);
        for cut in 1..payload.len() {
            let mut changes = Changes::new(&payload[..cut]);
            assert_eq!(changes.next(), None);
            assert!(changes.malformed, "cut at {cut}");
        }
        payload[0] = 3;
        let mut changes = Changes::new(&payload);
        assert_eq!(changes.next(), None);
        assert!(changes.malformed);
    }
}
