//! What changed between two texts, word by word.
//!
//! Longest common subsequence of words after common ends are taken off. Texts
//! whose changed middle is longer than `WORDS_MAX` words on a side are shown
//! as replaced whole, so that a page costs a bounded amount of work.

/// Changed words on a side that are still compared.
const WORDS_MAX: usize = 2_000;

/// A run of words with the same fate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// What became of them.
    pub fate: Fate,
    /// The words, with the spaces between them.
    pub text: String,
}

/// What became of words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// In both texts.
    Kept,
    /// Only in the earlier one.
    Gone,
    /// Only in the later one.
    New,
}

impl Piece {
    /// Whether the words are only in the earlier text.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.fate == Fate::Gone
    }

    /// Whether the words are only in the later text.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.fate == Fate::New
    }
}

/// The way from one text to the other.
#[must_use]
pub fn words(before: &str, after: &str) -> Vec<Piece> {
    let (before, after) = (split(before), split(after));
    let head = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (&before[head..], &after[head..]);
    let tail = rest_a.iter().rev().zip(rest_b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (middle_a, middle_b) = (&rest_a[..rest_a.len() - tail], &rest_b[..rest_b.len() - tail]);

    let mut pieces = Pieces::default();
    pieces.extend(Fate::Kept, &before[..head]);
    if middle_a.len().max(middle_b.len()) > WORDS_MAX {
        pieces.extend(Fate::Gone, middle_a);
        pieces.extend(Fate::New, middle_b);
    } else {
        walk(middle_a, middle_b, &mut pieces);
    }
    pieces.extend(Fate::Kept, &rest_a[rest_a.len() - tail..]);
    pieces.0
}

/// Words, and one by one whatever stands between them. Where a script writes
/// without spaces, each character is a word.
fn split(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    for (at, letter) in text.char_indices() {
        if !joins(letter) {
            words.extend([&text[start..at], &text[at..at + letter.len_utf8()]]);
            start = at + letter.len_utf8();
        }
    }
    words.push(&text[start..]);
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a character is a part of a longer word.
fn joins(letter: char) -> bool {
    let alone = matches!(letter, '\u{3040}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}');
    (letter.is_alphanumeric() && !alone)
        || matches!(letter, '\'' | '’' | '\u{200C}' | '\u{200D}')
        || matches!(letter, '\u{0300}'..='\u{036F}' | '\u{0900}'..='\u{0DFF}')
}

#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn extend(&mut self, fate: Fate, words: &[&str]) {
        for word in words {
            match self.0.last_mut() {
                Some(last) if last.fate == fate => last.text.push_str(word),
                _ => self.0.push(Piece { fate, text: (*word).to_owned() }),
            }
        }
    }
}

fn walk(before: &[&str], after: &[&str], pieces: &mut Pieces) {
    let width = after.len() + 1;
    // common[i][j]: longest common subsequence of before[i..] and after[j..]
    let mut common = vec![0_u16; (before.len() + 1) * width];
    for i in (0..before.len()).rev() {
        for j in (0..after.len()).rev() {
            common[i * width + j] = if before[i] == after[j] {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < before.len() || j < after.len() {
        if i < before.len() && j < after.len() && before[i] == after[j] {
            pieces.extend(Fate::Kept, &before[i..=i]);
            (i, j) = (i + 1, j + 1);
        } else if j == after.len()
            || (i < before.len() && common[(i + 1) * width + j] >= common[i * width + j + 1])
        {
            pieces.extend(Fate::Gone, &before[i..=i]);
            i += 1;
        } else {
            pieces.extend(Fate::New, &after[j..=j]);
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(pieces: &[Piece], without: Fate) -> String {
        pieces.iter().filter(|piece| piece.fate != without).map(|p| p.text.as_str()).collect()
    }

    #[test]
    fn both_texts_can_be_read_off_the_difference() {
        let long = "word ".repeat(3_000);
        for (before, after) in [
            (
                "In the second year 58 per cent attended.",
                "In the second year 61 per cent of workers attended.",
            ),
            ("", "new"),
            ("old", ""),
            ("same", "same"),
            (long.as_str(), "short"),
            ("نص قديم هنا", "نص جديد هنا"),
        ] {
            let pieces = words(before, after);
            assert_eq!(side(&pieces, Fate::New), before);
            assert_eq!(side(&pieces, Fate::Gone), after);
        }
    }

    #[test]
    fn one_changed_word_leaves_the_others_alone() {
        let pieces = words("In the second year 58 per cent", "In the second year 61 per cent");
        let fates: Vec<_> = pieces.iter().map(|piece| (piece.fate, piece.text.as_str())).collect();
        assert_eq!(
            fates,
            [
                (Fate::Kept, "In the second year "),
                (Fate::Gone, "58"),
                (Fate::New, "61"),
                (Fate::Kept, " per cent"),
            ]
        );
        let pieces = words("up from 23 per cent.", "up from 23 per cent, and more.");
        assert_eq!(pieces[1].text, ", and more");
        let pieces = words("移民治理", "移民的治理");
        assert_eq!(pieces[1].text, "的");
    }
}
