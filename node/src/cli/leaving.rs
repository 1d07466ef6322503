//! `export`: everything that a node holds, as files that need no Tern.
//!
//! A folder of practices, drafts, reviews, discussions and requests, each as JSON
//! and as Markdown, with a page that lists them and says what the files are. It is written in
//! a new folder only; one that was interrupted has no `README.md` and is
//! thrown away by hand. Keys are not in it: those go with a backup.

mod files;
mod pages;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use self::files::{FOLDER, Files};
use self::pages::{discussion_as_markdown, request_as_markdown, review_as_markdown};

use super::answers::count;
use super::session::Session;
use crate::interchange::practice_as_markdown;
use crate::ops::{ErrorCode, Op, OpError};

/// Items of one page of a list.
const PAGE: usize = 200;

/// What was written, for the page that lists it.
#[derive(Default)]
struct Listing {
    files: Files,
    practices: Vec<(String, String)>,
    drafts: Vec<(String, String)>,
    reviews: Vec<(String, String)>,
    discussions: Vec<(String, String)>,
    requests: Vec<(String, String)>,
}

impl Session {
    /// Writes everything below `to`, a folder that is not there or is empty.
    pub(super) async fn leave(mut self, to: PathBuf) -> Result<ExitCode, OpError> {
        let written = self.write_all(&to).await;
        let console = self.console.clone();
        self.close().await;
        let listing = written?;
        let Listing { practices, drafts, reviews, discussions, requests, .. } = &listing;
        let numbers = [practices, drafts, reviews, discussions, requests].map(Vec::len);
        let [practices, drafts, reviews, discussions, requests] =
            numbers.map(|number| number as u64);
        let (files, lacking) = (listing.files.written.len() as u64, listing.files.lacking);
        let outcome = json!({
            "folder": to, "practices": practices, "drafts": drafts, "reviews": reviews,
            "discussions": discussions, "requests": requests, "files": files,
            "files_lacking": lacking,
        });
        console.answer_with(&outcome, || {
            format!(
                "Wrote {}, {}, {}, {}, {} and {} to {}; begin with its README.md.\n{}The keys are not there: they go with tern backup.\n",
                count(practices, "practice", "practices"),
                count(drafts, "draft", "drafts"),
                count(reviews, "review", "reviews"),
                count(discussions, "discussion", "discussions"),
                count(requests, "request", "requests"),
                count(files, "file", "files"),
                to.display(),
                lacked(lacking),
            )
        });
        Ok(ExitCode::SUCCESS)
    }

    async fn write_all(&mut self, to: &Path) -> Result<Listing, OpError> {
        make_empty(to)?;
        let files = self.files(&to.join(FOLDER)).await?;
        let mut listing = Listing { files, ..Listing::default() };
        let files = &listing.files;
        self.practices(&to.join("practices"), files, &mut listing.practices).await?;
        self.drafts(&to.join("drafts"), files, &mut listing.drafts).await?;
        self.reviews(&to.join("reviews"), &mut listing.reviews).await?;
        self.discussions(&to.join("discussions"), &mut listing.discussions).await?;
        self.requests(&to.join("requests"), &mut listing.requests).await?;
        for (name, op) in [
            ("members.json", Op::Members {}),
            ("certificates.json", Op::CertList { all: true }),
            ("experts.json", Op::ExpertList {}),
            ("accounts.json", Op::AccountList {}),
            ("status.json", Op::Status {}),
        ] {
            let answer = self.ask(op).await?;
            write(&to.join(name), &format!("{answer:#}\n"))?;
        }
        // Last: with it the folder is whole.
        write(&to.join("README.md"), &guide(&listing))?;
        Ok(listing)
    }

    /// Every practice with all its editions.
    async fn practices(
        &mut self,
        folder: &Path,
        files: &Files,
        written: &mut Vec<(String, String)>,
    ) -> Result<(), OpError> {
        make_empty(folder)?;
        let ids = self.ids().await?;
        for (at, id) in ids.iter().enumerate() {
            let mut shown = self.ask(Op::PracticeShow { id: id.clone(), edition: None }).await?;
            let history = self.ask(Op::PracticeHistory { id: id.clone() }).await?;
            let markdown = practice_as_markdown(&shown) + &files.beside(id);
            shown["editions"] = history["items"].clone();
            let latest = shown["edition"].as_u64().unwrap_or(1);
            let mut earlier = Vec::new();
            for number in 1..u32::try_from(latest).unwrap_or(u32::MAX) {
                let op = Op::PracticeShow { id: id.clone(), edition: Some(number) };
                // Of concurrent editions a number may stand twice, or not at all.
                earlier.extend(self.ask(op).await.ok());
            }
            shown["earlier"] = json!(earlier);
            written.push(put(folder, id, &shown, &markdown)?);
            if (at + 1).is_multiple_of(PAGE) {
                self.console.progress(&format!("{} of {} practices", at + 1, ids.len()), false);
            }
        }
        Ok(())
    }

    async fn drafts(
        &mut self,
        folder: &Path,
        files: &Files,
        written: &mut Vec<(String, String)>,
    ) -> Result<(), OpError> {
        make_empty(folder)?;
        for id in self.draft_ids().await? {
            let shown = self.ask(Op::PracticeShow { id: id.clone(), edition: None }).await?;
            let markdown = practice_as_markdown(&shown) + &files.beside(&id);
            written.push(put(folder, &id, &shown, &markdown)?);
        }
        Ok(())
    }

    /// What was submitted for review, and what became of it.
    async fn reviews(
        &mut self,
        folder: &Path,
        written: &mut Vec<(String, String)>,
    ) -> Result<(), OpError> {
        let list = self.ask(Op::ReviewList {}).await?;
        let show = |id| Op::ReviewShow { id };
        self.each(folder, &list, show, review_as_markdown, written).await?;
        for (name, op) in
            [("policies.json", Op::ReviewPolicies {}), ("calls.json", Op::ReviewCalls {})]
        {
            let answer = self.ask(op).await?;
            write(&folder.join(name), &format!("{answer:#}\n"))?;
        }
        Ok(())
    }

    /// Discussions with all that was said in them.
    async fn discussions(
        &mut self,
        folder: &Path,
        written: &mut Vec<(String, String)>,
    ) -> Result<(), OpError> {
        let op = Op::DiscussList { languages: Vec::new(), objectives: Vec::new(), open: false };
        let list = self.ask(op).await?;
        let show = |id| Op::DiscussShow { id };
        self.each(folder, &list, show, discussion_as_markdown, written).await
    }

    /// Every item of a list, whole, in a folder of its own.
    async fn each(
        &mut self,
        folder: &Path,
        list: &Value,
        show: impl Fn(String) -> Op,
        page: fn(&Value) -> String,
        written: &mut Vec<(String, String)>,
    ) -> Result<(), OpError> {
        make_empty(folder)?;
        for item in list["items"].as_array().into_iter().flatten() {
            let id = text(&item["id"]);
            let shown = self.ask(show(id.clone())).await?;
            written.push(put(folder, &id, &shown, &page(&shown))?);
        }
        Ok(())
    }

    /// The requests that the keys here open.
    async fn requests(
        &mut self,
        folder: &Path,
        written: &mut Vec<(String, String)>,
    ) -> Result<(), OpError> {
        let list = self.ask(Op::RequestList {}).await?;
        let show = |id| Op::RequestShow { id };
        self.each(folder, &list, show, request_as_markdown, written).await
    }

    /// Every practice that is held, whether search finds it yet or not.
    pub(super) async fn ids(&mut self) -> Result<Vec<String>, OpError> {
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let page = self.ask(Op::PracticeIds { after }).await?;
            ids.extend(page["ids"].as_array().into_iter().flatten().map(text));
            after = page["next"].as_str().map(str::to_owned);
            if after.is_none() {
                return Ok(ids);
            }
        }
    }

    async fn draft_ids(&mut self) -> Result<Vec<String>, OpError> {
        let (mut ids, mut after) = (Vec::new(), None);
        loop {
            let op = Op::PracticeList { drafts: true, away: false, limit: Some(PAGE), after };
            let page = self.ask(op).await?;
            let items = page["items"].as_array().into_iter().flatten();
            ids.extend(items.map(|item| text(&item["id"])));
            after = page["next"].as_str().map(str::to_owned);
            if after.is_none() {
                return Ok(ids);
            }
        }
    }
}

/// What to say of files that are not here.
fn lacked(files: u64) -> String {
    match files {
        0 => String::new(),
        1 => "1 file that practices name is not on this node: `tern blob get` fetches it, then export again.\n".into(),
        _ => format!("{files} files that practices name are not on this node: `tern blob get` fetches them, then export again.\n"),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Writes one thing twice; its title and the name of its files.
fn put(
    folder: &Path,
    id: &str,
    shown: &Value,
    markdown: &str,
) -> Result<(String, String), OpError> {
    let title = shown["title"].as_str().unwrap_or("Without a title").to_owned();
    let name = file_name(&title, id);
    write(&folder.join(format!("{name}.json")), &format!("{shown:#}\n"))?;
    write(&folder.join(format!("{name}.md")), markdown)?;
    Ok((title, name))
}

/// A name that every file system takes: words of the title, and enough of the
/// id to tell two of one title apart.
fn file_name(title: &str, id: &str) -> String {
    let mut words = String::new();
    for letter in title.chars().flat_map(char::to_lowercase) {
        if letter.is_alphanumeric() {
            words.push(letter);
        } else if !words.is_empty() && !words.ends_with('-') {
            words.push('-');
        }
        // Names are counted in bytes.
        if words.len() >= 60 {
            break;
        }
    }
    let mark: String = id.chars().rev().take(10).collect::<Vec<_>>().into_iter().rev().collect();
    format!("{}-{mark}", words.trim_end_matches('-'))
}

fn guide(listing: &Listing) -> String {
    let mut page = String::from(
        "# Everything that this node held\n\n\
         Written by `tern export`. Nothing here needs Tern to be read.\n\n\
         - Each practice, draft, review, discussion and request is there twice: `.md` to be read and printed, \
         `.json` for programs, with every field, who signed it, and of a practice all editions.\n\
         - `tern practice import` takes the `.json` files of practices and drafts into another node.\n\
         - `members.json`, `certificates.json` and `experts.json` say who belongs to the federation \
         and who may do what; `accounts.json` who has an account on this node; `status.json` how \
         the node was.\n\
         - `reviews/policies.json` and `reviews/calls.json` say by what practices were judged.\n\
         - `files` holds what was attached to practices; the pages of those name it.\n\
         - Requests are here in clear. Keep this folder as you keep such letters.\n\
         - Keys and passwords are not here: `tern backup` saves them.\n",
    );
    for (heading, folder, items) in [
        ("Practices", "practices", &listing.practices),
        ("Drafts", "drafts", &listing.drafts),
        ("Reviews", "reviews", &listing.reviews),
        ("Discussions", "discussions", &listing.discussions),
        ("Requests", "requests", &listing.requests),
    ] {
        // Writing into a String cannot fail.
        let _ = write!(page, "\n## {heading}\n\n");
        if items.is_empty() {
            let _ = writeln!(page, "There were none.");
        }
        for (title, name) in items {
            let _ = writeln!(page, "- {}", link(title, folder, &format!("{name}.md")));
        }
    }
    let _ = write!(page, "\n## Files\n\n");
    if listing.files.written.is_empty() {
        let _ = writeln!(page, "There were none.");
    }
    for (called, name) in &listing.files.written {
        let _ = writeln!(page, "- {}", link(called, FOLDER, name));
    }
    page
}

/// A link in Markdown, whatever stands in its text.
fn link(text: &str, folder: &str, name: &str) -> String {
    format!("[{}](<{folder}/{name}>)", text.replace(['[', ']', '\n'], " "))
}

fn make_empty(folder: &Path) -> Result<(), OpError> {
    let refused = |cause: &std::io::Error| {
        OpError::new(ErrorCode::Failed, format!("cannot write {}: {cause}", folder.display()))
    };
    crate::folder::make_private_folder(folder).map_err(|cause| refused(&cause))?;
    let mut entries = fs::read_dir(folder).map_err(|cause| refused(&cause))?;
    if entries.next().is_some() {
        let what =
            format!("{} is not empty: name a folder that is not there yet", folder.display());
        return Err(OpError::new(ErrorCode::Conflict, what));
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), OpError> {
    fs::write(path, text).map_err(|cause| {
        OpError::new(ErrorCode::Failed, format!("cannot write {}: {cause}", path.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_title_whatever_is_in_it() {
        let id = "tern1p54hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn5";
        assert_eq!(
            file_name("Births, abroad / in N'Djamena", id),
            "births-abroad-in-n-djamena-j4c6h0fzn5"
        );
        assert_eq!(file_name("../../etc/passwd", id), "etc-passwd-j4c6h0fzn5");
        assert_eq!(file_name("", id), "-j4c6h0fzn5");
        assert!(file_name(&"تسجيل المواليد ".repeat(30), id).len() < 90);
    }
}
