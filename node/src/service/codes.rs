//! Requests as codes, as the pages make and take them.

use std::sync::Arc;

use serde_json::Value;
use tern_crdt::timestamp::Timestamp;
use tern_web_ui::service::{Answer, Coding, Reader, TakenCodes};

use super::{Site, acting, refusal, seconds, sentence};
use crate::accounts::Account;
use crate::operator::NodeOperator;
use crate::ops::{Caller, Op, OpError, Operator};
use crate::running::Node;

async fn run(node: &Arc<Node>, account: Account, op: Op) -> Result<Value, OpError> {
    let caller = Caller { account: Some(account.name), ..Caller::default() };
    NodeOperator(Arc::clone(node)).run(caller, op).await
}

fn taken(answer: &Value) -> TakenCodes {
    let text = |member: &str| answer[member].as_str().unwrap_or_default();
    let number = |member: &str| answer[member].as_u64().unwrap_or_default();
    let refused = answer["refused"].as_array().map_or(&[][..], Vec::as_slice);
    let why = |one: &Value| one["reason"].as_str().map(sentence);
    TakenCodes {
        from: text("from").to_owned(),
        written: seconds(Timestamp(answer["written"].as_i64().unwrap_or_default())),
        new: number("new"),
        known: number("known"),
        refused: refused.iter().filter_map(why).collect(),
    }
}

impl Coding for Site {
    fn request_codes<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Vec<String>> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let made = run(node, account, Op::RequestCodes { id: id.to_owned() }).await;
            let made = made?;
            let codes = made["codes"].as_array().map_or(&[][..], Vec::as_slice);
            Ok(codes.iter().filter_map(|code| code.as_str().map(str::to_owned)).collect())
        })
    }

    fn take_codes<'a>(&'a self, reader: &'a Reader, text: &'a str) -> Answer<'a, TakenCodes> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let op = Op::BundleCodes { codes: text.to_owned() };
            run(node, account, op).await.map(|answer| taken(&answer)).map_err(refusal)
        })
    }
}
