//! Searches that people keep for themselves.
//!
//! A saved search is a query with a name, of class D: it stays on this node,
//! in the account of who kept it, and nobody else is told. It remembers when it
//! was last looked at, so that what arrived since is counted as new. Nothing is
//! ever missed for that: what arrives while the index is being built, or in the
//! second of looking, may be told of twice.
//!
//! | name in class D | value |
//! |---|---|
//! | `saved/` ‖ account ‖ 0 ‖ id (8 bytes) | [`Saved`] |

use tern_crdt::identity::digest;
use tern_protocol::ledger::Private;
use tern_protocol::step::Command;

use crate::accounts::{Account, failed};
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::running::Node;
use crate::search::{CODE_BYTES_MAX, Freshness, QUERY_CHARS_MAX, Query};
use crate::stored;

/// Searches of one account.
pub const SAVED_MAX: usize = 50;
/// Characters of a name.
pub const NAME_CHARS_MAX: usize = 80;
/// Codes of one filter.
const CODES_MAX: usize = 32;

const PREFIX: &[u8] = b"saved/";

/// A search as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, minicbor::Encode, minicbor::Decode)]
#[cbor(map)]
pub struct Saved {
    /// What the person calls it.
    #[n(0)]
    pub name: String,
    /// Words.
    #[n(1)]
    pub text: String,
    /// Objectives.
    #[n(2)]
    pub objectives: Vec<u8>,
    /// Countries.
    #[n(3)]
    pub countries: Vec<String>,
    /// Kinds.
    #[n(4)]
    pub kinds: Vec<String>,
    /// Languages.
    #[n(5)]
    pub languages: Vec<String>,
    /// Topics.
    #[n(6)]
    pub topics: Vec<String>,
    /// Regions, groupings and subregions.
    #[n(7)]
    pub places: Vec<String>,
    /// When it was last looked at, in seconds since 1970.
    #[n(8)]
    pub looked: i64,
    /// The code of how fresh a practice's word is to be.
    #[n(9)]
    pub valid: Option<String>,
    /// Whether it finds what was withdrawn too.
    #[n(10)]
    pub withdrawn: Option<bool>,
    /// Organisations that practices come from.
    #[n(11)]
    pub origins: Option<Vec<String>>,
}

/// A kept search with what it finds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Counted {
    /// Its id, in hexadecimal.
    pub id: String,
    /// What is kept.
    pub saved: Saved,
    /// What fits.
    pub total: u64,
    /// What of that arrived since it was looked at.
    pub fresh: u64,
}

impl Saved {
    /// What it asks for: all that fits, or what arrived since it was looked at.
    pub fn query(&self, fresh: bool) -> Query {
        Query {
            text: self.text.clone(),
            objectives: self.objectives.clone(),
            countries: self.countries.clone(),
            kinds: self.kinds.clone(),
            languages: self.languages.clone(),
            topics: self.topics.clone(),
            places: self.places.clone(),
            origins: self.origins.clone().unwrap_or_default(),
            freshness: self.valid.as_deref().and_then(Freshness::from_code),
            withdrawn: self.withdrawn == Some(true),
            arrived_after: fresh.then_some(self.since()),
            ..Query::default()
        }
    }

    /// What arrived later is new. In whole seconds, so the last one counts.
    pub const fn since(&self) -> i64 {
        self.looked.saturating_sub(1)
    }

    fn named(name: &str, query: &Query, looked: i64) -> Result<Self, OpError> {
        let invalid =
            |field: &str, what: String| OpError::new(ErrorCode::Invalid, what).in_field(field);
        let name = name.trim();
        if name.is_empty() {
            return Err(invalid("name", "say what the search is to be called".into()));
        }
        let length = name.chars().count();
        if length > NAME_CHARS_MAX {
            let what = format!(
                "the name has {length} characters, and {NAME_CHARS_MAX} are the most: shorten it"
            );
            return Err(invalid("name", what));
        }
        let lists = [
            &query.countries,
            &query.kinds,
            &query.languages,
            &query.topics,
            &query.places,
            &query.origins,
        ];
        if lists.iter().any(|list| list.len() > CODES_MAX) || query.objectives.len() > CODES_MAX {
            let what = format!("a saved search has at most {CODES_MAX} codes of each filter");
            return Err(invalid("query", what));
        }
        if lists.into_iter().flatten().any(|code| code.len() > CODE_BYTES_MAX) {
            let what = format!("no code of a filter has more than {CODE_BYTES_MAX} bytes");
            return Err(invalid("query", what));
        }
        let saved = Self {
            name: name.to_owned(),
            text: query.text.trim().chars().take(QUERY_CHARS_MAX).collect(),
            objectives: query.objectives.clone(),
            countries: query.countries.clone(),
            kinds: query.kinds.clone(),
            languages: query.languages.clone(),
            topics: query.topics.clone(),
            places: query.places.clone(),
            looked,
            valid: query.freshness.map(|fresh| fresh.code().to_owned()),
            withdrawn: query.withdrawn.then_some(true),
            origins: Some(query.origins.clone()).filter(|origins| !origins.is_empty()),
        };
        if saved.text.is_empty()
            && lists.iter().all(|l| l.is_empty())
            && query.objectives.is_empty()
            && query.freshness.is_none()
        {
            let what = "there is nothing to look for: type words or choose a filter".into();
            return Err(invalid("query", what));
        }
        Ok(saved)
    }
}

fn prefix(account: &str) -> Vec<u8> {
    [PREFIX, account.as_bytes(), &[0]].concat()
}

/// One name, one search: a search of the same name takes its place.
fn id_of(name: &str) -> String {
    let name = name.trim().to_lowercase();
    crate::hex::encode(&digest("tern/saved-search/v1", &[name.as_bytes()])[..8])
}

/// Everything that an account keeps, by id.
///
/// # Errors
/// The store's, or a damaged value.
pub fn all(replica: &NodeReplica, account: &str) -> Result<Vec<(String, Saved)>, OpError> {
    let prefix = prefix(account);
    let kept = replica.library().ledger().locals(&prefix).map_err(failed)?;
    let read = kept.iter().map(|(name, value)| {
        let id = crate::hex::encode(name.get(prefix.len()..).unwrap_or_default());
        Ok((id, stored::read(value, "a saved search")?))
    });
    read.collect()
}

/// The changes that forget everything that an account keeps.
///
/// # Errors
/// As [`all`].
pub fn forgotten(replica: &NodeReplica, account: &str) -> Result<Vec<Private>, OpError> {
    let all = all(replica, account)?;
    all.iter().map(|(id, _)| Ok(Private::local(place(account, id)?, None))).collect()
}

fn place(account: &str, id: &str) -> Result<Vec<u8>, OpError> {
    let bytes = crate::hex::decode::<8>(id).ok_or_else(|| unknown(id))?;
    Ok([prefix(account), bytes.to_vec()].concat())
}

fn unknown(which: &str) -> OpError {
    let which: String = which.chars().take(NAME_CHARS_MAX).collect();
    let what = format!("you keep no search `{which}`: `tern saved list` shows those you keep");
    OpError::new(ErrorCode::NotFound, what)
}

impl Node {
    /// Keeps a search under a name; answers its id. It counts as looked at.
    ///
    /// # Errors
    /// No name, nothing to look for, or as many as there may be.
    pub async fn save_search(
        &self,
        account: &Account,
        name: &str,
        query: &Query,
    ) -> Result<String, OpError> {
        let saved = Saved::named(name, query, now().0.div_euclid(1_000))?;
        let id = id_of(&saved.name);
        let _one_at_a_time = self.saving().lock().await;
        let kept = self.saved(account).await?;
        if kept.len() >= SAVED_MAX && kept.iter().all(|(known, _)| *known != id) {
            let what = format!("you keep {SAVED_MAX} searches, the most there may be: remove one");
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        self.keep(account, &id, Some(&saved)).await?;
        Ok(id)
    }

    /// Every search of an account, by name, with what it finds.
    ///
    /// # Errors
    /// The store's or the index's.
    pub async fn saved_searches(&self, account: &Account) -> Result<Vec<Counted>, OpError> {
        let mut counted = Vec::new();
        for (id, saved) in self.saved(account).await? {
            let total = self.indexer().search(saved.query(false)).await?.total;
            let fresh = self.indexer().search(saved.query(true)).await?.total;
            counted.push(Counted { id, saved, total, fresh });
        }
        counted.sort_by_cached_key(|one| one.saved.name.to_lowercase());
        Ok(counted)
    }

    /// The search of an account by its id or its name.
    ///
    /// # Errors
    /// There is none.
    pub async fn saved_search(
        &self,
        account: &Account,
        which: &str,
    ) -> Result<(String, Saved), OpError> {
        let by_name = id_of(which);
        let kept = self.saved(account).await?.into_iter();
        let mut found = kept.filter(|(id, _)| *id == which || *id == by_name);
        found.next().ok_or_else(|| unknown(which))
    }

    /// Counts what a search finds as looked at. While the index is being built
    /// nothing changes: what it does not find yet was not looked at.
    ///
    /// # Errors
    /// As [`Self::saved_search`].
    pub async fn look_at_search(&self, account: &Account, which: &str) -> Result<(), OpError> {
        let looked = now().0.div_euclid(1_000);
        let _one_at_a_time = self.saving().lock().await;
        let (id, saved) = self.saved_search(account, which).await?;
        if self.indexer().progress().building {
            return Ok(());
        }
        self.keep(account, &id, Some(&Saved { looked, ..saved })).await
    }

    /// Forgets a search.
    ///
    /// # Errors
    /// As [`Self::saved_search`].
    pub async fn forget_search(&self, account: &Account, which: &str) -> Result<(), OpError> {
        let _one_at_a_time = self.saving().lock().await;
        let (id, _) = self.saved_search(account, which).await?;
        self.keep(account, &id, None).await
    }

    async fn saved(&self, account: &Account) -> Result<Vec<(String, Saved)>, OpError> {
        let name = account.name.clone();
        self.handle().read(move |replica| all(replica, &name)).await?
    }

    async fn keep(
        &self,
        account: &Account,
        id: &str,
        saved: Option<&Saved>,
    ) -> Result<(), OpError> {
        let change = Private::local(place(&account.name, id)?, saved.map(stored::write));
        let command = Command::Write { pieces: Vec::new(), private: vec![change] };
        self.handle().command(command).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query { text: text.into(), countries: vec!["NE".into()], ..Query::default() }
    }

    #[test]
    fn a_search_is_kept_as_it_was_asked_and_asks_for_the_same() {
        let saved = Saved::named(" Niger ", &query(" birth papers "), 1_000).expect("fit to keep");
        assert_eq!((saved.name.as_str(), saved.text.as_str()), ("Niger", "birth papers"));
        let read: Saved = stored::read(&stored::write(&saved), "a saved search").expect("read");
        assert_eq!(read, saved);
        assert_eq!(saved.query(false), query("birth papers"));
        assert_eq!(saved.query(true).arrived_after, Some(999), "the second of looking counts");
    }

    #[test]
    fn what_has_no_name_or_looks_for_nothing_is_refused_with_the_field() {
        let field = |name: &str, query: &Query| {
            Saved::named(name, query, 0).expect_err("refused").field.unwrap_or_default()
        };
        assert_eq!(field(" ", &query("birth")), "name");
        assert_eq!(field(&"n".repeat(81), &query("birth")), "name");
        assert_eq!(field("all", &Query::default()), "query");
        let long = Query { countries: vec!["n".repeat(CODE_BYTES_MAX + 1)], ..query("birth") };
        assert_eq!(field("long", &long), "query");
    }

    #[test]
    fn one_name_is_one_search_however_it_is_written() {
        assert_eq!(id_of("Niger"), id_of(" niger "));
        assert_ne!(id_of("Niger"), id_of("Nigeria"));
        assert!(place("amina", &id_of("Niger")).is_ok());
        for id in ["", "zz", "zzzzzzzzzzzzzzzz", "+1+1+1+1+1+1+1+1", "éééééééé"] {
            assert!(place("amina", id).is_err(), "{id}");
        }
    }
}
