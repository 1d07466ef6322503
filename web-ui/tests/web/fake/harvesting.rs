//! What catalogues gather: the samples, and one that was erased.

use tern_web_ui::service::*;

use super::*;

/// The practice that was erased.
pub const ERASED: &str = "tern1pzzerased9dvt2mxakp3e7rs5w8ylj4c6h0fzn";

impl Fake {
    fn all_gathered(&self) -> Vec<Gathered> {
        let reader = Reader { account: None, lang: "en".into() };
        // The view of one looks at the state itself.
        let samples = self.state().samples.clone();
        let samples = samples.iter().filter(|sample| !sample.editions.is_empty());
        let mut all: Vec<Gathered> = samples
            .map(|sample| {
                let p = self.view(&reader, sample, sample.editions.len() - 1);
                let record = Record {
                    edition: p.edition,
                    number: p.number,
                    content_hash: p.content_hash,
                    organisation: p.origin_name,
                    fields: p.fields,
                    signers: p.signers,
                    published: p.published,
                };
                let counts = p.verdict != Verdict::Quarantined;
                let record = counts.then(|| Box::new(record));
                Gathered { id: p.id, changed: p.published + 5, record }
            })
            .collect();
        all.push(Gathered { id: ERASED.into(), changed: NOW, record: None });
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }
}

impl Harvesting for Fake {
    fn harvest<'a>(&'a self, harvest: &'a Harvest) -> Answer<'a, Harvested> {
        let fits = |item: &Gathered| {
            harvest.from.is_none_or(|from| item.changed >= from)
                && harvest.until.is_none_or(|until| item.changed <= until)
                && harvest.after.as_ref().is_none_or(|after| item.id > *after)
                && item.record.as_ref().is_none_or(|record| {
                    let served = &record.fields.primary_objectives;
                    harvest.objective.is_none_or(|number| served.contains(&number))
                })
        };
        let mut items: Vec<_> = self.all_gathered().into_iter().filter(fits).collect();
        // Pages of two, to be turned.
        let more = items.len() > 2;
        items.truncate(2);
        let next = items.last().filter(|_| more).map(|item| item.id.clone());
        now(Ok(Harvested { items, next }))
    }

    fn gathered<'a>(&'a self, id: &'a str) -> Answer<'a, Gathered> {
        let found = self.all_gathered().into_iter().find(|item| item.id == id);
        now(found.ok_or(Refusal::NotFound))
    }
}
