//! Questions, naming others, disputes, looking further, and what became of it.

use super::*;
use crate::ops::{ErrorCode, OpError};
use crate::requests::Seen;

const DAY: i64 = 86_400_000;

impl Ministry {
    async fn refused(&self, account: &str, op: Op) -> OpError {
        let caller = Caller { account: Some(account.into()), ..Caller::default() };
        let done = NodeOperator(Arc::clone(&self.node)).run(caller, op.clone()).await;
        done.err().unwrap_or_else(|| panic!("{op:?} was not refused"))
    }

    async fn seen(&self, account: &'static str, request: RequestId) -> Seen {
        let account = self.account(account).await;
        self.node.see(&account, request).await.expect("theirs to see")
    }

    /// Awa asks, Issa is chosen and answers.
    async fn answered(&self) -> RequestId {
        let request = self.asks_with("auto").await;
        let id = request.to_string();
        self.run("issa", Op::RequestAccept { id: id.clone(), note: None }).await;
        self.answers(request, "See how others do it").await;
        request
    }

    async fn answers(&self, request: RequestId, text: &str) {
        let answer = fields(json!({ "text": text, "practices": [] }));
        let done = self.run("issa", Op::RequestAnswer { id: request.to_string(), answer }).await;
        assert_eq!(done["state"], "delivered");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_question_is_open_time_stands_still_and_nobody_else_is_asked() {
    let ministry = Ministry::open().await;
    for name in ["binta", "chaibou", "dina"] {
        ministry.hires(name).await;
    }
    let request = ministry.asks_with("auto").await;
    let id = request.to_string();
    let first = said(&ministry, request).await;
    let account = |name: &str| if name == "Issa Example" { "issa".into() } else { name.to_owned() };
    let (asks, others) = (account(&first[0].0), &first[1..]);
    for (name, _) in others {
        let reason = "no-time".to_owned();
        let decline = Op::RequestDecline { id: id.clone(), reason, note: None };
        ministry.run(&account(name), decline).await;
    }
    let question = |text: &str| Op::RequestQuestion { id: id.clone(), text: text.into() };
    let refused = ministry.refused(&asks, question("How?")).await;
    assert_eq!((refused.code, refused.field.as_deref()), (ErrorCode::Invalid, Some("text")));
    assert_eq!(ministry.refused("awa", question("How many?")).await.code, ErrorCode::NotAllowed);
    let reply = |text: &str| Op::RequestReply { id: id.clone(), text: text.into(), question: None };
    assert_eq!(ministry.refused("awa", reply("Forty")).await.code, ErrorCode::Conflict);
    ministry.run(&asks, question("How many consulates are there?")).await;
    assert!(ministry.seen("awa", request).await.waits(), "the turn is the asker's");
    let silent = |days: i64| ministry.node.attend_to_silence(now().plus(days * DAY));
    silent(30).await.expect("looked");
    assert_eq!(said(&ministry, request).await.len(), 3, "nobody else is asked meanwhile");
    assert_eq!(ministry.refused(&asks, reply("Forty")).await.code, ErrorCode::NotAllowed);
    ministry.run("awa", reply("Forty, of which ten are honorary.")).await;
    let shown = ministry.show(request).await;
    assert_eq!(shown["questions"][0]["text"], "How many consulates are there?");
    assert_eq!(shown["questions"][0]["replies"][0]["text"], "Forty, of which ten are honorary.");
    assert_eq!(shown["state"], "proposed", "it decides nothing");
    // Now time runs on.
    silent(6).await.expect("looked");
    assert_eq!(said(&ministry, request).await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_named_is_asked_when_the_asker_says_so() {
    let ministry = Ministry::open().await;
    let request = ministry.asks().await;
    let id = request.to_string();
    ministry.hires("binta").await;
    let refer = |expert: &str| Op::RequestRefer {
        id: id.clone(),
        expert: expert.into(),
        note: Some("She did this before".into()),
    };
    assert_eq!(ministry.refused("issa", refer("nobody")).await.field.as_deref(), Some("expert"));
    assert_eq!(ministry.refused("issa", refer("Issa Example")).await.code, ErrorCode::Conflict);
    assert_eq!(ministry.refused("awa", refer("binta")).await.code, ErrorCode::NotAllowed);
    ministry.run("issa", refer("binta")).await;
    let shown = ministry.show(request).await;
    assert_eq!(shown["named"][0]["name"], "binta");
    assert_eq!(shown["named"][0]["asked"], false);
    assert_eq!(ministry.run("binta", Op::RequestList {}).await["total"], 0);
    let expert = shown["named"][0]["expert"].as_str().expect("an id").to_owned();
    ministry.run("awa", Op::RequestOffer { id: id.clone(), experts: vec![expert] }).await;
    assert_eq!(ministry.show(request).await["named"][0]["asked"], true);
    assert_eq!(ministry.run("binta", Op::RequestList {}).await["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_disputed_answered_again_and_its_use_told_half_a_year_later() {
    let ministry = Ministry::open().await;
    let request = ministry.answered().await;
    let id = request.to_string();
    let dispute = |reasons: &str| Op::RequestDispute { id: id.clone(), reasons: reasons.into() };
    assert_eq!(
        ministry.refused("issa", dispute("It is all there")).await.code,
        ErrorCode::NotAllowed
    );
    assert_eq!(ministry.refused("awa", dispute("No")).await.field.as_deref(), Some("reasons"));
    let disputed = ministry.run("awa", dispute("It says nothing of the costs.")).await;
    assert_eq!(disputed["state"], "disputed");
    let shown = ministry.show(request).await;
    assert_eq!(shown["disputed"]["text"], "It says nothing of the costs.");
    assert!(ministry.seen("issa", request).await.waits(), "the turn is the expert's");
    assert!(!ministry.seen("awa", request).await.waits());
    let close = |outcome: &str, follow_up: Option<&str>| Op::RequestClose {
        id: id.clone(),
        outcome: Some(outcome.into()),
        rating: None,
        note: None,
        follow_up: follow_up.map(str::to_owned),
    };
    assert_eq!(ministry.refused("awa", close("met", None)).await.field.as_deref(), Some("outcome"));
    let progress = Op::RequestProgress { id: id.clone(), text: "The costs come on Monday".into() };
    ministry.run("issa", progress).await;
    ministry.answers(request, "It costs this much").await;
    let shown = ministry.show(request).await;
    assert_eq!(shown["answer"]["text"], "It costs this much");
    assert_eq!(shown["progress"][0]["text"], "The costs come on Monday");
    for bad in ["soon", "2020-01-01", "2999-01-01"] {
        let refused = ministry.refused("awa", close("met", Some(bad))).await;
        assert_eq!(refused.field.as_deref(), Some("follow_up"), "{bad}: {refused}");
    }
    let follow_up = |outcome: &str| Op::RequestFollowUp {
        id: id.clone(),
        outcome: outcome.into(),
        note: Some("Two consulates began".into()),
    };
    assert_eq!(ministry.refused("awa", follow_up("used")).await.code, ErrorCode::Conflict);
    ministry.run("awa", close("met", None)).await;
    let seen = ministry.seen("awa", request).await;
    assert!(!seen.waits_at(now().plus(180 * DAY)) && seen.waits_at(now().plus(183 * DAY)));
    assert!(ministry.run("awa", Op::RequestList {}).await["items"][0]["follow_up"].is_string());
    assert_eq!(ministry.refused("awa", follow_up("maybe")).await.field.as_deref(), Some("outcome"));
    ministry.run("awa", follow_up("partly")).await;
    let seen = ministry.seen("awa", request).await;
    assert!(!seen.waits_at(now().plus(400 * DAY)), "it is said once");
    assert_eq!(ministry.refused("awa", follow_up("used")).await.code, ErrorCode::Conflict);
    let page = ministry.account("issa").await;
    let page = crate::service::request_of(&ministry.node, &page, "en", &id).await.expect("shown");
    let became = page.talk.became.expect("told to the expert");
    assert_eq!((became.used.code(), became.said.text.as_str()), ("partly", "Two consulates began"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_left_leads_to_all_languages_by_itself_and_to_no_desk_where_there_is_none() {
    let ministry = Ministry::open().await;
    let request = ministry.asks_with("auto").await;
    let id = request.to_string();
    // Who answers in Spanish alone does not fit what is asked for in English.
    ministry.hires_speaking("rocio", "es").await;
    let reason = "no-time".to_owned();
    ministry.run("issa", Op::RequestDecline { id: id.clone(), reason, note: None }).await;
    let shown = ministry.show(request).await;
    assert_eq!(shown["step"], "wider");
    let asked: Vec<String> = said(&ministry, request).await.into_iter().map(|one| one.0).collect();
    assert_eq!(asked, ["Issa Example", "rocio"]);
    let escalate = Op::RequestEscalate { id: id.clone(), step: None, desks: Vec::new() };
    let refused = ministry.refused("awa", escalate).await;
    assert!(refused.message.contains("the desks of all stewards read it already"), "{refused}");
    let own = Op::RequestEscalate { id, step: None, desks: vec!["Nobody".into()] };
    assert_eq!(ministry.refused("awa", own).await.code, ErrorCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_need_on_the_board_says_what_was_chosen_and_leads_to_an_offer_of_help() {
    let ministry = Ministry::open().await;
    let request = ministry.asks_with("auto").await;
    let id = request.to_string();
    let reason = "no-time".to_owned();
    ministry.run("issa", Op::RequestDecline { id: id.clone(), reason, note: None }).await;
    let post = |naming: &str, title: &str| Op::RequestPost {
        id: id.clone(),
        title: Some(title.into()),
        naming: Some(naming.into()),
    };
    assert_eq!(
        ministry.refused("issa", post("region", "Births abroad")).await.code,
        ErrorCode::NotAllowed
    );
    let refused = ministry.refused("awa", post("region", "Births")).await;
    assert_eq!(refused.field.as_deref(), Some("title"), "{refused}");
    assert_eq!(
        ministry.refused("awa", post("me", "Births abroad")).await.field.as_deref(),
        Some("naming")
    );
    let posted = ministry.run("awa", post("region", "Births registered abroad")).await;
    let need = posted["need"].as_str().expect("an id").to_owned();
    let board = |objective, region: Option<&str>| Op::RequestBoard {
        objective,
        region: region.map(str::to_owned),
    };
    let shown = ministry.run("issa", board(Some(4), None)).await;
    let shown = &shown["items"][0];
    assert_eq!(shown["title"], "Births registered abroad");
    let region = shown["region"].as_str().expect("a region").to_owned();
    assert!(shown["organisation"].is_null() && shown["country"].is_null(), "{shown}");
    assert!(!shown.to_string().contains(&id), "nothing leads to the request");
    assert_eq!(ministry.run("issa", board(None, Some(&region))).await["total"], 1);
    assert_eq!(ministry.run("issa", board(Some(5), None)).await["total"], 0);
    assert_eq!(
        ministry.refused("issa", board(None, Some("x"))).await.field.as_deref(),
        Some("region")
    );
    let state = ministry.show(request).await;
    assert_eq!((&state["step"], &state["needs"]), (&json!("board"), &json!([need])));
    assert_eq!(
        ministry.refused("awa", post("nothing", "Births abroad")).await.code,
        ErrorCode::Conflict
    );
    // Somebody who was never asked can help.
    let help = |text: &str| Op::RequestHelp { id: need.clone(), text: text.into() };
    let clerk = Op::AccountAdd {
        name: "lina".into(),
        person: None,
        lang: None,
        roles: vec!["expert".into()],
        with: Granting::default(),
    };
    ministry.run("awa", clerk).await;
    let refused = ministry.refused("lina", help("We did this in 2019.")).await;
    assert!(refused.message.contains("expert card first"), "{refused}");
    let card = json!({ "name": "Lina", "objectives": [7], "support_types": ["question"] });
    ministry.run("lina", Op::ExpertCard { card: fields(card) }).await;
    assert_eq!(ministry.refused("lina", help("Yes")).await.field.as_deref(), Some("text"));
    ministry.run("lina", help("We did this in 2019.")).await;
    let state = ministry.show(request).await;
    assert_eq!(state["helps"][0]["text"], "We did this in 2019.");
    assert_eq!(state["helps"][0]["asked"], false);
    assert_eq!(ministry.run("lina", Op::RequestList {}).await["total"], 0, "and reads nothing yet");
    assert!(ministry.seen("awa", request).await.waits());
    let expert = state["helps"][0]["expert"].as_str().expect("an id").to_owned();
    ministry.run("awa", Op::RequestOffer { id: id.clone(), experts: vec![expert] }).await;
    ministry.run("lina", Op::RequestAccept { id: id.clone(), note: None }).await;
    let state = ministry.show(request).await;
    assert_eq!(
        (&state["state"], &state["helps"][0]["asked"]),
        (&json!("in_progress"), &json!(true))
    );
    // Only those who posted it take it down; it goes by itself with the request.
    let down = Op::RequestTakeDown { id: need.clone() };
    assert_eq!(ministry.refused("lina", down.clone()).await.code, ErrorCode::NotAllowed);
    ministry.run("awa", Op::RequestWithdraw { id, reason: None }).await;
    assert_eq!(ministry.run("issa", board(None, None)).await["total"], 0);
    assert_eq!(ministry.refused("awa", down).await.code, ErrorCode::NotFound);
}
