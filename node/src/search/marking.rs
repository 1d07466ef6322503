//! Where in a text the words stand that were looked for.
//!
//! Texts come from elsewhere and leave as they came, in [pieces](Piece); who
//! shows them escapes each. A word is marked if one of its terms is one that
//! was looked for, so inflected words are, and so are those that were taken for
//! what was meant.

use std::collections::{BTreeMap, BTreeSet};

use super::analysis::{Script, Stems, Tongue, cut, is_unspaced, plain, tidy};
use super::query::{Marked, Piece};
use super::sought::Sought;

/// A passage has about this many characters, …
const PASSAGE_CHARS: usize = 240;
/// … some of them before the first word that was looked for.
const BEFORE_CHARS: usize = 60;
/// Only the beginning of a text is looked through, this many bytes.
pub const LOOKED_THROUGH_BYTES: usize = 48 * 1024;
/// A passage with so many words that were looked for is good enough.
const ENOUGH: usize = 3;

/// Marks what was looked for.
#[derive(Default)]
pub struct Marker {
    stems: BTreeMap<Tongue, BTreeSet<String>>,
    whole: BTreeSet<String>,
    beginnings: Vec<String>,
    passages: Vec<String>,
    analysers: BTreeMap<Tongue, Stems>,
}

/// A stretch of a text, in bytes, and whether it was looked for.
type Stretch = (usize, usize);

impl Marker {
    /// For what is sought and what may have been meant.
    pub fn new<'s>(
        sought: impl Iterator<Item = &'s Sought>,
        meant: impl Iterator<Item = &'s String>,
    ) -> Self {
        let mut marker = Self::default();
        for sought in sought {
            match sought {
                Sought::Word(word) => marker.word(word),
                Sought::Beginning(word) => {
                    marker.word(word);
                    marker.beginnings.push(plain(word));
                }
                Sought::Passage(passage) => marker.passages.push(passage.clone()),
                Sought::Phrase(phrase) => {
                    for word in cut(phrase) {
                        match word.script {
                            Script::Spaced => marker.word(word.text),
                            Script::Unspaced => marker.passages.push(word.text.to_owned()),
                        }
                    }
                }
            }
        }
        meant.for_each(|word| marker.word(word));
        marker
    }

    fn word(&mut self, word: &str) {
        for tongue in Tongue::of_word(word) {
            let stems = self.analysers.entry(*tongue).or_insert_with(|| tongue.stems());
            self.stems.entry(*tongue).or_default().extend(stems.of(word));
        }
        self.whole.insert(plain(word));
    }

    /// Whether there is nothing to mark.
    pub fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.passages.is_empty()
    }

    /// A whole text, marked.
    pub fn mark(&mut self, lang: &str, text: &str) -> Marked {
        let marks = self.marks(lang, text);
        Marked { lang: lang.to_owned(), pieces: pieces(text, &marks) }
    }

    /// The passage of a text that has most of what was looked for, and how much
    /// that is; nothing if it has none.
    pub fn passage(&mut self, lang: &str, text: &str) -> Option<(usize, Marked)> {
        let text = &text[..text.floor_char_boundary(LOOKED_THROUGH_BYTES)];
        let mut best: Option<(usize, usize)> = None;
        let marks = self.marks(lang, text);
        // Each word once: a text may have thousands of one that was looked for.
        let words: Vec<String> =
            marks.iter().map(|(from, to)| plain(&tidy(&text[*from..*to]))).collect();
        let enough = words.iter().collect::<BTreeSet<_>>().len().min(ENOUGH);
        for (at, (from, _)) in marks.iter().enumerate() {
            let ahead = marks[at..].iter().zip(&words[at..]);
            let within = ahead.take_while(|((_, to), _)| to - from <= PASSAGE_CHARS);
            let different: BTreeSet<&String> = within.map(|(_, word)| word).collect();
            if best.is_none_or(|(most, _)| different.len() > most) {
                best = Some((different.len(), *from));
            }
            if different.len() >= enough {
                break;
            }
        }
        let (found, first) = best?;
        let (from, to) = around(text, first);
        let within: Vec<Stretch> = marks
            .into_iter()
            .filter(|(begin, end)| *begin >= from && *end <= to)
            .map(|(begin, end)| (begin - from, end - from))
            .collect();
        let mut pieces = pieces(&text[from..to], &within);
        if from > 0 {
            pieces.insert(0, Piece { text: "… ".into(), marked: false });
        }
        if to < text.trim_end().len() {
            pieces.push(Piece { text: " …".into(), marked: false });
        }
        Some((found, Marked { lang: lang.to_owned(), pieces }))
    }

    /// The stretches of a text that were looked for, in their order.
    fn marks(&mut self, lang: &str, text: &str) -> Vec<Stretch> {
        let tongue = Tongue::of(lang);
        let mut marks = Vec::new();
        for (from, to) in words(text) {
            let word = &text[from..to];
            if word.starts_with(is_unspaced) {
                self.in_unspaced(from, word, &mut marks);
            } else if self.is_sought(tongue, word) {
                marks.push((from, to));
            }
        }
        marks
    }

    fn is_sought(&mut self, tongue: Tongue, word: &str) -> bool {
        let word = tidy(word);
        let bare = plain(&word);
        if self.whole.contains(&bare) || self.beginnings.iter().any(|one| bare.starts_with(one)) {
            return true;
        }
        let Some(sought) = self.stems.get(&tongue).filter(|sought| !sought.is_empty()) else {
            return false;
        };
        // A stem begins like its word, but where words are put before it.
        let first = bare.chars().next();
        if tongue != Tongue::Arabic && !sought.iter().any(|one| one.chars().next() == first) {
            return false;
        }
        let stems = self.analysers.entry(tongue).or_insert_with(|| tongue.stems());
        stems.of(&word).iter().any(|term| sought.contains(term))
    }

    /// Marks the passages that stand in a stretch without spaces.
    fn in_unspaced(&self, from: usize, stretch: &str, marks: &mut Vec<Stretch>) {
        let lone = self.whole.iter().filter(|word| word.starts_with(is_unspaced));
        let mut found: Vec<Stretch> = Vec::new();
        for passage in self.passages.iter().chain(lone) {
            found.extend(stretch.match_indices(passage.as_str()).map(|(at, what)| {
                let begin = from + at;
                (begin, begin + what.len())
            }));
        }
        found.sort_unstable();
        for (begin, end) in found {
            match marks.last_mut() {
                Some((_, last)) if *last >= begin => *last = (*last).max(end),
                _ => marks.push((begin, end)),
            }
        }
    }
}

/// The words of a text as they stand in it: what reads the same as a word that
/// is [cut](super::analysis::cut) from a tidy text.
fn words(text: &str) -> impl Iterator<Item = Stretch> + '_ {
    let kind = |c: char| match c {
        // Joiners, soft hyphens and marks of direction stand inside words.
        '\u{ad}' | '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' => {
            None
        }
        c if is_unspaced(c) => Some(2),
        c if c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c) => Some(1),
        _ => Some(0),
    };
    let mut rest = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let (from, begun) = loop {
            let (at, c) = rest.next()?;
            if let Some(kind @ 1..) = kind(c) {
                break (at, kind);
            }
        };
        let mut to = text.len();
        while let Some((at, c)) = rest.peek() {
            let is_mark = unicode_normalization::char::is_combining_mark(*c);
            if !is_mark && kind(*c).is_some_and(|kind| kind != begun) {
                to = *at;
                break;
            }
            rest.next();
        }
        Some((from, to))
    })
}

fn pieces(text: &str, marks: &[Stretch]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut done = 0;
    let mut push = |text: &str, marked| {
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), marked });
        }
    };
    for (from, to) in marks {
        push(&text[done..*from], false);
        push(&text[*from..*to], true);
        done = *to;
    }
    push(&text[done..], false);
    pieces
}

/// A stretch of a text around a place, that begins and ends with words.
fn around(text: &str, place: usize) -> (usize, usize) {
    let before = text[..place].char_indices().rev().take(BEFORE_CHARS);
    let mut from = before.last().map_or(place, |(at, _)| at);
    // From the beginning of a sentence if one begins there, else of a word.
    let lead = &text[from..place];
    let sentence = lead
        .rfind(['.', '!', '?', '\n', '。', '؟', '！'])
        .map(|at| at + lead[at..].chars().next().map_or(1, char::len_utf8));
    if let Some(at) = sentence {
        from += at;
    } else if from > 0 {
        from += lead.find(char::is_whitespace).unwrap_or(0);
    }
    from += text[from..].len() - text[from..].trim_start().len();
    let from = from.min(place);
    let end =
        text[from..].char_indices().nth(PASSAGE_CHARS).map_or(text.len(), |(at, _)| from + at);
    let mut to = end;
    if end < text.len() {
        let cut = text[from..end].rfind(char::is_whitespace).map(|at| from + at);
        to = cut.filter(|at| *at > place + (end - place) / 2).unwrap_or(end);
    }
    (from, from + text[from..to].trim_end().len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sought::Typed;
    use super::*;

    fn marked(typed: &str, lang: &str, text: &str) -> Vec<String> {
        let typed = Typed::read(typed);
        let marked = Marker::new(typed.0.iter(), std::iter::empty()).mark(lang, text);
        marked.pieces.into_iter().filter(|piece| piece.marked).map(|piece| piece.text).collect()
    }

    #[test]
    fn words_are_marked_as_they_stand_however_they_are_inflected() {
        assert_eq!(marked("policy ", "en", "New policies, <b>policy</b>."), ["policies", "policy"]);
        assert_eq!(marked("qualifié ", "fr", "Personnes qualifiées"), ["qualifiées"]);
        assert_eq!(marked("мигрант ", "ru", "Для мигрантов."), ["мигрантов"]);
        assert_eq!(marked("هجرة ", "ar", "تسجيل الهجـــرة النظامية"), ["الهجـــرة"]);
        assert_eq!(marked("移民 ", "zh", "保护移民的权利"), ["移民"]);
        assert_eq!(marked("reinteg", "en", "Reintegration of returnees"), ["Reintegration"]);
        assert_eq!(marked("policy ", "en", "Nothing"), [""; 0]);
    }

    #[test]
    fn a_passage_is_where_the_words_stand() {
        let text =
            format!("{}Loans help returnees. {}", "Nothing here. ".repeat(60), "No. ".repeat(90));
        let typed = Typed::read("returnee loan ");
        let mut marker = Marker::new(typed.0.iter(), std::iter::empty());
        let (found, passage) = marker.passage("en", &text).expect("a passage");
        let whole: String = passage.pieces.iter().map(|piece| piece.text.as_str()).collect();
        assert!(whole.starts_with("… Loans help returnees. No."), "{whole}");
        assert!(whole.ends_with('…') && whole.chars().count() < PASSAGE_CHARS + 10, "{whole}");
        assert_eq!(found, 2);
        assert_eq!(marker.passage("en", "Nothing here."), None);
    }

    proptest! {
        #[test]
        fn pieces_are_the_text_and_nothing_else(
            typed in "[a-zé移民ال ]{0,12}",
            text in "\\PC{0,80}|[a-zé移民ال ـ\u{200d}\u{301}]{0,80}",
            lang in "en|fr|ar|zh|xx",
        ) {
            let typed = Typed::read(&typed);
            let mut marker = Marker::new(typed.0.iter(), std::iter::empty());
            let whole: String =
                marker.mark(&lang, &text).pieces.iter().map(|piece| piece.text.as_str()).collect();
            prop_assert_eq!(whole, text.clone());
            let _ = marker.passage(&lang, &text);
        }
    }
}
