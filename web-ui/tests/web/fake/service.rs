//! What the fake node answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use tern_web_ui::service::*;

use super::*;

/// With the first place of some words marked in the title.
fn marked(mut hit: Hit, words: &str) -> Hit {
    if let Some(at) = hit.title.text.find(words).filter(|_| !words.is_empty()) {
        let piece = |text: &str, marked| Piece { text: text.to_owned(), marked };
        let (before, rest) = hit.title.text.split_at(at);
        let (found, behind) = rest.split_at(words.len());
        hit.marks.title = vec![piece(before, false), piece(found, true), piece(behind, false)];
    }
    hit
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
            restored_to: (state.restored == Some(false) && !state.found).then_some(NOW - 86_400),
            put_back_at: (state.restored == Some(false) && state.found).then_some(NOW - 3_600),
            link: (!state.alone).then(|| state.tariff.month.clone()),
            version: "0.1.0".into(),
        }))
    }

    fn ready(&self) -> Answer<'_, Vec<ReadyCheck>> {
        let set_up = self.state().set_up;
        now(if set_up {
            Ok(vec![ReadyCheck { name: "store".into(), ok: true, hint: None }])
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
            .map(|hit| marked(hit, &query.text))
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
            ..Facets::default()
        };
        let from: usize = query.after.as_deref().and_then(|after| after.parse().ok()).unwrap_or(0);
        let total = hits.len();
        now(Ok(Found {
            total: total as u64,
            hits: hits.into_iter().skip(from).take(query.limit).collect(),
            next: (from + query.limit < total).then(|| (from + query.limit).to_string()),
            facets,
            ..Found::default()
        }))
    }

    fn alike<'a>(
        &'a self,
        reader: &'a Reader,
        like: &'a Like,
        limit: usize,
    ) -> Answer<'a, Vec<Alike>> {
        let state = self.state();
        let hits = state
            .samples
            .iter()
            .filter(|sample| counts(sample))
            .filter(|sample| !matches!(like, Like::Practice(id) if *id == sample.id));
        let alike = hits.map(|sample| self.alike_to(sample, &reader.lang));
        now(Ok(alike.take(limit).collect()))
    }

    fn saved_searches<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<SavedSearch>> {
        let state = self.state();
        now(self.account_of(&state, reader).map(|_| state.searches.clone()))
    }

    fn save_search<'a>(
        &'a self,
        reader: &'a Reader,
        name: &'a str,
        query: &'a Query,
    ) -> Answer<'a, String> {
        let mut state = self.state();
        if let Err(refusal) = self.account_of(&state, reader) {
            return now(Err(refusal));
        }
        if name.trim().is_empty() {
            return now(Err(Refusal::Invalid(vec![FieldError {
                field: "name".into(),
                code: "invalid".into(),
                message: "say what the search is to be called".into(),
                limit: None,
            }])));
        }
        let id = format!("{:016x}", state.searches.len() + 1);
        state.searches.push(SavedSearch {
            id: id.clone(),
            name: name.to_owned(),
            query: Query { since: Some(NOW - 86_400), ..query.clone() },
            total: 3,
            fresh: 1,
            looked: NOW - 86_400,
        });
        now(Ok(id))
    }

    fn look_at_search<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, ()> {
        let mut state = self.state();
        if let Err(refusal) = self.account_of(&state, reader) {
            return now(Err(refusal));
        }
        let found = state.searches.iter_mut().find(|one| one.id == id);
        now(found.map(|one| one.fresh = 0).ok_or(Refusal::NotFound))
    }

    fn forget_search<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, ()> {
        let mut state = self.state();
        if let Err(refusal) = self.account_of(&state, reader) {
            return now(Err(refusal));
        }
        state.searches.retain(|one| one.id != id);
        now(Ok(()))
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
                level: reader.account.as_ref().map(|_| "wrapped".into()),
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
                cleared: EditionClearance::default(),
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
            audience: writing.seers.clone(),
            over: writing.guest,
            away: writing.away,
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
            let uncleared = self.uncleared(id);
            Ok(Readiness {
                uncleared,
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

    fn sharing<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Sharing> {
        now(self.may(reader, |_| true).and_then(|_| {
            let draft = Self::drafted(&self.state(), id, None)?;
            let state = self.state();
            let writing = state.drafts.get(id).ok_or(Refusal::NotFound)?;
            let seer = |(id, name): (&str, &str)| Seer {
                id: id.into(),
                name: name.into(),
                sees: writing.seers.iter().any(|seer| seer == id),
            };
            let title = draft.fields.title.best(&["en"]);
            let (lang, text) =
                title.map(|(lang, text)| (lang.to_owned(), text.to_owned())).unwrap_or_default();
            Ok(Sharing {
                title: Phrase { text, lang },
                owner: "Example Labour Institute".into(),
                own: !writing.guest,
                members: [("tern1g1", "Harbour Office"), ("tern1g2", "Ministry of <Arrivals>")]
                    .into_iter()
                    .map(seer)
                    .collect(),
                shared: writing.guest || !writing.seers.is_empty(),
                unsigned: usize::from(writing.guest) * 2,
                reached: reached(&writing.seers),
                out: writing.guest,
            })
        }))
    }

    fn share<'a>(&'a self, reader: &'a Reader, id: &'a str, share: &'a Share) -> Answer<'a, ()> {
        now(self.may(reader, |_| true).and_then(|account| {
            if account.passphrase && share.passphrase.as_deref() != Some(PASSPHRASE) {
                return Err(invalid("passphrase", "does not open your key; try again"));
            }
            let mut state = self.state();
            let writing = state.drafts.get_mut(id).ok_or(Refusal::NotFound)?;
            writing.seers.clone_from(&share.orgs);
            Ok(())
        }))
    }

    fn adopt<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        adoption: &'a Adoption,
    ) -> Answer<'a, ()> {
        now(self.may(reader, |account| account.is(Role::Publisher)).and_then(|account| {
            if account.passphrase && adoption.passphrase.as_deref() != Some(PASSPHRASE) {
                return Err(invalid("passphrase", "does not open your key; try again"));
            }
            let mut state = self.state();
            let sample = state.samples.iter_mut().find(|sample| sample.id == id);
            let sample = sample.ok_or(Refusal::NotFound)?;
            for edition in &mut sample.editions {
                if edition.id == adoption.edition {
                    edition.verdict = Verdict::Adopted;
                }
            }
            Ok(())
        }))
    }

    fn erase_practice<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        erasure: &'a Erasure,
    ) -> Answer<'a, ()> {
        now(self.may(reader, |account| account.is(Role::Publisher)).and_then(|account| {
            if account.passphrase && erasure.passphrase.as_deref() != Some(PASSPHRASE) {
                return Err(invalid("passphrase", "does not open your key; try again"));
            }
            let mut state = self.state();
            let before = state.samples.len();
            state.samples.retain(|sample| sample.id != id);
            if state.samples.len() == before { Err(Refusal::NotFound) } else { Ok(()) }
        }))
    }

    fn take_name_back<'a>(
        &'a self,
        reader: &'a Reader,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()> {
        now(self.may(reader, |_| true).and_then(|account| {
            if account.passphrase && passphrase != Some(PASSPHRASE) {
                return Err(invalid("passphrase", "does not open your key; try again"));
            }
            if let Some(kept) = self.state().accounts.get_mut(&account.id) {
                kept.named = false;
                kept.display.clone_from(&kept.name);
            }
            Ok(())
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

    fn experts<'a>(&'a self, reader: &'a Reader, query: &'a ExpertQuery) -> Answer<'a, Experts> {
        now(self.directory(reader, query))
    }

    fn expert<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Expert> {
        now(self.one_expert(reader, id))
    }

    fn own_card<'a>(&'a self, reader: &'a Reader) -> Answer<'a, OwnCard> {
        now(self.own(reader))
    }

    fn check_card<'a>(&'a self, _: &'a Reader, card: &'a Card) -> Answer<'a, CardCheck> {
        now(Ok(Self::look_through(card)))
    }

    fn sign_card<'a>(&'a self, reader: &'a Reader, sign: &'a SignCard) -> Answer<'a, String> {
        now(self.sign(reader, sign))
    }

    fn act_on_card<'a>(
        &'a self,
        reader: &'a Reader,
        act: CardAct,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()> {
        now(self.on_card(reader, act, passphrase))
    }

    fn waiting<'a>(&'a self, reader: &'a Reader) -> Answer<'a, u32> {
        now(Ok(self.count_waiting(reader)))
    }

    fn propose<'a>(&'a self, reader: &'a Reader, ask: &'a Ask) -> Answer<'a, Matching> {
        now(self.read_through(reader, ask))
    }

    fn ask<'a>(&'a self, reader: &'a Reader, send: &'a SendAsk) -> Answer<'a, String> {
        now(self.send(reader, send))
    }

    fn requests<'a>(&'a self, reader: &'a Reader, query: &'a RequestQuery) -> Answer<'a, Requests> {
        now(self.listed(reader, query))
    }

    fn open_requests<'a>(&'a self, reader: &'a Reader, passphrase: &'a str) -> Answer<'a, ()> {
        now(self.unlock(reader, passphrase))
    }

    fn request<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Request> {
        now(self.whole(reader, id))
    }

    fn act<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        act: &'a Act,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()> {
        now(self.do_act(reader, id, act, passphrase))
    }

    fn changes<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Changes> {
        now(self.listen(reader))
    }

    fn network<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Network> {
        let may_exchange = self.may(reader, |_| true).is_ok();
        let status = status(&self.state());
        let line = |level, message: &str, advice: Option<&str>| ConditionLine {
            level,
            message: message.into(),
            advice: advice.map(str::to_owned),
        };
        let condition = vec![
            line(ConditionLevel::Ok, "The node runs and answers.", None),
            line(
                ConditionLevel::Red,
                "No backup was ever made.",
                Some("Make one now with `tern backup FILE`."),
            ),
        ];
        let Links { class: links, said: links_said, .. } = self.state().tariff;
        let operator = self.may(reader, |account| account.is(Role::Operator)).is_ok();
        now(Ok(Network {
            status,
            listen: vec![
                "/ip4/192.0.2.2/udp/4480/quic-v1".into(),
                "/ip4/192.0.2.2/tcp/4480".into(),
            ],
            reached: Reached::Over(vec!["Ministère du Travail du Tchad".into()]),
            relays_for: None,
            may_exchange,
            may_resume: self.may(reader, |account| account.is(Role::Operator)).is_ok(),
            links,
            links_said,
            condition: if operator { condition } else { Vec::new() },
        }))
    }

    fn status(&self) -> Answer<'_, Status> {
        now(Ok(status(&self.state())))
    }

    fn exchange<'a>(&'a self, _: &'a Reader, peer: Option<&'a str>) -> Answer<'a, u32> {
        now(Ok(if peer.is_some() { 1 } else { 3 }))
    }

    fn links<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Links> {
        let may_say = self.may(reader, |account| account.is(Role::Operator)).is_ok();
        now(Ok(Links { may_say, ..self.state().tariff.clone() }))
    }

    fn say_links<'a>(&'a self, reader: &'a Reader, said: &'a SayLinks) -> Answer<'a, ()> {
        let may = self.may(reader, |account| account.is(Role::Operator));
        now(may.and_then(|_| super::links::say(&mut self.state().tariff, said)))
    }

    fn contact<'a>(&'a self, reader: &'a Reader) -> Answer<'a, bool> {
        now(self.may(reader, |_| true).map(|_| true))
    }

    fn resume<'a>(&'a self, reader: &'a Reader) -> Answer<'a, ()> {
        let may = self.may(reader, |account| account.is(Role::Operator));
        now(may.map(|_| {
            self.state().restored = Some(true);
        }))
    }

    fn clear_copied<'a>(&'a self, reader: &'a Reader) -> Answer<'a, ()> {
        let may = self.may(reader, |account| account.is(Role::Operator));
        now(may.map(|_| {
            self.state().copied = Some(true);
        }))
    }

    fn membership<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Membership> {
        let steward = self.may(reader, |account| account.is(Role::Steward)).is_ok();
        let members = super::governing::members(&self.state().governance);
        now(Ok(Membership {
            members,
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

    fn password_link<'a>(&'a self, token: &'a str) -> Answer<'a, Option<String>> {
        now(Ok(self.state().password_links.get(token).map(|id| id.0.clone())))
    }

    fn set_password<'a>(
        &'a self,
        token: &'a str,
        password: &'a str,
    ) -> Answer<'a, Option<AccountId>> {
        now(if password.chars().count() < 12 {
            Err(invalid("password", "Choose a password of 12 to 128 characters."))
        } else {
            let mut state = self.state();
            let id = state.password_links.remove(token);
            if let Some(account) = id.as_ref().and_then(|id| state.accounts.get_mut(id)) {
                account.password = true;
            }
            Ok(id)
        })
    }

    fn accounts<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<AccountEntry>> {
        now(self.may(reader, |account| account.is(Role::Operator)).map(|own| {
            let entry = |account: &Account| AccountEntry {
                own: account.id == own.id,
                name: account.name.clone(),
                display: account.display.clone(),
                roles: account.roles.clone(),
                password: account.password,
            };
            let mut entries: Vec<_> = self.state().accounts.values().map(entry).collect();
            entries.sort_by(|a, b| a.name.cmp(&b.name));
            entries
        }))
    }

    fn reset_account<'a>(&'a self, reader: &'a Reader, name: &'a str) -> Answer<'a, OneTimeLink> {
        now(self.may(reader, |account| account.is(Role::Operator)).and_then(|own| {
            if own.name == name {
                return Err(Refusal::Conflict("This is your own account.".into()));
            }
            let mut state = self.state();
            let id = AccountId(name.to_owned());
            state.accounts.get_mut(&id).ok_or(Refusal::NotFound)?.password = false;
            state.password_links.insert("new".into(), id);
            let path = "/sign-in/password/new".to_owned();
            Ok(OneTimeLink { name: name.to_owned(), path, expires: NOW + 900 })
        }))
    }

    fn sheet_standing<'a>(&'a self, reader: &'a Reader) -> Answer<'a, SheetStanding> {
        now(self.may(reader, |account| account.is(Role::Operator)).map(|_| SheetStanding {
            state: self.state().sheet.unwrap_or(SheetState::ToTake),
            locked: true,
        }))
    }

    fn recovery_sheet<'a>(
        &'a self,
        reader: &'a Reader,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, RecoverySheet> {
        now(self.may(reader, |account| account.is(Role::Operator)).and_then(|_| {
            if self.state().sheet.is_some() {
                return Err(Refusal::Conflict("The words are on the sheet alone.".into()));
            }
            if passphrase != Some(PASSWORD) {
                return Err(invalid("passphrase", "That is another one."));
            }
            Ok(RecoverySheet {
                organisation: "Civil registry of Chad".into(),
                org: "tern1g9dvt2mxakp3e7rs5w8ylj4c6h0fzn".into(),
                federation: Some("Knowledge Exchange".into()),
                date: "2026-11-23".into(),
                fingerprint: "6c1d 0f9a 6c1d 0f9a".into(),
                words: vec!["abandon".into(); 24],
            })
        }))
    }

    fn keep_sheet<'a>(&'a self, reader: &'a Reader) -> Answer<'a, ()> {
        now(self.may(reader, |account| account.is(Role::Operator)).map(|_| {
            self.state().sheet = Some(SheetState::Kept);
        }))
    }

    fn remove_account<'a>(
        &'a self,
        reader: &'a Reader,
        name: &'a str,
        removal: Removal<'a>,
    ) -> Answer<'a, Departed> {
        now(self.may(reader, |account| account.is(Role::Operator)).and_then(|_| {
            if name == "amina" {
                return Err(Refusal::Conflict("Amina is the last operator.".into()));
            }
            let to = removal.to.ok_or_else(|| invalid("to", "Name who goes on with 2 drafts."))?;
            if !removal.keep_certificate && removal.passphrase != Some(PASSWORD) {
                return Err(invalid("passphrase", "That is another one."));
            }
            let gone = self.state().accounts.remove(&AccountId(name.to_owned()));
            gone.ok_or(Refusal::NotFound)?;
            let kept = |what: &str, id: Option<&str>, reason: &str| Kept {
                what: what.into(),
                id: id.map(Into::into),
                reason: reason.into(),
            };
            let mut departed = Departed {
                name: name.to_owned(),
                to: Some(to.to_owned()),
                drafts: 2,
                requests: 1,
                declined: 1,
                revoked: 1,
                stands: 5,
                kept: vec![kept("key", None, "the one that reads is set aside")],
            };
            if removal.keep_certificate {
                let id = Some("tern1c7rs5w8ylj4c6h0fzn9dvt2mxakp3e");
                departed.kept.push(kept("certificate", id, "valid until it is revoked"));
                (departed.revoked, departed.stands) = (0, 0);
            }
            Ok(departed)
        }))
    }

    fn root_key<'a>(&'a self, reader: &'a Reader) -> Answer<'a, RootKey> {
        now(self.may(reader, |account| account.is(Role::Operator)).map(|_| self.state().root))
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
