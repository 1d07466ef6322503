//! What is said about the samples: one is used elsewhere, translated, and the same as
//! another; what is said here stands from then on.

use std::collections::BTreeMap;

use tern_web_ui::service::*;

use super::reviews::SEALED;
use super::*;

/// By practice.
pub type Kept = BTreeMap<String, Annotations>;

const OTHERS: &str = "Upland <Labour> Office";

fn phrase(text: &str, lang: &str) -> Phrase {
    Phrase { text: text.into(), lang: lang.into() }
}

fn word(id: &str, organisation: &str, ours: bool) -> Word {
    let by = Party { person: Some("Bina <Example>".into()), organisation: organisation.into() };
    Word { id: id.into(), by, claimed: NOW - 86_400, ours }
}

fn adapted(ours: bool) -> Adapted {
    Adapted {
        word: word("tern1radapted", OTHERS, ours),
        practice: None,
        countries: vec![Choice { code: "NP".into(), label: "Nepal".into() }],
        place: Some("<Karnali>".into()),
        since: Some("2025-03".into()),
        outcome: Some("did-not".into()),
        changed: Some(phrase("On <foot>", "en")),
        text: None,
    }
}

/// What is said about the sealed sample before anybody here says something.
pub fn kept() -> Kept {
    let translated = Translated {
        word: word("tern1rtranslated", OTHERS, true),
        lang: "fr".into(),
        by: Some("machine".into()),
        number: Some(1),
        outdated: vec!["title".into()],
        missing: vec!["lessons".into()],
        texts: [("title".to_owned(), "Un <seul> guichet".to_owned())].into(),
    };
    let same = Same {
        word: word("tern1rsame", OTHERS, false),
        practice: Some(OtherPractice {
            id: "tern1pelsewhere".into(),
            title: None,
            organisation: None,
        }),
        aliases: vec![("doi".into(), "10.1000/<182>".into())],
    };
    let said = Annotations {
        renewed: NOW - 400 * 86_400,
        stale: true,
        adapted: vec![adapted(false)],
        translations: vec![translated],
        same: vec![same],
        ..Annotations::default()
    };
    [(SEALED.to_owned(), said)].into()
}

fn withdrawal(reason: &str, text: &str) -> Withdrawal {
    Withdrawal {
        word: word("tern1rwithdrawn", "Example Labour Institute", true),
        reason: reason.into(),
        text: Some(phrase(text, "en")).filter(|phrase| !phrase.text.is_empty()),
        replaced_by: None,
        editions: vec![1],
    }
}

impl Annotating for Fake {
    fn said<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        edition: Option<&'a str>,
    ) -> Answer<'a, Annotations> {
        Box::pin(async move {
            let practice = self.practice(reader, id, edition).await?;
            let account = self.may(reader, |_| true).ok();
            let mut said = self.state().annotations.get(&practice.id).cloned().unwrap_or_default();
            said.fields = practice.fields;
            for one in &said.translations {
                if let Some(title) = one.texts.get("title") {
                    said.fields.title.set(&one.lang, title);
                }
            }
            said.passphrase = account.as_ref().is_some_and(|account| account.passphrase);
            if account.is_some_and(|account| account.is(Role::Publisher)) {
                said.may = SayKind::ALL.to_vec();
            }
            Ok(said)
        })
    }

    fn say<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        say: &'a Say,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, String> {
        now(self.may(reader, |account| account.is(Role::Publisher)).and_then(|account| {
            if account.passphrase && passphrase != Some(PASSPHRASE) {
                return Err(invalid("passphrase", "does not open your key; try again"));
            }
            let mut state = self.state();
            let said = state.annotations.entry(id.to_owned()).or_default();
            match say {
                Say::Withdraw { reason, text, .. } => {
                    said.withdrawal = Some(withdrawal(reason, text));
                }
                Say::Confirm { .. } => {
                    said.confirmed =
                        Some(word("tern1rconfirmed", "Example Labour Institute", true));
                    said.stale = false;
                }
                Say::Adapt(form) if form["since"] == "yesterday" => {
                    return Err(invalid("since", "is no date: give 2025, 2025-03 or 2025-03-31"));
                }
                Say::Adapt(_) => said.adapted.push(adapted(true)),
                Say::Same { practice, .. } => {
                    let practice = practice.clone().map(|id| OtherPractice {
                        id,
                        title: None,
                        organisation: None,
                    });
                    let word = word("tern1rsaid", "Example Labour Institute", true);
                    said.same.push(Same { word, practice, aliases: Vec::new() });
                }
                Say::Translate { translation, .. } if translation.get("title").is_none() => {
                    return Err(invalid("title", "translate at least one text"));
                }
                Say::Translate { lang, translation, .. } => {
                    let title = translation["title"].as_str().expect("a title").to_owned();
                    said.translations.retain(|one| one.lang != *lang);
                    said.translations.push(Translated {
                        word: word("tern1rmine", "Example Labour Institute", true),
                        lang: lang.clone(),
                        by: translation["by"].as_str().map(str::to_owned),
                        number: Some(1),
                        outdated: Vec::new(),
                        missing: Vec::new(),
                        texts: [("title".to_owned(), title)].into(),
                    });
                }
                Say::TakeBack { .. } => said.withdrawal = None,
            }
            Ok("tern1rsaid".to_owned())
        }))
    }

    fn likely_same<'a>(&'a self, reader: &'a Reader, _: &'a str) -> Answer<'a, Vec<Alike>> {
        let samples = self.state().samples.clone();
        let alike = samples.iter().filter(|sample| sample.id != SEALED).take(2);
        now(Ok(alike.map(|sample| self.alike_to(sample, &reader.lang)).collect()))
    }

    fn adapted_by<'a>(&'a self, _: &'a Reader, _: &'a str) -> Answer<'a, Vec<Adapted>> {
        let practice = OtherPractice {
            id: SEALED.into(),
            title: Some(phrase("Desks <for> those who return", "en")),
            organisation: Some("Ministry of <Arrivals>".into()),
        };
        now(Ok(vec![Adapted { practice: Some(practice), ..adapted(false) }]))
    }

    fn due<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Due> {
        let may = self.may(reader, |account| account.is(Role::Publisher)).is_ok();
        let practices = vec![(SEALED.to_owned(), phrase("<One> desk", "en"), NOW - 400 * 86_400)];
        now(Ok(match may {
            true => Due { total: 7, practices, organisation: "tern1gours".into() },
            false => Due::default(),
        }))
    }
}
