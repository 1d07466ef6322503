//! What the settings promise.

use tern_crdt::identity::SecretKey;

use super::*;

const DEPLOYED: &str = include_str!("../../../deploy/tern.toml");

/// Settings of a node whose file holds `text`.
fn with_file(text: &str) -> Result<Loaded, ConfigError> {
    load(text, &[], &Flags::default())
}

fn load(text: &str, variables: &[(&str, &str)], flags: &Flags) -> Result<Loaded, ConfigError> {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = DataFolder::at(dir.path());
    std::fs::write(folder.settings_file(), text).expect("written");
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Loaded::load(&folder, &variables.iter().map(own).collect(), flags)
}

/// The sentence that refuses `text`, without the folder before the file name.
fn refusal(text: &str) -> String {
    let refused = with_file(text).expect_err("refused").to_string();
    let (_, sentence) = refused.split_once("tern.toml ").expect("it names the file");
    sentence.to_owned()
}

#[test]
fn the_deployed_file_gives_every_setting_its_default_and_one_sentence() {
    let loaded = with_file(DEPLOYED).expect("accepted");
    assert_eq!(loaded.settings, Settings::default());
    for (key, _, source) in loaded.rows() {
        assert_eq!(source, Source::File, "{key} is in the file");
        let name = key.rsplit('.').next().expect("a name");
        let mut lines = DEPLOYED.lines();
        let before =
            lines.by_ref().take_while(|line| !line.starts_with(&format!("{name} ="))).last();
        let sentence = before.expect("a line before");
        assert!(sentence.starts_with("# ") && sentence.ends_with('.'), "{key}: {sentence}");
    }
}

#[test]
fn without_a_file_the_defaults_are_those_promised() {
    let folder = DataFolder::at("/nonexistent");
    let loaded = Loaded::load(&folder, &Environment::new(), &Flags::default()).expect("defaults");
    assert_eq!(loaded.settings, Settings::default());
    assert_eq!(loaded.settings.http.to_string(), "127.0.0.1:8480");
}

#[test]
fn a_flag_overrides_a_variable_and_a_variable_the_file() {
    let file = "http = \"127.0.0.1:1\"\n[net]\ndial = \"lan\"\n[meet]\nauto = false\n";
    let variables = [("TERN_HTTP", "127.0.0.1:2"), ("TERN_NET_DIAL", "saved")];
    let flags =
        Flags { http: "127.0.0.1:3".parse().ok(), listen: vec!["/ip4/0.0.0.0/tcp/0".into()] };
    let loaded = load(file, &variables, &flags).expect("accepted");
    assert_eq!(loaded.settings.http.port(), 3);
    assert_eq!(loaded.settings.dial, Dial::Saved);
    assert!(!loaded.settings.meet_auto);
    assert_eq!(loaded.settings.listen, ["/ip4/0.0.0.0/tcp/0"], "replaced, not added");
    let sources: BTreeMap<_, _> =
        loaded.rows().into_iter().map(|(key, _, source)| (key, source)).collect();
    assert_eq!(sources["http"], Source::CommandLine);
    assert_eq!(sources["net.dial"], Source::Environment);
    assert_eq!(sources["meet.auto"], Source::File);
    assert_eq!(sources["log.level"], Source::Default);
}

#[test]
fn a_variable_gives_lists_and_flags_as_text() {
    let variables = [
        ("TERN_HOSTS", "hub.example.org, Tern.Local"),
        ("TERN_MEET_AUTO", "false"),
        ("TERN_NET_LISTEN", "/ip4/0.0.0.0/tcp/0"),
    ];
    let settings = load("", &variables, &Flags::default()).expect("accepted").settings;
    assert_eq!(settings.hosts, ["hub.example.org", "tern.local"]);
    assert!(!settings.meet_auto);
    assert_eq!(settings.listen, ["/ip4/0.0.0.0/tcp/0"]);
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_the_nearest_known_one() {
    assert_eq!(
        refusal("http = \"127.0.0.1:0\"\n\n[net]\ndail = \"saved\"\n"),
        "line 4: `net.dail` is no setting; did you mean `net.dial`?"
    );
    assert_eq!(
        refusal("[nett]\ndial = \"lan\"\n"),
        "line 2: `nett.dial` is no setting; did you mean `net.dial`?"
    );
    assert_eq!(
        refusal("telemetry = true\n"),
        "line 1: `telemetry` is no setting; deploy/tern.toml lists all of them"
    );
    assert_eq!(
        refusal("[telemetry]\n"),
        "line 1: `telemetry` is no setting; deploy/tern.toml lists all of them"
    );
}

#[test]
fn a_setting_in_the_wrong_table_and_a_misspelt_table_are_refused_with_the_right_one() {
    for (text, told) in [
        ("dial = \"lan\"", "line 1: `dial` is no setting; did you mean `net.dial`?"),
        ("[net]\nlevel = \"info\"", "line 2: `net.level` is no setting; did you mean `log.level`?"),
        ("[nett]\n", "line 1: `nett` is no setting; did you mean the table `[net]`?"),
        (
            "net = 1",
            "line 1: `net` is a table; its settings are `net.listen`, `net.announce`, `net.dial`, `net.mdns`, `net.upnp`, `net.proxy`, `net.relay`, `net.relayed`, `net.memory_mb`",
        ),
    ] {
        assert_eq!(refusal(text), told);
    }
}

#[test]
fn every_setting_is_overridden_by_its_variable() {
    let key = crate::hex::encode(SecretKey::from_seed(&[7; 32]).public().as_bytes());
    let variables = [
        ("TERN_HTTP", "[::1]:8080"),
        ("TERN_HOSTS", "hub.example.org"),
        ("TERN_PUBLIC", "https://tern.example.org/"),
        ("TERN_HTTPS", "true"),
        ("TERN_NET_LISTEN", "/ip4/127.0.0.1/tcp/0"),
        ("TERN_NET_ANNOUNCE", "/dns4/hub.example.org/tcp/4480"),
        ("TERN_NET_DIAL", "saved"),
        ("TERN_NET_MDNS", "false"),
        ("TERN_NET_UPNP", "false"),
        ("TERN_NET_PROXY", "socks5://192.0.2.1:1080"),
        ("TERN_NET_RELAY", "off"),
        ("TERN_NET_RELAYED", "never"),
        ("TERN_NET_MEMORY_MB", "2000"),
        ("TERN_MEET_AUTO", "false"),
        ("TERN_LINK_CLASS", "satellite"),
        ("TERN_DRAFTS_LETTERS", "false"),
        ("TERN_DRAFTS_LETTERS_AFTER", "60"),
        ("TERN_BLOBS_FILE_MB", "4000"),
        ("TERN_BLOBS_FILES", "50"),
        ("TERN_BLOBS_QUOTA_MB", "20000"),
        ("TERN_METRICS_ACCESS", "off"),
        ("TERN_MAIL_SERVER", "mail.example.org:465"),
        ("TERN_MAIL_TLS", "implicit"),
        ("TERN_MAIL_USER", "tern"),
        ("TERN_MAIL_PASSWORD_FILE", "/etc/tern/mail-password"),
        ("TERN_MAIL_AUTHORITIES", "/etc/tern/authority.pem"),
        ("TERN_MAIL_FROM", "tern@example.org"),
        ("TERN_MAIL_LINKS", "free"),
        ("TERN_DISCUSSIONS_FOLLOW", "Upland Labour Office"),
        ("TERN_UPGRADE_KEYS", key.as_str()),
        ("TERN_LOG_LEVEL", "debug"),
        ("TERN_LOG_FORMAT", "json"),
    ];
    let loaded = load(DEPLOYED, &variables, &Flags::default()).expect("accepted");
    assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    let defaults = Loaded::defaults().rows();
    for ((key, value, source), (_, default, _)) in loaded.rows().into_iter().zip(defaults) {
        assert_eq!(source, Source::Environment, "{key}");
        assert_ne!(value, default, "{key}");
    }
}

#[test]
fn a_number_is_whole_and_within_its_bound() {
    let loaded = load("[blobs]\nfile_mb = 1_000\n", &[], &Flags::default()).expect("accepted");
    assert_eq!(loaded.settings.blobs_file, 1_000_000_000);
    for text in ["[blobs]\nfiles = 51", "[blobs]\nfile_mb = -1", "[blobs]\nfile_mb = 2.5"] {
        assert!(refusal(text).contains("is a whole number"), "{}", refusal(text));
    }
}

#[test]
fn a_variable_that_is_empty_or_almost_known_is_told_with_what_to_do() {
    let refused = load("", &[("TERN_HTTP", "")], &Flags::default()).expect_err("refused");
    assert_eq!(
        refused.to_string(),
        "the environment variable TERN_HTTP: it is empty: leave it out to keep the other value"
    );
    let none = load("", &[("TERN_NET_LISTEN", "")], &Flags::default()).expect("an empty list");
    assert!(none.settings.listen.is_empty());
    for (name, near) in [
        ("TERN_DIAL", "TERN_NET_DIAL"),
        ("TERN_DATA_DIR", "TERN_DATA"),
        ("TERN_PASSPHRASE", "TERN_PASSPHRASE_FILE"),
    ] {
        let told = load("", &[(name, "x")], &Flags::default()).expect("accepted").warnings;
        assert_eq!(told, [format!("the variable {name} is ignored: did you mean {near}?")]);
    }
    let told = load("", &[("TERN_COLOUR", "x")], &Flags::default()).expect("accepted").warnings;
    assert_eq!(told, ["the variable TERN_COLOUR is ignored: it is no setting of Tern"]);
}

#[test]
fn a_broken_line_is_one_sentence_with_its_number() {
    for (text, line) in [
        ("http = \"127.0.0.1:0\"\nhosts = [\"a\"\nhttps = true\n", 3),
        ("http 127.0.0.1\n", 1),
        ("\n\nhttps = ture\n", 3),
        ("https = true\nhttps = false\n", 2),
    ] {
        let told = refusal(text);
        assert!(told.starts_with(&format!("line {line}: this is not TOML: ")), "{told}");
        assert!(!told.contains('\n'), "{told}");
    }
}

#[test]
fn a_value_that_a_setting_cannot_have_is_refused_with_what_it_can() {
    for (text, why) in [
        ("http = 8480", "line 1: `http`: this setting is a text in quotes, not a number"),
        (
            "http = \"8480\"",
            "line 1: `http`: `8480` is no address and port; write one like 127.0.0.1:8480 or [::1]:8480",
        ),
        ("https = \"maybe\"", "line 1: `https`: this setting is true or false, not `maybe`"),
        ("https = 1", "line 1: `https`: this setting is true or false, not a number"),
        (
            "hosts = \"http://hub.example.org\"",
            "line 1: `hosts`: `http://hub.example.org` is no host name; write it without http:// and without a port",
        ),
        (
            "public = \"https://tern.example.org/library\"",
            "line 1: `public`: `https://tern.example.org/library` is no address like https://tern.example.org, without a path",
        ),
        (
            "hosts = [1]",
            "line 1: `hosts`: this setting is a list of texts in quotes, not a list of other things",
        ),
        (
            "[net]\ndial = \"all\"",
            "line 2: `net.dial`: this setting is one of members, lan, saved, not `all`",
        ),
        (
            "[net]\nannounce = [\"/ip4/192.0.2.7/tcp/4480/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp\"]",
            "line 2: `net.announce`: `/ip4/192.0.2.7/tcp/4480/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp` names a node; write it without /p2p/ and what follows",
        ),
        (
            "[net]\nlisten = [\"0.0.0.0:4480\"]",
            "line 2: `net.listen`: `0.0.0.0:4480` is not an address: invalid multiaddr; write it like /ip4/192.0.2.7/udp/4480/quic-v1",
        ),
        (
            "[net]\nannounce = [\"/ip4/0.0.0.0/tcp/4480\"]",
            "line 2: `net.announce`: `/ip4/0.0.0.0/tcp/4480` leads nowhere: name the address and the port at which others reach this node",
        ),
        (
            "[link]\nclass = \"dial-up\"",
            "line 2: `link.class`: this setting is one of unknown, lan, broadband, metered, satellite, not `dial-up`",
        ),
        (
            "[metrics]\naccess = \"all\"",
            "line 2: `metrics.access`: this setting is one of loopback, token, off, not `all`",
        ),
        (
            "[log]\nlevel = \"loud\"",
            "line 2: `log.level`: `loud` is no level; use error, warn, info, debug, trace, off, or a filter like info,tern_node=debug",
        ),
        (
            "[log]\nlevel = \"loud=very\"",
            "line 2: `log.level`: `loud=very` is no level; use error, warn, info, debug, trace, off, or a filter like info,tern_node=debug",
        ),
    ] {
        assert_eq!(refusal(text), why);
    }
}

#[test]
fn a_file_that_is_not_text_is_refused_with_its_line() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = DataFolder::at(dir.path());
    std::fs::write(folder.settings_file(), b"https = true\nhosts = [\"\xff\"]\n").expect("written");
    let refused = Loaded::load(&folder, &Environment::new(), &Flags::default());
    let told = refused.expect_err("refused").to_string();
    assert!(told.ends_with("tern.toml line 2: this line is not UTF-8 text"), "{told}");
}

#[test]
fn a_misspelt_variable_is_told_and_a_wrong_value_refused() {
    let loaded = load("", &[("TERN_NET_DAIL", "saved")], &Flags::default()).expect("accepted");
    assert_eq!(
        loaded.warnings,
        ["the variable TERN_NET_DAIL is ignored: did you mean TERN_NET_DIAL?"]
    );
    let refused = load("", &[("TERN_NET_DIAL", "all")], &Flags::default()).expect_err("refused");
    assert_eq!(
        refused.to_string(),
        "the environment variable TERN_NET_DIAL: this setting is one of members, lan, saved, not `all`"
    );
    let quiet = [("TERN_DATA", "/srv/tern"), ("TERN_PASSPHRASE_FILE", "/run/phrase")];
    assert!(load("", &quiet, &Flags::default()).expect("accepted").warnings.is_empty());
}

#[test]
fn the_data_folder_is_the_flag_then_the_variable_then_the_platforms() {
    let variables = |name: &str| match name {
        "TERN_DATA" => Some("/srv/tern".into()),
        _ => None,
    };
    assert_eq!(data_folder(Some("/here".into()), variables), Ok("/here".into()));
    assert_eq!(data_folder(None, variables), Ok("/srv/tern".into()));
    assert_eq!(data_folder(None, |_| None), Err(FolderUnknown));
    #[cfg(target_os = "linux")]
    {
        let home = |name: &str| (name == "HOME").then(|| "/home/amina".into());
        assert_eq!(data_folder(None, home), Ok("/home/amina/.local/share/tern".into()));
        let base = |name: &str| (name == "XDG_DATA_HOME").then(|| "/data".into());
        assert_eq!(data_folder(None, base), Ok("/data/tern".into()));
    }
}

#[test]
fn behind_a_proxy_people_open_the_pages_under_its_name() {
    let told = |text: &str| {
        load(text, &[], &Flags::default()).expect("accepted").settings.home("http://127.0.0.1:8480")
    };
    assert_eq!(told("hosts = [\"tern.example.org\"]\nhttps = true"), "https://tern.example.org");
    assert_eq!(told("hosts = [\"tern.example.org\"]"), "http://127.0.0.1:8480");
    assert_eq!(told("https = true"), "http://127.0.0.1:8480");
}

#[test]
fn mail_leads_to_this_nodes_own_pages_and_not_to_anothers() {
    let told = |text: &str| {
        let loaded = load(text, &[], &Flags::default()).expect("accepted");
        loaded.settings.own_address("http://127.0.0.1:8480")
    };
    let public = "public = \"https://tern.example.org\"";
    assert_eq!(told(public), "http://127.0.0.1:8480", "it may be another node's");
    assert_eq!(
        told(&format!("{public}\nhosts = [\"tern.example.org\"]")),
        "https://tern.example.org"
    );
}

#[test]
fn settings_of_mail_that_do_not_fit_together_are_refused_in_a_sentence() {
    let told = with_file("[mail]\nserver = \"mail.example.org:587\"");
    let told = told.expect_err("refused").to_string();
    assert!(told.contains("set `mail.from`"), "{told}");
    let right = "[mail]\nserver = \"mail.example.org:587\"\nfrom = \"tern@example.org\"";
    assert!(with_file(right).is_ok());
    let wrong = [("TERN_MAIL_FROM", "tern@example.org\nBcc: all@example.org")];
    assert!(load("", &wrong, &Flags::default()).is_err());
}

#[test]
fn links_are_metered_until_somebody_says_what_they_cost() {
    use tern_protocol::tariff::{LinkClass, Tariff};
    let tariff = |text| with_file(text).expect("accepted").settings.tariff();
    assert_eq!(
        (tariff(""), tariff("[link]\nclass = \"unknown\"")),
        (Tariff::unsaid(), Tariff::unsaid())
    );
    assert_eq!(tariff("[link]\nclass = \"broadband\"").class, LinkClass::Broadband);
}
