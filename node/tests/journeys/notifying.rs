//! Somebody is told by mail and by a feed that something waits for them, never what;
//! the node is killed meanwhile, and the mail server is away.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use serde_json::{Value, json};

use super::clocks;
use super::http;
use super::patience::{PATIENCE, until};
use super::requests::{Office, REACHED, holds};
use super::tern::{Desk, Served, text};

const HAMA: &str = "hama.example@mail.example.net";
/// What stands in the request, and who is about it: none of it may be in a mail.
const SECRETS: [&str; 6] = ["zebra", "Upland", "Civil registry", "Maya", "Hama", "tern1"];

/// Mails as they came: to whom, and what stands in them.
pub type Mails = Arc<Mutex<Vec<(String, String)>>>;

/// A mail server that takes what comes, at one port.
pub struct MailServer {
    port: u16,
    over: Arc<AtomicBool>,
    takes: Option<JoinHandle<()>>,
}

impl MailServer {
    pub fn open(port: u16, mails: &Mails) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let over = Arc::new(AtomicBool::new(false));
        let (ends, mails) = (Arc::clone(&over), Arc::clone(mails));
        let takes = thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                // Whoever hangs up in between sends nothing.
                let _ = take(stream.expect("a connection"), &mails);
            }
        });
        Self { port, over, takes: Some(takes) }
    }

    pub const fn port(&self) -> u16 {
        self.port
    }

    /// It is away: nobody answers at its port any more.
    pub fn close(mut self) -> u16 {
        self.over.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        self.takes.take().expect("once").join().expect("ended");
        self.port
    }
}

/// Speaks as much SMTP (RFC 5321) as it takes to get one mail.
fn take(stream: TcpStream, mails: &Mails) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut says = stream.try_clone()?;
    let mut hears = BufReader::new(stream);
    let mut to = String::new();
    says.write_all(b"220 mail.example.org ESMTP\r\n")?;
    loop {
        let mut line = String::new();
        if hears.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let answer = match line.split([' ', '\r']).next().unwrap_or_default() {
            "EHLO" => "250-mail.example.org\r\n250 8BITMIME\r\n",
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                // Somebody who left long ago.
                if to.starts_with("gone") { "550 no such person\r\n" } else { "250 yes\r\n" }
            }
            "DATA" => {
                says.write_all(b"354 go on\r\n")?;
                let mut mail = String::new();
                while !mail.ends_with("\r\n.\r\n") {
                    if hears.read_line(&mut mail)? == 0 {
                        return Ok(());
                    }
                }
                mails.lock().expect("whole").push((to.clone(), mail));
                "250 taken\r\n"
            }
            "QUIT" => {
                return says.write_all(b"221 bye\r\n");
            }
            _ => "250 yes\r\n",
        };
        says.write_all(answer.as_bytes())?;
    }
}

/// Niger's node, which sends mail by a server of this machine.
struct Niger {
    desk: Desk,
    port: u16,
    listen: Vec<String>,
}

impl Niger {
    fn serves(&self, more: &[(&str, &str)]) -> Served {
        let mut command = self.desk.command(&["serve", "--json"]);
        for address in &self.listen {
            command.args(["--listen", address]);
        }
        command
            .env("TERN_MAIL_SERVER", format!("127.0.0.1:{}", self.port))
            .env("TERN_MAIL_TLS", "none")
            .env("TERN_MAIL_FROM", "tern@registry.example.org")
            .env("TERN_HOSTS", "registry.example.org")
            .env("TERN_PUBLIC", "https://registry.example.org")
            .env("TERN_LOG_LEVEL", "trace")
            .envs(more.iter().copied());
        Served::start(&self.desk, command)
    }

    fn told(&self, words: &[&str]) -> Value {
        self.desk.ask(&[&["account", "notices"], words].concat())
    }

    /// Enters an address, and the code that is mailed there.
    fn confirms(&self, account: &str, address: &str, mails: &Mails) {
        let before = mails.lock().expect("whole").len();
        let told = self.told(&["--as", account, "--address", address]);
        assert_eq!((&told["to_confirm"], &told["address"]), (&json!(address), &Value::Null));
        let mail = mailed(mails, before, address);
        let code = code(&mail);
        let wrong = if code == "0000 0000" { "1" } else { "00000000" };
        let refused = self.desk.refused(&["account", "notices", "--as", account, "--code", wrong]);
        assert_eq!(refused["field"], "code", "{refused}");
        let told = self.told(&["--as", account, "--code", &code]);
        assert_eq!((&told["address"], &told["often"]), (&json!(address), &json!("hour")));
    }
}

/// The first mail after so many, once it has come; it goes to this address.
pub fn mailed(mails: &Mails, before: usize, address: &str) -> String {
    let come = || mails.lock().expect("whole").get(before).cloned();
    let ((to, mail), _) = until(&format!("a mail comes to {address}"), PATIENCE, come);
    assert_eq!(to, address, "{mail}");
    mail
}

/// The code in a mail.
pub fn code(mail: &str) -> String {
    let code = mail.lines().find(|line| line.len() == 9 && line.as_bytes()[4] == b' ');
    code.unwrap_or_else(|| panic!("no code in {mail}")).to_owned()
}

/// Mails that say that something waits.
fn words(mails: &Mails) -> Vec<String> {
    let mails = mails.lock().expect("whole");
    let says = |mail: &&(String, String)| mail.1.contains("Subject: Something waits for you\r\n");
    mails.iter().filter(says).map(|(_, mail)| mail.clone()).collect()
}

#[test]
fn an_expert_is_told_once_that_a_request_waits_though_the_node_is_killed_meanwhile() {
    let mails = Mails::default();
    let server = MailServer::open(0, &mails);
    let nepal = Office::open(Desk::founded("Upland Labour Office", "NP", "Maya Rai"));
    let desk = Desk::empty();
    let invitation = super::federation::invite(&nepal.desk);
    let join = ["join", &invitation, "--org", "Civil registry of Niger", "--country", "NE"];
    desk.ask(&[&join[..], &["--person", "Hama Tou"]].concat());
    desk.ask(&["account", "add", "binta", "--person", "Binta Example"]);
    let mut niger =
        Niger { desk, port: server.port, listen: vec!["/ip4/127.0.0.1/tcp/0".to_owned()] };
    let served = niger.serves(&[]);
    niger.listen = vec![served.tcp().split("/p2p/").next().expect("an address").to_owned()];
    let card = json!({ "name": "Hama", "objectives": [4], "support_types": ["question"] });
    niger.desk.ask(&["expert", "card", &niger.desk.file("card.json", card.to_string())]);

    let many = niger.desk.refused(&["account", "notices", "--address", "a@b.example\nBcc: c@d"]);
    assert_eq!(many["field"], "address", "{many}");
    niger.confirms("admin", HAMA, &mails);
    nepal.knows_experts(1);

    // The mail server goes away, a request comes, the node is killed.
    let port = server.close();
    nepal.asks(json!({}));
    let waits = |served: &Served| served.status()["mail"].clone();
    until("the mail is written down, and does not go", REACHED, || {
        let mail = waits(&served);
        (mail["queued"] == 1 && mail["trouble"].is_string()).then_some(())
    });
    served.kill();
    assert_eq!(words(&mails), Vec::<String>::new());
    let server = MailServer::open(port, &mails);
    let served = niger.serves(&[]);
    let (mail, _) = until("the mail goes", REACHED, || words(&mails).pop());
    until("it is noted", PATIENCE, || (waits(&served)["queued"] == 0).then_some(()));
    for said in [
        "To: hama.example@mail.example.net\r\n",
        "https://registry.example.org\r\n",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
        "Auto-Submitted: auto-generated\r\n",
    ] {
        assert!(mail.contains(said), "{said}: {mail}");
    }
    for secret in SECRETS {
        assert!(!mail.contains(secret), "{secret}: {mail}");
    }

    // Killed again, and two hours later by its clock: it is not told twice. When the
    // code for another person has come, the first was looked at before.
    served.kill();
    let library = clocks::library();
    let library = library.as_ref().map(|library| library.to_str().expect("text"));
    let ahead = library.map(|library| [("LD_PRELOAD", library), ("CLOCK_AHEAD", "7200")]);
    let served = niger.serves(ahead.as_ref().map_or(&[], <[_; 2]>::as_slice));
    let before = mails.lock().expect("whole").len();
    niger.told(&["--as", "binta", "--address", "binta@mail.example.net"]);
    let code = mailed(&mails, before, "binta@mail.example.net");
    assert!(code.contains("Subject: Your code\r\n"), "{code}");
    assert_eq!(words(&mails).len(), 1, "one mail and not two");
    assert_eq!(niger.told(&[])["waiting"][0]["kind"], "asked", "though it waits still");

    // A server that refuses an address for good is not asked again.
    niger.told(&["--as", "binta", "--address", "gone@mail.example.net"]);
    let refused = until("the refusal is told", PATIENCE, || {
        let told = niger.told(&["--as", "binta"]);
        told["refused"].is_object().then_some(told)
    });
    assert_eq!(refused.0["refused"]["code"], "550", "{refused:?}");
    let doctor = niger.desk.ask(&["doctor"]);
    let items = doctor["items"].as_array().expect("items").iter();
    let line = items.clone().find(|item| item["check"] == "mail").expect("a line");
    assert_eq!(line["level"], "attention", "{line}");
    let figures = served.get("/metrics").expect("figures").body;
    assert!(figures.contains("tern_mail_refused_addresses 1"), "{figures}");

    // One click stops it, without signing in; looking does not.
    let link = mail.lines().find_map(|line| line.strip_prefix("List-Unsubscribe: <")).expect("one");
    let path = link.trim_end_matches('>').trim_start_matches("https://registry.example.org");
    assert_eq!(served.get(path).expect("a page").status, 200);
    assert_eq!(niger.told(&[])["often"], "hour");
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let host = served.http().trim_start_matches("http://").to_owned();
    let click = http::ask(&host, "POST", path, &kind, "List-Unsubscribe=One-Click");
    assert_eq!(click.expect("an answer").status, 200);
    assert_eq!(niger.told(&[])["often"], "never");

    // Nobody else learns of the address, and no log holds it.
    assert_eq!(holds(&nepal.desk.data(), &[HAMA]), None);
    let log = served.log();
    for secret in [HAMA, "example.net", path] {
        assert!(!log.contains(secret), "{secret}");
    }
    // It goes with the account.
    niger.desk.ask(&["account", "remove", "binta", "--yes"]);
    niger.desk.ask(&["account", "add", "binta", "--person", "Binta Example"]);
    assert_eq!(niger.told(&["--as", "binta"])["refused"], Value::Null);
    served.stop();
    server.close();
}

#[test]
fn a_feed_of_ones_own_says_what_kind_of_thing_waits_until_it_is_taken_back() {
    let nepal = Office::open(Desk::founded("Upland Labour Office", "NP", "Maya Rai"));
    let niger = Office::joining(&nepal, "Civil registry of Niger", "NE", "Hama Tou");
    niger.shows_card("Hama");
    nepal.knows_experts(1);
    let served = niger.served.as_ref().expect("it serves");
    let told = niger.desk.ask(&["account", "notices", "--feed"]);
    let path = text(&told["feed_at"]);
    let path = path.strip_prefix(&served.http()).expect("at this node").to_owned();
    let feed = || served.get(&path).expect("an answer");
    assert!(!feed().body.contains("<entry"), "nothing waits: {}", feed().body);
    let id = nepal.asks(json!({}));
    niger.sees(&id, "proposed");
    let (told, _) = until("the feed says so", REACHED, || {
        Some(feed().body).filter(|body| body.contains("A request waits for your decision"))
    });
    for secret in SECRETS.into_iter().chain([id.as_str()]) {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
    niger.desk.ask(&["request", "accept", &id]);
    niger.sees(&id, "in_progress");
    let entry = |body: &str| {
        let id = body.split("urn:tern:waits:").nth(1)?.split('<').next()?;
        Some(id.to_owned())
    };
    until("it waits for something else: another entry", REACHED, || {
        let now = feed().body;
        (entry(&now).is_some() && entry(&now) != entry(&told)).then_some(())
    });

    let again = niger.desk.ask(&["account", "notices", "--feed"]);
    assert_eq!(feed().status, 404, "a new one ends the old one");
    let new = text(&again["feed_at"]);
    let new = new.strip_prefix(&served.http()).expect("at this node");
    assert_eq!(served.get(new).expect("an answer").status, 200);
    niger.desk.ask(&["account", "notices", "--no-feed"]);
    assert_eq!(served.get(new).expect("an answer").status, 404);
    let last = text(&niger.desk.ask(&["account", "notices", "--feed"])["feed_at"]);
    let last = last.strip_prefix(&served.http()).expect("at this node");
    assert_eq!(served.get(last).expect("an answer").status, 200);
    niger.desk.ask(&["account", "reset", "admin"]);
    assert_eq!(served.get(last).expect("an answer").status, 404, "it ends with the sessions");
    let refused = niger.desk.refused(&["account", "notices", "--address", HAMA]);
    assert!(text(&refused["message"]).contains("mail.server"), "{refused}");
}
