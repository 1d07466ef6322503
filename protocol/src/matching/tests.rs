use proptest::prelude::*;
use tern_crdt::ask::Modality;
use tern_crdt::expert::{CARD_LIFE_MAX, Skill, Spoken, Window};
use tern_crdt::schema::{Code, Codes, Objective};

use super::*;

/// 2027-01-15, in the forenoon.
const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn codes<V: Codes>(codes: &[&str]) -> Vec<Code<V>> {
    codes.iter().filter_map(|code| Code::known(code)).collect()
}

fn objectives(numbers: &[u8]) -> Vec<Objective> {
    numbers.iter().filter_map(|number| Objective::new(*number)).collect()
}

fn spoken(tag: &str, can: Skill) -> Spoken {
    Spoken { tag: tag.parse().expect("a tag"), can, other: BTreeMap::new() }
}

/// Chad asks in French about border desks, and reads Arabic too.
fn chad() -> Ask {
    let tags = |tags: &[&str]| tags.iter().map(|tag| tag.parse().expect("a tag")).collect();
    Ask {
        country: Code::known("TD"),
        support_types: codes(&["expert-advice", "document-review"]),
        objectives: objectives(&[3, 11, 21]),
        topics: codes(&["labour"]),
        languages_in: tags(&["fr"]),
        languages_out: tags(&["fr", "ar"]),
        needed_by: "2027-02-15".parse().ok(),
        modality: Some(Modality::Remote),
        ..Ask::default()
    }
}

/// An expert of Niger who has all that Chad asks for.
fn niger() -> Card {
    Card {
        name: Some("Border desks, Niamey".to_owned()),
        objectives: objectives(&[3, 11, 21]),
        topics: codes(&["labour"]),
        languages: vec![spoken("fr-NE", Skill::Write)],
        country_experience: codes(&["TD", "NE"]),
        support_types: codes(&["expert-advice", "document-review"]),
        hours: Some(10),
        ..Card::default()
    }
}

fn signed(by: u8, card: &Card) -> ExpertCard {
    ExpertCard {
        by: CertificateId::new([by; 32]),
        n: 1,
        state: Listing::Listed,
        card: card.to_tree(),
        claimed_at: NOW.plus(-1_000),
        expires: NOW.plus(CARD_LIFE_MAX - 1_000),
    }
}

fn candidate(card: &ExpertCard) -> Candidate<'_> {
    Candidate { organisation: OrgId::new([200; 32]), country: Some("NE"), card, load: 0 }
}

/// What one expert gets.
fn alone(ask: &Ask, card: &Card) -> Result<Match, Unfit> {
    let card = signed(1, card);
    let Matching { found, left_out } = match_experts(ask, &[candidate(&card)], NOW);
    found.into_iter().next().ok_or_else(|| left_out.first().expect("one or the other").why)
}

fn part(found: &Match, part: Part) -> (u8, Reason) {
    let points = found.parts.iter().find(|points| points.part == part).expect("every part");
    (points.points, points.reason.clone())
}

#[test]
fn who_has_all_that_is_asked_has_a_hundred_points_and_each_is_explained() {
    let found = alone(&chad(), &niger()).expect("a match");
    assert_eq!(found.total, 100);
    let speaks = Reason::Speaks { tag: "fr-NE".parse().expect("a tag"), can: Skill::Write };
    assert_eq!(part(&found, Part::Languages), (15, speaks));
    let known = Reason::Objectives { shared: objectives(&[3, 11, 21]), asked: 3 };
    assert_eq!(part(&found, Part::Objectives), (30, known));
    assert_eq!(part(&found, Part::Country), (10, Reason::KnowsCountry));
    assert_eq!(part(&found, Part::Load), (5, Reason::InHand { requests: 0 }));
    assert_eq!(found.parts.each_ref().map(|points| points.part), Part::ALL);
}

#[test]
fn who_knows_some_of_it_has_a_share_rounded_down() {
    let card = Card {
        objectives: objectives(&[21, 9]),
        support_types: codes(&["document-review", "workshop"]),
        topics: codes(&["health"]),
        languages: vec![spoken("ar", Skill::Train), spoken("fr", Skill::Work)],
        ..niger()
    };
    let found = alone(&chad(), &card).expect("a match");
    let shared = Reason::Objectives { shared: objectives(&[21]), asked: 3 };
    assert_eq!(part(&found, Part::Objectives), (10, shared));
    assert_eq!(part(&found, Part::Support).0, 10);
    assert_eq!(part(&found, Part::Topics).0, 0);
    assert_eq!(part(&found, Part::Languages).0, 15, "trains in Arabic, reads French");
    assert_eq!(found.total, 10 + 10 + 15 + 10 + 10 + 5);
}

#[test]
fn who_cannot_help_is_left_out_with_the_reason() {
    let with = |change: fn(&mut Card)| {
        let mut card = niger();
        change(&mut card);
        alone(&chad(), &card).map(|found| found.total)
    };
    assert_eq!(with(|card| card.objectives = objectives(&[9])), Err(Unfit::NoObjective));
    assert_eq!(with(|card| card.languages.clear()), Err(Unfit::CannotRead));
    let arabic = |card: &mut Card| card.languages = vec![spoken("ar", Skill::Train)];
    assert_eq!(with(arabic), Err(Unfit::CannotRead), "the request is in French");
    let mut english = chad();
    english.languages_out = vec!["en".parse().expect("a tag")];
    assert_eq!(alone(&english, &niger()), Err(Unfit::CannotAnswer));
    assert_eq!(Unfit::CannotAnswer.code(), "cannot-answer");
}

#[test]
fn a_paused_removed_or_ended_card_is_not_matched() {
    let mut paused = signed(1, &niger());
    paused.state = Listing::Paused;
    let mut ended = signed(2, &niger());
    ended.expires = NOW;
    let mut removed = signed(3, &Card::default());
    removed.state = Listing::Removed;
    let cards = [removed, ended, paused];
    let candidates: Vec<_> = cards.iter().map(candidate).collect();
    let matching = match_experts(&chad(), &candidates, NOW);
    let why: Vec<Unfit> = matching.left_out.iter().map(|left| left.why).collect();
    assert_eq!(why, [Unfit::Paused, Unfit::Ended(NOW), Unfit::Removed]);
    assert!(matching.best(ROUTED_EXPERTS).is_empty());
}

#[test]
fn a_country_near_counts_less_than_the_country_itself() {
    let knows = |countries: &[&str], home| {
        let card = signed(1, &Card { country_experience: codes(countries), ..niger() });
        let candidate = Candidate { country: home, ..candidate(&card) };
        let matching = match_experts(&chad(), &[candidate], NOW);
        part(matching.found.first().expect("a match"), Part::Country)
    };
    assert_eq!(knows(&["TD"], None), (10, Reason::KnowsCountry));
    assert_eq!(knows(&["NP"], Some("TD")), (10, Reason::InCountry));
    let region =
        |country: &str, region| Reason::KnowsRegion { country: country.to_owned(), region };
    // Cameroon lies in Middle Africa as Chad does, Niger in sub-Saharan
    // Africa, Egypt in Africa.
    assert_eq!(knows(&["NE", "CM"], Some("EG")), (6, region("CM", "017")));
    assert_eq!(knows(&["EG"], Some("NE")), (3, region("NE", "202")));
    assert_eq!(knows(&["EG"], None), (3, region("EG", "002")));
    assert_eq!(knows(&["NP"], Some("FR")), (0, Reason::Elsewhere));
    assert_eq!(knows(&[], None), (0, Reason::Elsewhere));
}

#[test]
fn time_counts_until_the_answer_is_needed() {
    let window = |from: &str, until: &str| Window {
        from: from.parse().ok(),
        until: until.parse().ok(),
        other: BTreeMap::new(),
    };
    let has = |hours, availability: Vec<Window>, modality| {
        let card = Card { hours, availability, modality, ..niger() };
        part(&alone(&chad(), &card).expect("a match"), Part::Availability)
    };
    let free = |hours, meets| Reason::Free { hours, meets };
    assert_eq!(has(Some(8), vec![], None), (10, free(Some(8), true)));
    assert_eq!(has(Some(7), vec![], None), (7, free(Some(7), true)));
    assert_eq!(has(None, vec![], Some(Modality::Both)), (7, free(None, true)));
    assert_eq!(has(Some(8), vec![], Some(Modality::Visit)), (6, free(Some(8), false)));
    assert_eq!(has(Some(0), vec![], None), (0, Reason::NoHours));
    let soon = vec![window("2026-11", "2026-12"), window("2027-02-15", "")];
    assert_eq!(has(Some(8), soon, None).0, 10, "on the last day");
    let late = vec![window("2027-05", ""), window("2027-03", "2027-03"), window("", "2027-01-14")];
    assert_eq!(has(Some(8), late, None), (0, Reason::Away { until: "2027-03".parse().ok() }));
    let gone = vec![window("", "2026")];
    assert_eq!(has(Some(8), gone, None), (0, Reason::Away { until: None }));
}

#[test]
fn who_has_requests_in_hand_comes_after_who_has_none() {
    let cards =
        [signed(1, &niger()), signed(2, &niger()), signed(3, &niger()), signed(4, &niger())];
    let loads = [9, 0, 2, 1];
    let candidates: Vec<_> =
        cards.iter().zip(loads).map(|(card, load)| Candidate { load, ..candidate(card) }).collect();
    let matching = match_experts(&chad(), &candidates, NOW);
    let order: Vec<_> = matching.found.iter().map(|one| (one.certificate, one.total)).collect();
    let expected = [(2, 100), (4, 98), (3, 96), (1, 95)];
    assert_eq!(order, expected.map(|(by, total)| (CertificateId::new([by; 32]), total)));
}

#[test]
fn of_equals_an_organisation_that_was_not_chosen_yet_goes_first() {
    let better = niger();
    let equal = Card { topics: vec![], ..niger() };
    // Niger has the best and three of the equals, Mali and Nepal one each.
    let cards = [
        signed(1, &better),
        signed(2, &equal),
        signed(3, &equal),
        signed(4, &equal),
        signed(5, &equal),
        signed(6, &equal),
    ];
    let orgs = [1, 1, 1, 1, 2, 3];
    let candidates: Vec<_> = cards
        .iter()
        .zip(orgs)
        .map(|(card, org)| Candidate { organisation: OrgId::new([org; 32]), ..candidate(card) })
        .collect();
    let matching = match_experts(&chad(), &candidates, NOW);
    let order: Vec<u8> = matching.found.iter().map(|one| one.organisation.as_bytes()[0]).collect();
    assert_eq!(order[0], 1, "the best, whatever the organisation");
    let mut next = [order[1], order[2]];
    next.sort_unstable();
    assert_eq!((next, &order[3..]), ([2, 3], &[1, 1, 1][..]));
    assert_eq!(matching.best(ROUTED_EXPERTS).len(), 3);
    assert_eq!(matching.best(100).len(), 6);
}

#[test]
fn equals_are_not_always_asked_in_the_same_order() {
    let cards: Vec<_> = (1..=4).map(|by| signed(by, &niger())).collect();
    let candidates: Vec<_> = cards.iter().map(candidate).collect();
    let first = |title: &str| {
        let ask = Ask { title: Some(title.to_owned()), ..chad() };
        match_experts(&ask, &candidates, NOW).found.first().map(|one| one.certificate)
    };
    let firsts: BTreeSet<_> = (0..40).map(|at| first(&format!("Request {at}"))).collect();
    assert_eq!(firsts.len(), 4);
    assert_eq!(first("Desks"), first("Desks"));
}

#[test]
fn a_request_that_says_nothing_fits_everybody() {
    let found = alone(&Ask::default(), &niger()).expect("a match");
    assert_eq!(found.total, 100);
    assert_eq!(part(&found, Part::Objectives), (30, Reason::NotAsked));
    assert_eq!(part(&found, Part::Languages), (15, Reason::NotAsked));
}

#[test]
fn who_is_named_twice_is_asked_once() {
    let card = signed(1, &niger());
    let twice = [candidate(&card), Candidate { load: 2, ..candidate(&card) }];
    let matching = match_experts(&chad(), &twice, NOW);
    assert_eq!(matching.found.iter().map(|one| one.total).collect::<Vec<_>>(), [100]);
}

/// The weights of the specification.
#[test]
fn the_weights_are_those_that_the_specification_says() {
    let weights = Part::ALL.map(|part| (part.as_str(), part.most()));
    let spec = include_str!("../../SPEC.md");
    for (name, most) in weights {
        assert!(spec.contains(&format!("| {name} | {most} |")), "{name}");
    }
}

const SUPPORT: [&str; 5] =
    ["question", "expert-advice", "workshop", "document-review", "peer-review"];
const TOPICS: [&str; 4] = ["labour", "health", "data", "cities"];
const PLACES: [&str; 6] = ["TD", "NE", "CM", "EG", "NP", "AQ"];
const TAGS: [&str; 4] = ["fr", "ar", "en", "fr-TD"];

fn some<const N: usize>(of: [&'static str; N]) -> impl Strategy<Value = Vec<&'static str>> {
    proptest::sample::subsequence(of.to_vec(), 0..=N)
}

fn any_ask() -> impl Strategy<Value = Ask> {
    let numbers = proptest::sample::subsequence((1..=8_u8).collect::<Vec<_>>(), 0..=8);
    (numbers, some(SUPPORT), some(TOPICS), some(PLACES), some(TAGS), some(TAGS)).prop_map(
        |(numbers, support, topics, places, languages_in, languages_out)| Ask {
            objectives: objectives(&numbers),
            support_types: codes(&support),
            topics: codes(&topics),
            country: places.first().and_then(|place| Code::known(place)),
            languages_in: languages_in.iter().filter_map(|tag| tag.parse().ok()).collect(),
            languages_out: languages_out.iter().filter_map(|tag| tag.parse().ok()).collect(),
            ..Ask::default()
        },
    )
}

fn any_card() -> impl Strategy<Value = Card> {
    let numbers = proptest::sample::subsequence((1..=8_u8).collect::<Vec<_>>(), 0..=8);
    let skill = proptest::sample::select(Skill::ALL);
    let hours = proptest::option::of(0..20_u64);
    (numbers, some(SUPPORT), some(TOPICS), some(PLACES), some(TAGS), skill, hours).prop_map(
        |(numbers, support, topics, places, tags, can, hours)| Card {
            objectives: objectives(&numbers),
            support_types: codes(&support),
            topics: codes(&topics),
            country_experience: codes(&places),
            languages: tags.iter().map(|tag| spoken(tag, can)).collect(),
            hours,
            ..Card::default()
        },
    )
}

/// Cards with the number of their organisation and their load.
fn any_cards() -> impl Strategy<Value = Vec<(ExpertCard, u8, u32)>> {
    proptest::collection::vec((any_card(), 0..3_u8, 0..5_u32), 0..10).prop_map(|cards| {
        let numbered = (1..).zip(cards);
        numbered.map(|(by, (card, org, load))| (signed(by, &card), org, load)).collect()
    })
}

fn matching(ask: &Ask, cards: &[(ExpertCard, u8, u32)]) -> Matching {
    let candidates: Vec<_> = cards
        .iter()
        .map(|(card, org, load)| Candidate {
            organisation: OrgId::new([*org; 32]),
            country: PLACES.get(usize::from(*org)).copied(),
            card,
            load: *load,
        })
        .collect();
    match_experts(ask, &candidates, NOW)
}

proptest! {
    #[test]
    fn the_order_in_which_experts_are_named_changes_nothing(
        ask in any_ask(),
        (cards, mixed) in any_cards().prop_flat_map(|cards| (Just(cards.clone()), Just(cards).prop_shuffle())),
    ) {
        prop_assert_eq!(matching(&ask, &cards), matching(&ask, &mixed));
    }

    #[test]
    fn everybody_is_found_or_left_out_and_a_total_is_the_sum_of_its_parts(
        ask in any_ask(), cards in any_cards(),
    ) {
        let Matching { found, left_out } = matching(&ask, &cards);
        prop_assert_eq!(found.len() + left_out.len(), cards.len());
        for one in &found {
            let sum: u32 = one.parts.iter().map(|points| u32::from(points.points)).sum();
            prop_assert_eq!(u32::from(one.total), sum);
            prop_assert!(one.parts.iter().all(|points| points.points <= points.part.most()));
        }
        prop_assert!(found.is_sorted_by(|a, b| a.total >= b.total));
    }

    #[test]
    fn of_equals_no_organisation_gets_ahead_of_one_with_fewer_places(
        ask in any_ask(), cards in any_cards(),
    ) {
        let found = matching(&ask, &cards).found;
        for (at, one) in found.iter().enumerate() {
            let places = |org| found[..at].iter().filter(|before| before.organisation == org).count();
            for other in found[at..].iter().filter(|other| other.total == one.total) {
                prop_assert!(places(one.organisation) <= places(other.organisation));
            }
        }
    }

    #[test]
    fn knowing_one_more_objective_that_is_asked_never_lowers_a_total(
        ask in any_ask(), card in any_card(), number in 1..=8_u8,
    ) {
        let objective = objectives(&[number])[0];
        let mut more = card.clone();
        if ask.objectives.contains(&objective) && !card.objectives.contains(&objective) {
            more.objectives.push(objective);
        }
        match (alone(&ask, &card), alone(&ask, &more)) {
            (Ok(before), Ok(after)) => prop_assert!(after.total >= before.total),
            (Ok(_), Err(why)) => prop_assert!(false, "{:?}", why),
            (Err(_), _) => {}
        }
    }

    #[test]
    fn asking_for_one_more_objective_that_an_expert_knows_never_lowers_their_total(
        ask in any_ask(), card in any_card(), number in 1..=8_u8,
    ) {
        let objective = objectives(&[number])[0];
        let mut more = ask.clone();
        // A request that asks for none counts in full: there is nothing to add to.
        if card.objectives.contains(&objective) && !ask.objectives.is_empty()
            && !ask.objectives.contains(&objective)
        {
            more.objectives.push(objective);
        }
        match (alone(&ask, &card), alone(&more, &card)) {
            (Ok(before), Ok(after)) => prop_assert!(after.total >= before.total),
            (Ok(_), Err(why)) => prop_assert!(false, "{:?}", why),
            (Err(_), _) => {}
        }
    }
}
