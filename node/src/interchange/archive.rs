//! Packages of other programs (ZIP), which may be hostile: how much is in one
//! is measured by unpacking it into nothing before anybody reads it.
//!
//! Invariant: what a package says of its own sizes is not believed.

use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

/// A package has at most this many parts.
pub(super) const PARTS_MAX: usize = 1_000;
/// The parts of a package have at most this many bytes together, unpacked.
pub(super) const UNPACKED_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// A package that was measured.
pub(super) struct Package<'b> {
    archive: ZipArchive<Cursor<&'b [u8]>>,
}

impl<'b> Package<'b> {
    /// Opens and measures.
    ///
    /// # Errors
    /// No package, encrypted, too many parts, or too much in them.
    pub(super) fn open(bytes: &'b [u8]) -> Result<Self, String> {
        // What stands before a package is read by others in other ways.
        if !bytes.starts_with(b"PK") {
            return Err("it is no such file, or damaged: it does not begin like one".into());
        }
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|why| broken(&why))?;
        if archive.len() > PARTS_MAX {
            return Err(format!(
                "it has {} parts, and {PARTS_MAX} are read: save it anew",
                archive.len()
            ));
        }
        let mut left = UNPACKED_BYTES_MAX;
        for at in 0..archive.len() {
            let part = archive.by_index(at).map_err(|why| broken(&why))?;
            let unpacked = std::io::copy(&mut part.take(left + 1), &mut std::io::sink());
            let unpacked = unpacked.map_err(|why| format!("it is damaged: {why}"))?;
            left = left.checked_sub(unpacked).ok_or_else(|| {
                format!("it unpacks to more than {UNPACKED_BYTES_MAX} bytes, and is not read")
            })?;
        }
        Ok(Self { archive })
    }

    /// The names of all parts.
    pub(super) fn names(&self) -> Vec<String> {
        (0..self.archive.len())
            .filter_map(|at| Some(self.archive.name_for_index(at)?.ok()?.into_owned()))
            .collect()
    }

    /// A part, of at most so many bytes; `None` if there is none of this name.
    ///
    /// # Errors
    /// Damaged, or longer.
    pub(super) fn part(&mut self, name: &str, bytes_max: u64) -> Result<Option<Vec<u8>>, String> {
        let part = match self.archive.by_name(name) {
            Ok(part) => part,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(why) => return Err(broken(&why)),
        };
        let mut bytes = Vec::new();
        let read = part.take(bytes_max + 1).read_to_end(&mut bytes);
        read.map_err(|why| format!("it is damaged: {why}"))?;
        if bytes.len() as u64 > bytes_max {
            return Err(format!("`{name}` in it has more than {bytes_max} bytes, and is not read"));
        }
        Ok(Some(bytes))
    }
}

fn broken(why: &ZipError) -> String {
    match why {
        ZipError::UnsupportedArchive(_) => {
            "it is packed or encrypted in a way that is not read: save it anew without a password"
                .into()
        }
        why => format!("it is no such file, or damaged: {why}"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    /// A package of these parts.
    pub fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            zip.start_file(*name, SimpleFileOptions::default()).expect("a part");
            zip.write_all(bytes).expect("room");
        }
        zip.finish().expect("room").into_inner()
    }

    /// A small package that unpacks to more than is read.
    pub fn bomb(name: &str) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file(name, SimpleFileOptions::default()).expect("a part");
        let zeros = vec![0; 1024 * 1024];
        for _ in 0..=UNPACKED_BYTES_MAX / (1024 * 1024) {
            zip.write_all(&zeros).expect("room");
        }
        zip.finish().expect("room").into_inner()
    }

    #[test]
    fn a_bomb_is_refused_and_so_is_what_has_too_many_parts_or_is_no_package() {
        let refused = |bytes: &[u8]| Package::open(bytes).err().expect("refused");
        let bytes = bomb("word/document.xml");
        assert!(bytes.len() < 1024 * 1024, "{} bytes", bytes.len());
        assert!(refused(&bytes).contains("unpacks to more than"));
        // Its own word for how much is in it changes nothing.
        let mut lying = bytes.clone();
        let size = u32::try_from((UNPACKED_BYTES_MAX / (1024 * 1024) + 1) * 1024 * 1024);
        let size = size.expect("small").to_le_bytes();
        let places: Vec<usize> =
            (0..lying.len() - 4).filter(|at| lying[*at..*at + 4] == size).collect();
        assert!(!places.is_empty());
        places.into_iter().for_each(|at| lying[at..at + 4].copy_from_slice(&[1, 0, 0, 0]));
        let told = Package::open(&lying).err();
        assert!(told.is_some(), "refused as damaged or as too long");
        let names: Vec<String> = (0..=PARTS_MAX).map(|at| at.to_string()).collect();
        let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
        assert!(refused(&packed(&many)).contains("1001 parts"));
        assert!(refused(b"PK").contains("no such file"));
        assert!(refused(b"").contains("no such file"));
        let behind = [&b"\xd0\xcf\x11\xe0"[..], &packed(&[("a", b"1")])].concat();
        assert!(refused(&behind).contains("does not begin like one"));
    }

    #[test]
    fn a_part_is_read_within_its_bound() {
        let bytes = packed(&[("a", b"12345")]);
        let mut package = Package::open(&bytes).expect("a package");
        assert_eq!(package.part("a", 5), Ok(Some(b"12345".to_vec())));
        assert_eq!(package.part("b", 5), Ok(None));
        assert!(package.part("a", 4).expect_err("too long").contains("more than 4 bytes"));
    }
}
