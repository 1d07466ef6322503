//! The doctor: what is well with a node, what needs attention, and what to do.
//!
//! `folder` and `replica` look and write down [`Facts`]; [`CHECKS`] are
//! pure and turn facts into one line each, so that every line can be seen in a
//! test without a broken machine. What cannot be known is said to be unknown,
//! never guessed. Nothing is mended here, save that the keystore closes its files
//! to others as it always does: every line that is not *ok* says what a person
//! can do.

mod backup;
mod facts;
mod folder;
mod holdings;
mod links;
mod machine;
mod mail;
mod others;
mod ports;
mod recovery;
mod replica;
#[cfg(test)]
mod tests;
mod usage;

use serde_json::{Value, json};

pub use backup::Backup;
pub use facts::{Facts, Inside, KeyFacts, Opened, PeerFacts, PortState, Ports};
pub(crate) use folder::remove;
pub(crate) use machine::FREE_RED;
pub use ports::probe as probe_ports;
pub use recovery::{RecoveryFacts, RootPlace};
pub use replica::{Endings, endings, examine, is_known, last_met, may_operate};
pub use usage::{DiskUse, free_space};

/// How a line stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// Nothing to do.
    Ok,
    /// Worth a look, in time.
    Attention,
    /// Something is wrong, or will be lost.
    Red,
}

impl Level {
    /// Its word in JSON.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Attention => "attention",
            Self::Red => "red",
        }
    }
}

/// One line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// The name of the check.
    pub check: &'static str,
    /// How it stands.
    pub level: Level,
    /// What was found, as a sentence.
    pub message: String,
    /// What to do; always there when the level is not ok.
    pub advice: Option<String>,
}

impl Item {
    fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, level: Level::Ok, message: message.into(), advice: None }
    }

    fn attention(
        check: &'static str,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let (message, advice) = (message.into(), Some(advice.into()));
        Self { check, level: Level::Attention, message, advice }
    }

    fn red(check: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { level: Level::Red, ..Self::attention(check, message, advice) }
    }

    /// `{check, level, message, advice}`.
    pub fn to_json(&self) -> Value {
        json!({
            "check": self.check, "level": self.level.code(),
            "message": self.message, "advice": self.advice,
        })
    }
}

pub(crate) use machine::may_be_right;

/// One thing that is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Its name, for scripts.
    pub name: &'static str,
    /// What the facts come to.
    pub look: fn(&Facts) -> Item,
}

/// Everything that is looked at, in the order in which it is told.
pub const CHECKS: &[Check] = &[
    Check { name: machine::CLOCK, look: machine::clock },
    Check { name: machine::SPACE, look: machine::space },
    Check { name: machine::WRITING, look: machine::writing },
    Check { name: machine::PERMISSIONS, look: machine::permissions },
    Check { name: machine::PORTS, look: machine::ports },
    Check { name: machine::MEMORY, look: machine::memory },
    Check { name: machine::SETTINGS, look: machine::settings },
    Check { name: holdings::FORMAT, look: holdings::format },
    Check { name: holdings::NODE, look: holdings::node },
    Check { name: holdings::STORE, look: holdings::store },
    Check { name: holdings::INDEX, look: holdings::index },
    Check { name: holdings::KEYS, look: holdings::keys },
    Check { name: recovery::RECOVERY, look: recovery::recovery },
    Check { name: holdings::BACKUP, look: holdings::backup },
    Check { name: others::PEERS, look: others::peers },
    Check { name: others::REACH, look: others::reach },
    Check { name: links::LINKS, look: links::links },
    Check { name: mail::MAIL, look: mail::mail },
    Check { name: others::ENDINGS, look: others::endings },
    Check { name: others::RESTORED, look: others::restored },
    Check { name: others::COPIED, look: others::copied },
];

/// One line for each check.
pub fn lines(facts: &Facts) -> Vec<Item> {
    CHECKS.iter().map(|check| (check.look)(facts)).collect()
}

/// `{items[{check, level, message, advice}]}`.
pub fn to_json(items: &[Item]) -> Value {
    json!({ "items": items.iter().map(Item::to_json).collect::<Vec<_>>() })
}

/// One thing and several.
fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
