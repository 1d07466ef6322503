//! A file beside a practice: attached at the holder, fetched by the other.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::sleep;

use super::LinksError;
use super::case::{Figures, Pair};
use super::library::{Library, edit, publish};
use super::process::until;

/// Bytes of one operation.
const PIECE_BYTES: usize = 512 * 1024;
/// How often to look how far it is.
const LOOK: Duration = Duration::from_millis(500);
/// A new edition is published once so much of the file is there.
const UNDER_WAY: u64 = 96 * 1024;

/// Bytes that nothing makes smaller, as digits.
fn piece(from: u64, length: usize) -> String {
    let mut state = from | 1;
    let mut digits = String::with_capacity(length * 2);
    for _ in 0..length {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        digits.push_str(&format!("{:02x}", state >> 56));
    }
    digits
}

impl Pair {
    /// Publishes an edition that names a file of so many bytes, and waits until
    /// the other knows it: its hash.
    async fn attach(&self, practice: &str, bytes: u64) -> Result<String, LinksError> {
        let begun = self.holder.operate(json!({ "op": "blob-begin" })).await?;
        let mut at = 0;
        while at < bytes {
            let length = usize::try_from(bytes - at).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
            let put =
                json!({ "op": "blob-put", "upload": begun["upload"], "bytes": piece(at, length) });
            self.holder.operate(put).await?;
            at += length as u64;
        }
        let attach = json!({
            "op": "blob-attach", "upload": begun["upload"], "id": practice, "name": "report.bin",
        });
        let attached = self.holder.operate(attach).await?;
        publish(&self.holder, attached["id"].as_str().unwrap_or_default()).await?;
        let hash = attached["hash"].as_str().unwrap_or_default().to_owned();
        let known = async || {
            let listed = self.other.operate(json!({ "op": "blob-list" })).await?;
            let mut items = listed["items"].as_array().into_iter().flatten();
            Ok(items.any(|item| item["hash"] == hash && item["state"] == "lacking").then_some(()))
        };
        until("the other knows of the file", self.patience, known).await?;
        self.quiet_counts().await;
        Ok(hash)
    }

    /// Fetches a file to its end. With `beside`, an edition is published when
    /// the file is under way, and the time is that until the other shows it.
    pub(super) async fn file(
        self,
        library: &Library,
        bytes: u64,
        beside: bool,
    ) -> Result<Figures, LinksError> {
        self.settle().await?;
        let first = library.ids.first().map(String::as_str).unwrap_or_default();
        let hash = self.attach(first, bytes).await?;
        let draft = edit(&self.holder, first).await?;
        self.link.take_counts();
        let before = self.traffic().await?;
        let mut begun = Instant::now();
        let mut shown = None;
        let (mut asked, mut published) = (false, None);
        loop {
            let told = self
                .other
                .operate(json!({ "op": "blob-get", "hash": hash, "begin": !asked }))
                .await;
            match told {
                Ok(told) if told["state"] == "whole" => break,
                Ok(told) if told["state"] == "failed" => {
                    eprintln!("the fetch ended: {}; it is asked for again", told["reason"]);
                    asked = false;
                }
                Ok(told) => {
                    asked = true;
                    if beside && published.is_none() && told["have"].as_u64() > Some(UNDER_WAY) {
                        begun = Instant::now();
                        published = Some(publish(&self.holder, &draft).await?);
                    }
                }
                Err(error) => return Err(error),
            }
            if let (Some(edition), None) = (&published, shown) {
                let op = json!({ "op": "practice-show", "id": first });
                if self.other.operate(op).await?["edition"] == *edition {
                    shown = Some(begun.elapsed());
                    break;
                }
            }
            if begun.elapsed() > self.patience {
                return Err(self.too_late(0).await);
            }
            sleep(LOOK).await;
        }
        let time = shown.unwrap_or_else(|| begun.elapsed());
        let traffic = self.traffic().await?.saturating_sub(before);
        let counts = self.link.counts();
        let status = self.other.status().await?;
        let file = status["link"]["spent"]["free"]["files"].as_u64();
        Ok(Figures { time, counts, traffic, file, ..Figures::default() })
    }
}
