//! What was said, told in order: which posts stand in which wording, in which
//! languages, and what is advised about them.

use std::collections::{BTreeMap, BTreeSet};

use super::{Advised, Conversation, Said, Translation, Wording};
use crate::causality::{Happened, in_order, tips};
use crate::discussion::{Advice, Answers, Deed, DiscussionEvent, DiscussionRefused};
use crate::identity::{DiscussionId, OrgId, PublicKey, RecordId};
use crate::signed::Verified;

type Event<'a> = (&'a Verified<DiscussionEvent>, OrgId);

/// A translation that counts, with its place in the order.
struct Translated {
    shown: Translation,
    lang: String,
    wording: RecordId,
}

/// See the module.
pub(super) struct Telling {
    place: DiscussionId,
    moderators: BTreeSet<OrgId>,
    questions: usize,
    /// Posts and summaries, with the keys of their authors.
    texts: BTreeMap<RecordId, (Said, PublicKey)>,
    translated: BTreeMap<RecordId, Vec<Translated>>,
    /// Of each thing, what each organisation advised last.
    advised: BTreeMap<RecordId, BTreeMap<OrgId, Advised>>,
    /// What follows a summary that closes, and those themselves.
    closed: BTreeSet<RecordId>,
    posts: Vec<RecordId>,
    summaries: Vec<RecordId>,
}

impl Telling {
    pub fn of(
        place: DiscussionId,
        moderators: BTreeSet<OrgId>,
        questions: usize,
        mut standing: BTreeMap<RecordId, Event<'_>>,
        mut refused: BTreeMap<RecordId, DiscussionRefused>,
    ) -> Conversation {
        let mut telling = Self {
            place,
            moderators,
            questions,
            texts: BTreeMap::new(),
            translated: BTreeMap::new(),
            advised: BTreeMap::new(),
            closed: BTreeSet::new(),
            posts: Vec::new(),
            summaries: Vec::new(),
        };
        for id in order(&standing) {
            let Some((event, org)) = standing.get(&id) else { continue };
            if let Err(why) = telling.take(id, event, *org) {
                refused.insert(id, why);
                standing.remove(&id);
            }
        }
        let line = order(&standing);
        let after = follows(&standing);
        let tips = tips(&happened(&standing, &after));
        telling.end(line, tips, refused)
    }

    /// One more event, after all that it follows.
    fn take(
        &mut self,
        id: RecordId,
        event: &Verified<DiscussionEvent>,
        org: OrgId,
    ) -> Result<(), DiscussionRefused> {
        let body = event.body();
        let key = event.only_signer().ok_or(DiscussionRefused::Signatures)?;
        let late = followed(body).any(|earlier| self.closed.contains(&earlier));
        if late {
            self.closed.insert(id);
        }
        let wording = Wording { id, claimed_at: body.claimed_at };
        match &body.deed {
            Deed::Post { .. } | Deed::Close { .. } if late => Err(DiscussionRefused::Closed),
            Deed::Post { answers: Answers::Question(number), .. }
                if usize::from(*number) >= self.questions =>
            {
                Err(DiscussionRefused::NoQuestion)
            }
            Deed::Post { lang, .. } | Deed::Close { lang, .. } => {
                let (answers, list) = match body.deed {
                    Deed::Post { answers, .. } => (answers, &mut self.posts),
                    _ => {
                        self.closed.insert(id);
                        (Answers::Discussion, &mut self.summaries)
                    }
                };
                list.push(id);
                let (lang, wordings) = (lang.clone(), vec![wording]);
                let (translations, advised) = (BTreeMap::new(), Vec::new());
                let by = body.by;
                let said = Said { id, by, org, answers, lang, wordings, translations, advised };
                self.texts.insert(id, (said, key));
                Ok(())
            }
            Deed::Edit { of, follows, .. } => {
                let text = self.texts.get_mut(of);
                let (said, author) = text.ok_or(DiscussionRefused::NotYet("a post"))?;
                if *author != key {
                    return Err(DiscussionRefused::NotTheAuthor);
                }
                if !said.wordings.iter().any(|one| one.id == *follows) {
                    return Err(DiscussionRefused::NotYet("the wording before it"));
                }
                said.wordings.push(wording);
                Ok(())
            }
            Deed::Translate { of, wording, lang, made, .. } => {
                let text = self.texts.get(of);
                let (said, author) = text.ok_or(DiscussionRefused::NotYet("a post"))?;
                if !said.wordings.iter().any(|one| one.id == *wording) {
                    return Err(DiscussionRefused::NotYet("the wording that it translates"));
                }
                if said.lang == *lang {
                    return Err(DiscussionRefused::SameLanguage);
                }
                let own = *author == key;
                let shown = Translation { id, by: body.by, made: *made, own, current: false };
                let translated = Translated { shown, lang: lang.clone(), wording: *wording };
                self.translated.entry(*of).or_default().push(translated);
                Ok(())
            }
            Deed::Advise { about, advice, reason, .. } => {
                if !self.texts.contains_key(about) && *about != self.place.cast() {
                    return Err(DiscussionRefused::NotYet("a post"));
                }
                let advised = Advised {
                    id,
                    by: body.by,
                    org,
                    moderates: self.moderators.contains(&org),
                    advice: *advice,
                    reason: *reason,
                    claimed_at: body.claimed_at,
                };
                self.advised.entry(*about).or_default().insert(org, advised);
                Ok(())
            }
        }
    }

    fn end(
        mut self,
        line: Vec<RecordId>,
        tips: Vec<RecordId>,
        refused: BTreeMap<RecordId, DiscussionRefused>,
    ) -> Conversation {
        for (of, all) in std::mem::take(&mut self.translated) {
            let Some((said, _)) = self.texts.get_mut(&of) else { continue };
            let now = said.now();
            for Translated { shown, lang, wording } in all {
                let shown = Translation { current: wording == now, ..shown };
                let rank = |one: &Translation| (one.own, one.current);
                let better =
                    said.translations.get(&lang).is_none_or(|old| rank(&shown) >= rank(old));
                if better {
                    said.translations.insert(lang, shown);
                }
            }
        }
        let about_all = self.advice(&self.place.cast());
        let posts = std::mem::take(&mut self.posts);
        let posts = posts.iter().filter_map(|id| self.text(id)).collect();
        let summaries = std::mem::take(&mut self.summaries);
        let summaries = summaries.iter().filter_map(|id| self.text(id)).collect();
        Conversation {
            flaw: None,
            posts,
            summaries,
            advised: about_all,
            moderators: self.moderators,
            line,
            refused,
            tips,
        }
    }

    fn text(&mut self, id: &RecordId) -> Option<Said> {
        let (mut said, _) = self.texts.remove(id)?;
        said.advised = self.advice(id);
        Some(said)
    }

    /// What is advised about something now, by those who moderate here first.
    fn advice(&self, about: &RecordId) -> Vec<Advised> {
        let all = self.advised.get(about).into_iter().flat_map(BTreeMap::values);
        let mut all: Vec<Advised> =
            all.filter(|one| one.advice != Advice::Clear).copied().collect();
        all.sort_by_key(|one| (!one.moderates, one.org));
        all
    }
}

/// What an event follows: what it lists and what it names.
fn followed(event: &DiscussionEvent) -> impl Iterator<Item = RecordId> + '_ {
    event.after.iter().copied().chain(event.deed.names().into_iter().flatten())
}

fn follows(standing: &BTreeMap<RecordId, Event<'_>>) -> BTreeMap<RecordId, Vec<RecordId>> {
    standing.iter().map(|(id, (event, _))| (*id, followed(event.body()).collect())).collect()
}

fn happened<'a>(
    standing: &BTreeMap<RecordId, Event<'_>>,
    after: &'a BTreeMap<RecordId, Vec<RecordId>>,
) -> BTreeMap<RecordId, Happened<'a>> {
    let told = |(id, after): (&RecordId, &'a Vec<RecordId>)| {
        let claimed_at = standing.get(id).map(|(event, _)| event.body().claimed_at);
        (*id, Happened { after, claimed_at: claimed_at.unwrap_or_default() })
    };
    after.iter().map(told).collect()
}

fn order(standing: &BTreeMap<RecordId, Event<'_>>) -> Vec<RecordId> {
    let after = follows(standing);
    in_order(&happened(standing, &after))
}
