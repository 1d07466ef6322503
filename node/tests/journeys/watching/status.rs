//! What fills the disk, and what the operator's page tells.

use serde_json::{Value, json};

use super::*;

fn sum(kinds: &Value) -> u64 {
    kinds.as_object().expect("kinds").values().filter_map(Value::as_u64).sum()
}

#[test]
fn status_tells_what_fills_the_disk_and_what_of_it_is_alive() {
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    chad.draft(&practice("A draft"));
    chad.publish(&practice("Registering every birth"));
    let served = chad.serve();
    let disk = |node: &Served| node.status()["disk"].clone();
    // The search index reaches the disk a moment after the practice.
    let (disk, _) = until("the search index is on the disk", REACHED, || {
        Some(disk(&served)).filter(|disk| disk["search_index"].as_u64() > Some(0))
    });
    let status = served.status();
    assert_eq!(sum(&disk["live"]), status["live_bytes"].as_u64().expect("bytes"), "{disk}");
    for kind in ["records", "practices", "drafts", "local"] {
        assert!(disk["live"][kind].as_u64() > Some(0), "{kind}: {disk}");
    }
    assert_eq!(disk["live"]["parcels"], 0);
    for kind in ["journal", "store_index", "keys", "free"] {
        assert!(disk[kind].as_u64() > Some(0), "{kind}: {disk}");
    }
    let told = chad.run(&["status"]).out;
    assert!(told.contains("search index") && told.contains("drafts"), "{told}");
    served.stop();
}

#[test]
fn the_network_page_tells_its_operator_of_a_missing_backup_and_nobody_else() {
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    chad.ask(&["account", "add", "hamatou", "--role", "contributor"]);
    chad.publish(&practice("Registering every birth"));
    let served = chad.serve();
    let page = |account: &str| {
        let link = served.answer(&json!({ "op": "account-link", "name": account }));
        let link = text(&link["link"]);
        let path = link.trim_start_matches(&served.http()).to_owned();
        let cookies = served.get(&path).expect("a node that answers").cookies();
        served.get_with("/network", &[("cookie", &cookies)]).body
    };
    let operator = page("admin");
    assert!(operator.contains("No backup was ever made"), "{operator}");
    assert!(operator.contains("tern backup FILE") && operator.contains("Act now"), "{operator}");
    let other = page("hamatou");
    assert!(other.contains("Network") && !other.contains("No backup was ever made"), "{other}");
    served.stop();
}
