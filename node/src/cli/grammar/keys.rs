//! The grammar of keys: where they are, signing elsewhere, recovery.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::value;

#[derive(Subcommand, Debug)]
pub(crate) enum Key {
    /// List keys: what each is for, and where it is.
    List,
    /// Show the recovery sheet, or say that it is kept.
    Sheet(Sheet),
    /// Replace the organisation's root key by the next one.
    Rotate(Rotate),
    /// Move the root key off this node, into a file.
    Move {
        /// A new file.
        file: PathBuf,
        /// A file with the passphrase of the key file.
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// Bring the root key back from its file.
    Return {
        /// The key file.
        file: PathBuf,
    },
    /// Make a key of your own in a file, on any machine.
    New(NewKey),
}

#[derive(Args, Debug)]
pub(crate) struct Sheet {
    /// A new file: plain text, or with the ending .html a page to print.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The sheet is kept: the node forgets the words.
    #[arg(long, conflicts_with = "out")]
    pub(crate) done: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Rotate {
    /// A file with the words of the recovery sheet, or the sheet itself.
    #[arg(long, value_name = "FILE")]
    pub(crate) words_file: Option<PathBuf>,
    /// A spare root key kept elsewhere, by its public half; may be given several times.
    #[arg(long = "spare", value_name = "PUBLICKEY")]
    pub(crate) spares: Vec<String>,
    /// A file with the passphrase of the new keys [default: that of --passphrase-file].
    #[arg(long, value_name = "FILE")]
    pub(crate) new_passphrase_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct NewKey {
    /// A new file; the public half goes into FILE.pub beside it.
    pub(crate) file: PathBuf,
    /// A spare root key of an organisation, not a key of a person.
    #[arg(long)]
    pub(crate) root: bool,
    /// Whose it is, as a note to people.
    #[arg(long, value_name = "NAME", value_parser = value::name)]
    pub(crate) owner: Option<String>,
    /// A file with the passphrase of the key.
    #[arg(long, value_name = "FILE")]
    pub(crate) new_passphrase_file: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Device {
    /// Grant somebody's roles to a key that was made on another device.
    Add {
        /// The account, by name.
        name: String,
        /// The public key, or the file that `tern key new` wrote it to.
        #[arg(value_name = "PUBLICKEY|FILE")]
        key: String,
        /// Where to write the name card that the device is to sign.
        #[arg(long, value_name = "FILE")]
        card: Option<PathBuf>,
    },
}

#[derive(Args, Debug)]
pub(crate) struct Sign {
    /// The statement file.
    pub(crate) file: PathBuf,
    /// Where to write it, signed [default: the same file].
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Do not ask whether you are sure.
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Submit {
    /// The signed statement file.
    pub(crate) file: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct Recover {
    /// The organisation's id; without it, tells how far a recovery is.
    #[arg(requires = "belongs")]
    pub(crate) org: Option<String>,
    /// An invitation to its federation, or a file that holds one.
    #[arg(long, group = "belongs", value_name = "INVITATION")]
    pub(crate) invitation: Option<String>,
    /// The id of its federation.
    #[arg(long, group = "belongs", value_name = "ID")]
    pub(crate) federation: Option<String>,
    /// The name of the first account's person.
    #[arg(long, value_name = "NAME", value_parser = value::name)]
    pub(crate) person: Option<String>,
    /// The language of the first account [default: en].
    #[arg(long, value_name = "TAG")]
    pub(crate) lang: Option<String>,
    /// Where to write the request for the stewards.
    #[arg(long, value_name = "FILE", default_value = "recovery-request.tern")]
    pub(crate) out: PathBuf,
    /// What a steward sent back.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["org", "belongs"])]
    pub(crate) answer: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct RekeyOrg {
    /// The request of the organisation; or the organisation that asked at this node, by id or name.
    #[arg(value_name = "FILE|ORG")]
    pub(crate) request: String,
    /// Why, for the other stewards; without it, only shows the request.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Where to write the answer, once the new keys count.
    #[arg(long, value_name = "FILE")]
    pub(crate) answer: Option<PathBuf>,
    /// Do not ask whether you are sure.
    #[arg(long)]
    pub(crate) yes: bool,
}
