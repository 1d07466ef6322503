//! Searches that people keep, as the pages show them.

use tern_web_ui::service::{Query, SavedSearch};

use super::library::wanted;
use crate::accounts::Account;
use crate::ops::OpError;
use crate::running::Node;
use crate::saved::Saved;

fn query(saved: &Saved) -> Query {
    let first = |list: &[String]| list.first().cloned();
    Query {
        text: saved.text.clone(),
        objective: saved.objectives.first().map(u8::to_string),
        country: first(&saved.countries),
        kind: first(&saved.kinds),
        lang: first(&saved.languages),
        topic: first(&saved.topics),
        place: first(&saved.places),
        origin: saved.origins.as_deref().and_then(first),
        freshness: saved.valid.clone(),
        withdrawn: saved.withdrawn == Some(true),
        ..Query::default()
    }
}

/// Every search of an account, with what is new.
///
/// # Errors
/// The store's or the index's.
pub async fn all(node: &Node, account: &Account) -> Result<Vec<SavedSearch>, OpError> {
    let kept = node.saved_searches(account).await?.into_iter();
    let shown = kept.map(|one| SavedSearch {
        query: Query { since: Some(one.saved.since()), ..query(&one.saved) },
        id: one.id,
        total: one.total,
        fresh: one.fresh,
        looked: one.saved.looked,
        name: one.saved.name,
    });
    Ok(shown.collect())
}

/// Keeps a search.
///
/// # Errors
/// As of [`Node::save_search`].
pub async fn save(
    node: &Node,
    account: &Account,
    name: &str,
    query: &Query,
) -> Result<String, OpError> {
    node.save_search(account, name, &wanted(query, &account.lang, false)).await
}
