//! Password verifiers of the local accounts, in one file of the keystore:
//!
//! ```text
//! tern accounts 1
//! amina argon2id m=19456 t=2 p=1 salt=<32 digits> hash=<64 digits>
//! check <64 digits>
//! ```
//! An account without a line has no password: it signs in by a link. Asking
//! for an unknown account takes as long as for a known one.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;

use super::wrap::Kdf;
use super::{Keystore, KeystoreError, Passphrase, checked, read_text, system};
use crate::folder::write_private;
use crate::hex;

const FIRST_LINE: &str = "tern accounts 1";
/// The file is at most this long: some 5,000 accounts.
const ACCOUNTS_FILE_BYTES_MAX: u64 = 1024 * 1024;

/// The name by which a local account signs in: 3 to 32 of `a`–`z`, `0`–`9`,
/// `.`, `-` and `_`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct AccountName(String);

impl AccountName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for AccountName {
    type Err = KeystoreError;

    fn from_str(text: &str) -> Result<Self, KeystoreError> {
        let allowed =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
        if (3..=32).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(KeystoreError::AccountName(text.chars().take(40).collect()))
        }
    }
}

/// The password verifiers of one node.
pub struct Verifiers {
    path: PathBuf,
    accounts: BTreeMap<AccountName, Verifier>,
}

#[derive(Clone)]
struct Verifier {
    kdf: Kdf,
    hash: [u8; 32],
}

impl Verifiers {
    /// Those in `keystore`; none where the file is absent.
    pub fn open(keystore: &Keystore) -> Result<Self, KeystoreError> {
        let path = keystore.folder.join("accounts");
        let text = match read_text(&path, ACCOUNTS_FILE_BYTES_MAX) {
            Err(KeystoreError::System { cause, .. }) if cause.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { path, accounts: BTreeMap::new() });
            }
            read => read?,
        };
        let damaged = |why| KeystoreError::Damaged { path: path.clone(), why };
        let lines = checked::open(&text, FIRST_LINE).map_err(damaged)?;
        let accounts = lines.into_iter().map(parse_line).collect::<Option<BTreeMap<_, _>>>();
        let accounts = accounts.ok_or_else(|| damaged("a line is no verifier"))?;
        Ok(Self { path, accounts })
    }

    /// Whether this account has a password.
    pub fn has(&self, account: &AccountName) -> bool {
        self.accounts.contains_key(account)
    }

    /// Sets or replaces a password. Durable when it returns.
    pub fn set(
        &mut self,
        account: &AccountName,
        password: &Passphrase,
    ) -> Result<(), KeystoreError> {
        let kdf = Kdf::draw()?;
        let hash = *kdf.derive(password).map_err(KeystoreError::Resources)?;
        let mut accounts = self.accounts.clone();
        accounts.insert(account.clone(), Verifier { kdf, hash });
        self.replace(accounts)
    }

    /// Takes a password away. Durable when it returns.
    pub fn remove(&mut self, account: &AccountName) -> Result<(), KeystoreError> {
        let mut accounts = self.accounts.clone();
        match accounts.remove(account) {
            Some(_) => self.replace(accounts),
            None => Ok(()),
        }
    }

    /// Whether this is the account's password. Takes tens of milliseconds,
    /// known account or not.
    pub fn verify(
        &self,
        account: &AccountName,
        password: &Passphrase,
    ) -> Result<bool, KeystoreError> {
        let nobody = Verifier { kdf: Kdf::with_salt([0; 16]), hash: [0; 32] };
        let known = self.accounts.get(account);
        let Verifier { kdf, hash } = known.unwrap_or(&nobody);
        let derived = kdf.derive(password).map_err(KeystoreError::Resources)?;
        // The equality of two hashes takes the same time wherever they differ.
        let equal = blake3::Hash::from_bytes(*derived) == blake3::Hash::from_bytes(*hash);
        Ok(known.is_some() && equal)
    }

    /// Writes first and remembers after, so that a failed write changes
    /// nothing.
    fn replace(&mut self, accounts: BTreeMap<AccountName, Verifier>) -> Result<(), KeystoreError> {
        let mut body = format!("{FIRST_LINE}\n");
        for (account, Verifier { kdf, hash }) in &accounts {
            body += &format!("{account} {kdf} hash={}\n", hex::encode(hash));
        }
        let text = checked::seal(&body);
        write_private(&self.path, text.as_bytes())
            .map_err(|cause| system("write", &self.path, cause))?;
        self.accounts = accounts;
        Ok(())
    }
}

fn parse_line(line: &str) -> Option<(AccountName, Verifier)> {
    let (account, rest) = line.split_once(' ')?;
    let (kdf, hash) = rest.rsplit_once(" hash=")?;
    let verifier = Verifier { kdf: Kdf::parse(kdf)?, hash: hex::decode(hash)? };
    Some((account.parse().ok()?, verifier))
}
