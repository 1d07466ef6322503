//! Practices from places like mine.

use super::super::{Alike, Entry, Likeness, Profile};
use super::{Shelf, practice};

fn of(id: &str, countries: &[&str], objectives: &[u8], kind: &str) -> Entry {
    let mut entry = practice(id, "en", &format!("Practice {id}"), "microcredit for returnees");
    entry.facts.countries = countries.iter().map(|code| (*code).into()).collect();
    entry.facts.objectives = objectives.to_vec();
    entry.facts.kind = Some(kind.into());
    entry
}

fn library() -> Shelf {
    Shelf::with(&[
        of("niger", &["NE"], &[21], "service"),
        of("mali", &["ML"], &[21], "service"),
        of("kenya", &["KE"], &[21, 20], "law"),
        of("egypt", &["EG"], &[21], "law"),
        of("nepal", &["NP"], &[21], "service"),
        of("ghana", &["GH"], &[4], "service"),
    ])
}

fn ids(alike: &[Alike]) -> Vec<&str> {
    alike.iter().map(|one| one.hit.id.as_str()).collect()
}

fn niger() -> Profile {
    Profile {
        countries: vec!["NE".into()],
        objectives: vec![21],
        kind: Some("service".into()),
        ..Profile::default()
    }
}

#[test]
fn nearer_places_come_first_and_each_part_is_explained() {
    let alike = library().index.alike(&niger(), 10).expect("compared");
    assert_eq!(ids(&alike), ["niger", "mali", "kenya", "egypt", "nepal"]);
    let told = |at: usize| -> Vec<(Likeness, Vec<&str>, u32)> {
        let parts = alike[at].parts.iter();
        parts
            .map(|p| (p.likeness, p.codes.iter().map(String::as_str).collect(), p.points))
            .collect()
    };
    use Likeness::{Country, Kind, Objectives, Place};
    let (objective, kind) = ((Objectives, vec!["21"], 12), (Kind, vec!["service"], 4));
    assert_eq!(told(0), [(Country, vec!["NE"], 30), objective.clone(), kind.clone()]);
    assert_eq!(told(1), [(Place, vec!["011"], 20), objective.clone(), kind.clone()]);
    assert_eq!(told(2), [(Place, vec!["202"], 14), objective.clone()]);
    assert_eq!(told(3), [(Place, vec!["002"], 8), objective.clone()]);
    assert_eq!(told(4), [objective, kind]);
    for one in &alike {
        let sum: u32 = one.parts.iter().map(|part| part.points).sum();
        assert_eq!((one.points, one.hit.score), (sum, sum as f32), "{}", one.hit.id);
    }
}

#[test]
fn places_like_mine_leave_out_those_elsewhere_and_the_practice_itself() {
    let profile = Profile { near: true, except: Some("niger".into()), ..niger() };
    let alike = library().index.alike(&profile, 10).expect("compared");
    assert_eq!(ids(&alike), ["mali", "kenya", "egypt"]);
    let only_there = Profile { objectives: Vec::new(), kind: None, ..profile };
    let alike = library().index.alike(&only_there, 2).expect("compared");
    assert_eq!(ids(&alike), ["ghana", "mali"]);
}

#[test]
fn words_count_beside_what_is_shared_and_nothing_is_like_nothing() {
    let shelf = library();
    shelf.put(&[practice("words", "en", "Loans", "sewing machines and microcredit")]);
    let profile = Profile { text: "microcredit sewing machines ".into(), ..Profile::default() };
    let alike = shelf.index.alike(&profile, 10).expect("compared");
    assert_eq!(ids(&alike), ["words"]);
    assert_eq!(alike[0].parts[0].likeness, Likeness::Words);
    assert_eq!(shelf.index.alike(&Profile::default(), 10).expect("compared"), []);
    let nowhere = Profile { near: true, objectives: vec![21], ..Profile::default() };
    assert_eq!(shelf.index.alike(&nowhere, 10).expect("compared"), []);
}
