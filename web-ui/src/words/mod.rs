//! Every sentence people read, by key, in the language they read.
//!
//! Sentences live in Fluent files, `locales/{tag}/*.ftl`, one file for each
//! page, compiled into the binary. What is interpolated is wrapped in Unicode
//! isolating marks, so that an Arabic name in an English sentence (and the
//! other way round) leaves the rest of it in order. English is the fallback
//! for each message by itself, never for a whole page.
//!
//! Two pseudo-locales made from the English text test the layout: `en-XA`
//! (accented, 40 % longer) and `ar-XB` (right to left). They are offered only
//! where [`Catalogue::new`] is told so.

use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use rust_embed::RustEmbed;

mod dates;
mod negotiate;
mod pseudo;
#[cfg(test)]
mod sentences;

pub use dates::Civil;
pub use negotiate::{accepted, direction};

#[derive(RustEmbed)]
#[folder = "locales"]
struct Files;

type Bundle = FluentBundle<Arc<FluentResource>>;

/// The language every other one falls back to.
pub const FALLBACK: &str = "en";

/// What is shown for a key that no file has, so that tests and eyes find it.
pub const MISSING: &str = "\u{27E6}";

/// One language that pages can be shown in.
pub struct Words {
    /// Its tag (BCP 47).
    pub lang: &'static str,
    /// `ltr` or `rtl`.
    pub dir: &'static str,
    /// Its own name for itself.
    pub name: &'static str,
    bundle: Bundle,
    fallback: Option<Arc<Words>>,
}

/// Something that can stand in a sentence.
pub trait Arg {
    /// As Fluent knows it.
    fn value(&self) -> FluentValue<'_>;
}

impl Arg for str {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(self)
    }
}

impl Arg for String {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(self.as_str())
    }
}

impl<T: Arg + ?Sized> Arg for &T {
    fn value(&self) -> FluentValue<'_> {
        (**self).value()
    }
}

macro_rules! number_args {
    ($($number:ty)*) => {
        $(impl Arg for $number {
            fn value(&self) -> FluentValue<'_> {
                FluentValue::from(*self)
            }
        })*
    };
}

number_args!(u8 u32 u64 i32 i64 usize);

impl Words {
    /// The sentence of `key`.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        self.format(key, None)
    }

    /// The sentence of `key` with one thing in it.
    pub fn t1(&self, key: &str, name: &str, value: impl Arg) -> String {
        let mut args = FluentArgs::with_capacity(1);
        args.set(name, value.value());
        self.format(key, Some(&args))
    }

    /// The sentence of `key` with two things in it.
    pub fn t2(&self, key: &str, a: (&str, impl Arg), b: (&str, impl Arg)) -> String {
        let mut args = FluentArgs::with_capacity(2);
        args.set(a.0, a.1.value());
        args.set(b.0, b.1.value());
        self.format(key, Some(&args))
    }

    /// Whether some file has `key`.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key) || self.fallback.as_ref().is_some_and(|next| next.has(key))
    }

    /// What people read for a choice of a field: its label, or, where that is
    /// the bare code, the sentence `choice-FIELD-CODE` if there is one.
    #[must_use]
    pub fn choice(&self, field: &str, code: &str, label: &str) -> String {
        let key = format!("choice-{field}-{code}");
        if code == label && self.has(&key) { self.t(&key) } else { label.to_owned() }
    }

    fn format(&self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return match &self.fallback {
                Some(next) => next.format(key, args),
                None => {
                    tracing::error!(key, "no sentence of this key");
                    format!("{MISSING}{key}")
                }
            };
        };
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, args, &mut errors);
        if !errors.is_empty() {
            tracing::error!(key, ?errors, "a sentence lacks something");
            return format!("{MISSING}{key}");
        }
        text.into_owned()
    }
}

/// All languages of this build.
pub struct Catalogue {
    words: Vec<Arc<Words>>,
}

impl Catalogue {
    /// Reads the files in the binary. `pseudo` adds the two pseudo-locales.
    ///
    /// # Panics
    /// When a file of this build does not parse; a test reads them all.
    #[must_use]
    pub fn new(pseudo: bool) -> Self {
        let english = Arc::new(Words {
            lang: "en",
            dir: "ltr",
            name: "English",
            bundle: bundle("en", "en"),
            fallback: None,
        });
        let mut words = vec![english.clone()];
        if pseudo {
            words.extend(pseudo::all(&english).map(Arc::new));
        }
        Self { words }
    }

    /// Every language, the fallback first.
    #[must_use]
    pub fn all(&self) -> &[Arc<Words>] {
        &self.words
    }

    /// Tag and own name of every language, for lists.
    #[must_use]
    pub fn names(&self) -> Vec<(String, String)> {
        self.words.iter().map(|words| (words.lang.to_owned(), words.name.to_owned())).collect()
    }

    /// The language with exactly this tag.
    #[must_use]
    pub fn exactly(&self, tag: &str) -> Option<&Arc<Words>> {
        self.words.iter().find(|words| words.lang.eq_ignore_ascii_case(tag))
    }

    /// The first language wished for that there is, else the fallback. A wish
    /// for a region is met by its language (`en-GB` by `en`).
    pub fn choose<'a>(&self, wishes: impl IntoIterator<Item = &'a str>) -> &Arc<Words> {
        wishes
            .into_iter()
            .find_map(|tag| {
                self.exactly(tag).or_else(|| self.exactly(tag.split('-').next().unwrap_or(tag)))
            })
            .unwrap_or(&self.words[0])
    }
}

/// The messages in `locales/{folder}`, for plural rules of `tag`.
/// A sentence without isolating marks, for what is no page: a mail, a field that is
/// typed into, a record of a catalogue.
pub(crate) fn unmarked(sentence: &str) -> String {
    sentence.chars().filter(|c| !('\u{2066}'..='\u{2069}').contains(c)).collect()
}

fn bundle(folder: &str, tag: &str) -> Bundle {
    let tag = tag.parse().expect("the tags of this build are well formed");
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) if number.value.fract() == 0.0 => Some(grouped(number.value)),
        _ => None,
    }));
    for path in Files::iter().filter(|path| path.starts_with(folder)) {
        let file = Files::get(&path).expect("an embedded file is there");
        let text = String::from_utf8(file.data.into_owned()).expect("language files are UTF-8");
        let resource = FluentResource::try_new(text)
            .unwrap_or_else(|(_, errors)| panic!("{path} does not parse: {errors:?}"));
        bundle
            .add_resource(Arc::new(resource))
            .unwrap_or_else(|errors| panic!("{path} repeats a key: {errors:?}"));
    }
    bundle
}

/// A whole number with a comma between groups of three digits.
pub(crate) fn grouped(number: f64) -> String {
    let digits = format!("{:.0}", number.abs());
    let mut text = String::with_capacity(digits.len() + 4);
    if number < 0.0 {
        text.push('\u{2212}');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (number, text) in
            [(0.0, "0"), (999.0, "999"), (1_284.0, "1,284"), (-1_234_567.0, "−1,234,567")]
        {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn a_region_is_met_by_its_language_and_an_unknown_language_by_english() {
        let catalogue = Catalogue::new(false);
        assert_eq!(catalogue.choose(["en-GB"]).lang, "en");
        assert_eq!(catalogue.choose(["xx", "en"]).lang, "en");
        assert_eq!(catalogue.choose([]).lang, "en");
    }

    #[test]
    fn pseudo_locales_are_offered_only_when_asked_for() {
        assert!(Catalogue::new(false).exactly("ar-XB").is_none());
        let catalogue = Catalogue::new(true);
        let backwards = catalogue.exactly("ar-xb").expect("asked for");
        assert_eq!(backwards.dir, "rtl");
        assert!(backwards.t("nav-practices").contains('\u{202E}'));
        let longer = catalogue.exactly("en-XA").expect("asked for").t("nav-practices");
        let english = catalogue.choose(["en"]).t("nav-practices");
        assert!(longer.chars().count() * 10 >= english.chars().count() * 14, "{longer}");
    }

    #[test]
    fn what_is_interpolated_is_isolated_and_a_missing_key_is_plain_to_see() {
        let catalogue = Catalogue::new(false);
        let words = catalogue.choose(["en"]);
        let sentence = words.t1("a-person-of", "org", "هيئة الهجرة");
        assert!(sentence.contains("\u{2068}هيئة الهجرة\u{2069}"), "{sentence}");
        assert!(words.t("no-such-key").starts_with(MISSING));
    }
}
