//! Opening again: whole, of another version, or damaged.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::Index as Any;
use tantivy::schema::{Schema, TEXT};

use super::super::{Index, Query, SearchError};
use super::{Shelf, practice, reopen};

fn library() -> Shelf {
    let shelf = Shelf::with(&[
        practice("chad", "fr", "Retour au Tchad", "réinsertion"),
        practice("nepal", "en", "Return to Nepal", "counselling"),
    ]);
    shelf.put(&[practice("niger", "fr", "Retour au Niger", "accueil")]);
    shelf.index.delete("chad").expect("deleted");
    shelf.index.commit().expect("committed");
    shelf
}

#[test]
fn an_index_that_is_opened_again_finds_what_it_held() {
    let (shelf, started_anew) = library().reopened();
    assert_eq!(started_anew, None);
    assert_eq!(shelf.find("counselling "), ["nepal"]);
    let states = shelf.index.states().expect("states");
    assert_eq!(states, [("nepal".into(), [5; 32]), ("niger".into(), [5; 32])].into());
}

#[test]
fn an_index_of_another_version_is_replaced_by_an_empty_one() {
    let shelf = Shelf::with(&[]);
    let path = shelf.path().to_owned();
    let Shelf { index, folder } = shelf;
    drop(index);
    fs::remove_dir_all(&path).expect("removed");
    fs::create_dir(&path).expect("made");
    let mut other = Schema::builder();
    other.add_text_field("title", TEXT);
    drop(tantivy::Index::create_in_dir(&path, other.build()).expect("an index"));
    let opened = reopen(&path);
    assert!(opened.started_anew.is_some_and(|why| why.contains("another version")));
    assert!(opened.index.is_empty());
    drop(folder);
}

#[test]
fn a_folder_of_something_else_is_replaced_by_an_empty_index() {
    let folder = tempfile::TempDir::new().expect("a folder");
    fs::write(folder.path().join("meta.json"), "{}").expect("written");
    let opened = Index::open(folder.path()).expect("opens");
    assert!(opened.started_anew.is_some());
    opened.index.put(&practice("chad", "fr", "Retour", "")).expect("taken");
    opened.index.commit().expect("committed");
    assert_eq!(opened.index.len(), 1);
}

#[test]
fn an_index_in_use_is_left_alone() {
    let shelf = library();
    let second = Index::open(shelf.path());
    assert!(matches!(second, Err(SearchError::InUse(path)) if path == shelf.path()));
    assert_eq!(shelf.find("counselling "), ["nepal"]);
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_none_or(|e| e != "lock"));
    files.sort();
    files
}

#[derive(Clone, Debug)]
enum Harm {
    Flip(Any, u8),
    Shorten(Any),
    Remove,
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        6 => (any::<Any>(), 0..8u8).prop_map(|(at, bit)| Harm::Flip(at, bit)),
        2 => any::<Any>().prop_map(Harm::Shorten),
        1 => Just(Harm::Remove),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_damaged_file_leads_to_an_index_that_is_whole_or_empty(which in any::<Any>(), harm in harm()) {
        let Shelf { index, folder } = library();
        drop(index);
        let files = files(folder.path());
        let path = which.get(&files).clone();
        let mut bytes = fs::read(&path).expect("read");
        match harm {
            Harm::Flip(at, bit) => {
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
                fs::write(&path, bytes).expect("written");
            }
            Harm::Shorten(at) => {
                bytes.truncate(at.index(bytes.len()));
                fs::write(&path, bytes).expect("written");
            }
            Harm::Remove => fs::remove_file(&path).expect("removed"),
        }
        let opened = reopen(folder.path());
        let total = opened.index.search(&Query { limit: 5, ..Query::default() }).expect("found").total;
        prop_assert_eq!(total, if opened.started_anew.is_some() { 0 } else { 2 });
        let states = opened.index.states().expect("states");
        prop_assert_eq!(states.len() as u64, total);
        opened.index.put(&practice("moldova", "ru", "Возвращение", "")).expect("taken");
        opened.index.commit().expect("committed");
        prop_assert_eq!(opened.index.len(), total + 1);
    }
}
