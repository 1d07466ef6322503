//! An office burns down with every key: the stewards give it new ones.

use serde_json::json;

use super::super::federation::{in_step, invite, joined};
use super::super::patience::{PATIENCE, until};
use super::super::tern::{Desk, text};
use super::{beside, publishes};

#[test]
fn who_lost_everything_is_given_new_keys_and_finds_what_was_published() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    let id = nepal.publish(&super::practice("Checking contracts before departure"));
    in_step(&[&at_niger, &at_nepal]);
    let org = text(&at_nepal.told["org"]);
    at_nepal.kill();
    drop(nepal);

    // A new machine. Bina knows the name of her organisation, not its id: a
    // steward reads it out.
    let again = Desk::empty();
    let request = beside(&again, "request.tern");
    let invitation = invite(&niger);
    let begun = again.ask(&[
        "recover",
        &org,
        "--invitation",
        &invitation,
        "--person",
        "Bina Example",
        "--out",
        &request,
    ]);
    assert_eq!(again.ask(&["status"])["state"], "recovering");
    assert_eq!(again.ask(&["recover"])["state"], "waiting");
    let at_again = again.serve();

    let shown = niger.ask(&["rekey", &request]);
    assert_eq!(
        (&shown["name"], &shown["fingerprint"], &shown["counts"]),
        (&json!("Upland Labour Office"), &begun["fingerprint"], &json!(false))
    );
    let answer = beside(&again, "answer.tern");
    let rekey = ["rekey", &request, "--reason", "Fire in the office", "--answer", &answer];
    let refused = niger.refused(&rekey);
    assert_eq!(refused["field"], "yes", "somebody has to have compared the key: {refused}");
    let done = niger.ask(&[&rekey[..], &["--yes"]].concat());
    assert_eq!(done["counts"], true, "{done}");

    let told = again.ask(&["recover", "--answer", &answer]);
    assert_eq!(told["state"], "done", "{told}");
    assert_eq!(again.ask(&["status"])["state"], "member");
    in_step(&[&at_niger, &at_again]);
    let verified = again.ask(&["practice", "verify", &id]);
    assert_eq!(verified["verdict"], "accepted", "{verified}");

    // Its people go on with it.
    let draft = again.ask(&["practice", "edit", &id, "--set", "title=Checking every contract"]);
    let published =
        again.ask(&["practice", "publish", &text(&draft["id"]), "--note", "After the fire"]);
    assert_eq!((&published["id"], &published["edition"]), (&json!(id), &json!(2)));
    publishes(&again, "Counting who leaves", &[]);
    in_step(&[&at_niger, &at_again]);
    let history = niger.ask(&["practice", "history", &id]);
    let items = history["items"].as_array().expect("editions");
    assert!(items.iter().all(|item| item["verdict"] == "accepted"), "{history}");
    assert_eq!(again.ask(&["key", "list"])["recovery_sheet"], "to-take");

    // The old machine's certificates act still, until they are revoked at once.
    let revoke = ["cert", "revoke", "--before-recovery", "--reason", "lost"];
    let told = again.ask(&revoke);
    assert_eq!(told["certificates"].as_array().map(Vec::len), Some(2), "node and person: {told}");
    assert_eq!(told["stands"], 2, "her name and the first edition: {told}");
    assert_eq!(again.refused(&revoke)["code"], "not-found", "once");
    let states = again.ask(&["cert", "list"]);
    let states = states["items"].as_array().expect("items").iter();
    let live = states.filter(|item| item["state"] == "live").count();
    assert_eq!(live, 2, "the new node and its person");
    publishes(&again, "Counting who returns", &[]);
    in_step(&[&at_niger, &at_again]);
    for desk in [&niger, &again] {
        let verified = desk.ask(&["practice", "verify", &id]);
        assert_eq!(verified["verdict"], "accepted", "what the old key signed stands: {verified}");
    }
    let refused = niger.refused(&revoke);
    assert!(text(&refused["message"]).contains("no recovery"), "{refused}");
    at_again.stop();
    at_niger.stop();
}

#[test]
fn who_asks_by_a_meeting_is_seen_by_a_steward_and_goes_on_by_itself() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    let id = nepal.publish(&super::practice("Checking contracts before departure"));
    in_step(&[&at_niger, &at_nepal]);
    let org = text(&at_nepal.told["org"]);
    at_nepal.kill();
    drop(nepal);

    let again = Desk::empty();
    let sand = super::phrase(&again, "sand");
    let (request, invitation) = (beside(&again, "request.tern"), invite(&niger));
    let recover = ["recover", &org, "--invitation", &invitation, "--out", &request];
    let begun = again.ask(&[&recover[..], &["--passphrase-file", &sand]].concat());
    let at_again = again.serve();
    let asked = || {
        let told = at_niger.answer(&json!({ "op": "proposals" }));
        told["items"].as_array()?.iter().find(|item| item["kind"] == "rekey").cloned()
    };
    let (asked, _) = until("the request is seen", PATIENCE, asked);
    assert_eq!(asked["org"]["name"], "Upland Labour Office", "{asked}");
    let digits = text(&begun["fingerprint"]).replace(' ', "");
    assert_eq!((&asked["fingerprint"], &asked["for_us"]), (&json!(digits), &json!(true)));
    assert_eq!(niger.ask(&["approve"])["approved"], json!([]), "it is no newcomer");
    let refused = niger.refused(&["approve", &text(&asked["id"])]);
    assert!(text(&refused["message"]).contains("tern rekey"), "{refused}");
    let told = niger.run(&["proposals"]);
    assert!(told.out.contains("New keys for Upland Labour Office"), "{told:?}");
    let nobody = niger.refused(&["rekey", "Ministry of Arrivals"]);
    assert!(text(&nobody["message"]).contains("has not asked"), "{nobody}");
    let shown = niger.ask(&["rekey", "Upland Labour Office"]);
    assert_eq!((&shown["fingerprint"], &shown["counts"]), (&begun["fingerprint"], &json!(false)));
    assert_eq!(at_again.status()["state"], "recovering");
    let rekey = ["rekey", "Upland Labour Office", "--reason", "Fire in the office", "--yes"];
    assert_eq!(niger.ask(&rekey)["counts"], true);

    // It hears of it without a file; only the passphrase is waited for.
    let counts = || {
        let told = again.run(&["recover", "--passphrase-file", &sand, "--json"]);
        (told.code == Some(0) && told.json()["state"] == "done").then_some(())
    };
    until("the new keys count at the new machine", PATIENCE, counts);
    assert_eq!(again.ask(&["status"])["state"], "member");
    // An answer that comes in a file afterwards finds nothing left to do.
    let answer = beside(&again, "answer.tern");
    niger.ask(&["rekey", &request, "--answer", &answer]);
    assert_eq!(again.ask(&["recover", "--answer", &answer])["state"], "done");
    in_step(&[&at_niger, &at_again]);
    let verified = again.ask(&["practice", "verify", &id]);
    assert_eq!(verified["verdict"], "accepted", "{verified}");
    let draft = again.ask(&["practice", "edit", &id, "--set", "title=Checking every contract"]);
    let publish = ["practice", "publish", &text(&draft["id"]), "--note", "After the fire"];
    again.ask(&[&publish[..], &["--passphrase-file", &sand]].concat());
    in_step(&[&at_niger, &at_again]);
    let history = niger.ask(&["practice", "history", &id]);
    let items = history["items"].as_array().expect("editions");
    assert!(
        items.len() == 2 && items.iter().all(|item| item["verdict"] == "accepted"),
        "{history}"
    );
    at_again.stop();
    at_niger.stop();
}

#[test]
fn a_wrapped_recovery_waits_for_its_passphrase_and_a_forged_request_is_refused() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    let (_nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    let org = text(&at_nepal.told["org"]);
    let federation = text(&at_nepal.status()["federation_id"]);
    at_nepal.kill();

    let again = Desk::empty();
    let sand = super::phrase(&again, "sand");
    let request = beside(&again, "request.tern");
    again.ask(&[
        "recover",
        &org,
        "--federation",
        &federation,
        "--out",
        &request,
        "--passphrase-file",
        &sand,
    ]);
    let sound = std::fs::read_to_string(&request).expect("a request");
    let forged = niger.file("forged.tern", sound.replacen("root ", "root 0", 1));
    assert_eq!(niger.refused(&["rekey", &forged])["code"], "invalid");
    let elsewhere = Desk::founded("Coalition of Registries", "MD", "Corina Example");
    let refused = elsewhere.refused(&["rekey", &request]);
    assert!(text(&refused["message"]).contains("another federation"), "{refused}");

    let answer = beside(&again, "answer.tern");
    niger.ask(&["rekey", &request, "--reason", "Fire", "--answer", &answer, "--yes"]);
    let refused = again.refused(&["recover", "--answer", &answer]);
    assert_eq!(refused["code"], "locked", "{refused}");
    let at_again = again.serve();
    assert_eq!(at_again.status()["state"], "recovering", "and a locked node serves all the same");
    let told = again.ask(&["recover", "--passphrase-file", &sand]);
    assert_eq!(told["state"], "done");
    let revoke = ["cert", "revoke", "--before-recovery", "--reason", "lost"];
    let words = [&revoke[..], &["--passphrase-file", &sand]].concat();
    let refused = again.refused(&words);
    assert!(text(&refused["message"]).contains("met no other member"), "{refused}");
    again.ask(&["peers", "add", &at_niger.tcp()]);
    let settled = || {
        let met = again.run(&["meet", "Ministry of Arrivals", "--json"]);
        (met.code == Some(0) && met.json()["settled"] == true).then_some(())
    };
    until("the two have met", PATIENCE, settled);
    at_again.stop();
    at_niger.stop();
}

#[test]
fn a_bundle_from_any_member_brings_the_new_keys_and_what_was_published() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let at_niger = niger.serve();
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    let id = nepal.publish(&super::practice("Checking contracts before departure"));
    in_step(&[&at_niger, &at_nepal]);
    let org = text(&at_nepal.told["org"]);
    let federation = text(&at_nepal.status()["federation_id"]);
    at_nepal.kill();

    let again = Desk::empty();
    let request = beside(&again, "request.tern");
    again.ask(&["recover", &org, "--federation", &federation, "--out", &request]);
    niger.ask(&["rekey", &request, "--reason", "Fire in the office", "--yes"]);
    let bundle = beside(&niger, "stick.tern");
    niger.ask(&["bundle", "write", &bundle]);
    at_niger.stop();
    again.ask(&["bundle", "read", &bundle]);
    assert_eq!(again.ask(&["recover"])["state"], "done");
    let verified = again.ask(&["practice", "verify", &id]);
    assert_eq!(verified["verdict"], "accepted", "{verified}");
    let draft = again.ask(&["practice", "edit", &id, "--set", "title=Checking every contract"]);
    let words = ["practice", "publish", &text(&draft["id"]), "--note", "After the fire"];
    assert_eq!(again.ask(&words)["edition"], 2);
}
