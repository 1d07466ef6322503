//! What links cost, said and shown by command.

use super::*;

fn set(class: Option<&str>) -> Op {
    Op::LinkSet {
        class: class.map(str::to_owned),
        every: None,
        monthly_mb: None,
        no_limit: false,
        hours: None,
        price: None,
        currency: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_links_cost_is_said_once_and_stays_until_something_else_is_said() {
    let ministry = Ministry::open().await;
    let before = ministry.run("awa", ROOT, Op::LinkShow {}).await;
    assert_eq!((&before["class"], &before["said"]), (&json!("metered"), &json!(false)));
    assert_eq!((&before["every_minutes"], &before["beyond"]), (&json!(240), &json!(false)));
    assert_eq!(before["bill"], Value::Null);
    let Op::LinkSet { class, no_limit, .. } = set(Some("satellite")) else { unreachable!() };
    let told = Op::LinkSet {
        class,
        every: Some("6h".into()),
        monthly_mb: Some(50),
        no_limit,
        hours: Some("22-05".into()),
        price: Some("8,50".into()),
        currency: Some("USD".into()),
    };
    let said = ministry.run("awa", ROOT, told).await;
    assert_eq!((&said["class"], &said["said"]), (&json!("satellite"), &json!(true)));
    assert_eq!((&said["every_minutes"], &said["hours"]), (&json!(360), &json!("22-05")));
    assert_eq!((&said["monthly_bytes"], &said["used_percent"]), (&json!(50_000_000), &json!(0)));
    assert_eq!(said["bill"], json!({ "amount": "0.00", "currency": "USD" }));
    let dearer = Op::LinkSet {
        class: None,
        every: None,
        monthly_mb: None,
        no_limit: true,
        hours: Some("any".into()),
        price: Some("9".into()),
        currency: None,
    };
    let said = ministry.run("awa", ROOT, dearer).await;
    assert_eq!((&said["class"], &said["hours"]), (&json!("satellite"), &Value::Null));
    assert_eq!(said["monthly_bytes"], Value::Null);
    assert_eq!(said["price"], json!({ "per_mb": "9.00", "currency": "USD" }));
    let status = ministry.run("awa", ROOT, Op::Status {}).await;
    assert_eq!(
        (&status["link"]["class"], &status["link"]["costly"]),
        (&json!("satellite"), &json!(true))
    );
    let free = ministry.run("awa", ROOT, set(Some("broadband"))).await;
    assert_eq!((&free["costly"], &free["used_percent"]), (&json!(false), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_with_its_field_and_changes_nothing() {
    let ministry = Ministry::open().await;
    for (field, wrong) in [
        ("class", json!({ "class": "dial-up" })),
        ("class", json!({})),
        ("every", json!({ "every": "4" })),
        ("monthly_mb", json!({ "monthly_mb": 5, "no_limit": true })),
        ("hours", json!({ "hours": "22-24" })),
        ("price", json!({ "price": "cheap" })),
        ("currency", json!({ "price": "8.50" })),
    ] {
        let mut op = wrong;
        op["op"] = json!("link-set");
        let op: Op = serde_json::from_value(op).expect("an operation");
        let refused = ministry.tries("awa", ROOT, op).await.expect_err(field);
        assert_eq!(refused.code, ErrorCode::Invalid);
        assert_eq!(refused.field.as_deref(), Some(field), "{refused}");
    }
    assert_eq!(ministry.run("awa", ROOT, Op::LinkShow {}).await["said"], json!(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_the_next_contact_is_counted_and_weighed() {
    let ministry = Ministry::open().await;
    let asked = ministry.asks("binta").await;
    assert!(!asked.is_empty());
    let told = ministry.run("awa", ROOT, Op::LinkShow {}).await;
    let waiting = told["waiting"].as_array().expect("a list");
    let requests = waiting.iter().find(|set| set["set"] == "requests").expect("requests wait");
    assert!(requests["objects"].as_u64().is_some_and(|count| count > 0), "{told}");
    assert!(requests["bytes"].as_u64().is_some_and(|bytes| bytes > 500), "{told}");
    assert_eq!(told["next_contact"], Value::Null, "nobody is known to be met");
}
