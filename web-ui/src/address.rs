//! Addresses on this node.

/// A path on this node, or `/` for what a browser would take to another one.
#[must_use]
pub fn local(path: &str) -> &str {
    let plain = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains(['\\', '\r', '\n', '\t']);
    if plain { path } else { "/" }
}

/// A value for a query: everything but letters, digits and `-_.~` by its
/// bytes.
#[must_use]
pub fn encode(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// A path with a query of those pairs that have a value.
#[must_use]
pub fn with_query(path: &str, pairs: &[(&str, Option<&str>)]) -> String {
    let query: Vec<_> = pairs
        .iter()
        .filter_map(|(key, value)| value.map(|value| format!("{key}={}", encode(value))))
        .collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_node_are_followed() {
        assert_eq!(local("/drafts?x=1"), "/drafts?x=1");
        for away in ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\nb"] {
            assert_eq!(local(away), "/", "{away}");
        }
    }

    #[test]
    fn a_query_holds_what_has_a_value_and_nothing_breaks_out_of_it() {
        let pairs = [("q", Some("a&b=ç")), ("kind", None), ("country", Some("NP"))];
        assert_eq!(with_query("/practices", &pairs), "/practices?q=a%26b%3D%C3%A7&country=NP");
        assert_eq!(with_query("/practices", &[]), "/practices");
    }
}
