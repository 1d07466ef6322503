//! A ministry lets nothing be published that a second publisher has not read. Its two
//! offices never connect: what is asked and what is answered goes by a stick, and a third
//! organisation sees in the edition who cleared it.

use serde_json::{Value, json};

use super::bundles::{Stick, far_away};
use super::copied::copy;
use super::practices::practice;
use super::tern::{Desk, text};

/// Two nodes of one ministry, with the same people on both.
struct Ministry {
    desert: Desk,
    capital: Desk,
    stick: Stick,
}

impl Ministry {
    fn node(desk: &Desk) -> String {
        text(&desk.ask(&["status"])["node"])
    }

    /// Carries what one office has to the other.
    fn carries(&self, from: &Desk, to: &Desk) {
        from.ask(&["bundle", "write", self.stick.path(), "--for", &Self::node(to)]);
        self.stick.read_by(to);
    }
}

fn clearance(desk: &Desk, draft: &str, who: &str) -> Value {
    desk.ask(&["clearance", "show", draft, "--as", who])
}

#[test]
fn a_ministry_of_two_offices_clears_a_practice_by_a_stick_and_another_sees_who_did() {
    let desert = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let nepal = far_away(&desert, &[("Upland Labour Office", "NP", "Bina Example")]).remove(0);
    let roles = ["--role", "contributor,publisher"];
    let add = ["account", "add", "rekia", "--person", "Rekia Example"];
    desert.ask(&[&add[..], &roles].concat());
    let awa = text(&desert.ask(&["account", "list"])["items"][0]["name"]);
    let early = desert.publish(&practice("Desks before any rule"));
    let capital = Desk::empty();
    copy(&desert.data(), &capital.data());
    capital.ask(&["copied", "--new-key"]);
    let ministry = Ministry { desert, capital, stick: Stick::new() };
    let Ministry { desert, capital, stick } = &ministry;
    stick.written_by(&nepal);
    stick.visits(desert);
    assert_eq!(stick.read_by(&nepal)["state"], "member");
    stick.visits(capital);
    stick.visits(desert);

    // The rule is the organisation's: both offices follow it, and what is older is left alone.
    assert_eq!(desert.ask(&["clearance", "policy"])["need"], "none");
    let refused = desert.refused(&["clearance", "policy", "publisher", "--as", "rekia"]);
    assert_eq!(refused["code"], "not-allowed", "{refused}");
    assert_eq!(desert.refused(&["clearance", "policy", "everybody"])["field"], "need");
    assert_eq!(desert.ask(&["clearance", "policy", "publisher"])["need"], "publisher");
    ministry.carries(desert, capital);
    assert_eq!(capital.ask(&["clearance", "policy"])["need"], "publisher");
    let told = desert.ask(&["practice", "verify", &early]);
    assert_eq!(told["clearance"]["state"], "before", "{told}");
    let other = capital.draft(&practice("Desks in the capital"));
    for (desk, draft) in [(capital, &other), (desert, &desert.draft(&practice("Mobile desks")))] {
        let refused = desk.refused(&["practice", "publish", draft]);
        let why = text(&refused["message"]);
        assert!(why.contains("tern clearance ask") && why.contains("Rekia Example"), "{refused}");
        assert_eq!(refused["field"], "clearance", "{refused}");
    }

    // Asked in the desert, where nobody else is; returned in the capital, with a reason.
    let draft = desert.draft(&practice("Registering every birth"));
    let asked = desert.ask(&["clearance", "ask", &draft, "--note", "For the conference"]);
    assert_eq!(
        (&asked["state"], &asked["can"][0]["person"]),
        (&json!("asked"), &json!("Rekia Example"))
    );
    let own = desert.refused(&["clearance", "approve", &draft]);
    assert_eq!(own["code"], "not-allowed", "nobody clears their own: {own}");
    ministry.carries(desert, capital);
    let list = capital.ask(&["clearance", "list", "--as", "rekia"]);
    assert_eq!(list["items"][0]["title"], "Registering every birth", "{list}");
    assert_eq!(list["items"][0]["text"], "For the conference", "{list}");
    let taken = capital.ask(&["clearance", "take", &draft, "--as", "rekia"]);
    assert_eq!(
        (&taken["state"], &taken["last"]["person"]),
        (&json!("taken"), &json!("Rekia Example"))
    );
    let why = "Which year are these numbers of?";
    capital.ask(&["clearance", "return", &draft, why, "--as", "rekia"]);
    ministry.carries(capital, desert);
    let told = clearance(desert, &draft, &awa);
    assert_eq!(
        (&told["state"], &told["last"]["text"]),
        (&json!("returned"), &json!(why)),
        "{told}"
    );
    assert_eq!(desert.ask(&["clearance", "list"])["items"][0]["state"], "returned");
    let refused = desert.refused(&["practice", "publish", &draft]);
    assert!(text(&refused["message"]).contains(why), "{refused}");

    // Changed, asked again, approved; a later change is not covered.
    desert.ask(&["practice", "edit", &draft, "--set", "context.en=All numbers are of 2024"]);
    let told = clearance(desert, &draft, &awa);
    assert_eq!((&told["state"], &told["changed"]), (&json!("changed"), &json!(["context"])));
    desert.ask(&["clearance", "ask", &draft]);
    ministry.carries(desert, capital);
    let yes = capital.ask(&["clearance", "approve", &draft, "--as", "rekia"]);
    assert_eq!(yes["state"], "cleared", "{yes}");
    let refused = capital.refused(&["practice", "publish", &draft, "--as", "rekia"]);
    assert!(text(&refused["message"]).contains("cannot publish it too"), "{refused}");
    ministry.carries(capital, desert);
    assert_eq!(clearance(desert, &draft, &awa)["state"], "cleared");
    desert.ask(&["practice", "edit", &draft, "--set", "lessons.en=Added in haste"]);
    let refused = desert.refused(&["practice", "publish", &draft]);
    assert!(text(&refused["message"]).contains("the text changed"), "{refused}");
    // What was approved is covered again once the draft says it again.
    let back = "lessons.en=Mobile teams are needed.";
    desert.ask(&["practice", "edit", &draft, "--set", back]);
    let steps = clearance(desert, &draft, &awa)["steps"].as_array().map(Vec::len);
    assert_eq!(steps, Some(5), "asked, taken, returned, asked again, approved");
    let published = desert.ask(&["practice", "publish", &draft]);
    let id = text(&published["id"]);

    // A third organisation checks it without either office, and reads nothing of the way there.
    stick.written_by(desert);
    stick.read_by(&nepal);
    let told = nepal.ask(&["practice", "verify", &id]);
    let cleared = &told["clearance"];
    assert_eq!(
        (&cleared["state"], &cleared["way"]),
        (&json!("cleared"), &json!("publisher")),
        "{told}"
    );
    assert_eq!(cleared["person"], "Rekia Example", "{told}");
    assert!(nepal.run(&["practice", "verify", &id]).out.contains("by Rekia Example"));
    let shown = nepal.ask(&["practice", "show", &id]);
    assert!(!shown.to_string().contains("Which year"), "{shown}");
    assert_eq!(nepal.ask(&["practice", "verify", &early])["clearance"]["state"], "before");
    for desk in [desert, capital, &nepal] {
        assert_eq!(desk.ask(&["check"])["bad"], json!([]));
    }
}

#[test]
fn an_office_with_one_publisher_clears_by_a_sheet_that_somebody_signed_by_hand() {
    let desert = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let add = ["account", "add", "issa", "--person", "Issa Example", "--role", "contributor"];
    desert.ask(&add);
    desert.ask(&["clearance", "policy", "sheet"]);
    let draft = desert.draft(&practice("Registering every birth"));
    let asked = desert.ask(&["clearance", "ask", &draft, "--as", "issa"]);
    assert_eq!((&asked["state"], &asked["need"]), (&json!("asked"), &json!("sheet")), "{asked}");
    let scan = desert.file("signed.pdf", "%PDF-1.7 signed by the minister");
    let other = desert.file("other.pdf", "%PDF-1.7 signed by nobody");
    let early = desert.refused(&["clearance", "confirm", &draft, &scan]);
    assert!(text(&early["message"]).contains("no scan"), "{early}");
    desert.ask(&["clearance", "approve", &draft]);
    let refused = desert.refused(&["practice", "publish", &draft]);
    assert!(text(&refused["message"]).contains("a sheet that was signed by hand"), "{refused}");
    desert.ask(&["clearance", "attach", &draft, &scan, "--as", "issa"]);
    let wrong = desert.refused(&["clearance", "confirm", &draft, &other]);
    assert_eq!(wrong["field"], "sheet", "{wrong}");
    assert_eq!(desert.ask(&["clearance", "confirm", &draft, &scan])["state"], "cleared");
    let id = text(&desert.ask(&["practice", "publish", &draft])["id"]);
    let told = desert.ask(&["practice", "verify", &id]);
    let (cleared, hash) = (&told["clearance"], blake3::hash(b"%PDF-1.7 signed by the minister"));
    assert_eq!(
        (&cleared["state"], &cleared["way"]),
        (&json!("cleared"), &json!("sheet")),
        "{told}"
    );
    assert_eq!(cleared["sheet"], hash.to_hex().as_str(), "{told}");
}
