//! Three stewards, and an organisation that lost its keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use tern_crdt::authority::{Admit, Charter, Genesis, Profile, Roles};
use tern_crdt::identity::{FederationId, OrgId, SecretKey};
use tern_crdt::signed::Unsigned;

use super::super::Request;
use super::super::request::Asked;
use super::*;
use crate::config::Settings;
use crate::driver::now;
use crate::folder::DataFolder;
use crate::identity::{Identity, NewKeys, Newcomer};
use crate::keystore::Keystore;
use crate::members::Beginning;
use crate::operator::NodeOperator;
use crate::ops::{Caller, Op, Operator};
use crate::running::Mode;

/// An organisation that lives in this test, not on a node.
struct Office {
    root: SecretKey,
    genesis: Unsigned,
}

impl Office {
    fn new(name: &str, seed: u8) -> Self {
        let root = SecretKey::from_seed(&[seed; 32]);
        let names = BTreeMap::from([("en".to_owned(), name.to_owned())]);
        let genesis = Genesis {
            root: root.public(),
            desk: [seed; 32],
            next: None,
            profile: Profile { names, ..Profile::default() },
            spares: None,
        };
        Self { root, genesis: genesis.prepare() }
    }

    fn org(&self) -> OrgId {
        self.genesis.id().cast()
    }

    fn asks_for(&self, federation: FederationId, seed: u8) -> Request {
        let asked = Asked {
            federation,
            org: self.org(),
            next: [seed; 32],
            desk: [seed; 32],
            node: SecretKey::from_seed(&[seed + 1; 32]).public(),
        };
        Request::sign(asked, &SecretKey::from_seed(&[seed; 32]))
    }
}

/// Niger's node, in a federation that Niger, Chad and Mali founded as its
/// stewards; Nepal and Moldova are members.
async fn three_stewards(dir: &std::path::Path) -> (Arc<Node>, [Office; 4]) {
    let folder = DataFolder::at(dir.join("niger")).open_exclusive().expect("free");
    let offices = [("Chad", 1), ("Mali", 2), ("Nepal", 3), ("Moldova", 4)];
    let offices = offices.map(|(name, seed)| Office::new(name, seed));
    let [chad, mali, ..] = &offices;
    let newcomer = Newcomer::ministry();
    let keystore = Keystore::open(folder.paths().keys()).expect("made");
    let keys = NewKeys::draw(&keystore, &newcomer).expect("drawn");
    let charter = Charter {
        n: 0,
        prev: None,
        name: "The Hub".into(),
        stewards: vec![keys.org, chad.org(), mali.org()],
        recall: 4,
        roster: Vec::new(),
        supersedes: Vec::new(),
        rules: 1,
        nonce: [5; 16],
        policies: None,
    };
    let charter = charter.prepare();
    let federation: FederationId = charter.id().cast();
    let roles = Roles::of_founder().with(Role::Steward);
    let (log, card) = keys.log(federation, roles, newcomer.person.as_deref(), now());
    let mut records = vec![charter.sign(federation, &keys.root)];
    records.extend(log);
    for office in &offices {
        let admit = Admit { org: office.org(), after: Vec::new() }.prepare();
        let covered = admit.to_sign(federation);
        let by_two = [&keys.root, &chad.root].map(|key| (key.public(), key.sign(&covered)));
        let genesis = office.genesis.clone().sign(federation, &office.root);
        if [chad.org(), mali.org()].contains(&office.org()) {
            records.push(genesis);
        } else {
            records.extend([admit.signed(by_two.to_vec()), genesis]);
        }
    }
    records.push(card);
    let identity = Identity { federation, org: keys.org, node: keys.node.public() };
    let account = Account {
        name: "awa".into(),
        sign: keys.person.public(),
        encrypt: keys.encrypt.public(),
        lang: "en".into(),
        number: 1,
        lang_chosen: false,
        former: Vec::new(),
        stamp: 0,
        devices: Vec::new(),
    };
    let beginning = Beginning { identity, records, account };
    Node::begin(&folder, beginning).await.expect("founded");
    let settings = Settings { listen: vec!["/ip4/127.0.0.1/tcp/0".into()], ..Settings::default() };
    let node = Node::open(folder, settings, Mode::Command).await.expect("opened");
    (node, offices)
}

async fn run(node: &Arc<Node>, op: Op) -> Result<Value, OpError> {
    NodeOperator(Arc::clone(node)).run(Caller::default(), op).await
}

fn rekey(request: &Request, reason: Option<&str>) -> Op {
    Op::Rekey { request: request.to_text(), reason: reason.map(str::to_owned) }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_of_three_stewards_give_nepal_new_keys_and_one_does_not() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (node, [chad, _, nepal, moldova]) = three_stewards(dir.path()).await;
    let federation = node.identity().federation;
    let request = nepal.asks_for(federation, 40);

    let told = run(&node, rekey(&request, None)).await.expect("looked");
    assert_eq!((&told["name"], told.get("id")), (&json!("Nepal"), None), "{told}");
    let told = run(&node, rekey(&request, Some("Fire"))).await.expect("proposed");
    assert_eq!(
        (&told["counts"], &told["approvals"], &told["needed"]),
        (&json!(false), &json!(1), &json!(2))
    );
    let id: RecordId = told["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let again = run(&node, rekey(&request, Some("Fire, as I said"))).await.expect("again");
    assert_eq!((&again["id"], &again["approvals"]), (&told["id"], &json!(1)), "said once");
    // Chad, on its own node.
    let proposed = node.statement_of(id).await.expect("held");
    node.submit(vec![proposed.sign(federation, &chad.root)]).await.expect("approved");
    let told = run(&node, rekey(&request, None)).await.expect("looked");
    assert_eq!(told["counts"], true, "{told}");

    // Chad proposes, and Niger approves by the beginning of the id.
    let request = moldova.asks_for(federation, 50);
    let asked = request.asks();
    let looked = node.handle().read(move |replica| look(replica, &asked, "Flood")).await;
    let proposed = looked.expect("open").expect("a member").rekey.prepare();
    let id = proposed.id().to_string();
    node.submit(vec![proposed.sign(federation, &chad.root)]).await.expect("proposed");
    assert_eq!(run(&node, rekey(&request, None)).await.expect("looked")["approvals"], 1);
    let approve = Op::Approve { proposal: Some(id[..16].to_owned()) };
    assert_eq!(run(&node, approve).await.expect("approved")["approved"], json!([id]));
    assert_eq!(run(&node, rekey(&request, None)).await.expect("looked")["counts"], true);
    node.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_of_new_keys_is_prepared_here_and_signed_elsewhere() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (node, [chad, _, nepal, _]) = three_stewards(dir.path()).await;
    let federation = node.identity().federation;
    let request = nepal.asks_for(federation, 40);
    let asked = request.asks();
    let looked = node.handle().read(move |replica| look(replica, &asked, "Fire")).await;
    let proposed = looked.expect("open").expect("a member").rekey.prepare();
    let id = proposed.id().to_string();
    node.submit(vec![proposed.sign(federation, &chad.root)]).await.expect("proposed");
    let prepare = Op::PrepareApproval { proposal: Some(id) };
    let told = run(&node, prepare).await.expect("prepared");
    let says = told["says"][0].as_str().expect("a sentence");
    assert!(says.contains(&request.fingerprint()) && says.contains("Fire"), "{says}");
    let text = told["statement"].as_str().expect("a file");
    let mut file = crate::statement::StatementFile::parse(text).expect("sound");
    file.sign(&node.root_key(None).await.expect("plain"));
    run(&node, Op::Submit { statement: file.to_text() }).await.expect("taken in");
    assert_eq!(run(&node, rekey(&request, None)).await.expect("looked")["counts"], true);
    node.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_was_a_member_is_not_given_keys() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (node, _) = three_stewards(dir.path()).await;
    let stranger = Office::new("Nowhere", 9);
    let request = stranger.asks_for(node.identity().federation, 40);
    let refused = run(&node, rekey(&request, Some("Trust me"))).await.expect_err("refused");
    assert_eq!(refused.code, ErrorCode::NotFound);
    let other = Request::parse("letter").expect_err("no request");
    assert_eq!(other.field.as_deref(), Some("file"));
    node.close().await;
}
