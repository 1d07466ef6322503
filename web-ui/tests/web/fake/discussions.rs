//! One discussion in which much was said, and that of every practice; what is
//! said to it is only looked at.

use serde_json::{Value, json};
use tern_web_ui::service::{
    Answer, Discussing, Discussion, DiscussionEntry, DiscussionsAsked, FieldError, OpenDiscussion,
    Party, Phrase, Post, PostAdvice, PostTranslation, PostWording, Reader, Refusal, ReportEntry,
    Role, Speech,
};

use super::{Fake, PASSPHRASE, invalid, now};

/// The discussion of the sample.
pub const DISCUSSION: &str = "tern1tsample00000000";
/// A post in it by Amina.
pub const OWN: &str = "tern1rown";
/// A post that the moderators hide.
pub const HIDDEN: &str = "tern1rhidden";
/// A post by somebody else, with an answer.
pub const OTHER: &str = "tern1rother";

fn phrase(text: &str, lang: &str) -> Phrase {
    Phrase { text: text.into(), lang: lang.into() }
}

fn party(person: Option<&str>) -> Party {
    Party { person: person.map(str::to_owned), organisation: "Harbour <Office>".into() }
}

fn entry() -> DiscussionEntry {
    DiscussionEntry {
        id: DISCUSSION.into(),
        title: phrase("One desk, <or> many?", "en"),
        organisation: "Harbour <Office>".into(),
        moderators: vec!["Harbour <Office>".into()],
        state: "open".into(),
        dates: (Some("2026-03-01".into()), Some("2026-04-30".into())),
        languages: vec!["en".into(), "ar".into()],
        objectives: vec![21],
        posts: 4,
        last: 1_700_000_000,
        ..DiscussionEntry::default()
    }
}

/// One that moderators hide.
fn hidden() -> DiscussionEntry {
    let (id, title) = (DISCUSSION.into(), phrase("Cheap <visas> for all", "en"));
    DiscussionEntry { id, title, hidden: true, ..entry() }
}

/// That of a practice.
fn of_practice(id: &str) -> DiscussionEntry {
    DiscussionEntry {
        id: id.into(),
        title: phrase("Health <teams>", "en"),
        of_practice: true,
        practice: Some((id.into(), phrase("Health <teams>", "en"))),
        dates: (None, None),
        languages: Vec::new(),
        objectives: Vec::new(),
        posts: 0,
        ..entry()
    }
}

fn advice(advice: &str, followed: bool) -> PostAdvice {
    PostAdvice {
        organisation: "Registries <of> Towns".into(),
        advice: advice.into(),
        reason: "spam".into(),
        text: phrase("Twice <already>", "en"),
        followed,
    }
}

fn wording(text: &str) -> PostWording {
    PostWording { id: "tern1rwording".into(), text: text.into(), claimed: 1_700_000_000 }
}

fn post(id: &str, text: &str) -> Post {
    Post {
        id: id.into(),
        by: party(Some("Bina <Example>")),
        lang: "en".into(),
        question: 1,
        depth: 0,
        answers: None,
        wordings: vec![wording(text)],
        translations: Vec::new(),
        advice: Vec::new(),
        hidden: false,
        own: false,
        retractable: false,
    }
}

fn whole(signed_in: bool, moderates: bool) -> Discussion {
    let other = Post {
        wordings: vec![wording("First <b>words</b>"), wording("Better *words* <script>x</script>")],
        translations: vec![PostTranslation {
            lang: "ar".into(),
            text: "كلمات".into(),
            made: "human".into(),
            by: party(None),
            current: false,
        }],
        advice: vec![advice("warn", false)],
        ..post(OTHER, "")
    };
    let own = Post {
        depth: 1,
        answers: Some((OTHER.into(), Some(other.by.clone()))),
        own: signed_in,
        retractable: signed_in,
        ..post(OWN, "Mine")
    };
    let hidden = Post {
        question: 0,
        hidden: true,
        advice: vec![advice("hide", true)],
        ..post(HIDDEN, "Cheap <visas>")
    };
    let gone = Post { answers: Some(("tern1rgone".into(), None)), ..post("tern1r4", "Of what?") };
    Discussion {
        entry: entry(),
        purpose: phrase("To *hear* how others do it", "en"),
        questions: vec![phrase("What <first>?", "en"), phrase("Who paid?", "en")],
        posts: vec![other, own, hidden, Post { question: 0, ..gone }],
        summaries: Vec::new(),
        advice: vec![advice("correct", true)],
        refused: vec![("post".into(), "Upland <Office>".into(), "It is closed.".into())],
        flaw: None,
        may_post: signed_in,
        may_write: signed_in,
        may_advise: moderates,
        may_close: moderates,
        passphrase: false,
    }
}

impl Discussing for Fake {
    fn discussions<'a>(
        &'a self,
        _: &'a Reader,
        asked: &'a DiscussionsAsked,
    ) -> Answer<'a, Vec<DiscussionEntry>> {
        let fits =
            asked.lang.as_deref().is_none_or(|lang| entry().languages.contains(&lang.into()));
        let all =
            if self.state().unreviewed || !fits { Vec::new() } else { vec![entry(), hidden()] };
        now(Ok(all))
    }

    fn discussions_about<'a>(
        &'a self,
        _: &'a Reader,
        practice: &'a str,
    ) -> Answer<'a, Vec<DiscussionEntry>> {
        now(Ok(vec![of_practice(practice), entry()]))
    }

    fn discussion<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Discussion> {
        let signed_in = reader.account.is_some();
        let moderates = self.may(reader, |one| one.is(Role::Moderator)).is_ok();
        now(match id {
            DISCUSSION => Ok(whole(signed_in, moderates)),
            id if id.starts_with("tern1p") => {
                let may_post = signed_in;
                Ok(Discussion { entry: of_practice(id), may_post, ..Discussion::default() })
            }
            _ => Err(Refusal::NotFound),
        })
    }

    fn discussion_document<'a>(&'a self, _: &'a Reader, id: &'a str) -> Answer<'a, Value> {
        now(if id == DISCUSSION { Ok(json!({ "id": id })) } else { Err(Refusal::NotFound) })
    }

    fn discussions_document<'a>(
        &'a self,
        _: &'a Reader,
        asked: &'a DiscussionsAsked,
    ) -> Answer<'a, Value> {
        now(Ok(json!({ "total": 1, "open": asked.open, "objective": asked.objective })))
    }

    fn open_discussion<'a>(
        &'a self,
        reader: &'a Reader,
        open: &'a OpenDiscussion,
    ) -> Answer<'a, String> {
        now(self.may(reader, |one| one.is(Role::Publisher)).and_then(|account| {
            if open.form["title"]["en"] == "" {
                return Err(invalid("title", "is missing: say what the discussion is about"));
            }
            if account.passphrase && open.passphrase.as_deref() != Some(PASSPHRASE) {
                return Err(invalid("passphrase", "does not open your key; try again"));
            }
            assert_eq!(open.form["questions"][0]["text"]["en"], "Who <paid>?");
            assert_eq!(open.form["languages"], json!(["en"]));
            Ok(DISCUSSION.to_owned())
        }))
    }

    fn speak<'a>(
        &'a self,
        reader: &'a Reader,
        _: &'a str,
        say: &'a Speech,
        _: Option<&'a str>,
    ) -> Answer<'a, ()> {
        now(self.may(reader, |_| true).and_then(|_| match say {
            Speech::Post { text, .. } if text == "late" => {
                Err(Refusal::Forbidden("The <discussion> is closed.".into()))
            }
            Speech::Translate { lang, .. } if lang == "en" => {
                Err(Refusal::Invalid(vec![FieldError {
                    field: "lang".into(),
                    code: "invalid".into(),
                    message: "is the <language> of the text".into(),
                    limit: None,
                }]))
            }
            Speech::Edit { saw, .. } if saw != "tern1rwording" => Err(Refusal::NotFound),
            _ => Ok(()),
        }))
    }

    fn reports<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<ReportEntry>> {
        let report = ReportEntry {
            discussion: DISCUSSION.into(),
            post: OTHER.into(),
            account: "bikash".into(),
            reason: "wrong".into(),
            text: phrase("It was <later>", "en"),
            at: 1_700_000_000,
        };
        now(self.may(reader, |one| one.is(Role::Moderator)).map(|_| vec![report]))
    }

    fn settle_reports<'a>(&'a self, reader: &'a Reader, _: &'a str) -> Answer<'a, ()> {
        now(self.may(reader, |one| one.is(Role::Moderator)).map(drop))
    }
}
