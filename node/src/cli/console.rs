//! Where a command speaks: the answer on standard output, all else on
//! standard error.
//!
//! With `--json` standard output carries one JSON document and nothing else.
//! Text that came from elsewhere is made harmless before a terminal sees it.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::table::plain;
use crate::keystore::Passphrase;
use crate::node::Audience;
use crate::ops::{ErrorCode, OpError};

/// The two streams of a command, and what they are.
pub struct Console {
    out: Mutex<Box<dyn Write + Send>>,
    err: Mutex<Box<dyn Write + Send>>,
    json: bool,
    /// Whether a person can be asked.
    asks: bool,
    /// Whether progress may be drawn over itself.
    redraws: bool,
}

impl Console {
    /// The streams of this process.
    pub fn standard() -> Self {
        Self {
            out: Mutex::new(Box::new(io::stdout())),
            err: Mutex::new(Box::new(io::stderr())),
            json: false,
            asks: io::stdin().is_terminal(),
            redraws: io::stderr().is_terminal(),
        }
    }

    /// Other streams, behind which nobody sits.
    pub fn to(out: impl Write + Send + 'static, err: impl Write + Send + 'static) -> Self {
        let (out, err) = (Mutex::new(Box::new(out) as _), Mutex::new(Box::new(err) as _));
        Self { out, err, json: false, asks: false, redraws: false }
    }

    pub(super) fn set_json(&mut self, json: bool) {
        self.json = json;
    }

    pub(super) fn is_json(&self) -> bool {
        self.json
    }

    /// The answer: the document, or `text` for people.
    pub(super) fn answer_with(&self, outcome: &Value, text: impl FnOnce() -> String) {
        if self.json {
            return self.write(&self.out, &outcome.to_string());
        }
        let calm: Vec<String> = text().trim_end().lines().map(plain).collect();
        if !calm.is_empty() {
            self.write(&self.out, &calm.join("\n"));
        }
    }

    /// A file that was asked for, as it is.
    pub(super) fn print(&self, text: &str) {
        self.write(&self.out, text.trim_end());
    }

    /// A refusal: one sentence, and with `--json` the error document.
    pub(super) fn refuse(&self, refused: &OpError) {
        if self.json {
            self.write(&self.out, &json!({ "error": refused.to_json() }).to_string());
        }
        self.write(&self.err, &format!("tern: {}", plain(&refused.message)));
    }

    /// Lines for people, as they are.
    pub(super) fn tell(&self, lines: &str) {
        self.write(&self.err, lines);
    }

    /// Whether progress can be drawn over what was told before.
    pub(super) const fn redraws(&self) -> bool {
        self.redraws
    }

    /// Progress that replaces itself on a terminal and is a line elsewhere.
    pub(super) fn progress(&self, text: &str, done: bool) {
        if !self.redraws {
            return self.write(&self.err, text);
        }
        let mut err = self.err.lock().unwrap_or_else(PoisonError::into_inner);
        let end = if done { "\n" } else { "" };
        // Nobody is left to be told that standard error is closed.
        let _ = write!(err, "\r\x1b[K{text}{end}").and_then(|()| err.flush());
    }

    /// Asks for the passphrase of existing keys; `None` if nobody can be asked.
    pub(super) fn ask_passphrase(&self, question: &str) -> Result<Option<Passphrase>, OpError> {
        if !self.asks {
            return Ok(None);
        }
        Ok(Some(Passphrase::new(&prompt(question)?)?))
    }

    /// Asks for a new passphrase of `what`, twice; `None` if nobody can be
    /// asked or none is wanted.
    pub(super) fn ask_new_passphrase(&self, what: &str) -> Result<Option<Passphrase>, OpError> {
        if !self.asks {
            return Ok(None);
        }
        loop {
            let first = prompt(&format!("{what} (empty: none): "))?;
            if first.is_empty() {
                return Ok(None);
            }
            if *first == *prompt("The same again: ")? {
                return Ok(Some(Passphrase::new(&first)?));
            }
            self.say("These were different. Once more.");
        }
    }

    /// Whether a person can be asked.
    pub(super) fn asks(&self) -> bool {
        self.asks
    }

    /// Asks for a line that may be seen; `None` if nobody can be asked.
    pub(super) fn ask_line(&self, question: &str) -> Result<Option<Zeroizing<String>>, OpError> {
        if !self.asks {
            return Ok(None);
        }
        self.tell(question.trim_end());
        let mut typed = Zeroizing::new(String::new());
        io::stdin().read_line(&mut typed).map_err(|cause| {
            OpError::new(ErrorCode::Failed, format!("cannot ask for a line: {cause}"))
        })?;
        Ok(Some(typed))
    }

    /// Asks for words, in as many lines as a person likes, until there are
    /// enough or a line is empty; `None` if nobody can be asked.
    pub(super) fn ask_words(&self, words: usize) -> Result<Option<Zeroizing<String>>, OpError> {
        if !self.asks {
            return Ok(None);
        }
        self.tell(&format!(
            "Type the {words} words of the recovery sheet, in order; an empty line ends them."
        ));
        let mut all = Zeroizing::new(String::with_capacity(1024));
        while all.split_whitespace().count() < words {
            let Some(line) = self.ask_line(">")? else { break };
            if line.trim().is_empty() {
                break;
            }
            all.push_str(&line);
        }
        Ok(Some(all))
    }

    /// Goes on only if somebody says so.
    pub(super) fn make_sure(&self, what: &str) -> Result<(), OpError> {
        let refused = |advice: &str| {
            let told = what.trim_end_matches('.');
            Err(OpError::new(ErrorCode::Invalid, format!("{told}: {advice}")).in_field("yes"))
        };
        if !self.asks {
            return refused("say that you mean it with `--yes`");
        }
        self.tell(&format!("{what} Type yes to go on:"));
        let mut typed = String::new();
        io::stdin().read_line(&mut typed).map_err(|cause| {
            OpError::new(ErrorCode::Failed, format!("cannot ask whether you are sure: {cause}"))
        })?;
        if typed.trim() == "yes" { Ok(()) } else { refused("nothing was changed") }
    }

    fn write(&self, stream: &Mutex<Box<dyn Write + Send>>, text: &str) {
        let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
        match writeln!(stream, "{text}").and_then(|()| stream.flush()) {
            Ok(()) => {}
            // Whoever read has left, as in `tern practice list | head`.
            Err(cause) if cause.kind() == ErrorKind::BrokenPipe => {}
            Err(cause) => tracing::warn!("cannot write the answer: {cause}"),
        }
    }
}

fn prompt(question: &str) -> Result<zeroize::Zeroizing<String>, OpError> {
    rpassword::prompt_password(question).map(zeroize::Zeroizing::new).map_err(|cause| {
        OpError::new(ErrorCode::Failed, format!("cannot ask for a passphrase: {cause}"))
    })
}

impl Audience for Console {
    fn say(&self, sentence: &str) {
        self.write(&self.err, &plain(sentence));
    }

    fn answer(&self, outcome: &Value) {
        if self.json {
            self.write(&self.out, &outcome.to_string());
        }
    }
}
