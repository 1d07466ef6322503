//! Practices from places like ours, as the pages show them.

use tern_crdt::taxonomy::Vocabulary;
use tern_web_ui::service::{Alike, AlikePart, Choice, Like, Reader};

use super::library::{hit, place};
use super::practices::shown;
use super::vocabulary::{choice, objective};
use crate::ops::OpError;
use crate::running::Node;
use crate::search::{self, Likeness, Profile};

/// One practice with its likeness explained.
pub(super) fn told(one: &search::Alike, lang: &str) -> Alike {
    let parts = one.parts.iter().map(|part| AlikePart {
        part: part.likeness.code().to_owned(),
        points: part.points,
        data: part.codes.iter().map(|code| label(part.likeness, code, lang)).collect(),
    });
    Alike { points: one.points, parts: parts.collect(), hit: hit(&one.hit, lang) }
}

fn label(likeness: Likeness, code: &str, lang: &str) -> Choice {
    match likeness {
        Likeness::Country => choice(Vocabulary::Countries, code, lang),
        Likeness::Place => place(code, lang),
        Likeness::Objectives => code.parse().map_or_else(
            |_| choice(Vocabulary::Objectives, code, lang),
            |number| objective(number, lang),
        ),
        Likeness::Topics => choice(Vocabulary::Topics, code, lang),
        Likeness::Groups => choice(Vocabulary::TargetGroups, code, lang),
        Likeness::Kind => choice(Vocabulary::PracticeKinds, code, lang),
        Likeness::Words => Choice { code: code.to_owned(), label: code.to_owned() },
    }
}

/// Practices like something.
///
/// # Errors
/// The practice is not held here; the index failed.
pub async fn alike(
    node: &Node,
    reader: &Reader,
    like: &Like,
    limit: usize,
) -> Result<Vec<Alike>, OpError> {
    let read = async {
        match like {
            Like::Practice(id) => node.reading().practice(id).await.map(Some),
            Like::Here(_) => Ok(None),
        }
    };
    let (ours, read) = futures::try_join!(node.country(), read)?;
    let near = Profile {
        countries: ours.clone().into_iter().collect(),
        near: true,
        reads: vec![reader.lang.clone()],
        guest: reader.account.is_none(),
        ..Profile::default()
    };
    let profile = match (like, read) {
        (Like::Here(about), _) => {
            let objectives = about.iter().filter_map(|code| code.parse().ok()).collect();
            Profile { objectives, ..near }
        }
        (Like::Practice(_), None) => near,
        (Like::Practice(_), Some(read)) => {
            let content = shown(node, reader, &read, read.latest()).await?;
            let practice = &content.practice;
            // Who has no country looks from where the practice is.
            let countries = match ours {
                Some(country) => vec![country],
                None => practice.countries.iter().map(ToString::to_string).collect(),
            };
            let objectives = practice.primary_objectives.iter().map(|one| one.number());
            Profile {
                countries,
                objectives: objectives.collect(),
                topics: practice.topics.iter().map(ToString::to_string).collect(),
                groups: practice.target_groups.iter().map(|one| one.code.to_string()).collect(),
                kind: practice.kind.as_ref().map(ToString::to_string),
                except: Some(read.id.to_string()),
                ..near
            }
        }
    };
    let alike = node.indexer().alike(profile, limit).await?;
    Ok(alike.iter().map(|one| told(one, &reader.lang)).collect())
}
