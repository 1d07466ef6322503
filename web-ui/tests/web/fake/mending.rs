//! Held work of drafts: one thing to adopt, one that lost, one to read.

use tern_web_ui::service::{
    AdoptedWork, Answer, Clash, EndedWork, Fields, HeldWay, HeldWork, Mend, Mending, Reader,
    Refusal, Writer,
};

use super::{Fake, PASSPHRASE, invalid, now};

fn writer(person: Option<&str>, organisation: &str) -> Writer {
    Writer { person: person.map(str::to_owned), organisation: organisation.to_owned() }
}

/// What is held back of a draft that says this.
pub fn held(fields: &Fields) -> Vec<HeldWork> {
    let says = |text: &str| {
        let mut fields = fields.clone();
        fields.summary = serde_json::from_value(serde_json::json!({ "en": text })).expect("a text");
        Some(fields)
    };
    let work = |change: &str, way, lost, fields| HeldWork {
        change: change.repeat(32),
        by: vec![writer(Some("Bina <Example>"), "Harbour Office")],
        ended: Vec::new(),
        lost,
        changes: 2,
        bytes: 2_048,
        fields,
        way,
        ours: lost,
        away: false,
    };
    let thief = writer(None, "Ministry of <Arrivals>");
    let ended = EndedWork { who: thief.clone(), reason: "stolen".into() };
    let mut adopt = work("aa", HeldWay::Adopt, false, says("Learnt at sea."));
    adopt.by.push(thief);
    adopt.ended.push(ended);
    let lost = work("bb", HeldWay::TakeOver, true, says("Written in the mountains."));
    let read = work("cc", HeldWay::Read, false, None);
    vec![adopt, lost, read]
}

impl Mending for Fake {
    fn mend<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        change: &'a str,
        mend: &'a Mend,
    ) -> Answer<'a, Vec<Clash>> {
        now(self.may(reader, |_| true).and_then(|account| {
            let mut state = self.state();
            let writing = state.drafts.get_mut(id).ok_or(Refusal::NotFound)?;
            let at = writing.held.iter().position(|work| work.change == change);
            let at = at.ok_or(Refusal::NotFound)?;
            match mend {
                Mend::Adopt { passphrase, .. }
                    if account.passphrase && passphrase.as_deref() != Some(PASSPHRASE) =>
                {
                    return Err(invalid("passphrase", "does not open your key; try again"));
                }
                Mend::Adopt { reason, .. } => {
                    let work = writing.held.remove(at);
                    writing.adopted.push(AdoptedWork {
                        who: work.ended[0].who.clone(),
                        by: writer(Some(&account.display), &account.organisation),
                        reason: reason.clone(),
                    });
                }
                Mend::TakeOver => drop(writing.held.remove(at)),
                Mend::PutAway => writing.held[at].away = true,
                Mend::BringBack => writing.held[at].away = false,
            }
            Ok(Vec::new())
        }))
    }

    fn put_draft_away<'a>(&'a self, reader: &'a Reader, id: &'a str, away: bool) -> Answer<'a, ()> {
        now(self.may(reader, |_| true).and_then(|_| {
            let mut state = self.state();
            let writing = state.drafts.get_mut(id).ok_or(Refusal::NotFound)?;
            writing.away = away;
            Ok(())
        }))
    }
}
