//! The recovery sheet: the organisation's next root key as 24 words on paper.
//!
//! An organisation commits to its next root key before it needs it. Whoever has
//! the words can replace the root key and everything that the old one says from
//! then on, with no node and no old key at hand; so the words belong on paper,
//! in a safe, and not on the machine that they protect. Until a person says
//! that the sheet is kept, the node has the next key too.
//!
//! Here are the words (`words`) and the sheet as a file, in plain text and as
//! a page that needs nothing else (`text`, `html`), and until when the node has
//! the key (`keeping`). What the words are good for is [`crate::rotation`]'s.

mod html;
mod keeping;
mod text;
mod words;

use tern_crdt::identity::{PublicKey, SecretKey};
use zeroize::Zeroizing;

use crate::hex;

pub use keeping::{SheetState, sheet_state};
pub use text::words_on;
pub use words::{MisreadWords, WORDS, from_words, to_words};

/// What stands on a sheet.
#[derive(Clone)]
pub struct Sheet {
    /// The organisation's name.
    pub organisation: String,
    /// Its id.
    pub org: String,
    /// The federation's name, where it is known.
    pub federation: Option<String>,
    /// The day on which it was written, by this machine's clock, as 2026-11-23.
    pub date: String,
    /// The public half of the key.
    pub public: PublicKey,
    /// The words, in order.
    pub words: Vec<Zeroizing<String>>,
}

impl Sheet {
    /// The words of a key, without what else stands on the sheet.
    pub fn words_of(key: &SecretKey) -> Vec<Zeroizing<String>> {
        to_words(&key.seed())
    }

    /// The sheet for a printer, as plain text of 80 columns.
    pub fn text(&self) -> Zeroizing<String> {
        text::render(self)
    }

    /// The sheet as one HTML page that loads nothing.
    pub fn html(&self) -> Zeroizing<String> {
        html::render(self)
    }

    /// The beginning of the public half, to tell two sheets apart.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.public)
    }
}

/// As much of a public key as people compare: 16 digits in four groups.
pub fn fingerprint(key: &PublicKey) -> String {
    let digits = hex::encode(&key.as_bytes()[..8]);
    let groups: Vec<&str> = (0..4).map(|at| &digits[at * 4..at * 4 + 4]).collect();
    groups.join(" ")
}

/// What the sheet is for, and how it is used: the same words on every form of
/// it, each a paragraph.
const PURPOSE: [&str; 2] = [
    "These 24 words are the next root key of this organisation. With them it replaces its root key if that is lost or stolen, if the machine burns, or if the passphrase is forgotten. No other key, no backup and nobody's permission is needed.",
    "Whoever reads these words can do the same. Show them to nobody, photograph them never, type them into nothing but the command below.",
];

const USE: [&str; 3] = [
    "On a machine with the organisation's node (or its backup, restored), type: tern key rotate",
    "Type the words in order when asked. The first four letters of each are enough. The last word checks the others.",
    "Afterwards this sheet is used up: write a new one with: tern key sheet",
];

const KEEP: [&str; 4] = [
    "Print or write two copies. Keep them in two buildings: a safe, a bank, the archive of another office.",
    "Put each in a closed envelope, signed over the flap, and note who holds it.",
    "When both are in their places, tell the node, which then forgets the words: tern key sheet --done",
    "Look once a year whether they still are.",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let key = SecretKey::from_seed(&[7; 32]);
        Sheet {
            organisation: "Ministry <of> Arrivals & Returns".into(),
            org: tern_crdt::identity::OrgId::new([7; 32]).to_string(),
            federation: Some("The Hub".into()),
            date: "2026-11-30".into(),
            public: key.public(),
            words: Sheet::words_of(&key),
        }
    }

    #[test]
    fn whoever_has_the_printed_sheet_has_the_key() {
        let sheet = sheet();
        let text = sheet.text();
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{}", *text);
        for said in
            [&sheet.org, "Ministry <of> Arrivals", "2026-11-30", "tern key rotate", "--done"]
        {
            assert!(text.contains(said), "{said}\n{}", *text);
        }
        let seed = from_words(words_on(&text)).expect("read from paper");
        assert_eq!(SecretKey::from_seed(&seed).public(), sheet.public);
        assert_eq!(words_on("abandon ability"), "abandon ability", "words alone");
    }

    #[test]
    fn the_page_loads_nothing_and_takes_no_name_for_markup() {
        let html = sheet().html();
        assert!(html.contains("Ministry &lt;of&gt; Arrivals &amp; Returns"), "{}", *html);
        for foreign in ["http://", "https://", "<script", "src=", "url("] {
            assert!(!html.contains(foreign), "{foreign}");
        }
        for (number, word) in sheet().words.iter().enumerate() {
            let line = format!("<li><b>{}</b> {}</li>", number + 1, **word);
            assert!(html.contains(&line), "{line}");
        }
    }
}
