//! Long texts of a practice: a subset of Markdown, turned into HTML that
//! cannot do harm.
//!
//! Two steps: `pulldown-cmark` writes HTML, `ammonia` keeps what is on the
//! list below. Headings are moved down to the third and fourth level, because
//! the page has the first two. Pictures are not shown: they would load from
//! somewhere else.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use ammonia::Builder;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// The HTML of a text.
#[must_use]
pub fn html_of(text: &str) -> String {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH;
    let events = Parser::new_ext(text, options).map(|event| match event {
        Event::Start(Tag::Heading { level, id, classes, attrs }) => {
            Event::Start(Tag::Heading { level: lower(level), id, classes, attrs })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
        Event::Html(raw) | Event::InlineHtml(raw) => Event::Text(raw),
        other => other,
    });
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    html::push_html(&mut out, events);
    cleaner().clean(&out).to_string()
}

/// The text without its marks, for lists and descriptions.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for event in Parser::new(text) {
        match event {
            Event::Text(part) | Event::Code(part) => out.push_str(&part),
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Item) => {
                out.push(' ');
            }
            _ => {}
        }
    }
    out.trim_end().to_owned()
}

fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 | HeadingLevel::H2 | HeadingLevel::H3 => HeadingLevel::H3,
        _ => HeadingLevel::H4,
    }
}

fn cleaner() -> &'static Builder<'static> {
    static CLEANER: OnceLock<Builder<'static>> = OnceLock::new();
    CLEANER.get_or_init(|| {
        let tags = [
            "p",
            "h3",
            "h4",
            "ul",
            "ol",
            "li",
            "a",
            "em",
            "strong",
            "del",
            "blockquote",
            "br",
            "hr",
            "code",
            "pre",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "sup",
        ];
        let mut builder = Builder::new();
        builder
            .tags(HashSet::from(tags))
            .tag_attributes(HashMap::from([("a", HashSet::from(["href"]))]))
            .generic_attributes(HashSet::new())
            .url_schemes(HashSet::from(["https", "http", "mailto"]))
            .url_relative(ammonia::UrlRelative::Deny)
            .link_rel(Some("noopener noreferrer nofollow"));
        builder
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_lists_links_and_tables_come_through() {
        let html = html_of(
            "# Big\n\nOne **two**\n\n- a\n- b\n\n[x](https://example.org)\n\n|a|b|\n|-|-|\n|1|2|",
        );
        for part in ["<h3>Big</h3>", "<strong>two</strong>", "<li>a</li>", "<td>1</td>"] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(html.contains("href=\"https://example.org\""), "{html}");
    }

    #[test]
    fn markup_is_shown_as_written_and_scripts_find_no_way_in() {
        for hostile in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "![x](https://tracker.example/pixel.png)",
            "[x](javascript:alert(1))",
            "[x](//evil.example)",
            "<p style=\"position:fixed\" id=\"main\">",
            "a <b onclick=alert(1)>b</b>",
        ] {
            let html = scraper::Html::parse_fragment(&html_of(hostile));
            let any = scraper::Selector::parse("*").expect("a selector");
            for element in html.select(&any) {
                let name = element.value().name();
                assert!(["html", "p", "a"].contains(&name), "{name} from {hostile}");
                for (attribute, value) in element.value().attrs() {
                    let harmless = attribute == "rel"
                        || (attribute == "href" && value.starts_with("https://"));
                    assert!(harmless, "{attribute}={value} from {hostile}");
                }
            }
        }
    }

    #[test]
    fn marks_leave_no_trace_in_a_list() {
        assert_eq!(plain("One **two**\nthree\n\n- four"), "One two three four");
    }
}
