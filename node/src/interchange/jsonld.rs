//! Linked data: a practice in the terms of schema.org (JSON-LD 1.1).
//!
//! The context names the vocabulary in the document itself, so that nothing
//! has to be fetched to read it; what is an address is an `@id`, text carries
//! its language. Where a reader without a notion of Tern looks for it stand
//! the licence, how to name the work, and who sealed it or that nobody reviewed
//! it.

use serde_json::{Map, Value, json};

use super::entry::Entry;

/// Terms are those of the context that https://schema.org serves.
pub(super) fn context() -> Value {
    json!({ "@vocab": "http://schema.org/" })
}

/// One practice.
pub(super) fn one(entry: Entry<'_>) -> Value {
    let mut node = work(entry);
    node.insert("@context".into(), context());
    node.into()
}

/// Any number of practices.
pub(super) fn all(entries: &[Entry<'_>]) -> Value {
    let graph: Vec<Value> = entries.iter().map(|entry| work(*entry).into()).collect();
    json!({ "@context": context(), "@graph": graph })
}

/// Texts by language as language-tagged strings.
pub(super) fn tagged(texts: &[(&str, &str)]) -> Value {
    texts.iter().map(|(tag, text)| json!({ "@value": text, "@language": tag })).collect()
}

fn identifier(name: &str, value: &str) -> Value {
    json!({ "@type": "PropertyValue", "propertyID": name, "value": value })
}

fn work(entry: Entry<'_>) -> Map<String, Value> {
    let mut node = Map::new();
    let mut say = |key: &str, value: Value| {
        let empty = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => false,
        };
        if !empty {
            node.insert(key.to_owned(), value);
        }
    };
    say("@id", format!("urn:tern:{}", entry.id()).into());
    say("@type", "CreativeWork".into());
    say("name", tagged(&entry.texts("title")));
    say("abstract", tagged(&entry.texts("summary")));
    say("inLanguage", entry.languages().into());
    say("identifier", identifiers(entry));
    say("version", entry.number().map_or(Value::Null, Value::from));
    say("datePublished", entry.day().into());
    say("creativeWorkStatus", entry.status().into());
    say("creditText", entry.attribution().into());
    say("license", licence(entry.code("licence")));
    say("publisher", organisation(entry.org(), entry.org_id()));
    say("author", organisation(entry.org(), entry.org_id()));
    let signers = entry.signers().map(|(person, org)| {
        json!({
            "@type": "Role", "roleName": "signer",
            "contributor": {
                "@type": "Person", "name": person,
                "affiliation": { "@type": "Organization", "name": org },
            },
        })
    });
    say("contributor", signers.collect());
    if let Some(url) = entry.listed().and_then(|listed| listed["url"].as_str()) {
        say("isBasedOn", json!({ "@id": url }));
    }
    let about = |set: &str, codes: Vec<String>| -> Vec<Value> {
        let term =
            |code| json!({ "@type": "DefinedTerm", "inDefinedTermSet": set, "termCode": code });
        codes.into_iter().map(term).collect()
    };
    let mut subjects =
        about("Global Compact for Migration, objectives", entry.codes("primary_objectives"));
    subjects.extend(about("Global Compact for Migration, principles", entry.codes("principles")));
    subjects.extend(about("Sustainable Development Goals, targets", entry.codes("sdg_targets")));
    say("about", subjects.into());
    say("keywords", entry.codes("topics").into());
    say("genre", entry.code("kind").into());
    let country = |code: String| json!({ "@type": "Country", "identifier": code });
    say("spatialCoverage", entry.codes("countries").into_iter().map(country).collect());
    say("temporalCoverage", when(entry).into());
    say("hasPart", passages(entry));
    let citations = entry.field("resources").as_array().into_iter().flatten();
    let citations = citations.filter_map(|resource| {
        let url = resource["url"].as_str()?;
        Some(json!({ "@type": "CreativeWork", "@id": url, "name": resource["title"] }))
    });
    say("citation", citations.collect());
    say("workTranslation", entry.beside("translations").iter().map(translation).collect());
    say("sameAs", entry.beside("same_as").iter().flat_map(same_as).collect());
    node
}

fn identifiers(entry: Entry<'_>) -> Value {
    let all = [
        ("tern-practice", entry.id()),
        ("tern-edition", entry.edition()),
        ("blake3-content", entry.hash()),
    ];
    let said = all.into_iter().filter(|(_, value)| !value.is_empty());
    said.map(|(name, value)| identifier(name, value)).collect()
}

/// A translation as a work of its own, by who translated.
fn translation(said: &Value) -> Value {
    let language = &said["language"];
    let text = |key: &str| {
        let text = said["fields"][key].as_str()?;
        Some(json!({ "@value": text, "@language": language }))
    };
    json!({
        "@type": "CreativeWork", "inLanguage": language,
        "name": text("title"), "abstract": text("summary"),
        "translator": organisation(
            said["org"].as_str().unwrap_or_default(),
            said["org_id"].as_str().unwrap_or_default(),
        ),
    })
}

/// Where else the same work is told of.
fn same_as(said: &Value) -> Vec<Value> {
    let practice = said["practice"]["id"].as_str().map(|id| format!("urn:tern:{id}"));
    let aliases = said["aliases"].as_array().into_iter().flatten().filter_map(|alias| {
        let value = alias["value"].as_str()?;
        match alias["scheme"].as_str()? {
            "doi" => Some(format!("https://doi.org/{value}")),
            "url" => Some(value.to_owned()),
            _ => None,
        }
    });
    practice.into_iter().chain(aliases).map(|id| json!({ "@id": id })).collect()
}

fn organisation(name: &str, id: &str) -> Value {
    if name.is_empty() && id.is_empty() {
        return Value::Null;
    }
    json!({ "@type": "Organization", "@id": format!("urn:tern:{id}"), "name": name })
}

/// The address of a public licence; of others what is written in the practice.
fn licence(code: &str) -> Value {
    let (family, rest) = match code.strip_prefix("CC-BY") {
        _ if code == "CC0-1.0" => {
            return json!({ "@id": "https://creativecommons.org/publicdomain/zero/1.0/" });
        }
        Some(rest) => ("by", rest),
        None => return code.into(),
    };
    let mut parts: Vec<&str> = rest.split('-').filter(|part| !part.is_empty()).collect();
    let igo = parts.last() == Some(&"IGO");
    if igo {
        parts.pop();
    }
    let Some(version) = parts.pop() else { return code.into() };
    let kind =
        std::iter::once(family.to_owned()).chain(parts.iter().map(|part| part.to_lowercase()));
    let kind = kind.collect::<Vec<_>>().join("-");
    let port = if igo { "igo/" } else { "" };
    json!({ "@id": format!("https://creativecommons.org/licenses/{kind}/{version}/{port}") })
}

/// An interval of ISO 8601; open at the end where it goes on.
fn when(entry: Entry<'_>) -> String {
    let (start, end) = (entry.code("start"), entry.code("end"));
    match (start, end) {
        ("", "") => String::new(),
        (start, "") => format!("{start}/.."),
        ("", end) => format!("../{end}"),
        (start, end) => format!("{start}/{end}"),
    }
}

/// The long texts, each as a part with its name.
fn passages(entry: Entry<'_>) -> Value {
    const PASSAGES: [&str; 12] = [
        "context",
        "aims",
        "activities",
        "participation",
        "innovation",
        "results",
        "lessons",
        "recommendations",
        "conditions",
        "sustainability",
        "rights",
        "risks",
    ];
    let part = |key: &&str| {
        let texts = entry.texts(key);
        let name = entry.words().t(&format!("field-{key}"));
        (!texts.is_empty())
            .then(|| json!({ "@type": "CreativeWork", "name": name, "text": tagged(&texts) }))
    };
    PASSAGES.iter().filter_map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::counselling;
    use super::super::entry::words;
    use super::*;

    #[test]
    fn a_practice_is_linked_data_that_needs_nothing_from_the_web() {
        let (shown, words) = (counselling(), words("en"));
        let data = one(Entry::new(&shown, &words));
        assert_eq!(data["@context"], json!({ "@vocab": "http://schema.org/" }));
        assert_eq!(data["@id"], "urn:tern:tern1p54hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn5");
        assert_eq!(data["name"][1], json!({ "@value": "المشورة قبل المغادرة", "@language": "ar" }));
        assert_eq!(data["license"]["@id"], "https://creativecommons.org/licenses/by/4.0/");
        assert_eq!(data["identifier"][2]["value"], "ab".repeat(32));
        assert_eq!(data["version"], 2);
        assert_eq!(data["creativeWorkStatus"], "Not reviewed");
        assert_eq!(data["contributor"][0]["contributor"]["name"], "Bina Example");
        assert_eq!(data["temporalCoverage"], "2019-04/..");
        assert_eq!(data["about"][0]["termCode"], "3");
        let many = all(&[Entry::new(&shown, &words), Entry::new(&shown, &words)]);
        assert_eq!(many["@graph"].as_array().map(Vec::len), Some(2));
        assert!(many["@graph"][0].get("@context").is_none(), "one context for all");
    }

    #[test]
    fn every_licence_that_can_be_chosen_has_its_address_or_its_name() {
        for (code, address) in [
            ("CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
            ("CC-BY-NC-SA-4.0", "https://creativecommons.org/licenses/by-nc-sa/4.0/"),
            ("CC-BY-3.0-IGO", "https://creativecommons.org/licenses/by/3.0/igo/"),
            ("CC-BY-NC-ND-3.0-IGO", "https://creativecommons.org/licenses/by-nc-nd/3.0/igo/"),
        ] {
            assert_eq!(licence(code)["@id"], address);
        }
        let own = "LicenseRef-all-rights-reserved";
        assert_eq!(licence(own), json!(own));
    }
}
