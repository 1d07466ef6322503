//! Chad prepares, signs on another machine, and brings it back.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tern_crdt::authority::{Admit, Genesis, Grant, Profile, Role, Roles};
use tern_crdt::identity::{FederationId, OrgId, SecretKey};
use tern_crdt::signed::Statement;

use super::*;
use crate::identity::certificate;

const HUB: FederationId = FederationId::new([9; 32]);

fn nepal() -> Record {
    let root = SecretKey::from_seed(&[2; 32]);
    let names = BTreeMap::from([("en".to_owned(), "Nepal\u{1b}[31m".to_owned())]);
    let genesis = Genesis {
        root: root.public(),
        desk: [1; 32],
        next: None,
        profile: Profile { names, ..Profile::default() },
        spares: None,
    };
    genesis.prepare().sign(HUB, &root)
}

fn admission() -> StatementFile {
    let genesis = nepal();
    let admit = Admit { org: genesis.id().cast(), after: Vec::new() };
    StatementFile::prepared(HUB, vec![admit.prepare()]).about([genesis])
}

#[test]
fn an_approval_is_signed_where_the_key_is_and_counts_where_it_was_prepared() {
    let root = SecretKey::from_seed(&[1; 32]);
    let prepared = admission();
    assert!(prepared.records().is_err(), "nobody signed it");
    let mut carried = StatementFile::parse(&prepared.to_text()).expect("sound");
    assert_eq!(carried, prepared);
    let said = carried.says().expect("known").concat();
    assert!(said.starts_with("Admit “Nepal[31m” (tern1"), "{said}");
    assert!(said.contains(&fingerprint_of(2)), "{said}");
    carried.sign(&root);
    carried.sign(&root);
    let back = StatementFile::parse(&carried.to_text()).expect("sound");
    let records = back.records().expect("signed");
    assert_eq!(records[0].signatures().len(), 1, "one key signs once");
    records[0].clone().verify(HUB).expect("of this federation");
    assert!(records[0].clone().verify(FederationId::new([8; 32])).is_err());
    let other = SecretKey::from_seed(&[3; 32]);
    carried.sign(&other);
    assert_eq!(carried.records().expect("signed")[0].signatures().len(), 2, "a list grows");
}

fn fingerprint_of(seed: u8) -> String {
    crate::sheet::fingerprint(&SecretKey::from_seed(&[seed; 32]).public())
}

#[test]
fn a_name_that_nothing_proves_is_an_id() {
    let org = OrgId::new([7; 32]);
    let grant = Grant {
        org,
        prev: vec![org.cast()],
        certificate: certificate(
            SecretKey::from_seed(&[4; 32]).public(),
            None,
            Roles::of(&[Role::Publisher]),
        ),
    };
    let file = StatementFile::prepared(HUB, vec![grant.prepare()]).about([nepal()]);
    let said = file.says().expect("known").concat();
    let id: String = org.to_string().chars().take(18).collect();
    let expected =
        format!("Grant publisher to the key {} of the organisation {id}.", fingerprint_of(4));
    assert_eq!(said, expected);
}

#[test]
fn a_kind_that_cannot_be_explained_is_not_signed() {
    let genesis = nepal().unsigned();
    let file = StatementFile::prepared(HUB, vec![genesis]);
    let refused = file.says().expect_err("refused").message;
    assert!(refused.contains("genesis") && refused.contains("neither signed"), "{refused}");
}

proptest! {
    #[test]
    fn any_text_is_refused_or_read(text in "\\PC{0,300}") {
        let _ = StatementFile::parse(&text);
    }

    #[test]
    fn any_lines_are_refused_or_read(
        lines in proptest::collection::vec("(prepared|signed|about|federation) ([0-9a-f]{2}){0,80}", 0..6)
    ) {
        let body = format!("{FIRST_LINE}\nfederation {}\n{}\n", "09".repeat(32), lines.join("\n"));
        if let Ok(file) = StatementFile::parse(&checked::seal(&body)) {
            prop_assert_eq!(StatementFile::parse(&file.to_text()), Ok(file.clone()));
            let _ = file.says();
        }
    }

    #[test]
    fn a_changed_letter_is_refused(at in any::<prop::sample::Index>(), to in "[ -~]") {
        let text = admission().to_text();
        let at = at.index(text.len());
        let changed = format!("{}{to}{}", &text[..at], &text[at + 1..]);
        prop_assume!(changed != text);
        prop_assert!(StatementFile::parse(&changed).is_err());
    }
}
