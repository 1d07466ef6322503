//! Collections and resources: what anybody reads, what publishers change, and that a form
//! puts items in order without signing.

use axum::http::StatusCode;

use crate::desk::Desk;
use crate::fake::Fake;
use crate::fake::listings::{AWAY, COLLECTION, PRACTICE, RESOURCE};
use crate::pages::well_formed;

fn collection(end: &str) -> String {
    format!("/collections/{COLLECTION}{end}")
}

fn resource(end: &str) -> String {
    format!("/resources/{RESOURCE}{end}")
}

#[tokio::test]
async fn anybody_reads_them_and_only_members_are_offered_to_keep_and_change_them() {
    for lang in ["en", "ar-XB"] {
        let mut guest = Desk::at(Fake::new());
        let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
        for (desk, member) in [(&mut guest, false), (&mut amina, true)] {
            desk.lang = lang;
            for path in ["/collections", "/resources", "/collections?q=nothing", "/resources?q=loi"]
            {
                well_formed(path, &desk.get(path).await);
            }
            let page = desk.get(&collection("")).await;
            well_formed("a collection", &page);
            let links = page.attributes("main a", "href");
            assert_eq!(links.contains(&collection("/edit")), member);
            assert_eq!(
                page.attributes("main form", "action").contains(&collection("/keep")),
                member
            );
            assert!(links.contains(&format!("/practices/{PRACTICE}/editions/1")), "{links:?}");
            assert!(links.contains(&resource("")), "{links:?}");
            assert!(!links.iter().any(|link| link.contains(AWAY)), "it is not here");
            let page = desk.get(&resource("")).await;
            well_formed("a resource", &page);
            assert_eq!(page.attributes("main a", "href").contains(&resource("/edit")), member);
        }
    }
    let mut guest = Desk::at(Fake::new());
    let page = guest.get(&collection("")).await;
    assert!(page.says("1 of them is missing on this node"), "{}", page.text);
    assert!(page.says("said something else at the same time"));
    let page = guest.get(&resource("")).await;
    assert!(page.says("law.example") && page.says("This node fetches nothing from there"));
    assert!(page.says("Journal <officiel>"), "who published it stands beside who lists it");
    let page = guest.get(&format!("/practices/{PRACTICE}")).await;
    assert!(page.attributes("main a", "href").contains(&collection("")), "it says where it stands");
    assert_eq!(guest.get("/collections/tern1lnobody").await.status, StatusCode::NOT_FOUND);
    for (path, status) in [
        (format!("/api/v1/collections/{COLLECTION}"), StatusCode::OK),
        ("/api/v1/resources".into(), StatusCode::OK),
        (format!("/api/v1/collections/{COLLECTION}/export?format=ris"), StatusCode::OK),
        (format!("/api/v1/resources/{RESOURCE}/export?format=bibtex"), StatusCode::OK),
    ] {
        assert_eq!(guest.get(&path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn each_form_has_its_page_and_items_are_put_in_order_before_anything_is_signed() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    for path in [
        "/collections/new".to_owned(),
        format!("/collections/new?thing={PRACTICE}"),
        "/resources/new".to_owned(),
        format!("/collections/add?thing={PRACTICE}"),
        format!("/collections/add?thing={RESOURCE}"),
        collection("/edit"),
        collection("/withdraw"),
        resource("/edit"),
        resource("/withdraw"),
    ] {
        well_formed(&path, &amina.get(&path).await);
    }
    let edit = amina.get(&collection("/edit")).await;
    let hidden = |page: &crate::desk::Page, at: usize| {
        page.attributes(&format!("input[name=thing-{at}]"), "value")
    };
    assert_eq!(hidden(&edit, 0), [PRACTICE]);
    assert_eq!(edit.attributes("input[name=note-0]", "value"), ["Begin <here>"]);
    let typed = |what: &'static str| {
        [
            ("saw", "tern1rrecord"),
            ("lang", "en"),
            ("title", "Before leaving"),
            ("thing-0", PRACTICE),
            ("edition-0", "1"),
            ("note-0", "First"),
            ("thing-1", AWAY),
            ("edition-1", ""),
            ("note-1", ""),
            ("do", what),
        ]
    };
    let moved = amina.post(&collection("/edit"), &typed("down:0")).await;
    well_formed("moved", &moved);
    assert_eq!((hidden(&moved, 0), hidden(&moved, 1)), (vec![AWAY.into()], vec![PRACTICE.into()]));
    assert_eq!(moved.attributes("input[name=note-1]", "value"), ["First"]);
    assert_eq!(
        moved.attributes("input[name=title]", "value"),
        ["Before leaving"],
        "typed words stay"
    );
    let taken = amina.post(&collection("/edit"), &typed("remove:0")).await;
    assert_eq!((hidden(&taken, 0), hidden(&taken, 1).len()), (vec![AWAY.into()], 0));
    let saved = amina.post(&collection("/edit"), &typed("save")).await;
    assert_eq!(saved.location(), Some(collection("")));
}

#[tokio::test]
async fn what_somebody_else_said_meanwhile_is_not_said_anew_unseen() {
    let mut amina = Desk::at(Fake::new()).signed_in("amina").await;
    let typed = [("saw", "tern1rearlier"), ("lang", "en"), ("title", "Mine"), ("do", "save")];
    let page = amina.post(&collection("/edit"), &typed).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(page.attributes("input[name=title]", "value"), ["Mine"]);
    assert_eq!(page.attributes("input[name=saw]", "value"), ["tern1rrecord"]);
    let typed = [("lang", "en"), ("title", ""), ("do", "save")];
    let page = amina.post("/collections/new", &typed).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.attributes(".errors a", "href"), ["#title"]);
    let page = amina.post("/collections/add", &[("thing", PRACTICE)]).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#collection"]);
    let typed = [("thing", PRACTICE), ("collection", COLLECTION), ("note", "Why")];
    assert_eq!(amina.post("/collections/add", &typed).await.location(), Some(collection("")));
    let page = amina.post(&resource("/withdraw"), &[("reason", "")]).await;
    assert_eq!(page.attributes(".errors a", "href"), ["#reason"]);
    let page = amina.post(&resource("/withdraw"), &[("reason", "outdated")]).await;
    assert_eq!(page.location(), Some(resource("")));
    let page = amina.post(&collection("/keep"), &[("keep", "yes")]).await;
    assert_eq!(page.location(), Some(collection("")));
}
