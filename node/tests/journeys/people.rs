//! People in real life: a password is forgotten, a passphrase is lost, somebody
//! leaves; and the node is killed meanwhile.

use std::process::Stdio;
use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_core::SeedableRng;
use serde_json::{Value, json};

use super::kills::random_moment;
use super::patience::output_of;
use super::practices::practice;
use super::tern::{Desk, refusal, text};

const FIRST: &str = "password=harmattan+over+the+lake";
const SECOND: &str = "password=dust+over+the+northern+road";

fn niger() -> Desk {
    Desk::founded("Ministry of Arrivals", "NE", "Awa Example")
}

/// The path of a link that the command prints.
fn path(told: &Value, http: &str) -> String {
    let link = text(&told["link"]);
    link.strip_prefix(http).unwrap_or_else(|| panic!("{link} is not at {http}")).to_owned()
}

fn names(desk: &Desk) -> Vec<String> {
    let accounts = desk.ask(&["account", "list"]);
    accounts["items"].as_array().expect("items").iter().map(|item| text(&item["name"])).collect()
}

#[test]
fn who_forgot_a_password_sets_a_new_one_and_whoever_was_signed_in_is_out() {
    let niger = niger();
    niger.ask(&["account", "add", "issa", "--person", "Issa Example", "--role", "contributor"]);
    let error = niger.refused(&["account", "reset", "issa"]);
    assert!(text(&error["message"]).contains("running node"), "{error}");
    let served = niger.serve();
    let reset = || path(&niger.ask(&["account", "reset", "issa"]), &served.http());
    let link = reset();
    for _ in 0..2 {
        let page = served.get(&link).expect("a page");
        assert_eq!(page.status, 200);
        assert!(page.body.contains("Set a new password"), "{}", page.body);
    }
    let set = served.form(&link, FIRST).expect("an answer");
    let session = set.cookie.expect("signed in");
    assert_eq!((set.status, served.page("/account", &session).expect("a page").status), (303, 200));
    assert_eq!(served.form(&link, SECOND).expect("an answer").status, 404, "once");
    let sign_in = |password: &str| {
        let form = format!("name=issa&{password}");
        served.form("/sign-in", &form).expect("an answer").status
    };
    assert_eq!(sign_in(FIRST), 303);

    let link = reset();
    assert_eq!(sign_in(FIRST), 422, "the old password is gone at once");
    assert_eq!(served.page("/account", &session).expect("a page").status, 303, "signed out");
    assert_eq!(served.form(&link, SECOND).expect("an answer").status, 303);
    served.kill();
    let served = niger.serve();
    for (password, status) in [(FIRST, 422), (SECOND, 303)] {
        let form = format!("name=issa&{password}");
        assert_eq!(served.form("/sign-in", &form).expect("an answer").status, status);
    }
}

#[test]
fn a_lost_passphrase_is_a_new_certified_key_and_what_was_signed_still_counts() {
    let niger = Desk::empty();
    let [root, lost, found] = ["root", "lost", "found"]
        .map(|name| niger.file(name, format!("the {name} phrase of this test")));
    let ask =
        |words: &[&str], phrase: &str| niger.ask(&[words, &["--passphrase-file", phrase]].concat());
    ask(
        &["init", "--org", "Ministry of Arrivals", "--country", "NE", "--person", "Awa Example"],
        &root,
    );
    let add = ["account", "add", "issa", "--person", "Issa Example", "--role", "publisher"];
    let first = ask(&[&add[..], &["--new-passphrase-file", &lost]].concat(), &root);
    let served = niger.serve();
    let as_issa = |title: &str, phrase: &str| {
        let file = niger.file("practice.json", practice(title).to_string());
        let draft = ask(&["practice", "draft", &file, "--as", "issa"], phrase);
        let publish =
            ["practice", "publish", &text(&draft["id"]), "--note", "First", "--as", "issa"];
        text(&ask(&publish, phrase)["id"])
    };
    let before = as_issa("Registering every birth", &lost);

    let rekey = ["account", "rekey", "issa", "--new-passphrase-file", &found];
    let words = [&rekey[..], &["--passphrase-file", &lost]].concat();
    let error = niger.refused(&words);
    assert!(text(&error["message"]).contains("root key"), "{error}");
    let told = ask(&rekey, &root);
    assert_eq!((&told["new"], &told["wrapped"]), (&json!(true), &json!(true)), "{told}");
    assert_eq!(told["before"], json!([first["id"]]), "the first certificate stays valid");
    served.kill();
    let served = niger.serve();
    let again = ask(&rekey, &root);
    assert_eq!((&again["new"], &again["id"]), (&json!(false), &told["id"]));

    let after = as_issa("Registering every marriage", &found);
    for id in [&before, &after] {
        let verified = niger.ask(&["practice", "verify", id]);
        assert_eq!(verified["verdict"], "accepted", "{verified}");
        assert_eq!(verified["signers"][0]["person"], "Issa Example");
    }
    served.stop();
}

#[test]
fn where_the_root_key_is_on_a_stick_somebody_is_removed_with_it_or_revoked_later() {
    let niger = niger();
    let stick = niger.file("stick.phrase", "four words for the stick");
    let file = niger.data().with_file_name("root.key");
    let file = file.to_str().expect("text");
    let with_stick = ["--key-file", file, "--key-passphrase-file", &stick];
    for name in ["issa", "moussa"] {
        niger.ask(&["account", "add", name, "--role", "publisher"]);
        let practice = niger.file("practice.json", practice("Registering births").to_string());
        let draft = text(&niger.ask(&["practice", "draft", &practice, "--as", name])["id"]);
        niger.ask(&["practice", "publish", &draft, "--note", "First", "--as", name]);
    }
    niger.ask(&["key", "move", file, "--new-passphrase-file", &stick]);
    let remove = ["account", "remove", "issa", "--yes"];
    let error = niger.refused(&remove);
    assert_eq!(error["code"], "key-away", "{error}");
    for way in ["--key-file FILE", "--keep-certificate", "tern cert revoke"] {
        assert!(text(&error["message"]).contains(way), "{error}");
    }
    assert_eq!(names(&niger), ["admin", "issa", "moussa"], "nothing was touched");
    let told = niger.ask(&[&remove[..], &with_stick].concat());
    assert_eq!((&told["revoked"].as_array().map(Vec::len), &told["stands"]), (&Some(1), &json!(1)));

    let told = niger.ask(&["account", "remove", "moussa", "--keep-certificate", "--yes"]);
    let kept = &told["kept"][0];
    assert_eq!((&told["revoked"], &kept["what"]), (&json!([]), &json!("certificate")), "{told}");
    let id = text(&kept["id"]);
    let revoke = ["cert", "revoke", &id, "--reason", "left"];
    niger.ask(&[&revoke[..], &with_stick].concat());
    let listed = niger.ask(&["practice", "list"]);
    for item in listed["items"].as_array().expect("items") {
        let verified = niger.ask(&["practice", "verify", &text(&item["id"])]);
        assert_eq!(verified["verdict"], "accepted", "what they published stays: {verified}");
    }
}

#[test]
fn somebody_leaves_and_a_removal_that_is_killed_is_finished_by_repeating_it() {
    let niger = niger();
    niger.ask(&["account", "add", "binta", "--person", "Binta Example", "--role", "contributor"]);
    let mut chance = ChaCha8Rng::seed_from_u64(1);
    for _ in 0..3 {
        let issa = ["account", "add", "issa", "--person", "Issa Example", "--role", "contributor"];
        niger.ask(&issa);
        let file = niger.file("practice.json", practice("Registering every birth").to_string());
        let draft = text(&niger.ask(&["practice", "draft", &file, "--as", "issa"])["id"]);
        let error = niger.refused(&["account", "remove", "issa", "--to", "binta"]);
        assert_eq!(error["field"], "yes", "{error}");
        assert!(text(&error["message"]).contains("certificate is revoked"), "{error}");
        let error = niger.refused(&["account", "remove", "issa", "--yes"]);
        assert_eq!(error["field"], "to", "{error}");
        assert_eq!(names(&niger), ["admin", "binta", "issa"]);

        let served = niger.serve();
        let remove = ["account", "remove", "issa", "--to", "binta", "--yes", "--json"];
        let mut command = niger.command(&remove);
        let asked = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("runs");
        random_moment(&mut chance, Duration::from_millis(200));
        served.kill();
        // It may have been answered, or lost its node.
        let _ = output_of(asked, "the removal");
        let ran = niger.run(&remove);
        if ran.code == Some(0) {
            assert_eq!(ran.json()["moved"]["drafts"], json!([draft]));
        } else {
            let error = refusal(ran, &remove);
            assert_eq!(error["code"], "not-found", "it was done before the kill: {error}");
        }
        assert_eq!(names(&niger), ["admin", "binta"]);
        let certificates = niger.ask(&["cert", "list"]);
        let mut certificates = certificates["items"].as_array().expect("items").iter();
        let acts = |item: &Value| item["person"] == "Issa Example" && item["state"] == "live";
        assert!(!certificates.any(acts), "none of his certificates acts");
        let edit = ["practice", "edit", &draft, "--set", "kind=service", "--as", "binta"];
        assert_eq!(niger.ask(&edit)["id"], json!(draft));
    }
    let error = niger.refused(&["account", "remove", "admin", "--to", "binta", "--yes"]);
    assert!(text(&error["message"]).contains("last operator"), "{error}");
}
