//! Letters of other scripts as Latin ones: by how they look, and by how they
//! sound.

/// The Latin letter that a letter or digit looks like.
pub(super) fn looks(character: char) -> Option<&'static str> {
    Some(match character {
        'а' | 'α' => "a",
        'в' | 'β' => "b",
        'с' | 'ϲ' => "c",
        'ԁ' => "d",
        'е' | 'ε' => "e",
        'һ' => "h",
        'і' | 'ι' | 'l' | '1' => "i",
        'ј' => "j",
        'к' | 'κ' => "k",
        'м' => "m",
        'н' => "h",
        'η' | 'п' => "n",
        'о' | 'ο' | 'σ' | '0' => "o",
        'р' | 'ρ' => "p",
        'г' => "r",
        'ѕ' => "s",
        'т' | 'τ' => "t",
        'υ' | 'μ' => "u",
        'ν' => "v",
        'ω' => "w",
        'х' | 'χ' => "x",
        'у' | 'γ' => "y",
        _ => return None,
    })
}

/// The Latin letters that a Cyrillic or Greek letter sounds like.
pub(super) fn sounds(character: char) -> Option<&'static str> {
    Some(match character {
        'а' | 'α' => "a",
        'б' => "b",
        'в' | 'β' => "v",
        'г' | 'γ' | 'ґ' => "g",
        'д' | 'δ' => "d",
        'е' | 'э' | 'є' | 'ε' => "e",
        'ж' => "zh",
        'з' | 'ζ' => "z",
        'и' | 'й' | 'і' | 'ї' | 'ι' | 'η' => "i",
        'к' | 'κ' => "k",
        'л' | 'λ' => "l",
        'м' | 'μ' => "m",
        'н' | 'ν' => "n",
        'о' | 'ο' | 'ω' => "o",
        'п' | 'π' => "p",
        'р' | 'ρ' => "r",
        'с' | 'σ' => "s",
        'т' | 'τ' => "t",
        'у' | 'υ' => "u",
        'ф' | 'φ' => "f",
        'х' | 'χ' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ъ' | 'ь' => "",
        'ы' => "y",
        'ю' => "yu",
        'я' => "ya",
        'θ' => "th",
        'ξ' => "x",
        'ψ' => "ps",
        _ => return None,
    })
}
