//! Every metric, seen to change by what it counts.

use std::collections::BTreeMap;

use serde_json::json;
use tern_crdt::identity::SecretKey;
use tern_node::metrics::{KNOWN, METRICS_PATH};
use tern_node::net::{NetEvent, NetSettings, start};

use super::super::patience::PATIENCE;
use super::super::requests::in_a_month;
use super::*;

/// Samples by name and labels, as they are told.
type Figures = BTreeMap<String, f64>;

/// These are caused in tests beside the code, where a broken disk, a liar or a
/// year is at hand: `metrics::traffic`, `indexer`, `doctor::replica`; and where a mail
/// server is: `notifying`.
const CAUSED_ELSEWHERE: [&str; 9] = [
    "tern_repeated_pieces_total",
    "tern_refused_pieces_total",
    "tern_damaged_total",
    "tern_practices_quarantined",
    "tern_index_queue",
    "tern_expert_cards_ending",
    "tern_link_contacts",
    "tern_link_costly_bytes",
    "tern_mail_refused_addresses",
];

fn figures(node: &Served) -> Figures {
    let answer = node.get(METRICS_PATH).expect("a node that answers");
    assert_eq!(answer.status, 200, "{}", answer.body);
    let samples = answer.body.lines().filter(|line| !line.starts_with('#'));
    samples
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').expect("a name and a value");
            (name.to_owned(), value.parse().expect("a number"))
        })
        .collect()
}

/// A stranger that says something which is no word of the protocol, or leaves
/// at once.
fn stranger(address: &str, says: Option<&'static [u8]>) {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(async {
        let key = SecretKey::from_seed(&[says.map_or(8, |_| 9); 32]);
        let settings = NetSettings::new(key, Vec::new());
        let (net, mut events) = start(settings).await.expect("a network");
        net.dial(None, vec![address.to_owned()]);
        let shown_out = async {
            while let Some(event) = events.recv().await {
                match (event, says) {
                    (NetEvent::Opened { link, .. }, Some(words)) => net.send(link, words.into()),
                    (NetEvent::Opened { .. } | NetEvent::Closed { .. }, _) => return,
                    (NetEvent::DialFailed { reason, .. }, _) => panic!("{reason}"),
                    _ => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, shown_out).await.expect("it is shown the door");
        net.shutdown().await;
    });
}

fn asks(desk: &Desk) {
    let request = json!({
        "title": "Registering births abroad", "need": "what we want to know ".repeat(20),
        "support_types": ["question"], "objectives": [4], "needed_by": in_a_month(),
    });
    let file = desk.file("request.json", request.to_string());
    desk.ask(&["request", "ask", &file]);
}

fn shows_card(desk: &Desk) {
    let card = json!({ "objectives": [4], "support_types": ["question"] });
    let file = desk.file("card.json", card.to_string());
    desk.ask(&["expert", "card", &file]);
}

/// A sample, and what has become of it.
type Seen = (&'static str, fn(f64, f64) -> bool);

/// What is seen of each metric after everything happened that it counts.
const SEEN: &[Seen] = &[
    ("tern_build_info{version=\"0.1.0\"}", |before, after| before == 1.0 && after == 1.0),
    ("process_start_time_seconds", |before, after| before > 1.7e9 && before == after),
    ("process_resident_memory_bytes", |_, after| after > 1e6),
    ("process_cpu_seconds_total", |before, after| after > before),
    ("tern_members", |before, after| (before, after) == (1.0, 2.0)),
    ("tern_documents", |before, after| (before, after) == (0.0, 1.0)),
    ("tern_practices", |before, after| (before, after) == (0.0, 1.0)),
    ("tern_records", |before, after| after > before),
    ("tern_parcels", |before, after| before == 0.0 && after >= 1.0),
    ("tern_store_disk_bytes", |before, after| before > 0.0 && after > 0.0),
    ("tern_store_live_bytes", |before, after| after > before),
    ("tern_store_entries", |before, after| after > before),
    ("tern_store_journal_bytes", |before, after| after > before),
    ("tern_store_generation", |_, after| after >= 1.0),
    ("tern_store_commits_total", |before, after| after > before),
    ("tern_store_sync_seconds_count", |before, after| after > before),
    ("tern_store_sync_seconds_sum", |before, after| after > before),
    ("tern_disk_bytes{kind=\"journal\"}", |before, after| after > before),
    ("tern_disk_bytes{kind=\"keys\"}", |_, after| after > 0.0),
    ("tern_disk_free_bytes", |_, after| after > 0.0),
    ("tern_peers_known", |before, after| before == 0.0 && after >= 1.0),
    ("tern_peers_connected", |before, after| before == 0.0 && after >= 1.0),
    ("tern_meetings_total{outcome=\"settled\"}", |before, after| after > before),
    ("tern_meetings_total{outcome=\"broken\"}", |before, after| after > before),
    ("tern_meetings_total{outcome=\"hung_up\"}", |before, after| after > before),
    ("tern_meetings_total{outcome=\"unreachable\"}", |before, after| after > before),
    ("tern_meeting_sent_bytes_total", |before, after| after > before),
    ("tern_meeting_received_bytes_total", |before, after| after > before),
    ("tern_index_practices", |before, after| (before, after) == (0.0, 1.0)),
    ("tern_index_commit_seconds_count", |before, after| after > before),
    ("tern_http_request_seconds_count{status=\"2xx\"}", |before, after| after > before),
    ("tern_http_request_seconds_count{status=\"4xx\"}", |before, after| after > before),
    ("tern_requests_open{state=\"submitted\"}", |before, after| before + after < 2.0),
    ("tern_keys_locked", |before, after| (before, after) == (1.0, 1.0)),
    ("tern_link_free_bytes{purpose=\"library\"}", |before, after| after > before),
    ("tern_mail_total{outcome=\"delayed\"}", |before, after| after > before),
    ("tern_mail_queue", |before, after| (before, after) == (0.0, 1.0)),
    ("tern_link_allowance_bytes", |_, after| after == 50e6),
];

#[test]
fn every_metric_is_seen_to_change_by_what_it_counts() {
    let niger = Desk::founded("Civil registry of Niger", "NE", "Hama Tou");
    let phrase = niger.file("phrase", "harmattan\n");
    niger.ask(&["account", "add", "issa", "--person", "Issa Garba", "--passphrase-file", &phrase]);
    let mut command = niger.command(&["serve", "--json"]);
    // Nobody answers there.
    command.env("TERN_MAIL_SERVER", "127.0.0.1:1").env("TERN_MAIL_TLS", "none");
    command.env("TERN_MAIL_FROM", "tern@example.org");
    let served = Served::start(&niger, command);
    let before = figures(&served);
    for absent in ["tern_last_meeting_timestamp_seconds", "tern_backup_last_timestamp_seconds"] {
        assert!(!before.contains_key(absent), "{absent}: what never was is absent");
    }
    niger.ask(&["link", "set", "--class", "metered", "--monthly-mb", "50"]);
    niger.ask(&["account", "notices", "--address", "hama@example.org"]);
    niger.publish(&practice("Registering every birth"));
    let (nepal, at_nepal) = joined(&niger, "Upland Labour Office", "NP", "Bina Example");
    in_step(&[&served, &at_nepal]);
    shows_card(&nepal);
    until("Niger knows the expert", REACHED, || {
        (niger.ask(&["expert", "list"])["total"] == 1).then_some(())
    });
    asks(&niger);
    stranger(&served.tcp(), Some(b"good morning"));
    stranger(&served.tcp(), None);
    niger.ask(&["peers", "add", "/ip4/127.0.0.1/tcp/1"]);
    assert_eq!(served.get("/no-such-page").expect("answers").status, 404);
    let made = seconds();
    note_backup(&niger.data(), made);
    let wrong = |after: &Figures| {
        let value = |figures: &Figures, name: &str| figures.get(name).copied().unwrap_or(f64::NAN);
        let wrong =
            SEEN.iter().find(|(name, fits)| !fits(value(&before, name), value(after, name)));
        wrong.map(|(name, _)| {
            format!("{name}: {} then {}", value(&before, name), value(after, name))
        })
    };
    let mut last = String::new();
    let (after, _) = until("every metric has its value", REACHED, || {
        let after = figures(&served);
        match wrong(&after) {
            None => Some(after),
            // The last one is told when patience ends.
            Some(wrong) => {
                if wrong != last {
                    eprintln!("not yet: {wrong}");
                    last = wrong;
                }
                None
            }
        }
    });
    let open: f64 = after
        .iter()
        .filter(|(name, _)| name.starts_with("tern_requests_open"))
        .map(|(_, count)| count)
        .sum();
    assert_eq!(open, 1.0, "the request is in one state: {after:?}");
    assert_eq!(after["tern_backup_last_timestamp_seconds"], made as f64);
    let met = after["tern_last_meeting_timestamp_seconds"];
    assert!((met - seconds() as f64).abs() < 120.0, "{met}");
    for name in CAUSED_ELSEWHERE {
        let samples = after.iter().filter(|(sample, _)| sample.starts_with(name));
        assert_eq!(samples.map(|(_, value)| value).sum::<f64>(), 0.0, "{name}");
    }
    all_are_named(&after);
    names_nobody(&served);
}

/// A metric that no test names fails here.
fn all_are_named(told: &Figures) {
    let named = |metric: &str| {
        let by_sample = |(sample, _): &Seen| {
            let name = sample.split('{').next().unwrap_or_default();
            [metric.to_owned(), format!("{metric}_count"), format!("{metric}_sum")]
                .contains(&name.to_owned())
        };
        SEEN.iter().any(by_sample)
            || CAUSED_ELSEWHERE.contains(&metric)
            || ["tern_last_meeting_timestamp_seconds", "tern_backup_last_timestamp_seconds"]
                .contains(&metric)
    };
    for metric in KNOWN {
        assert!(named(metric.name), "no test causes {}", metric.name);
        let is_told = told.keys().any(|sample| sample.starts_with(metric.name));
        assert!(is_told, "{} is never told", metric.name);
    }
}

fn names_nobody(node: &Served) {
    let told = node.get(METRICS_PATH).expect("answers").body;
    for name in ["Niger", "Hama", "hama@", "Upland", "Bina", "Issa", "birth", "tern1"] {
        assert!(!told.contains(name), "{name}");
    }
    let help = told.lines().filter(|line| line.starts_with("# HELP ")).count();
    let kinds = told.lines().filter(|line| line.starts_with("# TYPE ")).count();
    assert_eq!((help, kinds), (KNOWN.len(), KNOWN.len()));
}

#[test]
fn figures_are_for_this_machine_and_for_whoever_brings_the_token() {
    let chad = Desk::founded("Civil registry of Chad", "TD", "Amina Example");
    for (access, here, passed_on, token) in
        [("loopback", 200, 403, 200), ("token", 403, 403, 200), ("off", 403, 403, 403)]
    {
        let mut command = chad.command(&["serve", "--json"]);
        command.env("TERN_METRICS_ACCESS", access);
        let served = Served::start(&chad, command);
        let status = |headers: &[(&str, &str)]| served.get_with(METRICS_PATH, headers).status;
        assert_eq!(status(&[]), here, "{access}");
        assert_eq!(status(&[("x-forwarded-for", "192.0.2.7")]), passed_on, "{access}");
        let bearer = served.bearer();
        assert_eq!(status(&[("authorization", bearer.trim())]), token, "{access}");
        assert_eq!(status(&[("authorization", "Bearer tern_0000"), ("via", "1.1 p")]), 403);
        served.stop();
    }
}
