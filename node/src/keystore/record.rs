//! One key as the text of its file:
//!
//! ```text
//! tern key 1
//! purpose person-sign
//! owner amina
//! public <64 digits>
//! wrap none                       or  wrap argon2id m=19456 t=2 p=1 salt=<32 digits>
//! secret <64 digits>              or  secret <48 digits of nonce> <96 digits>
//! check <64 digits>
//! ```
//! A wrapped secret is bound to `public` and `purpose`, so that it cannot be
//! moved into the file of another key.

use std::fmt;

use tern_crdt::identity::PublicKey;
use zeroize::Zeroizing;

use super::wrap::{Kdf, Wrapped};
use super::{Entry, KeystoreError, OWNER_BYTES_MAX, Passphrase, checked};
use crate::hex;

/// A key file is at most this long.
pub(super) const KEY_FILE_BYTES_MAX: u64 = 2048;

const FIRST_LINE: &str = "tern key 1";

/// What a key is for. A key never serves two purposes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Purpose {
    /// The node's: its libp2p identity.
    Node,
    /// The node's: decrypts what is for this node alone.
    NodeEncrypt,
    /// The organisation's: signs its own log.
    Root,
    /// The organisation's: follows the root key. Here only until its recovery
    /// sheet is kept.
    NextRoot,
    /// The organisation's desk: decrypts what is sent to it.
    Desk,
    /// A person's: signs.
    PersonSign,
    /// A person's: decrypts what is sent to them.
    PersonEncrypt,
}

impl Purpose {
    const ALL: [Self; 7] = [
        Self::Node,
        Self::NodeEncrypt,
        Self::Root,
        Self::NextRoot,
        Self::Desk,
        Self::PersonSign,
        Self::PersonEncrypt,
    ];

    /// The code in a key file.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::NodeEncrypt => "node-encrypt",
            Self::Root => "root",
            Self::NextRoot => "next-root",
            Self::Desk => "desk",
            Self::PersonSign => "person-sign",
            Self::PersonEncrypt => "person-encrypt",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The secret half, as stored.
pub(super) enum Secret {
    Plain(Zeroizing<[u8; 32]>),
    Wrapped(Wrapped),
}

/// A key file, read or about to be written.
pub(super) struct KeyRecord {
    pub(super) purpose: Purpose,
    pub(super) owner: String,
    pub(super) public: PublicKey,
    pub(super) secret: Secret,
}

impl KeyRecord {
    pub(super) fn new(
        purpose: Purpose,
        owner: &str,
        public: PublicKey,
        seed: &[u8; 32],
        passphrase: Option<&Passphrase>,
    ) -> Result<Self, KeystoreError> {
        let plain = Secret::Plain(Zeroizing::new(*seed));
        let mut record = Self { purpose, owner: owner.to_owned(), public, secret: plain };
        if let Some(passphrase) = passphrase {
            let wrapped = Wrapped::seal(seed, &record.bound(), passphrase)?;
            record.secret = Secret::Wrapped(wrapped);
        }
        Ok(record)
    }

    /// What a wrapped secret is bound to.
    pub(super) fn bound(&self) -> Vec<u8> {
        [self.public.as_bytes(), self.purpose.code().as_bytes()].concat()
    }

    pub(super) fn entry(&self) -> Entry {
        Entry {
            purpose: self.purpose,
            owner: self.owner.clone(),
            public: self.public,
            wrapped: matches!(self.secret, Secret::Wrapped(_)),
        }
    }

    pub(super) fn to_text(&self) -> Zeroizing<String> {
        let Self { purpose, owner, public, secret } = self;
        let (wrap, secret) = match secret {
            Secret::Plain(seed) => ("none".to_owned(), Zeroizing::new(hex::encode(&**seed))),
            Secret::Wrapped(Wrapped { kdf, nonce, sealed }) => {
                let secret = format!("{} {}", hex::encode(nonce), hex::encode(sealed));
                (kdf.to_string(), Zeroizing::new(secret))
            }
        };
        let public = hex::encode(public.as_bytes());
        let body = Zeroizing::new(format!(
            "{FIRST_LINE}\npurpose {purpose}\nowner {owner}\npublic {public}\nwrap {wrap}\nsecret {}\n",
            *secret
        ));
        Zeroizing::new(checked::seal(&body))
    }

    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let lines = checked::open(text, FIRST_LINE)?;
        let [purpose, owner, public, wrap, secret] = lines[..] else {
            return Err("it has too few or too many lines");
        };
        let value = |line: &'static str, text: &str| -> Result<String, &'static str> {
            text.strip_prefix(line).map(str::to_owned).ok_or("its lines are not in order")
        };
        let purpose = value("purpose ", purpose)?;
        let purpose = Purpose::ALL.into_iter().find(|known| known.code() == purpose);
        let public = hex::decode(&value("public ", public)?).map(PublicKey::new);
        let owner = value("owner ", owner)?;
        if owner.len() > OWNER_BYTES_MAX {
            return Err("its owner is too long");
        }
        Ok(Self {
            purpose: purpose.ok_or("its purpose is not known")?,
            owner,
            public: public.ok_or("its public half is no key")?,
            secret: parse_secret(
                &value("wrap ", wrap)?,
                &Zeroizing::new(value("secret ", secret)?),
            )
            .ok_or("its secret is no secret")?,
        })
    }
}

fn parse_secret(wrap: &str, secret: &str) -> Option<Secret> {
    if wrap == "none" {
        return hex::decode(secret).map(Zeroizing::new).map(Secret::Plain);
    }
    let (nonce, sealed) = secret.split_once(' ')?;
    let (nonce, sealed) = (hex::decode(nonce)?, hex::decode(sealed)?);
    Some(Secret::Wrapped(Wrapped { kdf: Kdf::parse(wrap)?, nonce, sealed }))
}
