//! What organisations say about practices, as the pages show it and say more.

use std::collections::BTreeMap;

use tern_crdt::authority::Role;
use tern_crdt::identity::OrgId;
use tern_crdt::practice::{Code, Tag, Texts};
use tern_crdt::taxonomy::Vocabulary;
use tern_web_ui::service::{
    self, Adapted, Alike, Annotating, Answer, Due, OtherPractice, Party, Phrase, Reader, Same,
    SayKind, Translated, Withdrawal,
};

use super::experts::typed;
use super::practices::{fields, readable, shown};
use super::vocabulary::choice;
use super::{Site, acting, alike, refusal, seconds};
use crate::accounts::Account;
use crate::annotations::{
    AdaptationRead, OtherRead, SaidRead, SameRead, Say, TranslationRead, WithdrawalRead,
    Withdrawing, Word,
};
use crate::ops::{ErrorCode, OpError};
use crate::reading::Verdict;
use crate::running::Node;
use crate::search::{self, Freshness, Profile};

/// Practices that are offered as the same.
const LIKELY: usize = 8;
/// Practices that are named as due.
const DUE: usize = 5;

/// Who reads, as far as it matters here.
struct Eyes {
    lang: String,
    guest: bool,
    /// The organisation for which the reader publishes.
    publishes: Option<OrgId>,
    passphrase: bool,
}

async fn eyes(node: &Node, reader: &Reader) -> Result<Eyes, OpError> {
    let lang = reader.lang.clone();
    let Ok(account) = acting(node, reader).await else {
        return Ok(Eyes { lang, guest: true, publishes: None, passphrase: false });
    };
    let org = node.identity().org;
    let publishes = publisher(node, &account).await?.then_some(org);
    let passphrase = node.is_wrapped(account.sign).await?;
    Ok(Eyes { lang, guest: false, publishes, passphrase })
}

async fn publisher(node: &Node, account: &Account) -> Result<bool, OpError> {
    let own = account.clone();
    let may = node.handle().read(move |replica| {
        own.certificate_for(replica.library().authority(), Role::Publisher).is_ok()
    });
    Ok(may.await?)
}

impl Eyes {
    fn phrase(&self, texts: &Texts) -> Option<Phrase> {
        let wanted: Option<Tag> = self.lang.parse().ok();
        let best = texts.best(wanted.as_slice(), None);
        best.map(|(tag, text)| Phrase { text: text.to_owned(), lang: tag.as_str().to_owned() })
    }

    fn word(&self, word: &Word) -> service::Word {
        service::Word {
            id: word.id.to_string(),
            by: Party { person: word.by.name.clone(), organisation: word.by.org.name.clone() },
            claimed: seconds(word.claimed),
            ours: self.publishes == Some(word.by.org.id),
        }
    }

    /// A guest learns no title of what is for members alone.
    fn named(&self, other: &OtherRead) -> OtherPractice {
        let told = !(self.guest && other.members_only);
        let title = other.title.as_ref().filter(|_| told);
        let phrase =
            |(tag, text): &(Tag, String)| Phrase { text: text.clone(), lang: tag.to_string() };
        OtherPractice {
            id: other.id.to_string(),
            title: title.map(phrase),
            organisation: other.org.clone().filter(|_| told),
        }
    }

    fn withdrawal(&self, one: &WithdrawalRead) -> Withdrawal {
        Withdrawal {
            word: self.word(&one.word),
            reason: one.reason.code().to_owned(),
            text: self.phrase(&one.text),
            replaced_by: one.replaced_by.as_ref().map(|other| self.named(other)),
            editions: one.editions.clone(),
        }
    }

    fn adapted(&self, one: &AdaptationRead, practice: Option<&OtherRead>) -> Adapted {
        let said = &one.adaptation;
        let country = |code: &Code<_>| choice(Vocabulary::Countries, code.as_str(), &self.lang);
        Adapted {
            word: self.word(&one.word),
            practice: practice.map(|other| self.named(other)),
            countries: said.countries.iter().map(country).collect(),
            place: said.place.clone(),
            since: said.since.map(|date| date.to_string()),
            outcome: said.outcome.map(|outcome| outcome.to_string()),
            changed: self.phrase(&said.changed),
            text: self.phrase(&said.text),
        }
    }

    fn translated(&self, one: &TranslationRead) -> Translated {
        let said = &one.translation;
        let mut texts: BTreeMap<String, String> =
            said.texts().map(|(key, text)| (key.to_owned(), text.to_owned())).collect();
        for challenge in &said.challenges {
            let at = challenge.number.saturating_sub(1);
            for (key, text) in [("text", &challenge.text), ("overcome", &challenge.overcome)] {
                if !text.is_empty() {
                    texts.insert(format!("challenges.{at}.{key}"), text.as_str().to_owned());
                }
            }
        }
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
        Translated {
            word: self.word(&one.word),
            lang: said.language.as_ref().map(Tag::to_string).unwrap_or_default(),
            by: said.by.as_ref().map(|by| by.as_str().to_owned()),
            number: one.edition.1,
            outdated: keys(&one.outdated),
            missing: keys(&one.missing),
            texts,
        }
    }

    fn same(&self, one: &SameRead) -> Same {
        let (names, word) = (one.aliases.aliases.iter(), self.word(&one.word));
        Same {
            // What is said at the other practice is taken back there.
            word: service::Word { ours: word.ours && !one.said_there, ..word },
            practice: one.other.as_ref().map(|other| self.named(other)),
            aliases: names.map(|one| (one.scheme.to_string(), one.value.clone())).collect(),
        }
    }
}

/// Everything that stands of what is said about an edition.
async fn said(
    node: &Node,
    reader: &Reader,
    id: &str,
    edition: Option<&str>,
) -> Result<service::Annotations, OpError> {
    let read = readable(node, reader, id).await?;
    let at = edition.map_or(Ok(read.latest()), |which| read.find(which))?;
    let content = shown(node, reader, &read, at).await?;
    let eyes = eyes(node, reader).await?;
    let told: SaidRead = node.said(&read, at, &content.practice).await?;
    let mut practice = content.practice.clone();
    if content.verdict != Verdict::Quarantined {
        told.translations.iter().for_each(|one| one.translation.put(&mut practice));
    }
    let home = eyes.publishes == Some(read.origin.id);
    let mut may = Vec::new();
    if home {
        may.push(SayKind::Withdraw);
        if told.withdrawal.is_none() {
            may.push(SayKind::Confirm);
        }
    }
    if eyes.publishes.is_some() {
        if !home {
            may.push(SayKind::Adapt);
        }
        may.extend([SayKind::Same, SayKind::TakeBack]);
    }
    Ok(service::Annotations {
        withdrawal: told.withdrawal.as_ref().map(|one| eyes.withdrawal(one)),
        beside: told.beside.as_ref().map(|one| eyes.withdrawal(one)),
        confirmed: told.confirmed.as_ref().map(|(word, _)| eyes.word(word)),
        renewed: seconds(told.renewed),
        stale: told.freshness == Freshness::Stale,
        adapted: told.adaptations.iter().map(|one| eyes.adapted(one, None)).collect(),
        translations: told.translations.iter().map(|one| eyes.translated(one)).collect(),
        same: told.same.iter().map(|one| eyes.same(one)).collect(),
        fields: fields(&practice)?,
        may,
        passphrase: eyes.passphrase,
    })
}

fn say(say: &service::Say) -> Say {
    match say.clone() {
        service::Say::Withdraw { edition, reason, text, replaced_by } => {
            Say::Withdraw(Withdrawing { edition, reason, text, replaced_by })
        }
        service::Say::Confirm { text } => Say::Confirm { text },
        service::Say::Adapt(adaptation) => Say::Adapt { adaptation, replaces: None },
        service::Say::Same { practice, aliases } => Say::SameAs { practice, aliases },
        service::Say::Translate { lang, edition, translation } => {
            Say::Translate { language: lang, edition: Some(edition), translation }
        }
        service::Say::TakeBack { id, text } => Say::TakeBack { annotation: Some(id), text },
    }
}

/// Practices that share most with one, wherever they are: the same work is told of in
/// the same place.
pub(crate) async fn likely_same(
    node: &Node,
    reads: Vec<String>,
    guest: bool,
    id: &str,
) -> Result<Vec<search::Alike>, OpError> {
    let read = node.reading().practice(id).await?;
    let content = node.reading().content(&read, read.latest()).await?;
    let practice = &content.practice;
    let title = practice.title.best(&[], practice.original_language.as_ref());
    let profile = Profile {
        countries: practice.countries.iter().map(ToString::to_string).collect(),
        objectives: practice.primary_objectives.iter().map(|one| one.number()).collect(),
        topics: practice.topics.iter().map(ToString::to_string).collect(),
        groups: practice.target_groups.iter().map(|one| one.code.to_string()).collect(),
        kind: practice.kind.as_ref().map(ToString::to_string),
        text: title.map(|(_, text)| text.to_owned()).unwrap_or_default(),
        except: Some(read.id.to_string()),
        near: !practice.countries.is_empty(),
        reads,
        guest,
    };
    let known: std::collections::BTreeSet<String> = node
        .said(&read, read.latest(), practice)
        .await?
        .same
        .iter()
        .filter_map(|one| one.other.as_ref().map(|other| other.id.to_string()))
        .collect();
    let mut alike = node.indexer().alike(profile, LIKELY + known.len()).await?;
    alike.retain(|one| !known.contains(&one.hit.id));
    alike.truncate(LIKELY);
    Ok(alike)
}

async fn due(node: &Node, reader: &Reader) -> Result<Due, OpError> {
    let Some(org) = eyes(node, reader).await?.publishes else { return Ok(Due::default()) };
    let query = search::Query {
        origins: vec![org.to_string()],
        freshness: Some(Freshness::Stale),
        by_freshness: true,
        limit: search::HITS_MAX,
        reads: vec![reader.lang.clone()],
        ..search::Query::default()
    };
    let found = node.indexer().search(query).await?;
    let practices = found.hits.iter().rev().take(DUE).map(|found| {
        let hit = super::library::hit(found, &reader.lang);
        (hit.id, hit.title, hit.renewed)
    });
    Ok(Due { total: found.total, practices: practices.collect(), organisation: org.to_string() })
}

impl Annotating for Site {
    fn said<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        edition: Option<&'a str>,
    ) -> Answer<'a, service::Annotations> {
        Box::pin(async move { said(self.open()?, reader, id, edition).await.map_err(refusal) })
    }

    fn say<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        what: &'a service::Say,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, String> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let passphrase = typed(passphrase)?;
            let read = node.reading().practice(id).await?;
            let said = node.annotate(&account, &read, say(what), passphrase).await;
            said.map(|id| id.to_string()).map_err(refusal)
        })
    }

    fn likely_same<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Vec<Alike>> {
        Box::pin(async move {
            let node = self.open()?;
            let (reads, guest) = (vec![reader.lang.clone()], reader.account.is_none());
            let alike = likely_same(node, reads, guest, id).await?;
            Ok(alike.iter().map(|one| alike::told(one, &reader.lang)).collect())
        })
    }

    fn adapted_by<'a>(
        &'a self,
        reader: &'a Reader,
        organisation: &'a str,
    ) -> Answer<'a, Vec<Adapted>> {
        Box::pin(async move {
            let node = self.open()?;
            let unknown = |_| refusal(OpError::new(ErrorCode::NotFound, "no such organisation"));
            let org: OrgId = organisation.parse().map_err(unknown)?;
            let eyes = eyes(node, reader).await?;
            let adapted = node.adapted_by(org).await?;
            Ok(adapted.iter().map(|(other, one)| eyes.adapted(one, Some(other))).collect())
        })
    }

    fn due<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Due> {
        Box::pin(async move { due(self.open()?, reader).await.map_err(refusal) })
    }
}
