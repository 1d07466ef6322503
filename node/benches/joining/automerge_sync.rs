//! The same documents by Automerge's own sync protocol: one TCP session, a
//! state for each document and side, so many documents in flight. The server
//! has all documents loaded, the client begins with none, and nothing is
//! verified or written to disk.

use std::io::{BufReader, BufWriter, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use automerge::sync::{Message, State, SyncDoc};
use automerge::{Automerge, Change};

use crate::Failed;
use crate::library::Document;
use crate::table::{Table, megabytes, rate, seconds};

/// Documents in flight.
const IN_FLIGHT: usize = 128;
/// So many bytes are read at once, if they are there.
const BUFFER_BYTES: usize = 64 * 1024;

/// A document and what one side knows of the other's.
#[derive(Default)]
struct Side {
    document: Automerge,
    state: State,
}

/// One end of the session.
struct End {
    reader: BufReader<TcpStream>,
    writer: BufWriter<TcpStream>,
    received: u64,
    sent: u64,
}

impl End {
    fn new(stream: TcpStream) -> Result<Self, Failed> {
        stream.set_nodelay(true)?;
        let reader = BufReader::with_capacity(BUFFER_BYTES, stream.try_clone()?);
        Ok(Self { reader, writer: BufWriter::new(stream), received: 0, sent: 0 })
    }

    /// Says what there is to say about a document, if there is anything.
    fn say(&mut self, number: u32, side: &mut Side) -> Result<(), Failed> {
        let Some(message) = side.document.generate_sync_message(&mut side.state) else {
            return Ok(());
        };
        let bytes = message.encode();
        self.writer.write_all(&number.to_le_bytes())?;
        self.writer.write_all(&(bytes.len() as u32).to_le_bytes())?;
        self.writer.write_all(&bytes)?;
        self.sent += 8 + bytes.len() as u64;
        Ok(())
    }

    /// Takes in the next message; `None` when the other end has left.
    fn hear(&mut self, sides: &mut [Side]) -> Result<Option<u32>, Failed> {
        // Nothing waits here while the other end may wait for it.
        let waiting = self.reader.buffer();
        let whole = |head: &[u8; 8]| waiting.len() >= 8 + length(head);
        if !waiting.first_chunk().is_some_and(whole) {
            self.writer.flush()?;
        }
        let mut head = [0; 8];
        if let Err(error) = self.reader.read_exact(&mut head) {
            let left = error.kind() == ErrorKind::UnexpectedEof;
            return if left { Ok(None) } else { Err(error.into()) };
        }
        let [a, b, c, d, ..] = head;
        let number = u32::from_le_bytes([a, b, c, d]);
        let mut bytes = vec![0; length(&head)];
        self.reader.read_exact(&mut bytes)?;
        self.received += 8 + bytes.len() as u64;
        let side = &mut sides[number as usize];
        side.document.receive_sync_message(&mut side.state, Message::decode(&bytes)?)?;
        Ok(Some(number))
    }
}

/// How many bytes follow a head.
const fn length(head: &[u8; 8]) -> usize {
    let [.., a, b, c, d] = *head;
    u32::from_le_bytes([a, b, c, d]) as usize
}

/// Measures loading and syncing.
pub fn measure(documents: &[Document], table: &mut Table) -> Result<(), Failed> {
    let started = Instant::now();
    let served = documents.iter().map(load).collect::<Result<Vec<Side>, Failed>>()?;
    let loaded = started.elapsed();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let server = std::thread::spawn(move || serve(&listener, served));
    let (time, end) = fetch(End::new(TcpStream::connect(address)?)?, documents.len())?;
    let (received, sent) = (end.received, end.sent);
    drop(end);
    server.join().map_err(|_| "the server panicked")??;
    let figure = format!(
        "{:.0} documents/s: {}, {} down and {} up; before that {} to load them at the server",
        rate(documents.len(), time),
        seconds(time),
        megabytes(received),
        megabytes(sent),
        seconds(loaded)
    );
    table.row("**Automerge sync of the same, in memory**", figure);
    Ok(())
}

fn load(document: &Document) -> Result<Side, Failed> {
    let mut side = Side::default();
    let changes = document.changes.iter().map(|bytes| Change::from_bytes(bytes.clone()));
    side.document.apply_changes(changes.collect::<Result<Vec<_>, _>>()?)?;
    Ok(side)
}

fn serve(listener: &TcpListener, mut sides: Vec<Side>) -> Result<(), Failed> {
    let mut end = End::new(listener.accept()?.0)?;
    while let Some(number) = end.hear(&mut sides)? {
        end.say(number, &mut sides[number as usize])?;
    }
    Ok(())
}

fn fetch(mut end: End, count: usize) -> Result<(Duration, End), Failed> {
    let mut sides: Vec<Side> = (0..count).map(|_| Side::default()).collect();
    let mut got = vec![false; count];
    let started = Instant::now();
    let (mut begun, mut done) = (0, 0);
    while done < count {
        while begun < count && begun - done < IN_FLIGHT {
            end.say(begun as u32, &mut sides[begun])?;
            begun += 1;
        }
        let number = end.hear(&mut sides)?.ok_or("the server left")?;
        let side = &mut sides[number as usize];
        end.say(number, side)?;
        let heads = side.document.get_heads();
        let whole = !heads.is_empty() && side.state.their_heads == Some(heads);
        if whole && !std::mem::replace(&mut got[number as usize], true) {
            done += 1;
        }
    }
    end.writer.flush()?;
    Ok((started.elapsed(), end))
}
