//! Files of the fake node: one is here, one comes, all others can be fetched.

use tern_web_ui::service::*;

use super::{Fake, now};

/// A file that is here.
pub const HERE: &str = "91c27f3ae0445d1891c27f3ae0445d1891c27f3ae0445d1891c27f3ae0445d18";
/// Its bytes.
pub const BYTES: &[u8] = b"%PDF-1.7 household survey";

impl Files for Fake {
    fn files<'a>(&'a self, reader: &'a Reader, hashes: &'a [String]) -> Answer<'a, Vec<FileState>> {
        let cost = FileCost {
            bytes: 6_700_000,
            seconds: 224,
            costly: true,
            cost: Some("56.95 USD".into()),
            may_fetch: reader.account.is_some(),
        };
        let fetched = self.state().fetched.clone();
        let state = |hash: &String| match hash.as_str() {
            HERE => FileState::Here,
            hash if fetched.contains(hash) => FileState::Coming {
                have: 1_200_000,
                bytes: 6_200_000,
                from: vec!["Registry of the Highlands".into()],
            },
            _ => FileState::Lacking(cost.clone()),
        };
        now(Ok(hashes.iter().map(state).collect()))
    }

    fn fetch_file<'a>(&'a self, _: &'a Reader, hash: &'a str) -> Answer<'a, ()> {
        self.state().fetched.insert(hash.to_owned());
        now(Ok(()))
    }

    fn file<'a>(&'a self, _: &'a Reader, hash: &'a str) -> Answer<'a, FileHead> {
        now(if hash == HERE {
            Ok(FileHead {
                name: "étude \"finale\"\r\nX: y.pdf".into(),
                media_type: "application/pdf".into(),
                bytes: BYTES.len() as u64,
            })
        } else {
            Err(Refusal::NotFound)
        })
    }

    fn file_bytes<'a>(&'a self, _: &'a str, at: u64) -> Answer<'a, Vec<u8>> {
        // A few at a time, to see that all come.
        let rest = BYTES.get(at as usize..).unwrap_or_default();
        now(Ok(rest[..rest.len().min(7)].to_vec()))
    }
}
