//! Clearance of drafts: what was said is kept, and whoever said it last decides. Rosa asks in
//! the beginning.

use super::*;

/// What is kept about it.
pub struct Cleared {
    pub need: String,
    /// By draft.
    pub steps: BTreeMap<String, Vec<(AccountId, ClearanceStep)>>,
}

impl Default for Cleared {
    fn default() -> Self {
        Self { need: "none".into(), steps: BTreeMap::new() }
    }
}

impl Fake {
    /// A node whose organisation asks for this before a practice is published.
    #[allow(dead_code)] // the preview asks for nothing
    pub fn clearing(need: &str) -> Self {
        let fake = Self::new();
        fake.state().clearing.need = need.into();
        fake
    }

    /// Whether a draft lacks what is asked for.
    pub(super) fn uncleared(&self, draft: &str) -> bool {
        let state = self.state();
        let cleared = state.clearing.steps.get(draft).is_some_and(|all| state_of(all) == "cleared");
        state.clearing.need != "none" && !cleared
    }

    /// Somebody else asks for clearance of a draft.
    #[allow(dead_code)] // the preview has nobody else
    pub fn asks_for_clearance(&self, draft: &str) {
        let step = said("asked", "Rosa <Example>", "Read the <numbers>, please.");
        let mut state = self.state();
        state
            .clearing
            .steps
            .entry(draft.into())
            .or_default()
            .push((AccountId("rosa".into()), step));
    }
}

fn said(what: &str, person: &str, words: &str) -> ClearanceStep {
    let by =
        Party { person: Some(person.into()), organisation: "Example Labour <Institute>".into() };
    ClearanceStep { what: what.into(), by, at: NOW, words: words.into(), current: true }
}

/// Where a draft lies by what was said last.
fn state_of(steps: &[(AccountId, ClearanceStep)]) -> &'static str {
    match steps.last().map(|(_, step)| step.what.as_str()) {
        None => "not-asked",
        Some("asked") => "asked",
        Some("taken") => "taken",
        Some("returned") => "returned",
        Some(_) => "cleared",
    }
}

impl Clearing for Fake {
    fn clearance<'a>(&'a self, reader: &'a Reader, draft: &'a str) -> Answer<'a, Clearance> {
        now(self.may(reader, |_| true).and_then(|account| {
            let state = self.state();
            let writing = state.drafts.get(draft).ok_or(Refusal::NotFound)?;
            let none = Vec::new();
            let steps = state.clearing.steps.get(draft).unwrap_or(&none);
            let own = steps.iter().any(|(by, step)| step.what == "asked" && *by == account.id);
            let asked = !steps.is_empty();
            let fields = writing.now().1.clone();
            let title = fields.title.best(&["en"]);
            let title = title.map(|(lang, text)| Phrase { text: text.into(), lang: lang.into() });
            let need = state.clearing.need.clone();
            Ok(Clearance {
                state: state_of(steps).into(),
                steps: steps.iter().map(|(_, step)| step.clone()).collect(),
                last: steps.last().map(|(_, step)| step.clone()),
                changed: Vec::new(),
                can: vec![said("", "Rosa <Example>", "").by],
                may_ask: account.may_draft(),
                may_answer: asked && !own && account.is(Role::Publisher),
                may_confirm: false,
                sheet: None,
                publishes: need == "none" || state_of(steps) == "cleared",
                content_hash: "91c27f3ae0445d18".repeat(4),
                asked: asked.then_some(fields),
                passphrase: account.passphrase,
                title: title.unwrap_or_default(),
                organisation: account.organisation,
                need,
            })
        }))
    }

    fn clear<'a>(
        &'a self,
        reader: &'a Reader,
        draft: &'a str,
        act: &'a ClearanceAct,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()> {
        now(self.may(reader, Account::may_draft).and_then(|account| {
            if account.passphrase && passphrase != Some(PASSPHRASE) {
                return Err(invalid("passphrase", "does not open your key; try again"));
            }
            let (what, words) = match act {
                ClearanceAct::Ask { note } => ("asked", note.as_str()),
                ClearanceAct::Take => ("taken", ""),
                ClearanceAct::Return { reason } if reason.is_empty() => {
                    return Err(invalid("reason", "say what is to be changed"));
                }
                ClearanceAct::Return { reason } => ("returned", reason.as_str()),
                ClearanceAct::Approve => ("approved", ""),
                ClearanceAct::Confirm => ("confirmed", ""),
            };
            let step = said(what, &account.display, words);
            let mut state = self.state();
            state.clearing.steps.entry(draft.into()).or_default().push((account.id, step));
            Ok(())
        }))
    }

    fn clearances<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<ClearanceEntry>> {
        now(self.may(reader, |_| true).map(|account| {
            let state = self.state();
            let waits = |steps: &&Vec<(AccountId, ClearanceStep)>| {
                steps.first().is_some_and(|(by, _)| *by != account.id)
            };
            let all = state.clearing.steps.iter().filter(|(_, steps)| waits(steps));
            let entry = |(draft, steps): (&String, &Vec<(AccountId, ClearanceStep)>)| {
                let (_, last) = steps.last()?;
                Some(ClearanceEntry {
                    draft: draft.clone(),
                    title: "Night <school>".into(),
                    state: state_of(steps).into(),
                    by: last.by.clone(),
                    since: last.at,
                })
            };
            all.filter_map(entry).collect()
        }))
    }

    fn clearance_policy<'a>(&'a self, reader: &'a Reader) -> Answer<'a, ClearancePolicy> {
        now(self.may(reader, |_| true).map(|account| ClearancePolicy {
            need: self.state().clearing.need.clone(),
            may_change: account.is(Role::Operator),
            passphrase: false,
        }))
    }

    fn set_clearance_policy<'a>(
        &'a self,
        reader: &'a Reader,
        need: &'a str,
        _: Option<&'a str>,
    ) -> Answer<'a, ()> {
        now(self.may(reader, |account| account.is(Role::Operator)).and_then(|_| {
            if !CLEARANCE_NEEDS.contains(&need) {
                return Err(invalid("need", "choose what is asked for"));
            }
            self.state().clearing.need = need.into();
            Ok(())
        }))
    }
}
