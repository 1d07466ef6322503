//! Signing what is said in discussions.

use serde_json::Value;
use tern_crdt::authority::{Erase, EraseReason, Role};
use tern_crdt::discussion::fold::{self, Said};
use tern_crdt::discussion::{
    ADVICE_BYTES_MAX, Advice, Answers, Deed, Discussion, DiscussionEvent, DiscussionForm, Made,
    Reason, TEXT_BYTES_MAX,
};
use tern_crdt::identity::{CertificateId, DiscussionId, OrgId, RecordId};
use tern_crdt::practice::{Tag, tidy};
use tern_crdt::signed::Statement;

use super::DiscussionRead;
use crate::accounts::Account;
use crate::driver::now;
use crate::erasing::eraser;
use crate::governing::org_called;
use crate::handle::NodeReplica;
use crate::keystore::{Passphrase, Purpose};
use crate::ops::{ErrorCode, OpError};
use crate::reviews::acting::{checked, read};
use crate::running::{Node, draw};

/// What opens a discussion, as somebody says it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Opening {
    /// By the keys of discussion files.
    pub form: Value,
    /// The practice that it is about, by id or prefix.
    pub practice: Option<String>,
    /// The organisations that moderate it, by id or name; this one if none.
    pub moderators: Vec<String>,
}

/// What a post answers, as somebody says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum To {
    /// The discussion.
    Whole,
    /// A question, the first being 1.
    Question(usize),
    /// A post, by id or prefix.
    Post(String),
}

/// What somebody does in a discussion. Languages that are not said are the
/// account's own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// Posts.
    Post {
        /// What it answers.
        to: To,
        /// In which language.
        lang: Option<String>,
        /// The text.
        text: String,
    },
    /// Rewords something of their own.
    Edit {
        /// What.
        post: String,
        /// The wording that the writer saw; the one that stands if not said.
        saw: Option<String>,
        /// The whole text.
        text: String,
    },
    /// Translates.
    Translate {
        /// What.
        post: String,
        /// Into which language.
        lang: String,
        /// How.
        made: Made,
        /// The text.
        text: String,
    },
    /// Advises something about a post, or about the discussion if none is named.
    Advise {
        /// About what.
        post: Option<String>,
        /// What.
        advice: Advice,
        /// Why.
        reason: Reason,
        /// In which language the words are.
        lang: Option<String>,
        /// In words.
        text: String,
    },
    /// Closes it with a summary.
    Close {
        /// In which language.
        lang: Option<String>,
        /// The summary.
        text: String,
    },
}

fn invalid(field: &str, what: impl Into<String>) -> OpError {
    OpError::new(ErrorCode::Invalid, what).in_field(field)
}

/// A language tag in its usual case; the account's own if none is given.
fn tag(given: Option<&str>, account: &Account) -> Result<String, OpError> {
    let text = given.map(str::trim).filter(|text| !text.is_empty()).unwrap_or(&account.lang);
    let tag: Tag = text.parse().map_err(|why| invalid("lang", format!("{why}")))?;
    Ok(tag.as_str().to_owned())
}

/// A text as it is signed.
fn words(text: &str, bytes_max: usize) -> Result<String, OpError> {
    let text = tidy(text);
    if text.len() > bytes_max {
        let what = format!(
            "the text has {} bytes, and at most {bytes_max} fit: shorten it, or say it in two posts",
            text.len()
        );
        return Err(invalid("text", what).over(bytes_max as u64));
    }
    Ok(text)
}

fn written(text: &str) -> Result<String, OpError> {
    let text = words(text, TEXT_BYTES_MAX)?;
    if text.is_empty() { Err(invalid("text", "write something")) } else { Ok(text) }
}

impl Node {
    /// Opens a discussion.
    ///
    /// # Errors
    /// What is wrong with the form, a practice or organisation that is not known,
    /// no role, a locked key.
    pub async fn open_discussion(
        &self,
        account: &Account,
        opening: &Opening,
        passphrase: Option<Passphrase>,
    ) -> Result<DiscussionId, OpError> {
        let form = DiscussionForm::from_json(&opening.form, &account.lang)?;
        let practice = match &opening.practice {
            Some(text) => Some(self.reading().practice(text).await?.id),
            None => None,
        };
        let named = opening.moderators.clone();
        let find = move |replica: &NodeReplica| {
            let orgs = named.iter().map(|name| org_called(replica, name));
            orgs.collect::<Result<std::collections::BTreeSet<OrgId>, OpError>>()
        };
        let moderators = self.handle().read(find).await??.into_iter().collect();
        let (by, key) =
            self.signer(account, &[Role::FocalPoint, Role::Publisher], None, passphrase).await?;
        let (nonce, form) = (draw()?, form.to_tree());
        let opened = Discussion { by, nonce, form, practice, moderators, claimed_at: now() };
        Ok(self.sign_and_submit(&opened, &key).await?.cast())
    }

    /// Says something in a discussion: signed only if it counts. Answers the id of
    /// what was signed.
    ///
    /// # Errors
    /// Why it would count for nothing; no role, a locked key.
    pub async fn act_in_discussion(
        &self,
        account: &Account,
        text: &str,
        act: Act,
        passphrase: Option<Passphrase>,
    ) -> Result<(DiscussionRead, RecordId), OpError> {
        let discussion = self.find_discussion(text).await?;
        let deed = deed(&discussion, account, act)?;
        let about = Some(*discussion.id.as_bytes());
        let (by, key) = self.signer(account, fold::roles(&deed), about, passphrase).await?;
        let event = DiscussionEvent {
            by,
            discussion: discussion.id,
            after: discussion.talk.tips.clone(),
            deed,
            claimed_at: now(),
        };
        checked(&event)?;
        let federation = self.identity().federation;
        let record = event.prepare().sign(federation, &key);
        let id = record.id();
        // The same fold that judges what comes from elsewhere.
        let mut held = discussion.held;
        held.events.push(read(&record, federation)?);
        let judge = move |replica: &NodeReplica| held.conversation(replica.library().authority());
        let talk = self.handle().read(judge).await?;
        if let Some(flaw) = &talk.flaw {
            let what = format!("this discussion does not count: {flaw}");
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        if let Some(why) = talk.refused.get(&id) {
            return Err(OpError::new(ErrorCode::NotAllowed, why.to_string()));
        }
        self.submit(vec![record]).await?;
        let gone = || OpError::new(ErrorCode::NotFound, "it is not held here any more");
        Ok((self.read_discussion(discussion.id).await?.ok_or_else(gone)?, id))
    }

    /// Takes back a post, with its author's wordings and translations of it: it is
    /// gone from every node that learns of it. Answers how many records went.
    ///
    /// # Errors
    /// It is another organisation's, the account may not, or its key is locked.
    pub async fn take_post_back(
        &self,
        account: &Account,
        text: &str,
        post: &str,
        reason: EraseReason,
        passphrase: Option<Passphrase>,
    ) -> Result<usize, OpError> {
        let discussion = self.find_discussion(text).await?;
        let said = discussion.find(post)?.clone();
        if said.org != self.identity().org {
            let what = "a post is taken back by who wrote it, or by their organisation: report it to the moderators, who can advise to hide it";
            return Err(OpError::new(ErrorCode::NotAllowed, what));
        }
        let belonging: Vec<(RecordId, CertificateId)> = belonging(&discussion, &said).collect();
        let own = account.clone();
        // Each by its own author, if that is who acts; else for the organisation.
        let look = move |replica: &NodeReplica| {
            let library = replica.library();
            let acts = |by: &CertificateId| library.authority().acts(*by, own.sign).is_ok();
            let by = belonging.into_iter().map(|(object, author)| {
                let by = if acts(&author) { author } else { eraser(library, &own)? };
                Ok((object, author, by))
            });
            by.collect::<Result<Vec<_>, OpError>>()
        };
        let signed = self.handle().read(look).await??;
        let key = self.unlock(Purpose::PersonSign, account.sign, passphrase).await?;
        let federation = self.identity().federation;
        let erases = signed.into_iter().map(|(object, author, by)| {
            let erase = Erase { by, object: *object.as_bytes(), author, reason };
            erase.prepare().sign(federation, &key)
        });
        let erases: Vec<_> = erases.collect();
        let count = erases.len();
        self.submit(erases).await?;
        Ok(count)
    }
}

/// What of a post its author signed: itself, other wordings, translations.
fn belonging<'a>(
    discussion: &'a DiscussionRead,
    said: &'a Said,
) -> impl Iterator<Item = (RecordId, CertificateId)> + 'a {
    let key = discussion.held.event(&said.id).and_then(|event| event.only_signer());
    discussion.held.events.iter().filter_map(move |event| {
        let of = match &event.body().deed {
            Deed::Edit { of, .. } | Deed::Translate { of, .. } => *of,
            _ => event.id(),
        };
        let own = event.only_signer().is_some() && event.only_signer() == key;
        (own && of == said.id).then(|| (event.id(), event.body().by))
    })
}

fn deed(discussion: &DiscussionRead, account: &Account, act: Act) -> Result<Deed, OpError> {
    Ok(match act {
        Act::Post { to, lang, text } => {
            let answers = match to {
                To::Whole => Answers::Discussion,
                To::Post(post) => Answers::Post(discussion.find(&post)?.id),
                To::Question(number) => {
                    let index = number.checked_sub(1).and_then(|n| u8::try_from(n).ok());
                    let asked = discussion.form.questions.len();
                    let index = index.filter(|index| usize::from(*index) < asked);
                    let what = format!("there is no question {number}: there are {asked}");
                    Answers::Question(index.ok_or_else(|| invalid("question", what))?)
                }
            };
            Deed::Post { answers, lang: tag(lang.as_deref(), account)?, text: written(&text)? }
        }
        Act::Edit { post, saw, text } => {
            let said = discussion.find(&post)?;
            let text = written(&text)?;
            let now = said.now();
            if text == discussion.text(&now) {
                return Err(invalid("text", "this is what it says already"));
            }
            let seen = saw.and_then(|saw| saw.parse::<RecordId>().ok());
            let follows = seen.filter(|saw| said.wordings.iter().any(|one| one.id == *saw));
            Deed::Edit { of: said.id, follows: follows.unwrap_or(now), text }
        }
        Act::Translate { post, lang, made, text } => {
            let said = discussion.find(&post)?;
            let (lang, text) = (tag(Some(&lang), account)?, written(&text)?);
            Deed::Translate { of: said.id, wording: said.now(), lang, made, text }
        }
        Act::Advise { post, advice, reason, lang, text } => {
            let about = match post {
                Some(post) => discussion.find(&post)?.id,
                None => discussion.id.cast(),
            };
            let text = words(&text, ADVICE_BYTES_MAX)?;
            if advice == Advice::Correct && text.is_empty() {
                return Err(invalid("text", "say what is right"));
            }
            Deed::Advise { about, advice, reason, lang: tag(lang.as_deref(), account)?, text }
        }
        Act::Close { lang, text } => {
            Deed::Close { lang: tag(lang.as_deref(), account)?, text: written(&text)? }
        }
    })
}
