//! References in BibTeX.
//!
//! What has a meaning in TeX is written as a command, braces too, since a
//! brace that is escaped is counted all the same.

use super::entry::{Entry, line};

/// One practice as a reference.
pub(super) fn reference(entry: Entry<'_>) -> String {
    let id = entry.id();
    let begin = id.len().saturating_sub(10);
    let mut key = id.get(begin..).unwrap_or(id).to_owned();
    if let Some(number) = entry.number() {
        key.push_str(&format!("-e{number}"));
    }
    let mut fields = Vec::new();
    let mut say = |name: &str, value: &str| {
        if !value.is_empty() {
            fields.push(format!("  {name} = {{{value}}}"));
        }
    };
    // A second pair keeps capitals, and the name of an organisation whole.
    let whole = |text: &str| format!("{{{}}}", escaped(text));
    say("title", &whole(entry.title().1));
    say("author", &whole(entry.org()));
    say("publisher", &whole(entry.org()));
    say("year", entry.year());
    say("date", entry.day());
    if let Some(number) = entry.number() {
        say("edition", &number.to_string());
    }
    say("language", &entry.languages().join(", "));
    if let Some((_, summary)) = entry.texts("summary").first() {
        say("abstract", &escaped(summary));
    }
    let objectives = entry.codes("primary_objectives").into_iter();
    let words: Vec<String> = objectives
        .map(|number| format!("GCM objective {number}"))
        .chain(entry.codes("topics"))
        .chain(entry.codes("countries"))
        .map(|word| escaped(&word))
        .collect();
    say("keywords", &words.join(", "));
    if let Some(url) = entry.listed().and_then(|listed| listed["url"].as_str()) {
        say("url", &address(url));
    }
    say("eprint", id);
    say("eprinttype", "tern");
    say("license", &escaped(entry.code("licence")));
    let mut note = vec![entry.status().trim_end_matches('.').to_owned()];
    note.extend(entry.signers().map(|(person, org)| format!("Signed by {person}, {org}")));
    if !entry.hash().is_empty() {
        note.push(format!("BLAKE3 of the content: {}", entry.hash()));
    }
    say("note", &escaped(&note.join(". ")));
    say("howpublished", &escaped(&entry.attribution()));
    format!("@misc{{tern-{key},\n{}\n}}\n\n", fields.join(",\n"))
}

pub(super) fn escaped(text: &str) -> String {
    let mut told = String::new();
    for c in line(text).chars() {
        match c {
            '\\' => told.push_str("\\textbackslash{}"),
            '{' => told.push_str("\\textbraceleft{}"),
            '}' => told.push_str("\\textbraceright{}"),
            '~' => told.push_str("\\textasciitilde{}"),
            '^' => told.push_str("\\textasciicircum{}"),
            '&' | '%' | '$' | '#' | '_' => told.extend(['\\', c]),
            c => told.push(c),
        }
    }
    told
}

/// An address, which is verbatim but cannot hold braces.
pub(super) fn address(url: &str) -> String {
    url.replace('\\', "%5C").replace('{', "%7B").replace('}', "%7D")
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::counselling;
    use super::super::entry::words;
    use super::*;

    #[test]
    fn a_reference_is_whole_whatever_braces_and_commands_a_text_holds() {
        let mut shown = counselling();
        shown["fields"]["summary"]["en"] = "} \\input{/etc/passwd} { 100% of $5 & a_b ~ ^ #".into();
        let text = reference(Entry::new(&shown, &words("en")));
        let depth = text.chars().try_fold(0_i32, |depth, c| match c {
            '{' => Some(depth + 1),
            '}' if depth == 0 => None,
            '}' => Some(depth - 1),
            _ => Some(depth),
        });
        assert_eq!(depth, Some(0), "braces balance: {text}");
        assert!(!text.contains("\\input"), "no command of a text is one: {text}");
        for told in [
            "@misc{tern-j4c6h0fzn5-e2,",
            "author = {{Upland Labour Office}}",
            "year = {2026}",
            "language = {en, ar, fr}",
            "100\\% of \\$5 \\& a\\_b",
        ] {
            assert!(text.contains(told), "{told}\n{text}");
        }
    }
}
