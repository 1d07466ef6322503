//! Reading `tern.toml`, so that whatever is wrong is told with its line.

use std::fs;
use std::io;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::known::{self, Given, KNOWN};
use super::{ConfigError, Loaded, SETTINGS_BYTES_MAX, Source};

/// The text of the file; `None` where there is none.
pub(super) fn read(path: &Path) -> Result<Option<String>, ConfigError> {
    let unreadable = |cause| ConfigError::Unreadable { path: path.to_owned(), cause };
    let bytes = match fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(unreadable(cause)),
    };
    if bytes > SETTINGS_BYTES_MAX {
        return Err(ConfigError::TooLong { path: path.to_owned(), bytes });
    }
    let text = String::from_utf8(fs::read(path).map_err(unreadable)?);
    text.map(Some).map_err(|broken| {
        let at = broken.utf8_error().valid_up_to();
        let line = 1 + broken.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
        let why = "this line is not UTF-8 text".to_owned();
        ConfigError::Line { path: path.to_owned(), line, why }
    })
}

/// Applies what the file sets.
pub(super) fn apply(path: &Path, text: &str, loaded: &mut Loaded) -> Result<(), ConfigError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let at = |start: usize, why: String| {
        let line = 1 + text[..start.min(text.len())].matches('\n').count();
        ConfigError::Line { path: path.to_owned(), line, why }
    };
    let table = DeTable::parse(text).map_err(|broken| {
        let start = broken.span().map_or(0, |span| span.start);
        at(start, format!("this is not TOML: {}", one_line(broken.message())))
    })?;
    let mut found = Vec::new();
    flatten("", table.get_ref(), &mut found);
    for (key, start, value) in found {
        let Some(setting) = KNOWN.iter().find(|known| known.key == key) else {
            return Err(at(start, unknown(&key)));
        };
        loaded
            .set(setting, &given(value.get_ref()), Source::File)
            .map_err(|why| at(start, format!("`{key}`: {why}")))?;
    }
    Ok(())
}

/// Every `table.key` with where its name begins, in no particular order.
fn flatten<'t>(
    before: &str,
    table: &'t DeTable<'_>,
    found: &mut Vec<(String, usize, &'t Spanned<DeValue<'t>>)>,
) {
    for (name, value) in table {
        let key = format!("{before}{}", name.get_ref());
        match value.get_ref() {
            DeValue::Table(inner) if !inner.is_empty() => {
                flatten(&format!("{key}."), inner, found);
            }
            // An empty table sets nothing, if it could have held a setting.
            DeValue::Table(_)
                if KNOWN.iter().any(|known| known.key.starts_with(&format!("{key}."))) => {}
            _ => found.push((key, name.span().start, value)),
        }
    }
    found.sort_by_key(|(_, start, _)| *start);
}

fn given<'v>(value: &'v DeValue<'_>) -> Given<'v> {
    match value {
        DeValue::String(text) => Given::Text(text),
        DeValue::Boolean(flag) => Given::Flag(*flag),
        DeValue::Array(items) => {
            let texts = items.iter().map(|item| item.get_ref().as_str());
            texts
                .collect::<Option<Vec<_>>>()
                .map_or(Given::Other("a list of other things"), Given::List)
        }
        DeValue::Integer(number) if number.radix() == 10 => Given::Number(number.as_str()),
        DeValue::Integer(_) | DeValue::Float(_) => Given::Other("a number"),
        DeValue::Datetime(_) => Given::Other("a date"),
        DeValue::Table(_) => Given::Other("a table"),
    }
}

fn unknown(key: &str) -> String {
    let keys = || KNOWN.iter().map(|known| known.key);
    let tables = || keys().filter_map(|key| Some(key.split_once('.')?.0));
    let own: Vec<String> = keys()
        .filter(|known| known.starts_with(&format!("{key}.")))
        .map(|known| format!("`{known}`"))
        .collect();
    if !own.is_empty() {
        return format!("`{key}` is a table; its settings are {}", own.join(", "));
    }
    if let Some(near) = known::nearest(key, '.', keys()) {
        return format!("`{key}` is no setting; did you mean `{near}`?");
    }
    match known::nearest(key, '.', tables()) {
        Some(near) => format!("`{key}` is no setting; did you mean the table `[{near}]`?"),
        None => format!("`{key}` is no setting; deploy/tern.toml lists all of them"),
    }
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
