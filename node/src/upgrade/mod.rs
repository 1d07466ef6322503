//! Upgrading the program of a node: a signed release, tried on a copy of the
//! node's data before it takes the old one's place, and taken back if the node
//! does not answer with it.
//!
//! 1. [`release`]: a file with a program and who vouches for it.
//! 2. [`rehearsal`]: the new program restores a backup of this node into a
//!    folder of its own, checks it and serves it, reaching nobody.
//! 3. [`place`]: the new program in the place of the old one, and back.
//!
//! Not here: packages. Where a package manager keeps the program, it upgrades
//! it; what it starts passes the same checks of stored and wire versions.
//!
//! Invariants: nothing that no trusted key signed is ever run; until the
//! rehearsal was passed nothing of the node has changed; the old program stays
//! beside the new one.

pub mod place;
pub mod rehearsal;
pub mod release;

use std::fmt;

/// The version of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Three numbers by which versions are compared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Version([u32; 3]);

impl Version {
    /// Reads `1.2.3`; nothing may stand before or behind.
    pub fn read(text: &str) -> Option<Self> {
        let mut numbers = text.split('.').map(|number| {
            let plain = number.bytes().all(|byte| byte.is_ascii_digit());
            number.parse::<u32>().ok().filter(|read| plain && read.to_string() == number)
        });
        let read = [numbers.next()??, numbers.next()??, numbers.next()??];
        numbers.next().is_none().then_some(Self(read))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// The machines that this program runs on, as releases name them.
pub fn target() -> String {
    format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_three_numbers_and_compare_as_such() {
        let read = |text| Version::read(text).unwrap_or_else(|| panic!("{text}"));
        assert!(read("0.9.0") < read("0.10.0") && read("1.0.0") > read("0.99.99"));
        assert_eq!(read(VERSION).to_string(), VERSION);
        for none in ["", "1", "1.2", "1.2.3.4", "1.2.x", "01.2.3", "1.2.3-rc1", "+1.2.3"] {
            assert_eq!(Version::read(none), None, "{none}");
        }
    }
}
