//! Asking for a translation: a request that names an edition and a language, begun from
//! the practice's page.
//!
//! What is to be translated travels through the steps of the form beside what is typed;
//! whether it is held, and is not there already, the node judges before it is sent.

use crate::address::encode;
use crate::failure::Failure;
use crate::form::Typed;
use crate::page::Chrome;
use crate::service::{Choice, Cited, Refusal, Request, ToTranslate, Vocabularies, Wanted};
use crate::site::Site;
use crate::words::{Civil, unmarked};

/// The names under which it travels.
pub(super) const NAMES: [&str; 3] =
    ["translate.practice", "translate.edition", "translate.language"];
/// Days until the translation is needed, if nobody says otherwise.
const NEEDED_DAYS: i64 = 30;
/// A title has at most this many characters.
const TITLE_CHARACTERS_MAX: usize = 120;

/// What is to be translated, as it came with the form.
pub(super) fn wanted(typed: &Typed) -> Option<Wanted> {
    let [practice, edition, language] = NAMES.map(|name| typed.get(name));
    (!practice.is_empty()).then_some(Wanted { practice, edition, language })
}

/// Begins the form with an edition and a language. Where the edition can be read in that
/// language already, the page on which it is.
pub(super) async fn begin(
    site: &Site,
    c: &Chrome,
    (id, edition): (&str, Option<&str>),
    into: &str,
    typed: &mut Typed,
) -> Result<Option<String>, Failure> {
    let reader = c.reader();
    let practice = site.service.practice(&reader, id, edition).await?;
    let said = site.service.said(&reader, &practice.id, edition).await?;
    let lists = site.service.vocabularies(&reader.lang).await?;
    if !lists.languages.iter().any(|choice| choice.code == into) {
        return Err(Refusal::NotFound.into());
    }
    let fits = said.translation(into).is_some_and(|one| one.outdated.is_empty());
    if fits || !practice.fields.title.get(into).is_empty() {
        return Ok(Some(format!("/practices/{}?in={}", encode(&practice.id), encode(into))));
    }
    let from = practice.fields.original_language.clone().unwrap_or_default();
    let title = practice.fields.title.phrase(&[from.as_str()]).unwrap_or_default().text;
    let name = |tag: &str| Vocabularies::label(&lists.languages, tag).to_owned();
    let line = c.t2("ask-translate-line", "language", name(into), "title", title.as_str());
    let need = [
        c.t2("ask-translate-need", "title", title.as_str(), "number", practice.number),
        c.t2("ask-translate-need-languages", "from", name(&from), "into", name(into)),
        c.t("ask-translate-need-how"),
    ];
    let line: String = unmarked(&line).chars().take(TITLE_CHARACTERS_MAX).collect();
    typed.put("title", line);
    typed.put("need", unmarked(&need.join("\n\n")));
    for objective in &practice.fields.primary_objectives {
        typed.put("objectives", objective.to_string());
    }
    typed.0.retain(|(name, _)| name != "languages_out");
    typed.put("languages_out", into);
    if !from.is_empty() {
        typed.put("languages_in", from);
    }
    let day = Civil::of(c.now + NEEDED_DAYS * 24 * 3_600).iso();
    typed.put("needed_by", day.split('T').next().unwrap_or_default());
    for (name, value) in NAMES.into_iter().zip([&practice.id, &practice.edition, into]) {
        typed.put(name, value);
    }
    Ok(None)
}

/// Names for what is to be translated; its ids alone where the practice is not here.
pub(super) async fn named(
    site: &Site,
    c: &Chrome,
    typed: &Typed,
) -> Result<Option<ToTranslate>, Failure> {
    let Some(wanted) = wanted(typed) else { return Ok(None) };
    let lists = site.service.vocabularies(c.words.lang).await?;
    let label = Vocabularies::label(&lists.languages, &wanted.language).to_owned();
    let edition = Some(wanted.edition.as_str()).filter(|edition| !edition.is_empty());
    let found = site.service.practice(&c.reader(), &wanted.practice, edition).await.ok();
    Ok(Some(ToTranslate {
        number: found.as_ref().map(|practice| practice.number),
        practice: Cited {
            title: found.and_then(|practice| {
                let from = practice.fields.original_language.clone().unwrap_or_default();
                practice.fields.title.phrase(&[from.as_str()])
            }),
            id: wanted.practice,
        },
        edition: wanted.edition,
        language: Choice { code: wanted.language, label },
        came: None,
    }))
}

/// Begins an answer: it cites the practice, and says so if the translation is there.
pub(super) fn answered(c: &Chrome, r: &Request, typed: &mut Typed) {
    let Some(wanted) = &r.translate else { return };
    typed.put("practices", wanted.practice.id.as_str());
    if wanted.came.is_some() {
        let said = c.t1("answer-translated", "language", wanted.language.label.as_str());
        typed.put("text", unmarked(&said));
    }
}
