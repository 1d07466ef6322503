use proptest::prelude::*;

use super::*;

type Content = BTreeMap<String, Value>;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn in_language(tag: &str, said: &str) -> Value {
    Value::Map(BTreeMap::from([(tag.to_owned(), text(said))]))
}

fn content<const N: usize>(entries: [(&str, Value); N]) -> Content {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn save(draft: &mut Draft, seen: &[[u8; 32]], edited: &Content, actor: u8) -> Option<NewChange> {
    draft.save_at(seen, edited, &[actor; 16], 0).expect("a save")
}

/// The draft with all changes of both.
fn met(one: &Draft, other: &Draft) -> Draft {
    let all: Vec<&[u8]> = one.changes().chain(other.changes()).collect();
    Draft::load(&all).expect("sound changes")
}

fn started(said: &str) -> (Draft, Vec<[u8; 32]>) {
    let mut draft = Draft::new();
    save(&mut draft, &[], &content([("results", in_language("en", said))]), 1);
    let heads = draft.heads();
    (draft, heads)
}

#[test]
fn a_late_save_keeps_what_a_colleague_saved_meanwhile() {
    let (mut draft, seen) = started("58 per cent of the workers attended");
    let bikash = content([("results", in_language("en", "61 per cent of the workers attended"))]);
    save(&mut draft, &seen, &bikash, 1);
    let amina =
        content([("results", in_language("en", "58 per cent of the workers attended in person"))]);
    let clashes = draft.clashes(&seen, &amina).expect("a comparison");
    save(&mut draft, &seen, &amina, 1);
    let joined = text("61 per cent of the workers attended in person");
    let expected = content([("results", Value::Map([("en".into(), joined.clone())].into()))]);
    assert_eq!(draft.content(), Ok(expected));
    assert_eq!(clashes.len(), 1);
    assert_eq!(clashes[0].field, "results.en");
    assert_eq!(clashes[0].joined, Some(joined));
}

#[test]
fn saving_what_nobody_changed_makes_no_change() {
    let (mut draft, seen) = started("desks");
    let same = draft.content().expect("content");
    assert_eq!(save(&mut draft, &seen, &same, 1), None);
    assert_eq!(draft.heads(), seen);
}

#[test]
fn a_text_that_two_nodes_begin_at_once_is_shown_joined() {
    let (chad, seen) = started("desks");
    let (mut chad, mut niger) = (chad.clone(), chad);
    let begin = |draft: &mut Draft, said: &str, actor| {
        let mut edited = draft.content().expect("content");
        edited.insert("summary".into(), in_language("fr", said));
        save(draft, &seen, &edited, actor);
    };
    begin(&mut chad, "Des guichets au Tchad", 2);
    begin(&mut niger, "Des guichets au Niger", 3);
    let both = met(&chad, &niger);
    let joined = in_language("fr", "Des guichets au Niger\n\nDes guichets au Tchad");
    assert_eq!(both.content().map(|content| content["summary"].clone()), Ok(joined));
}

#[test]
fn the_save_that_settles_a_joined_text_leaves_room_for_who_still_types_in_it() {
    let (chad, seen) = started("desks");
    let (mut chad, mut niger) = (chad.clone(), chad);
    let add = |draft: &mut Draft, said: &str, seen: &[[u8; 32]], actor| {
        let mut edited = draft.content().expect("content");
        edited.insert("summary".into(), in_language("fr", said));
        save(draft, seen, &edited, actor);
    };
    add(&mut chad, "Tchad", &seen, 2);
    add(&mut niger, "Niger", &seen, 3);
    let alone = chad.clone();
    let mut both = met(&chad, &niger);
    let heads = both.heads();
    add(&mut both, "Niger et Tchad", &heads, 4);
    // Chad has seen none of this and goes on in its own text.
    let heads = alone.heads();
    let mut still_typing = alone;
    add(&mut still_typing, "Tchad, depuis 2019", &heads, 5);
    let all = met(&both, &still_typing).content().expect("content");
    let Value::Map(summary) = &all["summary"] else { panic!("a map") };
    let Value::Text(summary) = &summary["fr"] else { panic!("a text") };
    for word in ["Niger", "Tchad", "depuis 2019"] {
        assert!(summary.contains(word), "{summary}");
    }
}

#[test]
fn typing_into_a_field_survives_that_somebody_else_empties_it() {
    let (draft, seen) = started("desks in 14 districts");
    let (mut chad, mut niger) = (draft.clone(), draft);
    save(&mut chad, &seen, &content([]), 2);
    let more = content([("results", in_language("en", "desks in 14 districts and a telephone"))]);
    save(&mut niger, &seen, &more, 3);
    let both = met(&chad, &niger).content().expect("content");
    assert_eq!(both, content([("results", in_language("en", " and a telephone"))]));
}

#[test]
fn texts_are_kept_composed_and_with_plain_line_ends() {
    let (draft, _) = started("Les bureaux\r\ne\u{301}coutent");
    let expected = content([("results", in_language("en", "Les bureaux\nécoutent"))]);
    assert_eq!(draft.content(), Ok(expected));
}

#[test]
fn a_draft_reads_back_from_its_changes_in_any_order() {
    let (mut draft, _) = started("desks");
    for word in ["desks and radio", "desks, radio and theatre"] {
        let heads = draft.heads();
        save(&mut draft, &heads, &content([("results", in_language("en", word))]), 1);
    }
    let mut changes: Vec<&[u8]> = draft.changes().collect();
    changes.reverse();
    let read = Draft::load(&changes).expect("sound changes");
    assert_eq!((read.heads(), read.content()), (draft.heads(), draft.content()));
}

/// One of two editors writes a word of its own somewhere, on top of what it
/// saw a few saves ago; or learns what the other did.
#[derive(Clone, Debug)]
enum Act {
    Write { late: usize, write: Write },
    Meet,
}

#[derive(Clone, Debug)]
enum Write {
    Text { field: u8, language: u8, at: usize },
    Record,
}

impl Write {
    fn into(&self, content: &mut Content, word: &str) {
        match self {
            Self::Text { field, language, at } => {
                let field = ["results", "aims"][usize::from(*field)];
                with_word(content, field, ["en", "fr"][usize::from(*language)], word, *at);
            }
            Self::Record => {
                let record = BTreeMap::from([("org".to_owned(), Value::Word(word.to_owned()))]);
                let partners = content.entry("partners".to_owned());
                let partners = partners.or_insert_with(|| Value::List(Vec::new()));
                let Value::List(partners) = partners else { panic!("a list") };
                partners.insert(0, Value::Map(record));
            }
        }
    }
}

fn act() -> impl Strategy<Value = (usize, Act)> {
    let write = prop_oneof![
        3 => (0..2_u8, 0..2_u8, any::<usize>())
            .prop_map(|(field, language, at)| Write::Text { field, language, at }),
        1 => Just(Write::Record),
    ];
    let act = prop_oneof![
        4 => (0..3_usize, write).prop_map(|(late, write)| Act::Write { late, write }),
        1 => Just(Act::Meet),
    ];
    (0..2_usize, act)
}

/// Puts a word between two others of a text.
fn with_word(content: &mut Content, field: &str, language: &str, word: &str, at: usize) {
    let field = content.entry(field.to_owned()).or_insert_with(|| Value::Map(BTreeMap::new()));
    let Value::Map(texts) = field else { panic!("texts") };
    let said = texts.entry(language.to_owned()).or_insert_with(|| text(""));
    let Value::Text(said) = said else { panic!("a text") };
    let mut words: Vec<&str> = said.split(' ').collect();
    words.insert(at % (words.len() + 1), word);
    *said = words.join(" ");
}

fn all_text(value: &Value, found: &mut String) {
    match value {
        Value::Text(text) | Value::Word(text) => found.extend([text.as_str(), " "]),
        Value::List(entries) => entries.iter().for_each(|entry| all_text(entry, found)),
        Value::Map(map) => map.values().for_each(|entry| all_text(entry, found)),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_two_editors_write_late_and_apart_no_word_is_lost(
        acts in proptest::collection::vec(act(), 1..25),
    ) {
        let (draft, _) = started("desks");
        let mut editors = [draft.clone(), draft];
        let mut seen = [vec![editors[0].heads()], vec![editors[0].heads()]];
        let mut written = Vec::new();
        for (number, (editor, act)) in acts.iter().enumerate() {
            let word = format!("w{number}w");
            let Act::Write { late, write } = act else {
                editors[*editor] = met(&editors[0], &editors[1]);
                let heads = editors[*editor].heads();
                seen[*editor].push(heads);
                continue;
            };
            let draft = &mut editors[*editor];
            let heads = seen[*editor].iter().rev().nth(*late).or(seen[*editor].first());
            let heads = heads.expect("it began somewhere").clone();
            let mut edited = draft.content_at(&heads).expect("content");
            write.into(&mut edited, &word);
            draft.save_at(&heads, &edited, &[10 + *editor as u8; 16], 0).expect("a save");
            seen[*editor].push(draft.heads());
            written.push(word);
        }
        let both = met(&editors[0], &editors[1]);
        let mut found = String::new();
        all_text(&Value::Map(both.content().expect("content")), &mut found);
        for word in written {
            prop_assert!(found.contains(&word), "{} is not in {}", word, found);
        }
    }
}
