//! What waits for a person and how they are told, as the pages show it.

use tern_web_ui::service::{
    Answer, NoticeChange, Notices, Noticing, PersonalFeed, Reader, Refusal, Task,
};

use super::{Site, acting, seconds};
use crate::notices::{Change, Often, by_kind, feed_path};
use crate::ops::{ErrorCode, OpError};

fn change(asked: &NoticeChange) -> Result<Change, OpError> {
    let change = Change::default();
    Ok(match asked {
        NoticeChange::Mail { address, often } => {
            let often = Often::from_code(often).ok_or_else(|| {
                OpError::new(ErrorCode::Invalid, "choose how often you are told").in_field("often")
            })?;
            let read = |text: &String| {
                let typed = text.parse::<crate::notices::MailAddress>();
                typed.map_err(|why| {
                    OpError::new(ErrorCode::Invalid, why.to_string()).in_field("address")
                })
            };
            let address = address.as_ref().map(read).transpose()?;
            Change { address, often: Some(often), ..change }
        }
        NoticeChange::Confirm(code) => Change { code: Some(code.clone()), ..change },
        NoticeChange::Forget => Change { forget: true, ..change },
        NoticeChange::MakeFeed => Change { feed: Some(true), ..change },
        NoticeChange::EndFeed => Change { feed: Some(false), ..change },
    })
}

impl Noticing for Site {
    fn tasks<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Vec<Task>> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let waits = node.waits_for(&account).await?;
            let task = |(kind, count, _): (crate::notices::Kind, u32, _)| Task {
                kind: kind.code().to_owned(),
                count,
            };
            Ok(by_kind(&waits).into_iter().map(task).collect())
        })
    }

    fn notices<'a>(&'a self, reader: &'a Reader) -> Answer<'a, Notices> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let record = node.notice_record(&account.name).await?;
            Ok(Notices {
                mails: node.settings().mail.server.is_some(),
                pending: record.pending.map(|pending| (pending.address, pending.mailed)),
                often: record.often.code().to_owned(),
                mailed: record.mailed.map(seconds),
                refused: record.failure.map(|failure| (seconds(failure.at), failure.code)),
                feed: record.feed.is_some(),
                address: record.address,
            })
        })
    }

    fn change_notices<'a>(
        &'a self,
        reader: &'a Reader,
        asked: &'a NoticeChange,
    ) -> Answer<'a, Option<String>> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let told = node.change_notices(&account, change(asked)?).await.map_err(|error| {
                // What stands beside a field is shown there, whatever its kind.
                match &error.field {
                    Some(_) => OpError { code: ErrorCode::Invalid, ..error },
                    None => error,
                }
            });
            Ok(told?.feed.map(|feed| feed_path(&feed)))
        })
    }

    fn personal_feed<'a>(&'a self, token: &'a str) -> Answer<'a, PersonalFeed> {
        Box::pin(async move {
            let found = self.open()?.feed_of(token).await?;
            let (lang, entries) = found.ok_or(Refusal::NotFound)?;
            let entry = |(id, kind, since): (String, crate::notices::Kind, _)| {
                (id, kind.code().to_owned(), seconds(since))
            };
            Ok(PersonalFeed { lang, entries: entries.into_iter().map(entry).collect() })
        })
    }

    fn stop_mail<'a>(&'a self, token: &'a str, really: bool) -> Answer<'a, ()> {
        Box::pin(async move {
            let known = self.open()?.stop_mail(token, really).await?;
            if known { Ok(()) } else { Err(Refusal::NotFound) }
        })
    }
}
