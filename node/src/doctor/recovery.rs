//! Whether the organisation could replace a lost root key, and where the
//! present one is.

use super::Item;
use super::facts::{Facts, Inside};
use super::holdings::unseen;
use crate::keystore::Purpose;
use crate::ops::OpError;
use crate::rotation::root_keys;
use crate::running::Node;
use crate::sheet::{SheetState, sheet_state};

pub(super) const RECOVERY: &str = "recovery";

/// Where the root key is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RootPlace {
    /// In the keystore, or the organisation is no member yet.
    Here,
    /// Moved to this place.
    Away(String),
    /// Neither here, nor is it known where.
    Lost,
    /// None is in force: two changes of it conflict.
    Frozen,
}

/// What is known of root keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecoveryFacts {
    /// Where the next one is.
    pub sheet: SheetState,
    /// Where the present one is.
    pub root: RootPlace,
    /// Whether this node waits for keys that the stewards have to give.
    pub recovering: bool,
}

impl RecoveryFacts {
    /// What an open node knows.
    ///
    /// # Errors
    /// The keystore's.
    pub(super) async fn of(node: &Node) -> Result<Self, OpError> {
        let keys = node.handle().read(root_keys).await?;
        let held = node.keys().await?;
        let here = |root| held.iter().any(|k| k.purpose == Purpose::Root && k.public == root);
        let root = match keys.as_ref().map(|keys| keys.root) {
            None => RootPlace::Here,
            Some(None) => RootPlace::Frozen,
            Some(Some(root)) if here(root) => RootPlace::Here,
            Some(Some(root)) => match node.keystore().away(Purpose::Root, root)? {
                Some(place) => RootPlace::Away(place),
                None => RootPlace::Lost,
            },
        };
        let recovering = node.recovery_pending()?.is_some();
        Ok(Self { sheet: sheet_state(keys.as_ref(), &held), root, recovering })
    }
}

pub(super) fn recovery(facts: &Facts) -> Item {
    let Inside::Open(opened) = &facts.inside else { return unseen(RECOVERY) };
    let RecoveryFacts { sheet, root, recovering } = &opened.recovery;
    if *recovering {
        return Item::attention(
            RECOVERY,
            "This organisation's new keys wait for the stewards.",
            "Compare the key's beginning with a steward over the telephone. Where it was begun with an invitation this node asks by itself; else send the request, and take what comes back: `tern recover --answer FILE`. How far it is: `tern recover`.",
        );
    }
    match root {
        RootPlace::Frozen => {
            return Item::red(
                RECOVERY,
                "Two changes of the organisation's root key conflict: its log is frozen.",
                "Ask the stewards for new keys: `tern recover` in a new folder writes the request.",
            );
        }
        RootPlace::Lost => {
            return Item::attention(
                RECOVERY,
                "The organisation's root key is not on this node, and nobody noted where it is.",
                "Bring it back with `tern key return FILE`. If it is lost, type the words of the recovery sheet: `tern key rotate`.",
            );
        }
        RootPlace::Here | RootPlace::Away(_) => {}
    }
    match sheet {
        SheetState::ToTake => Item::attention(
            RECOVERY,
            "The recovery sheet has not been taken: if this machine is lost, so is the organisation's next root key.",
            "Print it with `tern key sheet`, put it in a safe, then `tern key sheet --done`. In a browser: Recovery sheet.",
        ),
        SheetState::Without => Item::attention(
            RECOVERY,
            "The organisation has no next root key, so that nothing replaces a lost one.",
            "Make one, with a recovery sheet: `tern key rotate`.",
        ),
        SheetState::Kept => match root {
            RootPlace::Away(place) => Item::ok(
                RECOVERY,
                format!(
                    "The recovery sheet is kept. The root key is off this node: it was moved to {place}."
                ),
            ),
            _ => Item::ok(RECOVERY, "The recovery sheet is kept."),
        },
    }
}
