//! Codes of the fake node: the request's id, twice.

use super::*;

/// How a code that is missing is told.
pub const MISSING: &str = "Of 2 codes 2 is not there yet: give all of them together.";

impl Coding for Fake {
    fn request_codes<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Vec<String>> {
        now(self.may(reader, |_| true).and_then(|_| {
            let state = self.state();
            let known = state.support.requests.iter().any(|request| request.id == id);
            let codes = (1..=2).map(|number| format!("tern1tqyq{number}{}", "s".repeat(600)));
            if known { Ok(codes.collect()) } else { Err(Refusal::NotFound) }
        }))
    }

    fn take_codes<'a>(&'a self, reader: &'a Reader, text: &'a str) -> Answer<'a, TakenCodes> {
        now(self.may(reader, |_| true).and_then(|_| match text.split_whitespace().count() {
            2 => Ok(TakenCodes {
                from: "Upland <Labour> Office".to_owned(),
                written: NOW,
                new: 1,
                known: 2,
                refused: vec!["It names <nobody>.".to_owned()],
            }),
            _ => Err(invalid("codes", MISSING)),
        }))
    }
}
