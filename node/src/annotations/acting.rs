//! Signing what an organisation says about a practice.

use serde_json::{Value, json};
use tern_crdt::annotation::{
    Adaptation, Aliases, Annotation, Deed, FOLLOWS_MAX, NAMED_MAX, Reason, Remark, Translation,
};
use tern_crdt::authority::Role;
use tern_crdt::identity::{DocumentId, EditionId, RecordId};
use tern_crdt::practice::Tag;

use crate::accounts::{Account, failed};
use crate::driver::now;
use crate::keystore::Passphrase;
use crate::ops::{ErrorCode, OpError};
use crate::reading::{PREFIX_MIN, PracticeRead, Verdict};
use crate::running::{Node, draw};

/// How something is withdrawn.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Withdrawing {
    /// One edition, by number or id; all that there are if not said.
    pub edition: Option<String>,
    /// The code of a reason.
    pub reason: String,
    /// In words.
    pub text: String,
    /// What to read instead, by id or prefix.
    pub replaced_by: Option<String>,
}

/// What somebody says about a practice.
#[derive(Clone, PartialEq, Debug)]
pub enum Say {
    /// The organisation does not stand for it any more.
    Withdraw(Withdrawing),
    /// It is still valid.
    Confirm {
        /// In words.
        text: String,
    },
    /// The organisation uses it too, by the keys of adaptation files.
    Adapt {
        /// How.
        adaptation: Value,
        /// In place of which earlier word, by id or prefix.
        replaces: Option<String>,
    },
    /// How an edition reads in another language, by the keys of translation files.
    Translate {
        /// Into which.
        language: String,
        /// Which edition; the latest if not said.
        edition: Option<String>,
        /// The texts.
        translation: Value,
    },
    /// The same is told of elsewhere.
    SameAs {
        /// In this practice.
        practice: Option<String>,
        /// Under these names, each `SCHEME:VALUE`.
        aliases: Vec<String>,
    },
    /// What the organisation said is taken back.
    TakeBack {
        /// Which annotation, by id or prefix; the withdrawal if not said.
        annotation: Option<String>,
        /// In words.
        text: String,
    },
}

/// The reason of a code.
fn reason(code: &str) -> Result<Reason, OpError> {
    Reason::from_code(code.trim()).ok_or_else(|| {
        let codes: Vec<&str> = Reason::ALL.iter().map(|one| one.code()).collect();
        let what = format!("`{code}` is no reason: there are {}", codes.join(", "));
        OpError::new(ErrorCode::Invalid, what).in_field("reason")
    })
}

fn remark(text: &str, language: &str) -> Result<Remark, OpError> {
    Remark::from_json(&json!({ "text": text }), language).map_err(OpError::from)
}

fn alias(text: &str) -> Result<Value, OpError> {
    let Some((scheme, value)) = text.split_once(':') else {
        let what = format!("`{text}` is no name elsewhere: give SCHEME:VALUE, as doi:10.1000/182");
        return Err(OpError::new(ErrorCode::Invalid, what).in_field("aliases"));
    };
    // Only addresses on the web begin with what is no scheme of ours.
    let web = matches!(scheme, "http" | "https");
    let (scheme, value) = if web { ("url", text) } else { (scheme, value) };
    Ok(json!({ "scheme": scheme, "value": value.trim() }))
}

/// What is ready to be signed but for who signs.
struct Ready {
    editions: Vec<EditionId>,
    deed: Deed,
    follows: Vec<RecordId>,
}

impl Node {
    /// Says something about a practice, for the account's organisation. Returns the
    /// annotation.
    ///
    /// # Errors
    /// What is wrong with it, no role, a locked key; what only the organisation says
    /// that the practice comes from.
    pub async fn annotate(
        &self,
        account: &Account,
        practice: &PracticeRead,
        say: Say,
        passphrase: Option<Passphrase>,
    ) -> Result<RecordId, OpError> {
        let mut ready = self.ready(account, practice, say).await?;
        if ready.deed.is_of_the_origin() && practice.origin.id != self.identity().org {
            let what = format!(
                "only the organisation that a practice comes from withdraws or confirms it, and this one is {}'s: tell them",
                practice.origin.name
            );
            return Err(OpError::new(ErrorCode::NotAllowed, what));
        }
        let id = practice.id;
        let founding = self
            .handle()
            .read(move |replica| replica.library().founding(&id).map_err(failed))
            .await??;
        let gone = || OpError::new(ErrorCode::NotFound, "it is not held here any more");
        let (founder, founding) = founding.ok_or_else(gone)?;
        ready.editions.sort_unstable();
        ready.follows.sort_unstable();
        let (by, key) =
            self.signer(account, &[Role::Publisher], Some(*id.as_bytes()), passphrase).await?;
        let annotation = Annotation {
            by,
            nonce: draw()?,
            founder,
            founding,
            editions: ready.editions,
            deed: ready.deed,
            follows: ready.follows,
            claimed_at: now(),
        };
        self.sign_and_submit(&annotation, &key).await
    }

    async fn ready(
        &self,
        account: &Account,
        practice: &PracticeRead,
        say: Say,
    ) -> Result<Ready, OpError> {
        let tips = || {
            let tips = practice.tips().into_iter().rev().take(NAMED_MAX);
            tips.map(|at| practice.editions[at].id).collect::<Vec<_>>()
        };
        let lang = account.lang.as_str();
        let (editions, deed) = match say {
            Say::Withdraw(how) => {
                let (editions, past) = match &how.edition {
                    Some(which) => (vec![practice.editions[practice.find(which)?].id], false),
                    None => (tips(), true),
                };
                let replaced_by = match how.replaced_by.as_deref().map(str::trim) {
                    None | Some("") => None,
                    Some(text) => Some(self.another(practice, text, "replaced_by").await?),
                };
                let why = remark(&how.text, lang)?.to_tree();
                let reason = reason(&how.reason)?;
                (editions, Deed::Withdraw { reason, past, replaced_by, why })
            }
            Say::Confirm { text } => {
                if practice.withdrawal(practice.latest()).is_some() {
                    let what = "it is withdrawn: take the withdrawal back first";
                    return Err(OpError::new(ErrorCode::Conflict, what));
                }
                let tips = tips().into_iter();
                let valid = tips.filter(|id| !practice.said.withdrawn.contains_key(id));
                (valid.collect(), Deed::Confirm { note: remark(&text, lang)?.to_tree() })
            }
            Say::Adapt { adaptation, replaces } => {
                let adaptation = Adaptation::from_json(&adaptation, lang).map_err(OpError::from)?;
                if adaptation == Adaptation::default() {
                    let what = "say where it is used, since when, or what came of it";
                    return Err(OpError::new(ErrorCode::Invalid, what).in_field("countries"));
                }
                let deed = Deed::Adapt { adaptation: adaptation.to_tree() };
                let latest = practice.editions[practice.latest()].id;
                let follows = match replaces {
                    Some(text) => vec![self.own(practice, &text, "replaces")?],
                    None => Vec::new(),
                };
                return Ok(Ready { editions: vec![latest], deed, follows });
            }
            Say::Translate { language, edition, translation } => {
                let edition = match edition {
                    Some(which) => practice.find(&which)?,
                    None => practice.latest(),
                };
                let deed = self.translated(practice, edition, &language, &translation).await?;
                (vec![practice.editions[edition].id], deed)
            }
            Say::SameAs { practice: other, aliases } => {
                let other = match other.as_deref().map(str::trim) {
                    None | Some("") => None,
                    Some(text) => Some(self.another(practice, text, "practice").await?),
                };
                let named: Vec<Value> =
                    aliases.iter().map(|text| alias(text)).collect::<Result<_, _>>()?;
                if other.is_none() && named.is_empty() {
                    let what = "say with which practice it is the same, or under which name it is known elsewhere";
                    return Err(OpError::new(ErrorCode::Invalid, what).in_field("practice"));
                }
                let named = Aliases::from_json(&json!({ "aliases": named }), lang);
                let aliases = named.map_err(OpError::from)?.to_tree();
                (Vec::new(), Deed::SameAs { practice: other, aliases })
            }
            Say::TakeBack { annotation, text } => {
                let follows = match annotation.as_deref().map(str::trim) {
                    None | Some("") => {
                        let ours = self.ours(practice);
                        let withdrawn =
                            ours.filter(|one| matches!(one.body.deed, Deed::Withdraw { .. }));
                        withdrawn.map(|one| one.id).take(FOLLOWS_MAX).collect()
                    }
                    Some(text) => vec![self.own(practice, text, "annotation")?],
                };
                if follows.is_empty() {
                    let what = "this organisation has not withdrawn it: name what is to be taken back, see `tern practice said`";
                    return Err(OpError::new(ErrorCode::Conflict, what));
                }
                let deed = Deed::TakeBack { why: remark(&text, lang)?.to_tree() };
                return Ok(Ready { editions: Vec::new(), deed, follows });
            }
        };
        let anew = self.ours(practice).filter(|one| {
            let same = match deed {
                // What another withdrawal reaches stays withdrawn.
                Deed::Withdraw { .. } => {
                    let mut named = editions.clone();
                    named.sort_unstable();
                    one.body.editions == named
                }
                _ => true,
            };
            same && deed.says_anew(&one.body.deed)
        });
        let follows = anew.map(|one| one.id).take(FOLLOWS_MAX).collect();
        Ok(Ready { editions, deed, follows })
    }

    /// What stands of this organisation's own words on a practice.
    fn ours<'a>(
        &self,
        practice: &'a PracticeRead,
    ) -> impl Iterator<Item = &'a tern_crdt::annotation::fold::Stands> {
        let org = self.identity().org;
        practice.said.stands.iter().filter(move |one| one.org == org)
    }

    /// One of them, by id or prefix.
    fn own(&self, practice: &PracticeRead, text: &str, field: &str) -> Result<RecordId, OpError> {
        let fits = |id: &RecordId| {
            let id = id.to_string();
            id == text || (text.len() >= PREFIX_MIN && id.starts_with(text))
        };
        let mut found = self.ours(practice).map(|one| one.id).filter(fits);
        match (found.next(), found.next()) {
            (Some(id), None) => Ok(id),
            (Some(_), Some(_)) => {
                let why = format!("`{text}` fits more than one: give more characters");
                Err(OpError::new(ErrorCode::Ambiguous, why).in_field(field))
            }
            (None, _) => {
                let why = format!(
                    "this organisation has said nothing about it that stands and is called `{text}`: what another said only they take back"
                );
                Err(OpError::new(ErrorCode::NotFound, why).in_field(field))
            }
        }
    }

    /// Another practice than this one, which is held here.
    async fn another(
        &self,
        practice: &PracticeRead,
        text: &str,
        field: &str,
    ) -> Result<DocumentId, OpError> {
        let found = self.reading().practice(text).await;
        let other = found.map_err(|error| error.in_field(field))?;
        if other.id == practice.id {
            let what = "that is this practice itself: name another";
            return Err(OpError::new(ErrorCode::Invalid, what).in_field(field));
        }
        Ok(other.id)
    }

    /// A translation of an edition that can be read.
    async fn translated(
        &self,
        practice: &PracticeRead,
        at: usize,
        language: &str,
        translation: &Value,
    ) -> Result<Deed, OpError> {
        let invalid =
            |field: &str, what: String| OpError::new(ErrorCode::Invalid, what).in_field(field);
        let tag: Tag = language
            .parse()
            .map_err(|why: tern_crdt::practice::NotATag| invalid("language", why.to_string()))?;
        let content = self.reading().content(practice, at).await?;
        if content.verdict == Verdict::Quarantined {
            let what = "that edition does not count, so there is nothing to translate";
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        let read = Translation::from_json(translation, tag.as_str()).map_err(OpError::from)?;
        if read.language.as_ref() != Some(&tag) {
            let what = format!("the file says that it is in another language than {tag}");
            return Err(invalid("language", what));
        }
        if content.practice.original_language.as_ref() == Some(&tag) {
            let what = format!("{tag} is the language that it was written in");
            return Err(invalid("language", what));
        }
        if read.is_empty() {
            let what = "translate at least one text, the title first of all";
            return Err(invalid("title", what.into()));
        }
        let nothing = read.texts().find(|(key, _)| {
            Translation::source(&content.practice, key).is_none_or(|texts| texts.is_empty())
        });
        if let Some((key, _)) = nothing {
            let what = "the edition says nothing here that could be translated";
            return Err(invalid(key, what.into()));
        }
        let numbers = 1..=content.practice.challenges.len() as u64;
        if let Some(one) = read.challenges.iter().find(|one| !numbers.contains(&one.number)) {
            let what = format!("the edition has no challenge number {}", one.number);
            return Err(invalid("challenges", what));
        }
        Ok(Deed::Translate { translation: read.to_tree() })
    }
}
