//! `tern key …` and `tern account device …`: what writes or reads a file, or
//! asks for words.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tern_crdt::identity::{PublicKey, SecretKey};
use zeroize::Zeroizing;

use super::console::Console;
use super::grammar::{Device, Key, NewKey, Rotate, Sheet as SheetWords};
use super::session::{self, KeyFile, UNWRAPPED};
use super::{Run, answers};
use crate::hex;
use crate::keystore::{CarriedKey, Passphrase, Purpose, public_key};
use crate::node::Audience;
use crate::ops::{ErrorCode, Op, OpError};
use crate::running::draw;
use crate::sheet::{Sheet, WORDS, from_words, words_on};
use crate::statement::read_bounded;

/// A file with words, or with a whole sheet, is at most this long, in bytes.
const WORDS_BYTES_MAX: usize = 64 * 1024;
/// So many words of the sheet are asked for before the node forgets them.
const ASKED_BACK: usize = 2;

pub(super) fn invalid(field: &str, what: impl Into<String>) -> OpError {
    OpError::new(ErrorCode::Invalid, what).in_field(field)
}

impl Run<'_> {
    pub(super) async fn key(&self, key: Key) -> Result<(), OpError> {
        match key {
            Key::List => Ok(()),
            Key::Sheet(sheet) if sheet.done => self.sheet_is_kept().await,
            Key::Sheet(sheet) => self.sheet(sheet).await,
            Key::Rotate(rotate) => self.rotate(rotate).await,
            Key::Move { file, new_passphrase_file } => {
                self.move_root(&file, new_passphrase_file).await
            }
            Key::Return { file } => self.return_root(file).await,
            Key::New(new) => self.new_key(&new),
        }
    }

    /// One operation, answered.
    pub(super) async fn one(&self, op: Op) -> Result<Value, OpError> {
        let mut session = self.session().await?;
        let answered = session.ask(op).await;
        session.close().await;
        answered
    }

    async fn sheet(&self, asked: SheetWords) -> Result<(), OpError> {
        let told = self.one(Op::KeySheet {}).await?;
        let sheet = read_sheet(&told)?;
        let Some(out) = asked.out else {
            if self.console.is_json() {
                self.console.answer_with(&told, String::new);
            } else {
                self.console.print(&sheet.text());
            }
            self.console.say("Once the sheet is where it is kept: tern key sheet --done");
            return Ok(());
        };
        let page = out.extension().is_some_and(|end| end == "html" || end == "htm");
        let text = if page { sheet.html() } else { sheet.text() };
        CarriedKey::write_new(&out, &text)?;
        let outcome = json!({ "file": out, "public": told["public"] });
        self.console.answer_with(&outcome, || {
            format!(
                "The recovery sheet is in {}. Print it, then delete the file.\nOnce the sheet is where it is kept: tern key sheet --done\n",
                out.display()
            )
        });
        Ok(())
    }

    async fn sheet_is_kept(&self) -> Result<(), OpError> {
        if self.console.asks() {
            // Whoever has the sheet can answer; whoever has not must not lose it.
            let sheet = read_sheet(&self.one(Op::KeySheet {}).await?)?;
            for at in some_places()? {
                let question = format!("Word {} of the sheet: ", at + 1);
                let typed = self.console.ask_line(&question)?;
                if typed.as_ref().is_none_or(|typed| !is_word(typed, &sheet.words[at])) {
                    let what =
                        "that is another word: the node keeps its copy until the sheet can be read";
                    return Err(invalid("words", what));
                }
            }
        }
        let outcome = self.one(Op::KeySheetDone {}).await?;
        self.console.answer_with(&outcome, || {
            "The node has forgotten the words: they are on the sheet alone. Backups made before hold them still.\n".into()
        });
        Ok(())
    }

    async fn rotate(&self, rotate: Rotate) -> Result<(), OpError> {
        let given = match &rotate.words_file {
            Some(file) => Some(words_in(file)?),
            None => None,
        };
        let wraps = super::errand::Wraps::Asked(rotate.new_passphrase_file);
        let given_passphrase = session::given_passphrase(&self.global, &self.environment)?;
        let new = match (&wraps, &given_passphrase) {
            // The passphrase that is given anyway wraps the new keys too.
            (super::errand::Wraps::Asked(None), Some(_)) => None,
            _ => session::new_passphrase(&wraps, &self.console)?,
        };
        let op = Op::KeyRotate { spares: rotate.spares.clone() };
        let mut session = self.session().await?.wrapping(new).lending(given);
        let mut answered = session.ask(op.clone()).await;
        if needs_words(&answered)
            && let Some(key) = ask_words(&self.console)?
        {
            session = session.lending(Some(key));
            answered = session.ask(op).await;
        }
        session.close().await;
        let outcome = answered?;
        if outcome["wrapped"] == false {
            self.console.say(UNWRAPPED);
        }
        if rotate.spares.is_empty() {
            self.console.say(
                "Spare root keys named before have ended: name those that go on with --spare.",
            );
        }
        self.console.say("The sheet before is used up. Take the new one: tern key sheet");
        self.console.answer_with(&outcome, || answers::rotated(&outcome));
        Ok(())
    }

    async fn move_root(&self, file: &Path, phrase: Option<PathBuf>) -> Result<(), OpError> {
        if file.exists() {
            let what = format!("{} is there already: name a new file", file.display());
            return Err(OpError::new(ErrorCode::Conflict, what).in_field("file"));
        }
        let wraps = super::errand::Wraps::Asked(phrase);
        let new = session::new_passphrase(&wraps, &self.console)?;
        let mut session = self.session().await?.wrapping(new);
        let moved = async {
            let told = session.ask(Op::KeyExport {}).await?;
            let text = Zeroizing::new(told["file"].as_str().unwrap_or_default().to_owned());
            CarriedKey::write_new(file, &text)?;
            // What the medium gives back is what counts.
            let place = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
            let file = CarriedKey::read_text(file)?.to_string();
            session.ask(Op::KeyMoved { file, place: place.display().to_string() }).await
        };
        let moved = moved.await;
        session.close().await;
        let told = moved.inspect_err(|_| {
            self.console.say("The root key is on the node still.");
        })?;
        let outcome = json!({ "file": file, "public": told["public"] });
        self.console.answer_with(&outcome, || {
            format!(
                "The root key is in {} and not on this node any more. Backups made before hold it still.\nWhat needs it: give --key-file, or set TERN_KEY_FILE. Make a copy of the file on a second stick.\n",
                file.display()
            )
        });
        Ok(())
    }

    async fn return_root(&self, file: PathBuf) -> Result<(), OpError> {
        let like = session::passphrases(&self.global, &self.environment)?;
        let key = KeyFile::at(file, like).open(&self.console)?;
        let mut session = self.session().await?.lending(Some(key));
        let answered = session.ask(Op::KeyReturn {}).await;
        session.close().await;
        let outcome = answered?;
        if outcome["wrapped"] == false {
            self.console.say(UNWRAPPED);
        }
        self.console.answer_with(&outcome, || {
            "The root key is on this node again. The file holds it too: keep it safe or destroy it.\n".into()
        });
        Ok(())
    }

    fn new_key(&self, new: &NewKey) -> Result<(), OpError> {
        let wraps = super::errand::Wraps::Asked(new.new_passphrase_file.clone());
        let passphrase: Option<Passphrase> = session::new_passphrase(&wraps, &self.console)?;
        let purpose = if new.root { Purpose::Root } else { Purpose::PersonSign };
        let owner = new.owner.clone().unwrap_or_else(|| purpose.code().to_owned());
        let key = SecretKey::from_seed(&Zeroizing::new(draw()?));
        let text = CarriedKey::seal(purpose, &owner, &key, passphrase.as_ref())?;
        CarriedKey::write_new(&new.file, &text)?;
        let public = hex::encode(key.public().as_bytes());
        let beside = new.file.with_added_extension("pub");
        CarriedKey::write_new(&beside, &format!("{public}\n"))?;
        if passphrase.is_none() {
            self.console.say("The key file has no passphrase: whoever has it can sign with it.");
        }
        let outcome = json!({ "file": new.file, "public": public, "public_file": beside });
        self.console.answer_with(&outcome, || format!("{public}\n"));
        Ok(())
    }

    pub(super) async fn device(&self, device: Device) -> Result<(), OpError> {
        let Device::Add { name, key, card } = device;
        let public = read_public(&key)?;
        let op = Op::DeviceAdd { name, key: hex::encode(public.as_bytes()) };
        let outcome = self.one(op).await?;
        if let Some(card) = &card {
            let text = outcome["card"].as_str().unwrap_or_default();
            super::signing::write_new(card, text)?;
            self.console.say(&format!(
                "Sign the name card on the device: tern sign {} --key-file KEYFILE; then bring it back: tern submit {}",
                card.display(),
                card.display()
            ));
        }
        self.console.answer_with(&outcome, || answers::id(&outcome) + "\n");
        Ok(())
    }
}

/// The public half in a file or in the word itself.
fn read_public(given: &str) -> Result<PublicKey, OpError> {
    let path = Path::new(given);
    let text = if path.is_file() { CarriedKey::read_text(path)? } else { given.to_owned().into() };
    public_key(&text).ok_or_else(|| {
        invalid("key", format!("{given} is no public key: give its 64 digits, or the file that `tern key new` wrote"))
    })
}

fn read_sheet(told: &Value) -> Result<Sheet, OpError> {
    let text = |name: &str| told[name].as_str().map(str::to_owned);
    let words = told["words"].as_array().into_iter().flatten();
    let words = words.filter_map(Value::as_str).map(|word| Zeroizing::new(word.to_owned()));
    let public = text("public").and_then(|digits| hex::decode(&digits)).map(PublicKey::new);
    let sheet = || {
        Some(Sheet {
            organisation: text("organisation")?,
            org: text("org")?,
            federation: text("federation"),
            date: text("date")?,
            public: public?,
            words: words.collect(),
        })
    };
    let sheet = sheet().filter(|sheet| sheet.words.len() == WORDS);
    sheet.ok_or_else(|| OpError::new(ErrorCode::Failed, "the node answered with no sheet"))
}

/// Places of the sheet that were not foreseen.
fn some_places() -> Result<[usize; ASKED_BACK], OpError> {
    let [one, other]: [u8; ASKED_BACK] = draw()?;
    let one = usize::from(one) % WORDS;
    let step = 1 + usize::from(other) % (WORDS - 1);
    Ok([one, (one + step) % WORDS])
}

fn is_word(typed: &str, word: &str) -> bool {
    let typed = typed.trim().to_lowercase();
    typed == word || typed.chars().count() >= 4 && word.starts_with(&typed)
}

/// The key on a sheet that is in a file.
fn words_in(file: &Path) -> Result<SecretKey, OpError> {
    let text = Zeroizing::new(read_bounded(file, WORDS_BYTES_MAX)?);
    key_of(words_on(&text))
}

fn key_of(words: &str) -> Result<SecretKey, OpError> {
    let seed = from_words(words).map_err(|why| invalid("words", why.to_string()))?;
    Ok(SecretKey::from_seed(&seed))
}

/// The key on a sheet that a person has before them; `None` if nobody can be
/// asked.
fn ask_words(console: &Console) -> Result<Option<SecretKey>, OpError> {
    let typed = console.ask_words(WORDS)?;
    typed.map(|words| key_of(&words)).transpose()
}

fn needs_words(answered: &Result<Value, OpError>) -> bool {
    let words = |refused: &OpError| {
        refused.code == ErrorCode::KeyAway && refused.field.as_deref() == Some("words")
    };
    answered.as_ref().err().is_some_and(words)
}
