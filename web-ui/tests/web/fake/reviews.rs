//! One review, on which enough was said; what is done to it is only looked at.

use tern_web_ui::service::{
    Answer, Assessed, Criterion, FieldError, Part, PartKind, Party, Phrase, Reader, Refusal,
    Review, ReviewEntry, ReviewPolicy, ReviewStep, ReviewerLine, Reviewing, Scored, Seal, Submit,
};

use super::{Fake, PASSPHRASE, invalid, now};

/// The submission of the sample.
pub const SUBMISSION: &str = "tern1ssample00000000";

/// One that is sealed, of an edition that is not held; only its authors can
/// still say something.
pub const OTHER: &str = "tern1sother000000000";
/// A word to the authors that no review has room for.
pub const TOO_LONG: &str = "as if it were longer than fits";
/// The practice of which every edition is sealed.
pub const SEALED: &str = "tern1p34hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn3";

fn phrase(text: &str) -> Phrase {
    Phrase { text: text.into(), lang: "en".into() }
}

fn party(person: Option<&str>, organisation: &str) -> Party {
    Party { person: person.map(str::to_owned), organisation: organisation.into() }
}

fn entry(practice: &str, edition: &str) -> ReviewEntry {
    ReviewEntry {
        id: SUBMISSION.into(),
        practice: practice.into(),
        title: phrase("Desks <for> those who return"),
        edition: edition.into(),
        number: Some(1),
        organisation: "Ministry of <Arrivals>".into(),
        state: "ready".into(),
        round: 1,
        holders: vec!["Office of <Crossings>".into()],
        since: 1_700_000_000,
        waits: true,
    }
}

fn other() -> ReviewEntry {
    ReviewEntry {
        id: OTHER.into(),
        title: Phrase::default(),
        number: None,
        state: "sealed".into(),
        round: 2,
        holders: Vec::new(),
        waits: false,
        ..entry(SEALED, "1")
    }
}

fn step(kind: &str, refused: Option<&str>) -> ReviewStep {
    ReviewStep {
        kind: kind.into(),
        actor: party(Some("Bina <Example>"), "Harbour Office"),
        whom: Some(party(None, "Upland Office")),
        detail: None,
        note: "Seen <on> site".into(),
        claimed: 1_700_000_000,
        refused: refused.map(str::to_owned),
    }
}

fn review(signed_in: bool) -> Review {
    let criterion = |code: &str, required| Criterion {
        code: code.into(),
        question: phrase("Is it <shown> that it works?"),
        required,
    };
    let scored = Scored {
        question: phrase("Is it <shown> that it works?"),
        mark: "n/a".into(),
        comment: "Not <yet>".into(),
    };
    let assessed = Assessed {
        scores: vec![scored],
        comments: vec![("results".into(), "Since <when>?".into())],
        recommendation: "minor".into(),
        to_authors: "Say <who> counted".into(),
        lang: "en".into(),
        counted: None,
    };
    let line = ReviewerLine {
        party: party(Some("Bina <Example>"), "Harbour Office"),
        side: "external".into(),
        round: 1,
        said: "reviewed".into(),
        reason: None,
        assessed: Some(assessed),
    };
    Review {
        entry: entry(SEALED, "1"),
        flaw: None,
        policy: phrase("Practices of the Hub"),
        criteria: vec![criterion("evidence", true), criterion("rights", false)],
        internal: (1, 1),
        external: (2, 2),
        reviewers: vec![line],
        steps: ["submit", "invite", "accept", "review"].map(|kind| step(kind, None)).to_vec(),
        refused: vec![step("review", Some("its signer was <not> invited"))],
        parts: if signed_in { PartKind::ALL.to_vec() } else { Vec::new() },
        ready: false,
        candidates: vec![("tern1cone".into(), party(Some("Ion <Example>"), "Registries"))],
        sealed: false,
        passphrase: false,
    }
}

impl Reviewing for Fake {
    fn reviews<'a>(&'a self, _: &'a Reader) -> Answer<'a, Vec<ReviewEntry>> {
        let all =
            if self.state().unreviewed { Vec::new() } else { vec![entry(SEALED, "1"), other()] };
        now(Ok(all))
    }

    fn review<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Review> {
        let open = review(reader.account.is_some());
        now(match id {
            SUBMISSION => Ok(open),
            OTHER => {
                let parts = open.parts.into_iter().filter(|part| *part == PartKind::Reply);
                Ok(Review { entry: other(), sealed: true, parts: parts.collect(), ..open })
            }
            _ => Err(Refusal::NotFound),
        })
    }

    fn policies<'a>(&'a self, _: &'a Reader) -> Answer<'a, Vec<ReviewPolicy>> {
        let policy = ReviewPolicy {
            id: "tern1rpolicy".into(),
            name: phrase("Practices of the <Hub>"),
            board: vec!["Office of <Crossings>".into()],
            reviewers: (1, 2),
        };
        now(Ok(if self.state().unreviewed { Vec::new() } else { vec![policy] }))
    }

    fn submit<'a>(
        &'a self,
        reader: &'a Reader,
        _: &'a str,
        submit: &'a Submit,
    ) -> Answer<'a, String> {
        now(self.may(reader, |_| true).and_then(|account| {
            if account.passphrase && submit.passphrase.as_deref() != Some(PASSPHRASE) {
                return Err(invalid("passphrase", "does not open your key; try again"));
            }
            Ok(SUBMISSION.to_owned())
        }))
    }

    fn take_part<'a>(
        &'a self,
        reader: &'a Reader,
        _: &'a str,
        part: &'a Part,
        _: Option<&'a str>,
    ) -> Answer<'a, ()> {
        now(self.may(reader, |_| true).and_then(|_| match part {
            Part::Decide(outcome, _) if outcome == "sealed" => {
                Err(Refusal::Forbidden("It rests on too <few> reviews.".into()))
            }
            Part::Score(form) if form["to_authors"] == TOO_LONG => {
                let wrong = |field: &str| FieldError {
                    field: field.into(),
                    code: "too-large".into(),
                    message: "has <more> characters than fit".into(),
                    limit: Some("4000".into()),
                };
                let places = ["to_authors", "scores[1].comment", "comments[0].text", "assessment"];
                Err(Refusal::Invalid(places.map(wrong).to_vec()))
            }
            Part::Score(form) if form["scores"][0]["criterion"] != "evidence" => {
                Err(Refusal::NotFound)
            }
            _ => Ok(()),
        }))
    }

    fn seals<'a>(&'a self, practice: &'a str, edition: &'a str) -> Answer<'a, Vec<Seal>> {
        let seal = Seal {
            id: "tern1rseal".into(),
            submission: SUBMISSION.into(),
            edition: edition.into(),
            policy: "Practices of the <Hub>".into(),
            organisation: "Office of <Crossings>".into(),
            reviews: 4,
            dissent: 1,
            claimed: 1_700_000_000,
        };
        now(Ok(if practice == SEALED { vec![seal] } else { Vec::new() }))
    }
}
