//! Whose keys act: a certificate is revoked, an organisation that is alone
//! governs itself.

use tern_crdt::identity::ParcelId;
use tern_crdt::parcel::unpack;
use tern_protocol::meeting::set::SetId;
use tern_protocol::routing::Rest;

use super::*;
use crate::ops::Granting;

fn revoke(certificate: &str, reason: &str) -> Op {
    Op::CertRevoke { certificate: Some(certificate.into()), reason: reason.into() }
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

/// The revocation was made on another machine of the ministry, which did not hold the
/// submission that Moussa had signed here.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_revocation_left_out_is_listed_and_counts_again_once_somebody_stands_for_it() {
    use tern_crdt::authority::{Cut, Revoke, RevokeReason};
    use tern_crdt::identity::{DocumentId, EditionId, RecordId};
    use tern_crdt::signed::Statement;

    let ministry = Ministry::open().await;
    ministry.add("moussa", "Moussa Example", &["publisher"], ROOT).await;
    let moussa = ministry.account("moussa").await.expect("there");
    let identity = *ministry.node.identity();
    let pen = ministry.node.pen(&moussa, None, phrase(ROOT)).await.expect("a publisher");
    let submission = tern_crdt::review::Submission {
        by: pen.certificate,
        nonce: [4; 16],
        practice: DocumentId::new([1; 32]),
        edition: EditionId::new([2; 32]),
        policy: RecordId::new([3; 32]),
        call: None,
        note: String::new(),
        claimed_at: now(),
    };
    let submission = submission.prepare().sign(identity.federation, &pen.key);
    let (id, object) = (submission.id(), *submission.id().as_bytes());
    ministry.node.submit(vec![submission]).await.expect("held");
    let root = ministry.node.root_key(phrase(ROOT)).await.expect("the key");
    let tips = move |replica: &crate::handle::NodeReplica| {
        replica.library().authority().log_tips(&identity.org)
    };
    let revoke = Revoke {
        org: identity.org,
        prev: ministry.node.handle().read(tips).await.expect("open"),
        certificate: pen.certificate,
        reason: RevokeReason::Lost,
        cut: Cut::default(),
    };
    let nothing = ministry.run("awa", ROOT, Op::CertAside {}).await;
    assert_eq!(nothing["items"], json!([]));
    ministry
        .node
        .submit(vec![revoke.prepare().sign(identity.federation, &root)])
        .await
        .expect("held");
    let holds =
        move |replica: &crate::handle::NodeReplica| replica.library().holds(SetId::Public, &object);
    assert!(!ministry.node.handle().read(holds).await.expect("open"));
    let aside = ministry.run("awa", ROOT, Op::CertAside {}).await;
    assert_eq!(aside["items"].as_array().map(Vec::len), Some(1), "{aside}");
    let item = &aside["items"][0];
    assert_eq!((&item["id"], &item["kind"]), (&json!(id.to_string()), &json!("submission")));

    let adopt = |record: String| Op::CertAdopt { record, reason: Some("We know it".into()) };
    let refused =
        ministry.tries("binta", ROOT, adopt(id.to_string())).await.expect_err("no publisher");
    assert_eq!(refused.code, ErrorCode::NotAllowed, "{refused}");
    let refused = ministry.tries("awa", ROOT, adopt("tern1r00000".into())).await.expect_err("none");
    assert_eq!((refused.code, refused.field.as_deref()), (ErrorCode::NotFound, Some("record")));
    ministry.run("awa", ROOT, adopt(id.to_string())).await;
    assert!(ministry.node.handle().read(holds).await.expect("open"), "it counts again");
    assert_eq!(ministry.run("awa", ROOT, Op::CertAside {}).await["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_last_operator_the_root_key_lets_somebody_in() {
    let ministry = Ministry::open().await;
    let told = ministry.run("awa", ROOT, revoke("awa", "stolen")).await;
    assert!(text(&told["warning"]).contains("tern cert grant NAME --role operator"), "{told}");
    let grant = Op::CertGrant {
        account: "binta".into(),
        roles: vec!["operator".into()],
        with: Granting::default(),
    };
    let refused = ministry.tries("binta", LOST, grant.clone()).await.expect_err("no root key");
    assert_eq!(refused.code, ErrorCode::WrongPassphrase);
    ministry.run("binta", ROOT, grant).await;
    let again = Op::CertGrant {
        account: "issa".into(),
        roles: vec!["operator".into()],
        with: Granting::default(),
    };
    let refused = ministry.tries("awa", ROOT, again).await.expect_err("revoked");
    assert!(refused.message.contains("was revoked"), "now there is one again: {refused}");
}

/// The week of the federation's clock.
const WEEK: std::time::Duration = std::time::Duration::from_secs(6 * 24 * 3_600);

impl Ministry {
    /// How many parcels open with the key with which Chaibou reads.
    async fn chaibou_opens(&self) -> usize {
        let chaibou = self.account("chaibou").await.expect("there");
        let key = self.node.unlock(Purpose::PersonEncrypt, chaibou.encrypt, phrase(ROOT)).await;
        let key = key.expect("his key");
        let look = move |replica: &crate::handle::NodeReplica| {
            let library = replica.library();
            let opens = |(id, _): (&[u8; 32], _)| {
                let held = library.ledger().parcel(&ParcelId::new(*id)).expect("readable")?;
                let Rest::Sealed(sealed) = &held.rest else { return None };
                unpack(held.label.body(), sealed, &key).ok()
            };
            library.set(SetId::Parcels).iter().filter_map(opens).count()
        };
        self.node.handle().read(look).await.expect("open")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_granted_a_role_for_two_weeks_acts_for_two_and_what_was_signed_stays() {
    let ministry = Ministry::open().await;
    ministry.add("chaibou", "Chaibou Example", &[], ROOT).await;
    let grant = |until| Op::CertGrant {
        account: "chaibou".into(),
        roles: vec!["expert".into(), "contributor".into(), "publisher".into()],
        with: Granting { until, ..Granting::default() },
    };
    let refused = ministry.tries("awa", ROOT, grant(Some(105))).await.expect_err("too long");
    assert_eq!((refused.field.as_deref(), refused.limit), (Some("until"), Some(104)));
    let told = ministry.run("awa", ROOT, grant(Some(2))).await;
    assert_eq!(told["ends"], json!({ "beacon": 2, "weeks": 2 }));
    let practice = json!({ "title": "Checking contracts", "summary": "How we check them." });
    let draft = Op::PracticeDraft { fields: fields(practice) };
    let draft = text(&ministry.run("chaibou", ROOT, draft.clone()).await["id"]);
    let publish = Op::PracticePublish { id: draft, note: Some("First".into()) };
    let id = text(&ministry.run("chaibou", ROOT, publish).await["id"]);
    ministry.run("issa", LOST, Op::ExpertRemove {}).await;
    let card = json!({ "objectives": [4], "support_types": ["question"] });
    ministry.run("chaibou", ROOT, Op::ExpertCard { card: fields(card) }).await;
    let asked = ministry.asks("binta").await;
    let doctor = || async {
        let told = ministry.run("awa", ROOT, Op::Doctor {}).await;
        let items = told["items"].as_array().expect("items").clone();
        items.into_iter().find(|item| item["check"] == "endings").expect("a line")
    };
    assert!(text(&doctor().await["message"]).contains("1 certificate here ends"));
    let device = crate::keystore::Purpose::PersonSign;
    let key = ministry.node.keystore().create(device, "device", None).expect("made").public();
    let add = Op::DeviceAdd { name: "chaibou".into(), key: crate::hex::encode(key.as_bytes()) };
    let told = ministry.run("awa", ROOT, add).await;
    let listed = ministry.run("awa", ROOT, Op::CertList { all: false }).await;
    let listed = listed["items"].as_array().expect("items");
    let device = listed.iter().find(|item| item["id"] == told["id"]).expect("the device's");
    assert_eq!(device["ends"], json!({ "beacon": 2, "weeks": 2 }), "a device ends with it");

    for week in 1..=2 {
        assert_eq!(ministry.node.count_running(WEEK).await, Ok(Some(week)));
    }
    let found = ministry.run("binta", ROOT, Op::ExpertList {}).await;
    assert_eq!(found["total"], 1, "in its last week it acts: {found}");
    let opened = ministry.chaibou_opens().await;
    assert!(opened > 0, "what is asked of him is sent to him");
    assert_eq!(ministry.node.count_running(WEEK).await, Ok(Some(3)));

    let listed = ministry.run("awa", ROOT, Op::CertList { all: false }).await;
    assert_eq!(listed["beacon"], 3);
    let over = listed["items"].as_array().expect("items").iter();
    let over: Vec<_> = over.filter(|item| item["state"] == "over").collect();
    assert_eq!(over.len(), 2, "his, and that of his device: {listed}");
    assert_eq!(over[0]["ends"], json!({ "beacon": 2 }));
    let accounts = ministry.run("awa", ROOT, Op::AccountList {}).await;
    let chaibou = accounts["items"].as_array().and_then(|all| all.last()).cloned();
    assert_eq!(chaibou.expect("Chaibou")["roles"], json!([]));
    let found = ministry.run("binta", ROOT, Op::ExpertList {}).await;
    assert_eq!(found["total"], 0, "he is matched no more");
    let again = Op::PracticeDraft { fields: fields(json!({ "title": "Another" })) };
    let refused = ministry.tries("chaibou", ROOT, again).await.expect_err("over");
    assert!(refused.message.contains("a time that is over"), "{refused}");
    let withdraw = Op::RequestWithdraw { id: asked, reason: None };
    ministry.run("binta", ROOT, withdraw).await;
    assert_eq!(ministry.chaibou_opens().await, 0, "and is sent nothing more");
    let shown = ministry.run("binta", ROOT, Op::PracticeShow { id, edition: None }).await;
    assert_eq!(shown["verdict"], "accepted", "what he signed stays: {shown}");

    ministry.run("awa", ROOT, grant(None)).await;
    let again = Op::PracticeDraft { fields: fields(json!({ "title": "Another" })) };
    ministry.run("chaibou", ROOT, again).await;
    assert!(!text(&doctor().await["message"]).contains("certificate here"), "nothing ends soon");
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
