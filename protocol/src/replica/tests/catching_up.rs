//! Stories of a backup: Niger's disk dies, and an older copy takes its place.

use super::*;
use crate::catching_up::mark;
use crate::library::Library;

/// A backup of Niger, made before its second edition, and what it said after.
struct Ruin {
    hub: Hub,
    chad: Node,
    backup: MemoryStore,
    second: Piece,
    third: Piece,
}

/// Niger publishes, makes a backup, publishes again, and meets Chad.
fn ruin(met: bool) -> Ruin {
    let (hub, mut chad, mut niger) = chad_and_niger(true);
    let first = hub.edition(&hub.niger.publisher, &[], "Births are registered");
    let second = hub.edition(&hub.niger.publisher, &[&first], "In every town");
    let third = hub.edition(&hub.niger.publisher, &[&second], "And abroad");
    niger.writes(&hub, &[first.piece()]);
    let backup = niger.replica.library().ledger().store().clone();
    niger.writes(&hub, &[second.piece()]);
    if met {
        connect(&mut chad, &mut niger);
        converse(&mut chad, &mut niger);
        chad.hears(Input::Disconnected { link: LinkId(1) });
        chad.events.clear();
    }
    Ruin { hub, chad, backup, second: second.piece(), third: third.piece() }
}

/// The backup in the place of the disk, opened.
fn restored(hub: &Hub, backup: MemoryStore) -> Node {
    let mut library = Library::open(backup, hub.federation).expect("a sound backup");
    library.write(mark(NOON.plus(-DAY), NOON));
    library.commit().expect("room");
    Shell::open(settings(hub, &hub.niger, true), hub.niger.node.key.public(), library.into_store())
}

fn publish(node: &mut Node, hub: &Hub, id: u64, piece: &Piece) -> Result<Done, CommandRefused> {
    let pieces = vec![examine(piece, hub.federation).expect("honest")];
    let answer = node.asks(id, Command::Write { pieces, private: vec![] });
    answer.expect("an answer at once").clone()
}

#[test]
fn a_restored_node_signs_nothing_until_it_has_met_somebody_and_then_knows_what_it_said() {
    let Ruin { hub, mut chad, backup, second, third } = ruin(true);
    let mut niger = restored(&hub, backup);
    assert!(niger.replica.is_catching_up());
    let again = publish(&mut niger, &hub, 1, &second);
    assert_eq!(again, Err(CommandRefused::CatchingUp));
    let draft = Private::draft("draft", Some(Bytes::from_static(b"a draft")));
    let drafting = Command::Write { pieces: vec![], private: vec![draft] };
    assert!(matches!(niger.asks(2, drafting), Some(Ok(Done::Written(_)))), "drafts are kept");

    connect(&mut niger, &mut chad);
    converse(&mut niger, &mut chad);
    assert!(niger.events.contains(&Event::CaughtUp(Some(chad.key))), "{:?}", niger.events);
    assert!(!niger.replica.is_catching_up());
    let caught_up = niger.replica.restored().and_then(|restored| restored.caught_up);
    assert_eq!(caught_up.map(|c| (c.with, c.gained)), Some((Some(chad.key), 1)));
    assert_eq!(niger.roots(), chad.roots(), "the second edition came back");
    let written = publish(&mut niger, &hub, 3, &third);
    assert!(matches!(written, Ok(Done::Written(_))), "{written:?}");
}

#[test]
fn it_stays_so_however_often_the_node_is_started() {
    let Ruin { hub, mut chad, backup, third, .. } = ruin(true);
    let niger = restored(&hub, backup);
    let own = (settings(&hub, &hub.niger, true), niger.key);
    let reopened = |store| Shell::open(own.0.clone(), own.1, store);
    let mut niger = reopened(niger.replica.into_store());
    assert_eq!(publish(&mut niger, &hub, 1, &third), Err(CommandRefused::CatchingUp));
    connect(&mut niger, &mut chad);
    converse(&mut niger, &mut chad);
    let niger = reopened(niger.replica.into_store());
    assert!(!niger.replica.is_catching_up(), "and what ended is over");
    assert!(niger.replica.restored().is_some(), "but is told of still");
}

#[test]
fn a_meeting_that_was_cut_ends_nothing() {
    let Ruin { hub, mut chad, backup, second, .. } = ruin(true);
    let mut niger = restored(&hub, backup);
    connect(&mut niger, &mut chad);
    carry(&mut niger, &mut chad);
    carry(&mut chad, &mut niger);
    niger.hears(Input::Disconnected { link: LinkId(1) });
    assert!(niger.replica.is_catching_up());
    assert_eq!(publish(&mut niger, &hub, 1, &second), Err(CommandRefused::CatchingUp));
}

#[test]
fn where_nobody_else_is_the_operator_says_to_go_on() {
    let Ruin { hub, backup, second, .. } = ruin(false);
    let mut niger = restored(&hub, backup);
    assert_eq!(niger.asks(1, Command::Resume), Some(&Ok(Done::Noted)));
    assert!(niger.events.contains(&Event::CaughtUp(None)));
    let written = publish(&mut niger, &hub, 2, &second);
    assert!(matches!(written, Ok(Done::Written(_))), "{written:?}");
    niger.events.clear();
    niger.asks(3, Command::Resume);
    assert_eq!(niger.events, [], "said twice, it means nothing more");
}

#[test]
fn whoever_never_restored_anything_is_never_catching_up() {
    let (_, chad, _) = chad_and_niger(true);
    assert!(!chad.replica.is_catching_up());
    assert_eq!(chad.replica.restored(), None);
}
