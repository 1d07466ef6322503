//! Guessing what somebody meant to type.

/// The known word nearest to `typed`, if it is near enough to be a slip of
/// the hand: about one letter in three differs at most, and of the few letters
/// of a country code none.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed: Vec<char> = plain(typed).take(48).collect();
    let bound = |word: &str| match typed.len().min(word.len()) {
        0..=3 => 0,
        shorter => shorter.div_ceil(3),
    };
    let ranked = known.into_iter().map(|word| (distance(&typed, word), word));
    ranked.filter(|(distance, word)| *distance <= bound(word)).min().map(|(_, word)| word)
}

/// Letters without case, and one character for what people put between words.
fn plain(word: &str) -> impl Iterator<Item = char> + '_ {
    word.chars().flat_map(char::to_lowercase).map(|c| match c {
        ' ' | '-' => '_',
        c => c,
    })
}

/// Levenshtein's distance, one row at a time.
fn distance(typed: &[char], word: &str) -> usize {
    let mut row: Vec<usize> = (0..=typed.len()).collect();
    for (line, letter) in plain(word).enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (at, &other) in typed.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != other);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row[typed.len()]
}
