//! Moments as somebody's clock told them. Never a source of order.

/// Milliseconds since 1970-01-01T00:00:00Z by some clock, which may be wrong
/// by decades: for showing, for back-off and for reminders, never for a
/// verdict. Negative before 1970.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Default,
    minicbor::Encode,
    minicbor::Decode,
)]
#[cbor(transparent)]
pub struct Timestamp(#[n(0)] pub i64);

impl Timestamp {
    /// This moment and `milliseconds` more, stopping at the ends of time.
    pub const fn plus(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }

    /// Milliseconds from `earlier` to this moment; negative when it is later.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}
