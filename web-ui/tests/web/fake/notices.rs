//! What waits at the fake node, and how its people are told.

use super::*;

/// The secret of Amina's feed, and of a mail to her.
pub const SECRET: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
/// The code that is mailed.
pub const MAILED: &str = "01234567";

fn task(kind: &str, count: u32) -> Task {
    Task { kind: kind.into(), count }
}

impl Noticing for Fake {
    fn tasks<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<Task>> {
        now(self.may(reader, |_| true).map(|_| {
            let requests = self.count_waiting(reader);
            let asked = (requests > 0).then(|| task("asked", requests));
            asked.into_iter().chain([task("review", 1), task("later", 1)]).collect()
        }))
    }

    fn notices<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Notices> {
        now(self.may(reader, |_| true).map(|_| self.state().notices.clone()))
    }

    fn change_notices<'a>(
        &'a self,
        reader: &'a Reader,
        change: &'a NoticeChange,
    ) -> Answer<'a, Option<String>> {
        now(self.may(reader, |_| true).and_then(|_| {
            let notices = &mut self.state().notices;
            match change {
                NoticeChange::Mail { address: Some(address), .. }
                    if address.contains(['\n', ' ']) =>
                {
                    return Err(invalid("address", "This is no e-mail address."));
                }
                NoticeChange::Mail { address, often } => {
                    notices.often.clone_from(often);
                    if let Some(address) = address {
                        notices.pending = Some((address.clone(), true));
                    }
                }
                NoticeChange::Confirm(code) if code != MAILED => {
                    return Err(invalid("code", "This is not the code that was mailed."));
                }
                NoticeChange::Confirm(_) => {
                    notices.address = notices.pending.take().map(|(address, _)| address);
                }
                NoticeChange::Forget => (notices.address, notices.pending) = (None, None),
                NoticeChange::MakeFeed => {
                    notices.feed = true;
                    return Ok(Some(format!("/waiting/{SECRET}/feed.atom")));
                }
                NoticeChange::EndFeed => notices.feed = false,
            }
            Ok(None)
        }))
    }

    fn personal_feed<'a>(&'a self, token: &'a str) -> Answer<'a, PersonalFeed> {
        let known = token == SECRET && self.state().notices.feed;
        let entry = |id: &str, kind: &str| (id.to_owned(), kind.to_owned(), NOW);
        let entries = vec![entry("1f", "asked"), entry("2e", "review"), entry("3d", "later")];
        now(if known {
            Ok(PersonalFeed { lang: "en".into(), entries })
        } else {
            Err(Refusal::NotFound)
        })
    }

    fn stop_mail<'a>(&'a self, token: &'a str, really: bool) -> Answer<'a, ()> {
        now(if token == SECRET {
            if really {
                self.state().notices.often = "never".into();
            }
            Ok(())
        } else {
            Err(Refusal::NotFound)
        })
    }
}
