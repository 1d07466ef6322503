//! `practice export`: asks for a practice and writes it as a file.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::grammar::Format;
use super::session::Session;
use crate::interchange::practice_as_markdown;
use crate::ops::{ErrorCode, Op, OpError};

impl Session {
    /// Writes to `out`, or to standard output.
    pub(super) async fn export(
        mut self,
        id: String,
        format: Format,
        out: Option<PathBuf>,
    ) -> Result<ExitCode, OpError> {
        let shown = self.ask(Op::PracticeShow { id, edition: None }).await;
        let console = self.console.clone();
        self.close().await;
        let shown = shown?;
        let text = match format {
            Format::Json => format!("{shown:#}\n"),
            Format::Md => practice_as_markdown(&shown),
        };
        match (out, format) {
            (Some(path), _) => {
                write(&path, &text)?;
                let outcome = json!({ "id": shown["id"], "file": path, "bytes": text.len() });
                console.answer_with(&outcome, || path.display().to_string());
            }
            (None, Format::Md) if console.is_json() => {
                let outcome: Value = json!({ "id": shown["id"], "text": text });
                console.answer_with(&outcome, String::new);
            }
            (None, _) => console.print(&text),
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn write(path: &Path, text: &str) -> Result<(), OpError> {
    std::fs::write(path, text).map_err(|cause| {
        OpError::new(ErrorCode::Failed, format!("cannot write {}: {cause}", path.display()))
    })
}
