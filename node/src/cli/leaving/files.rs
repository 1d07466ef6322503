//! Files beside practices, in what `tern export` writes: one folder of them,
//! and lines in the pages of the practices that name them.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde_json::Value;

use super::{file_name, link, make_empty, text};
use crate::cli::session::Session;
use crate::ops::{Op, OpError};

/// The folder of the files, beside that of the practices.
pub(super) const FOLDER: &str = "files";

/// The files that were written, and those that practices name and that are not
/// on this node.
#[derive(Default)]
pub(super) struct Files {
    /// What a practice calls it, and its name in the folder if it is there.
    of: BTreeMap<String, Vec<(String, Option<String>)>>,
    /// As the guide lists them: what it is called, and its name in the folder.
    pub(super) written: Vec<(String, String)>,
    /// How many are not here.
    pub(super) lacking: u64,
}

impl Files {
    /// Lines for the page of a practice or draft; nothing if it names no file.
    pub(super) fn beside(&self, id: &str) -> String {
        let Some(files) = self.of.get(id) else { return String::new() };
        let mut page = String::from("\n## Files\n\n");
        for (called, name) in files {
            let line = match name {
                Some(name) => link(called, &format!("../{FOLDER}"), name),
                None => format!("{}: it was not on this node", called.replace('\n', " ")),
            };
            // Writing into a String cannot fail.
            let _ = writeln!(page, "- {line}");
        }
        page
    }
}

impl Session {
    /// Writes every file that is whole, whether a practice names it or not.
    pub(super) async fn files(&mut self, folder: &Path) -> Result<Files, OpError> {
        make_empty(folder)?;
        let listed = loop {
            let listed = self.ask(Op::BlobList {}).await?;
            // Before, what practices name is not known.
            if listed["complete"] == true {
                break listed;
            }
            self.console.progress("looking for the files that practices name", false);
        };
        let items = listed["items"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut files = Files::default();
        for (at, item) in items.iter().enumerate() {
            let hash = text(&item["hash"]);
            let called = item["name"].as_str().unwrap_or(&hash).to_owned();
            let name = if item["state"] == "whole" {
                let name = name_of(&called, &hash);
                self.write_file(&hash, &folder.join(&name)).await?;
                files.written.push((called.clone(), name.clone()));
                Some(name)
            } else {
                files.lacking += 1;
                None
            };
            let namers = [&item["practices"], &item["drafts"]];
            for id in namers.into_iter().filter_map(Value::as_array).flatten() {
                let named = files.of.entry(text(id)).or_default();
                named.push((called.clone(), name.clone()));
            }
            if (at + 1).is_multiple_of(10) {
                self.console.progress(&format!("{} of {} files", at + 1, items.len()), false);
            }
        }
        Ok(files)
    }
}

/// A name that every file system takes, with the ending that programs know it
/// by.
fn name_of(called: &str, hash: &str) -> String {
    let (stem, ending) = called.rsplit_once('.').unwrap_or((called, ""));
    let known =
        (1..=8).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if known {
        format!("{}.{}", file_name(stem, hash), ending.to_ascii_lowercase())
    } else {
        file_name(called, hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_keeps_its_ending_and_leaves_its_folder_never() {
        let hash = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
        for (called, name) in [
            ("Rapport annuel.PDF", "rapport-annuel-cae41f3262.pdf"),
            ("../../etc/passwd", "etc-passwd-cae41f3262"),
            ("notes.sh/../x", "notes-sh-x-cae41f3262"),
            ("عقد.docx", "عقد-cae41f3262.docx"),
            ("", "-cae41f3262"),
        ] {
            assert_eq!(name_of(called, hash), name, "{called}");
        }
    }
}
