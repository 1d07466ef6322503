//! Networks that let little out: WebSocket alone, or what goes through a proxy.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::json;

use super::federation::{in_step, invite};
use super::moving::free_address;
use super::patience::{output, until};
use super::practices::practice;
use super::relays::{SOON, linked};
use super::tern::{Desk, Ran, Served};

/// A SOCKS proxy that writes down where it was asked to connect.
struct Proxy {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&asked);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let told = Arc::clone(&told);
                // Whoever breaks off does so.
                thread::spawn(move || serve(client, &told).ok());
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("nobody panics").clone()
    }
}

/// RFC 1928, for names and without users.
fn serve(mut client: TcpStream, asked: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut greeting = [0; 3];
    client.read_exact(&mut greeting)?;
    assert_eq!(greeting, [5, 1, 0]);
    client.write_all(&[5, 0])?;
    let mut head = [0; 5];
    client.read_exact(&mut head)?;
    assert_eq!(head[..4], [5, 1, 0, 3], "a name");
    let mut name = vec![0; usize::from(head[4]) + 2];
    client.read_exact(&mut name)?;
    let port = u16::from_be_bytes(name.split_off(name.len() - 2).try_into().expect("two"));
    let place = format!("{}:{port}", String::from_utf8_lossy(&name));
    asked.lock().expect("nobody panics").push(place.clone());
    let mut there = TcpStream::connect(&place)?;
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
    let (mut from, mut to) = (there.try_clone()?, client.try_clone()?);
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
    io::copy(&mut client, &mut there)?;
    there.shutdown(Shutdown::Both)
}

/// Niger, reached over WebSocket alone: its node, and its address as a name.
fn over_websocket(niger: &Desk) -> (Served, String) {
    let listen = free_address() + "/ws";
    let address = listen.replace("/ip4/127.0.0.1/", "/dns4/localhost/");
    let mut command = niger.command(&["serve", "--json", "--listen", &listen]);
    command.env("TERN_NET_ANNOUNCE", &address).env("TERN_LINK_CLASS", "broadband");
    (Served::start(niger, command), address)
}

/// Chad joins, serves and reads what Niger publishes, with these settings.
fn joins_and_reads(niger: &Desk, at_niger: &Served, settings: &[(&str, &str)]) {
    let chad = Desk::empty();
    let invitation = invite(niger);
    let mut join = chad.command(&[
        "join",
        &invitation,
        "--org",
        "Office of the Lake",
        "--country",
        "TD",
        "--person",
        "Issa Example",
        "--json",
    ]);
    join.envs(settings.iter().copied());
    let answer = Ran::from(output(&mut join)).json();
    assert_eq!(answer["state"], "member", "{answer}");
    let mut serve = chad.command(&["serve", "--json"]);
    serve.env("TERN_LINK_CLASS", "broadband").envs(settings.iter().copied());
    let at_chad = Served::start(&chad, serve);
    linked(&at_chad, "Ministry of Arrivals");
    let id = niger.publish(&practice("Counting boats"));
    let here = || {
        let answer = at_chad.get(&format!("/api/v1/practices/{id}")).ok()?;
        (answer.status == 200).then_some(())
    };
    until("Chad reads what Niger publishes", SOON, here);
    in_step(&[at_niger, &at_chad]);
    at_chad.stop();
}

#[test]
fn an_office_whose_network_knows_http_alone_joins_over_a_websocket() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let (at_niger, _) = over_websocket(&niger);
    assert!(at_niger.addresses()[0].ends_with("/ws"), "{:?}", at_niger.addresses());
    joins_and_reads(&niger, &at_niger, &[]);
}

#[test]
fn an_office_behind_a_proxy_joins_and_stays_in_step_through_it() {
    let niger = Desk::founded("Ministry of Arrivals", "NE", "Awa Example");
    let (at_niger, address) = over_websocket(&niger);
    let proxy = Proxy::start();
    let setting = format!("socks5://{}", proxy.address);
    joins_and_reads(&niger, &at_niger, &[("TERN_NET_PROXY", &setting)]);
    let port = address.split('/').nth(4).expect("a port");
    let asked = proxy.asked();
    assert!(asked.len() >= 2, "to join, and to serve: {asked:?}");
    assert!(asked.iter().all(|place| *place == format!("localhost:{port}")), "{asked:?}");
}

#[test]
fn a_proxy_that_is_none_is_refused_and_one_with_a_word_is_shown_without_it() {
    let chad = Desk::empty();
    let mut check = chad.command(&["config", "check"]);
    let ran = Ran::from(output(check.env("TERN_NET_PROXY", "proxy.example")));
    assert_ne!(ran.code, Some(0));
    assert!(ran.err.contains("write it like socks5://"), "{ran:?}");
    let mut check = chad.command(&["config", "check", "--json"]);
    let word = "http://awa:secret@proxy.example:3128";
    let ran = Ran::from(output(check.env("TERN_NET_PROXY", word)));
    assert!(ran.out.contains("awa:…@proxy.example:3128"), "{ran:?}");
    assert!(!ran.out.contains("secret") && !ran.err.contains("secret"), "{ran:?}");
    assert_eq!(json!(ran.code), json!(0));
}
