//! Keys that live off the node, and organisations that lose theirs.

mod files;
mod recovery;
mod rotation;
mod signing;

use std::fs;
use std::path::PathBuf;

use super::practices::practice;
use super::tern::{Desk, text};

/// A phrase in a file.
fn phrase(desk: &Desk, name: &str) -> String {
    desk.file(name, format!("the {name} phrase of this test\n"))
}

/// A path beside the data folder at which nothing is yet.
fn beside(desk: &Desk, name: &str) -> String {
    desk.data().with_file_name(name).to_str().expect("text").to_owned()
}

/// The key files of this purpose.
fn key_files(desk: &Desk, purpose: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(desk.data().join("keys")).expect("a folder");
    let mut found: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    found.retain(|path| {
        let name = path.file_name().expect("a name").to_string_lossy();
        name.starts_with(&format!("{purpose}-")) && name.ends_with(".key")
    });
    found
}

/// The recovery sheet, printed: the file that holds it.
fn sheet(desk: &Desk, name: &str) -> String {
    let file = beside(desk, name);
    desk.ask(&["key", "sheet", "--out", &file]);
    file
}

/// A practice that an account publishes, for the keys are at hand.
fn publishes(desk: &Desk, title: &str, more: &[&str]) -> String {
    let file = desk.file("practice.json", practice(title).to_string());
    let draft = text(&desk.ask(&[&["practice", "draft", &file], more].concat())["id"]);
    let words = [&["practice", "publish", &draft, "--note", "First"], more].concat();
    text(&desk.ask(&words)["id"])
}
