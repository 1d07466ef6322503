//! What becomes of people: a passphrase is lost, somebody leaves.

use serde_json::{Value, json};
use tern_crdt::timestamp::Timestamp;

use super::*;
use crate::config::Settings;
use crate::driver::now;
use crate::folder::DataFolder;
use crate::identity::Newcomer;
use crate::keystore::{Passphrase, Purpose};
use crate::ops::{Fields, Granting};
use crate::process::beginning::{Start, begin};
use crate::running::Mode;

mod comments;
mod governing;
mod links;

/// A ministry of three people on one node: Awa founded it and operates it,
/// Issa is an expert under a passphrase of his own, Binta speaks for the
/// ministry and writes.
struct Ministry {
    node: Arc<Node>,
    dir: tempfile::TempDir,
}

fn phrase(text: &str) -> Option<Passphrase> {
    Some(Passphrase::new(text).expect("a passphrase"))
}

fn fields(value: Value) -> Fields {
    value.as_object().cloned().expect("an object")
}

const ROOT: &str = "the phrase of the ministry";
const LOST: &str = "a phrase that Issa forgot";
const FOUND: &str = "a phrase that Issa writes down";

impl Ministry {
    async fn open() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let folder = DataFolder::at(dir.path().join("node")).open_exclusive().expect("free");
        let newcomer = Newcomer { passphrase: phrase(ROOT), ..Newcomer::ministry() };
        begin(&folder, &newcomer, Start::Found(None), None).await.expect("founded");
        let settings = Settings { listen: Vec::new(), ..Settings::default() };
        let node = Node::open(folder, settings, Mode::Command).await.expect("opened");
        node.serves_at("http://127.0.0.1:8480".into());
        let ministry = Self { node, dir };
        ministry.add("issa", "Issa Example", &["expert"], LOST).await;
        ministry.add("binta", "Binta Example", &["contributor", "focal-point"], ROOT).await;
        let card = json!({ "objectives": [4], "support_types": ["question"] });
        ministry.run("issa", LOST, Op::ExpertCard { card: fields(card) }).await;
        ministry
    }

    async fn add(&self, name: &str, person: &str, roles: &[&str], new: &str) {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        let add = Op::AccountAdd {
            name: name.into(),
            person: Some(person.into()),
            lang: None,
            roles,
            with: Granting::default(),
        };
        let caller = Caller {
            account: Some("awa".into()),
            passphrase: phrase(ROOT),
            new_passphrase: phrase(new),
            root: None,
        };
        self.ask(caller, add).await.expect("added");
    }

    async fn ask(&self, caller: Caller, op: Op) -> Result<Value, OpError> {
        NodeOperator(Arc::clone(&self.node)).run(caller, op).await
    }

    async fn tries(&self, account: &str, with: &str, op: Op) -> Result<Value, OpError> {
        let passphrase = phrase(with);
        self.ask(Caller { account: Some(account.into()), passphrase, ..Caller::default() }, op)
            .await
    }

    async fn run(&self, account: &str, with: &str, op: Op) -> Value {
        let done = self.tries(account, with, op.clone()).await;
        done.unwrap_or_else(|refused| panic!("{op:?}: {refused}"))
    }

    /// Awa gives Issa new keys under the phrase that he found.
    async fn rekeys(&self, with: &str) -> Result<Value, OpError> {
        let caller = Caller {
            account: Some("awa".into()),
            passphrase: phrase(with),
            new_passphrase: phrase(FOUND),
            root: None,
        };
        self.ask(caller, Op::AccountRekey { name: "issa".into() }).await
    }

    async fn asks(&self, who: &str) -> String {
        let request = json!({
            "title": "Registering births abroad", "need": "what we need to know ".repeat(20),
            "support_types": ["question"], "objectives": [4], "award": "manual",
            "needed_by": crate::moment::rfc3339(Timestamp(now().0 + 30 * 86_400_000))[..10],
        });
        let ask = Op::RequestAsk { request: fields(request), once: None };
        text(&self.run(who, ROOT, ask).await["id"])
    }

    async fn account(&self, name: &str) -> Option<Account> {
        let name = name.to_owned();
        let find = move |r: &crate::handle::NodeReplica| {
            Account::all(r.library()).expect("readable").into_iter().find(|a| a.name == name)
        };
        self.node.handle().read(find).await.expect("open")
    }

    fn key_files(&self) -> usize {
        std::fs::read_dir(self.dir.path().join("node/keys")).expect("a folder").count()
    }

    fn remove(name: &str, to: Option<&str>) -> Op {
        Op::AccountRemove { name: name.into(), to: to.map(str::to_owned), keep_certificate: false }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_passphrase_costs_a_new_key_and_nothing_else() {
    let ministry = Ministry::open().await;
    let asked = ministry.asks("awa").await;
    let before = ministry.account("issa").await.expect("there");
    let told = ministry.rekeys(ROOT).await.expect("rekeyed");
    assert_eq!((&told["new"], &told["card"]), (&json!(true), &json!(true)), "{told}");
    assert_eq!(told["before"].as_array().map(Vec::len), Some(1), "the first certificate stays");
    assert_eq!(told["cards_before"], json!([]), "Awa had the first card taken back");
    assert_eq!(
        told["requests"],
        json!([{ "id": asked, "state": "proposed", "side": "asked", "may": [] }]),
    );
    let experts = ministry.run("awa", ROOT, Op::ExpertList {}).await;
    assert_eq!((&experts["total"], &experts["items"][0]["id"]), (&json!(1), &told["id"]));
    assert_eq!(experts["items"][0]["name"], "Issa Example");
    let accounts = ministry.run("awa", ROOT, Op::AccountList {}).await;
    assert_eq!(accounts["items"][1]["roles"], json!(["expert"]));
    assert_eq!(accounts["items"][1]["person"], "Issa Example");

    let shown = ministry.run("issa", FOUND, Op::RequestShow { id: asked.clone() }).await;
    assert_eq!(shown["title"], "Registering births abroad", "what was asked before is readable");
    let accept = |id| Op::RequestAccept { id, note: None };
    let refused = ministry.tries("issa", FOUND, accept(asked)).await.expect_err("another key");
    assert!(refused.message.contains("a key that was replaced"), "{refused}");
    let again = ministry.asks("awa").await;
    assert_eq!(ministry.run("issa", FOUND, accept(again)).await["state"], "accepted");

    let reads = || ministry.node.requests().reads_with(&before.encrypt);
    assert!(!reads());
    ministry.run("issa", LOST, Op::RequestOpen {}).await;
    assert!(reads(), "the phrase was found again");
    let keystore = ministry.node.keystore();
    assert!(keystore.list().expect("read").entries.iter().all(|key| key.public != before.sign));
    keystore.unlock(Purpose::PersonSign, before.sign, phrase(LOST).as_ref()).expect("kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_open_are_left_so_that_the_command_can_be_repeated() {
    let ministry = Ministry::open().await;
    let first = ministry.rekeys(ROOT).await.expect("rekeyed");
    let files = ministry.key_files();
    let second = ministry.rekeys(ROOT).await.expect("the same");
    assert_eq!((&second["new"], &second["id"]), (&json!(false), &first["id"]));
    assert_eq!(ministry.key_files(), files);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_file_that_is_gone_is_replaced_as_a_lost_passphrase_is() {
    let ministry = Ministry::open().await;
    let issa = ministry.account("issa").await.expect("there");
    ministry.node.keystore().discard(Purpose::PersonSign, issa.sign).expect("gone");
    let told = ministry.rekeys(ROOT).await.expect("rekeyed");
    assert_eq!((&told["new"], &told["card"]), (&json!(true), &json!(true)), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn new_keys_that_were_cut_short_are_finished_by_the_same_command() {
    let ministry = Ministry::open().await;
    let before = ministry.account("issa").await.expect("there");
    let first = ministry.rekeys(ROOT).await.expect("rekeyed");
    // As if the node had been killed right after its commit.
    let name = format!("person-sign-{}.key", crate::hex::encode(before.sign.as_bytes()));
    let path = ministry.dir.path().join("node/keys").join(name);
    std::fs::rename(path.with_added_extension("aside"), &path).expect("set aside");
    let again = ministry.rekeys(ROOT).await.expect("finished");
    assert_eq!(again["id"], first["id"]);
    assert!(!path.exists(), "the key from before is out of use");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_was_cut_short_is_finished_by_the_same_command() {
    let ministry = Ministry::open().await;
    let draft = json!({ "title": "Registering every birth" });
    let draft = ministry.run("binta", ROOT, Op::PracticeDraft { fields: fields(draft) }).await;
    let binta = ministry.account("binta").await.expect("there");
    // As if the node had been killed before its last commit.
    let binta = ministry.node.close_the_door(&binta).await.expect("closed");
    ministry.node.keystore().discard(Purpose::PersonSign, binta.sign).expect("discarded");
    let told = ministry.run("awa", ROOT, Ministry::remove("binta", Some("awa"))).await;
    assert_eq!(told["moved"]["drafts"], json!([draft["id"]]));
    assert_eq!(ministry.account("binta").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_root_key_does_not_open_nobody_gets_a_key_and_that_is_said() {
    let ministry = Ministry::open().await;
    let (before, files) = (ministry.account("issa").await, ministry.key_files());
    let refused = ministry.rekeys("another phrase").await.expect_err("another phrase");
    assert_eq!(refused.code, ErrorCode::WrongPassphrase);
    assert!(refused.message.contains("tern key rotate"), "{refused}");
    assert!(refused.message.len() < 400, "{refused}");
    assert_eq!((ministry.account("issa").await, ministry.key_files()), (before, files));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_gone_at_once_and_every_session_with_it() {
    let ministry = Ministry::open().await;
    let issa = ministry.account("issa").await.expect("there");
    let name: crate::keystore::AccountName = "issa".parse().expect("a name");
    let password = phrase("harmattan over the lake").expect("one");
    ministry.node.verifiers().set(&name, &password).expect("set");
    let link = ministry.run("awa", ROOT, Op::AccountLink { name: Some("issa".into()) }).await;
    let told = ministry.run("awa", ROOT, Op::AccountReset { name: "issa".into() }).await;
    let token = text(&told["link"]);
    let (path, token) = token.rsplit_once('/').expect("a path");
    assert_eq!(path, "http://127.0.0.1:8480/sign-in/password");
    assert!(!ministry.node.verifiers().has(&name));
    let session = issa.session();
    let found = ministry.node.handle().read(move |r| Account::of_session(r.library(), &session));
    assert_eq!(found.await.expect("open"), Ok(None), "signed in nowhere");
    let (_, old) = link["link"].as_str().and_then(|l| l.rsplit_once('/')).expect("a path");
    let links = ministry.node.links();
    assert_eq!(links.look(old, crate::sign_in::LinkUse::SignIn), None, "nor by an older link");
    let look = links.look(token, crate::sign_in::LinkUse::NewPassword);
    assert_eq!(look.as_deref(), Some("issa"));
    assert_eq!(ministry.account("issa").await.expect("there").sign, issa.sign, "keys stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_hands_over_what_can_be_and_the_rest_is_told() {
    let ministry = Ministry::open().await;
    ministry.add("chaibou", "Chaibou Example", &["contributor"], ROOT).await;
    let draft = json!({ "title": "Registering every birth" });
    let draft = ministry.run("binta", ROOT, Op::PracticeDraft { fields: fields(draft) }).await;
    let asked = ministry.asks("binta").await;
    let files = ministry.key_files();

    let refused = ministry.tries("awa", ROOT, Ministry::remove("binta", None)).await;
    let refused = refused.expect_err("nobody goes on");
    assert!(refused.message.contains("drafts: 1, open requests: 1"), "{refused}");
    assert_eq!(refused.field.as_deref(), Some("to"));
    let to_chaibou = Ministry::remove("binta", Some("chaibou"));
    let refused = ministry.tries("awa", ROOT, to_chaibou).await.expect_err("may not");
    assert!(refused.message.contains("--role focal-point"), "{refused}");
    assert!(ministry.account("binta").await.is_some());
    assert_eq!(ministry.key_files(), files, "nothing was touched");

    let told = ministry.run("awa", ROOT, Ministry::remove("binta", Some("awa"))).await;
    assert_eq!(told["moved"], json!({ "drafts": [draft["id"]], "requests": [asked] }));
    let kept: Vec<&str> = told["kept"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|kept| kept["what"].as_str())
        .collect();
    assert_eq!(kept, ["key"]);
    assert_eq!(told["revoked"].as_array().map(Vec::len), Some(1), "{told}");
    assert_eq!(told["stands"], 2, "her name, and the request that goes on: {told}");
    assert_eq!(ministry.account("binta").await, None);
    assert_eq!(ministry.key_files(), files - 1, "her signing key is gone for good");
    let drafts = ministry.node.handle().read(crate::drafts::all).await.expect("open");
    assert_eq!(drafts.expect("readable")[0].1.account, "awa");
    let withdraw = Op::RequestWithdraw { id: asked, reason: None };
    assert_eq!(ministry.run("awa", ROOT, withdraw).await["state"], "withdrawn");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expert_who_leaves_declines_if_the_key_opens_and_is_matched_no_more() {
    let ministry = Ministry::open().await;
    let asked = ministry.asks("binta").await;
    let caller = Caller {
        account: Some("awa".into()),
        passphrase: phrase(ROOT),
        new_passphrase: phrase(LOST),
        root: None,
    };
    let told = ministry.ask(caller, Ministry::remove("issa", None)).await.expect("removed");
    assert_eq!(told["declined"], json!([asked]));
    let shown = ministry.run("binta", ROOT, Op::RequestShow { id: asked }).await;
    assert_eq!(shown["state"], "unmet", "who asked can ask somebody else");
    assert_eq!(ministry.run("binta", ROOT, Op::ExpertList {}).await["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_asked_of_a_key_that_does_not_open_stays_and_is_told() {
    let ministry = Ministry::open().await;
    let asked = ministry.asks("binta").await;
    let told = ministry.run("awa", ROOT, Ministry::remove("issa", None)).await;
    assert_eq!(told["declined"], json!([]));
    assert_eq!(
        (&told["kept"][0]["what"], &told["kept"][0]["id"]),
        (&json!("request"), &json!(asked))
    );
    assert!(text(&told["kept"][0]["reason"]).contains("ask again"), "{told}");
    let shown = ministry.run("binta", ROOT, Op::RequestShow { id: asked }).await;
    assert_eq!(shown["state"], "proposed");
    assert_eq!(ministry.run("binta", ROOT, Op::ExpertList {}).await["total"], 0, "by Awa's key");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_moves_to_another_node_keeps_the_certificate_and_a_locked_root_key_changes_nothing() {
    let ministry = Ministry::open().await;
    let files = ministry.key_files();
    let refused = ministry.tries("awa", LOST, Ministry::remove("issa", None)).await;
    assert_eq!(refused.expect_err("another phrase").code, ErrorCode::WrongPassphrase);
    assert!(ministry.account("issa").await.is_some());
    assert_eq!(ministry.key_files(), files, "nothing was touched");

    let keep = Op::AccountRemove { name: "issa".into(), to: None, keep_certificate: true };
    let told = ministry.run("awa", LOST, keep).await;
    assert_eq!((&told["revoked"], &told["stands"]), (&json!([]), &json!(0)), "{told}");
    let kept = &told["kept"][0];
    assert_eq!(kept["what"], "certificate");
    assert!(text(&kept["reason"]).contains("tern cert revoke ID"), "{told}");
    let id = text(&kept["id"]);
    let revoke = Op::CertRevoke { certificate: Some(id), reason: "left".into() };
    ministry.run("awa", ROOT, revoke).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_revoked_before_is_removed_and_nothing_is_signed_in_their_name() {
    let ministry = Ministry::open().await;
    let asked = ministry.asks("binta").await;
    let revoke = Op::CertRevoke { certificate: Some("issa".into()), reason: "stolen".into() };
    ministry.run("awa", ROOT, revoke).await;
    let caller = Caller {
        account: Some("awa".into()),
        passphrase: phrase(ROOT),
        new_passphrase: phrase(LOST),
        root: None,
    };
    let told = ministry.ask(caller, Ministry::remove("issa", None)).await.expect("removed");
    assert_eq!((&told["declined"], &told["revoked"]), (&json!([]), &json!([])), "{told}");
    assert_eq!(told["kept"][0]["id"], json!(asked));
    assert!(text(&told["kept"][0]["reason"]).contains("revoked before"), "{told}");
    assert_eq!(ministry.account("issa").await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_operator_cannot_be_removed() {
    let ministry = Ministry::open().await;
    let refused = ministry.tries("awa", ROOT, Ministry::remove("awa", Some("binta"))).await;
    let refused = refused.expect_err("the last one");
    assert!(refused.message.contains("is the last operator"), "{refused}");
    let binta = ministry.tries("binta", ROOT, Ministry::remove("issa", None)).await;
    assert_eq!(binta.expect_err("no operator").code, ErrorCode::NotAllowed);
    let grant = Op::CertGrant {
        account: "binta".into(),
        roles: vec!["operator".into()],
        with: Granting::default(),
    };
    ministry.run("awa", ROOT, grant).await;
    ministry.run("binta", ROOT, Ministry::remove("awa", None)).await;
    let accounts = ministry.run("binta", ROOT, Op::AccountList {}).await;
    assert_eq!(accounts["items"][0]["name"], "issa");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expert_whose_account_was_made_before_the_role_can_be_asked() {
    let ministry = Ministry::open().await;
    ministry.add("chaibou", "Chaibou Example", &[], ROOT).await;
    let grant = Op::CertGrant {
        account: "chaibou".into(),
        roles: vec!["expert".into()],
        with: Granting::default(),
    };
    ministry.run("awa", ROOT, grant).await;
    let card = json!({ "objectives": [4], "support_types": ["question"] });
    let card = ministry.run("chaibou", ROOT, Op::ExpertCard { card: fields(card) }).await;
    ministry.run("awa", ROOT, Ministry::remove("issa", None)).await;
    let asked = ministry.asks("awa").await;
    let shown = ministry.run("chaibou", ROOT, Op::RequestShow { id: asked }).await;
    assert_eq!(shown["candidates"][0]["expert"], card["id"]);
}
