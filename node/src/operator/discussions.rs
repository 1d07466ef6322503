//! Discussions: opening, reading, posting, moderating.

use serde_json::{Value, json};
use tern_crdt::discussion::fold::{Advised, Said, Translation};
use tern_crdt::discussion::{Advice, Answers, Made};
use tern_crdt::identity::{CertificateId, RecordId};
use tern_crdt::practice::Tag;

use super::{Acting, invalid, moment};
use crate::discussions::{Act, DiscussionRead, Opening, Standing, To, reason};
use crate::erasing;
use crate::ops::{Fields, OpError};

impl Acting<'_> {
    pub(super) async fn discuss_open(
        self,
        discussion: Fields,
        practice: Option<String>,
        moderators: Vec<String>,
    ) -> Result<Value, OpError> {
        let account = self.account().await?;
        let opening = Opening { form: Value::Object(discussion), practice, moderators };
        let passphrase = self.caller.passphrase.clone();
        let id = self.node.open_discussion(&account, &opening, passphrase).await?;
        Ok(json!({ "id": id.to_string() }))
    }

    pub(super) async fn discussions(
        self,
        languages: Vec<String>,
        objectives: Vec<u8>,
        open: bool,
    ) -> Result<Value, OpError> {
        let fits = |one: &DiscussionRead| one.fits(&languages, &objectives, open);
        Ok(list_json(&self.node.discussions(usize::MAX, fits).await?))
    }

    pub(super) async fn discuss_show(self, id: String) -> Result<Value, OpError> {
        let account = self.account().await?;
        let standing = self.node.discussion_standing(&account).await?;
        let discussion = self.node.find_discussion(&id).await?;
        Ok(whole_json(&discussion, &standing))
    }

    pub(super) async fn discuss(self, id: String, act: Act) -> Result<Value, OpError> {
        let account = self.account().await?;
        let passphrase = self.caller.passphrase.clone();
        let (discussion, post) =
            self.node.act_in_discussion(&account, &id, act, passphrase).await?;
        Ok(json!({
            "id": discussion.id.to_string(), "post": post.to_string(),
            "state": discussion.state(), "posts": discussion.talk.posts.len(),
        }))
    }

    pub(super) async fn discuss_post(
        self,
        id: String,
        text: String,
        lang: Option<String>,
        question: Option<usize>,
        reply_to: Option<String>,
    ) -> Result<Value, OpError> {
        let to = match (question, reply_to) {
            (None, None) => To::Whole,
            (Some(number), None) => To::Question(number),
            (None, Some(post)) => To::Post(post),
            (Some(_), Some(_)) => {
                let what = "a post answers a question or another post, not both";
                return Err(invalid("question", what));
            }
        };
        self.discuss(id, Act::Post { to, lang, text }).await
    }

    pub(super) async fn discuss_translate(
        self,
        id: String,
        post: String,
        lang: String,
        made: Option<String>,
        text: String,
    ) -> Result<Value, OpError> {
        let code = made.as_deref().map_or("human", str::trim);
        let made = Made::from_code(code).ok_or_else(|| {
            invalid("made", format!("`{code}` is none of human, machine, reviewed"))
        })?;
        self.discuss(id, Act::Translate { post, lang, made, text }).await
    }

    pub(super) async fn discuss_advise(
        self,
        id: String,
        post: Option<String>,
        advice: &str,
        why: &str,
        (lang, text): (Option<String>, String),
    ) -> Result<Value, OpError> {
        let advice = Advice::from_code(advice.trim()).ok_or_else(|| {
            let what = format!("`{advice}` is none of hide, correct, warn, clear");
            invalid("advice", what)
        })?;
        let reason = reason(why)?;
        self.discuss(id, Act::Advise { post, advice, reason, lang, text }).await
    }

    pub(super) async fn discuss_take_back(
        self,
        id: String,
        post: String,
        why: Option<String>,
    ) -> Result<Value, OpError> {
        let account = self.account().await?;
        let reason = erasing::reason(why.as_deref().unwrap_or("taken-back"))?;
        let passphrase = self.caller.passphrase.clone();
        let erased = self.node.take_post_back(&account, &id, &post, reason, passphrase).await?;
        Ok(json!({ "id": post, "erased": erased }))
    }

    pub(super) async fn discuss_report(
        self,
        id: String,
        post: String,
        why: &str,
        words: String,
    ) -> Result<Value, OpError> {
        let account = self.account().await?;
        self.node.report_post(&account, &id, &post, reason(why)?, &words).await?;
        Ok(json!({ "id": post }))
    }

    pub(super) async fn discuss_reports(self) -> Result<Value, OpError> {
        let account = self.account().await?;
        let reports = self.node.reports(&account).await?;
        let items: Vec<Value> = reports
            .iter()
            .map(|one| {
                json!({
                    "discussion": one.discussion.to_string(), "post": one.post.to_string(),
                    "account": one.account, "reason": one.reason.code(), "lang": one.lang,
                    "text": one.text, "at": moment(one.at),
                })
            })
            .collect();
        Ok(json!({ "total": items.len(), "items": items }))
    }

    pub(super) async fn discuss_settle(self, post: String) -> Result<Value, OpError> {
        let account = self.account().await?;
        Ok(json!({ "settled": self.node.settle_reports(&account, &post).await? }))
    }
}

/// A list of discussions.
pub(crate) fn list_json(all: &[DiscussionRead]) -> Value {
    json!({ "total": all.len(), "items": all.iter().map(head_json).collect::<Vec<_>>() })
}

/// What a list shows of a discussion.
fn head_json(read: &DiscussionRead) -> Value {
    let title = read.title(&[]);
    let form = &read.form;
    json!({
        "id": read.id.to_string(), "title": title.as_ref().map(|(_, title)| title),
        "lang": title.as_ref().map(|(tag, _)| tag.as_str()),
        "practice": read.practice.as_ref().map(|(id, _)| id.to_string()),
        "of_practice": read.is_of_practice(), "org": read.org.name,
        "org_id": read.org.id.to_string(),
        "moderators": read.moderators.iter().map(|org| &org.name).collect::<Vec<_>>(),
        "state": read.state(), "opens": form.opens.map(|date| date.to_string()),
        "closes": form.closes.map(|date| date.to_string()),
        "languages": form.languages.iter().map(Tag::as_str).collect::<Vec<_>>(),
        "objectives": form.to_json()["objectives"], "posts": read.talk.posts.len(),
        "last": moment(read.last),
    })
}

/// A discussion, whole; `standing` is that of who asks.
pub(crate) fn whole_json(read: &DiscussionRead, standing: &Standing) -> Value {
    let talk = &read.talk;
    let posts = |list: &[Said]| list.iter().map(|said| said_json(read, standing, said)).collect();
    let refused = talk.refused.iter().filter_map(|(id, why)| {
        let event = read.held.event(id)?.body();
        Some(json!({
            "id": id.to_string(), "type": event.deed.code(), "org": actor(read, &event.by).1,
            "refused": why.to_string(),
        }))
    });
    let may = read.may(standing);
    let all =
        [("post", may.post), ("write", may.write), ("advise", may.advise), ("close", may.close)];
    let mut told = head_json(read);
    told["form"] = read.form.to_json();
    told["flaw"] = json!(talk.flaw.as_ref().map(ToString::to_string));
    told["items"] = Value::Array(posts(&talk.posts));
    told["summaries"] = Value::Array(posts(&talk.summaries));
    told["advisories"] = advisories(read, &talk.advised);
    told["refused"] = refused.collect();
    told["may"] = all.into_iter().filter(|(_, may)| *may).map(|(what, _)| json!(what)).collect();
    told
}

fn actor(read: &DiscussionRead, by: &CertificateId) -> (Option<String>, String) {
    read.person(by).map_or((None, String::new()), |one| (one.name.clone(), one.org.name.clone()))
}

fn said_json(read: &DiscussionRead, standing: &Standing, said: &Said) -> Value {
    let (person, org) = actor(read, &said.by);
    let text = |id: &RecordId| read.text(id).to_owned();
    let wordings: Vec<Value> = said
        .wordings
        .iter()
        .map(|one| {
            json!({
                "id": one.id.to_string(), "text": text(&one.id),
                "claimed_at": moment(one.claimed_at),
            })
        })
        .collect();
    let answers = match said.answers {
        Answers::Discussion => json!({ "type": "discussion" }),
        Answers::Question(number) => {
            json!({ "type": "question", "question": u32::from(number) + 1 })
        }
        Answers::Post(post) => json!({ "type": "post", "post": post.to_string() }),
    };
    let translation = |(lang, one): (&String, &Translation)| {
        let (person, org) = actor(read, &one.by);
        json!({
            "id": one.id.to_string(), "lang": lang, "text": text(&one.id),
            "made": one.made.code(), "person": person, "org": org, "own": one.own,
            "current": one.current,
        })
    };
    let hidden = read.hidden(&said.advised).map(|one| advised_json(read, one));
    json!({
        "id": said.id.to_string(), "answers": answers, "person": person, "org": org,
        "org_id": said.org.to_string(), "lang": said.lang, "text": text(&said.now()),
        "claimed_at": said.wordings.first().map(|one| moment(one.claimed_at)),
        "own": read.is_own(said, standing), "wordings": wordings,
        "translations": said.translations.iter().map(translation).collect::<Vec<_>>(),
        "advisories": advisories(read, &said.advised), "hidden": hidden,
    })
}

fn advisories(read: &DiscussionRead, all: &[Advised]) -> Value {
    all.iter().map(|one| advised_json(read, one)).collect()
}

fn advised_json(read: &DiscussionRead, one: &Advised) -> Value {
    let lang = read.held.event(&one.id).and_then(|event| event.body().deed.lang());
    json!({
        "id": one.id.to_string(), "org": actor(read, &one.by).1, "org_id": one.org.to_string(),
        "advice": one.advice.code(), "reason": one.reason.code(), "lang": lang,
        "text": read.text(&one.id), "moderates": one.moderates, "followed": read.follows(one),
        "claimed_at": moment(one.claimed_at),
    })
}
