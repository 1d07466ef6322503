//! The recovery sheet of the organisation, for whoever runs the node.

/// Where the organisation's next root key is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SheetState {
    /// On the node still: the sheet has not been taken.
    ToTake,
    /// On the sheet alone.
    Kept,
    /// The organisation has none.
    Without,
}

/// Where the organisation's root key is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RootKey {
    /// On the node, and opens by itself.
    Plain,
    /// On the node, under a passphrase.
    Wrapped,
    /// Elsewhere, on a stick: pages cannot use it.
    Away,
}

/// What the page says before it shows any word.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SheetStanding {
    /// Where the next root key is.
    pub state: SheetState,
    /// Whether a passphrase opens it.
    pub locked: bool,
}

/// What stands on the sheet. Secret: never to be kept or logged.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoverySheet {
    /// The organisation's name.
    pub organisation: String,
    /// Its id.
    pub org: String,
    /// The federation's name, where it is known.
    pub federation: Option<String>,
    /// The day, as 2026-11-23.
    pub date: String,
    /// The beginning of the public half, to tell two sheets apart.
    pub fingerprint: String,
    /// The words, in order.
    pub words: Vec<String>,
}
