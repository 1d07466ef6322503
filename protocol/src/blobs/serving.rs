//! The end that gives a blob: what was asked of it, and what it sends next.

use std::collections::VecDeque;

use thiserror::Error;

use super::{Part, Shape};
use crate::limits::{BLOB_ASKED_PARTS_MAX, BLOB_DATA_BYTES_MAX, BLOB_WINDOW_BYTES_MAX};

/// One asker's questions about one blob. See the module.
#[derive(Debug)]
pub struct Serving {
    shape: Shape,
    /// Parts to be sent, and how much of the first was.
    asked: VecDeque<Part>,
    sent: usize,
    /// So many bytes may be sent.
    go: u32,
}

/// The asker does not keep to the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Overasked {
    /// For a part that there is not.
    #[error("it asks for a part that the file does not have")]
    NoSuchPart,
    /// For too much at a time.
    #[error("it asks for more at a time than is allowed")]
    TooMuch,
}

/// What to send next: bytes of a part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chunk {
    /// The part.
    pub part: Part,
    /// Where in it the bytes begin.
    pub begins: usize,
    /// How many they are, at most [`BLOB_DATA_BYTES_MAX`].
    pub length: usize,
}

impl Serving {
    /// Of a blob that is here.
    pub const fn of(shape: Shape) -> Self {
        Self { shape, asked: VecDeque::new(), sent: 0, go: 0 }
    }

    /// Takes a question.
    ///
    /// # Errors
    /// It goes beyond what may be asked.
    pub fn asked(&mut self, parts: Vec<Part>, go: u32) -> Result<(), Overasked> {
        if self.asked.len() + parts.len() > BLOB_ASKED_PARTS_MAX
            || self.go.saturating_add(go) > BLOB_WINDOW_BYTES_MAX
        {
            return Err(Overasked::TooMuch);
        }
        if parts.iter().any(|part| self.shape.length(*part).is_none()) {
            return Err(Overasked::NoSuchPart);
        }
        self.asked.extend(parts);
        self.go += go;
        Ok(())
    }

    /// What to send now, if anything. It counts as sent.
    pub fn next_chunk(&mut self) -> Option<Chunk> {
        loop {
            let part = *self.asked.front()?;
            let rest = self.shape.length(part).unwrap_or(0) - self.sent;
            if rest == 0 {
                // The group of an empty blob, or the end of a part.
                self.asked.pop_front();
                self.sent = 0;
                continue;
            }
            let length = rest.min(BLOB_DATA_BYTES_MAX).min(self.go as usize);
            if length == 0 {
                return None;
            }
            let chunk = Chunk { part, begins: self.sent, length };
            self.sent += length;
            self.go -= u32::try_from(length).unwrap_or(self.go);
            return Some(chunk);
        }
    }
}
