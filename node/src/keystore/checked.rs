//! Text files that notice their own damage: a first line that names format and
//! version, lines of `name value`, and a last line with the BLAKE3 hash of all
//! before it. This guards against rot and slips, not against an intruder.

/// Starts the last line.
const CHECK: &str = "check ";

/// `body`, which ends with a newline, followed by its check.
pub(crate) fn seal(body: &str) -> String {
    format!("{body}{CHECK}{}\n", blake3::hash(body.as_bytes()).to_hex())
}

/// The lines between the first and the check.
pub(crate) fn open<'t>(text: &'t str, first: &str) -> Result<Vec<&'t str>, &'static str> {
    let whole = text.strip_suffix('\n').ok_or("it does not end with a newline")?;
    let (before, check) = whole.rsplit_once('\n').ok_or("it has one line")?;
    let check = check.strip_prefix(CHECK).ok_or("its last line is no check")?;
    let body = &text[..=before.len()];
    if check != blake3::hash(body.as_bytes()).to_hex().as_str() {
        return Err("its check does not fit");
    }
    let mut lines = before.split('\n');
    match lines.next() {
        Some(line) if line == first => Ok(lines.collect()),
        _ => Err("it is of another kind or of a later version"),
    }
}
