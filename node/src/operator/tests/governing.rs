//! Whose keys act: a certificate is revoked, an organisation that is alone
//! governs itself.

use super::*;

fn revoke(certificate: &str, reason: &str) -> Op {
    Op::CertRevoke { certificate: certificate.into(), reason: reason.into() }
}

fn propose(policy: Option<(&str, &str)>, stewards: &[&str]) -> Op {
    Op::CharterPropose {
        name: None,
        stewards: stewards.iter().map(|org| (*org).to_owned()).collect(),
        policies: policy
            .map(|(code, text)| (code.to_owned(), text.to_owned()))
            .into_iter()
            .collect(),
        without: Vec::new(),
    }
}

impl Ministry {
    async fn state_of(&self, person: &str) -> Value {
        let listed = self.run("awa", ROOT, Op::CertList { all: false }).await;
        let items = listed["items"].as_array().expect("items").clone();
        items.into_iter().find(|item| item["person"] == person).expect("a certificate")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_person_acts_no_more_and_what_they_signed_stays() {
    let ministry = Ministry::open().await;
    let practice = json!({ "title": "Checking contracts", "summary": "How we check them." });
    let add = ["contributor", "publisher"];
    ministry.add("moussa", "Moussa Example", &add, ROOT).await;
    let draft = Op::PracticeDraft { fields: fields(practice) };
    let draft = text(&ministry.run("moussa", ROOT, draft.clone()).await["id"]);
    let publish = Op::PracticePublish { id: draft, note: Some("First".into()) };
    let id = text(&ministry.run("moussa", ROOT, publish).await["id"]);

    let refused = ministry.tries("awa", LOST, revoke("moussa", "left")).await.expect_err("another");
    assert_eq!(refused.code, ErrorCode::WrongPassphrase);
    let refused = ministry.tries("binta", ROOT, revoke("moussa", "left")).await.expect_err("no");
    assert_eq!(refused.code, ErrorCode::NotAllowed, "an operator decides: {refused}");
    let told = ministry.run("awa", ROOT, revoke("moussa", "left")).await;
    assert_eq!((&told["stands"], &told["warning"]), (&json!(2), &Value::Null), "card, edition");
    let listed = ministry.state_of("Moussa Example").await;
    assert_eq!(listed["state"], "revoked");
    assert_eq!(listed["ended"]["reason"], "left", "{listed}");

    let again = Op::PracticeDraft { fields: fields(json!({ "title": "Another" })) };
    let refused = ministry.tries("moussa", ROOT, again).await.expect_err("revoked");
    assert!(refused.message.contains("was revoked"), "{refused}");
    let shown = ministry.run("binta", ROOT, Op::PracticeShow { id, edition: None }).await;
    assert_eq!(shown["verdict"], "accepted", "{shown}");
    assert_eq!(shown["signers"][0]["person"], "Moussa Example");
    let accounts = ministry.run("awa", ROOT, Op::AccountList {}).await;
    let moussa = accounts["items"].as_array().and_then(|all| all.last()).cloned();
    assert_eq!(moussa.expect("Moussa")["roles"], json!([]));

    let refused = ministry.tries("awa", ROOT, revoke("moussa", "left")).await.expect_err("twice");
    assert_eq!(refused.code, ErrorCode::NotFound);
    let refused = ministry.tries("awa", ROOT, revoke("nobody", "left")).await.expect_err("nobody");
    assert!(refused.message.contains("tern cert list"), "{refused}");
    let refused = ministry.tries("awa", ROOT, revoke("binta", "bored")).await.expect_err("why");
    assert_eq!(refused.field.as_deref(), Some("reason"));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_last_operator_the_root_key_lets_somebody_in() {
    let ministry = Ministry::open().await;
    let told = ministry.run("awa", ROOT, revoke("awa", "stolen")).await;
    assert!(text(&told["warning"]).contains("tern cert grant NAME --role operator"), "{told}");
    let grant =
        Op::CertGrant { account: "binta".into(), roles: vec!["operator".into()], scope: None };
    let refused = ministry.tries("binta", LOST, grant.clone()).await.expect_err("no root key");
    assert_eq!(refused.code, ErrorCode::WrongPassphrase);
    ministry.run("binta", ROOT, grant).await;
    let again =
        Op::CertGrant { account: "issa".into(), roles: vec!["operator".into()], scope: None };
    let refused = ministry.tries("awa", ROOT, again).await.expect_err("revoked");
    assert!(refused.message.contains("was revoked"), "now there is one again: {refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_founder_alone_amends_the_charter_at_once_and_breaks_no_rule_of_it() {
    let ministry = Ministry::open().await;
    let shown = ministry.run("binta", ROOT, Op::CharterShow {}).await;
    assert_eq!(
        (&shown["n"], &shown["majority"], &shown["policies"]),
        (&json!(0), &json!(1), &json!([]))
    );
    assert_eq!(shown["stewards"][0]["name"], "Ministry of Arrivals");
    let reviews = propose(Some(("reviews", "Two reviewers of other countries.")), &[]);
    let refused = ministry.tries("binta", ROOT, reviews.clone()).await.expect_err("no steward");
    assert!(refused.message.contains("--role steward"), "{refused}");
    let told = ministry.run("awa", ROOT, reviews.clone()).await;
    assert_eq!((&told["n"], &told["in_force"]), (&json!(1), &json!(true)), "{told}");
    assert_eq!(told["changes"][0]["code"], "reviews");
    let shown = ministry.run("awa", ROOT, Op::CharterShow {}).await;
    assert_eq!(shown["policies"][0]["name"], "How practices are reviewed");
    let log = ministry.run("awa", ROOT, Op::CharterLog {}).await;
    assert_eq!(log["items"].as_array().map(Vec::len), Some(2));
    assert_eq!(log["items"][1]["signed"][0]["name"], "Ministry of Arrivals");

    for (op, says) in [
        (reviews, "this would change nothing"),
        (propose(None, &[]), "this would change nothing"),
        (propose(None, &["Upland Labour Office"]), "no organisation `Upland Labour Office`"),
        (propose(None, &["Ministry of Arrivals", "Ministry of Arrivals"]), "1, 3, 5 or 7"),
        (propose(Some(("Reviews", "x")), &[]), "is no code of a policy"),
        (Op::Suspend { org: "Ministry of Arrivals".into(), reason: "x".into() }, "tern leave"),
        (Op::Lift { org: "Ministry of Arrivals".into() }, "there is nothing to lift"),
        (Op::Leave {}, "the only steward"),
    ] {
        let refused = ministry.tries("awa", ROOT, op).await.expect_err(says);
        assert!(refused.message.contains(says), "{refused}");
    }
    assert_eq!(ministry.run("awa", ROOT, Op::Proposals {}).await["items"], json!([]));
    assert_eq!(
        ministry.run("awa", ROOT, Op::Approve { proposal: None }).await,
        json!({ "approved": [] })
    );
}
