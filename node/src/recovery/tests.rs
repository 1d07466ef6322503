//! The files of a recovery: read whole, or refused.

use proptest::prelude::*;
use tern_crdt::identity::{FederationId, OrgId, SecretKey};
use tern_crdt::signed::Statement as _;
use tern_crdt::timestamp::Timestamp;

use super::request::Asked;
use super::*;
use crate::keystore::checked;

fn request() -> Request {
    let asked = Asked {
        federation: FederationId::new([9; 32]),
        org: OrgId::new([8; 32]),
        next: [7; 32],
        desk: [6; 32],
        node: SecretKey::from_seed(&[2; 32]).public(),
    };
    Request::sign(asked, &SecretKey::from_seed(&[1; 32]))
}

#[test]
fn what_niger_asks_for_is_what_the_steward_reads() {
    let sent = request();
    let read = Request::parse(&sent.to_text()).expect("sound");
    assert_eq!(read, sent);
    assert_eq!(read.fingerprint().len(), 19);
}

#[test]
fn nobody_puts_another_key_or_another_organisation_into_a_request() {
    let text = request().to_text();
    for (line, other) in
        [("organisation ", "08"), ("root ", "8a"), ("desk ", "06"), ("next ", "07")]
    {
        let body: String = text
            .lines()
            .filter(|line| !line.starts_with("check "))
            .map(|found| match found.starts_with(line) {
                true => format!(
                    "{}{}\n",
                    &found[..found.len() - 2],
                    if found.ends_with(other) { "00" } else { other }
                ),
                false => format!("{found}\n"),
            })
            .collect();
        let refused = Request::parse(&checked::seal(&body)).expect_err("forged").message;
        assert!(refused.contains("did not sign it"), "{line}: {refused}");
    }
}

#[test]
fn an_answer_is_read_as_it_was_written() {
    let answer = Answer {
        federation: FederationId::new([9; 32]),
        records: vec!["00ff".into(), "84".into()],
    };
    assert_eq!(Answer::parse(&answer.to_text()), Ok(answer));
}

#[test]
fn a_recovery_that_is_under_way_is_found_again() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = DataFolder::at(dir.path()).open_exclusive().expect("free");
    assert!(Pending::load(folder.paths()).expect("readable").is_none());
    let root = SecretKey::from_seed(&[1; 32]);
    let invitation = Invitation {
        federation: FederationId::new([9; 32]),
        name: "Sahel Hub".into(),
        inviter: root.public(),
        addresses: vec!["/ip4/127.0.0.1/udp/4480/quic-v1".into()],
        secret: [3; 32],
        expires: Timestamp(1_000),
    };
    let shown = request().asks().prepare().sign(invitation.federation, &root);
    let knock = Knock { invitation, org: request().org, records: vec![shown] };
    for knock in [None, Some(knock)] {
        let pending = Pending {
            request: request(),
            person: Some("Awa Example".into()),
            account: "admin".into(),
            knock: knock.clone(),
        };
        pending.save(&folder).expect("room");
        let found = Pending::load(folder.paths()).expect("readable").expect("there");
        assert_eq!((found.request, found.person.as_deref()), (request(), Some("Awa Example")));
        assert_eq!(found.knock, knock);
    }
    fs::write(folder.paths().recover_file(), "{}").expect("room");
    let damaged = Pending::load(folder.paths()).expect_err("damaged");
    assert_eq!(damaged.code, ErrorCode::Damaged);
}

proptest! {
    #[test]
    fn any_text_is_refused_or_read(text in "\\PC{0,300}") {
        let _ = Request::parse(&text);
        let _ = Answer::parse(&text);
        let _ = Pending::read(&text);
        let _ = Request::parse(&checked::seal(&format!("tern recovery 1\n{text}\n")));
        let _ = Answer::parse(&checked::seal(&format!("tern authority 1\n{text}\n")));
    }

    #[test]
    fn a_changed_letter_is_refused(at in any::<prop::sample::Index>(), to in "[ -~]") {
        let text = request().to_text();
        let at = at.index(text.len());
        let changed = format!("{}{to}{}", &text[..at], &text[at + 1..]);
        prop_assume!(changed != text);
        prop_assert!(Request::parse(&changed).is_err());
    }
}
