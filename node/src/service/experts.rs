//! Experts, and who of them fits a request, as the pages show them.

use tern_crdt::ask::Ask;
use tern_crdt::expert::{Card, Listing};
use tern_crdt::taxonomy::Vocabulary;
use tern_protocol::matching::{Match, ROUTED_EXPERTS, Reason, Unfit};
use tern_web_ui::service::{
    Candidate, CardAct, CardCheck, CardState, Choice, Excluded, Expert, ExpertQuery, Experts,
    FieldError, LIST_ITEMS_MAX, Matching, OwnCard, ScorePart, SignCard,
};

use super::seconds;
use super::vocabulary::{choice, objective};
use crate::accounts::Account;
use crate::driver::now;
use crate::experts::ExpertRead;
use crate::keystore::Passphrase;
use crate::ops::{ErrorCode, OpError};
use crate::running::Node;

/// Practices offered before a request is sent, at most.
const COMPARABLE: usize = 10;
/// Experts who cannot be asked are told of, at most.
const EXCLUDED: usize = 10;

/// A form of the pages from one of the node: the same JSON.
pub(super) fn page<T: serde::de::DeserializeOwned>(json: serde_json::Value) -> Result<T, OpError> {
    serde_json::from_value(json).map_err(|error| {
        OpError::new(ErrorCode::Failed, format!("a form cannot be shown: {error}"))
    })
}

/// A form of the node from one of the pages: the same JSON.
pub(super) fn file(form: &impl serde::Serialize) -> Result<serde_json::Value, OpError> {
    serde_json::to_value(form)
        .map_err(|error| OpError::new(ErrorCode::Failed, format!("a form cannot be read: {error}")))
}

pub(super) fn field_error(error: OpError) -> FieldError {
    FieldError {
        field: error.field.unwrap_or_default(),
        code: error.code.as_str().into(),
        message: super::sentence(&error.message),
        limit: error.limit.map(|limit| limit.to_string()),
    }
}

pub(super) fn expert(read: &ExpertRead, lang: &str) -> Result<Expert, OpError> {
    let statement = &read.statement;
    let state = match statement.state {
        Listing::Listed if !statement.is_matched(now()) => CardState::Lapsed,
        Listing::Listed if statement.is_due(now()) => CardState::Due,
        Listing::Listed => CardState::Listed,
        Listing::Paused | Listing::Removed => CardState::Paused,
    };
    Ok(Expert {
        id: read.id.to_string(),
        name: read.name.clone(),
        organisation: read.org.name.clone(),
        country: read.country.as_deref().map(|code| choice(Vocabulary::Countries, code, lang)),
        card: page(read.card.to_json())?,
        state,
        signed: seconds(statement.claimed_at),
        expires: seconds(statement.expires),
        load: read.load,
    })
}

/// Whether a page finds all words in what it would show of an expert.
fn says(expert: &Expert, words: &str, lang: &str) -> bool {
    let card = &expert.card;
    let label = |vocabulary, code: &String| choice(vocabulary, code, lang).label;
    let mut text = vec![expert.name.clone().unwrap_or_default(), expert.organisation.clone()];
    text.extend(card.objectives.iter().map(|number| objective(*number, lang).label));
    text.extend(card.topics.iter().map(|code| label(Vocabulary::Topics, code)));
    text.extend(card.support_types.iter().map(|code| label(Vocabulary::SupportTypes, code)));
    text.extend(card.country_experience.iter().map(|code| label(Vocabulary::Countries, code)));
    text.extend(expert.country.iter().map(|country| country.label.clone()));
    let text = text.join(" ").to_lowercase();
    words.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// Whether a card's language fits the one that is looked for.
fn speaks(expert: &Expert, tag: &str) -> bool {
    expert.card.languages.iter().any(|spoken| {
        spoken.tag == tag || spoken.tag.strip_prefix(tag).is_some_and(|rest| rest.starts_with('-'))
    })
}

/// The directory: listed cards that fit, by name.
///
/// # Errors
/// The store's.
pub async fn experts(node: &Node, lang: &str, query: &ExpertQuery) -> Result<Experts, OpError> {
    let mut found = Vec::new();
    for read in node.experts().await? {
        let expert = expert(&read, lang)?;
        let card = &expert.card;
        let fits = matches!(expert.state, CardState::Listed | CardState::Due)
            && query.objective.as_ref().is_none_or(|code| {
                card.objectives.iter().any(|number| number.to_string() == *code)
            })
            && query.country.as_ref().is_none_or(|code| {
                card.country_experience.contains(code) || read.country.as_ref() == Some(code)
            })
            && query.lang.as_ref().is_none_or(|tag| speaks(&expert, tag))
            && query.support.as_ref().is_none_or(|code| card.support_types.contains(code))
            && says(&expert, &query.text, lang);
        if fits {
            found.push(expert);
        }
    }
    let total = found.len() as u64;
    let from = query.after.as_ref().map_or(0, |after| {
        found.iter().position(|expert| expert.id == *after).map_or(0, |at| at + 1)
    });
    let limit = query.limit.clamp(1, LIST_ITEMS_MAX);
    let items: Vec<Expert> = found.iter().skip(from).take(limit).cloned().collect();
    let more = from + items.len() < found.len();
    let next = items.last().map(|last| last.id.clone()).filter(|_| more);
    Ok(Experts { total, items, next })
}

/// One card.
///
/// # Errors
/// No such expert.
pub async fn one(node: &Node, lang: &str, id: &str) -> Result<Expert, OpError> {
    expert(&node.expert(id).await?, lang)
}

/// A passphrase as it was typed; `None` where the field was left empty.
pub(super) fn typed(passphrase: Option<&str>) -> Result<Option<Passphrase>, OpError> {
    let given = passphrase.filter(|text| !text.is_empty());
    Ok(given.map(Passphrase::new).transpose()?)
}

/// A person's own card, or the start of one.
///
/// # Errors
/// The store's.
pub async fn own_card(node: &Node, account: &Account, lang: &str) -> Result<OwnCard, OpError> {
    let passphrase = node.is_wrapped(account.sign).await?;
    let (id, before) = match node.own_card(account).await {
        Ok(own) => own,
        Err(error) if error.code == ErrorCode::NotAllowed => {
            let refused = Some(super::sentence(&error.message));
            let card = tern_web_ui::service::Card::default();
            return Ok(OwnCard { expert: None, card, seen: 0, passphrase, refused });
        }
        Err(error) => return Err(error),
    };
    let seen = before.as_ref().map_or(0, |before| u64::from(before.n));
    let shown = node.experts().await?.into_iter().find(|expert| expert.id == id);
    let card = match &shown {
        Some(shown) => page(shown.card.to_json())?,
        None => {
            let own = account.clone();
            let name = node.handle().read(move |r| own.shown_name(r.library())).await?;
            let spoken =
                tern_web_ui::service::Speaks { tag: account.lang.clone(), can: "work".into() };
            tern_web_ui::service::Card {
                name: Some(name),
                languages: vec![spoken],
                ..Default::default()
            }
        }
    };
    let shown = shown.map(|shown| expert(&shown, lang)).transpose()?;
    Ok(OwnCard { expert: shown, card, seen, passphrase, refused: None })
}

fn read_card(card: &tern_web_ui::service::Card, account: &Account) -> Result<Card, OpError> {
    Ok(Card::from_json(&file(card)?, &account.lang)?)
}

/// What is wrong with a card, before it is signed.
///
/// # Errors
/// Never for what the pages send.
pub fn check_card(
    card: &tern_web_ui::service::Card,
    account: &Account,
) -> Result<CardCheck, OpError> {
    Ok(match read_card(card, account) {
        Ok(card) => CardCheck {
            problems: Vec::new(),
            missing: card.missing().into_iter().map(Into::into).collect(),
        },
        Err(error) => CardCheck { problems: vec![field_error(error)], missing: Vec::new() },
    })
}

/// Signs and lists a card.
///
/// # Errors
/// As the node's.
pub async fn sign_card(node: &Node, account: &Account, sign: &SignCard) -> Result<String, OpError> {
    let card = read_card(&sign.card, account)?;
    let seen = u32::try_from(sign.seen).unwrap_or(u32::MAX);
    let passphrase = typed(sign.passphrase.as_deref())?;
    let id = node.sign_card(account, Listing::Listed, &card, Some(seen), passphrase).await?;
    Ok(id.to_string())
}

/// Pauses, lists again or removes a person's card.
///
/// # Errors
/// As the node's.
pub async fn act_on_card(
    node: &Node,
    account: &Account,
    act: CardAct,
    passphrase: Option<&str>,
) -> Result<(), OpError> {
    let state = match act {
        CardAct::Pause => Listing::Paused,
        CardAct::List => Listing::Listed,
        CardAct::Remove => Listing::Removed,
    };
    node.restate_card(account, state, typed(passphrase)?).await.map(drop)
}

/// What a score was found in, as code and labels.
pub(super) fn part(points: &tern_protocol::matching::Points, lang: &str) -> ScorePart {
    let word = |text: String| Choice { code: text.clone(), label: text };
    let (detail, data): (&str, Vec<Choice>) = match &points.reason {
        Reason::Objectives { shared, .. } => {
            ("", shared.iter().map(|one| objective(one.number(), lang)).collect())
        }
        Reason::Support { shared, .. } => (
            "",
            shared.iter().map(|one| choice(Vocabulary::SupportTypes, one.as_str(), lang)).collect(),
        ),
        Reason::Topics { shared, .. } => {
            ("", shared.iter().map(|one| choice(Vocabulary::Topics, one.as_str(), lang)).collect())
        }
        Reason::Speaks { tag, .. } => {
            ("speaks", vec![choice(Vocabulary::Languages, tag.as_str(), lang)])
        }
        Reason::KnowsRegion { country, .. } => {
            ("knows-region", vec![choice(Vocabulary::Countries, country, lang)])
        }
        Reason::Free { hours, .. } => {
            ("free", hours.iter().map(|hours| word(hours.to_string())).collect())
        }
        Reason::Away { until } => ("away", until.iter().map(|day| word(day.to_string())).collect()),
        Reason::InHand { requests: 0 } => ("in-hand", Vec::new()),
        Reason::InHand { requests } => ("in-hand", vec![word(requests.to_string())]),
        other => (other.code(), Vec::new()),
    };
    ScorePart {
        part: points.part.as_str().into(),
        points: u32::from(points.points),
        of: u32::from(points.part.most()),
        detail: detail.into(),
        data,
    }
}

pub(super) fn parts(found: &Match, lang: &str) -> Vec<ScorePart> {
    found.parts.iter().map(|points| part(points, lang)).collect()
}

/// Reads a request through before it is sent.
///
/// # Errors
/// The store's, or the index's.
pub async fn propose(
    node: &Node,
    account: &Account,
    lang: &str,
    ask: &tern_web_ui::service::Ask,
) -> Result<Matching, OpError> {
    let mut matching =
        Matching { passphrase: node.is_wrapped(account.sign).await?, ..Matching::default() };
    let by = match node.sendable(account).await {
        Ok(sendable) => sendable.by,
        Err(error) if error.code == ErrorCode::NotAllowed => {
            matching.refused = Some(super::sentence(&error.message));
            return Ok(matching);
        }
        Err(error) => return Err(error),
    };
    // Whom it goes to is chosen on the next page.
    let open = tern_web_ui::service::Ask {
        mode: None,
        experts: Vec::new(),
        confidentiality: None,
        ..ask.clone()
    };
    let read: Ask = match node.read_ask(account, file(&open)?).await {
        Ok(read) => read,
        Err(error) if error.field.is_some() => {
            matching.problems = vec![field_error(error)];
            return Ok(matching);
        }
        Err(error) => return Err(error),
    };
    matching.problems = Node::unready(&read).into_iter().map(field_error).collect();
    match node.needs_translating(&read).await {
        Err(error) if error.field.is_some() => matching.problems.push(field_error(error)),
        told => told?,
    }
    let matched = node.matching(read.clone(), Some(by)).await?;
    for (at, (found, read)) in matched.found.iter().take(LIST_ITEMS_MAX).enumerate() {
        matching.candidates.push(Candidate {
            expert: expert(read, lang)?,
            score: u32::from(found.total),
            parts: parts(found, lang),
            best: at < ROUTED_EXPERTS,
        });
    }
    let told = matched.left_out.iter().filter(|(left, _)| left.why != Unfit::Removed);
    matching.excluded = told
        .take(EXCLUDED)
        .map(|(left, read)| Excluded {
            name: read.name.clone(),
            organisation: read.org.name.clone(),
            reason: left.why.code().into(),
            data: Vec::new(),
        })
        .collect();
    let alike = node.comparable(&read, &[lang], COMPARABLE).await?;
    matching.comparable = alike.iter().map(|one| super::alike::told(one, lang)).collect();
    Ok(matching)
}
