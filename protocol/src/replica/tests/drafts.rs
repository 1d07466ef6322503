//! Drafts that several organisations write: who is told of them, and that all
//! who see one come to hold the same.

use tern_crdt::authority::Role;
use tern_crdt::document::Draft;
use tern_crdt::identity::DraftId;
use tern_crdt::value::Value;
use tern_crdt::verdict::Verdict;

use super::*;
use crate::gate::GateRefused;
use crate::story::{Writing, draft_piece};

/// Chad, Niger and Nepal; Chad's contributor began a draft.
fn three() -> (Hub, DraftId, [Node; 3]) {
    let (hub, nodes) = three_members();
    let draft = hub.draft(&hub.chad.contributor);
    (hub, draft, nodes)
}

fn told(hub: &Hub, n: u64, sees: &[&Party], saw: &[&Party]) -> crate::message::Piece {
    let founder = &hub.chad.contributor;
    piece(&hub.audience(founder, founder, n, sees, saw))
}

/// A draft that Chad's contributor Ada began, and who writes in it.
pub(super) struct Drafting {
    pub hub: Hub,
    pub draft: DraftId,
    pub chad: Node,
    pub niger: Node,
    pub nepal: Node,
    pub ada: Writing,
    pub ben: Writing,
}

impl Drafting {
    pub fn begun() -> Self {
        let (hub, draft, [chad, niger, nepal]) = three();
        let ada = Writing::of(&hub, &hub.chad.contributor, draft, 1);
        let ben = Writing::of(&hub, &hub.niger.contributor, draft, 2);
        Self { hub, draft, chad, niger, nepal, ada, ben }
    }

    /// Chad's word of who sees it.
    pub fn told(&self, n: u64, sees: &[&Party], saw: &[&Party]) -> crate::message::Piece {
        told(&self.hub, n, sees, saw)
    }

    /// Ada's changes are signed and written at Chad.
    pub fn chad_signs(&mut self, document: &Draft) {
        let signed = draft_piece(self.hub.federation, &[self.ada.signs(document, false)]);
        self.chad.writes(&self.hub, &[signed]);
    }

    /// Ben's at Niger.
    pub fn niger_signs(&mut self, document: &Draft) {
        let signed = draft_piece(self.hub.federation, &[self.ben.signs(document, false)]);
        self.niger.writes(&self.hub, &[signed]);
    }
}

/// What a node holds of a draft, put together.
pub(super) fn opened(node: &Node, draft: DraftId) -> Option<Draft> {
    let held = node.replica.library().shared_draft(&draft).expect("sound")?;
    let changes: Vec<&[u8]> = held.changes.iter().map(|(_, bytes)| &bytes[..]).collect();
    Some(Draft::load(&changes).expect("sound"))
}

pub(super) fn says(node: &Node, draft: DraftId, field: &str) -> Option<String> {
    match opened(node, draft)?.content().expect("sound").get(field) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    }
}

/// Opens a link, carries all, and closes it.
fn meet(one: &mut Node, other: &mut Node) -> usize {
    connect(one, other);
    let mut bytes = 0;
    while !(one.sent.is_empty() && other.sent.is_empty()) {
        bytes += one.sent.iter().chain(&other.sent).take(1).map(|(_, f)| f.len()).sum::<usize>();
        carry(one, other);
        carry(other, one);
    }
    let (a, b) = (one.key, other.key);
    assert!(one.events.contains(&Event::Settled(b)), "{:?}", one.events);
    assert!(other.events.contains(&Event::Settled(a)), "{:?}", other.events);
    for node in [one, other] {
        node.hears(Input::Disconnected { link: LinkId(1) });
        node.events.clear();
    }
    bytes
}

pub(super) fn state_with(node: &Node, draft: DraftId, party: &Party) -> Option<[u8; 32]> {
    node.replica.library().drafts_with(&party.org()).get(draft.as_bytes()).copied()
}

#[test]
fn two_organisations_write_one_draft_and_a_third_is_told_nothing() {
    let (hub, draft, [mut chad, mut niger, mut nepal]) = three();
    let mut document = Draft::new();
    let mut ada = Writing::of(&hub, &hub.chad.contributor, draft, 1);
    ada.saves(&mut document, "title", "Desks");
    ada.saves(&mut document, "summary", "Where people are registered");
    chad.writes(&hub, &[told(&hub, 1, &[&hub.niger], &[])]);
    chad.writes(&hub, &[draft_piece(hub.federation, &[ada.signs(&document, false)])]);

    meet(&mut chad, &mut nepal);
    assert_eq!(nepal.replica.library().shared_drafts().count(), 0);
    meet(&mut chad, &mut niger);
    assert!(niger.replica.library().shared_drafts().eq([draft]));
    assert_eq!(says(&niger, draft, "title").as_deref(), Some("Desks"));
    meet(&mut niger, &mut nepal);
    assert_eq!(nepal.replica.library().shared_drafts().count(), 0, "nor by a third");

    // Both write on, without a link.
    let mut here = opened(&niger, draft).expect("shared");
    let mut ben = Writing::of(&hub, &hub.niger.contributor, draft, 2);
    ben.saves(&mut here, "title", "Desks in the provinces");
    niger.writes(&hub, &[draft_piece(hub.federation, &[ben.signs(&here, false)])]);
    ada.saves(&mut document, "summary", "Where people are registered, and helped");
    chad.writes(&hub, &[draft_piece(hub.federation, &[ada.signs(&document, false)])]);
    meet(&mut niger, &mut chad);
    for node in [&chad, &niger] {
        assert_eq!(says(node, draft, "title").as_deref(), Some("Desks in the provinces"));
        let summary = says(node, draft, "summary");
        assert_eq!(summary.as_deref(), Some("Where people are registered, and helped"));
        let verdicts = node.replica.library().draft_verdicts(&draft).expect("sound");
        assert!(verdicts.len() == 4 && verdicts.values().all(|v| *v == Verdict::Accepted));
    }
    assert_eq!(state_with(&chad, draft, &hub.niger), state_with(&niger, draft, &hub.chad));

    // It is there after a start.
    let (key, state) = (niger.key, state_with(&niger, draft, &hub.chad));
    let niger = Shell::open(settings(&hub, &hub.niger, true), key, niger.replica.into_store());
    assert_eq!(state_with(&niger, draft, &hub.chad), state);
    assert_eq!(says(&niger, draft, "title").as_deref(), Some("Desks in the provinces"));
}

#[test]
fn those_who_answer_each_other_change_by_change_are_held_together() {
    let (hub, draft, [mut chad, mut niger, mut nepal]) = three();
    chad.writes(&hub, &[told(&hub, 1, &[&hub.niger, &hub.nepal], &[])]);
    let mut document = Draft::new();
    let mut ada = Writing::of(&hub, &hub.chad.contributor, draft, 1);
    let mut ben = Writing::of(&hub, &hub.niger.contributor, draft, 2);
    for turn in 0..6 {
        ada.saves(&mut document, "title", &format!("Desks {turn}"));
        ben.saves(&mut document, "summary", &format!("Where {turn}"));
    }
    let alone =
        examine(&draft_piece(hub.federation, &[ada.signs(&document, true)]), hub.federation);
    let refused = chad.replica.library.admit(alone.expect("read")).expect("memory does not fail");
    assert!(matches!(refused, Err(GateRefused::NotYet(_))), "{refused:?}");
    // As they were made.
    let (mut first, mut own) = (ada.signs(&document, true), ben.signs(&document, true));
    let mut changes: Vec<Vec<u8>> = document.changes().map(<[u8]>::to_vec).collect();
    first.1.clear();
    std::mem::swap(&mut own.1, &mut changes);
    chad.writes(&hub, &[draft_piece(hub.federation, &[first, own])]);
    meet(&mut chad, &mut nepal);
    meet(&mut nepal, &mut niger);
    for node in [&niger, &nepal] {
        assert_eq!(says(node, draft, "summary").as_deref(), Some("Where 5"));
    }
    let [a, b] = [state_with(&niger, draft, &hub.nepal), state_with(&nepal, draft, &hub.niger)];
    assert!(a.is_some() && a == b);
}

#[test]
fn a_word_more_in_a_long_draft_costs_a_word_and_a_signature() {
    let (hub, draft, [mut chad, mut niger, _]) = three();
    chad.writes(&hub, &[told(&hub, 1, &[&hub.niger], &[])]);
    let mut document = Draft::new();
    let mut ada = Writing::of(&hub, &hub.chad.contributor, draft, 1);
    for part in 0..40 {
        let text: String =
            (0..60).map(|word| format!("{} ", (part * 7_919 + word * 104_729) % 99_991)).collect();
        ada.saves(&mut document, &format!("part{part}"), &text);
    }
    chad.writes(&hub, &[draft_piece(hub.federation, &[ada.signs(&document, false)])]);
    let whole = meet(&mut chad, &mut niger);
    ada.saves(&mut document, "title", "Desks");
    chad.writes(&hub, &[draft_piece(hub.federation, &[ada.signs(&document, false)])]);
    let more = meet(&mut chad, &mut niger);
    assert_eq!(says(&niger, draft, "title").as_deref(), Some("Desks"));
    assert!(whole > 8_000 && more < 800, "{whole} bytes, and {more}");
}

#[test]
fn a_draft_that_lost_a_change_is_mended_and_comes_again_from_who_sees_it() {
    let (hub, draft, [mut chad, mut niger, _]) = three();
    chad.writes(&hub, &[told(&hub, 1, &[&hub.niger], &[])]);
    let mut document = Draft::new();
    let mut ada = Writing::of(&hub, &hub.chad.contributor, draft, 1);
    for part in ["title", "summary", "context"] {
        ada.saves(&mut document, part, "Desks");
    }
    chad.writes(&hub, &[draft_piece(hub.federation, &[ada.signs(&document, false)])]);
    meet(&mut chad, &mut niger);
    let (key, mut store) = (niger.key, niger.replica.into_store());
    let kept = store.scan(Space::Draft, b"Bx", None, 9).expect("sound").entries;
    assert_eq!(kept.len(), 3);
    let mut rot = Batch::default();
    rot.put(Space::Draft, kept[1].0.clone(), kept[1].1[..40].to_vec());
    store.commit(rot).expect("room");
    let mark = Private::local("mended", Some(vec![1].into()));
    let (store, mended) = crate::mending::mend(store, hub.federation, mark).expect("it reads");
    assert_eq!(mended.dropped.len(), 2, "the change and its signature: {mended:?}");
    let mut niger = Shell::open(settings(&hub, &hub.niger, true), key, store);
    meet(&mut niger, &mut chad);
    assert_eq!(opened(&niger, draft).expect("shared").changes().count(), 3);
    assert_eq!(state_with(&niger, draft, &hub.chad), state_with(&chad, draft, &hub.niger));
}

#[test]
fn who_was_taken_out_is_told_so_and_nothing_more() {
    let (hub, draft, [mut chad, mut niger, mut nepal]) = three();
    let mut document = Draft::new();
    let mut ada = Writing::of(&hub, &hub.chad.contributor, draft, 1);
    ada.saves(&mut document, "title", "Desks");
    chad.writes(&hub, &[told(&hub, 1, &[&hub.niger, &hub.nepal], &[])]);
    chad.writes(&hub, &[draft_piece(hub.federation, &[ada.signs(&document, false)])]);
    meet(&mut chad, &mut niger);
    meet(&mut chad, &mut nepal);
    chad.writes(&hub, &[told(&hub, 2, &[&hub.nepal], &[&hub.niger])]);
    ada.saves(&mut document, "title", "Desks, in confidence");
    chad.writes(&hub, &[draft_piece(hub.federation, &[ada.signs(&document, false)])]);
    meet(&mut chad, &mut niger);
    assert_eq!(says(&niger, draft, "title").as_deref(), Some("Desks"), "what it has it keeps");
    let circle = niger.replica.library().shared_draft(&draft).expect("sound").expect("held").circle;
    assert!(circle.left.contains(&hub.niger.org()) && circle.n == 2);
    // Nepal has not heard of it yet, and learns it from whoever was taken out.
    meet(&mut niger, &mut nepal);
    meet(&mut chad, &mut nepal);
    meet(&mut nepal, &mut niger);
    assert_eq!(says(&nepal, draft, "title").as_deref(), Some("Desks, in confidence"));
    assert_eq!(says(&niger, draft, "title").as_deref(), Some("Desks"));
    // What Niger writes now stays there.
    let mut here = opened(&niger, draft).expect("held");
    let mut ben = Writing::of(&hub, &hub.niger.contributor, draft, 2);
    ben.saves(&mut here, "title", "All desks");
    niger.writes(&hub, &[draft_piece(hub.federation, &[ben.signs(&here, false)])]);
    meet(&mut niger, &mut chad);
    assert_eq!(says(&chad, draft, "title").as_deref(), Some("Desks, in confidence"));
}

#[test]
fn what_nobody_may_say_of_a_draft_is_refused_and_changes_nothing() {
    let (hub, draft, [mut chad, mut niger, _]) = three();
    let founder = &hub.chad.contributor;
    let refused = |node: &mut Node, piece: &crate::message::Piece| {
        let root = node.replica.library().drafts_with(&hub.niger.org()).root();
        let reason = match examine(piece, hub.federation) {
            Ok(examined) => {
                node.replica.library.admit(examined).expect("memory does not fail").err()
            }
            Err(reason) => Some(reason),
        };
        assert_eq!(node.replica.library().drafts_with(&hub.niger.org()).root(), root);
        reason.expect("it has to be refused")
    };
    let of = |by: &crate::story::Holder, founder: &crate::story::Holder| {
        piece(&hub.audience(by, founder, 1, &[&hub.niger], &[]))
    };
    // Somebody else's draft, a node, and a draft that is not for this node.
    let wrong = refused(&mut chad, &of(&hub.niger.contributor, founder));
    assert!(wrong.to_string().contains("only its owner"), "{wrong}");
    assert!(matches!(refused(&mut chad, &of(&hub.chad.node, founder)), GateRefused::Forbidden(_)));
    let others = piece(&hub.audience(founder, founder, 1, &[&hub.nepal], &[]));
    assert!(
        refused(&mut niger, &others).is_innocent(),
        "it may have been said at once with another"
    );
    // A draft of which nobody said who sees it.
    let mut document = Draft::new();
    let mut ada = Writing::of(&hub, founder, draft, 1);
    ada.saves(&mut document, "title", "Desks");
    let signed = ada.signs(&document, false);
    let early = refused(&mut chad, &draft_piece(hub.federation, std::slice::from_ref(&signed)));
    assert!(early.is_innocent(), "{early}");

    chad.writes(&hub, &[told(&hub, 1, &[&hub.niger], &[])]);
    // A signature alone, by nobody in particular, by an outsider; and a change
    // that nobody signed.
    let alone = draft_piece(hub.federation, &[(signed.0.clone(), vec![])]);
    assert!(matches!(refused(&mut chad, &alone), GateRefused::NotYet(_)));
    assert!(matches!(refused(&mut chad, &draft_piece(hub.federation, &[])), GateRefused::Draft(_)));
    let record = crate::message::Piece::Record(signed.0.to_bytes().into());
    assert!(matches!(refused(&mut chad, &record), GateRefused::Draft(_)));
    let mut eve = Writing::of(&hub, &hub.nepal.contributor, draft, 3);
    let mut elsewhere = Draft::new();
    eve.saves(&mut elsewhere, "title", "No desks");
    let outside = refused(&mut chad, &draft_piece(hub.federation, &[eve.signs(&elsewhere, false)]));
    assert!(outside.is_innocent(), "she may yet be let in: {outside}");
    ada.saves(&mut document, "title", "More desks");
    let both: Vec<Vec<u8>> = document.changes().map(<[u8]>::to_vec).collect();
    let with_more = draft_piece(hub.federation, &[(signed.0.clone(), both)]);
    let more = refused(&mut chad, &with_more);
    assert!(more.to_string().contains("nobody signed"), "{more}");
    let mut cut = draft_piece(hub.federation, &[signed]);
    let crate::message::Piece::Draft { changes, .. } = &mut cut else { panic!("{cut:?}") };
    changes[0].pop();
    assert!(matches!(refused(&mut chad, &cut), GateRefused::Chunk(_)));
}

#[test]
fn what_a_thief_wrote_with_a_revoked_key_leaves_the_draft_of_all_who_see_it() {
    let (mut hub, draft, [mut chad, mut niger, _]) = three();
    let ben = hub.niger.contributor.clone();
    chad.writes(&hub, &[told(&hub, 1, &[&hub.niger], &[])]);
    let mut document = Draft::new();
    let mut ada = Writing::of(&hub, &hub.chad.contributor, draft, 1);
    ada.saves(&mut document, "title", "Desks");
    chad.writes(&hub, &[draft_piece(hub.federation, &[ada.signs(&document, false)])]);
    meet(&mut chad, &mut niger);
    let honest = state_with(&chad, draft, &hub.niger);
    let mut thief = Writing::of(&hub, &ben, draft, 2);
    let mut stolen = opened(&niger, draft).expect("held");
    thief.saves(&mut stolen, "title", "Send us money");
    niger.writes(&hub, &[draft_piece(hub.federation, &[thief.signs(&stolen, false)])]);
    meet(&mut niger, &mut chad);
    assert_ne!(state_with(&chad, draft, &hub.niger), honest);
    let last = hub.niger.grant(SecretKey::from_seed(&[99; 32]).public(), &[Role::Contributor]);
    let granted = hub.niger.records(hub.federation).pop().expect("the last");
    let revoke = Revoke {
        org: hub.niger.org(),
        prev: vec![last.cast()],
        certificate: ben.certificate,
        reason: RevokeReason::Stolen,
        cut: Cut::default(),
    };
    let revoke = revoke.prepare().sign(hub.federation, &hub.niger.root);
    niger.writes(&hub, &[piece(&granted), piece(&revoke)]);
    assert_eq!(state_with(&niger, draft, &hub.chad), honest);
    meet(&mut niger, &mut chad);
    assert_eq!(state_with(&chad, draft, &hub.niger), honest);
    let verdicts = chad.replica.library().draft_verdicts(&draft).expect("sound");
    assert_eq!(verdicts.values().filter(|verdict| verdict.is_shown()).count(), 1);
}
