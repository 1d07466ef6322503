//! Files of the fake node: one is here, one comes, all others can be fetched. It
//! takes files of a megabyte, and two of them for a practice.

use tern_web_ui::service::*;

use super::{Fake, invalid, now};

/// A file that is here.
pub const HERE: &str = "91c27f3ae0445d1891c27f3ae0445d1891c27f3ae0445d1891c27f3ae0445d18";
/// A picture that is here.
pub const PICTURE: &str = "77c27f3ae0445d1891c27f3ae0445d1891c27f3ae0445d1891c27f3ae0445d18";
/// A page that is here, and is no picture whatever its name says.
#[allow(dead_code)] // the preview shows none
pub const MARKUP: &str = "66c27f3ae0445d1891c27f3ae0445d1891c27f3ae0445d1891c27f3ae0445d18";
/// Bytes of one file.
pub const LIMIT: u64 = 1_000_000;
/// Its bytes.
pub const BYTES: &[u8] = b"%PDF-1.7 household survey";

fn refused(code: &str, limit: Option<u64>) -> Refusal {
    let field = FieldError {
        field: "file".into(),
        code: code.into(),
        message: "the node's own words".into(),
        limit: limit.map(|limit| limit.to_string()),
    };
    Refusal::Invalid(vec![field])
}

impl Fake {
    /// How many files are on their way.
    #[allow(dead_code)] // the preview does not ask
    pub fn coming(&self) -> usize {
        self.state().coming.len()
    }
}

impl Files for Fake {
    fn files<'a>(&'a self, reader: &'a Reader, hashes: &'a [String]) -> Answer<'a, Vec<FileState>> {
        let cost = FileCost {
            bytes: 6_700_000,
            seconds: 224,
            costly: true,
            cost: Some("56.95 USD".into()),
            may_fetch: reader.account.is_some(),
        };
        let fetched = self.state().fetched.clone();
        let state = |hash: &String| match hash.as_str() {
            HERE | MARKUP => FileState::Here,
            PICTURE => FileState::Picture { sides: Some((640, 480)) },
            hash if fetched.contains(hash) => FileState::Coming {
                have: 1_200_000,
                bytes: 6_200_000,
                from: vec!["Registry of the Highlands".into()],
            },
            _ => FileState::Lacking(cost.clone()),
        };
        now(Ok(hashes.iter().map(state).collect()))
    }

    fn fetch_file<'a>(&'a self, _: &'a Reader, hash: &'a str) -> Answer<'a, ()> {
        self.state().fetched.insert(hash.to_owned());
        now(Ok(()))
    }

    fn file<'a>(&'a self, _: &'a Reader, hash: &'a str) -> Answer<'a, FileHead> {
        let head = |name: &str, media_type: &str| FileHead {
            name: name.into(),
            media_type: media_type.into(),
            bytes: BYTES.len() as u64,
        };
        now(match hash {
            HERE => Ok(head("étude \"finale\"\r\nX: y.pdf", "application/pdf")),
            PICTURE => Ok(head("counter.png", "image/png")),
            MARKUP => Ok(head("counter.svg", "text/plain")),
            _ => Err(Refusal::NotFound),
        })
    }

    fn file_bytes<'a>(&'a self, _: &'a str, at: u64) -> Answer<'a, Vec<u8>> {
        // A few at a time, to see that all come.
        let rest = BYTES.get(at as usize..).unwrap_or_default();
        now(Ok(rest[..rest.len().min(7)].to_vec()))
    }

    fn file_limits(&self) -> Answer<'_, FileLimits> {
        now(Ok(FileLimits { bytes: LIMIT, files: 2 }))
    }

    fn begin_file<'a>(
        &'a self,
        reader: &'a Reader,
        draft: &'a str,
        file: BeginFile,
    ) -> Answer<'a, String> {
        now(self.may(reader, Account::may_draft).and_then(|_| {
            let mut state = self.state();
            let draft = Self::drafted(&state, draft, None)?;
            if !file.replaces && draft.fields.attachments.len() >= 2 {
                return Err(refused("too-many", Some(2)));
            }
            if file.bytes > LIMIT {
                return Err(refused("too-large", Some(LIMIT)));
            }
            let upload = format!("up{}", state.coming.len());
            state.coming.insert(upload.clone(), Vec::new());
            Ok(upload)
        }))
    }

    fn put_file<'a>(&'a self, upload: &'a str, piece: Vec<u8>) -> Answer<'a, ()> {
        let mut state = self.state();
        let coming = state.coming.get_mut(upload).expect("it was begun");
        coming.extend_from_slice(&piece);
        let (length, first) = (coming.len() as u64, coming.first().copied());
        now(match first {
            Some(b'H') => Err(refused("kind", None)),
            Some(b'F') => Err(refused("disk-full", None)),
            Some(b'Q') => Err(refused("over-quota", Some(5_000_000))),
            _ if length > LIMIT => Err(refused("too-large", Some(LIMIT))),
            _ => Ok(()),
        })
    }

    fn forget_file(&self, upload: &str) {
        self.state().coming.remove(upload);
    }

    fn attach_file<'a>(
        &'a self,
        reader: &'a Reader,
        draft: &'a str,
        file: AttachFile,
    ) -> Answer<'a, AttachedFile> {
        let bytes = self.state().coming.get(&file.upload).expect("it came").clone();
        if file.alt.as_ref().is_some_and(|alt| alt.text.len() > 500) {
            let words = "has 600 characters, and at most 500 fit";
            return now(Err(invalid("attachments[0].alt.en", words)));
        }
        let seen = Self::drafted(&self.state(), draft, Some(&file.heads)).expect("its heads");
        let mut fields = seen.fields;
        let hash = format!("{:064x}", bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>());
        let named = fields.attachments.iter().position(|one| one.hash == hash);
        if named.is_some() {
            return now(Ok(AttachedFile { cleaned: false, already: true }));
        }
        let cleaned = bytes.first() == Some(&b'J');
        let said = Attachment {
            name: file.name,
            media_type: if cleaned { "image/jpeg" } else { "application/pdf" }.into(),
            bytes: Some(bytes.len() as u64),
            hash,
            lang: file.lang,
            alt: Text(file.alt.map(|alt| (alt.lang, alt.text)).into_iter().collect()),
            consent: None,
            licence: file.licence,
        };
        match file.instead_of {
            None => fields.attachments.push(said),
            Some(before) => {
                let one = fields.attachments.iter_mut().find(|one| one.hash == before);
                let one = one.expect("the page looked");
                (one.hash, one.bytes) = (said.hash, said.bytes);
            }
        }
        let save = Save { heads: file.heads, fields };
        let saved = futures::executor::block_on(self.save_draft(reader, draft, &save));
        now(saved.map(|_| AttachedFile { cleaned, already: false }))
    }
}
