//! A release: one file with a program, what it is, and who signed for it.
//!
//! ```text
//! release   = "tern release 1\n" ‖ manifest length u32 ‖ manifest ‖ key[32] ‖
//!             signature[64] ‖ program
//! manifest  = CBOR {0 version, 1 target, 2 length, 3 BLAKE3 of the program, 4 notes}
//! signature = Ed25519 over BLAKE3("tern/release/v1" mode of keys, manifest)
//! ```
//! Numbers are little-endian. Whoever carries the file can check it against
//! the key; a node runs it only if its operator trusts that key.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use minicbor::{Decode, Encode};
use tern_crdt::identity::{PublicKey, SecretKey, Signature};
use thiserror::Error;

const MARK: &[u8; 15] = b"tern release 1\n";
const CONTEXT: &str = "tern/release/v1";
/// A manifest is at most this long.
const MANIFEST_BYTES_MAX: u32 = 64 * 1024;
/// A program is at most this long.
pub const PROGRAM_BYTES_MAX: u64 = 1024 * 1024 * 1024;
const BUFFER: usize = 256 * 1024;

/// What a release is.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Manifest {
    /// Its version, as `1.2.3`.
    #[n(0)]
    pub version: String,
    /// For which machines, as `x86_64-linux`.
    #[n(1)]
    pub target: String,
    /// The length of the program in bytes.
    #[n(2)]
    pub length: u64,
    /// BLAKE3 of the program.
    #[n(3)]
    pub hash: [u8; 32],
    /// What is new, for people.
    #[n(4)]
    pub notes: String,
}

/// A release whose signature holds, at the beginning of its program.
#[derive(Debug)]
pub struct Release {
    /// What it is.
    pub manifest: Manifest,
    /// Who signed it.
    pub key: PublicKey,
    file: File,
}

/// Why a release is not taken.
#[derive(Debug, Error)]
pub enum ReleaseRefused {
    /// Something else.
    #[error("it is no release of tern")]
    Foreign,
    /// Signed by somebody, or by nobody that is trusted here.
    #[error(
        "it is signed by the key {0}, which this node does not trust: compare it with what the makers of tern publish, then name it in the setting upgrade.keys"
    )]
    Untrusted(String),
    /// The signature or the program is not what was signed.
    #[error("it is damaged or forged: {0}; fetch it again")]
    Forged(&'static str),
    /// The system refuses.
    #[error("it cannot be read: {0}")]
    System(#[from] io::Error),
}

fn signed(manifest: &[u8]) -> [u8; 32] {
    blake3::derive_key(CONTEXT, manifest)
}

impl Release {
    /// Reads a release that one of these keys signed. The program itself is
    /// checked when it is [unpacked](Self::unpack).
    ///
    /// # Errors
    /// See [`ReleaseRefused`].
    pub fn open(path: &Path, trusted: &[PublicKey]) -> Result<Self, ReleaseRefused> {
        let mut file = File::open(path)?;
        let foreign = |cause: io::Error| match cause.kind() {
            io::ErrorKind::UnexpectedEof => ReleaseRefused::Foreign,
            _ => cause.into(),
        };
        let mut mark = [0; MARK.len()];
        file.read_exact(&mut mark).map_err(foreign)?;
        let mut length = [0; 4];
        file.read_exact(&mut length).map_err(foreign)?;
        let length = u32::from_le_bytes(length);
        if mark != *MARK || length > MANIFEST_BYTES_MAX {
            return Err(ReleaseRefused::Foreign);
        }
        let mut manifest = vec![0; length as usize];
        let (mut key, mut signature) = ([0; 32], [0; 64]);
        for part in [&mut manifest[..], &mut key, &mut signature] {
            file.read_exact(part).map_err(foreign)?;
        }
        let key = PublicKey::new(key);
        if !key.verifies(&signed(&manifest), &Signature(signature)) {
            return Err(ReleaseRefused::Forged("its signature does not hold"));
        }
        if !trusted.contains(&key) {
            return Err(ReleaseRefused::Untrusted(crate::hex::encode(key.as_bytes())));
        }
        let manifest: Manifest = minicbor::decode(&manifest)
            .map_err(|_| ReleaseRefused::Forged("its manifest cannot be read"))?;
        if manifest.length > PROGRAM_BYTES_MAX {
            return Err(ReleaseRefused::Forged("its program is too long"));
        }
        Ok(Self { manifest, key, file })
    }

    /// Writes the program to `to`, durably, and checks it as it goes.
    ///
    /// # Errors
    /// It is not what was signed; the system's refusal. What was written is
    /// no program then.
    pub fn unpack(mut self, to: &mut File) -> Result<Manifest, ReleaseRefused> {
        let (mut hasher, mut left) = (blake3::Hasher::new(), self.manifest.length);
        let mut buffer = vec![0; BUFFER];
        while left > 0 {
            let wanted = usize::try_from(left).unwrap_or(BUFFER).min(BUFFER);
            match self.file.read(&mut buffer[..wanted])? {
                0 => return Err(ReleaseRefused::Forged("its program is cut short")),
                got => {
                    hasher.update(&buffer[..got]);
                    to.write_all(&buffer[..got])?;
                    left -= got as u64;
                }
            }
        }
        if hasher.finalize() != self.manifest.hash {
            return Err(ReleaseRefused::Forged("its program is another one"));
        }
        to.sync_all()?;
        Ok(self.manifest)
    }
}

/// Makes a release of a program.
///
/// # Errors
/// The system's refusal; a program that is too long.
pub fn make(
    program: &Path,
    version: &str,
    target: &str,
    notes: &str,
    key: &SecretKey,
    to: &Path,
) -> io::Result<Manifest> {
    let mut source = File::open(program)?;
    let length = source.metadata()?.len();
    if length > PROGRAM_BYTES_MAX {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(&mut source)?;
    let hash = *hasher.finalize().as_bytes();
    let (version, target, notes) = (version.to_owned(), target.to_owned(), notes.to_owned());
    let manifest = Manifest { version, target, length, hash, notes };
    let bytes = minicbor::to_vec(&manifest).map_err(io::Error::other)?;
    let Signature(signature) = key.sign(&signed(&bytes));
    let mut out = File::create(to)?;
    out.write_all(MARK)?;
    out.write_all(&(bytes.len() as u32).to_le_bytes())?;
    for part in [&bytes[..], key.public().as_bytes(), &signature] {
        out.write_all(part)?;
    }
    io::copy(&mut File::open(program)?, &mut out)?;
    out.sync_all()?;
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    struct Bench {
        folder: tempfile::TempDir,
        key: SecretKey,
    }

    impl Bench {
        fn new() -> Self {
            let folder = tempfile::tempdir().expect("a temporary folder");
            fs::write(folder.path().join("program"), b"#!/bin/sh\necho hello\n").expect("room");
            let bench = Self { folder, key: SecretKey::from_seed(&[7; 32]) };
            let path = |name: &str| bench.folder.path().join(name);
            let (from, to) = (path("program"), path("release"));
            make(&from, "9.9.9", "x86_64-linux", "New.", &bench.key, &to).expect("made");
            bench
        }

        fn takes(&self, bytes: &[u8], trusted: &[PublicKey]) -> Result<Manifest, ReleaseRefused> {
            let path = self.folder.path().join("given");
            fs::write(&path, bytes).expect("room");
            let mut to = File::create(self.folder.path().join("unpacked")).expect("room");
            Release::open(&path, trusted)?.unpack(&mut to)
        }

        fn bytes(&self) -> Vec<u8> {
            fs::read(self.folder.path().join("release")).expect("a file")
        }
    }

    #[test]
    fn a_release_that_a_trusted_key_signed_is_unpacked_as_it_was() {
        let bench = Bench::new();
        let manifest = bench.takes(&bench.bytes(), &[bench.key.public()]).expect("taken");
        assert_eq!((&manifest.version[..], &manifest.notes[..]), ("9.9.9", "New."));
        let unpacked = fs::read(bench.folder.path().join("unpacked")).expect("a file");
        assert_eq!(unpacked, b"#!/bin/sh\necho hello\n");
    }

    #[test]
    fn nothing_that_no_trusted_key_signed_is_taken() {
        let bench = Bench::new();
        let other = SecretKey::from_seed(&[8; 32]).public();
        let refused = bench.takes(&bench.bytes(), &[other]).expect_err("untrusted");
        assert!(matches!(refused, ReleaseRefused::Untrusted(_)), "{refused}");
        assert!(bench.takes(b"Dear colleague", &[other]).is_err());
        assert!(bench.takes(b"", &[other]).is_err());
    }

    #[test]
    fn one_flipped_bit_anywhere_and_any_cut_is_noticed() {
        let bench = Bench::new();
        let (bytes, trusted) = (bench.bytes(), [bench.key.public()]);
        for bit in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(bench.takes(&forged, &trusted).is_err(), "bit {bit}");
        }
        for cut in 0..bytes.len() {
            assert!(bench.takes(&bytes[..cut], &trusted).is_err(), "cut at {cut}");
        }
    }
}
