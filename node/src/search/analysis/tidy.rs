//! One form for what reads the same.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Text in lower case and compatibility form (NFKC), with the digits 0–9,
/// without what only guides layout, with one form for letters that writers
/// exchange freely: Arabic without vowel marks, tatweel, hamza seats and
/// variants of alef and ya; Russian without stress and ё. Accents of Latin
/// letters stay.
pub fn tidy(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut base = '\0';
    let kept = text.nfkd().flat_map(char::to_lowercase).filter_map(|character| {
        let character = match character {
            // Soft hyphen, joiners, marks of direction, byte order.
            '\u{ad}' | '\u{200c}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => return None,
            '\u{2060}'..='\u{2069}' | '\u{feff}' => return None,
            // Tatweel, harakat with the hamza seats, superscript alef,
            // Quranic marks.
            '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6ed}' => return None,
            '\u{671}' => '\u{627}',
            '\u{649}' | '\u{6cc}' => '\u{64a}',
            '\u{6a9}' => '\u{643}',
            '\u{660}'..='\u{669}' => digit(character, '\u{660}'),
            '\u{6f0}'..='\u{6f9}' => digit(character, '\u{6f0}'),
            '\u{966}'..='\u{96f}' => digit(character, '\u{966}'),
            'ς' => 'σ',
            // й and ў are letters; stress and ё are not always written.
            '\u{300}'..='\u{36f}' if is_cyrillic(base) && character != '\u{306}' => return None,
            other => other,
        };
        if !is_combining_mark(character) {
            base = character;
        }
        Some(character)
    });
    let kept: Vec<char> = kept.collect();
    kept.into_iter().nfc().collect()
}

/// A tidy word without accents and with the letters of the English alphabet
/// where that is how people write without the right keyboard.
pub fn plain(word: &str) -> String {
    if word.is_ascii() {
        return word.to_owned();
    }
    let mut kept = String::with_capacity(word.len());
    let mut base = '\0';
    for character in word.nfd() {
        match character {
            '\u{300}'..='\u{36f}' if !is_cyrillic(base) => continue,
            'ß' => kept.push_str("ss"),
            'æ' => kept.push_str("ae"),
            'œ' => kept.push_str("oe"),
            'þ' => kept.push_str("th"),
            'ø' => kept.push('o'),
            'đ' | 'ð' => kept.push('d'),
            'ł' => kept.push('l'),
            'ħ' => kept.push('h'),
            'ı' => kept.push('i'),
            'ŋ' => kept.push('n'),
            'ə' => kept.push('e'),
            other => kept.push(other),
        }
        base = character;
    }
    kept.nfc().collect()
}

const fn is_cyrillic(character: char) -> bool {
    matches!(character, '\u{400}'..='\u{52f}')
}

fn digit(character: char, zero: char) -> char {
    char::from_digit(u32::from(character) - u32::from(zero), 10).unwrap_or(character)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_reads_the_same_has_one_form() {
        assert_eq!(tidy("Réintégration"), "réintégration");
        assert_eq!(tidy("Re\u{301}inte\u{301}gration"), tidy("réintégration"));
        assert_eq!(tidy("ＭＯＢＩＬＩＴＹ"), "mobility");
        assert_eq!(tidy("ЗАРУБЕЖЬЁ"), "зарубежье");
        assert_eq!(tidy("район"), "район", "й is a letter");
        assert_eq!(tidy("أُسْرَة إلى آفاق الهـــجرة"), "اسرة الي افاق الهجرة");
        assert_eq!(tidy("٢٠٢٣ ۱۹۵۱ २०७२"), "2023 1951 2072");
    }

    #[test]
    fn plain_words_can_be_typed_on_an_english_keyboard() {
        for (accented, typed) in [("réintégration", "reintegration"), ("straße", "strasse")] {
            assert_eq!(plain(accented), typed);
        }
        assert_eq!(plain("młodzież"), "mlodziez");
        assert_eq!(plain("район"), "район");
        assert_eq!(plain("प्रवासी"), "प्रवासी");
    }

    proptest! {
        #[test]
        fn tidying_twice_changes_nothing_more(text in "\\PC{0,40}") {
            let once = tidy(&text);
            prop_assert_eq!(tidy(&once), once.clone());
            let plain_once = plain(&once);
            prop_assert_eq!(plain(&plain_once), plain_once);
        }
    }
}
