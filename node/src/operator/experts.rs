//! Expert cards: signing one's own, the directory, matching.

use serde_json::{Map, Value, json};
use tern_crdt::ask::Ask;
use tern_crdt::expert::{Card, Listing};

use super::{Acting, moment};
use crate::driver::now;
use crate::experts::ExpertRead;
use crate::ops::{Fields, OpError};
use crate::requests::Sendable;

/// Practices offered before a request is sent, at most.
const COMPARABLE: usize = 5;

impl Acting<'_> {
    /// What the card does not say of the name and the languages is the
    /// account's.
    pub(super) async fn expert_card(self, mut card: Fields) -> Result<Value, OpError> {
        let account = self.account().await?;
        let own = account.clone();
        let name = self.node.handle().read(move |r| own.shown_name(r.library())).await?;
        card.entry("name").or_insert_with(|| json!(name));
        card.entry("languages").or_insert_with(|| json!([{ "tag": account.lang, "can": "work" }]));
        let card = Card::from_json(&Value::Object(card), &account.lang).map_err(OpError::from)?;
        let passphrase = self.caller.passphrase.clone();
        let id = self.node.sign_card(&account, Listing::Listed, &card, None, passphrase).await?;
        Ok(json!({ "id": id.to_string() }))
    }

    /// Signs the card that is there again, in another state.
    pub(super) async fn expert_state(self, state: Listing) -> Result<Value, OpError> {
        let account = self.account().await?;
        let passphrase = self.caller.passphrase.clone();
        let id = self.node.restate_card(&account, state, passphrase).await?;
        Ok(json!({ "id": id.to_string() }))
    }

    pub(super) async fn experts(self) -> Result<Value, OpError> {
        let experts = self.node.experts().await?;
        let items: Vec<Value> = experts.iter().map(expert_json).collect();
        Ok(json!({ "total": items.len(), "items": items }))
    }

    pub(super) async fn expert_match(self, ask: Fields) -> Result<Value, OpError> {
        let account = self.account().await?;
        let ask = self.node.read_ask_file(&account, ask).await?;
        let Sendable { by, .. } = self.node.sendable(&account).await?;
        let matched = self.node.matching(ask.clone(), Some(by)).await?;
        let items: Vec<Value> = matched
            .found
            .iter()
            .map(|(found, expert)| {
                let mut item = candidate_json(expert);
                item["score"] = json!(found.total);
                item["parts"] = parts_json(found);
                item
            })
            .collect();
        let left_out: Vec<Value> = matched
            .left_out
            .iter()
            .map(|(left, expert)| {
                let mut item = candidate_json(expert);
                item["reason"] = json!(left.why.code());
                item
            })
            .collect();
        let missing: Vec<&str> = ask.missing();
        Ok(json!({
            "items": items, "left_out": left_out, "missing": missing,
            "comparable": self.comparable(&ask).await?,
        }))
    }

    pub(super) async fn comparable(&self, ask: &Ask) -> Result<Vec<Value>, OpError> {
        let alike = self.node.comparable(ask, &[], COMPARABLE).await?;
        let items = alike.iter().map(|one| {
            let facts = &one.hit.card.facts;
            let (_, title) = super::best(&one.hit.card.titles, facts.original_language.as_deref());
            let parts = one.parts.iter().map(|part| {
                let shared = json!({ "points": part.points, "shared": part.codes });
                (part.likeness.code().to_owned(), shared)
            });
            json!({
                "id": one.hit.id, "title": title, "org": facts.organisation,
                "points": one.points, "parts": parts.collect::<Map<_, _>>(),
            })
        });
        Ok(items.collect())
    }
}

fn candidate_json(expert: &ExpertRead) -> Value {
    json!({
        "expert": expert.id.to_string(), "name": expert.name, "org": expert.org.name,
        "org_id": expert.org.id.to_string(),
    })
}

/// The points of each part by its name.
pub(super) fn parts_json(found: &tern_protocol::matching::Match) -> Value {
    let parts = found.parts.iter().map(|part| {
        let points = json!({
            "points": part.points, "of": part.part.most(), "because": part.reason.code(),
        });
        (part.part.as_str().to_owned(), points)
    });
    Value::Object(parts.collect::<Map<_, _>>())
}

fn expert_json(expert: &ExpertRead) -> Value {
    let statement = &expert.statement;
    let state = match statement.state {
        Listing::Paused => "paused",
        Listing::Removed => "removed",
        Listing::Listed if !statement.is_matched(now()) => "lapsed",
        Listing::Listed if statement.is_due(now()) => "due",
        Listing::Listed => "listed",
    };
    json!({
        "id": expert.id.to_string(), "name": expert.name, "org": expert.org.name,
        "org_id": expert.org.id.to_string(), "country": expert.country,
        "card": expert.card.to_json(), "state": state, "load": expert.load,
        "signed": moment(statement.claimed_at), "expires": moment(statement.expires),
    })
}
