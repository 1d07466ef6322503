//! Stories of discussions: Niger opens one and moderates it, people of Nepal,
//! Chad and Moldova take part.

use proptest::prelude::*;
use serde_json::json;

use super::fold::{Conversation, Place, Records, SAID_MAX, fold};
use super::*;
use crate::authority::{Authority, Forbidden, Role};
use crate::founding::{Founding, Person};
use crate::identity::{FederationId, SecretKey};
use crate::signed::Verified;

const NAMES: [&str; 4] = ["Niger", "Chad", "Nepal", "Moldova"];

type Event = Verified<DiscussionEvent>;

struct Hub {
    federation: FederationId,
    authority: Authority,
    orgs: [OrgId; 4],
    /// Niger: opens, and moderates.
    hama: Person,
    awa: Person,
    /// Chad: publishes; writes.
    issa: Person,
    /// Nepal: writes; moderates there.
    maya: Person,
    mina: Person,
    /// Moldova: runs a machine.
    ion: Person,
    opened: Verified<Discussion>,
}

fn sign<T: Statement>(federation: FederationId, statement: &T, key: &SecretKey) -> Verified<T> {
    let record = statement.prepare().sign(federation, key);
    record.verify(federation).and_then(Verified::read).expect("within its bounds")
}

fn form() -> Tree {
    let form = json!({
        "title": { "en": "One desk, or many?", "fr": "Un guichet, ou plusieurs ?" },
        "purpose": "To hear how others receive those who return.",
        "languages": ["fr", "en"],
        "objectives": [21],
        "opens": "2026-03-01",
        "closes": "2026-04-30",
        "questions": ["What did families ask first?", { "text": { "en": "Who paid?" } }],
    });
    DiscussionForm::from_json(&form, "en").expect("a discussion").to_tree()
}

impl Hub {
    fn new() -> Self {
        let mut founding = Founding::of(NAMES, |_| None);
        let hama = founding.person(0, 1, &[Role::FocalPoint]);
        let awa = founding.person(0, 2, &[Role::Moderator]);
        let issa = founding.person(1, 1, &[Role::Publisher]);
        let maya = founding.person(2, 1, &[Role::Contributor]);
        let mina = founding.person(2, 2, &[Role::Moderator]);
        let ion = founding.person(3, 1, &[Role::Operator]);
        let (federation, orgs) = (founding.federation, founding.orgs);
        let authority = founding.authority();
        let opened = Discussion {
            by: hama.certificate,
            nonce: [1; 16],
            form: form(),
            practice: None,
            moderators: vec![],
            claimed_at: Timestamp(1),
        };
        let opened = sign(federation, &opened, &hama.key);
        Self { federation, authority, orgs, hama, awa, issa, maya, mina, ion, opened }
    }

    fn told(&self, events: &[Event]) -> Conversation {
        let place = Place::Opened(&self.opened);
        fold(&self.authority, &Records { place, events })
    }

    fn says_at(&self, who: &Person, at: i64, after: &[&Event], deed: Deed) -> Event {
        let mut after: Vec<RecordId> = after.iter().map(|event| event.id()).collect();
        after.sort_unstable();
        let discussion = self.opened.id().cast();
        let by = who.certificate;
        let event = DiscussionEvent { by, discussion, after, deed, claimed_at: Timestamp(at) };
        sign(self.federation, &event, &who.key)
    }

    fn says(&self, who: &Person, after: &[&Event], deed: Deed) -> Event {
        self.says_at(who, 3, after, deed)
    }
}

fn post(answers: Answers, lang: &str, text: &str) -> Deed {
    Deed::Post { answers, lang: lang.into(), text: text.into() }
}

fn edit(of: &Event, follows: &Event, text: &str) -> Deed {
    Deed::Edit { of: of.id(), follows: follows.id(), text: text.into() }
}

fn into(of: &Event, wording: &Event, lang: &str, text: &str) -> Deed {
    let (of, wording, lang, text) = (of.id(), wording.id(), lang.into(), text.into());
    Deed::Translate { of, wording, lang, made: Made::Human, text }
}

fn advise(about: RecordId, advice: Advice) -> Deed {
    let text = if advice == Advice::Correct { "It was in 2024" } else { "" };
    Deed::Advise { about, advice, reason: Reason::Wrong, lang: "en".into(), text: text.into() }
}

fn close(text: &str) -> Deed {
    Deed::Close { lang: "en".into(), text: text.into() }
}

#[test]
fn what_is_asked_is_answered_reworded_and_translated_and_nothing_is_lost() {
    let hub = Hub::new();
    let ask = hub.says(&hub.maya, &[], post(Answers::Discussion, "en", "Who keeps the list?"));
    let first = hub.says(&hub.issa, &[], post(Answers::Question(1), "fr", "Le fonds nationale"));
    let better = hub.says(&hub.issa, &[], edit(&first, &first, "Le fonds national"));
    let again = hub.says(&hub.issa, &[], edit(&first, &better, "Le fonds national, depuis 2024"));
    let reply = hub.says(&hub.hama, &[], post(Answers::Post(ask.id()), "en", "Each region."));
    let of_old = hub.says(&hub.maya, &[], into(&first, &better, "en", "The national fund"));
    let told = hub.told(&[ask.clone(), first.clone(), better.clone(), again.clone()]);
    assert_eq!((told.refused.len(), told.posts.len(), told.is_closed()), (0, 2, false));
    let said = told.said(&first.id()).expect("a post");
    assert_eq!(said.now(), again.id());
    assert_eq!(said.wordings.len(), 3, "what it said before stays");
    assert_eq!((said.org, said.answers), (hub.orgs[1], Answers::Question(1)));
    let all = [ask, first.clone(), better, again.clone(), reply, of_old.clone()];
    let told = hub.told(&all);
    let shown = told.said(&first.id()).expect("a post").translations["en"];
    assert_eq!((shown.id, shown.current, shown.own), (of_old.id(), false, false));
    // The author's own stands before that of another, whoever came last.
    let own = hub.says(&hub.issa, &[], into(&first, &again, "en", "The fund, since 2024"));
    let other = hub.says(&hub.maya, &[&own], into(&first, &again, "en", "The fund"));
    let told = hub.told(&[&all[..], &[own.clone(), other]].concat());
    let shown = told.said(&first.id()).expect("a post").translations["en"];
    assert_eq!((shown.id, shown.current, shown.own), (own.id(), true, true));
    assert_eq!(told.moderators, [hub.orgs[0]].into());
}

#[test]
fn what_follows_stands_after_whatever_clocks_say() {
    let hub = Hub::new();
    let ask = hub.says_at(&hub.maya, 9_000, &[], post(Answers::Discussion, "en", "When?"));
    let reply = post(Answers::Post(ask.id()), "en", "In March");
    let reply = hub.says_at(&hub.issa, 1, &[], reply);
    let other = hub.says_at(&hub.hama, 5, &[&reply], post(Answers::Discussion, "en", "Thank you"));
    let told = hub.told(&[other.clone(), reply.clone(), ask.clone()]);
    assert_eq!(told.line, [ask.id(), reply.id(), other.id()]);
    assert_eq!(told.tips, [other.id()]);
    // Without the question the answer still stands, of something that is gone.
    let told = hub.told(&[reply.clone(), other]);
    assert_eq!(told.posts[0].answers, Answers::Post(ask.id()));
    assert!(told.said(&ask.id()).is_none());
}

#[test]
fn who_may_not_say_it_and_what_names_nothing_counts_for_nothing() {
    let hub = Hub::new();
    let ask = hub.says(&hub.maya, &[], post(Answers::Discussion, "en", "Who?"));
    let words = |text: &str| post(Answers::Discussion, "en", text);
    let stranger = hub.says(&hub.ion, &[], words("Buy this"));
    let mut other = hub.says(&hub.maya, &[], words("Elsewhere")).body().clone();
    other.discussion = DiscussionId::new([7; 32]);
    let other = sign(hub.federation, &other, &hub.maya.key);
    let third = hub.says(&hub.maya, &[], post(Answers::Question(2), "en", "Third"));
    let usurped = hub.says(&hub.issa, &[], edit(&ask, &ask, "I never asked"));
    let nowhere = hub.says(&hub.issa, &[], edit(&usurped, &usurped, "Nothing"));
    let same = hub.says(&hub.issa, &[], into(&ask, &ask, "en", "Who, then?"));
    let early = hub.says(&hub.issa, &[], close("I say so"));
    let abroad = hub.says(&hub.mina, &[], close("Enough"));
    let all = [&ask, &stranger, &other, &third, &usurped, &nowhere, &same, &early, &abroad];
    let told = hub.told(&all.map(Clone::clone));
    let why = |event: &Event| told.refused.get(&event.id());
    assert!(matches!(
        why(&stranger),
        Some(DiscussionRefused::Forbidden(Forbidden::WithoutRole { .. }))
    ));
    assert_eq!(why(&other), Some(&DiscussionRefused::OtherDiscussion));
    assert_eq!(why(&third), Some(&DiscussionRefused::NoQuestion));
    assert_eq!(why(&usurped), Some(&DiscussionRefused::NotTheAuthor));
    assert_eq!(why(&nowhere), Some(&DiscussionRefused::NotYet("a post")));
    assert_eq!(why(&same), Some(&DiscussionRefused::SameLanguage));
    assert!(matches!(why(&early), Some(DiscussionRefused::Forbidden(_))));
    assert_eq!(why(&abroad), Some(&DiscussionRefused::NotModerating));
    assert_eq!((told.posts.len(), told.is_closed()), (1, false));
    // A discussion that nobody may open: nothing in it counts.
    let mut opened = hub.opened.body().clone();
    opened.by = hub.maya.certificate;
    let opened = sign(hub.federation, &opened, &hub.maya.key);
    let told = fold(&hub.authority, &Records { place: Place::Opened(&opened), events: &[ask] });
    assert!(matches!(told.flaw, Some(OpeningRefused::Forbidden(_))));
    assert_eq!(told.refused.values().next(), Some(&DiscussionRefused::NoDiscussion));
}

#[test]
fn moderators_close_and_only_who_did_not_know_posts_after() {
    let hub = Hub::new();
    let ask = hub.says(&hub.maya, &[], post(Answers::Discussion, "en", "Who?"));
    let sum = hub.says(&hub.awa, &[&ask], close("Regions keep the list."));
    let knew = hub.says(&hub.issa, &[&sum], post(Answers::Discussion, "en", "One more"));
    let after = hub.says(&hub.issa, &[&knew], post(Answers::Discussion, "en", "And one"));
    let away = hub.says(&hub.issa, &[&ask], post(Answers::Post(ask.id()), "en", "From afar"));
    let twice = hub.says(&hub.awa, &[&sum], close("Again"));
    let better = hub.says(&hub.awa, &[&sum], edit(&sum, &sum, "Regions keep the lists."));
    let in_french = hub.says(&hub.maya, &[&better], into(&sum, &better, "fr", "Les régions."));
    let events = [ask, sum.clone(), knew.clone(), after.clone(), away, twice, better, in_french];
    let told = hub.told(&events);
    assert!(told.is_closed() && told.summaries.len() == 1 && told.posts.len() == 2);
    for late in [&knew, &after] {
        assert_eq!(told.refused.get(&late.id()), Some(&DiscussionRefused::Closed));
    }
    let summary = told.said(&sum.id()).expect("a summary");
    assert_eq!((summary.wordings.len(), summary.translations.len()), (2, 1));
}

#[test]
fn advisories_take_nothing_away_and_of_each_organisation_the_last_stands() {
    let hub = Hub::new();
    let spam = hub.says(&hub.maya, &[], post(Answers::Discussion, "en", "Cheap visas"));
    let hide = hub.says(&hub.awa, &[], advise(spam.id(), Advice::Hide));
    let warn = hub.says(&hub.mina, &[], advise(spam.id(), Advice::Warn));
    let by_writer = hub.says(&hub.issa, &[], advise(spam.id(), Advice::Hide));
    let events = [spam.clone(), hide.clone(), warn, by_writer.clone()];
    let told = hub.told(&events);
    let said = told.said(&spam.id()).expect("it stands, whatever is advised");
    let advised: Vec<_> = said.advised.iter().map(|one| (one.moderates, one.advice)).collect();
    assert_eq!(advised, [(true, Advice::Hide), (false, Advice::Warn)]);
    assert!(told.refused.contains_key(&by_writer.id()), "who has not the role advises nothing");
    let clear = hub.says(&hub.awa, &[&hide], advise(spam.id(), Advice::Clear));
    let whole = hub.says(&hub.mina, &[], advise(hub.opened.id(), Advice::Correct));
    let told = hub.told(&[&events[..], &[clear, whole.clone()]].concat());
    assert_eq!(told.said(&spam.id()).expect("a post").advised.len(), 1);
    assert_eq!(told.advised[0].id, whole.id());
}

#[test]
fn every_practice_has_a_discussion_that_its_organisation_moderates() {
    let hub = Hub::new();
    let id = DocumentId::new([5; 32]);
    let mut ask = hub.says(&hub.maya, &[], post(Answers::Discussion, "en", "Who?")).body().clone();
    ask.discussion = id.cast();
    let ask = sign(hub.federation, &ask, &hub.maya.key);
    let place = Place::Practice { id, origin: hub.orgs[2] };
    let told = fold(&hub.authority, &Records { place, events: std::slice::from_ref(&ask) });
    assert_eq!((told.posts.len(), told.moderators), (1, [hub.orgs[2]].into()));
}

#[test]
fn who_floods_a_discussion_is_looked_at_so_far_and_crowds_nobody_else_out() {
    let hub = Hub::new();
    let ask = hub.says(&hub.maya, &[], post(Answers::Discussion, "en", "Who?"));
    let mut events = vec![ask.clone()];
    for n in 0..SAID_MAX as i64 + 20 {
        let spam = post(Answers::Discussion, "en", "Buy");
        let spam = hub.says_at(&hub.issa, n, &[], spam);
        // In the name of Nepal, by a key that is not Nepal's.
        let forged = DiscussionEvent { by: hub.maya.certificate, ..spam.body().clone() };
        events.push(sign(hub.federation, &forged, &hub.issa.key));
        events.push(spam);
    }
    let told = hub.told(&events);
    assert!(told.said(&ask.id()).is_some());
    assert_eq!(told.posts.len(), 1 + SAID_MAX);
    let many = told.refused.values().filter(|why| **why == DiscussionRefused::TooMany);
    assert_eq!(many.count(), 20);
}

#[test]
fn what_cannot_be_shown_is_not_signed() {
    let hub = Hub::new();
    let good = hub.says(&hub.maya, &[], post(Answers::Discussion, "en", "Who?")).body().clone();
    assert_eq!(good.check(), Ok(()));
    let long = "a".repeat(TEXT_BYTES_MAX + 1);
    for deed in [
        post(Answers::Discussion, "en", " \n "),
        post(Answers::Discussion, "en", &long),
        post(Answers::Discussion, "EN", "In capitals"),
        post(Answers::Discussion, "no tag", "Nowhere"),
        close(""),
        Deed::Advise {
            about: RecordId::new([1; 32]),
            advice: Advice::Correct,
            reason: Reason::Wrong,
            lang: "en".into(),
            text: String::new(),
        },
    ] {
        let bad = DiscussionEvent { deed, ..good.clone() };
        assert!(bad.check().is_err(), "{:?}", bad.deed);
    }
    let (one, two) = (RecordId::new([1; 32]), RecordId::new([2; 32]));
    assert!(DiscussionEvent { after: vec![two, one], ..good }.check().is_err());
    for (key, value) in [
        ("title", json!(null)),
        ("closes", json!("2026-02-01")),
        ("questions", json!([{ "text": {} }])),
        ("mood", json!("calm")),
    ] {
        let mut bad = json!({ "title": "One desk", "opens": "2026-03-01" });
        bad[key] = value;
        let refused = DiscussionForm::from_json(&bad, "en").expect_err(key);
        assert!(refused.field.starts_with(key), "{refused}");
    }
}

/// The vectors of section 26 of the specification.
#[test]
fn their_bytes_are_those_of_the_specification() {
    let hex = |payload: Vec<u8>| {
        let mut hex: String = payload.iter().map(|byte| format!("{byte:02x}")).collect();
        for seed in 1..=9_u8 {
            let seed = format!("{seed:02x}");
            hex = hex.replace(&format!("5820{}", seed.repeat(32)), &format!("[{}]", &seed[1..]));
        }
        hex
    };
    let id = |n: u8| RecordId::new([n; 32]);
    let by = CertificateId::new([1; 32]);
    let opened = Discussion {
        by,
        nonce: [2; 16],
        form: Tree::default(),
        practice: Some(DocumentId::new([3; 32])),
        moderators: vec![OrgId::new([4; 32])],
        claimed_at: Timestamp(9),
    };
    let nonce = "02".repeat(16);
    let bytes = hex(minicbor::to_vec(&opened).expect("a Vec"));
    assert_eq!(bytes, format!("a600[1]0150{nonce}02a003[3]0481[4]0509"));
    let (lang, text) = ("en".to_owned(), "t".to_owned());
    let advise = Deed::Advise {
        about: id(4),
        advice: Advice::Warn,
        reason: Reason::Spam,
        lang: lang.clone(),
        text: text.clone(),
    };
    let translate = Deed::Translate {
        of: id(4),
        wording: id(5),
        lang: lang.clone(),
        made: Made::Machine,
        text: text.clone(),
    };
    for (deed, bytes) in [
        (post(Answers::Discussion, "en", "t"), "82008382008062656e6174"),
        (post(Answers::Question(1), "en", "t"), "8200838201810162656e6174"),
        (post(Answers::Post(id(4)), "en", "t"), "820083820281[4]62656e6174"),
        (Deed::Edit { of: id(4), follows: id(5), text }, "820183[4][5]6174"),
        (translate, "820285[4][5]62656e016174"),
        (advise, "820385[4]020562656e6174"),
        (close("t"), "82048262656e6174"),
    ] {
        let discussion = DiscussionId::new([2; 32]);
        let after = vec![id(3)];
        let event = DiscussionEvent { by, discussion, after, deed, claimed_at: Timestamp(9) };
        let made = hex(minicbor::to_vec(&event).expect("a Vec"));
        assert_eq!(made, format!("a500[1]01[2]0281[3]03{bytes}0409"));
    }
}

/// Much of what can be said, and much that may not.
fn everything(hub: &Hub) -> Vec<Event> {
    let ask = hub.says(&hub.maya, &[], post(Answers::Discussion, "en", "Who?"));
    let reply = hub.says(&hub.issa, &[], post(Answers::Post(ask.id()), "fr", "Les régions"));
    let here = hub.says(&hub.hama, &[&reply], post(Answers::Question(0), "en", "Papers"));
    let reworded = hub.says(&hub.issa, &[&reply], edit(&reply, &reply, "Chaque région"));
    let beside = hub.says_at(&hub.issa, 2, &[&reply], edit(&reply, &reply, "Toutes les régions"));
    let english = hub.says(&hub.maya, &[], into(&reply, &reworded, "en", "Each region"));
    let sum = hub.says(&hub.awa, &[&here], close("Regions keep the list."));
    let other = hub.says_at(&hub.awa, 4, &[&reply], close("They do."));
    vec![
        hub.says(&hub.awa, &[], advise(ask.id(), Advice::Hide)),
        hub.says(&hub.awa, &[&here], advise(ask.id(), Advice::Clear)),
        hub.says(&hub.mina, &[], advise(reply.id(), Advice::Warn)),
        hub.says(&hub.mina, &[], advise(hub.opened.id(), Advice::Hide)),
        hub.says(&hub.issa, &[&sum], post(Answers::Discussion, "en", "Too late")),
        hub.says(&hub.maya, &[&here], post(Answers::Discussion, "en", "From afar")),
        hub.says(&hub.issa, &[&beside], edit(&reply, &beside, "Partout")),
        hub.says(&hub.maya, &[], edit(&reply, &reply, "Not mine")),
        hub.says(&hub.hama, &[&english], into(&reply, &reply, "en", "The regions")),
        hub.says(&hub.ion, &[], post(Answers::Discussion, "en", "Buy")),
        hub.says(&hub.issa, &[], post(Answers::Question(9), "en", "Ninth")),
        ask,
        reply,
        here,
        reworded,
        beside,
        english,
        sum,
        other,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn whoever_holds_the_same_records_sees_the_same(
        held in prop::collection::vec(0..8_u8, 32),
        places in prop::collection::vec(any::<u16>(), 32),
        twice in any::<bool>(),
    ) {
        let hub = Hub::new();
        let events = everything(&hub);
        prop_assert!(events.len() <= 32);
        let some: Vec<Event> =
            events.iter().zip(&held).filter(|(_, n)| **n != 0).map(|(e, _)| e.clone()).collect();
        let told = hub.told(&some);
        let mut shuffled: Vec<(u16, Event)> =
            some.iter().zip(&places).map(|(e, place)| (*place, e.clone())).collect();
        shuffled.sort_by_key(|(place, _)| *place);
        let mut shuffled: Vec<Event> = shuffled.into_iter().map(|(_, event)| event).collect();
        if twice {
            shuffled.extend(some.clone());
        }
        prop_assert_eq!(&hub.told(&shuffled), &told);
        // Everything held counts, or says why not.
        for id in some.iter().map(Verified::id) {
            prop_assert!(told.refused.contains_key(&id) != told.line.contains(&id));
        }
        // Whatever is advised, what somebody posted is there with all its wordings.
        for said in told.posts.iter().chain(&told.summaries) {
            let edits = some.iter().filter(|event| {
                let mine = matches!(&event.body().deed, Deed::Edit { of, .. } if *of == said.id);
                mine && told.line.contains(&event.id())
            });
            prop_assert_eq!(said.wordings.len(), 1 + edits.count());
        }
    }

    #[test]
    fn no_payload_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(event) = minicbor::decode::<DiscussionEvent>(&bytes) {
            let _ = event.check();
        }
        if let Ok(opened) = minicbor::decode::<Discussion>(&bytes) {
            let _ = opened.check();
        }
    }

    #[test]
    fn what_was_written_is_read_again(
        text in "\\PC{1,200}", answers in 0..3_u8, at in any::<i64>(),
    ) {
        let answers = match answers {
            0 => Answers::Discussion,
            1 => Answers::Question(3),
            _ => Answers::Post(RecordId::new([8; 32])),
        };
        let event = DiscussionEvent {
            by: CertificateId::new([1; 32]),
            discussion: DiscussionId::new([2; 32]),
            after: vec![],
            deed: post(answers, "en", &text),
            claimed_at: Timestamp(at),
        };
        let bytes = minicbor::to_vec(&event).expect("a Vec");
        prop_assert_eq!(minicbor::decode::<DiscussionEvent>(&bytes).expect("its own"), event);
    }
}
