//! What people here do: ask, and act on requests, signed with their keys.

use std::collections::BTreeSet;

use bytes::Bytes;
use tern_crdt::ask::{Ask, Mode, Reply};
use tern_crdt::authority::{Authority, Role};
use tern_crdt::identity::{CertificateId, RequestId, digest};
use tern_crdt::request::fold::{Case, Word};
use tern_crdt::request::{DeclineReason, Deed, EXPERTS_MAX, Outcome, Request, Step, Use};
use tern_crdt::signed::Statement;
use tern_protocol::ledger::Private;
use tern_protocol::matching::ROUTED_EXPERTS;
use tern_protocol::routing::desk::{Dossier, Envelope};

use super::saying::{self, Later};
use super::turns::Doing;
use super::viewing::{Seen, Sendable};
use crate::accounts::{Account, failed};
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::keystore::{Passphrase, Purpose};
use crate::ops::{ErrorCode, OpError};
use crate::running::{Node, draw};
use crate::search::{Alike, Profile};

/// Requests that were sent under a key of the form they were written in.
const SENT: &[u8] = b"sent/";

/// A request to be sent.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The form.
    pub ask: Ask,
    /// Whom to ask, the best first. Empty: a directed request goes to the
    /// experts that it names, a routed one to the best three.
    pub chosen: Vec<CertificateId>,
    /// Made with the form: the same key of the same account is one request.
    pub once: Option<String>,
}

/// What somebody does to a request.
#[derive(Clone, Debug)]
pub enum Act {
    /// An expert takes it.
    Accept {
        /// To the asker; may be empty.
        note: String,
    },
    /// An expert does not take it.
    Decline {
        /// Why.
        reason: DeclineReason,
        /// More about it; may be empty.
        note: String,
    },
    /// The asker asks more experts, each by certificate, a prefix of at least 8
    /// characters, or the name that they show; the best who was not asked if none
    /// is named.
    Offer(Vec<String>),
    /// The asker chooses: an expert's certificate, a prefix of at least 8
    /// characters, or the name on their card or name card.
    Award(String),
    /// The chosen expert answers.
    Answer(Reply),
    /// The asker takes the answer as one.
    Confirm,
    /// The asker ends it.
    Close {
        /// What came of it.
        outcome: Outcome,
        /// From 1 to 4.
        rating: Option<u8>,
        /// In words; may be empty.
        note: String,
        /// When they will say what became of it.
        follow_up: Later,
    },
    /// The asker takes it back.
    Withdraw {
        /// In words; may be empty.
        reason: String,
    },
    /// An expert asks back.
    Question(String),
    /// The asker replies.
    Reply {
        /// To which question: its id, or a prefix of at least 8 characters; the one that
        /// waits if it is not named.
        question: Option<String>,
        /// In words.
        text: String,
    },
    /// The chosen expert says how far it is.
    Progress(String),
    /// Somebody names an expert.
    Refer {
        /// Whom, as in [`Act::Offer`].
        expert: String,
        /// In words; may be empty.
        note: String,
    },
    /// The asker says what is missing of the answer.
    Dispute(String),
    /// The asker says what became of it.
    FollowUp {
        /// Whether the answer was used.
        outcome: Use,
        /// In words; may be empty.
        note: String,
    },
    /// The asker looks further: wider, or to these desks (those of the stewards if none
    /// is named). How a need comes to the board is [`Node::post_need`].
    Escalate {
        /// How far; the next step if it is not said.
        step: Option<Step>,
        /// The organisations, as people call them.
        desks: Vec<String>,
    },
}

impl Act {
    const fn doing(&self) -> Doing {
        match self {
            Self::Accept { .. } => Doing::Accept,
            Self::Decline { .. } => Doing::Decline,
            Self::Offer(_) => Doing::Offer,
            Self::Award(_) => Doing::Award,
            Self::Answer(_) => Doing::Answer,
            Self::Confirm => Doing::Confirm,
            Self::Close { .. } => Doing::Close,
            Self::Withdraw { .. } => Doing::Withdraw,
            Self::Question(_) => Doing::Question,
            Self::Reply { .. } => Doing::Reply,
            Self::Progress(_) => Doing::Progress,
            Self::Refer { .. } => Doing::Refer,
            Self::Dispute(_) => Doing::Dispute,
            Self::FollowUp { .. } => Doing::FollowUp,
            Self::Escalate { .. } => Doing::Escalate,
        }
    }
}

pub(super) fn invalid(field: &str, what: impl Into<String>) -> OpError {
    OpError::new(ErrorCode::Invalid, what).in_field(field)
}

pub(super) fn conflict(what: impl Into<String>) -> OpError {
    OpError::new(ErrorCode::Conflict, what)
}

/// The certificate under which an account asks.
pub(super) fn asks_under(
    account: &Account,
    authority: &Authority,
) -> Result<CertificateId, OpError> {
    let roles = [Role::FocalPoint, Role::Publisher, Role::Contributor];
    let found = roles.iter().find_map(|role| account.certificate_for(authority, *role).ok());
    match found {
        Some(certificate) => Ok(certificate),
        None => account.certificate_for(authority, Role::Contributor),
    }
}

impl Node {
    /// Reads a request file: what is not said of the organisation and its
    /// country is the account's.
    ///
    /// # Errors
    /// The field that is unknown, malformed or too long; no role that may ask.
    pub async fn read_ask(
        &self,
        account: &Account,
        mut json: serde_json::Value,
    ) -> Result<Ask, OpError> {
        let Sendable { organisation, country, .. } = self.sendable(account).await?;
        if let Some(fields) = json.as_object_mut() {
            let blank = |value: Option<&serde_json::Value>| {
                value.is_none_or(|value| value.is_null() || value.as_str() == Some(""))
            };
            if blank(fields.get("organisation")) {
                fields.insert("organisation".into(), organisation.into());
            }
            if blank(fields.get("country"))
                && let Some(country) = country
            {
                fields.insert("country".into(), country.into());
            }
        }
        Ok(Ask::from_json(&json, &account.lang)?)
    }

    /// Practices like what is asked for, best first: those that share its
    /// objectives and topics, those that have its words, and of these rather
    /// those of places like its country.
    ///
    /// # Errors
    /// The index cannot be read.
    pub async fn comparable(
        &self,
        ask: &Ask,
        reads: &[&str],
        limit: usize,
    ) -> Result<Vec<Alike>, OpError> {
        let profile = Profile {
            objectives: ask.objectives.iter().map(|one| one.number()).collect(),
            countries: ask.country.iter().map(|country| country.as_str().to_owned()).collect(),
            topics: ask.topics.iter().map(|topic| topic.as_str().to_owned()).collect(),
            text: ask.title.as_ref().map(|title| format!("{title} ")).unwrap_or_default(),
            reads: reads.iter().map(|tag| (*tag).to_owned()).collect(),
            ..Profile::default()
        };
        self.indexer().alike(profile, limit).await
    }

    /// What is wrong with a request before it is sent, field by field.
    pub fn unready(ask: &Ask) -> Vec<OpError> {
        let refused = |refused| {
            let mut error = OpError::from(refused);
            // Its limit is the least here, not the most.
            error.code = ErrorCode::Invalid;
            error
        };
        let mut errors: Vec<OpError> = ask.lacks().into_iter().map(refused).collect();
        errors.extend(ask.reply_window(now()).err().map(refused));
        errors
    }

    /// Signs a request, encrypts it to the chosen experts and the desks, and
    /// sends it: durable here when this answers.
    ///
    /// # Errors
    /// What the form lacks, nobody who can be asked, no role that may ask, a
    /// locked key.
    pub async fn ask(
        &self,
        account: &Account,
        asking: Asking,
        passphrase: Option<Passphrase>,
    ) -> Result<RequestId, OpError> {
        let sent = asking.once.as_ref().map(|once| {
            [SENT, &digest("tern/sent/v1", &[account.name.as_bytes(), once.as_bytes()])].concat()
        });
        let guard = self.requests().deciding.lock().await;
        if let Some(sent) = sent.clone() {
            let known = self.handle().read(move |r| r.library().local(&sent)).await?;
            if let Some(id) = known.map_err(failed)?.and_then(|id| RequestId::from_slice(&id)) {
                return Ok(id);
            }
        }
        if let Some(first) = Self::unready(&asking.ask).into_iter().next() {
            return Err(first);
        }
        self.needs_translating(&asking.ask).await?;
        let own = account.clone();
        let by = self
            .handle()
            .read(move |replica| asks_under(&own, replica.library().authority()))
            .await??;
        let to = self.recipients(&asking, by).await?;
        let key = self.unlock(Purpose::PersonSign, account.sign, passphrase.clone()).await?;
        let nonce = draw()?;
        let request = Request { by, nonce, ask: asking.ask.to_tree(), to, claimed_at: now() };
        request.check().map_err(|rule| invalid("experts", rule))?;
        let record = request.prepare().sign(self.identity().federation, &key);
        let id: RequestId = record.id().cast();
        let address = move |replica: &NodeReplica| {
            Envelope::of_request(replica.library().authority(), id, &request)
        };
        let envelope = self.handle().read(address).await?;
        let sent =
            sent.map(|sent| Private::local(sent, Some(Bytes::copy_from_slice(id.as_bytes()))));
        self.send(envelope, record, sent.into_iter().collect()).await?;
        drop(guard);
        self.open_reading_keys(passphrase).await?;
        self.attend_to_request(id).await?;
        Ok(id)
    }

    /// Whom a request goes to.
    async fn recipients(
        &self,
        asking: &Asking,
        by: CertificateId,
    ) -> Result<Vec<CertificateId>, OpError> {
        let mut chosen = asking.chosen.clone();
        if chosen.is_empty() && asking.ask.mode == Mode::Directed {
            chosen.clone_from(&asking.ask.experts);
        }
        if chosen.is_empty() {
            let matching = self.matching(asking.ask.clone(), Some(by)).await?;
            let best = matching.found.iter().take(ROUTED_EXPERTS);
            chosen = best.map(|(found, _)| found.certificate).collect();
            if chosen.is_empty() {
                let what = "no expert that this node knows of fits this request: widen the objectives or the languages, or wait for more expert cards";
                return Err(invalid("experts", what));
            }
        }
        let mut named = BTreeSet::new();
        chosen.retain(|expert| named.insert(*expert));
        if chosen.len() > EXPERTS_MAX {
            return Err(invalid(
                "experts",
                format!("at most {EXPERTS_MAX} experts are asked at once"),
            ));
        }
        let of = chosen.clone();
        let unfit = self
            .handle()
            .read(move |replica| {
                let authority = replica.library().authority();
                of.into_iter().find(|expert| {
                    let granted = authority.certificate(expert);
                    let key = granted.map(|granted| granted.certificate.key);
                    let can = key
                        .is_some_and(|key| authority.permits(*expert, key, Role::Expert).is_ok());
                    let reads = granted.is_some_and(|g| g.certificate.encryption.is_some());
                    *expert == by || !(can && reads)
                })
            })
            .await?;
        match unfit {
            Some(unfit) => Err(invalid(
                "experts",
                format!("{unfit} cannot be asked: it is no expert of a member"),
            )),
            None => Ok(chosen),
        }
    }

    /// Does something to a request, in an account's name.
    ///
    /// # Errors
    /// Not here for this account, not theirs to do, no longer possible, a
    /// locked key.
    pub async fn act(
        &self,
        account: &Account,
        id: &str,
        act: Act,
        passphrase: Option<Passphrase>,
    ) -> Result<RequestId, OpError> {
        if passphrase.is_some() {
            self.open_reading_keys(passphrase.clone()).await?;
        }
        let request = self.find_request(account, id).await?.id();
        let key = self.unlock(Purpose::PersonSign, account.sign, passphrase).await?;
        let guard = self.requests().deciding.lock().await;
        let seen = self.see(account, request).await?;
        let by = seen.may(act.doing())?;
        let deed = match act {
            Act::Offer(named) => {
                let to = self.to_offer(&seen, &named).await?;
                Deed::Offer { to }
            }
            Act::Refer { expert, note } => {
                let to = self.named_expert(&expert).await?;
                if seen.case.asked(&to).is_some() {
                    let what = format!("`{expert}` is asked already");
                    return Err(conflict(what).in_field("expert"));
                }
                Deed::Refer { to, note }
            }
            Act::Escalate { step, desks } => self.further(&seen, step, desks).await?,
            act => deed(&seen, act)?,
        };
        self.say(&seen.dossier, by, &key, deed).await?;
        drop(guard);
        self.attend_to_request(request).await?;
        Ok(request)
    }
}

fn deed(seen: &Seen, act: Act) -> Result<Deed, OpError> {
    let Seen { dossier, case, .. } = seen;
    Ok(match act {
        // Whom is worked out beside the cards and the members.
        Act::Offer(_) | Act::Refer { .. } | Act::Escalate { .. } => {
            return Err(invalid("expert", "name an expert"));
        }
        Act::Accept { note } => Deed::Accept { note },
        Act::Decline { reason, note } => Deed::Decline { reason, note },
        Act::Award(expert) => award(seen, dossier, case, &expert)?,
        Act::Answer(reply) => {
            if let Some(first) = reply.missing().first() {
                return Err(invalid(first, "an answer says something"));
            }
            let award = case.award.ok_or_else(|| conflict("nobody was chosen yet"))?;
            Deed::Answer { award, reply: reply.to_tree() }
        }
        Act::Confirm => {
            let answer = case.answers.last().ok_or_else(|| conflict("there is no answer yet"))?;
            Deed::Confirm { answer: *answer }
        }
        Act::Question(_)
        | Act::Reply { .. }
        | Act::Progress(_)
        | Act::Dispute(_)
        | Act::FollowUp { .. }
        | Act::Close { .. } => return saying::deed(case, act),
        Act::Withdraw { reason } => Deed::Withdraw { reason },
    })
}

fn award(seen: &Seen, dossier: &Dossier, case: &Case, expert: &str) -> Result<Deed, OpError> {
    let names = |at: usize| {
        let (asked, person) = (&case.asked[at], &seen.asked[at]);
        let id = asked.expert.to_string();
        id == expert
            || (expert.len() >= crate::reading::PREFIX_MIN && id.starts_with(expert))
            || person.name.as_deref() == Some(expert)
    };
    let mut fits = (0..case.asked.len()).filter(|at| names(*at));
    let (first, second) = (fits.next(), fits.next());
    let at = first
        .ok_or_else(|| invalid("expert", format!("`{expert}` is none of those who were asked")))?;
    if second.is_some() {
        let what = format!("`{expert}` fits more than one of those who were asked: give the id");
        return Err(OpError::new(ErrorCode::Ambiguous, what).in_field("expert"));
    }
    let asked = &case.asked[at];
    if case.holder == Some(asked.expert) {
        return Err(conflict("it is in their hands already"));
    }
    match asked.word {
        Word::Accepted(accept) => Ok(dossier.award_to(case, asked.expert, accept)),
        Word::Declined(_) => Err(conflict("they declined: choose another")),
        Word::None | Word::Received => {
            Err(conflict("they have not accepted yet, as far as is known here"))
        }
    }
}
