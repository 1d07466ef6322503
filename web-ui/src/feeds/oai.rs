//! OAI-PMH 2.0: catalogues gather the practices of this node.
//!
//! Records are Dublin Core (`oai_dc`), sets the objectives. A datestamp is when
//! an edition arrived here, or when the node learnt that another one is shown
//! or none any more; deletions are kept for ever. Records come in the order of
//! their ids, so a resumption token is the question with the last id: nothing
//! is kept here, and it does not expire. What arrives meanwhile under an id
//! that is past has a datestamp later than the harvest's beginning.
//! (Open Archives Initiative, version 2.0, 2015-01-08.)

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::{document, guest, place, when, xml};
use crate::failure::Failure;
use crate::service::{
    Basis, Gathered, HARVEST_ITEMS_MAX, Harvest, Record, Refusal, Seal, Seconds, Text, Vocabularies,
};
use crate::site::{Shared, Site};
use crate::words::{Words, unmarked};

/// No verb takes more arguments, itself counted.
const ARGUMENTS_MAX: usize = 8;
/// A value of an argument is at most this long.
const VALUE_BYTES_MAX: usize = 300;
/// The one format.
const PREFIX: &str = "oai_dc";
/// Before the id of a practice in identifiers.
const URN: &str = "urn:tern:";
/// Before the number of an objective in the names of sets.
const SET: &str = "objective:";

type Pairs = Vec<(String, String)>;

/// A code of section 3.6, and a sentence.
#[derive(Debug)]
struct Wrong(&'static str, String);

fn argument(why: impl Into<String>) -> Wrong {
    Wrong("badArgument", why.into())
}

/// A set: its name in questions, and in words.
struct Set {
    spec: String,
    name: String,
}

/// A practice in a list.
struct Listed {
    identifier: String,
    datestamp: String,
    sets: Vec<String>,
    /// Elements of Dublin Core with their languages; none of one that is gone.
    dublin_core: Option<Vec<(&'static str, String, String)>>,
}

enum Said {
    /// In the order of section 4.2.
    Identify(Vec<(&'static str, String)>),
    Formats,
    Sets(Vec<Set>),
    /// Of each the header alone, or the whole.
    Items {
        verb: &'static str,
        whole: bool,
        items: Vec<Listed>,
        token: Option<String>,
    },
    Wrong(Wrong),
}

#[derive(Template)]
#[template(path = "oai.xml")]
struct Page {
    now: String,
    base: String,
    /// The arguments, where they make sense.
    asked: Pairs,
    said: Said,
}

/// `GET /oai`
pub(super) async fn get(
    State(site): Shared,
    headers: HeaderMap,
    Query(asked): Query<Pairs>,
) -> Result<Response, Failure> {
    answer(&site, &headers, asked).await
}

/// `POST /oai`
pub(super) async fn post(
    State(site): Shared,
    headers: HeaderMap,
    Form(asked): Form<Pairs>,
) -> Result<Response, Failure> {
    answer(&site, &headers, asked).await
}

async fn answer(site: &Site, headers: &HeaderMap, asked: Pairs) -> Result<Response, Failure> {
    let place = place(site, headers);
    let said = match run(site, &place, &asked).await? {
        Ok(said) => said,
        Err(wrong) => Said::Wrong(wrong),
    };
    let repeated = match &said {
        Said::Wrong(Wrong("badVerb" | "badArgument", _)) => Vec::new(),
        // A control character would not be XML.
        _ => asked.into_iter().map(|(name, value)| (name, xml(&value))).collect(),
    };
    let (now, base) = (when::told(site.now()), xml(&format!("{place}/oai")));
    document(&Page { now, base, asked: repeated, said }, "text/xml; charset=utf-8")
}

/// What is asked for, each argument once.
struct Arguments<'a>(&'a [(String, String)]);

impl<'a> Arguments<'a> {
    fn of(asked: &'a Pairs) -> Result<Self, Wrong> {
        for (at, (name, value)) in asked.iter().enumerate() {
            if at >= ARGUMENTS_MAX {
                return Err(argument(format!("no verb takes more than {ARGUMENTS_MAX} arguments")));
            }
            if asked[..at].iter().any(|(known, _)| known == name) {
                let code = if name == "verb" { "badVerb" } else { "badArgument" };
                return Err(Wrong(code, "an argument is given twice".into()));
            }
            if value.len() > VALUE_BYTES_MAX {
                return Err(argument(format!("an argument has at most {VALUE_BYTES_MAX} bytes")));
            }
        }
        Ok(Self(asked))
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Refuses arguments that this verb does not take.
    fn only(&self, names: &[&str]) -> Result<(), Wrong> {
        let takes = |name: &str| name == "verb" || names.contains(&name);
        match self.0.iter().all(|(name, _)| takes(name)) {
            true => Ok(()),
            false => Err(argument(format!("this verb takes {} and no other", list(names)))),
        }
    }

    fn format(&self) -> Result<(), Wrong> {
        match self.get("metadataPrefix") {
            Some(PREFIX) => Ok(()),
            Some(_) => Err(Wrong("cannotDisseminateFormat", format!("there is {PREFIX} alone"))),
            None => Err(argument("metadataPrefix is missing")),
        }
    }
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "no argument".into() } else { names.join(", ") }
}

async fn run(site: &Site, place: &str, asked: &Pairs) -> Result<Result<Said, Wrong>, Failure> {
    let arguments = match Arguments::of(asked) {
        Ok(arguments) => arguments,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let words = site.catalogue.choose([guest().lang.as_str()]).clone();
    let lists = site.service.vocabularies(words.lang).await?;
    let teller = Teller { place, words: &words, lists: &lists };
    let checked = |names: &[&str]| arguments.only(names);
    Ok(match arguments.get("verb") {
        Some("Identify") => match checked(&[]) {
            Ok(()) => Ok(teller.identify(site).await?),
            Err(wrong) => Err(wrong),
        },
        Some("ListMetadataFormats") => match checked(&["identifier"]) {
            Ok(()) => match arguments.get("identifier") {
                None => Ok(Said::Formats),
                Some(identifier) => one(site, identifier).await?.map(|_| Said::Formats),
            },
            Err(wrong) => Err(wrong),
        },
        Some("ListSets") => {
            checked(&["resumptionToken"]).and_then(|()| match arguments.get("resumptionToken") {
                None => Ok(teller.sets()),
                Some(_) => Err(Wrong("badResumptionToken", "the sets are one list".into())),
            })
        }
        Some("GetRecord") => {
            let identifier = checked(&["identifier", "metadataPrefix"]).and_then(|()| {
                let identifier = arguments.get("identifier");
                let identifier = identifier.ok_or_else(|| argument("identifier is missing"));
                identifier.and_then(|identifier| arguments.format().map(|()| identifier))
            });
            match identifier {
                Err(wrong) => Err(wrong),
                Ok(identifier) => match one(site, identifier).await? {
                    Err(wrong) => Err(wrong),
                    Ok(found) => Ok(Said::Items {
                        verb: "GetRecord",
                        whole: true,
                        items: vec![teller.listed(site, found, true).await?],
                        token: None,
                    }),
                },
            }
        }
        Some("ListIdentifiers") => {
            many(site, &teller, &arguments, ("ListIdentifiers", false)).await?
        }
        Some("ListRecords") => many(site, &teller, &arguments, ("ListRecords", true)).await?,
        Some(_) => Err(Wrong("badVerb", "there is no such verb".into())),
        None => Err(Wrong("badVerb", "verb is missing".into())),
    })
}

/// One practice by its identifier.
async fn one(site: &Site, identifier: &str) -> Result<Result<Gathered, Wrong>, Failure> {
    let unknown = || Wrong("idDoesNotExist", "nothing of this identifier was ever here".into());
    let Some(id) = identifier.strip_prefix(URN) else { return Ok(Err(unknown())) };
    match site.service.gathered(id).await {
        Ok(found) => Ok(Ok(found)),
        Err(Refusal::NotFound | Refusal::Invalid(_)) => Ok(Err(unknown())),
        Err(other) => Err(other.into()),
    }
}

/// A page of a list.
async fn many(
    site: &Site,
    teller: &Teller<'_>,
    arguments: &Arguments<'_>,
    (verb, whole): (&'static str, bool),
) -> Result<Result<Said, Wrong>, Failure> {
    let question = match question(arguments) {
        Ok(question) => question,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let harvest = Harvest {
        from: question.from,
        until: question.until,
        objective: question.objective,
        after: question.after.clone(),
        limit: HARVEST_ITEMS_MAX,
    };
    let resumed = question.after.is_some();
    let page = match site.service.harvest(&harvest).await {
        Ok(page) => page,
        Err(Refusal::Invalid(_)) => return Ok(Err(bad_token())),
        Err(other) => return Err(other.into()),
    };
    if page.items.is_empty() && !resumed {
        return Ok(Err(Wrong("noRecordsMatch", "nothing fits these arguments".into())));
    }
    if page.items.is_empty() {
        // The last page was full, and what stood behind it is gone meanwhile.
        return Ok(Err(bad_token()));
    }
    let next = page.next.map(|after| Question { after: Some(after), ..question }.token());
    // The last part of a list that came in parts says so by an empty token.
    let token = next.or_else(|| resumed.then(String::new));
    let mut items = Vec::with_capacity(page.items.len());
    for item in page.items {
        items.push(teller.listed(site, item, whole).await?);
    }
    Ok(Ok(Said::Items { verb, whole, items, token }))
}

fn bad_token() -> Wrong {
    Wrong("badResumptionToken", "this is no resumption token of this repository".into())
}

/// A question for a list, and how far it is answered.
#[derive(PartialEq, Eq, Debug)]
struct Question {
    from: Option<Seconds>,
    until: Option<Seconds>,
    objective: Option<u8>,
    after: Option<String>,
}

fn question(arguments: &Arguments<'_>) -> Result<Question, Wrong> {
    if let Some(token) = arguments.get("resumptionToken") {
        arguments.only(&["resumptionToken"])?;
        return Question::of(token).ok_or_else(bad_token);
    }
    arguments.only(&["from", "until", "set", "metadataPrefix", "resumptionToken"])?;
    arguments.format()?;
    let moment = |name: &str| {
        let text = arguments.get(name);
        text.map(|text| {
            let read = when::read(text);
            read.ok_or_else(|| argument(format!("{name} is YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ")))
        })
        .transpose()
    };
    let (from, until) = (moment("from")?, moment("until")?);
    if let (Some(from), Some(until)) = (from, until) {
        if from.is_day != until.is_day {
            return Err(argument("from and until have one granularity"));
        }
        if from.first > until.first {
            return Err(argument("from is later than until"));
        }
    }
    let objective =
        arguments.get("set").map(|set| objective(set).ok_or_else(no_set)).transpose()?;
    let (from, until) = (from.map(|from| from.first), until.map(when::Asked::last));
    Ok(Question { from, until, objective, after: None })
}

fn no_set() -> Wrong {
    // Section 3.6 has no code for a set that there is not.
    Wrong("noRecordsMatch", "there is no such set".into())
}

fn objective(set: &str) -> Option<u8> {
    let number: u8 = set.strip_prefix(SET)?.parse().ok()?;
    ((1..=23).contains(&number) && set == format!("{SET}{number}")).then_some(number)
}

impl Question {
    /// `FROM.UNTIL.OBJECTIVE.ID`, each but the last empty where not asked for.
    fn token(&self) -> String {
        let number = |at: Option<Seconds>| at.map(|at| at.to_string()).unwrap_or_default();
        let objective = self.objective.map(|number| number.to_string()).unwrap_or_default();
        let after = self.after.as_deref().unwrap_or_default();
        format!("{}.{}.{objective}.{after}", number(self.from), number(self.until))
    }

    fn of(token: &str) -> Option<Self> {
        let [from, until, objective, after] =
            <[&str; 4]>::try_from(token.split('.').collect::<Vec<_>>()).ok()?;
        let number = |text: &str| match text {
            "" => Some(None),
            text => text.parse::<Seconds>().ok().map(Some),
        };
        let objective = match objective {
            "" => None,
            number => Some(number.parse::<u8>().ok().filter(|number| (1..=23).contains(number))?),
        };
        let id = !after.is_empty() && after.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let after = id.then(|| after.to_owned())?;
        Some(Self { from: number(from)?, until: number(until)?, objective, after: Some(after) })
    }
}

/// Puts practices in the terms of Dublin Core.
struct Teller<'a> {
    place: &'a str,
    words: &'a Words,
    lists: &'a Vocabularies,
}

impl Teller<'_> {
    async fn identify(&self, site: &Site) -> Result<Said, Failure> {
        let standing = site.service.standing().await?;
        let name = format!("{}, {}", standing.federation, standing.organisation);
        let host = self.place.split_once("://").map_or("", |(_, host)| host);
        let host = host.split(['/', ':']).next().unwrap_or_default();
        Ok(Said::Identify(vec![
            ("repositoryName", xml(&name)),
            ("baseURL", xml(&format!("{}/oai", self.place))),
            ("protocolVersion", "2.0".into()),
            ("adminEmail", xml(&format!("postmaster@{host}"))),
            ("earliestDatestamp", when::told(0)),
            ("deletedRecord", "persistent".into()),
            ("granularity", "YYYY-MM-DDThh:mm:ssZ".into()),
        ]))
    }

    fn sets(&self) -> Said {
        let set = |choice: &crate::service::Choice| Set {
            spec: format!("{SET}{}", choice.code),
            name: xml(&format!("{} {}", choice.code, choice.label)),
        };
        Said::Sets(self.lists.objectives.iter().map(set).collect())
    }

    async fn listed(&self, site: &Site, item: Gathered, whole: bool) -> Result<Listed, Failure> {
        let sets = item.record.iter().flat_map(|record| &record.fields.primary_objectives);
        let sets = sets.map(|number| format!("{SET}{number}")).collect();
        let dublin_core = match &item.record {
            Some(record) if whole => {
                let seals = site.service.seals(&item.id, &record.edition).await?;
                Some(self.dublin_core(&item.id, record, &seals))
            }
            Some(_) => Some(Vec::new()),
            None => None,
        };
        Ok(Listed {
            sets,
            dublin_core,
            identifier: format!("{URN}{}", item.id),
            datestamp: when::told(item.changed),
        })
    }

    /// Elements in the order of their names, texts with their languages.
    fn dublin_core(
        &self,
        id: &str,
        record: &Record,
        seals: &[Seal],
    ) -> Vec<(&'static str, String, String)> {
        let fields = &record.fields;
        let mut elements = Vec::new();
        let mut say = |name, lang: &str, text: &str| {
            if !text.is_empty() {
                elements.push((name, lang.to_owned(), xml(text)));
            }
        };
        let texts = |text: &Text| text.0.clone();
        texts(&fields.title).iter().for_each(|(lang, text)| say("dc:title", lang, text));
        say("dc:creator", "", &record.organisation);
        let label = |list: &[crate::service::Choice], code: &str| {
            Vocabularies::label(list, code).to_owned()
        };
        for number in &fields.primary_objectives {
            let code = number.to_string();
            let label = label(&self.lists.objectives, &code);
            say("dc:subject", self.words.lang, &format!("{code} {label}"));
        }
        for topic in &fields.topics {
            say("dc:subject", self.words.lang, &label(&self.lists.topics, topic));
        }
        texts(&fields.summary).iter().for_each(|(lang, text)| say("dc:description", lang, text));
        say("dc:description", self.words.lang, &self.standing(record, seals));
        say("dc:publisher", "", &record.organisation);
        for signer in &record.signers {
            let named = signer.person.as_deref().filter(|name| !name.is_empty());
            let named = named.map(|name| format!("{name}, {}", signer.organisation));
            say("dc:contributor", "", &named.unwrap_or_else(|| signer.organisation.clone()));
        }
        say("dc:date", "", when::told(record.published).get(..10).unwrap_or_default());
        say("dc:type", "", "Text");
        say("dc:identifier", "", &format!("{}/practices/{id}", self.place));
        say("dc:identifier", "", &format!("{URN}{id}"));
        say("dc:identifier", "", &format!("{URN}{}", record.edition));
        say("dc:identifier", "", &format!("blake3:{}", record.content_hash));
        if let Some(Basis::Listed(source)) = &fields.basis {
            say("dc:source", "", &source.url);
        }
        for lang in fields.title.0.keys() {
            say("dc:language", "", lang);
        }
        for country in &fields.countries {
            say("dc:coverage", self.words.lang, &label(&self.lists.countries, country));
        }
        say("dc:rights", "", fields.licence.as_deref().unwrap_or_default());
        elements
    }

    /// What its page says of where it stands.
    fn standing(&self, record: &Record, seals: &[Seal]) -> String {
        if matches!(record.fields.basis, Some(Basis::Listed(_))) {
            return unmarked(&self.words.t1("listed-sentence", "org", &record.organisation));
        }
        if seals.is_empty() {
            return self.words.t("hit-not-reviewed");
        }
        let sentence = |seal: &Seal| {
            let org = ("org", &seal.organisation);
            unmarked(&self.words.t2("seal-text", org, ("number", record.number)))
        };
        seals.iter().map(sentence).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_the_question_and_nothing_else_is_one() {
        let question = Question {
            from: Some(-5),
            until: None,
            objective: Some(23),
            after: Some("tern1p54hq79".into()),
        };
        assert_eq!(question.token(), "-5..23.tern1p54hq79");
        assert_eq!(Question::of(&question.token()), Some(question));
        for wrong in [
            "",
            "...",
            "....",
            "1.2.3",
            "x..4.tern1p",
            "..0.tern1p",
            "..24.tern1p",
            "...tern1p/../x",
            "..4.tern1p.5",
            "99999999999999999999..4.tern1p",
            "...<x>",
        ] {
            assert_eq!(Question::of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_set_has_one_name() {
        assert_eq!(objective("objective:7"), Some(7));
        for wrong in ["objective:07", "objective:+7", "objective:0", "objective:24", "7", ""] {
            assert_eq!(objective(wrong), None, "{wrong}");
        }
    }
}
