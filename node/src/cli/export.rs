//! `practice export`: asks for practices and writes them as one file.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};
use tern_crdt::practice::{NotATag, Tag};

use super::answers::{count, made_of_words};
use super::console::Console;
use super::grammar;
use super::session::Session;
use crate::interchange::{
    EXPORT_BYTES_MAX, EXPORT_ITEMS_MAX, Format, export_all, export_one, form, words,
};
use crate::node::Audience;
use crate::ops::{ErrorCode, Filters, Op, OpError};

/// Items of one page of a list.
const PAGE: usize = 200;

/// Which practices.
pub(super) enum Which {
    /// By their ids; one of them alone is a file of its own.
    These(Vec<String>),
    /// Those that a search finds.
    Found(String),
    /// All that are held.
    All,
}

/// As what, and where to.
pub(super) struct Destination {
    format: Format,
    out: Option<PathBuf>,
}

impl Destination {
    /// Refuses what standard output cannot take.
    pub(super) fn of(format: grammar::Format, out: Option<PathBuf>) -> Result<Self, OpError> {
        let format = match format {
            grammar::Format::Json => Format::Json,
            grammar::Format::Jsonld => Format::JsonLd,
            grammar::Format::Ris => Format::Ris,
            grammar::Format::Bibtex => Format::Bibtex,
            grammar::Format::Csv => Format::Csv,
            grammar::Format::Xlsx => Format::Xlsx,
            grammar::Format::Docx => Format::Docx,
            grammar::Format::Md => Format::Markdown,
        };
        if format.is_binary() && out.is_none() {
            let what = format!("{} is no text: name a file with --out", format.code());
            return Err(OpError::new(ErrorCode::Invalid, what).in_field("out"));
        }
        Ok(Self { format, out })
    }
}

impl Session {
    /// Writes to a file, or to standard output.
    pub(super) async fn export(
        mut self,
        which: Which,
        file: Destination,
    ) -> Result<ExitCode, OpError> {
        let one = matches!(&which, Which::These(ids) if ids.len() == 1);
        let gathered = self.gather(which).await;
        let console = self.console.clone();
        self.close().await;
        let shown = gathered?;
        let words = words("en");
        let Destination { format, out } = file;
        let bytes = match shown.first() {
            Some(shown) if one => export_one(format, shown, &words)?,
            _ => export_all(format, &shown, &words)?,
        };
        let mut outcome = match shown.first() {
            Some(shown) if one => json!({ "id": shown["id"] }),
            _ => json!({ "practices": shown.len() }),
        };
        let text = |bytes| String::from_utf8(bytes).unwrap_or_default();
        match out {
            Some(path) => {
                write(&path, &bytes)?;
                outcome["file"] = json!(path);
                outcome["bytes"] = json!(bytes.len());
                console.answer_with(&outcome, || match one {
                    true => path.display().to_string(),
                    false => format!(
                        "Wrote {} to {}.",
                        count(shown.len() as u64, "practice", "practices"),
                        path.display()
                    ),
                });
            }
            // A document by itself already.
            None if format == Format::Json => console.print(&text(bytes)),
            None if console.is_json() => {
                outcome["text"] = json!(text(bytes));
                console.answer_with(&outcome, String::new);
            }
            None => console.print(&text(bytes)),
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Writes the submission form, filled in with a practice or a draft.
    pub(super) async fn template(
        mut self,
        id: String,
        lang: String,
        out: PathBuf,
    ) -> Result<ExitCode, OpError> {
        let shown = self.ask(Op::PracticeShow { id, edition: None }).await;
        let console = self.console.clone();
        self.close().await;
        template(Some(&shown?["fields"]), &lang, &out, &console)?;
        Ok(ExitCode::SUCCESS)
    }

    /// What `practice show` answers of each.
    async fn gather(&mut self, which: Which) -> Result<Vec<Value>, OpError> {
        let ids = match which {
            Which::These(ids) => ids,
            Which::All => self.ids().await?,
            Which::Found(query) => self.found(query).await?,
        };
        if ids.len() > EXPORT_ITEMS_MAX {
            let what = format!(
                "{} practices are too many for one file, which takes {EXPORT_ITEMS_MAX}: `tern export DIR` writes each as its own",
                ids.len()
            );
            return Err(OpError::new(ErrorCode::TooLarge, what).over(EXPORT_ITEMS_MAX as u64));
        }
        let (mut shown, mut bytes) = (Vec::with_capacity(ids.len()), 0);
        for (at, id) in ids.iter().enumerate() {
            let one = self.ask(Op::PracticeShow { id: id.clone(), edition: None }).await?;
            bytes += one.to_string().len();
            if bytes > EXPORT_BYTES_MAX {
                let what = format!(
                    "these practices have more than {EXPORT_BYTES_MAX} bytes, too many for one file: `tern export DIR` writes each as its own"
                );
                return Err(OpError::new(ErrorCode::TooLarge, what).over(EXPORT_BYTES_MAX as u64));
            }
            shown.push(one);
            if (at + 1).is_multiple_of(PAGE) {
                self.console.progress(&format!("{} of {} practices", at + 1, ids.len()), false);
            }
        }
        Ok(shown)
    }

    /// The ids of what a search finds; says so where that is not what was typed.
    async fn found(&mut self, query: String) -> Result<Vec<String>, OpError> {
        let (mut ids, mut after, mut made) = (Vec::new(), None, None);
        loop {
            let op = Op::Search {
                query: query.clone(),
                filters: Filters::default(),
                limit: Some(PAGE),
                after,
            };
            let page = self.ask(op).await?;
            if made.is_none() {
                made = made_of_words(&page);
                made.iter().for_each(|made| self.console.say(made));
            }
            let items = page["items"].as_array().into_iter().flatten();
            ids.extend(items.filter_map(|item| item["id"].as_str().map(str::to_owned)));
            after = page["next"].as_str().map(str::to_owned);
            if after.is_none() || ids.len() > EXPORT_ITEMS_MAX {
                return Ok(ids);
            }
        }
    }
}

/// Writes the submission form, filled in with these fields.
pub(super) fn template(
    fields: Option<&Value>,
    lang: &str,
    out: &Path,
    console: &Console,
) -> Result<(), OpError> {
    let lang: Tag = lang.parse().map_err(|why: NotATag| {
        OpError::new(ErrorCode::Invalid, why.to_string()).in_field("lang")
    })?;
    let bytes = form(fields, lang.as_str(), &words(lang.as_str()))?;
    write(out, &bytes)?;
    let outcome = json!({ "file": out, "bytes": bytes.len() });
    console.answer_with(&outcome, || out.display().to_string());
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), OpError> {
    std::fs::write(path, bytes).map_err(|cause| {
        OpError::new(ErrorCode::Failed, format!("cannot write {}: {cause}", path.display()))
    })
}
