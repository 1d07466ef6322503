//! Which language somebody wants, and which way it runs.

/// Languages of an `Accept-Language` header, most wanted first. At most ten
/// are read; what is not a language tag is skipped.
#[must_use]
pub fn accepted(header: &str) -> Vec<String> {
    let mut wishes: Vec<(u16, String)> = header
        .split(',')
        .take(10)
        .filter_map(|part| {
            let mut parts = part.trim().split(';');
            let tag = parts.next()?.trim();
            let wellformed = !tag.is_empty()
                && tag.len() <= 35
                && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(Some(1000), |weight| weight.parse::<f32>().ok().map(thousandths))?;
            (wellformed && weight > 0).then(|| (weight, tag.to_owned()))
        })
        .collect();
    wishes.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    wishes.into_iter().map(|(_, tag)| tag).collect()
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped to 0..=1000
fn thousandths(weight: f32) -> u16 {
    (weight.clamp(0.0, 1.0) * 1000.0) as u16
}

/// Languages written from right to left, by their first subtag.
const RIGHT_TO_LEFT: [&str; 11] =
    ["ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"];

/// `rtl` or `ltr` for a language tag; `auto` where the tag says nothing.
#[must_use]
pub fn direction(tag: &str) -> &'static str {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or("").to_ascii_lowercase();
    if language.is_empty() || language == "und" {
        return "auto";
    }
    match parts.next().filter(|script| script.len() == 4) {
        Some(script) if script.eq_ignore_ascii_case("arab") => "rtl",
        Some(script) if script.eq_ignore_ascii_case("hebr") => "rtl",
        Some(_) => "ltr",
        None if RIGHT_TO_LEFT.contains(&language.as_str()) => "rtl",
        None => "ltr",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_of_a_browser_decide_and_nonsense_is_skipped() {
        assert_eq!(accepted("fr;q=0.5, ar, en;q=0.9, <b>, de;q=0"), ["ar", "en", "fr"]);
        assert_eq!(accepted(""), Vec::<String>::new());
        assert_eq!(accepted(&"ne,".repeat(5000)).len(), 10);
    }

    #[test]
    fn urdu_runs_to_the_left_and_a_script_overrules_the_language() {
        assert_eq!(direction("ur-PK"), "rtl");
        assert_eq!(direction("az-Arab"), "rtl");
        assert_eq!(direction("ar-Latn"), "ltr");
        assert_eq!(direction("ne"), "ltr");
        assert_eq!(direction("und"), "auto");
    }
}
