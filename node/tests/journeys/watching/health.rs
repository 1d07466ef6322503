//! Alive, and ready.

use serde_json::Value;

use super::*;

fn ready(node: &Served) -> (u16, Value) {
    let answer = node.get("/readyz").expect("a node that answers");
    (answer.status, serde_json::from_str(&answer.body).expect("a document"))
}

#[test]
fn a_node_that_cannot_write_is_alive_and_not_ready_until_it_can() {
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    let served = chad.serve();
    let (status, told) = ready(&served);
    assert_eq!((status, &told["status"]), (200, &"ready".into()), "{told}");
    let names: Vec<String> =
        told["checks"].as_array().expect("checks").iter().map(|c| text(&c["name"])).collect();
    assert_eq!(names, ["replica", "store", "folder", "disk", "index"]);
    let away = chad.data().with_extension("away");
    fs::rename(chad.data(), &away).expect("moved away, as a disk that is unmounted");
    let (status, told) = ready(&served);
    assert_eq!((status, &told["status"]), (503, &"not ready".into()), "{told}");
    let red: Vec<&Value> = told["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .filter(|check| check["ok"] == false)
        .collect();
    assert!(red.iter().any(|check| check["name"] == "folder"), "{told}");
    for check in red {
        assert!(text(&check["hint"]).contains(": "), "every red line says what next: {check}");
    }
    let alive = served.get("/healthz").expect("a node that answers");
    assert_eq!((alive.status, alive.body.as_str()), (200, "ok\n"));
    fs::rename(&away, chad.data()).expect("moved back");
    assert_eq!(ready(&served).0, 200);
    served.stop();
}

#[test]
fn a_folder_without_a_node_is_alive_and_tells_to_set_it_up() {
    let served = Desk::empty();
    let served = served.serve();
    let (status, told) = ready(&served);
    assert_eq!(status, 503);
    assert!(text(&told["checks"][0]["hint"]).contains("/setup"), "{told}");
    assert_eq!(served.get("/healthz").expect("answers").status, 200);
    assert_eq!(served.get("/metrics").expect("answers").status, 503);
}
