//! Stories of nodes that never connect: what one holds is carried to the
//! other by hand.

use super::*;
use crate::bundle::{Listing, Place};
use crate::gate::{Examined, GateRefused};
use crate::meeting::set::SetId;

/// Everything that a node holds, in the order of a bundle.
fn carried(node: &Node) -> Vec<Piece> {
    let library = node.replica.library();
    let (mut place, mut pieces) = (Some(Place::default()), Vec::new());
    while let Some(at) = place {
        let Listing { objects, next } = library.bundled(at, None).expect("memory does not fail");
        for listed in objects {
            pieces.extend(library.stored_pieces(listed.set, &listed.id).expect("sound"));
        }
        place = next;
    }
    pieces
}

/// A node takes in what another wrote; why what was refused was.
fn reads(hub: &Hub, reader: &mut Node, writer: &Node) -> Vec<GateRefused> {
    let examined = carried(writer).into_iter().map(|p| examine(&p, hub.federation));
    let pieces = examined.collect::<Result<_, _>>().expect("honest");
    let command = Command::TakeIn { pieces, writer: writer.key };
    let Some(Ok(Done::TakenIn(taken))) = reader.asks(500, command) else { panic!("an answer") };
    let refused = taken.iter().filter_map(|taken| taken.clone().err()).collect();
    reader.answers.clear();
    refused
}

fn knocks(door: &mut Node, join: Join, peer: PublicKey) -> Joined {
    door.answers.clear();
    let command = Command::Knock { join: Box::new(join), peer };
    match door.asks(501, command) {
        Some(Ok(Done::Knocked(joined, _))) => joined.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nepal_becomes_a_member_of_a_federation_that_it_never_connects_to() {
    let (hub, mut chad, mut niger) = chad_and_niger(false);
    niger.writes(&hub, &[hub.edition(&hub.niger.publisher, &[], "Births are registered").piece()]);
    let invitation = invite(&hub, &mut chad, NOON.plus(1_000));
    let mut nepal = newcomer(&hub, invitation);
    let join = nepal.replica.knock().expect("it waits");
    assert_eq!(reads(&hub, &mut chad, &nepal), [], "it holds nothing yet");
    assert!(matches!(knocks(&mut chad, join, nepal.key), Joined::Waiting(_)));
    assert!(chad.events.contains(&Event::Knocked(hub.nepal.org())));
    chad.writes(&hub, &[piece(&hub.chad.admits(hub.federation, &hub.nepal))]);

    assert_eq!(reads(&hub, &mut chad, &niger), []);
    assert_eq!(reads(&hub, &mut nepal, &chad), []);
    assert!(nepal.events.contains(&Event::Joined), "{:?}", nepal.events);
    assert_eq!(nepal.replica.knock(), None);
    assert_eq!(nepal.roots(), chad.roots());
    nepal.writes(&hub, &[hub.edition(&hub.nepal.publisher, &[], "Labour offices").piece()]);
    for reader in [&mut chad, &mut niger] {
        assert_eq!(reads(&hub, reader, &nepal), []);
        assert_eq!(reader.roots(), nepal.roots());
    }
}

#[test]
fn a_knock_is_good_for_the_node_that_signed_its_bundle_and_for_no_other() {
    let (hub, mut chad, niger) = chad_and_niger(false);
    let invitation = invite(&hub, &mut chad, NOON.plus(1_000));
    let nepal = newcomer(&hub, invitation);
    let join = nepal.replica.knock().expect("it waits");
    assert!(matches!(knocks(&mut chad, join.clone(), niger.key), Joined::Refused(_)));
    chad.now = NOON.plus(2_000);
    let late = knocks(&mut chad, join.clone(), nepal.key);
    assert!(matches!(&late, Joined::Refused(why) if why.contains("expired")), "{late:?}");
    chad.now = NOON;
    let in_time = knocks(&mut chad, join.clone(), nepal.key);
    assert!(matches!(in_time, Joined::Waiting(_)), "{in_time:?}");
    assert_eq!(knocks(&mut chad, join, nepal.key), in_time, "it may be read twice");
    assert_eq!(chad.replica.library().waiting().count(), 1);
}

#[test]
fn what_comes_before_what_it_builds_on_is_refused_for_now_alone() {
    let (hub, mut chad, mut niger) = chad_and_niger(false);
    let first = hub.edition(&hub.niger.publisher, &[], "Births are registered");
    let second = hub.edition(&hub.niger.publisher, &[&first], "Again");
    niger.writes(&hub, &[first.piece(), second.piece()]);
    let command = |pieces: Vec<Examined>| Command::TakeIn { pieces, writer: niger.key };
    let early = chad.asks(1, command(vec![second.examined(), first.examined()]));
    let Some(Ok(Done::TakenIn(taken))) = early else { panic!("{early:?}") };
    assert!(matches!(&taken[0], Err(refused) if refused.is_innocent()), "{taken:?}");
    assert!(taken[1].is_ok(), "one that is refused ends nothing: {taken:?}");
    assert_eq!(chad.asks(2, command(vec![second.examined()])).map(Result::is_ok), Some(true));
    assert_eq!(chad.replica.library().set(SetId::Public).root(), niger.roots()[2]);
}
