//! What a node does with letters that no honest person would send.

use std::sync::Arc;

use serde_json::{Value, json};
use tern_crdt::identity::{CertificateId, RequestId, SecretKey};
use tern_crdt::parcel::{Address, Urgency, pack};
use tern_crdt::request::{Deed, RequestEvent};
use tern_crdt::signed::{Record, Statement};
use tern_crdt::timestamp::Timestamp;
use tern_protocol::gate::examine;
use tern_protocol::message::Piece;
use tern_protocol::step::Command;

use crate::accounts::Account;
use crate::config::Settings;
use crate::driver::now;
use crate::folder::DataFolder;
use crate::identity::Newcomer;
use crate::keystore::Purpose;
use crate::operator::NodeOperator;
use crate::ops::{Caller, Granting, Op, Operator};
use crate::process::beginning::{Start, begin};
use crate::running::{Mode, Node, draw};

mod life;

/// A ministry with two people on its node: Awa, who asks, and Issa, an expert.
struct Ministry {
    node: Arc<Node>,
    _folder: tempfile::TempDir,
}

impl Ministry {
    async fn open() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let folder = DataFolder::at(dir.path().join("node")).open_exclusive().expect("free");
        let newcomer = Newcomer::ministry();
        begin(&folder, &newcomer, Start::Found(None), None).await.expect("founded");
        let settings = Settings { listen: Vec::new(), ..Settings::default() };
        let node = Node::open(folder, settings, Mode::Command).await.expect("opened");
        let ministry = Self { node, _folder: dir };
        let add = Op::AccountAdd {
            name: "issa".into(),
            person: Some("Issa Example".into()),
            lang: None,
            roles: vec!["expert".into()],
            with: Granting::default(),
        };
        ministry.run("awa", add).await;
        let card = json!({ "objectives": [4], "support_types": ["question"] });
        ministry.run("issa", Op::ExpertCard { card: fields(card) }).await;
        ministry
    }

    async fn run(&self, account: &str, op: Op) -> Value {
        let caller = Caller { account: Some(account.into()), ..Caller::default() };
        let done = NodeOperator(Arc::clone(&self.node)).run(caller, op.clone()).await;
        done.unwrap_or_else(|refused| panic!("{op:?}: {refused}"))
    }

    /// One more expert of the same subject.
    async fn hires(&self, name: &str) {
        self.hires_speaking(name, "en").await;
    }

    async fn hires_speaking(&self, name: &str, lang: &str) {
        let add = Op::AccountAdd {
            name: name.into(),
            person: Some(format!("{name} example")),
            lang: None,
            roles: vec!["expert".into()],
            with: Granting::default(),
        };
        self.run("awa", add).await;
        let card = json!({
            "name": name, "objectives": [4], "support_types": ["question"],
            "languages": [{ "tag": lang, "can": "write" }],
        });
        self.run(name, Op::ExpertCard { card: fields(card) }).await;
    }

    async fn asks(&self) -> RequestId {
        self.asks_with("manual").await
    }

    async fn asks_with(&self, award: &str) -> RequestId {
        let request = json!({
            "title": "Registering births abroad", "need": "what we need to know ".repeat(20),
            "support_types": ["question"], "objectives": [4],
            "needed_by": crate::moment::rfc3339(Timestamp(now().0 + 30 * 86_400_000))[..10],
            "award": award,
        });
        let asked = self.run("awa", Op::RequestAsk { request: fields(request), once: None }).await;
        asked["id"].as_str().and_then(|id| id.parse().ok()).expect("an id")
    }

    async fn account(&self, name: &'static str) -> Account {
        let find = |r: &crate::handle::NodeReplica| Account::find(r.library(), Some(name));
        self.node.handle().read(find).await.expect("open").expect("an account")
    }

    /// A person's certificate and key: what nobody else has.
    async fn pen(&self, name: &'static str) -> (CertificateId, SecretKey) {
        let account = self.account(name).await;
        let own = account.clone();
        let certificates =
            move |r: &crate::handle::NodeReplica| own.certificates(r.library().authority());
        let certificate = self.node.handle().read(certificates).await.expect("open")[0];
        let key = self.node.unlock(Purpose::PersonSign, account.sign, None).await;
        (certificate, key.expect("no passphrase"))
    }

    /// A letter for Awa, whatever is in it, as if a member had sent it.
    async fn receives(&self, request: RequestId, records: &[&Record]) {
        let (by, key) = self.node.node_pen().await.expect("a member");
        let reader = self.account("awa").await.encrypt;
        let reader = self.node.unlock(Purpose::PersonEncrypt, reader, None).await.expect("open");
        let federation = self.node.identity().federation;
        let address = Address { by, request, urgency: Urgency::Routine, expires: 60 };
        let readers = [reader.encryption_public()];
        let chance = draw().expect("chance");
        let packed = pack(federation, address, records, &readers, &key, &chance);
        let (label, sealed) = packed.expect("one reader");
        let label = label.to_bytes();
        let piece = Piece::Parcel { label: label.clone().into(), sealed: sealed.into() };
        let pieces = vec![examine(&piece, federation).expect("an honest label")];
        let write = Command::Write { pieces, private: Vec::new() };
        self.node.handle().command(write).await.expect("carried");
        let id = Record::from_bytes(&label).expect("own bytes").id().cast();
        self.node.attend_to_parcel(id).await.expect("attended to");
    }

    async fn show(&self, request: RequestId) -> Value {
        self.run("awa", Op::RequestShow { id: request.to_string() }).await
    }
}

fn fields(value: Value) -> crate::ops::Fields {
    match value {
        Value::Object(fields) => fields,
        other => panic!("{other} is no form"),
    }
}

fn event(by: CertificateId, request: RequestId, deed: Deed) -> RequestEvent {
    RequestEvent { by, request, after: Vec::new(), deed, claimed_at: now() }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forged_replayed_or_misaddressed_is_named_and_changes_nothing() {
    let ministry = Ministry::open().await;
    let federation = ministry.node.identity().federation;
    let request = ministry.asks().await;
    let (awa, _) = ministry.pen("awa").await;
    let (issa, issas_key) = ministry.pen("issa").await;
    let before = ministry.show(request).await;
    let sign = |event: &RequestEvent, key: &SecretKey| event.prepare().sign(federation, key);
    // Issa awards herself, in her own name and in Awa's.
    let accept = sign(&event(issa, request, Deed::Accept { note: String::new() }), &issas_key);
    let award = Deed::Award { round: 1, accept: accept.id(), expert: issa, previous: None };
    let own = sign(&event(issa, request, award.clone()), &issas_key);
    let forged = sign(&event(awa, request, award), &issas_key);
    // An answer before anybody was chosen; an event of another request; a
    // record of another kind; one whose signature was made for something else.
    let answer = Deed::Answer { award: own.id(), reply: Default::default() };
    let early = sign(&event(issa, request, answer), &issas_key);
    let other = sign(&event(issa, RequestId::new([7; 32]), Deed::Received), &issas_key);
    let (node, node_key) = ministry.node.node_pen().await.expect("a member");
    let custody = tern_crdt::parcel::Custody {
        by: node,
        parcel: tern_crdt::identity::ParcelId::new([1; 32]),
        from: node,
        at: now(),
    };
    let custody = custody.prepare().sign(federation, &node_key);
    let decline =
        Deed::Decline { reason: tern_crdt::request::DeclineReason::Other, note: String::new() };
    let signature = issas_key.sign(b"something else");
    let torn = event(issa, request, decline).prepare();
    let torn = torn.signed(vec![(issas_key.public(), signature)]);
    ministry.receives(request, &[&own, &forged, &early, &other, &custody, &torn]).await;
    let after = ministry.show(request).await;
    for same in ["state", "holder", "answer"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    let refused: Vec<(String, String)> = after["refused"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            let word = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            (word("type"), word("reason"))
        })
        .collect();
    assert_eq!(refused.len(), 6, "{refused:?}");
    for (kind, reason) in [
        ("award", "neither asked nor is a focal point"),
        ("record", "it is not signed by whom it names"),
        ("answer", "builds on the award"),
        ("record", "another request"),
        ("record", "does not hold records of the kind custody"),
        ("record", "signature"),
    ] {
        let named = refused.iter().any(|(k, r)| k == kind && r.contains(reason));
        assert!(named, "{kind}: {reason}: {refused:?}");
    }
    // Delivered again: nothing is there twice.
    ministry.receives(request, &[&own, &forged, &early, &other, &custody, &torn]).await;
    assert_eq!(ministry.show(request).await["refused"].as_array().map(Vec::len), Some(6));
    // The honest way still goes on.
    ministry.run("issa", Op::RequestAccept { id: request.to_string(), note: None }).await;
    let award = Op::RequestAward { id: request.to_string(), expert: "Issa Example".into() };
    assert_eq!(ministry.run("awa", award).await["state"], "in_progress");
    ministry.node.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_not_there_for_others_on_the_same_node() {
    let ministry = Ministry::open().await;
    let clerk = Op::AccountAdd {
        name: "clerk".into(),
        person: None,
        lang: None,
        roles: vec!["contributor".into(), "operator".into()],
        with: Granting::default(),
    };
    ministry.run("awa", clerk).await;
    let request = ministry.asks().await;
    assert_eq!(ministry.run("clerk", Op::RequestList {}).await["total"], 0);
    let caller = Caller { account: Some("clerk".into()), ..Caller::default() };
    let show = Op::RequestShow { id: request.to_string() };
    let refused = NodeOperator(Arc::clone(&ministry.node)).run(caller, show).await;
    assert_eq!(refused.expect_err("not theirs").code, crate::ops::ErrorCode::NotFound);
    assert_eq!(ministry.run("issa", Op::RequestList {}).await["total"], 1);
    ministry.node.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_form_sent_twice_is_one_request() {
    let ministry = Ministry::open().await;
    let request = json!({
        "title": "Registering births abroad", "need": "what we need to know ".repeat(20),
        "support_types": ["question"], "objectives": [4],
        "needed_by": crate::moment::rfc3339(Timestamp(now().0 + 30 * 86_400_000))[..10],
    });
    let ask = |once: &str| Op::RequestAsk {
        request: fields(request.clone()),
        once: Some(once.to_owned()),
    };
    let first = ministry.run("awa", ask("form 1")).await;
    assert_eq!(ministry.run("awa", ask("form 1")).await["id"], first["id"]);
    assert_ne!(ministry.run("awa", ask("form 2")).await["id"], first["id"]);
    assert_eq!(ministry.run("awa", Op::RequestList {}).await["total"], 2);
    ministry.node.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_is_taken_back_leaves_no_word_of_it() {
    let ministry = Ministry::open().await;
    let held = |r: &crate::handle::NodeReplica| {
        let cards = r.library().ledger().records(tern_protocol::store::Space::Record);
        let cards = cards.expect("open").into_iter();
        let cards = cards.filter(|record| record.record().is::<tern_crdt::expert::ExpertCard>());
        cards.map(|record| record.record().to_bytes()).collect::<Vec<_>>()
    };
    let name = b"Issa Example";
    let named = |cards: &[Vec<u8>]| {
        cards.iter().filter(|card| card.windows(name.len()).any(|part| part == name)).count()
    };
    ministry.run("issa", Op::ExpertPause {}).await;
    let cards = ministry.node.handle().read(held).await.expect("open");
    assert_eq!((cards.len(), named(&cards)), (2, 2));
    ministry.run("issa", Op::ExpertRemove {}).await;
    let cards = ministry.node.handle().read(held).await.expect("open");
    assert_eq!((cards.len(), named(&cards)), (1, 0));
    assert_eq!(ministry.run("awa", Op::ExpertList {}).await["total"], 0);
    ministry.node.close().await;
}

/// Who was asked, and what each said.
async fn said(ministry: &Ministry, request: RequestId) -> Vec<(String, String)> {
    let shown = ministry.show(request).await;
    let word = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let candidates = shown["candidates"].as_array().expect("a list");
    candidates.iter().map(|one| (word(one, "name"), word(one, "said"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_declines_or_is_silent_makes_room_for_the_next_candidate_by_itself() {
    const DAY: i64 = 86_400_000;
    let ministry = Ministry::open().await;
    for name in ["binta", "chaibou", "dina", "eva"] {
        ministry.hires(name).await;
    }
    let request = ministry.asks_with("auto").await;
    let first = said(&ministry, request).await;
    assert_eq!(first.len(), 3, "the best three: {first:?}");
    let account = |name: &str| if name == "Issa Example" { "issa".into() } else { name.to_owned() };
    for (name, _) in &first {
        assert_eq!(said(&ministry, request).await.len(), 3, "somebody can still accept");
        let decline =
            Op::RequestDecline { id: request.to_string(), reason: "no-time".into(), note: None };
        ministry.run(&account(name), decline).await;
    }
    let asked = said(&ministry, request).await;
    assert_eq!(asked.len(), 4, "all declined, so the next has their turn: {asked:?}");
    assert_eq!(asked[3].1, "received");
    let awa = ministry.account("awa").await;
    let page = crate::service::request_of(&ministry.node, &awa, "en", &request.to_string()).await;
    let until = page.expect("shown").due.expect("its time runs");
    let days = until - now().0 / 1_000;
    assert!((4 * 86_400..=5 * 86_400).contains(&days), "{days} seconds");
    // The fourth says nothing for longer than anybody has.
    let silent = |days: i64| ministry.node.attend_to_silence(now().plus(days * DAY));
    silent(4).await.expect("looked");
    assert_eq!(said(&ministry, request).await.len(), 4);
    silent(6).await.expect("looked");
    let asked = said(&ministry, request).await;
    assert_eq!(asked.len(), 5, "{asked:?}");
    // Nobody is left, and who was silent can still accept.
    silent(20).await.expect("looked");
    assert_eq!(said(&ministry, request).await.len(), 5);
    let accept = Op::RequestAccept { id: request.to_string(), note: None };
    ministry.run(&account(&asked[3].0), accept).await;
    assert_eq!(ministry.show(request).await["state"], "in_progress");
    silent(25).await.expect("looked");
    assert_eq!(said(&ministry, request).await.len(), 5, "it is in somebody's hands");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_asker_who_decides_asks_more_experts_by_hand_and_the_node_none() {
    let ministry = Ministry::open().await;
    let request = ministry.asks().await;
    let offer = |experts: &[&str]| Op::RequestOffer {
        id: request.to_string(),
        experts: experts.iter().map(|name| (*name).to_owned()).collect(),
    };
    let caller = |name: &str| Caller { account: Some(name.into()), ..Caller::default() };
    let tries =
        async |name: &str, op| NodeOperator(Arc::clone(&ministry.node)).run(caller(name), op).await;
    let refused = tries("awa", offer(&[])).await.expect_err("nobody is left");
    assert!(refused.message.contains("asked already"), "{refused}");
    ministry.hires("binta").await;
    ministry.hires("chaibou").await;
    let later = now().plus(60 * 86_400_000);
    ministry.node.attend_to_silence(later).await.expect("looked");
    assert_eq!(said(&ministry, request).await.len(), 1, "the asker decides");
    assert!(tries("issa", offer(&[])).await.is_err(), "only those who asked ask more");
    ministry.run("awa", offer(&["chaibou"])).await;
    let refused = tries("awa", offer(&["chaibou"])).await.expect_err("twice");
    assert!(refused.message.contains("asked already"), "{refused}");
    ministry.run("awa", offer(&[])).await;
    let asked: Vec<String> = said(&ministry, request).await.into_iter().map(|one| one.0).collect();
    assert_eq!(asked[1..], ["chaibou", "binta"]);
}
