//! Drafts that several organisations write: who is told of them, and that all
//! who see one come to hold the same.

use tern_crdt::authority::Role;
use tern_crdt::document::Draft;
use tern_crdt::identity::DraftId;
use tern_crdt::segment::brief::{Brief, prefix};
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

/// Chad shows the draft to these, and Ada's first word in it is signed there.
fn ada_begins(hub: &Hub, draft: DraftId, chad: &mut Node, sees: &[&Party]) -> (Draft, Writing) {
    let mut document = Draft::new();
    let mut ada = Writing::of(hub, &hub.chad.contributor, draft, 1);
    ada.saves(&mut document, "title", "Desks");
    chad.writes(hub, &[told(hub, 1, sees, &[])]);
    chad.writes(hub, &[draft_piece(hub.federation, &[ada.signs(&document, false)])]);
    (document, ada)
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
pub(super) fn meet(one: &mut Node, other: &mut Node) -> usize {
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
    assert!(whole > 8_000 && more < 600, "{whole} bytes, and {more}");
}

#[test]
fn what_comes_in_brief_is_put_together_beside_its_draft_or_refused() {
    let (hub, draft, [mut chad, mut niger, _]) = three();
    chad.writes(&hub, &[told(&hub, 1, &[&hub.niger], &[])]);
    let mut document = Draft::new();
    let mut ada = Writing::of(&hub, &hub.chad.contributor, draft, 1);
    ada.saves(&mut document, "title", "Desks");
    let first = ada.signs(&document, false);
    let head = *document.heads().first().expect("a change");
    chad.writes(&hub, &[draft_piece(hub.federation, std::slice::from_ref(&first))]);
    meet(&mut chad, &mut niger);
    ada.saves(&mut document, "title", "More desks");
    let (record, changes) = ada.signs(&document, false);
    let segment = record.verify(hub.federation).expect("signed").read().expect("a segment");
    let changes: Vec<&[u8]> = changes.iter().map(Vec::as_slice).collect();
    let later = |head| {
        let after = [segment.clone()];
        crate::drafts::brief(&after, &[Some(head)], &changes, hub.federation).expect("small")
    };
    let mut takes = |piece: &crate::message::Piece| {
        let examined = examine(piece, hub.federation).expect("read");
        niger.replica.library.admit(examined).expect("memory does not fail")
    };
    // Whoever lacks what it follows may yet get it, and is to blame for nothing.
    let unknown = takes(&later([7; 32])).expect_err("nothing ends there");
    assert!(unknown.is_innocent(), "{unknown}");
    let mut nameless = later(head);
    let crate::message::Piece::Brief { segments, .. } = &mut nameless else { panic!("in brief") };
    segments.clear();
    assert!(takes(&nameless).expect_err("of no draft").is_innocent());
    // Another signature, another change, somebody else's certificate.
    let mut forged = later(head);
    let crate::message::Piece::Brief { segments, .. } = &mut forged else { panic!("in brief") };
    let Brief::After { signature, .. } = &mut segments[0] else { panic!("after another") };
    signature[9] ^= 1;
    let refused = takes(&forged).expect_err("nobody signed it");
    assert!(matches!(refused, GateRefused::Draft(_)), "{refused}");
    let mut other = later(head);
    let crate::message::Piece::Brief { changes: of, .. } = &mut other else { panic!("in brief") };
    let at = of[0].len() - 1;
    of[0][at] ^= 1;
    assert!(!takes(&other).expect_err("not what was signed").is_innocent());
    let by = hub.niger.contributor.certificate;
    let mut stolen =
        crate::drafts::brief(std::slice::from_ref(&segment), &[None], &changes, hub.federation);
    let Some(crate::message::Piece::Brief { segments, .. }) = &mut stolen else { panic!("small") };
    let Brief::Whole { by: of, .. } = &mut segments[0] else { panic!("of whomever") };
    *of = prefix(by.as_bytes());
    assert!(!takes(&stolen.expect("small")).expect_err("not hers").is_innocent());
    assert!(takes(&later(head)).is_ok());
    assert_eq!(says(&niger, draft, "title").as_deref(), Some("More desks"));
    let actor = segment.body().actor(hub.federation);
    let held = niger.replica.library().segments_of(&draft, &actor).expect("sound");
    assert_eq!(held, [segment], "the very record");
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
    let (mut document, mut ada) = ada_begins(&hub, draft, &mut chad, &[&hub.niger, &hub.nepal]);
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
    ada_begins(&hub, draft, &mut chad, &[&hub.niger]);
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

/// Chad revokes its contributor with a cut of what a node holds.
fn revokes(hub: &Hub, node: &Node) -> tern_crdt::signed::Record {
    use tern_crdt::authority::{Cut, Revoke, RevokeReason};
    let gone = hub.chad.contributor.certificate;
    let library = node.replica.library();
    let listed = library.signed_by(&[gone].into()).expect("sound");
    let runs = library.written_by(&[gone].into()).expect("sound");
    let revoke = Revoke {
        org: hub.chad.org(),
        prev: library.authority().log_tips(&hub.chad.org()),
        certificate: gone,
        reason: RevokeReason::Stolen,
        cut: Cut::of(listed, runs, |_| unreachable!("it is small")),
    };
    revoke.prepare().sign(hub.federation, &hub.chad.root)
}

fn verdicts(node: &Node, draft: DraftId) -> Vec<Verdict> {
    let library = node.replica.library();
    let verdicts = library.draft_verdicts(&draft).expect("sound");
    let shared = library.shared_draft(&draft).expect("sound").expect("shared");
    shared.changes.iter().map(|(change, _)| verdicts[&change.hash]).collect()
}

#[test]
fn what_a_node_holds_of_a_draft_when_it_revokes_stands_and_honest_work_on_the_rest_waits() {
    use tern_crdt::authority::{Adopt, Adopted};
    use tern_crdt::verdict::Quarantine;

    let (hub, draft, [mut chad, mut niger, mut nepal]) = three();
    let (mut document, mut ada) = ada_begins(&hub, draft, &mut chad, &[&hub.niger, &hub.nepal]);
    for other in [&mut niger, &mut nepal] {
        meet(&mut chad, other);
    }
    let revoke = revokes(&hub, &chad);
    // The key went on writing elsewhere, and Niger answered without knowing.
    ada.saves(&mut document, "summary", "Where people are turned away");
    let late = ada.signs(&document, false);
    let mut ben = Writing::of(&hub, &hub.niger.contributor, draft, 2);
    ben.saves(&mut document, "lessons", "Learnt at sea");
    let honest = ben.signs(&document, false);
    niger.writes(&hub, &[draft_piece(hub.federation, &[late, honest])]);
    chad.writes(&hub, &[piece(&revoke)]);

    meet(&mut chad, &mut niger);
    meet(&mut niger, &mut nepal);
    meet(&mut nepal, &mut chad);
    for node in [&chad, &niger, &nepal] {
        let told = verdicts(node, draft);
        assert_eq!(told.len(), 3, "what honest work builds on travels with it");
        assert_eq!(told[0], Verdict::Accepted, "what Chad held stands");
        assert!(matches!(told[1], Verdict::Quarantined(Quarantine::Revoked { .. })), "{told:?}");
        assert!(matches!(told[2], Verdict::Quarantined(Quarantine::BuildsOn(_))), "{told:?}");
    }

    // Nepal adopts up to Niger's change: all three show it, by the same record.
    let shared = nepal.replica.library().shared_draft(&draft).expect("sound").expect("shared");
    let last = shared.changes.last().expect("three").0.hash;
    let adopt = Adopt {
        by: hub.nepal.contributor.certificate,
        certificate: hub.chad.contributor.certificate,
        what: Adopted::Change { document: *draft.as_bytes(), change: last },
        reason: "we were there".into(),
    };
    let adopt = adopt.prepare().sign(hub.federation, &hub.nepal.contributor.key);
    nepal.writes(&hub, &[piece(&adopt)]);
    assert!(nepal.events.contains(&Event::Draft(draft)), "people are told: {:?}", nepal.events);
    meet(&mut nepal, &mut niger);
    meet(&mut niger, &mut chad);
    for node in [&chad, &niger, &nepal] {
        let adopted = Verdict::Adopted(adopt.id());
        assert_eq!(verdicts(node, draft), [Verdict::Accepted, adopted, Verdict::Accepted]);
    }
}

#[test]
fn a_revoked_writer_on_whom_nobody_built_leaves_the_set_and_the_run_of_each_branch_is_cut() {
    let (hub, draft, [mut chad, mut niger, _]) = three();
    chad.writes(&hub, &[told(&hub, 1, &[&hub.niger], &[])]);
    // A copied machine: two branches of one actor.
    let mut first = Draft::new();
    let mut ada = Writing::of(&hub, &hub.chad.contributor, draft, 1);
    ada.saves(&mut first, "title", "Desks");
    let mut second = first.clone();
    let mut copy = Writing::of(&hub, &hub.chad.contributor, draft, 1);
    ada.saves(&mut first, "summary", "Here");
    copy.saves(&mut second, "summary", "There");
    chad.writes(&hub, &[draft_piece(hub.federation, &[ada.signs(&first, false)])]);
    chad.writes(&hub, &[draft_piece(hub.federation, &[copy.signs(&second, true)])]);
    let runs = chad.replica.library().written_by(&[hub.chad.contributor.certificate].into());
    let lasts: Vec<u64> = runs.expect("sound").iter().map(|run| run.last).collect();
    assert_eq!(lasts, [2, 2], "one for each branch, and none for what both contain");
    let revoke = revokes(&hub, &chad);
    chad.writes(&hub, &[piece(&revoke)]);
    // Niger hears of the draft only now: who saw it when stands too.
    meet(&mut chad, &mut niger);
    let shown = verdicts(&niger, draft).iter().filter(|verdict| verdict.is_shown()).count();
    assert_eq!(shown, 2, "one of the branches stands");

    let library = niger.replica.library();
    assert_eq!(library.draft_circle(&draft).map(|(_, circle)| circle.n), Some(1));
}

#[test]
fn who_sees_a_draft_is_not_said_by_a_key_that_was_revoked() {
    let (hub, draft, [mut chad, mut niger, mut nepal]) = three();
    ada_begins(&hub, draft, &mut chad, &[&hub.niger]);
    meet(&mut chad, &mut niger);
    let revoke = revokes(&hub, &chad);
    // The thief shows it to Nepal, through Niger, which does not know yet.
    niger.writes(&hub, &[told(&hub, 2, &[&hub.niger, &hub.nepal], &[])]);
    meet(&mut niger, &mut nepal);
    assert!(says(&nepal, draft, "title").is_some());
    chad.writes(&hub, &[piece(&revoke)]);
    meet(&mut chad, &mut niger);
    meet(&mut niger, &mut nepal);
    meet(&mut nepal, &mut chad);
    assert_eq!(state_with(&nepal, draft, &hub.niger), None);
    let library = nepal.replica.library();
    assert_eq!(library.draft_circle(&draft).map(|(_, circle)| circle.orgs.len()), Some(0));
    let chads = chad.replica.library().draft_circle(&draft).map(|(_, circle)| circle.orgs.clone());
    assert_eq!(chads.map(|orgs| orgs.len()), Some(1), "its owner never held that word");
    let key = nepal.key;
    let nepal = Shell::open(settings(&hub, &hub.nepal, true), key, nepal.replica.into_store());
    assert!(says(&nepal, draft, "title").is_some(), "what it has it keeps, over restarts too");
}
