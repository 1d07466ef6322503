//! Requests as the pages show them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use tern_crdt::ask::{Ask, Mode, Reply};
use tern_crdt::identity::{CertificateId, DocumentId, RecordId};
use tern_crdt::request::fold::{Choice as Chosen, State, Word};
use tern_crdt::request::{DeclineReason, Deed, Outcome as End};
use tern_crdt::taxonomy::Vocabulary;
use tern_protocol::matching::Match;
use tern_protocol::step::Event;
use tern_web_ui::service::{
    Act, ActKind, Answered, Carried, Change, Changes, Choice, Cited, Closure, EventKind, Invited,
    LIST_ITEMS_MAX, Outcome, Party, Phrase, ReaderRole, RefusedEvent, Request, RequestEntry,
    RequestEvent, RequestQuery, RequestReader, RequestState, Requests, Said, Seconds, SendAsk,
    Side, Stage, Step, Talk, ToTranslate, Topic, Trail,
};
use tokio::sync::broadcast::error::RecvError;

use super::experts::{file, page, parts, typed};
use super::vocabulary::choice;
use super::{seconds, talk};
use crate::accounts::Account;
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::requests::{self as node_requests, Asking, Doing, EventView, Later, Person, Seen, Way};
use crate::running::Node;

/// Between two words to one page that something else may wait.
const TASKS_TOLD: Duration = Duration::from_secs(1);

pub(super) fn party(person: &Person) -> Party {
    Party { person: person.name.clone(), organisation: person.org.name.clone() }
}

fn organisation(name: &str) -> Party {
    Party { person: None, organisation: name.to_owned() }
}

fn state(state: State) -> RequestState {
    match state {
        State::Submitted => RequestState::Submitted,
        State::Proposed => RequestState::Proposed,
        State::Accepted => RequestState::Accepted,
        State::Unmet => RequestState::Unmet,
        State::InProgress => RequestState::InProgress,
        State::Delivered => RequestState::Delivered,
        State::Disputed => RequestState::Disputed,
        State::Confirmed => RequestState::Confirmed,
        State::Closed(_) => RequestState::Closed,
        State::Withdrawn => RequestState::Withdrawn,
    }
}

fn outcome(end: End) -> Outcome {
    match end {
        End::Met => Outcome::Met,
        End::Partly => Outcome::Partly,
        End::Unmet => Outcome::Unmet,
        End::Moved => Outcome::Moved,
    }
}

fn kind(doing: Doing) -> ActKind {
    match doing {
        Doing::Accept => ActKind::Accept,
        Doing::Decline => ActKind::Decline,
        Doing::Offer => ActKind::Offer,
        Doing::Award => ActKind::Award,
        Doing::Answer => ActKind::Answer,
        Doing::Confirm => ActKind::Confirm,
        Doing::Close => ActKind::Close,
        Doing::Withdraw => ActKind::Withdraw,
        Doing::Question => ActKind::Question,
        Doing::Reply => ActKind::Reply,
        Doing::Progress => ActKind::Progress,
        Doing::Refer => ActKind::Refer,
        Doing::Dispute => ActKind::Dispute,
        Doing::FollowUp => ActKind::FollowUp,
        Doing::Escalate => ActKind::Escalate,
    }
}

fn side(seen: &Seen) -> Side {
    if seen.asks { Side::Asker } else { Side::Expert }
}

fn lang(ask: &Ask) -> String {
    ask.language.as_ref().map(|tag| tag.as_str().to_owned()).unwrap_or_default()
}

/// Those who are asked: the one person, or the organisations of several.
fn experts(seen: &Seen) -> Party {
    match seen.asked.as_slice() {
        [one] => party(one),
        several => {
            let mut names: Vec<&str> =
                several.iter().map(|person| person.org.name.as_str()).collect();
            names.dedup();
            organisation(&names.join(", "))
        }
    }
}

/// Who has to do something next, and since when.
fn holder(seen: &Seen) -> (Option<Party>, Option<i64>) {
    let case = &seen.case;
    let last = |fits: fn(&Deed) -> bool| {
        seen.events
            .iter()
            .rev()
            .find(|event| fits(&event.deed))
            .map(|event| seconds(event.received))
    };
    let person = |expert: &CertificateId| {
        case.asked.iter().position(|asked| asked.expert == *expert).map(|at| party(&seen.asked[at]))
    };
    match case.state {
        State::InProgress => {
            let since = last(|deed| matches!(deed, Deed::Award { .. }));
            (case.holder.as_ref().and_then(person), since)
        }
        State::Disputed => {
            let since = last(|deed| matches!(deed, Deed::Dispute { .. }));
            (case.holder.as_ref().and_then(person), since)
        }
        State::Delivered => {
            (Some(party(&seen.asker)), last(|deed| matches!(deed, Deed::Answer { .. })))
        }
        State::Accepted => {
            (Some(party(&seen.asker)), last(|deed| matches!(deed, Deed::Accept { .. })))
        }
        State::Confirmed => {
            (Some(party(&seen.asker)), last(|deed| matches!(deed, Deed::Confirm { .. })))
        }
        State::Unmet => {
            (Some(party(&seen.asker)), last(|deed| matches!(deed, Deed::Decline { .. })))
        }
        State::Proposed | State::Submitted => {
            let since = Some(seconds(seen.dossier.received));
            (Some(experts(seen)), since)
        }
        State::Closed(_) | State::Withdrawn => (None, None),
    }
}

/// The organisation that was chosen in the reader's place.
fn superseded(seen: &Seen) -> Option<Party> {
    seen.is_superseded().then(|| organisation(&seen.asker.org.name))
}

fn changed(seen: &Seen) -> i64 {
    let events = seen.events.iter().map(|event| event.received);
    seconds(events.max().unwrap_or(seen.dossier.received))
}

fn entry(seen: &Seen, lang_of_reader: &str) -> RequestEntry {
    RequestEntry {
        id: seen.id().to_string(),
        title: seen.ask.title.clone().unwrap_or_default(),
        lang: lang(&seen.ask),
        organisation: seen.asker.org.name.clone(),
        country: seen
            .ask
            .country
            .as_ref()
            .map(|code| choice(Vocabulary::Countries, code.as_str(), lang_of_reader)),
        state: state(seen.case.state),
        holder: holder(seen).0,
        needed_by: seen.ask.needed_by.map(|day| day.to_string()),
        changed: changed(seen),
        waits: seen.waits(),
        superseded: superseded(seen).is_some(),
    }
}

/// How many requests wait for somebody.
///
/// # Errors
/// The store's.
pub async fn waiting(node: &Node, account: &Account) -> Result<u32, OpError> {
    node.requests_waiting(account).await
}

/// One side's list.
///
/// # Errors
/// The store's.
pub async fn list(
    node: &Node,
    account: &Account,
    lang: &str,
    query: &RequestQuery,
) -> Result<Requests, OpError> {
    let seen = node.seen_by(account).await?;
    let mut entries: Vec<RequestEntry> =
        seen.iter().filter(|seen| side(seen) == query.side).map(|seen| entry(seen, lang)).collect();
    entries.sort_by_key(|entry| (!entry.waits, std::cmp::Reverse(entry.changed)));
    let total = entries.len() as u64;
    let from = query.after.as_ref().map_or(0, |after| {
        entries.iter().position(|entry| entry.id == *after).map_or(0, |at| at + 1)
    });
    let limit = query.limit.clamp(1, LIST_ITEMS_MAX);
    let items: Vec<RequestEntry> = entries.iter().skip(from).take(limit).cloned().collect();
    let more = from + items.len() < entries.len();
    Ok(Requests {
        total,
        next: items.last().map(|last| last.id.clone()).filter(|_| more),
        items,
        locked: node.reading_is_locked().await?,
        may_ask: node.sendable(account).await.is_ok(),
        has_card: node.own_card(account).await.is_ok_and(|(_, card)| card.is_some()),
    })
}

/// Practices with their titles, where they are held here.
async fn cited(node: &Node, lang: &str, practices: &[DocumentId]) -> Result<Vec<Cited>, OpError> {
    let mut cited = Vec::new();
    for id in practices {
        let mut title = None;
        if let Some(read) = node.reading().held(*id).await? {
            let content = node.reading().content(&read, read.latest()).await?;
            let phrase = super::practices::title(&content.practice, lang);
            title = Some(phrase).filter(|phrase| !phrase.text.is_empty());
        }
        cited.push(Cited { id: id.to_string(), title });
    }
    Ok(cited)
}

/// What is to be translated, and what came of it.
async fn to_translate(node: &Node, lang: &str, ask: &Ask) -> Result<Option<ToTranslate>, OpError> {
    let Some(told) = node.to_translate(ask).await? else { return Ok(None) };
    let title = told.title.map(|(tag, text)| Phrase { text, lang: tag.as_str().to_owned() });
    Ok(Some(ToTranslate {
        practice: Cited { id: told.practice.to_string(), title },
        edition: told.edition.to_string(),
        number: told.number,
        language: choice(Vocabulary::Languages, told.language.as_str(), lang),
        came: told.came.map(|came| (party(&came.by), came.number, seconds(came.claimed))),
    }))
}

fn event(seen: &Seen, event: &EventView) -> Option<RequestEvent> {
    let about = |expert: &CertificateId| {
        let at = seen.case.asked.iter().position(|asked| asked.expert == *expert)?;
        Some(party(&seen.asked[at]))
    };
    let kind = match &event.deed {
        // Shown on its way, not in its story.
        Deed::Received => return None,
        Deed::Offer { .. } => EventKind::Offer,
        Deed::Accept { .. } => EventKind::Accept,
        Deed::Decline { .. } => EventKind::Decline,
        Deed::Award { .. } => EventKind::Award,
        Deed::Answer { .. } => EventKind::Answer,
        Deed::Confirm { .. } => EventKind::Confirm,
        Deed::Close { .. } => EventKind::Close,
        Deed::Withdraw { .. } => EventKind::Withdraw,
        Deed::Ask { .. } => EventKind::Question,
        Deed::Reply { .. } => EventKind::Reply,
        Deed::Progress { .. } => EventKind::Progress,
        Deed::Refer { .. } => EventKind::Refer,
        Deed::Dispute { .. } => EventKind::Dispute,
        Deed::FollowUp { .. } => EventKind::FollowUp,
        Deed::Escalate { .. } => EventKind::Escalate,
    };
    let note = event.deed.note();
    Some(RequestEvent {
        kind,
        actor: party(&event.actor),
        claimed: seconds(event.claimed),
        received: seconds(event.received),
        note: (!note.is_empty()).then(|| note.to_owned()),
        reason: reason(&event.deed),
        about: match &event.deed {
            Deed::Award { expert, .. } => about(expert),
            Deed::Refer { to, .. } => {
                let named = seen.named.iter().find(|one| one.expert.certificate == *to);
                named.map(|one| party(&one.expert))
            }
            Deed::Escalate { desks, .. } => offered(
                &desks
                    .iter()
                    .filter_map(|org| seen.desks.iter().find(|desk| desk.id == *org))
                    .map(|desk| organisation(&desk.name))
                    .collect::<Vec<_>>(),
            ),
            Deed::Offer { to } => offered(&to.iter().filter_map(about).collect::<Vec<_>>()),
            _ => None,
        },
    })
}

/// One or several who were asked, as one.
fn offered(to: &[Party]) -> Option<Party> {
    match to {
        [] => None,
        [one] => Some(one.clone()),
        several => {
            let name = |one: &Party| match &one.person {
                Some(person) => format!("{person}, {}", one.organisation),
                None => one.organisation.clone(),
            };
            Some(organisation(&several.iter().map(name).collect::<Vec<_>>().join("; ")))
        }
    }
}

fn reason(deed: &Deed) -> Option<Choice> {
    let Deed::Decline { reason, .. } = deed else { return None };
    Some(Choice { code: reason.code().into(), label: reason.code().into() })
}

fn trail(seen: &Seen, way: &Way) -> Trail {
    let event = way.event.and_then(|id| seen.events.iter().find(|event| event.id == id));
    let what = match event.map(|event| &event.deed) {
        None => Carried::Request,
        Some(Deed::Answer { .. }) => Carried::Answer,
        Some(_) => Carried::Word,
    };
    let by_expert = event.is_some_and(|event| {
        seen.case.asked.iter().any(|asked| asked.expert == event.actor.certificate)
    });
    let to = if by_expert {
        party(&seen.asker)
    } else {
        match event.map(|event| &event.deed) {
            Some(Deed::Award { expert, .. }) => seen
                .case
                .asked
                .iter()
                .position(|asked| asked.expert == *expert)
                .map_or_else(Party::default, |at| party(&seen.asked[at])),
            _ => experts(seen),
        }
    };
    let steps = way.steps.iter().map(|step| Step {
        stage: match step.stage {
            node_requests::Stage::Made => Stage::Made,
            node_requests::Stage::Carried => Stage::Carried,
            node_requests::Stage::Arrived => Stage::Arrived,
            node_requests::Stage::Opened => Stage::Opened,
        },
        node: step.node.map(|node| node.to_string()).unwrap_or_default(),
        organisation: step.org.name.clone(),
        at: seconds(step.at),
    });
    Trail { what, to, steps: steps.collect() }
}

fn invited(seen: &Seen, scores: &BTreeMap<CertificateId, Match>, lang: &str) -> Vec<Invited> {
    let shown = seen.case.asked.iter().zip(&seen.asked).filter(|(asked, person)| {
        // An expert sees only what concerns them, and who was chosen.
        let own = seen.expert == Some(asked.expert) || person.org == seen.asker.org;
        seen.asks || own || seen.case.holder == Some(asked.expert)
    });
    shown
        .map(|(asked, person)| {
            let (word, said) = match asked.word {
                Word::Accepted(id) => match asked.choice {
                    Chosen::Chosen => (Some(id), Said::Awarded),
                    Chosen::Superseded => (Some(id), Said::Superseded),
                    Chosen::Open => (Some(id), Said::Accepted),
                },
                Word::Declined(id) => (Some(id), Said::Declined),
                Word::None | Word::Received if asked.choice == Chosen::Chosen => {
                    (None, Said::Awarded)
                }
                Word::None | Word::Received => (None, Said::Nothing),
            };
            let event = word.and_then(|id| seen.events.iter().find(|event| event.id == id));
            let note = event.map(|event| event.deed.note().to_owned());
            let score = scores.get(&asked.expert);
            Invited {
                expert: asked.expert.to_string(),
                party: party(person),
                score: score.map(|score| u32::from(score.total)),
                parts: score.map(|score| parts(score, lang)).unwrap_or_default(),
                said,
                reason: event.and_then(|event| reason(&event.deed)),
                note: note.filter(|note| !note.is_empty()),
                at: event.map(|event| seconds(event.received)),
            }
        })
        .collect()
}

fn readers(seen: &Seen) -> Vec<RequestReader> {
    let mut readers = vec![RequestReader { party: party(&seen.asker), role: ReaderRole::Asker }];
    readers.extend(
        seen.asked
            .iter()
            .map(|person| RequestReader { party: party(person), role: ReaderRole::Expert }),
    );
    let mut desks = std::collections::BTreeSet::new();
    let orgs = std::iter::once(&seen.asker).chain(&seen.asked).map(|person| &person.org);
    for org in orgs.chain(&seen.desks) {
        if desks.insert(org.id) {
            let party = organisation(&org.name);
            readers.push(RequestReader { party, role: ReaderRole::Desk });
        }
    }
    readers
}

/// The needs that were posted for it and stand on the board now.
async fn shown_needs(node: &Node, seen: &Seen) -> Result<Vec<String>, OpError> {
    let needs = seen.case.talk.needs.clone();
    if needs.is_empty() {
        return Ok(Vec::new());
    }
    let look = move |replica: &NodeReplica| {
        let library = replica.library();
        let shown = |id: &RecordId| library.need(id).is_some_and(|one| one.need.is_shown(now()));
        needs.iter().filter(|id| shown(id)).map(ToString::to_string).collect()
    };
    Ok(node.handle().read(look).await?)
}

/// Until when those who are asked have time, as far as it is this node's to ask
/// somebody else then.
async fn due(node: &Node, seen: &Seen) -> Result<Option<Seconds>, OpError> {
    if !seen.asks {
        return Ok(None);
    }
    let (dossier, case) = (seen.dossier.clone(), seen.case.clone());
    let next = move |replica: &NodeReplica| dossier.next_due(replica.library().authority(), &case);
    let due = node.handle().read(next).await?;
    Ok(due.filter(|due| due.since(now()) > 0).map(seconds))
}

/// One request, whole.
///
/// # Errors
/// Not here, as far as this account can tell.
pub async fn request(
    node: &Node,
    account: &Account,
    lang_of_reader: &str,
    id: &str,
) -> Result<Request, OpError> {
    let seen = node.find_request(account, id).await?;
    let scores = if seen.asks {
        let matched = node.matching(seen.ask.clone(), None).await?;
        matched.found.into_iter().map(|(found, _)| (found.certificate, found)).collect()
    } else {
        BTreeMap::new()
    };
    let answered = seen.case.answers.last();
    let answered = answered.and_then(|id| seen.events.iter().find(|event| event.id == *id));
    let answer = match answered.map(|event| (event, &event.deed)) {
        Some((event, Deed::Answer { reply, .. })) => {
            let reply = Reply::from_tree(reply);
            let json: tern_web_ui::service::Reply = page(reply.to_json())?;
            Some(Answered {
                text: json.text,
                lang: json.language.unwrap_or_default(),
                by: party(&event.actor),
                claimed: seconds(event.claimed),
                received: seconds(event.received),
                practices: cited(node, lang_of_reader, &reply.practices).await?,
            })
        }
        _ => None,
    };
    let closure = seen.events.iter().rev().find_map(|event| match &event.deed {
        Deed::Close { outcome: end, rating, note, .. } => Some(Closure {
            outcome: outcome(*end),
            rating: *rating,
            comment: (!note.is_empty()).then(|| note.clone()),
            at: seconds(event.received),
        }),
        _ => None,
    });
    let sent = seconds(seen.dossier.request.body().claimed_at);
    let mut events = vec![RequestEvent {
        kind: EventKind::Submit,
        actor: party(&seen.asker),
        claimed: sent,
        received: seconds(seen.dossier.received),
        note: None,
        reason: None,
        about: None,
    }];
    events.extend(seen.events.iter().filter_map(|one| event(&seen, one)));
    let (holds, since) = holder(&seen);
    Ok(Request {
        id: seen.id().to_string(),
        side: side(&seen),
        state: state(seen.case.state),
        ask: page(seen.ask.to_json())?,
        tried: cited(node, lang_of_reader, &seen.ask.tried).await?,
        translate: to_translate(node, lang_of_reader, &seen.ask).await?,
        lang: lang(&seen.ask),
        asker: party(&seen.asker),
        sent,
        due: due(node, &seen).await?,
        holder: holds,
        since,
        readers: readers(&seen),
        trails: seen.ways.iter().map(|way| trail(&seen, way)).collect(),
        events,
        refused: seen
            .refused
            .iter()
            .map(|refused| RefusedEvent {
                kind: refused.kind.to_owned(),
                actor: refused.actor.as_ref().map(party).unwrap_or_default(),
                received: seconds(refused.received),
                reason: super::sentence(&refused.reason),
            })
            .collect(),
        candidates: invited(&seen, &scores, lang_of_reader),
        answer,
        closure,
        talk: Talk { needs: shown_needs(node, &seen).await?, ..talk::talk(&seen) },
        unreachable: Vec::new(),
        superseded_by: superseded(&seen),
        waits: seen.waits(),
        acts: seen.doings().map(kind).collect(),
        passphrase: node.is_wrapped(account.sign).await?,
    })
}

/// Signs and sends a request.
///
/// # Errors
/// As the node's, with what is wrong with the choice under `chosen`.
pub async fn ask(node: &Node, account: &Account, send: &SendAsk) -> Result<String, OpError> {
    let mut chosen: Vec<CertificateId> = Vec::new();
    for id in &send.chosen {
        let parsed = id.parse().map_err(|_| {
            OpError::new(ErrorCode::Invalid, format!("`{id}` is no expert")).in_field("chosen")
        })?;
        chosen.push(parsed);
    }
    if chosen.is_empty() {
        let what = "choose at least one expert who gets it";
        return Err(OpError::new(ErrorCode::Invalid, what).in_field("chosen"));
    }
    let mut ask = node.read_ask(account, file(&send.ask)?).await?;
    if ask.mode == Mode::Directed {
        ask.experts.clone_from(&chosen);
    }
    let asking = Asking { ask, chosen, once: Some(send.key.clone()) };
    let passphrase = typed(send.passphrase.as_deref())?;
    let sent = node.ask(account, asking, passphrase).await;
    let sent = sent.map_err(|error| match error.field.as_deref() {
        Some("experts") => error.in_field("chosen"),
        _ => error,
    });
    Ok(sent?.to_string())
}

/// Does something to a request.
///
/// # Errors
/// As the node's.
pub async fn act(
    node: &Node,
    account: &Account,
    id: &str,
    act: &Act,
    passphrase: Option<&str>,
) -> Result<(), OpError> {
    let words = |note: &Option<String>| note.clone().unwrap_or_default();
    let act = match act {
        Act::Accept { note } => node_requests::Act::Accept { note: words(note) },
        Act::Decline { reason, note } => {
            let reason = DeclineReason::from_code(reason).ok_or_else(|| {
                let what = "choose a reason";
                OpError::new(ErrorCode::Invalid, what).in_field("reason")
            })?;
            node_requests::Act::Decline { reason, note: words(note) }
        }
        Act::Offer { experts } => node_requests::Act::Offer(experts.clone()),
        Act::Award { expert } => node_requests::Act::Award(expert.clone()),
        Act::Answer(reply) => {
            node_requests::Act::Answer(Reply::from_json(&file(reply)?, &account.lang)?)
        }
        Act::Confirm => node_requests::Act::Confirm,
        Act::Close { outcome, rating, comment, follow_up } => node_requests::Act::Close {
            outcome: match outcome {
                Outcome::Met => End::Met,
                Outcome::Partly => End::Partly,
                Outcome::Unmet => End::Unmet,
                Outcome::Moved => End::Moved,
            },
            rating: *rating,
            note: words(comment),
            follow_up: Later::read(follow_up.as_deref()).map_err(|e| e.in_field("day"))?,
        },
        Act::Withdraw { note } => node_requests::Act::Withdraw { reason: words(note) },
        Act::Question { .. }
        | Act::Reply { .. }
        | Act::Progress { .. }
        | Act::Refer { .. }
        | Act::Dispute { .. }
        | Act::FollowUp { .. }
        | Act::Escalate { .. } => {
            let refused = || OpError::new(ErrorCode::Invalid, "that is not said beside");
            talk::act(act).ok_or_else(refused)?
        }
    };
    let acted = node.act(account, id, act, typed(passphrase)?).await.map(drop);
    acted.map_err(|error| match error.field.as_deref() {
        Some("reasons") => error.in_field("text"),
        Some("follow_up") => error.in_field("day"),
        _ => error,
    })
}

/// Tells of every change that the reader may see.
///
/// Requests that the reader cannot open are not told of: their ids would say
/// that they are carried.
pub fn changes(node: &Arc<Node>, account: &Account) -> Changes {
    let requests = node.requests().changes();
    let facts = node.handle().events();
    let of_requests = futures::stream::unfold(requests, |mut changes| async move {
        match changes.recv().await {
            Ok(id) => Some((Some(id), changes)),
            Err(RecvError::Lagged(_)) => Some((None, changes)),
            Err(RecvError::Closed) => None,
        }
    });
    let (weak, session) = (Arc::downgrade(node), account.session());
    let of_requests = of_requests.filter_map(move |id| {
        let (weak, session) = (weak.clone(), session.clone());
        async move {
            let Some(id) = id else { return Some((Topic::Anything, String::new())) };
            let node = weak.upgrade()?;
            // The account may have been reset or removed since the page opened.
            let find =
                move |replica: &NodeReplica| Account::of_session(replica.library(), &session);
            let account = node.handle().read(find).await.ok()?.ok()??;
            node.see(&account, id).await.ok()?;
            Some((Topic::Request, id.to_string()))
        }
    });
    let of_experts = futures::stream::unfold(facts, |mut facts| async move {
        loop {
            match facts.recv().await {
                Ok(Event::Expert(id)) => {
                    return Some(((Topic::Expert, id.to_string()), facts));
                }
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => {
                    return Some(((Topic::Anything, String::new()), facts));
                }
                Err(RecvError::Closed) => return None,
            }
        }
    });
    let of_tasks =
        futures::stream::unfold((node.notices().news(), false), |(mut news, again)| async move {
            if again {
                tokio::time::sleep(TASKS_TOLD).await;
            }
            news.changed().await.ok()?;
            Some(((Topic::Task, String::new()), (news, true)))
        });
    let merged = futures::stream::select(of_requests.boxed(), of_experts.boxed());
    let merged = futures::stream::select(merged, of_tasks.boxed());
    let (ended, node) = (node.requests().ended(), Arc::downgrade(node));
    let counted = merged.filter_map(move |(topic, id)| {
        let number = node.upgrade().map(|node| node.requests().next_notice());
        async move { Some(Change { number: number?, topic, id }) }
    });
    Box::pin(counted.take_until(Box::pin(ended)))
}
