//! The program in its place: beside, in, and back.
//!
//! ```text
//! tern          the program that is started
//! tern.new      the next one, until it takes the place
//! tern.old      the one before
//! ```
//! Names change by renaming alone, so that at every moment a whole program
//! stands in the place.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::folder::make_durable;

/// Where a program is kept.
#[derive(Clone, Debug)]
pub struct Place {
    program: PathBuf,
}

impl Place {
    /// The place of this very program.
    ///
    /// # Errors
    /// The system does not tell.
    pub fn own() -> io::Result<Self> {
        Ok(Self { program: std::env::current_exe()? })
    }

    /// The program in the place.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The next one.
    pub fn next(&self) -> PathBuf {
        self.program.with_added_extension("new")
    }

    /// The one before.
    pub fn old(&self) -> PathBuf {
        self.program.with_added_extension("old")
    }

    /// A new file beside the program that can be run, to be written to.
    ///
    /// # Errors
    /// The folder of the program is not ours to write.
    pub fn begin(&self) -> io::Result<File> {
        let next = self.next();
        match fs::remove_file(&next) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o755);
        options.open(next)
    }

    /// Throws the next one away.
    pub fn forget(&self) {
        // It may never have been begun.
        let _ = fs::remove_file(self.next());
    }

    /// The next one takes the place; what stood there is the old one. Durable
    /// when it returns.
    ///
    /// # Errors
    /// The system's refusal; the place is as it was.
    pub fn take(&self) -> io::Result<()> {
        let old = self.old();
        match fs::remove_file(&old) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
            _ => {}
        }
        // Two names for one file, so that the place is never empty.
        fs::hard_link(&self.program, &old)?;
        fs::rename(self.next(), &self.program)?;
        make_durable(&self.program)
    }

    /// The old one takes its place again.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn give_back(&self) -> io::Result<()> {
        fs::rename(self.old(), &self.program)?;
        make_durable(&self.program)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_program_takes_the_place_and_gives_it_back() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = Place { program: folder.path().join("tern") };
        let holds = |path: &Path| fs::read_to_string(path).ok();
        fs::write(place.program(), "one").expect("room");
        for _ in 0..2 {
            place.begin().and_then(|mut file| file.write_all(b"two")).expect("room");
            assert_eq!(holds(place.program()).as_deref(), Some("one"));
            place.take().expect("taken");
            assert_eq!(holds(place.program()).as_deref(), Some("two"));
            assert_eq!(holds(&place.old()).as_deref(), Some("one"));
            assert_eq!(holds(&place.next()), None);
            place.give_back().expect("back");
            assert_eq!(holds(place.program()).as_deref(), Some("one"));
            assert_eq!(holds(&place.old()), None);
        }
        assert!(place.take().is_err(), "there is no next one");
        assert_eq!(holds(place.program()).as_deref(), Some("one"), "the place is never empty");
    }
}
