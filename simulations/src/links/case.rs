//! What is measured: each case with two processes and a link of its own.

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::sleep;

use super::broken::{self, Broken};
use super::library::{Library, address, edit, publish};
use super::process::{Folder, Serving, until};
use super::stick::{self, Stick};
use super::{LinksError, Options, Transport, failed};
use crate::emulator::{Counts, Cut, Direction, Emulator, Every, Profile};

/// A failed attempt to meet is repeated after this.
const AGAIN: Duration = Duration::from_millis(500);
/// A connection over QUIC is given up when nothing came for half a minute: a
/// shorter cut does not end it.
const QUIC_DOWN: Duration = Duration::from_secs(35);
const TCP_DOWN: Duration = Duration::from_secs(2);
/// What a document takes on the link at most, in bytes: for patience alone.
const DOCUMENT_BYTES: u64 = 8_000;
/// What else a meeting may take.
const PATIENCE_MIN: Duration = Duration::from_secs(240);

/// A case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Case {
    /// The holder has published another edition of so many practices.
    Changed(u64),
    /// The same, and the other has published so many practices of its own.
    Both(u64),
    /// The other has nothing.
    Fresh,
    /// Both are in step; the holder publishes an edition.
    Edition,
    /// The other has nothing, and the link goes down after so many bytes, each
    /// time again.
    Cut(u64),
    /// Both are in step and nobody does anything, for so long.
    Idle(Duration),
    /// The other fetches a file of so many bytes, and the link goes down after
    /// so many, each time again.
    File(u64, Option<u64>),
    /// The other fetches a file of so many bytes, and the holder publishes an
    /// edition meanwhile.
    Beside(u64),
    /// The other has nothing, the link goes down after a drawn number of bytes,
    /// each time again, and nodes are killed.
    Broken,
    /// The holder has published another edition of so many practices, and only a
    /// stick goes there and back.
    Stick(u64),
}

impl Case {
    /// How many practices were changed, where that is the case.
    pub(super) const fn changed(&self) -> Option<u64> {
        match self {
            Self::Changed(count) => Some(*count),
            _ => None,
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(count) => write!(f, "{count} changed"),
            Self::Both(count) => write!(f, "{count} changed, {count} new at the other"),
            Self::Fresh => f.write_str("fresh node"),
            Self::Edition => f.write_str("new edition"),
            Self::Cut(bytes) => write!(f, "fresh, cut every {bytes} B"),
            Self::File(bytes, None) => write!(f, "file of {bytes} B"),
            Self::File(bytes, Some(cut)) => write!(f, "file of {bytes} B, cut every {cut} B"),
            Self::Beside(_) => f.write_str("new edition beside a file"),
            Self::Broken => f.write_str("fresh, cut anywhere and killed"),
            Self::Stick(count) => write!(f, "{count} changed, by stick"),
            Self::Idle(time) => write!(f, "idle {} s", time.as_secs()),
        }
    }
}

/// What a meeting on command told.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Told {
    /// Bytes before encryption that the dialler sent.
    pub sent_bytes: u64,
    /// And received.
    pub received_bytes: u64,
    /// Content among both, unpacked.
    pub content_bytes: u64,
    /// Of the bytes sent and received, content.
    pub packed_bytes: u64,
    /// How often the dialler had to wait.
    pub round_trips: u64,
}

/// What was measured; of a case that counts something else, 0 or nothing.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Figures {
    /// Until the case was reached: equal roots, or a readable edition.
    pub time: Duration,
    /// What passed, until it was quiet again.
    pub counts: Counts,
    /// What the nodes told of their meetings, where these were on command.
    pub told: Option<Told>,
    /// What the dialler counted as traffic with its peer, both ways, in bytes.
    pub traffic: u64,
    /// Attempts to meet that failed.
    pub failures: u64,
    /// Of a file that was fetched, in bytes: what arrived of it, each part as
    /// often as it came.
    pub file: Option<u64>,
    /// Of a link that went down all the time.
    pub broken: Option<Broken>,
    /// Of a stick.
    pub stick: Option<Stick>,
}

/// Two nodes with a link between.
pub(super) struct Pair {
    pub(super) holder: Serving,
    pub(super) other: Serving,
    pub(super) link: Emulator,
    pub(super) patience: Duration,
    quiet: Duration,
}

/// Measures a case in a folder of its own.
pub(super) async fn measure(
    case: Case,
    profile: Profile,
    transport: Transport,
    library: &Library,
    dir: &Path,
    options: &Options,
) -> Result<Figures, LinksError> {
    let (changes, new) = match case {
        Case::Changed(count) => (count, 0),
        Case::Both(count) => (count, count),
        _ => (0, 0),
    };
    let holder = library.copy(&library.changed(changes).await?, dir)?;
    let other = match case {
        Case::Fresh | Case::Cut(_) | Case::Broken => "newcomer".to_owned(),
        _ => library.wrote(new).await?,
    };
    let other = library.copy(&other, dir)?;
    if let Case::Stick(count) = case {
        return stick::measure(holder, other, library, count, dir).await;
    }
    let pair = Pair::start(case, profile, transport, holder, other, library, options).await?;
    match case {
        // A stick goes over no link.
        Case::Changed(_) | Case::Both(_) | Case::Fresh | Case::Stick(_) => pair.meet().await,
        Case::Broken => pair.broken().await,
        Case::Cut(_) => pair.converge().await,
        Case::Edition => pair.edition(library).await,
        Case::Idle(time) => pair.idle(time).await,
        Case::File(bytes, _) => pair.file(library, bytes, false).await,
        Case::Beside(bytes) => pair.file(library, bytes, true).await,
    }
}

impl Pair {
    async fn start(
        case: Case,
        mut profile: Profile,
        transport: Transport,
        holder: Folder,
        other: Folder,
        library: &Library,
        options: &Options,
    ) -> Result<Self, LinksError> {
        let every = match case {
            Case::Cut(bytes) | Case::File(_, Some(bytes)) => Some(Every::Bytes(bytes)),
            Case::Broken => Some(Every::About(broken::cut_bytes(library.ids.len() as u64))),
            _ => None,
        };
        if let Some(every) = every {
            let down = if transport == Transport::Quic { QUIC_DOWN } else { TCP_DOWN };
            profile.cut = Some(Cut { every, down });
        }
        let auto = !matches!(case, Case::Changed(_) | Case::Both(_) | Case::Fresh);
        let (holder, other) = (holder.serve(auto).await?, other.serve(auto).await?);
        let target = holder.listens(transport);
        let (tcp, udp) = match transport {
            Transport::Tcp => (target, None),
            Transport::Quic => (None, target),
        };
        let link = Emulator::start(profile, options.seed, tcp, udp).await;
        let link = link.map_err(failed("the link has no socket"))?;
        let proxy = link.tcp().or(link.udp()).ok_or(LinksError::Refused {
            asked: "serve".into(),
            said: "the holder tells no address".into(),
        })?;
        let address = address(proxy, transport, &holder.peer_id());
        other.operate(json!({ "op": "peers-add", "address": address })).await?;
        let file =
            if let Case::File(bytes, _) | Case::Beside(bytes) = case { 2 * bytes } else { 0 };
        let bits = (library.ids.len() as u64 * DOCUMENT_BYTES + file) * 8;
        let least =
            PATIENCE_MIN + Duration::from_secs(bits / profile.conditions.rate.unwrap_or(u64::MAX));
        let cuts = match profile.cut {
            Some(Cut { every: Every::Bytes(every) | Every::About(every), down }) => {
                // Pauses between dials grow while nothing settles.
                (down + Duration::from_secs(60))
                    * u32::try_from(bits / 8 / every).unwrap_or(u32::MAX)
            }
            _ => Duration::ZERO,
        };
        let patience = options.patience.unwrap_or(least.saturating_add(cuts));
        let quiet = 2 * profile.round_trip() + Duration::from_millis(500);
        Ok(Self { holder, other, link, patience, quiet })
    }

    /// Meetings on command until both hold the same.
    async fn meet(self) -> Result<Figures, LinksError> {
        let before = self.traffic().await?;
        let begun = Instant::now();
        let (mut told, mut failures) = (Told::default(), 0);
        let time = loop {
            let left = self.patience.saturating_sub(begun.elapsed());
            let op = json!({ "op": "meet", "peer": self.holder.node() });
            match tokio::time::timeout(left, self.other.operate(op)).await {
                Ok(Ok(report)) => {
                    told.add(&report);
                    if self.other.holds_as(&self.holder).await?.is_some() {
                        break begun.elapsed();
                    }
                }
                Ok(Err(LinksError::Refused { said, .. })) => {
                    eprintln!("an attempt to meet failed: {said}");
                    failures += 1;
                    sleep(AGAIN).await;
                }
                Ok(Err(other)) => return Err(other),
                Err(_) => return Err(self.too_late(failures).await),
            }
        };
        let traffic = self.traffic().await? - before;
        let counts = self.quiet_counts().await;
        Ok(Figures { time, counts, told: Some(told), traffic, failures, ..Figures::default() })
    }

    pub(super) async fn too_late(&self, failures: u64) -> LinksError {
        let held = self.other.status().await.map(|status| status["practices"].clone());
        let counts = self.link.counts();
        let what = format!(
            "both hold the same (the dialler has {} practices; {} B up, {} B down; {} cuts; \
             {failures} attempts failed)",
            held.unwrap_or_default(),
            counts[Direction::Up].wire_bytes,
            counts[Direction::Down].wire_bytes,
            counts.cuts,
        );
        LinksError::TooLate { what, seconds: self.patience.as_secs() }
    }

    /// Meetings unasked until both hold the same.
    async fn converge(self) -> Result<Figures, LinksError> {
        let begun = Instant::now();
        let before = self.traffic().await?;
        let same = async || self.other.holds_as(&self.holder).await;
        let reached = until("both hold the same", self.patience, same).await;
        if matches!(reached, Err(LinksError::TooLate { .. })) {
            return Err(self.too_late(0).await);
        }
        reached?;
        let time = begun.elapsed();
        let traffic = self.traffic().await?.saturating_sub(before);
        let counts = self.quiet_counts().await;
        Ok(Figures { time, counts, traffic, ..Figures::default() })
    }

    /// Both have met and are still.
    pub(super) async fn settle(&self) -> Result<(), LinksError> {
        let settled = async || {
            let peers = self.other.operate(json!({ "op": "peers-list" })).await?;
            let holder = self.holder.node();
            let items = peers["items"].as_array().into_iter().flatten();
            let here = items.into_iter().find(|peer| peer["node"] == json!(holder));
            let met = here.is_some_and(|p| p["connected"] == true && p["settled"] == true);
            Ok(met.then_some(()))
        };
        until("both nodes have met", self.patience, settled).await?;
        self.quiet_counts().await;
        Ok(())
    }

    /// From signing an edition until the other one shows it.
    async fn edition(self, library: &Library) -> Result<Figures, LinksError> {
        self.settle().await?;
        let first = library.ids.first().map(String::as_str).unwrap_or_default();
        let draft = edit(&self.holder, first).await?;
        self.link.take_counts();
        let before = self.traffic().await?;
        let begun = Instant::now();
        let edition = publish(&self.holder, &draft).await?;
        let shown = async || {
            let op = json!({ "op": "practice-show", "id": first });
            Ok((self.other.operate(op).await?["edition"] == edition).then_some(()))
        };
        until("the edition is shown", self.patience, shown).await?;
        let time = begun.elapsed();
        let counts = self.quiet_counts().await;
        let traffic = self.traffic().await? - before;
        Ok(Figures { time, counts, traffic, ..Figures::default() })
    }

    async fn idle(self, time: Duration) -> Result<Figures, LinksError> {
        self.settle().await?;
        self.link.take_counts();
        let before = self.traffic().await?;
        sleep(time).await;
        let counts = self.link.take_counts();
        let traffic = self.traffic().await? - before;
        Ok(Figures { time, counts, traffic, ..Figures::default() })
    }

    /// What passed, once nothing passes any more; or after the patience of a
    /// meeting, if something always does.
    pub(super) async fn quiet_counts(&self) -> Counts {
        let begun = Instant::now();
        while self.link.quiet() < self.quiet && begun.elapsed() < PATIENCE_MIN {
            sleep(self.quiet / 10).await;
        }
        self.link.counts()
    }

    /// Bytes that the dialler counted with its peer, today.
    pub(super) async fn traffic(&self) -> Result<u64, LinksError> {
        let status = self.other.status().await?;
        let peers = status["peers"].as_array().into_iter().flatten();
        Ok(peers.filter_map(|peer| peer["bytes_today"].as_u64()).sum())
    }
}

impl Told {
    /// What was said that is not content, both ways, in bytes.
    pub const fn said_bytes(&self) -> u64 {
        (self.sent_bytes + self.received_bytes).saturating_sub(self.packed_bytes)
    }

    fn add(&mut self, report: &Value) {
        let number = |name: &str| report[name].as_u64().unwrap_or_default();
        self.sent_bytes += number("sent_bytes");
        self.received_bytes += number("received_bytes");
        self.content_bytes += number("content_bytes");
        self.packed_bytes += number("packed_bytes");
        self.round_trips += number("round_trips");
    }
}
