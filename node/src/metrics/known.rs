//! Every metric, once: its name, its kind, its label, its sentence.

/// What a metric does over time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Goes up and down.
    Gauge,
    /// Only grows, and begins anew when the node starts.
    Counter,
    /// How often something happened, and how long it took.
    Histogram,
}

impl Kind {
    /// Its word in the text format.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
            Self::Histogram => "histogram",
        }
    }
}

/// One metric.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Metric {
    /// As watchers ask for it.
    pub name: &'static str,
    /// What it does over time.
    pub kind: Kind,
    /// The name of its one label, if it has one.
    pub label: Option<&'static str>,
    /// One sentence.
    pub help: &'static str,
}

/// Declares metrics and lists them, so that none can be told and not be known.
macro_rules! metrics {
    (@label) => { None };
    (@label $label:literal) => { Some($label) };
    ($($constant:ident $kind:ident $name:literal $([$label:literal])? $help:literal;)*) => {
        $(#[doc = $help]
        pub const $constant: Metric = Metric {
            name: $name,
            kind: Kind::$kind,
            label: metrics!(@label $($label)?),
            help: $help,
        };)*

        /// All metrics, in the order in which they are told.
        pub const KNOWN: &[Metric] = &[$($constant),*];
    };
}

metrics! {
    BUILD Gauge "tern_build_info" ["version"] "Always 1, with the version of this program.";
    STARTED Gauge "process_start_time_seconds" "When the node was opened, in seconds since 1970.";
    MEMORY Gauge "process_resident_memory_bytes" "Memory of the process that is in RAM.";
    PROCESSOR Counter "process_cpu_seconds_total" "Time that the process has computed.";
    MEMBERS Gauge "tern_members" "Organisations that are members of the federation.";
    DOCUMENTS Gauge "tern_documents" "Documents held.";
    PRACTICES Gauge "tern_practices" "Practices held.";
    RECORDS Gauge "tern_records" "Signed records held.";
    PARCELS Gauge "tern_parcels" "Sealed parcels carried.";
    STORE_DISK Gauge "tern_store_disk_bytes" "What the store takes up on the disk.";
    STORE_LIVE Gauge "tern_store_live_bytes" "What of the store is alive: keys and values.";
    STORE_ENTRIES Gauge "tern_store_entries" "Keys of the store that have a value.";
    JOURNAL Gauge "tern_store_journal_bytes" "The length of the journal.";
    GENERATION Gauge "tern_store_generation" "The number of the journal's generation.";
    COMMITS Counter "tern_store_commits_total" "Batches that were made durable.";
    SYNCS Histogram "tern_store_sync_seconds" "Waits for the disk to make a file durable (fsync).";
    DISK Gauge "tern_disk_bytes" ["kind"] "What the data folder takes up, by what it is for.";
    DISK_FREE Gauge "tern_disk_free_bytes" "Free space on the disk of the data folder.";
    DAMAGED Counter "tern_damaged_total" "Stored things that could not be read any more.";
    PEERS_KNOWN Gauge "tern_peers_known" "Other nodes that are known here.";
    PEERS_CONNECTED Gauge "tern_peers_connected" "Other nodes that are connected now.";
    MEETINGS Counter "tern_meetings_total" ["outcome"] "Meetings with other nodes, by how they ended.";
    SENT Counter "tern_meeting_sent_bytes_total" "Bytes sent in meetings, before encryption.";
    RECEIVED Counter "tern_meeting_received_bytes_total" "Bytes received in meetings, after decryption.";
    LINK_COSTLY Gauge "tern_link_costly_bytes" ["purpose"] "Bytes of this month over links that cost money, both ways, by what they were for.";
    LINK_FREE Gauge "tern_link_free_bytes" ["purpose"] "Bytes of this month over other links, both ways, by what they were for.";
    LINK_CONTACTS Gauge "tern_link_contacts" "Links of this month that were opened and cost money.";
    LINK_ALLOWANCE Gauge "tern_link_allowance_bytes" "Bytes that may cost money in a month; absent if nobody set a limit.";
    LAST_MET Gauge "tern_last_meeting_timestamp_seconds" "When another node was last met, in seconds since 1970.";
    REPEATED Counter "tern_repeated_pieces_total" "Pieces that peers sent although they were held.";
    REFUSED Counter "tern_refused_pieces_total" "Pieces that peers sent and that were not held.";
    QUARANTINED Gauge "tern_practices_quarantined" "Practices that are held and do not count, so that no search finds them.";
    INDEXED Gauge "tern_index_practices" "Practices that searches find.";
    INDEX_QUEUE Gauge "tern_index_queue" "Practices that wait to be put where searches find them.";
    INDEXING Histogram "tern_index_commit_seconds" "Times in which changes were put where searches find them.";
    VISITS Histogram "tern_http_request_seconds" ["status"] "Requests to pages and API, by class of status.";
    REQUESTS Gauge "tern_requests_open" ["state"] "Requests for support that this node can open and that are not over.";
    KEYS_LOCKED Gauge "tern_keys_locked" "Keys that read requests and wait for their passphrase.";
    BACKUP Gauge "tern_backup_last_timestamp_seconds" "When the last backup was made, in seconds since 1970; absent if never.";
    MAIL Counter "tern_mail_total" ["outcome"] "Attempts to hand a mail to the mail server, by what became of them.";
    MAIL_QUEUE Gauge "tern_mail_queue" "Mails that wait to be sent; absent if this node sends none.";
    MAIL_REFUSED Gauge "tern_mail_refused_addresses" "Addresses of people here that the mail server refuses; absent if this node sends none.";
    ENDING Gauge "tern_expert_cards_ending" "Expert cards of this node's people that end soon or have ended.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_guide_has_a_row_for_every_metric_and_for_nothing_else() {
        let guide = include_str!("../../../deploy/watching.md");
        let rows = guide.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        let told: Vec<&str> = rows.filter(|name| name.contains('_')).collect();
        assert_eq!(told, KNOWN.iter().map(|metric| metric.name).collect::<Vec<_>>());
    }

    #[test]
    fn names_follow_the_conventions_of_the_field() {
        let names: BTreeSet<&str> = KNOWN.iter().map(|metric| metric.name).collect();
        assert_eq!(names.len(), KNOWN.len(), "each name once");
        for Metric { name, kind, label, help } in KNOWN {
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{name}");
            assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}");
            if *kind == Kind::Histogram {
                assert!(name.ends_with("_seconds"), "{name}");
            }
            assert!(help.ends_with('.') && !help.contains(['\n', '\\']), "{name}: {help}");
            let allowed = ["version", "kind", "outcome", "status", "state", "purpose"];
            assert!(label.is_none_or(|label| allowed.contains(&label)), "{name}");
        }
    }
}
