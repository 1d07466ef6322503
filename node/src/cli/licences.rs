//! What of others is linked into this binary, and under which licence.
//!
//! The table is written by `deploy/licences` from Cargo.lock and compiled in,
//! so that a binary answers for itself wherever it was carried. It names each
//! crate that runs on Linux, our own among them; the licences' texts go with
//! the packages.

use serde_json::{Value, json};

use super::answers::licences as text;
use super::console::Console;

/// Name, version and SPDX expression of a crate, between tabs, one a line.
const TABLE: &str = include_str!("licences.tsv");

/// Tells `version` and every linked crate.
pub(super) fn tell(version: &str, console: &Console) {
    let licences: Vec<Value> = linked()
        .map(|[name, version, licence]| {
            json!({ "name": name, "version": version, "licence": licence })
        })
        .collect();
    let outcome = json!({ "version": version, "licences": licences });
    console.answer_with(&outcome, || text(&outcome));
}

fn linked() -> impl Iterator<Item = [&'static str; 3]> {
    TABLE.lines().filter_map(|line| line.split('\t').collect::<Vec<_>>().try_into().ok())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// Crates as Cargo.lock has them: (name, version), and their dependencies.
    fn locked() -> toml::Table {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
        std::fs::read_to_string(file).expect("Cargo.lock").parse().expect("its grammar")
    }

    fn text<'a>(package: &'a toml::Value, key: &str) -> &'a str {
        package[key].as_str().expect("text")
    }

    #[test]
    fn every_line_names_a_crate_its_version_and_its_licence() {
        assert_eq!(linked().count(), TABLE.lines().count());
        for [name, version, licence] in linked() {
            assert!(!name.is_empty() && !version.is_empty() && !licence.is_empty(), "{name}");
        }
    }

    #[test]
    fn every_listed_crate_is_the_one_in_the_lock() {
        let locked = locked();
        let packages = locked["package"].as_array().expect("packages");
        let locked: BTreeSet<(&str, &str)> =
            packages.iter().map(|it| (text(it, "name"), text(it, "version"))).collect();
        for [name, version, _] in linked() {
            assert!(
                locked.contains(&(name, version)),
                "{name} {version} is not in Cargo.lock: run deploy/licences"
            );
        }
    }

    #[test]
    fn every_crate_that_the_node_asks_for_is_listed() {
        let manifest = include_str!("../../Cargo.toml").parse::<toml::Table>().expect("a manifest");
        let listed: BTreeSet<&str> = linked().map(|[name, ..]| name).collect();
        for name in manifest["dependencies"].as_table().expect("dependencies").keys() {
            assert!(listed.contains(name.as_str()), "{name} is not listed: run deploy/licences");
        }
    }
}
