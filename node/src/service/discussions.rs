//! Discussions, as the pages show them and take part in them.

use serde_json::Value;
use tern_crdt::discussion::fold::{Advised, Said, Translation};
use tern_crdt::discussion::{Advice, Answers, Made};
use tern_crdt::identity::CertificateId;
use tern_crdt::practice::{Tag, Texts};
use tern_web_ui::service::{
    Answer, Discussing, Discussion, DiscussionEntry, DiscussionsAsked, LIST_ITEMS_MAX,
    OpenDiscussion, Party, Phrase, Post, PostAdvice, PostTranslation, PostWording, Reader,
    ReportEntry, Speech,
};

use super::experts::typed;
use super::{Site, acting, refusal, seconds};
use crate::discussions::{Act, DiscussionRead, Opening, Placed, Standing, To, placed, reason};
use crate::erasing;
use crate::operator::{discussion_json, discussions_json};
use crate::ops::{ErrorCode, OpError};
use crate::running::Node;

fn wanted(lang: &str) -> Vec<Tag> {
    lang.parse().ok().into_iter().collect()
}

fn phrase(texts: &Texts, lang: &str) -> Phrase {
    let best = texts.best(&wanted(lang), None);
    best.map(|(tag, text)| told(tag.as_str(), text)).unwrap_or_default()
}

fn told(lang: &str, text: &str) -> Phrase {
    Phrase { text: text.to_owned(), lang: lang.to_owned() }
}

fn titled(title: Option<&(Tag, String)>) -> Phrase {
    title.map(|(tag, text)| told(tag.as_str(), text)).unwrap_or_default()
}

fn party(read: &DiscussionRead, who: &CertificateId) -> Party {
    let known = read.person(who);
    Party {
        person: known.and_then(|one| one.name.clone()),
        organisation: known.map(|one| one.org.name.clone()).unwrap_or_default(),
    }
}

fn entry(read: &DiscussionRead, lang: &str) -> DiscussionEntry {
    let form = &read.form;
    DiscussionEntry {
        id: read.id.to_string(),
        title: titled(read.title(&wanted(lang)).as_ref()),
        of_practice: read.is_of_practice(),
        practice: read
            .practice
            .as_ref()
            .map(|(id, title)| (id.to_string(), titled(title.as_ref()))),
        organisation: read.org.name.clone(),
        moderators: read.moderators.iter().map(|org| org.name.clone()).collect(),
        state: read.state().to_owned(),
        dates: (form.opens.map(|date| date.to_string()), form.closes.map(|date| date.to_string())),
        languages: form.languages.iter().map(|tag| tag.as_str().to_owned()).collect(),
        objectives: form.objectives.iter().map(|one| one.number()).collect(),
        posts: read.talk.posts.len(),
        last: seconds(read.last),
        hidden: read.hidden(&read.talk.advised).is_some(),
    }
}

fn advice(read: &DiscussionRead, one: &Advised) -> PostAdvice {
    let lang = read.held.event(&one.id).and_then(|event| event.body().deed.lang());
    PostAdvice {
        organisation: read.person(&one.by).map(|by| by.org.name.clone()).unwrap_or_default(),
        advice: one.advice.code().to_owned(),
        reason: one.reason.code().to_owned(),
        text: told(lang.unwrap_or_default(), read.text(&one.id)),
        followed: read.follows(one),
    }
}

fn translation(read: &DiscussionRead, lang: &str, one: &Translation) -> PostTranslation {
    PostTranslation {
        lang: lang.to_owned(),
        text: read.text(&one.id).to_owned(),
        made: one.made.code().to_owned(),
        by: party(read, &one.by),
        current: one.current,
    }
}

fn post(read: &DiscussionRead, standing: &Standing, one: Placed<'_>) -> Post {
    let Placed { said, question, depth } = one;
    let answers = match said.answers {
        Answers::Post(id) => {
            let known = read.talk.said(&id).map(|other| party(read, &other.by));
            Some((id.to_string(), known))
        }
        Answers::Discussion | Answers::Question(_) => None,
    };
    let wording = |one: &tern_crdt::discussion::fold::Wording| PostWording {
        id: one.id.to_string(),
        text: read.text(&one.id).to_owned(),
        claimed: seconds(one.claimed_at),
    };
    let own = read.is_own(said, standing);
    Post {
        id: said.id.to_string(),
        by: party(read, &said.by),
        lang: said.lang.clone(),
        question,
        depth,
        answers,
        wordings: said.wordings.iter().map(wording).collect(),
        translations: said.translations.iter().map(|(l, one)| translation(read, l, one)).collect(),
        advice: said.advised.iter().map(|one| advice(read, one)).collect(),
        hidden: read.hidden(&said.advised).is_some(),
        own,
        retractable: own || said.org == standing.org && (standing.moderator || standing.desk),
    }
}

/// As what the reader can act; a guest as nobody.
async fn standing(node: &Node, reader: &Reader) -> Result<(Standing, bool), OpError> {
    let Ok(account) = acting(node, reader).await else {
        return Ok((Standing::nobody(node.identity().org), false));
    };
    Ok((node.discussion_standing(&account).await?, node.is_wrapped(account.sign).await?))
}

/// A discussion as the reader may know it.
fn known(reader: &Reader, read: DiscussionRead) -> DiscussionRead {
    if reader.account.is_some() { read } else { read.for_guests() }
}

async fn whole(node: &Node, reader: &Reader, id: &str) -> Result<Discussion, OpError> {
    let read = known(reader, node.find_discussion(id).await?);
    let (standing, passphrase) = standing(node, reader).await?;
    let (may, talk, lang) = (read.may(&standing), &read.talk, reader.lang.as_str());
    let placed = placed(&talk.posts).into_iter();
    let alone = |said: &Said| post(&read, &standing, Placed { said, question: 0, depth: 0 });
    let refused = talk.refused.iter().filter_map(|(id, why)| {
        let event = read.held.event(id)?.body();
        let whose = read.person(&event.by).map(|by| by.org.name.clone()).unwrap_or_default();
        Some((event.deed.code().to_owned(), whose, super::sentence(&why.to_string())))
    });
    Ok(Discussion {
        entry: entry(&read, lang),
        flaw: talk.flaw.as_ref().map(|flaw| super::sentence(&flaw.to_string())),
        purpose: phrase(&read.form.purpose, lang),
        questions: read.form.questions.iter().map(|one| phrase(&one.text, lang)).collect(),
        posts: placed.map(|one| post(&read, &standing, one)).collect(),
        summaries: talk.summaries.iter().map(alone).collect(),
        advice: talk.advised.iter().map(|one| advice(&read, one)).collect(),
        refused: refused.take(LIST_ITEMS_MAX).collect(),
        may_post: may.post,
        may_write: may.write,
        may_advise: may.advise,
        may_close: may.close,
        passphrase,
    })
}

async fn listed(
    node: &Node,
    reader: &Reader,
    asked: &DiscussionsAsked,
) -> Result<Vec<DiscussionRead>, OpError> {
    let languages: Vec<String> = asked.lang.iter().cloned().collect();
    let objectives: Vec<u8> = asked.objective.into_iter().collect();
    let fits = |one: &DiscussionRead| one.fits(&languages, &objectives, asked.open);
    let all = node.discussions(LIST_ITEMS_MAX, fits).await?;
    Ok(all.into_iter().map(|one| known(reader, one)).collect())
}

fn invalid(field: &str, what: &str) -> OpError {
    OpError::new(ErrorCode::Invalid, what).in_field(field)
}

fn act(say: &Speech) -> Result<Act, OpError> {
    Ok(match say.clone() {
        Speech::Post { question, lang, text } => {
            let to = question.map_or(To::Whole, To::Question);
            Act::Post { to, lang: Some(lang), text }
        }
        Speech::Reply { post, lang, text } => {
            Act::Post { to: To::Post(post), lang: Some(lang), text }
        }
        Speech::Edit { post, saw, text } => Act::Edit { post, saw: Some(saw), text },
        Speech::Translate { post, lang, made, text } => {
            let made =
                Made::from_code(&made).ok_or_else(|| invalid("made", "say how it was made"))?;
            Act::Translate { post, lang, made, text }
        }
        Speech::Advise { post, advice, reason: why, text } => {
            let advice = Advice::from_code(&advice)
                .ok_or_else(|| invalid("advice", "choose what you advise"))?;
            Act::Advise { post, advice, reason: reason(&why)?, lang: None, text }
        }
        Speech::Close { lang, text } => Act::Close { lang: Some(lang), text },
        Speech::Report { .. } | Speech::TakeBack { .. } => {
            return Err(OpError::new(ErrorCode::Failed, "it is not signed as an event"));
        }
    })
}

impl Discussing for Site {
    fn discussions<'a>(
        &'a self,
        reader: &'a Reader,
        asked: &'a DiscussionsAsked,
    ) -> Answer<'a, Vec<DiscussionEntry>> {
        Box::pin(async move {
            let all = listed(self.open()?, reader, asked).await?;
            Ok(all.iter().map(|one| entry(one, &reader.lang)).collect())
        })
    }

    fn discussions_about<'a>(
        &'a self,
        reader: &'a Reader,
        practice: &'a str,
    ) -> Answer<'a, Vec<DiscussionEntry>> {
        Box::pin(async move {
            let node = self.open()?;
            let Ok(id) = practice.parse::<tern_crdt::identity::DocumentId>() else {
                return Ok(Vec::new());
            };
            let all = node.discussions_about(id, LIST_ITEMS_MAX).await?;
            let all = all.into_iter().map(|one| known(reader, one));
            Ok(all.map(|one| entry(&one, &reader.lang)).collect())
        })
    }

    fn discussion<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Discussion> {
        Box::pin(async move { whole(self.open()?, reader, id).await.map_err(refusal) })
    }

    fn discussion_document<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Value> {
        Box::pin(async move {
            let node = self.open()?;
            let read = known(reader, node.find_discussion(id).await?);
            let (standing, _) = standing(node, reader).await?;
            Ok(discussion_json(&read, &standing))
        })
    }

    fn discussions_document<'a>(
        &'a self,
        reader: &'a Reader,
        asked: &'a DiscussionsAsked,
    ) -> Answer<'a, Value> {
        Box::pin(async move {
            let all = listed(self.open()?, reader, asked).await?;
            Ok(discussions_json(&all))
        })
    }

    fn open_discussion<'a>(
        &'a self,
        reader: &'a Reader,
        open: &'a OpenDiscussion,
    ) -> Answer<'a, String> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let opening = Opening {
                form: open.form.clone(),
                practice: open.practice.clone(),
                moderators: Vec::new(),
            };
            let passphrase = typed(open.passphrase.as_deref())?;
            let id = node.open_discussion(&account, &opening, passphrase).await?;
            Ok(id.to_string())
        })
    }

    fn speak<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        say: &'a Speech,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let passphrase = typed(passphrase)?;
            match say {
                Speech::Report { post, reason: why, text } => {
                    let why = reason(why)?;
                    node.report_post(&account, id, post, why, text).await?;
                }
                Speech::TakeBack { post, reason: why } => {
                    let why = erasing::reason(why)?;
                    let taken = node.take_post_back(&account, id, post, why, passphrase);
                    taken.await?;
                }
                other => {
                    let act = act(other)?;
                    let said = node.act_in_discussion(&account, id, act, passphrase);
                    said.await?;
                }
            }
            Ok(())
        })
    }

    fn reports<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<ReportEntry>> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let reports = node.reports(&account).await?;
            let told = reports.into_iter().map(|one| ReportEntry {
                discussion: one.discussion.to_string(),
                post: one.post.to_string(),
                account: one.account,
                reason: one.reason.code().to_owned(),
                text: told(&one.lang, &one.text),
                at: seconds(one.at),
            });
            Ok(told.take(LIST_ITEMS_MAX).collect())
        })
    }

    fn settle_reports<'a>(&'a self, reader: &'a Reader, post: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            node.settle_reports(&account, post).await?;
            Ok(())
        })
    }
}
