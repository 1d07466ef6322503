//! A cursor over bytes that never reads past their end, and LEB128 in its
//! shortest form only.
//!
//! Automerge decodes longer forms in some places and refuses them in others;
//! to be read alike everywhere, a number has exactly one form here.

use super::ChunkRefused;

/// What is left of some bytes, and what they are called in an error sentence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    within: &'static str,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8], within: &'static str) -> Self {
        Self { rest: bytes, within }
    }

    /// The same cursor for a field of another name.
    pub(super) const fn within(&mut self, field: &'static str) -> &mut Self {
        self.within = field;
        self
    }

    pub(super) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next `count` bytes.
    pub(super) fn take(&mut self, count: u64) -> Result<&'a [u8], ChunkRefused> {
        let split = usize::try_from(count).ok().and_then(|count| self.rest.split_at_checked(count));
        let (taken, rest) = split.ok_or(ChunkRefused::Cut { within: self.within })?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<&'a [u8; N], ChunkRefused> {
        let (taken, rest) =
            self.rest.split_first_chunk().ok_or(ChunkRefused::Cut { within: self.within })?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, ChunkRefused> {
        self.array().map(|[byte]| *byte)
    }

    /// An unsigned number of at most 64 bits.
    pub(super) fn unsigned(&mut self) -> Result<u64, ChunkRefused> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            number |= bits << shift;
            if byte & 0x80 == 0 {
                let longer = shift > 0 && byte == 0;
                let larger = bits << shift >> shift != bits;
                return if longer || larger { Err(self.number()) } else { Ok(number) };
            }
        }
        Err(self.number())
    }

    /// A signed number of at most 64 bits.
    pub(super) fn signed(&mut self) -> Result<i64, ChunkRefused> {
        let mut number = 0;
        let mut sign_before = None;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= i64::from(byte & 0x7f) << shift;
            let sign = byte & 0x40 != 0;
            if byte & 0x80 == 0 {
                // A last byte that only repeats the sign could have been left
                // away; in the tenth, all that fits is the sign.
                let only_sign = byte == if sign { 0x7f } else { 0 };
                let longer = only_sign && sign_before == Some(sign);
                let larger = shift == 63 && !only_sign;
                if longer || larger {
                    return Err(self.number());
                }
                let unused = 64_u32.saturating_sub(shift + 7);
                return Ok(number << unused >> unused);
            }
            sign_before = Some(sign);
        }
        Err(self.number())
    }

    const fn number(&self) -> ChunkRefused {
        ChunkRefused::Number { within: self.within }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unsigned(bytes: &[u8]) -> Result<u64, ChunkRefused> {
        Reader::new(bytes, "test").unsigned()
    }

    fn signed(bytes: &[u8]) -> Result<i64, ChunkRefused> {
        Reader::new(bytes, "test").signed()
    }

    /// The plainest encoder, to doubt the reader with.
    fn encoded(number: i128) -> impl Iterator<Item = Vec<u8>> {
        (1..=12).map(move |length| {
            let mut bytes: Vec<u8> =
                (0..length).map(|i| (number >> (7 * i)) as u8 | 0x80).collect();
            bytes[length as usize - 1] &= 0x7f;
            bytes
        })
    }

    proptest! {
        #[test]
        fn an_unsigned_number_is_read_from_its_shortest_form_alone(bits in 0_u32..64, any: u64) {
            let number: u64 = any >> bits;
            let read: Vec<_> = encoded(i128::from(number)).map(|bytes| unsigned(&bytes)).collect();
            let length = (64 - number.leading_zeros()).div_ceil(7).max(1) as usize;
            prop_assert_eq!(&read[length - 1], &Ok(number));
            prop_assert!(read[length..].iter().all(Result::is_err));
        }

        #[test]
        fn a_signed_number_is_read_from_its_shortest_form_alone(bits in 0_u32..64, any: i64) {
            let number: i64 = any >> bits;
            let read: Vec<_> = encoded(i128::from(number)).map(|bytes| signed(&bytes)).collect();
            let sign = if number < 0 { !number } else { number };
            let length = (65 - sign.leading_zeros()).div_ceil(7) as usize;
            prop_assert_eq!(&read[length - 1], &Ok(number));
            prop_assert!(read[length..].iter().all(Result::is_err));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
            let _ = (unsigned(&bytes), signed(&bytes));
        }
    }

    #[test]
    fn a_number_that_does_not_fit_or_does_not_end_is_refused() {
        let number = Err(ChunkRefused::Number { within: "test" });
        assert_eq!(unsigned(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]), number);
        assert_eq!(unsigned(&[0xff; 11]), number);
        assert_eq!(unsigned(&[0x80]), Err(ChunkRefused::Cut { within: "test" }));
        assert!(signed(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]).is_err());
        assert_eq!(
            signed(&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f]),
            Ok(i64::MIN)
        );
    }
}
