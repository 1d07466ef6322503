//! A board with two needs: one of others, one of ours.

use super::content::{DAY, NOW};
use super::*;

/// A need that others posted.
pub const OTHERS: &str = "tern1xneedofothers9dvt2mxakp3e7rs5w";
/// One that was posted here.
pub const OURS: &str = "tern1xneedofours9dvt2mxakp3e7rs5w8y";

impl Fake {
    fn needs(&self, reader: &Reader) -> Result<Vec<Need>, Refusal> {
        let account = self.may(reader, |_| true)?;
        let lists = Arc::clone(&self.lists);
        let objective = |code: &str| Fake::choice(&lists.objectives, code);
        let need = |id: &str, title: &str, code: &str| Need {
            id: id.into(),
            title: title.into(),
            lang: "en".into(),
            organisation: None,
            place: Some(Choice { code: "002".into(), label: "Africa".into() }),
            support: vec![Choice { code: "question".into(), label: "A question".into() }],
            objectives: vec![objective(code)],
            languages: vec![Choice { code: "fr".into(), label: "français".into() }],
            needed_by: Some("2026-12-20".into()),
            signed: NOW - DAY,
            expires: NOW + 60 * DAY,
            ours: false,
            may_take_down: false,
            may_help: account.display.starts_with("Rosa"),
            passphrase: account.display.starts_with("Amina"),
        };
        let others = need(OTHERS, "A <shared> desk at a border town", "4");
        let ours = Need {
            ours: true,
            may_take_down: true,
            place: None,
            ..need(OURS, "Papers for herders", "3")
        };
        Ok(vec![others, ours])
    }
}

impl Boarding for Fake {
    fn board<'a>(&'a self, reader: &'a Reader, query: &'a BoardQuery) -> Answer<'a, Needs> {
        now(self.needs(reader).map(|mut items| {
            items.retain(|need| {
                let fits = |code: &String| need.objectives.iter().any(|one| one.code == *code);
                query.objective.as_ref().is_none_or(fits)
            });
            items.retain(|need| {
                let place = need.place.as_ref().map(|place| &place.code);
                query.region.is_none() || query.region.as_ref() == place
            });
            let regions = vec![Choice { code: "002".into(), label: "Africa".into() }];
            Needs { total: items.len() as u64, items, regions }
        }))
    }

    fn need<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Need> {
        let found = self
            .needs(reader)
            .and_then(|all| all.into_iter().find(|need| need.id == id).ok_or(Refusal::NotFound));
        now(found)
    }

    fn post_need<'a>(
        &'a self,
        reader: &'a Reader,
        request: &'a str,
        post: &'a PostNeed,
    ) -> Answer<'a, ()> {
        let posted = self.may(reader, |_| true).and_then(|account| {
            if post.title.chars().count() < 10 {
                return Err(invalid("title", "has too few characters"));
            }
            Self::signs(&account, post.passphrase.as_deref())?;
            let mut state = self.state();
            let known = state.support.requests.iter_mut().find(|one| one.id == request);
            let known = known.ok_or(Refusal::NotFound)?;
            known.talk.reach = Reach::Board;
            known.talk.needs.push(OURS.into());
            Ok(())
        });
        now(posted)
    }

    fn take_down<'a>(
        &'a self,
        reader: &'a Reader,
        _: &'a str,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()> {
        now(self.may(reader, |_| true).and_then(|account| Self::signs(&account, passphrase)))
    }

    fn offer_help<'a>(
        &'a self,
        reader: &'a Reader,
        _: &'a str,
        text: &'a str,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()> {
        let said = self.may(reader, |_| true).and_then(|account| {
            if text.chars().count() < 10 {
                return Err(invalid("text", "says too little"));
            }
            Self::signs(&account, passphrase)
        });
        now(said)
    }
}
