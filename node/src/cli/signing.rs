//! `--prepare`, `tern sign` and `tern submit`: a key that never comes to a node.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use serde_json::json;

use super::grammar::Sign;
use super::{Run, answers, session};
use crate::folder::{make_durable, write_private};
use crate::node::Audience;
use crate::ops::{ErrorCode, Op, OpError};
use crate::sheet::fingerprint;
use crate::statement::{STATEMENT_BYTES_MAX, StatementFile, read_bounded};

/// Puts a file where none is.
pub(super) fn write_new(path: &Path, text: &str) -> Result<(), OpError> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        make_durable(path)
    };
    write().map_err(|cause| {
        OpError::new(ErrorCode::Failed, format!("cannot write {}: {cause}", path.display()))
    })
}

impl Run<'_> {
    /// Writes down what is to be signed elsewhere.
    pub(super) async fn prepare(&self, op: Op, file: &Path) -> Result<(), OpError> {
        if file.exists() {
            let what = format!("{} is there already: name a new file", file.display());
            return Err(OpError::new(ErrorCode::Conflict, what).in_field("prepare"));
        }
        let told = self.one(op).await?;
        write_new(file, told["statement"].as_str().unwrap_or_default())?;
        let outcome = json!({ "file": file, "says": told["says"] });
        let shown = file.display();
        self.console.say(&format!(
            "Sign it where the key is: tern sign {shown} --key-file KEYFILE; then bring it back: tern submit {shown}"
        ));
        self.console.answer_with(&outcome, || answers::signed(&outcome));
        Ok(())
    }

    /// Signs a statement file; needs no node.
    pub(super) fn sign(&self, sign: &Sign) -> Result<(), OpError> {
        let mut file = StatementFile::read(&sign.file)?;
        let says = file.says()?;
        let key = session::key_file(&self.global, &self.environment)?.ok_or_else(|| {
            let what = "name the key that signs: --key-file FILE";
            OpError::new(ErrorCode::Invalid, what).in_field("key-file")
        })?;
        says.iter().for_each(|sentence| self.console.say(sentence));
        if !sign.yes {
            self.console.make_sure("This is signed with the key in the key file.")?;
        }
        let key = key.open(&self.console)?;
        file.sign(&key);
        let text = file.to_text();
        let out = match &sign.out {
            Some(out) => {
                write_new(out, &text)?;
                out
            }
            None => {
                write_private(&sign.file, text.as_bytes()).map_err(|cause| {
                    let what = format!("cannot write {}: {cause}", sign.file.display());
                    OpError::new(ErrorCode::Failed, what)
                })?;
                &sign.file
            }
        };
        let outcome = json!({ "file": out, "says": says, "key": fingerprint(&key.public()) });
        self.console.answer_with(&outcome, || {
            format!("Signed with the key {}.\n", fingerprint(&key.public()))
        });
        Ok(())
    }

    /// Brings in what was signed elsewhere.
    pub(super) async fn submit(&self, file: &Path) -> Result<(), OpError> {
        let statement = read_bounded(file, STATEMENT_BYTES_MAX)?;
        let outcome = self.one(Op::Submit { statement }).await?;
        self.console.answer_with(&outcome, || answers::submitted(&outcome));
        Ok(())
    }
}
