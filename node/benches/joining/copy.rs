//! The same bytes without any meaning: over TCP into a file.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Instant;

use crate::Failed;
use crate::library::Document;
use crate::table::{Table, rate, seconds};

/// Bytes between two calls of `fdatasync`.
const SYNCED: usize = 1_000_000;

/// Measures it.
pub fn measure(documents: &[Document], dir: &Path, table: &mut Table) -> Result<(), Failed> {
    let parts = documents.iter().flat_map(|d| d.changes.iter().chain(&d.statements));
    let bytes: Vec<u8> = parts.flatten().copied().collect();
    let length = bytes.len();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let path = dir.join("copy");
    let mut file = File::create(&path)?;
    let started = Instant::now();
    let server = std::thread::spawn(move || listener.accept()?.0.write_all(&bytes));
    let mut stream = TcpStream::connect(address)?;
    let mut buffer = vec![0; SYNCED];
    let mut copied = 0;
    while copied < length {
        let part = SYNCED.min(length - copied);
        stream.read_exact(&mut buffer[..part])?;
        file.write_all(&buffer[..part])?;
        file.sync_data()?;
        copied += part;
    }
    let time = started.elapsed();
    server.join().map_err(|_| "the server panicked")??;
    fs::remove_file(&path)?;
    let figure = format!(
        "{:.0} documents/s, {:.0} MB/s: {}",
        rate(documents.len(), time),
        rate(length, time) / 1e6,
        seconds(time)
    );
    table.row("raw copy of the same bytes, fdatasync per MB", figure);
    Ok(())
}
