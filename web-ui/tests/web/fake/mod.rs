//! A node in memory, for tests and for looking at the pages: sample content,
//! four accounts, drafts that merge field by field.

#![allow(dead_code)] // each test file uses a part of it

use std::collections::{BTreeMap, HashMap};
use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::Value as Json;
use tern_web_ui::service::*;

mod content;
mod lists;

pub use content::{DAY, NOW, Sample};

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
    samples: Vec<Sample>,
    drafts: BTreeMap<String, Writing>,
    accounts: HashMap<AccountId, Account>,
    links: HashMap<String, AccountId>,
    waiting: Vec<Proposal>,
}

/// A draft: every content it ever had, by the head it stood at.
struct Writing {
    practice: Option<String>,
    contents: Vec<(String, Fields, String)>,
}

impl Writing {
    fn now(&self) -> &(String, Fields, String) {
        self.contents.last().expect("a draft has some content")
    }
}

impl Fake {
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
        Self {
            state: Mutex::new(State {
                set_up,
                alone: false,
                samples,
                drafts: BTreeMap::new(),
                accounts: accounts.map(|account| (account.id.clone(), account)).into(),
                links: HashMap::from([("once".to_owned(), AccountId("amina".into()))]),
                waiting: vec![proposal],
            }),
            lists: Arc::new(lists::lists()),
        }
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
        }
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
            audience: vec!["Example Labour Institute".into()],
            missing: missing(&content.1),
        })
    }

    fn begin(&self, practice: Option<String>, fields: Fields, by: &str) -> String {
        let mut state = self.state();
        let id = format!("tern1d{}kp3e7rs5w8ylj4c6h0fzn", state.drafts.len());
        let contents = vec![("aa00".to_owned(), fields, by.to_owned())];
        state.drafts.insert(id.clone(), Writing { practice, contents });
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

impl Service for Fake {
    fn standing(&self) -> Answer<'_, Standing> {
        let state = self.state();
        let together = u32::from(!state.alone);
        now(Ok(Standing {
            set_up: state.set_up,
            federation: "Knowledge Exchange".into(),
            organisation: "Example Labour Institute".into(),
            lang: "en".into(),
            connected: 6 * together,
            peers: 9 * together,
            last_exchange: (!state.alone).then_some(NOW - 240),
            waiting: u64::from(2 * together),
            version: "0.1.0".into(),
        }))
    }

    fn ready(&self) -> Answer<'_, ()> {
        let set_up = self.state().set_up;
        now(if set_up {
            Ok(())
        } else {
            Err(Refusal::Unavailable("This node is not set up.".into()))
        })
    }

    fn vocabularies<'a>(&'a self, _: &'a str) -> Answer<'a, Arc<Vocabularies>> {
        now(Ok(self.lists.clone()))
    }

    fn overview<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Overview> {
        let state = self.state();
        let hits: Vec<_> =
            state.samples.iter().filter(|s| counts(s)).map(|s| self.hit(s, &reader.lang)).collect();
        let counted = |choice: &Choice, list: fn(&Hit) -> &Vec<Choice>| Count {
            choice: choice.clone(),
            count: hits.iter().filter(|hit| list(hit).contains(choice)).count() as u64,
        };
        let mut by_country: Vec<_> =
            self.lists.countries.iter().map(|c| counted(c, |hit| &hit.countries)).collect();
        by_country.retain(|count| count.count > 0);
        let arrivals = hits.iter().skip(1).take(3).enumerate().map(|(at, hit)| Arrival {
            id: hit.id.clone(),
            title: hit.title.clone(),
            organisation: hit.organisation.clone(),
            edition: if at == 0 { 2 } else { 1 },
            at: NOW - 3_600,
        });
        now(Ok(Overview {
            practices: hits.len() as u64,
            organisations: 6.min(hits.len() as u64),
            by_objective: self
                .lists
                .objectives
                .iter()
                .map(|o| counted(o, |hit| &hit.objectives))
                .collect(),
            by_country,
            arrivals: arrivals.collect(),
        }))
    }

    fn search<'a>(&'a self, reader: &'a Reader, query: &'a Query) -> Answer<'a, Found> {
        let state = self.state();
        let fits = |chosen: &Option<String>, list: &[Choice]| {
            chosen.as_ref().is_none_or(|code| list.iter().any(|choice| choice.code == *code))
        };
        let hits: Vec<_> = state
            .samples
            .iter()
            .filter(|sample| counts(sample))
            .map(|sample| self.hit(sample, &reader.lang))
            .filter(|hit| {
                hit.title.text.to_lowercase().contains(&query.text.to_lowercase())
                    && fits(&query.objective, &hit.objectives)
                    && fits(&query.country, &hit.countries)
                    && fits(&query.kind, hit.kind.as_slice())
                    && fits(&query.lang, &hit.languages)
            })
            .collect();
        let count = |list: fn(&Hit) -> &[Choice]| {
            let mut counts: BTreeMap<String, Count> = BTreeMap::new();
            for choice in hits.iter().flat_map(list) {
                let count = counts
                    .entry(choice.code.clone())
                    .or_insert(Count { choice: choice.clone(), count: 0 });
                count.count += 1;
            }
            counts.into_values().collect()
        };
        let facets = Facets {
            objectives: count(|hit| &hit.objectives),
            countries: count(|hit| &hit.countries),
            kinds: count(|hit| hit.kind.as_slice()),
            languages: count(|hit| &hit.languages),
        };
        let from: usize = query.after.as_deref().and_then(|after| after.parse().ok()).unwrap_or(0);
        let total = hits.len();
        now(Ok(Found {
            total: total as u64,
            hits: hits.into_iter().skip(from).take(query.limit).collect(),
            next: (from + query.limit < total).then(|| (from + query.limit).to_string()),
            facets,
            indexing: false,
        }))
    }

    fn practice<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        edition: Option<&'a str>,
    ) -> Answer<'a, Practice> {
        let found = Self::find(&self.state(), id);
        now(found.and_then(|sample| {
            let at = match edition {
                None => sample.editions.len().checked_sub(1),
                Some(key) => sample.editions.iter().position(|one| one.id == key).or_else(|| {
                    key.parse::<usize>()
                        .ok()?
                        .checked_sub(1)
                        .filter(|at| *at < sample.editions.len())
                }),
            };
            Ok(self.view(reader, &sample, at.ok_or(Refusal::NotFound)?))
        }))
    }

    fn history<'a>(&'a self, _: &'a Reader, id: &'a str) -> Answer<'a, Vec<EditionEntry>> {
        now(Self::find(&self.state(), id).map(|sample| {
            let entries = sample.editions.iter().enumerate().rev();
            entries
                .map(|(at, edition)| EditionEntry {
                    id: edition.id.clone(),
                    number: u32::try_from(at + 1).expect("few"),
                    note: edition.note.clone(),
                    person: edition.signers[0].person.clone(),
                    organisation: sample.organisation.to_owned(),
                    published: edition.published,
                    received: edition.published + 3_600,
                    verdict: edition.verdict,
                })
                .collect()
        }))
    }

    fn provenance<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Provenance> {
        now(Self::find(&self.state(), id).map(|sample| {
            let edition = sample.editions.last().expect("an edition");
            let title = self.hit(&sample, &reader.lang).title;
            let chain = |signer: &Signer| Chain {
                signer: signer.clone(),
                organisation: "tern1o9dvt2mxakp3e7rs5w8ylj4c6h0fzn".into(),
                certificate: "tern1c7rs5w8ylj4c6h0fzn9dvt2mxakp3e".into(),
                roles: vec!["contributor".into(), "publisher".into()],
                key: "6c1d0f9a".repeat(8),
                granted: Some(NOW - 400 * DAY),
                revoked: (signer.verdict == Verdict::Quarantined).then_some(NOW - 90 * DAY),
            };
            Provenance {
                id: sample.id.clone(),
                title,
                edition: edition.id.clone(),
                number: u32::try_from(sample.editions.len()).expect("few"),
                content_hash: "91c27f3ae0445d18".repeat(4),
                heads: vec!["5d18e0447f3a91c2".repeat(4)],
                federation: "tern1f0fzn9dvt2mxakp3e7rs5w8ylj4c6h".into(),
                federation_name: "Knowledge Exchange".into(),
                verdict: edition.verdict,
                reason: edition.signers[0].reason.clone(),
                chains: edition.signers.iter().map(chain).collect(),
            }
        }))
    }

    fn drafts<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<DraftEntry>> {
        let state = self.state();
        let entries = state.drafts.iter().map(|(id, writing)| DraftEntry {
            id: id.clone(),
            title: writing
                .now()
                .1
                .title
                .best(&[&reader.lang])
                .map(|(lang, text)| Phrase { text: text.into(), lang: lang.into() })
                .unwrap_or_default(),
            practice: writing.practice.clone(),
            changed: NOW,
            by: Some(writing.now().2.clone()),
        });
        now(Ok(entries.collect()))
    }

    fn new_draft<'a>(
        &'a self,
        reader: &'a Reader,
        title: &'a str,
        lang: &'a str,
    ) -> Answer<'a, String> {
        now(self.may(reader, Account::may_draft).and_then(|account| {
            if title.chars().count() > 150 {
                return Err(invalid("title", "has too many characters, and at most 150 fit"));
            }
            let fields = Fields {
                title: Text::one(lang, title),
                original_language: Some(lang.to_owned()),
                basis: Some(Basis::Own),
                visibility: Some("public".into()),
                licence: Some("CC-BY-4.0".into()),
                ..Fields::default()
            };
            Ok(self.begin(None, fields, &account.display))
        }))
    }

    fn draft_of<'a>(&'a self, reader: &'a Reader, practice: &'a str) -> Answer<'a, String> {
        now(self.may(reader, Account::may_draft).and_then(|account| {
            let sample = Self::find(&self.state(), practice)?;
            let fields = sample.editions.last().expect("an edition").fields.clone();
            Ok(self.begin(Some(sample.id), fields, &account.display))
        }))
    }

    fn draft<'a>(
        &'a self,
        _: &'a Reader,
        id: &'a str,
        at: Option<&'a [String]>,
    ) -> Answer<'a, Draft> {
        now(Self::drafted(&self.state(), id, at))
    }

    fn save_draft<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        save: &'a Save,
    ) -> Answer<'a, Saved> {
        now(self.may(reader, Account::may_draft).and_then(|account| {
            if save.fields.title.0.values().any(|title| title.chars().count() > 150) {
                return Err(invalid("title.en", "has too many characters, and at most 150 fit"));
            }
            let mut state = self.state();
            let seen = Self::drafted(&state, id, Some(&save.heads))?;
            let writing = state.drafts.get_mut(id).ok_or(Refusal::NotFound)?;
            let (head, present, by) = writing.now().clone();
            let (fields, clashes) = merge(&seen.fields, &save.fields, &present, &by);
            let heads = vec![format!("aa{:02}", writing.contents.len())];
            writing.contents.push((heads[0].clone(), fields, account.display));
            Ok(Saved { merged: head != seen.heads[0], heads, clashes })
        }))
    }

    fn readiness<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Readiness> {
        now(self.may(reader, |_| true).and_then(|account| {
            let draft = Self::drafted(&self.state(), id, None)?;
            Ok(Readiness {
                number: 1 + u32::from(draft.practice.is_some()) * 3,
                required: if draft.fields.summary.is_empty() {
                    vec!["summary".into()]
                } else {
                    Vec::new()
                },
                passphrase: account.passphrase,
                refused: (!account.is(Role::Publisher))
                    .then(|| "Only a publisher of your organisation can sign this.".to_owned()),
                draft,
            })
        }))
    }

    fn publish<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        publish: &'a Publish,
    ) -> Answer<'a, Published> {
        now(self.may(reader, |account| account.is(Role::Publisher)).and_then(|account| {
            if account.passphrase && publish.passphrase.as_deref() != Some(PASSPHRASE) {
                return Err(invalid("passphrase", "does not open your key; try again"));
            }
            let draft = Self::drafted(&self.state(), id, None)?;
            if draft.heads != publish.heads {
                return Err(Refusal::Conflict(
                    "The draft changed since you read it. Read it again, then sign.".into(),
                ));
            }
            let mut state = self.state();
            state.drafts.remove(id);
            let sample = &mut state.samples[0];
            let mut edition = sample.editions.last().expect("an edition").clone();
            edition.fields = draft.fields;
            edition.note.clone_from(&publish.note);
            edition.id = "tern1enew9dvt2mxakp3e7rs5w8ylj4c6h0fzn".into();
            sample.editions.push(edition);
            let number = u32::try_from(sample.editions.len()).expect("few");
            Ok(Published { practice: sample.id.clone(), edition: "tern1enew".into(), number })
        }))
    }

    fn network<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Network> {
        let may_exchange = self.may(reader, |_| true).is_ok();
        let status = status(&self.state());
        now(Ok(Network {
            status,
            listen: vec![
                "/ip4/192.0.2.2/udp/4480/quic-v1".into(),
                "/ip4/192.0.2.2/tcp/4480".into(),
            ],
            may_exchange,
        }))
    }

    fn status(&self) -> Answer<'_, Status> {
        now(Ok(status(&self.state())))
    }

    fn exchange<'a>(&'a self, _: &'a Reader, peer: Option<&'a str>) -> Answer<'a, u32> {
        now(Ok(if peer.is_some() { 1 } else { 3 }))
    }

    fn membership<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Membership> {
        let steward = self.may(reader, |account| account.is(Role::Steward)).is_ok();
        let member = |name: &str, country: &str, state, steward, own| Member {
            id: "tern1o9dvt2mxakp3e7rs5w8ylj4c6h0fzn".into(),
            name: name.into(),
            country: Some(country.into()),
            kind: Some("National government".into()),
            state,
            steward,
            own,
        };
        now(Ok(Membership {
            members: vec![
                member("Example Labour Institute", "Nepal", MemberState::Member, true, true),
                member("Civil Registry Service", "Niger", MemberState::Member, false, false),
                member("هيئة الاندماج", "Jordan", MemberState::Suspended, false, false),
                member("Skills Recognition Centre", "Philippines", MemberState::Left, false, false),
            ],
            waiting: self.state().waiting.clone(),
            may_invite: steward,
            may_approve: steward,
        }))
    }

    fn invite<'a>(&'a self, reader: &'a Reader, _: Option<&'a str>) -> Answer<'a, Invitation> {
        now(self.may(reader, |account| account.is(Role::Steward)).map(|_| Invitation {
            text: format!("tern-invitation:{}", "9dvt2mxakp3e7rs5w8ylj4c6h0fzn".repeat(8)),
            expires: NOW + 14 * DAY,
        }))
    }

    fn approve<'a>(&'a self, reader: &'a Reader, proposal: &'a str) -> Answer<'a, ()> {
        now(self.may(reader, |account| account.is(Role::Steward)).and_then(|_| {
            let mut state = self.state();
            let before = state.waiting.len();
            state.waiting.retain(|one| one.id != proposal);
            if state.waiting.len() == before { Err(Refusal::NotFound) } else { Ok(()) }
        }))
    }

    fn sign_in<'a>(&'a self, name: &'a str, password: &'a str) -> Answer<'a, Option<AccountId>> {
        let state = self.state();
        let account = state.accounts.values().find(|account| account.name == name);
        now(Ok(account.filter(|_| password == PASSWORD).map(|account| account.id.clone())))
    }

    fn redeem_link<'a>(&'a self, token: &'a str) -> Answer<'a, Option<AccountId>> {
        now(Ok(self.state().links.remove(token)))
    }

    fn account<'a>(&'a self, id: &'a AccountId) -> Answer<'a, Option<Account>> {
        now(Ok(self.state().accounts.get(id).cloned()))
    }

    fn change_account<'a>(
        &'a self,
        reader: &'a Reader,
        change: &'a AccountChange,
    ) -> Answer<'a, ()> {
        now(self.may(reader, |_| true).and_then(|account| {
            if let Some(password) = &change.password {
                if password.current != PASSWORD {
                    return Err(invalid("current", "is not your present password"));
                }
                if password.new.chars().count() < 12 {
                    return Err(invalid("new", "is too short: use 12 characters or more"));
                }
            }
            let mut state = self.state();
            let account = state.accounts.get_mut(&account.id).expect("signed in");
            if let Some(display) = &change.display {
                account.display.clone_from(display);
            }
            if let Some(lang) = &change.lang {
                account.lang = Some(lang.clone()).filter(|lang| !lang.is_empty());
            }
            Ok(())
        }))
    }

    fn set_up<'a>(&'a self, _: &'a str, setup: &'a SetUp) -> Answer<'a, SetUpDone> {
        now(if setup.code != CODE {
            Err(Refusal::Forbidden("This is not the code that the node printed.".into()))
        } else if setup.password.chars().count() < 12 {
            Err(invalid("password", "is too short: use 12 characters or more"))
        } else {
            let mut state = self.state();
            state.set_up = true;
            let account =
                account(&setup.account, &setup.person, &[Role::Publisher, Role::Steward], false);
            let id = account.id.clone();
            state.accounts.insert(id.clone(), account);
            let waiting = matches!(setup.start, Start::Join { .. });
            Ok(SetUpDone { account: id, waiting: waiting.then(|| "Waiting for approval.".into()) })
        })
    }
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
        beacon: Some(3),
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
