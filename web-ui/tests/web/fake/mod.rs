//! A node in memory, for tests and for looking at the pages: sample content,
//! four accounts, experts and requests, drafts that merge field by field.

#![allow(dead_code)] // each test file uses a part of it

use std::collections::{BTreeMap, HashMap};
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::Value as Json;
use tern_web_ui::service::*;

mod annotations;
pub mod board;
mod clearing;
mod codes;
mod commenting;
mod content;
#[allow(dead_code)] // the preview names nothing of it
pub mod discussions;
mod exporting;
pub mod files;
mod governing;
mod harvesting;
mod links;
#[allow(dead_code)] // the preview names nothing of it
pub mod listings;
mod lists;
mod mending;
#[allow(dead_code)] // the preview names nothing of it
pub mod notices;
pub mod reviews;
mod service;
mod support;

#[allow(unused_imports)] // the preview takes in none
pub use codes::MISSING;
pub use content::{DAY, NOW, Sample};
#[allow(unused_imports)] // the preview names nothing of it
pub use governing::{
    AMENDMENT, AMINA, AUTHORITY, BIKASH, CENTRE, INSTITUTE, NEWCOMER, REGISTRY, RIVAL,
};
#[allow(unused_imports)] // the preview gathers nothing
pub use harvesting::ERASED;
#[allow(unused_imports)] // the preview names nobody
pub use support::ROSA;

/// The password of every account that has one.
pub const PASSWORD: &str = "six words are better than one";
/// The passphrase of Amina's key.
pub const PASSPHRASE: &str = "terns fly far";
/// The code for set-up.
pub const CODE: &str = "7KQ4-PX2M";

/// The node.
pub struct Fake {
    state: Mutex<State>,
    lists: Arc<Vocabularies>,
}

struct State {
    set_up: bool,
    alone: bool,
    /// It was restored, and whether it is in step again.
    restored: Option<bool>,
    /// It found out by itself that it was put back.
    found: bool,
    /// Two run with its key, and whether people said that it is over.
    copied: Option<bool>,
    /// What links cost.
    tariff: Links,
    /// How everybody here is told.
    notices: Notices,
    samples: Vec<Sample>,
    searches: Vec<SavedSearch>,
    drafts: BTreeMap<String, Writing>,
    /// Another organisation begins the drafts.
    guest: bool,
    /// Something of each draft is held back.
    holds: bool,
    /// Nothing was submitted for review, and no policy says how.
    unreviewed: bool,
    accounts: HashMap<AccountId, Account>,
    links: HashMap<String, AccountId>,
    password_links: HashMap<String, AccountId>,
    waiting: Vec<Proposal>,
    governance: governing::Governance,
    /// Files that somebody asked for.
    fetched: std::collections::BTreeSet<String>,
    /// Files that come, by the name of their upload.
    coming: BTreeMap<String, Vec<u8>>,
    /// Where the recovery sheet is, once somebody said so.
    sheet: Option<SheetState>,
    /// Where the root key is.
    root: RootKey,
    support: support::Support,
    annotations: annotations::Kept,
    clearing: clearing::Cleared,
}

/// A draft: every content it ever had, by the head it stood at.
struct Writing {
    practice: Option<String>,
    contents: Vec<(String, Fields, String)>,
    /// Who sees it beside the organisation that began it.
    seers: Vec<String>,
    /// Another organisation began it.
    guest: bool,
    held: Vec<HeldWork>,
    adopted: Vec<AdoptedWork>,
    comments: Vec<DraftComment>,
    away: bool,
}

impl Writing {
    fn now(&self) -> &(String, Fields, String) {
        self.contents.last().expect("a draft has some content")
    }
}

/// Those who see a draft: the second is reached by a link, the others through others.
fn reached(seers: &[String]) -> Vec<CoWriter> {
    let one = |id: &String| CoWriter {
        name: if id == "tern1g2" { "Ministry of <Arrivals>" } else { "Harbour Office" }.into(),
        linked: id == "tern1g1",
        heard: Some(NOW - 3 * 86_400),
        sent: Some(NOW - 7_200),
    };
    seers.iter().map(one).collect()
}

impl Fake {
    /// A node that sees drafts which others began.
    #[allow(dead_code)] // the preview owns its drafts
    pub fn as_guest() -> Self {
        let fake = Self::new();
        fake.state().guest = true;
        fake
    }

    /// A node where nobody reviews yet.
    #[allow(dead_code)] // the preview has reviews
    pub fn unreviewed() -> Self {
        let fake = Self::new();
        fake.state().unreviewed = true;
        fake
    }

    /// A node that holds work back in its drafts.
    #[allow(dead_code)] // the preview holds nothing back
    pub fn holding() -> Self {
        let fake = Self::new();
        fake.state().holds = true;
        fake
    }

    /// A node in use.
    pub fn new() -> Self {
        Self::with(true, content::samples())
    }

    /// A node that was just set up, alone and empty.
    pub fn empty() -> Self {
        let fake = Self::with(true, Vec::new());
        fake.state().alone = true;
        fake
    }

    /// A node that was restored from a backup of yesterday.
    pub fn restored() -> Self {
        let fake = Self::new();
        fake.state().restored = Some(false);
        fake
    }

    /// A node that found out that it was put back.
    pub fn put_back() -> Self {
        let fake = Self::restored();
        fake.state().found = true;
        fake
    }

    /// A node that runs twice.
    pub fn copied() -> Self {
        let fake = Self::new();
        fake.state().copied = Some(false);
        fake
    }

    /// A node that used up the month's allowance.
    pub fn used_up() -> Self {
        let fake = Self::new();
        fake.state().tariff.month.used_up = true;
        fake
    }

    /// A node before its set-up.
    pub fn fresh() -> Self {
        let fake = Self::with(false, Vec::new());
        fake.state().alone = true;
        fake
    }

    fn with(set_up: bool, samples: Vec<Sample>) -> Self {
        let accounts = [
            account(
                "amina",
                "Amina Saleh",
                &[Role::Contributor, Role::Publisher, Role::Operator, Role::Steward],
                true,
            ),
            account("bikash", "Bikash Thapa", &[Role::Contributor], false),
            account("gita", "Gita Rai", &[], false),
            account("rosa", "Rosa Quispe", &[Role::Expert], false),
        ];
        let proposal = Proposal {
            id: "tern1q9dvt2mxakp3e".into(),
            name: "Ministry of Labour of Example".into(),
            country: Some("Chad".into()),
            fingerprint: "4hq7 9dvt 2mxa kp3e 7rs5 w8yl".into(),
            asked: NOW - 3_600,
            approvals: 0,
            needed: 1,
        };
        let lists = lists::lists();
        Self {
            state: Mutex::new(State {
                support: support::Support::new(&lists, &samples),
                annotations: annotations::kept(),
                clearing: clearing::Cleared::default(),
                set_up,
                alone: false,
                restored: None,
                found: false,
                copied: None,
                tariff: links::satellite(),
                notices: Notices { mails: true, often: "never".into(), ..Notices::default() },
                samples,
                searches: Vec::new(),
                drafts: BTreeMap::new(),
                guest: false,
                holds: false,
                unreviewed: false,
                accounts: accounts.map(|account| (account.id.clone(), account)).into(),
                links: HashMap::from([("once".to_owned(), AccountId("amina".into()))]),
                password_links: HashMap::new(),
                waiting: vec![proposal],
                governance: governing::Governance::default(),
                fetched: std::collections::BTreeSet::new(),
                coming: BTreeMap::new(),
                sheet: None,
                root: RootKey::Wrapped,
            }),
            lists: Arc::new(lists),
        }
    }

    /// Whose organisation has its root key on a stick.
    pub fn with_the_root_key_away() -> Self {
        let fake = Self::new();
        fake.state().root = RootKey::Away;
        fake
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while holding it")
    }

    fn choice(list: &[Choice], code: &str) -> Choice {
        Choice { code: code.to_owned(), label: Vocabularies::label(list, code).to_owned() }
    }

    fn hit(&self, sample: &Sample, lang: &str) -> Hit {
        let edition = sample.editions.last().expect("an edition");
        let fields = &edition.fields;
        let phrase = |text: &Text| {
            text.best(&[lang]).map(|(lang, text)| Phrase { text: text.into(), lang: lang.into() })
        };
        let year = |date: &Option<String>| date.as_deref().and_then(|d| d.get(..4)?.parse().ok());
        Hit {
            id: sample.id.clone(),
            title: phrase(&fields.title).unwrap_or_default(),
            summary: phrase(&fields.summary),
            organisation: sample.organisation.to_owned(),
            kind: fields.kind.as_deref().map(|code| Self::choice(&self.lists.kinds, code)),
            countries: fields
                .countries
                .iter()
                .map(|code| Self::choice(&self.lists.countries, code))
                .collect(),
            objectives: fields
                .primary_objectives
                .iter()
                .map(|n| Self::choice(&self.lists.objectives, &n.to_string()))
                .collect(),
            languages: fields
                .title
                .0
                .keys()
                .map(|tag| Self::choice(&self.lists.languages, tag))
                .collect(),
            start: year(&fields.start),
            end: year(&fields.end),
            ongoing: fields.ongoing,
            edition: u32::try_from(sample.editions.len()).expect("few"),
            signatures: u32::try_from(edition.signers.len()).expect("few"),
            listed: matches!(fields.basis, Some(Basis::Listed(_))),
            marks: Marks::default(),
            sealed: sample.id == reviews::SEALED,
            withdrawn: false,
            renewed: NOW - 400 * 86_400,
            stale: sample.id == reviews::SEALED,
            adapted: u32::from(sample.id == reviews::SEALED),
        }
    }

    fn alike_to(&self, sample: &Sample, lang: &str) -> Alike {
        let hit = self.hit(sample, lang);
        let part = |part: &str, points, data| AlikePart { part: part.into(), points, data };
        let parts = vec![
            part("country", 30, hit.countries.clone()),
            part("objectives", 12, hit.objectives.clone()),
        ];
        Alike { hit, points: 42, parts }
    }

    fn account_of(&self, state: &State, reader: &Reader) -> Result<Account, Refusal> {
        let account = reader.account.as_ref().and_then(|id| state.accounts.get(id));
        account.cloned().ok_or_else(|| Refusal::Forbidden("Sign in first.".into()))
    }

    fn find(state: &State, id: &str) -> Result<Sample, Refusal> {
        let found = state.samples.iter().find(|sample| id.len() >= 8 && sample.id.starts_with(id));
        found.cloned().ok_or(Refusal::NotFound)
    }

    fn view(&self, reader: &Reader, sample: &Sample, at: usize) -> Practice {
        let edition = &sample.editions[at];
        Practice {
            id: sample.id.clone(),
            edition: edition.id.clone(),
            number: u32::try_from(at + 1).expect("few"),
            latest: u32::try_from(sample.editions.len()).expect("few"),
            concurrent: Vec::new(),
            heads: vec!["5d18e0447f3a91c2".repeat(4)],
            content_hash: "91c27f3ae0445d18".repeat(4),
            origin: "tern1o9dvt2mxakp3e7rs5w8ylj4c6h0fzn".to_owned(),
            origin_name: sample.organisation.to_owned(),
            fields: edition.fields.clone(),
            signers: edition.signers.clone(),
            verdict: edition.verdict,
            note: edition.note.clone(),
            published: edition.published,
            missing: missing(&edition.fields),
            may_edit: self.may(reader, Account::may_draft).is_ok(),
            may_adopt: self.may(reader, |account| account.is(Role::Publisher)).is_ok(),
            may_erase: self.may(reader, |account| account.is(Role::Publisher)).is_ok(),
            cleared: EditionClearance::default(),
            held_back: sample
                .editions
                .iter()
                .enumerate()
                .filter(|(_, edition)| edition.verdict == Verdict::Quarantined)
                .map(|(at, edition)| HeldBack {
                    edition: edition.id.clone(),
                    number: u32::try_from(at + 1).expect("few"),
                    person: edition.signers[0].person.clone(),
                    organisation: edition.signers[0].organisation.clone(),
                    builds: false,
                })
                .collect(),
        }
    }

    fn may(&self, reader: &Reader, may: fn(&Account) -> bool) -> Result<Account, Refusal> {
        let state = self.state();
        let account = reader.account.as_ref().and_then(|id| state.accounts.get(id));
        account.filter(|account| may(account)).cloned().ok_or_else(|| {
            Refusal::Forbidden("Your account has no role that allows this.".to_owned())
        })
    }

    fn drafted(state: &State, id: &str, at: Option<&[String]>) -> Result<Draft, Refusal> {
        let writing = state.drafts.get(id).ok_or(Refusal::NotFound)?;
        let content = match at.and_then(|heads| heads.first()) {
            Some(head) => writing
                .contents
                .iter()
                .find(|content| content.0 == *head)
                .ok_or(Refusal::NotFound)?,
            None => writing.now(),
        };
        Ok(Draft {
            id: id.to_owned(),
            practice: writing.practice.clone(),
            heads: vec![content.0.clone()],
            fields: content.1.clone(),
            changed: NOW,
            audience: Vec::new(),
            reached: reached(&writing.seers),
            held: writing.held.clone(),
            adopted: writing.adopted.clone(),
            comments: writing.comments.clone(),
            missing: missing(&content.1),
        })
    }

    fn begin(&self, practice: Option<String>, fields: Fields, by: &str) -> String {
        let mut state = self.state();
        let id = format!("tern1d{}kp3e7rs5w8ylj4c6h0fzn", state.drafts.len());
        let guest = state.guest;
        let contents = vec![("aa00".to_owned(), fields, by.to_owned())];
        let held = if state.holds { mending::held(&contents[0].1) } else { Vec::new() };
        let (seers, adopted) = (Vec::new(), Vec::new());
        let (comments, away) = (Vec::new(), false);
        let writing = Writing { practice, contents, seers, guest, held, adopted, comments, away };
        state.drafts.insert(id.clone(), writing);
        id
    }
}

fn account(id: &str, display: &str, roles: &[Role], passphrase: bool) -> Account {
    Account {
        id: AccountId(id.to_owned()),
        name: id.to_owned(),
        display: display.to_owned(),
        organisation: "Example Labour Institute".to_owned(),
        roles: roles.to_vec(),
        lang: None,
        password: true,
        passphrase,
        named: true,
    }
}

/// What does not count is in no list.
fn counts(sample: &Sample) -> bool {
    sample.editions.iter().all(|edition| edition.verdict != Verdict::Quarantined)
}

fn missing(fields: &Fields) -> Vec<String> {
    let file = serde_json::to_value(fields).expect("fields are JSON");
    [
        "summary",
        "kind",
        "principles",
        "geographic_level",
        "aims",
        "results",
        "lessons",
        "recommendations",
    ]
    .iter()
    .filter(|key| file.get(**key).is_none())
    .map(|key| (*key).to_owned())
    .collect()
}

fn invalid(field: &str, message: &str) -> Refusal {
    Refusal::Invalid(vec![FieldError {
        field: field.to_owned(),
        code: "refused".to_owned(),
        message: message.to_owned(),
        limit: None,
    }])
}

fn now<'a, T: Send + 'a>(answer: Result<T, Refusal>) -> Answer<'a, T> {
    Box::pin(ready(answer))
}

fn status(state: &State) -> Status {
    let peer = |organisation: Option<&str>, connected, last: Option<i64>, behind| Peer {
        node: "tern1n9dvt2mxakp3e7rs5w8ylj4c6h0fzn4hq7".into(),
        organisation: organisation.map(str::to_owned),
        connected,
        last_met: last.map(|ago| NOW - ago),
        behind,
        waiting: 2,
        bytes_today: 182_000,
        budget: None,
    };
    let peers = vec![
        peer(Some("Civil Registry Service"), true, Some(240), Some(0)),
        peer(Some("هيئة الاندماج"), false, Some(3 * DAY), None),
        peer(None, false, None, None),
    ];
    Status {
        node: "tern1n7rs5w8ylj4c6h0fzn4hq79dvt2mxakp3e".into(),
        organisation: "Example Labour Institute".into(),
        federation: "Knowledge Exchange".into(),
        federation_id: "tern1f0fzn9dvt2mxakp3e7rs5w8ylj4c6h".into(),
        federation_fingerprint: "0fzn 9dvt 2mxa kp3e".into(),
        fingerprint: Some("7rs5 w8yl 4hq7 9dvt".into()),
        beacon: Some(3),
        members_as_of: Some(NOW - 9 * DAY),
        members: 4,
        documents: state.samples.len() as u64,
        practices: state.samples.len() as u64,
        records: 61,
        parcels: 0,
        peers: if state.alone { Vec::new() } else { peers },
        public_root: "5d18e0447f3a91c2".repeat(2),
        public_count: 1_284,
        disk_bytes: 48_000_000,
        live_bytes: 31_000_000,
        restored: state.restored.map(|over| Restored {
            to: (!state.found).then_some(NOW - DAY),
            at: NOW - 600,
            by: state.found.then(|| "Civil Registry Service".into()),
            caught_up: over.then_some(CaughtUp { at: NOW - 60, with: None, gained: 0 }),
        }),
        copied: state.copied.map(|over| Copied {
            at: NOW - 300,
            by: "Civil Registry Service".into(),
            cleared: over.then_some(NOW - 30),
        }),
    }
}

/// Field by field: one changed by both is kept from both, and is a clash.
fn merge(seen: &Fields, mine: &Fields, theirs: &Fields, by: &str) -> (Fields, Vec<Clash>) {
    let json = |fields: &Fields| match serde_json::to_value(fields) {
        Ok(Json::Object(object)) => object,
        _ => unreachable!("fields are an object"),
    };
    let (seen, mine, theirs) = (json(seen), json(mine), json(theirs));
    let mut out = theirs.clone();
    let mut clashes = Vec::new();
    let keys: std::collections::BTreeSet<_> = seen.keys().chain(mine.keys()).collect();
    for key in keys {
        let (was, is, other) = (seen.get(key), mine.get(key), theirs.get(key));
        if was == is {
            continue;
        }
        if other != was && other != is {
            let text = |value: Option<&Json>| {
                value
                    .and_then(|value| value.get("en"))
                    .and_then(Json::as_str)
                    .unwrap_or("")
                    .to_owned()
            };
            let (yours, joined) = (text(is), format!("{} {}", text(is), text(other)));
            clashes.push(Clash {
                field: key.clone(),
                by: Some(by.to_owned()),
                yours,
                joined: joined.clone(),
            });
            out.insert(key.clone(), serde_json::json!({ "en": joined }));
        } else if let Some(is) = is {
            out.insert(key.clone(), is.clone());
        } else {
            out.remove(key);
        }
    }
    (serde_json::from_value(Json::Object(out)).expect("still a practice file"), clashes)
}
