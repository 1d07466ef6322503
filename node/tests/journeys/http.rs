//! Just enough HTTP/1.1 to ask a node on this machine: one request, one
//! connection.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use super::patience::PATIENCE;

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// The cookie that was set, as it is sent back.
    pub cookie: Option<String>,
    /// The lines before the body.
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The cookies that it sets, as they are sent back.
    pub fn cookies(&self) -> String {
        let set = self.head.lines().filter_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("set-cookie").then(|| value.split(';').next())?
        });
        set.collect::<Vec<_>>().join("; ")
    }
}

/// Asks, or fails where nobody listens (any more).
pub fn ask(
    host: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> io::Result<Answer> {
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let headers: String =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\
         content-length: {length}\r\n{headers}\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let read = || {
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let value = |wanted: &str| {
            head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
            })
        };
        let length = value("content-length").and_then(|length| length.parse().ok());
        let cookie = value("set-cookie").and_then(|set| Some(set.split_once(';')?.0.to_owned()));
        // A shorter body was cut off by the end of the process.
        (length.is_none_or(|length: usize| length == body.len())).then(|| Answer {
            status,
            cookie,
            head: head.to_owned(),
            body: body.to_owned(),
        })
    };
    read().ok_or_else(|| io::Error::other("the answer was cut off"))
}
