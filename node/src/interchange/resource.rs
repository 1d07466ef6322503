//! A resource as a reference or as linked data, of what `resource show` answers.
//!
//! The organisation that lists it is no author of it: it stands as the publisher only
//! where nobody else is named.

use serde_json::{Map, Value, json};

use super::entry::line;
use super::{Format, bibtex, jsonld};
use crate::ops::{ErrorCode, OpError};

/// A resource as a file of a format that fits one.
///
/// # Errors
/// The format is for practices alone.
pub fn export_resource(format: Format, told: &Value) -> Result<Vec<u8>, OpError> {
    match format {
        Format::Ris => Ok(ris(told).into_bytes()),
        Format::Bibtex => Ok(bibtex(told).into_bytes()),
        Format::JsonLd => pretty(&linked(told)),
        Format::Json => pretty(told),
        _ => {
            let what = "a resource is taken away as ris, bibtex, jsonld or json";
            Err(OpError::new(ErrorCode::Invalid, what).in_field("format"))
        }
    }
}

fn pretty(value: &Value) -> Result<Vec<u8>, OpError> {
    let failed = |why: serde_json::Error| OpError::new(ErrorCode::Failed, why.to_string());
    serde_json::to_vec_pretty(value).map_err(failed)
}

/// Texts by language: English first, then the others.
fn texts(value: &Value) -> Vec<(&str, &str)> {
    let all = value.as_object().into_iter().flatten();
    let mut all: Vec<(&str, &str)> =
        all.filter_map(|(tag, text)| Some((tag.as_str(), text.as_str()?))).collect();
    all.sort_by_key(|(tag, _)| *tag != "en");
    all
}

fn first(value: &Value) -> &str {
    texts(value).first().map_or("", |(_, text)| text)
}

fn word<'a>(told: &'a Value, key: &str) -> &'a str {
    told[key].as_str().unwrap_or_default()
}

fn codes(told: &Value, key: &str) -> Vec<String> {
    let code = |one: &Value| one.as_str().map_or_else(|| one.to_string(), str::to_owned);
    told[key].as_array().into_iter().flatten().map(code).collect()
}

fn publisher(told: &Value) -> &str {
    match word(told, "publisher") {
        "" => word(told, "org"),
        publisher => publisher,
    }
}

fn year(told: &Value) -> &str {
    word(told, "date").get(..4).unwrap_or_default()
}

fn listed(told: &Value) -> String {
    format!("Listed by {} in Tern as {}", word(told, "org"), word(told, "id"))
}

fn ris(told: &Value) -> String {
    let kind = match word(told, "type") {
        "dataset" => "DATA",
        "law" => "STAT",
        "web-page" => "ELEC",
        "video" => "VIDEO",
        _ => "RPRT",
    };
    let mut text = String::new();
    let mut say = |tag: &str, value: &str| {
        let value = line(value);
        if !value.is_empty() {
            text.push_str(&format!("{tag}  - {value}\r\n"));
        }
    };
    say("TY", kind);
    say("ID", word(told, "id"));
    say("TI", first(&told["title"]));
    texts(&told["title"]).iter().skip(1).for_each(|(_, title)| say("TT", title));
    say("PB", publisher(told));
    say("PY", year(told));
    say("DA", &word(told, "date").replace('-', "/"));
    texts(&told["abstract"]).iter().for_each(|(_, text)| say("AB", text));
    codes(told, "languages").iter().for_each(|tag| say("LA", tag));
    for number in codes(told, "objectives") {
        say("KW", &format!("GCM objective {number}"));
    }
    codes(told, "countries").iter().for_each(|code| say("KW", code));
    say("UR", word(told, "url"));
    say("C2", word(told, "licence"));
    say("N1", &listed(told));
    text.push_str("ER  - \r\n");
    text
}

fn bibtex(told: &Value) -> String {
    let id = word(told, "id");
    let key = id.get(id.len().saturating_sub(10)..).unwrap_or(id);
    let mut fields = Vec::new();
    let mut say = |name: &str, value: String| {
        if !value.is_empty() && value != "{}" {
            fields.push(format!("  {name} = {{{value}}}"));
        }
    };
    let whole = |text: &str| format!("{{{}}}", bibtex::escaped(text));
    say("title", whole(first(&told["title"])));
    say("publisher", whole(publisher(told)));
    say("year", year(told).to_owned());
    say("date", word(told, "date").to_owned());
    say("language", codes(told, "languages").join(", "));
    say("abstract", bibtex::escaped(first(&told["abstract"])));
    let objectives = codes(told, "objectives").into_iter();
    let words = objectives.map(|number| format!("GCM objective {number}"));
    let words: Vec<String> = words.chain(codes(told, "countries")).collect();
    say("keywords", bibtex::escaped(&words.join(", ")));
    say("url", bibtex::address(word(told, "url")));
    say("eprint", id.to_owned());
    say("eprinttype", "tern".to_owned());
    say("license", bibtex::escaped(word(told, "licence")));
    say("note", bibtex::escaped(&listed(told)));
    format!("@misc{{tern-{key},\n{}\n}}\n\n", fields.join(",\n"))
}

fn linked(told: &Value) -> Value {
    let kind = match word(told, "type") {
        "dataset" => "Dataset",
        "law" => "Legislation",
        "training" => "LearningResource",
        "report" | "evaluation" | "policy-brief" => "Report",
        "web-page" => "WebPage",
        _ => "CreativeWork",
    };
    let mut node = Map::new();
    let mut say = |key: &str, value: Value| {
        let empty = value.is_null()
            || value.as_str() == Some("")
            || value.as_array().is_some_and(Vec::is_empty);
        if !empty {
            node.insert(key.to_owned(), value);
        }
    };
    say("@context", jsonld::context());
    say("@id", format!("urn:tern:{}", word(told, "id")).into());
    say("@type", kind.into());
    say("name", jsonld::tagged(&texts(&told["title"])));
    say("abstract", jsonld::tagged(&texts(&told["abstract"])));
    say("inLanguage", codes(told, "languages").into());
    say("datePublished", word(told, "date").into());
    say("publisher", json!({ "@type": "Organization", "name": publisher(told) }));
    if !word(told, "url").is_empty() {
        say("url", json!({ "@id": word(told, "url") }));
    }
    let objectives = codes(told, "objectives").into_iter();
    say("keywords", objectives.map(|number| json!(format!("GCM objective {number}"))).collect());
    let countries = codes(told, "countries").into_iter();
    let country = |code| json!({ "@type": "Country", "identifier": code });
    say("spatialCoverage", countries.map(country).collect());
    say("license", word(told, "licence").into());
    say("creditText", listed(told).into());
    node.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> Value {
        json!({
            "id": "tern1lsample0123456789", "org": "Ministry & Co", "type": "law",
            "title": { "en": "A law {on} contracts", "fr": "Une loi" },
            "abstract": { "en": "Short.\r\nER  - \r\nTY  - BOOK" }, "date": "2024-05",
            "objectives": [6], "countries": ["NE"], "languages": ["fr"],
            "url": "https://law.example/{1}", "licence": "CC-BY-4.0",
        })
    }

    #[test]
    fn a_reference_names_who_lists_it_and_no_text_ends_it() {
        let text = ris(&told());
        for line in ["TY  - STAT", "TT  - Une loi", "DA  - 2024/05", "KW  - GCM objective 6"] {
            assert!(text.split("\r\n").any(|told| told == line), "{line}\n{text}");
        }
        assert_eq!(text.lines().filter(|line| line.starts_with("ER  - ")).count(), 1);
        assert!(text.contains("Listed by Ministry & Co in Tern"));
        let text = bibtex(&told());
        assert_eq!(text.matches('{').count(), text.matches('}').count(), "{text}");
        assert!(text.contains("url = {https://law.example/%7B1%7D}"), "{text}");
        let node = linked(&told());
        assert_eq!(
            (&node["@type"], &node["datePublished"]),
            (&json!("Legislation"), &json!("2024-05"))
        );
        assert_eq!(node["name"][0]["@language"], "en");
        assert!(export_resource(Format::Docx, &told()).is_err());
    }
}
