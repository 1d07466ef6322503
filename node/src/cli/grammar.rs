//! The grammar of the command line: names and arguments, nothing that acts.
//!
//! Names here are a contract that scripts rely on.

mod annotation;
mod blob;
mod clearance;
mod discuss;
mod keys;
mod link;
mod listing;
mod notices;
mod review;
mod saved;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::value::{self, Setting};
use crate::config::{http_address, multiaddress};
use crate::ops::Granting;
pub(super) use annotation::Annotation;
pub(super) use blob::{Attach, Blob};
pub(super) use clearance::Clearance;
pub(super) use discuss::Discuss;
pub(super) use keys::{Device, Key, NewKey, Recover, RekeyOrg, Rotate, Sheet, Sign, Submit};
pub(super) use link::Link;
pub(super) use listing::{Collection, Resource};
pub(super) use notices::Notices;
pub(super) use review::Review;
pub(super) use saved::{Saved, Search};

/// Tern: a node of a library that many organisations keep together.
#[derive(Parser, Debug)]
#[command(name = "tern", version, about)]
pub(super) struct Line {
    #[command(flatten)]
    pub(super) global: Global,
    /// Without a command: serve.
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

/// Options that stand before or after a command.
#[derive(Args, Debug, Clone)]
pub(super) struct Global {
    /// The data folder of the node [default: $TERN_DATA, else the platform's].
    #[arg(long, global = true, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// Print one JSON document on standard output, and nothing else there.
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// The local account that acts [default: the first].
    // Named apart: a command's own `account` would be taken for this one.
    #[arg(id = "as", long = "as", global = true, value_name = "NAME")]
    pub(super) account: Option<String>,
    /// A file with the passphrase of the keys [default: $TERN_PASSPHRASE_FILE].
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) passphrase_file: Option<PathBuf>,
    /// A file with the organisation's root key, for what needs it [default: $TERN_KEY_FILE].
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) key_file: Option<PathBuf>,
    /// A file with the passphrase of that key [default: $TERN_KEY_PASSPHRASE_FILE].
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) key_passphrase_file: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Run the node: pages, API and exchange with others.
    Serve(Serve),
    /// Show a federation at work on this machine.
    Demo(Demo),
    /// Make an organisation, its node and its first account; found a federation of one.
    Init(Founding),
    /// Make an organisation and its node, and join a federation by invitation.
    Join(Join),
    /// Make an invitation for another organisation.
    Invite(Invite),
    /// Approve organisations that ask to join, or another proposal.
    Approve(Approve),
    /// Show what waits for approvals, and whose are missing.
    Proposals,
    /// List the organisations of the federation.
    Members,
    /// Suspend a member: it connects to nobody until that is lifted.
    Suspend(Against),
    /// End a suspension.
    Lift(About),
    /// Remove a member; what is held of its work stands.
    Remove(Against),
    /// Admit again an organisation that left or was removed.
    Admit(About),
    /// Leave the federation.
    Leave {
        /// Do not ask whether you are sure.
        #[arg(long)]
        yes: bool,
    },
    /// What the federation agreed on, and who its stewards are.
    #[command(subcommand)]
    Charter(Charter),
    /// What people of this organisation may do.
    #[command(subcommand)]
    Cert(Cert),
    /// Accounts of this node.
    #[command(subcommand)]
    Account(Account),
    /// Where keys are, the recovery sheet, another root key.
    #[command(subcommand)]
    Key(Key),
    /// Sign a prepared statement with a key file, on any machine.
    Sign(Sign),
    /// Bring in what was signed elsewhere.
    Submit(Submit),
    /// Begin again as an organisation that lost its keys.
    Recover(Recover),
    /// As a steward: give new keys to an organisation that lost its own.
    Rekey(RekeyOrg),
    /// Write, publish, read and check practices.
    #[command(subcommand)]
    Practice(Practice),
    /// Attach a file to a practice.
    Attach(Attach),
    /// Files beside practices: fetch, keep, remove.
    #[command(subcommand)]
    Blob(Blob),
    /// Search the library.
    Search(Search),
    /// Searches that you keep, and what is new in them.
    #[command(subcommand)]
    Saved(Saved),
    /// Experts: who can help with what.
    #[command(subcommand)]
    Expert(Expert),
    /// Ask experts for support, follow and answer.
    #[command(subcommand)]
    Request(Request),
    /// Have an edition judged by people of other organisations; judge; decide.
    #[command(subcommand)]
    Review(Review),
    /// Have a draft cleared before it is published: ask, follow, give it or return it.
    #[command(subcommand)]
    Clearance(Clearance),
    /// Discuss with people of other organisations, and moderate.
    #[command(subcommand)]
    Discuss(Discuss),
    /// Collections of practices and resources, to be read and taken away together.
    #[command(subcommand)]
    Collection(Collection),
    /// Briefs, tools, trainings, data sets and laws beside practices.
    #[command(subcommand)]
    Resource(Resource),
    /// Exchange with a peer now.
    Meet(Meet),
    /// Addresses of other nodes.
    #[command(subcommand)]
    Peers(Peers),
    /// What links cost, what was spent on them, and what waits.
    #[command(subcommand)]
    Link(Link),
    /// How the node is.
    Status,
    /// Read everything stored and tell what is damaged.
    Check(Check),
    /// Carry what the federation shares by hand: on a stick, in a letter.
    #[command(subcommand)]
    Bundle(Bundle),
    /// Save the node in one file; a file that is there is continued.
    Backup(Backup),
    /// Make an empty data folder the node that a backup holds.
    Restore(Restore),
    /// Write everything that the node holds as files that need no Tern.
    Export(Export),
    /// Replace this program by a signed release, tried on a copy of the node first.
    Upgrade(Upgrade),
    /// For makers of releases: sign programs.
    #[command(subcommand, hide = true)]
    Release(Release),
    /// After a restore: go on without having met another member.
    Resume,
    /// Tell whether two nodes run with this node's key, and what to do.
    Copied(Copied),
    /// Tell what is well, what needs attention, and what to do.
    Doctor,
    /// Write a file for somebody who helps, without names, titles, keys and addresses.
    Support {
        /// A new file.
        file: PathBuf,
    },
    /// Settings of the node.
    #[command(subcommand)]
    Config(Config),
    /// The version of this program.
    Version(Version),
}

#[derive(Args, Debug)]
pub(super) struct Version {
    /// Name every crate linked into this program, with its version and licence.
    #[arg(long)]
    pub(super) licences: bool,
}

#[derive(Args, Debug, Default)]
pub(super) struct Serve {
    /// Address and port of the pages; port 0 takes a free one.
    #[arg(long, value_name = "ADDR:PORT", value_parser = http_address)]
    pub(super) http: Option<SocketAddr>,
    /// Where other nodes are awaited; may be given several times.
    #[arg(long, value_name = "MULTIADDR", value_parser = multiaddress)]
    pub(super) listen: Vec<String>,
}

#[derive(Args, Debug)]
pub(super) struct Demo {
    /// How many nodes.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(2..=16))]
    pub(super) nodes: u16,
    /// Where their folders go [default: a temporary folder].
    #[arg(long, value_name = "DIR")]
    pub(super) dir: Option<PathBuf>,
    /// Node i serves its pages on this port + i; 0 takes free ones.
    #[arg(long, default_value_t = 8480, value_name = "PORT")]
    pub(super) http: u16,
    /// End after the story.
    #[arg(long)]
    pub(super) once: bool,
}

#[derive(Args, Debug)]
pub(super) struct Founding {
    /// The organisation's name.
    #[arg(long, value_name = "NAME", value_parser = value::name)]
    pub(super) org: String,
    /// Its country, as two letters.
    #[arg(long, value_name = "CC", value_parser = value::country)]
    pub(super) country: String,
    /// What kind of organisation it is.
    #[arg(long, value_name = "CODE")]
    pub(super) kind: Option<String>,
    /// The language of the first account [default: en].
    #[arg(long, value_name = "TAG")]
    pub(super) lang: Option<String>,
    /// The name of the first account's person.
    #[arg(long, value_name = "NAME", value_parser = value::name)]
    pub(super) person: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct Join {
    /// The invitation, or a file that holds it.
    pub(super) invitation: String,
    #[command(flatten)]
    pub(super) founding: Founding,
}

#[derive(Args, Debug)]
pub(super) struct Invite {
    /// For whom, as a note to those who approve.
    #[arg(long, value_name = "NAME", value_parser = value::name)]
    pub(super) org: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct Approve {
    /// Which proposal [default: every organisation that asks to join].
    pub(super) proposal: Option<String>,
    /// Write it down to be signed elsewhere, instead of signing it here.
    #[arg(long, value_name = "FILE")]
    pub(super) prepare: Option<PathBuf>,
    /// Bring in what was signed elsewhere.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["proposal", "prepare"])]
    pub(super) signed: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct Against {
    /// An organisation, by id or name.
    pub(super) org: String,
    /// Why, in words that its people will read.
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: String,
}

#[derive(Args, Debug)]
pub(super) struct About {
    /// An organisation, by id or name.
    pub(super) org: String,
}

#[derive(Subcommand, Debug)]
pub(super) enum Charter {
    /// Show the charter in force.
    Show,
    /// List every charter from the founding one on, with who signed and what changed.
    Log,
    /// Propose the next one; what is not named stays as it is.
    Propose {
        /// The federation's name.
        #[arg(long, value_name = "TEXT", value_parser = value::name)]
        name: Option<String>,
        /// A steward from then on, by id or name; name all of them, 1, 3, 5 or 7.
        #[arg(long = "steward", value_name = "ORG")]
        stewards: Vec<String>,
        /// A policy and its text; may be given several times.
        #[arg(long = "policy", value_name = "CODE=TEXT", value_parser = value::policy)]
        policies: Vec<(String, String)>,
        /// A policy to take out; may be given several times.
        #[arg(long = "no-policy", value_name = "CODE")]
        without: Vec<String>,
    },
}

/// With what roles are granted.
#[derive(Args, Debug, Default)]
pub(super) struct With {
    /// End them after so many weeks, 1 to 104, counted by the federation's beacons.
    #[arg(long, value_name = "WEEKS", value_parser = value::weeks, requires = "roles")]
    until: Option<u32>,
    /// For this draft, practice, submission or request alone; may be given several times.
    #[arg(long, value_name = "ID", value_delimiter = ',', requires = "roles")]
    only: Vec<String>,
    /// How many things that the key signed go before those of others in one meeting.
    #[arg(long, value_name = "N", requires = "roles")]
    quota: Option<u32>,
}

impl From<With> for Granting {
    fn from(With { until, only, quota }: With) -> Self {
        Self { until, only, quota }
    }
}

#[derive(Subcommand, Debug)]
pub(super) enum Cert {
    /// Grant roles to an account.
    Grant {
        /// The account, by name.
        account: String,
        /// A role; may be given several times.
        #[arg(long = "role", alias = "roles", value_name = "ROLE", required = true,
              value_delimiter = ',', value_parser = value::role)]
        roles: Vec<String>,
        #[command(flatten)]
        with: With,
        /// Write it down to be signed elsewhere, instead of signing it here.
        #[arg(long, value_name = "FILE")]
        prepare: Option<PathBuf>,
    },
    /// Revoke a certificate, or those of an account; what is held of what they signed stands.
    Revoke {
        /// A certificate's id, or the name of an account.
        #[arg(value_name = "CERT|ACCOUNT", required_unless_present = "before_recovery")]
        certificate: Option<String>,
        /// All that keys from before the organisation's recovery granted.
        #[arg(long, conflicts_with = "certificate")]
        before_recovery: bool,
        /// left, replaced, lost, stolen or misused.
        #[arg(long, value_name = "CODE", value_parser = value::revoke_reason)]
        reason: String,
        /// Do not ask whether you are sure.
        #[arg(long)]
        yes: bool,
    },
    /// List what revocations left out, and this node keeps aside.
    Aside,
    /// Stand for something that is kept aside: it counts again, on every node.
    Adopt {
        /// Its id.
        record: String,
        /// Why; all members can read it.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// List certificates of this organisation.
    List {
        /// Those of every organisation.
        #[arg(long)]
        all: bool,
    },
}

#[derive(Subcommand, Debug)]
pub(super) enum Account {
    /// Make an account with keys of its own.
    Add {
        /// The name to sign in.
        #[arg(value_parser = value::account)]
        name: String,
        /// The person's name as shown.
        #[arg(long, value_name = "NAME", value_parser = value::name)]
        person: Option<String>,
        /// The person's language.
        #[arg(long, value_name = "TAG")]
        lang: Option<String>,
        /// A role to grant at once; may be given several times.
        #[arg(long = "role", alias = "roles", value_name = "ROLE",
              value_delimiter = ',', value_parser = value::role)]
        roles: Vec<String>,
        #[command(flatten)]
        with: With,
        /// A file with the passphrase of the new keys [default: that of --passphrase-file].
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// Take back the name that your signatures show: they read "a person of …" then.
    TakeNameBack {
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// List accounts.
    List,
    /// Print a sign-in link that works once, for 15 minutes.
    Link {
        /// Whose [default: the account that acts].
        name: Option<String>,
    },
    /// Take a forgotten password away, and print a link to set a new one.
    Reset {
        /// Whose.
        name: String,
    },
    /// Give somebody new keys, whose passphrase or key file is lost.
    Rekey {
        /// Whose.
        name: String,
        /// A file with the passphrase of the new keys.
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// How the account that acts is told of what waits, and to change that.
    Notices(Notices),
    /// Further devices of a person.
    #[command(subcommand)]
    Device(Device),
    /// Take an account away and revoke its certificates: this person left.
    Remove {
        /// Whose.
        name: String,
        /// The account that goes on with their drafts and requests.
        #[arg(long, value_name = "NAME")]
        to: Option<String>,
        /// Revoke nothing: they only move to another node of the organisation.
        #[arg(long)]
        keep_certificate: bool,
        /// A file with their passphrase, if they told it: open requests are declined with their key.
        #[arg(long, value_name = "FILE")]
        their_passphrase_file: Option<PathBuf>,
        /// Do not ask whether you are sure.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Subcommand, Debug)]
pub(super) enum Practice {
    /// Make a draft from a practice file.
    Draft {
        /// JSON, or a table of one row.
        file: PathBuf,
    },
    /// Change a draft, or open one from a practice.
    Edit {
        /// A draft or a practice.
        id: String,
        /// A field and its value; an empty value clears it. May be given several times.
        #[arg(long = "set", value_name = "FIELD=VALUE", value_parser = value::setting)]
        set: Vec<Setting>,
    },
    /// Let other organisations see a draft and write in it, and send what you wrote.
    Share {
        /// The draft.
        id: String,
        /// An organisation that sees it from now on. May be given several times.
        #[arg(long = "with", value_name = "ORG")]
        show: Vec<String>,
        /// An organisation that does not see it any more; what it has it keeps.
        #[arg(long = "without", value_name = "ORG")]
        hide: Vec<String>,
    },
    /// Comment on a field of a draft, or answer a comment. Publishing takes none along.
    Comment {
        /// The draft.
        id: String,
        #[command(flatten)]
        words: discuss::Words,
        /// The field, as practice files name it.
        #[arg(long, value_name = "FIELD", required_unless_present = "reply_to")]
        field: Option<String>,
        /// The language of the text that is meant.
        #[arg(long, value_name = "TAG")]
        lang: Option<String>,
        /// The words that it is about, as they stand in the field.
        #[arg(long, value_name = "WORDS", conflicts_with = "reply_to")]
        quote: Option<String>,
        /// The comment that it answers.
        #[arg(long = "reply-to", value_name = "COMMENT", conflicts_with = "field")]
        reply_to: Option<String>,
    },
    /// Say that a comment on a draft is done with.
    Resolve {
        /// The draft.
        id: String,
        /// The comment.
        comment: String,
        /// It is not done with.
        #[arg(long)]
        again: bool,
    },
    /// Publish a draft in the organisation's name.
    Publish {
        /// The draft.
        id: String,
        /// What changed, for readers.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Erase a practice of this organisation from every node, for ever.
    Erase {
        /// The practice.
        id: String,
        /// taken-back, personal-data, unlawful or safety.
        #[arg(long, value_name = "CODE")]
        reason: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    #[command(flatten)]
    Annotate(Annotation),
    /// Stand for an edition, or for work in a draft, that is held back because a key was revoked.
    Adopt {
        /// The practice or draft.
        id: String,
        /// The edition, by number or id [default: the latest that is held back].
        #[arg(long, value_name = "N|ID")]
        edition: Option<String>,
        /// Of a draft, the held work, as `practice show` names it [default: the only one].
        #[arg(long, value_name = "ID", conflicts_with = "edition")]
        change: Option<String>,
        /// Why, for readers.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Write what your side of a draft said, and lost against another branch, into what is shown.
    TakeOver {
        /// The draft.
        id: String,
        /// The held work, as `practice show` names it [default: the only one].
        #[arg(long, value_name = "ID")]
        change: Option<String>,
    },
    /// Put away a draft that another organisation published or took back, or held work in a draft.
    PutAway {
        /// The draft.
        id: String,
        /// The held work, as `practice show` names it [default: the draft itself].
        #[arg(long, value_name = "ID")]
        change: Option<String>,
        /// Bring it back.
        #[arg(long)]
        back: bool,
    },
    /// List practices.
    List {
        /// Drafts instead.
        #[arg(long)]
        drafts: bool,
        /// Those that were put away.
        #[arg(long, requires = "drafts")]
        away: bool,
        #[command(flatten)]
        page: Page,
    },
    /// Show one practice or draft.
    Show {
        /// Which.
        id: String,
        /// The number of an edition [default: the latest].
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        edition: Option<u32>,
    },
    /// List its editions.
    History {
        /// Which.
        id: String,
    },
    /// Compare two editions.
    Diff {
        /// Which.
        id: String,
        /// The earlier, by number or id.
        a: String,
        /// The later, by number or id.
        b: String,
    },
    /// Tell who signed it and whether that counts.
    Verify {
        /// A practice, a file that `export` or `show --json` wrote, or the text
        /// of the code on a printed page.
        #[arg(value_name = "ID|FILE|CODE")]
        subject: String,
    },
    /// Write practices as a file.
    Export {
        /// Which: one, or several for a file with all of them.
        #[arg(required_unless_present_any = ["all", "search"])]
        id: Vec<String>,
        /// All practices that are held.
        #[arg(long, conflicts_with_all = ["id", "search"])]
        all: bool,
        /// Those that a search finds.
        #[arg(long, value_name = "QUERY", conflicts_with = "id")]
        search: Option<String>,
        /// As what.
        #[arg(long, value_enum)]
        format: Format,
        /// Where to [default: standard output].
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Write the submission form for word processors, empty or filled in.
    Template {
        /// The practice or draft to fill it in with.
        id: Option<String>,
        /// The language that it is written in.
        #[arg(long, value_name = "TAG", default_value = "en")]
        lang: String,
        /// Where to.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Make drafts from the rows of files.
    Import {
        /// A file of JSON, JSON Lines, CSV or XLSX, a submission form (DOCX), or
        /// a folder of them.
        #[arg(value_name = "FILE|FOLDER")]
        path: PathBuf,
        /// Only say what would be imported, and what of it makes no sense.
        #[arg(long, conflicts_with_all = ["publish", "note"])]
        preview: bool,
        /// Publish them too.
        #[arg(long)]
        publish: bool,
        /// What changed, for readers.
        #[arg(long, value_name = "TEXT", requires = "publish")]
        note: Option<String>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(super) enum Format {
    /// Practice files with their provenance; can be imported and verified.
    Json,
    /// Linked data in the terms of schema.org.
    Jsonld,
    /// References for reference managers.
    Ris,
    /// References for LaTeX.
    Bibtex,
    /// A table as text; can be imported.
    Csv,
    /// A workbook; can be imported.
    Xlsx,
    /// A document for word processors.
    Docx,
    /// Markdown, to be read.
    Md,
}

#[derive(Args, Debug)]
pub(super) struct Page {
    /// At most this many.
    #[arg(long, value_name = "N", value_parser = value::limit)]
    pub(super) limit: Option<usize>,
    /// What `next` said on the page before.
    #[arg(long, value_name = "CURSOR")]
    pub(super) after: Option<String>,
}

#[derive(Subcommand, Debug)]
pub(super) enum Expert {
    /// Sign and show your card.
    Card {
        /// The card, as JSON.
        file: PathBuf,
    },
    /// List experts.
    List,
    /// Set your card aside: it is not matched.
    Pause,
    /// List your card again, for another twelve months.
    Resume,
    /// Take your card back.
    Remove,
    /// Tell who fits a request, and why; sends nothing.
    Match {
        /// The request, as JSON.
        #[arg(value_name = "REQUESTFILE")]
        file: PathBuf,
    },
}

#[derive(Args, Debug)]
pub(super) struct Copied {
    /// The other one was stopped for good: only this one runs now.
    #[arg(long)]
    pub(super) cleared: bool,
    /// Make this one, which is stopped, a node of its own with a new key.
    #[arg(long, conflicts_with = "cleared")]
    pub(super) new_key: bool,
}

#[derive(Subcommand, Debug)]
pub(super) enum Request {
    /// Sign, encrypt and send a request.
    Ask {
        /// The request, as JSON.
        file: PathBuf,
    },
    /// Ask for a translation of a practice.
    Translate {
        /// Which practice.
        practice: String,
        /// Into this language.
        #[arg(long, value_name = "TAG")]
        lang: String,
        /// By when it is needed.
        #[arg(long, value_name = "YYYY-MM-DD")]
        by: String,
        /// Which edition [default: the latest].
        #[arg(long, value_name = "N|ID")]
        edition: Option<String>,
    },
    /// Open what a passphrase keeps closed, until the node stops.
    Open,
    /// List the requests that you can open.
    List,
    /// Show one: who holds it, since when, by which way.
    Show {
        /// Which.
        id: String,
    },
    /// Show what this node said about one as QR codes and texts, for where no link and
    /// no stick leads; `tern bundle read --code` takes them in.
    Qr {
        /// Which.
        id: String,
    },
    /// Take a request that you are asked.
    Accept {
        /// Which.
        id: String,
        /// To the asker.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Not take it.
    Decline {
        /// Which.
        id: String,
        /// no-time, not-my-field, conflict, other, or words.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// More about it.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Ask more experts: those you name, or the best who was not asked yet.
    Offer {
        /// Which.
        id: String,
        /// The experts: ids or names.
        experts: Vec<String>,
    },
    /// Choose among those who accepted.
    Award {
        /// Which.
        id: String,
        /// The expert: an id or a name.
        expert: String,
    },
    /// Answer a request that is in your hands.
    Answer {
        /// Which.
        id: String,
        /// The answer, as JSON.
        file: PathBuf,
    },
    /// Take the answer as one.
    Confirm {
        /// Which.
        id: String,
    },
    /// End it.
    Close {
        /// Which.
        id: String,
        /// met, partly, unmet or moved [default: met].
        #[arg(long, value_name = "CODE")]
        outcome: Option<String>,
        /// How useful the answer was, 1 to 4.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=4))]
        rating: Option<u8>,
        /// In words.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
        /// When you will say what became of it, or never [default: in half a year, if
        /// something of use came].
        #[arg(long, value_name = "DAY")]
        follow_up: Option<String>,
    },
    /// Take it back.
    Withdraw {
        /// Which.
        id: String,
        /// In words.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Ask back what you have to know first.
    Question {
        /// Which.
        id: String,
        /// The question.
        text: String,
    },
    /// Reply to what an expert asked back.
    Reply {
        /// Which.
        id: String,
        /// In words.
        text: String,
        /// The question, where more than one waits.
        #[arg(long, value_name = "QUESTION")]
        to: Option<String>,
    },
    /// Say how far the answer is.
    Progress {
        /// Which.
        id: String,
        /// In words.
        text: String,
    },
    /// Name an expert who could help; those who ask decide.
    Refer {
        /// Which.
        id: String,
        /// The expert: an id or a name.
        expert: String,
        /// Why them.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Say what is missing of an answer.
    Dispute {
        /// Which.
        id: String,
        /// What is missing.
        reasons: String,
    },
    /// Say what became of an answer after you closed the request.
    FollowUp {
        /// Which.
        id: String,
        /// used, partly or not.
        outcome: String,
        /// In words.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Look further for somebody: in all languages, then at the desks of others.
    Escalate {
        /// Which.
        id: String,
        /// wider or desks [default: the next step].
        #[arg(long, value_name = "STEP")]
        step: Option<String>,
        /// The organisations whose desks read it [default: the stewards].
        #[arg(long = "desk", value_name = "ORG")]
        desks: Vec<String>,
    },
    /// List needs for which nobody was found.
    Board {
        /// Only those that serve this objective.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=23))]
        objective: Option<u8>,
        /// Only those in this region, by its M49 code.
        #[arg(long, value_name = "CODE")]
        region: Option<String>,
    },
    /// Put on the board what everybody may read of a request.
    Post {
        /// Which request.
        id: String,
        /// What is needed, on one line [default: its title].
        #[arg(long, value_name = "TEXT")]
        title: Option<String>,
        /// Whom it names: organisation, country, region or nothing [default: region].
        #[arg(long, value_name = "WHOM")]
        naming: Option<String>,
    },
    /// Take a need down from the board.
    TakeDown {
        /// The need.
        need: String,
    },
    /// Offer help for a need, to those who posted it alone.
    OfferHelp {
        /// The need.
        need: String,
        /// How you can help.
        text: String,
    },
}

#[derive(Args, Debug)]
pub(super) struct Meet {
    /// A node id, peer id, saved address or organisation [default: every peer].
    pub(super) peer: Option<String>,
}

#[derive(Subcommand, Debug)]
pub(super) enum Peers {
    /// List them.
    List,
    /// Save an address.
    Add {
        /// The address.
        #[arg(value_name = "MULTIADDR", value_parser = multiaddress)]
        address: String,
    },
    /// Forget saved addresses.
    Remove {
        /// A node id, peer id, saved address or organisation.
        peer: String,
    },
}

#[derive(Args, Debug)]
pub(super) struct Upgrade {
    /// The release.
    pub(super) file: PathBuf,
}

#[derive(Subcommand, Debug)]
pub(super) enum Release {
    /// Draw a key that signs releases.
    Key {
        /// Where to; keep it off the network.
        file: PathBuf,
    },
    /// Sign a program.
    Make {
        /// The program.
        program: PathBuf,
        /// Its version, as 1.2.3.
        #[arg(long, value_name = "VERSION")]
        version: String,
        /// What is new.
        #[arg(long, value_name = "TEXT", default_value = "")]
        notes: String,
        /// The file with the key.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Where to.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

#[derive(Args, Debug)]
pub(super) struct Export {
    /// A folder that is not there yet.
    pub(super) dir: PathBuf,
}

#[derive(Subcommand, Debug)]
pub(super) enum Bundle {
    /// Write what this node holds and shares into a file, or onto a stick.
    Write {
        /// A file, or a folder: a stick, where each node has a file of its own.
        #[arg(value_name = "FILE|FOLDER")]
        path: PathBuf,
        /// For one node alone: encrypted to it, and without what it said to hold.
        #[arg(long = "for", value_name = "NODE")]
        reader: Option<String>,
        /// At most this many bytes, what is urgent first.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(4096..))]
        max_bytes: Option<u64>,
        /// Write the rest too, into FILE.1, FILE.2 and so on, each of at most so
        /// many bytes and to be read by itself.
        #[arg(long, requires = "max_bytes")]
        volumes: bool,
    },
    /// Take in what others wrote.
    Read {
        /// A file, or a stick.
        #[arg(value_name = "FILE|FOLDER", required_unless_present = "code")]
        path: Option<PathBuf>,
        /// Instead: all codes of a request, as texts (`tern request qr`).
        #[arg(long, value_name = "TEXT", num_args = 1.., conflicts_with = "path")]
        code: Vec<String>,
    },
    /// Tell who wrote a bundle, when, whether it is whole, and what would be new here.
    Show {
        /// The bundle.
        file: PathBuf,
    },
}

#[derive(Args, Debug)]
pub(super) struct Backup {
    /// Where to; with --passphrase-file it is encrypted.
    pub(super) file: PathBuf,
    /// Leave out files that were attached to practices.
    #[arg(long)]
    pub(super) without_files: bool,
}

#[derive(Args, Debug)]
pub(super) struct Restore {
    /// The backup.
    pub(super) file: PathBuf,
}

#[derive(Args, Debug)]
pub(super) struct Check {
    /// Rebuild what can be rebuilt.
    #[arg(long)]
    pub(super) repair: bool,
}

#[derive(Subcommand, Debug)]
pub(super) enum Config {
    /// Show every setting with its value and where that comes from.
    Check,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Line, String> {
        let words = line.split_whitespace().map(|word| word.replace('+', " "));
        Line::try_parse_from(words).map_err(|told| told.to_string())
    }

    #[test]
    fn the_grammar_contradicts_itself_nowhere() {
        Line::command().debug_assert();
    }

    #[test]
    fn every_promised_command_is_understood() {
        for line in [
            "tern",
            "tern demo",
            "tern demo --nodes 3 --dir /tmp/d --http 8480 --once --json",
            "tern init --org Civil+registry --country ne",
            "tern init --org X+Y --country NE --kind government --lang fr --person Amina+Issa --passphrase-file f",
            "tern serve --http 127.0.0.1:0 --listen /ip4/127.0.0.1/tcp/0 --listen /ip4/127.0.0.1/udp/0/quic-v1",
            "tern invite",
            "tern invite --org UNHCR",
            "tern join tern-invitation --org X+Y --country NE",
            "tern approve",
            "tern approve tern1r",
            "tern proposals",
            "tern members",
            "tern suspend UNHCR --reason Silent",
            "tern lift UNHCR",
            "tern remove UNHCR --reason Fraud",
            "tern admit UNHCR",
            "tern leave",
            "tern leave --yes",
            "tern charter show",
            "tern charter log",
            "tern charter propose --name The+Hub --steward A --steward B --steward C",
            "tern charter propose --policy reviews=Two+reviewers --no-policy seals",
            "tern cert revoke amina --reason left",
            "tern cert revoke tern1c --reason stolen --yes",
            "tern cert grant amina --role publisher --role reviewer",
            "tern cert grant amina --role publisher,focal-point",
            "tern cert list",
            "tern cert list --all",
            "tern account add amina --person Amina+Issa --lang fr --role contributor",
            "tern account list",
            "tern account link",
            "tern account link amina",
            "tern practice draft file.json",
            "tern practice edit tern1d --set title.fr=Naissances --set countries=TD",
            "tern practice share tern1d --with Niger --with Chad --without Peru",
            "tern practice comment tern1d Counted+by+whom? --field results --lang en --quote 4,200",
            "tern practice comment tern1d By+us --reply-to 00ff",
            "tern practice resolve tern1d 00ff",
            "tern practice resolve tern1d 00ff --again",
            "tern clearance policy",
            "tern clearance policy either",
            "tern clearance list --all",
            "tern clearance show tern1d",
            "tern clearance ask tern1d --note By+Monday",
            "tern clearance take tern1d",
            "tern clearance return tern1d Which+year?",
            "tern clearance approve tern1d",
            "tern clearance attach tern1d sheet.pdf",
            "tern clearance confirm tern1d sheet.pdf",
            "tern practice publish tern1d --note First",
            "tern practice list --drafts",
            "tern practice show tern1p",
            "tern practice history tern1p",
            "tern practice diff tern1p 1 2",
            "tern practice verify tern1p",
            "tern practice export tern1p --format json",
            "tern practice export tern1p tern1q --format ris",
            "tern practice export --all --format xlsx --out file.xlsx",
            "tern practice export --search births --format docx --out file.docx",
            "tern practice export tern1p --format md --out file.md",
            "tern practice import folder --publish --note Imported",
            "tern practice import file.xlsx --preview",
            "tern practice template --out form.docx",
            "tern practice template tern1p --lang fr --out form.docx",
            "tern search birth registration --objective 4 --country NE --lang fr --kind law --limit 5",
            "tern search birth --topic cities --place 011 --facets",
            "tern saved add niger birth papers --country NE",
            "tern saved add africa --place 002",
            "tern saved list",
            "tern saved show niger --all --seen",
            "tern saved remove niger",
            "tern expert card card.json",
            "tern expert list",
            "tern expert pause",
            "tern expert resume",
            "tern copied --cleared",
            "tern copied --new-key --key-file root.key",
            "tern expert remove",
            "tern expert match request.json",
            "tern request ask request.json",
            "tern request translate tern1p --lang fr --by 2027-01-31",
            "tern request translate tern1p --lang fr --by 2027-01-31 --edition 2",
            "tern request open",
            "tern request list",
            "tern request show tern1q",
            "tern request accept tern1q --note Gladly",
            "tern request decline tern1q --reason no-time",
            "tern request offer tern1q",
            "tern request offer tern1q Maya",
            "tern request award tern1q Maya",
            "tern request answer tern1q answer.json",
            "tern request confirm tern1q",
            "tern request close tern1q --outcome partly --rating 3 --note Thanks",
            "tern request withdraw tern1q --reason Solved",
            "tern discuss open discussion.json --practice tern1p --moderator Niger",
            "tern discuss list --lang fr --objective 21 --open",
            "tern discuss show tern1t",
            "tern discuss post tern1t Hello --question 2 --lang en",
            "tern discuss reply tern1t tern1r --file answer.md",
            "tern discuss edit tern1t tern1r Better",
            "tern discuss translate tern1t tern1r Mieux --lang fr --made reviewed",
            "tern discuss advise tern1t tern1r --advice hide --reason spam",
            "tern discuss close tern1t Done",
            "tern discuss take-back tern1t tern1r --yes",
            "tern discuss report tern1t tern1r --reason wrong --text Not+so",
            "tern discuss reports",
            "tern discuss settle tern1r",
            "tern collection list births --json",
            "tern collection list --holding tern1p",
            "tern collection show tern1l",
            "tern collection new collection.json",
            "tern collection edit tern1l collection.json",
            "tern collection add tern1l tern1p --edition 2 --note First",
            "tern collection remove tern1l tern1p",
            "tern collection move tern1l tern1p --to 1",
            "tern collection withdraw tern1l --reason outdated --note Old",
            "tern collection keep tern1l --dry-run",
            "tern collection keep tern1l --undo",
            "tern collection bundle tern1l births.tern",
            "tern resource list law",
            "tern resource show tern1l",
            "tern resource new resource.json --file brief.pdf",
            "tern resource edit tern1l resource.json",
            "tern resource withdraw tern1l --reason superseded",
            "tern request question tern1q Where?",
            "tern request reply tern1q There --to tern1x",
            "tern request progress tern1q Half",
            "tern request refer tern1q Maya --note Knows",
            "tern request dispute tern1q Costs",
            "tern request follow-up tern1q partly --note Thanks",
            "tern request close tern1q --follow-up never",
            "tern request escalate tern1q",
            "tern request board --objective 4 --region 002",
            "tern request post tern1q --title Births --naming country",
            "tern request take-down tern1x",
            "tern request offer-help tern1x Gladly",
            "tern request escalate tern1q --step desks --desk Nepal --desk Moldova",
            "tern meet",
            "tern meet UNHCR",
            "tern peers list",
            "tern peers add /ip4/192.0.2.7/udp/4480/quic-v1",
            "tern peers remove UNHCR",
            "tern link show",
            "tern link set --class broadband",
            "tern link set --class satellite --every 4h --monthly-mb 50 --hours 22-05 --price 8.50 --currency USD",
            "tern link set --no-limit --hours any --price none",
            "tern status",
            "tern check --repair",
            "tern cert grant issa --role expert --until 14",
            "tern account add issa --role expert --until 14",
            "tern cert grant issa --role contributor --only tern1d,tern1p --quota 100",
            "tern cert revoke --before-recovery --reason lost --yes",
            "tern cert aside",
            "tern cert adopt tern1r --reason Ours",
            "tern account reset issa",
            "tern account rekey issa --passphrase-file f --new-passphrase-file g",
            "tern account remove issa --to binta --yes",
            "tern account remove issa --keep-certificate --their-passphrase-file f --yes",
            "tern account device add amina amina.pub --card card.tern",
            "tern key list",
            "tern key sheet",
            "tern key sheet --out sheet.html",
            "tern key sheet --done",
            "tern key rotate --words-file words --spare 00ff --new-passphrase-file g",
            "tern key move root.key --new-passphrase-file g",
            "tern key return root.key",
            "tern key new amina.key --new-passphrase-file g",
            "tern key new spare.key --root",
            "tern approve --prepare approval.tern",
            "tern approve --signed approval.tern",
            "tern cert grant amina --role publisher --prepare grant.tern",
            "tern sign approval.tern --key-file root.key --yes",
            "tern submit approval.tern",
            "tern recover tern1g --federation tern1f --out request.tern",
            "tern recover tern1g --invitation tern-invitation --person Awa",
            "tern recover --answer answer.tern",
            "tern recover",
            "tern rekey request.tern --reason Fire --answer answer.tern",
            "tern members --key-file root.key",
            "tern doctor",
            "tern support support.json",
            "tern config check",
            "tern version",
        ] {
            parse(line).map(drop).unwrap_or_else(|told| panic!("{line}: {told}"));
        }
    }

    #[test]
    fn global_options_stand_anywhere() {
        for line in [
            "tern --data d --json --as amina practice show tern1p",
            "tern practice --data d --json --as amina show tern1p",
            "tern practice show tern1p --data d --json --as amina",
            "tern practice show --json tern1p --as amina --data d",
        ] {
            let global = parse(line).expect("understood").global;
            assert_eq!(global.data.as_deref(), Some("d".as_ref()), "{line}");
            assert_eq!(global.account.as_deref(), Some("amina"), "{line}");
            assert!(global.json, "{line}");
        }
    }

    #[test]
    fn the_account_that_gets_a_role_is_not_the_one_that_acts() {
        let line = parse("tern cert grant amina --role publisher").expect("understood");
        assert_eq!(line.global.account, None);
        let line = parse("tern cert grant amina --role publisher --as awa").expect("understood");
        assert_eq!(line.global.account.as_deref(), Some("awa"));
    }

    #[test]
    fn a_slip_is_refused_with_advice() {
        for (line, told) in [
            ("tern practise list", "similar subcommands exist: 'charter', 'practice'"),
            ("tern practice lst", "a similar subcommand exists: 'list'"),
            ("tern status --jsn", "a similar argument exists: '--json'"),
            ("tern practice export tern1p --format pdf", "[possible values: json, jsonld, ris"),
            ("tern practice export tern1p", "--format <FORMAT>"),
            ("tern init --org Chad", "--country <CC>"),
            ("tern init --org Chad --country Chad", "write a country as two letters, like NE"),
            ("tern init --org C --country TD", "a name has 2 to 120 characters, and this has 1"),
            ("tern search birth --objective 24", "24 is not in 1..=23"),
            ("tern search", "<QUERY>..."),
            ("tern practice edit tern1d --set title", "write it as FIELD=VALUE"),
            ("tern practice edit tern1d --set ongoing=perhaps", "`ongoing` is true or false"),
            ("tern practice import f.csv --note x", "--publish"),
            ("tern serve --http 8480", "write one like 127.0.0.1:8480"),
            ("tern serve --listen 0.0.0.0:4480", "write it like /ip4/"),
            ("tern cert grant amina --role king", "roles are contributor, publisher, reviewer"),
            ("tern cert grant amina --role node", "roles are contributor"),
            ("tern cert grant amina", "--role <ROLE>"),
            ("tern cert revoke amina --reason bored", "reasons are left, replaced, lost"),
            ("tern cert revoke amina", "--reason <CODE>"),
            ("tern suspend UNHCR", "--reason <TEXT>"),
            ("tern charter propose --policy reviews", "write it as CODE=TEXT"),
            ("tern account add Amina", "cannot be an account name"),
            ("tern practice list --limit 0", "a list has 1 to 1000 items at once"),
            ("tern link set", "--class <CLASS>|--every <TIME>"),
            ("tern link set --class dial-up", "a class is one of lan, broadband, metered"),
            ("tern link set --every 4", "such as 30m, 4h or 1d"),
            ("tern link set --hours 22:00", "such as 22-05, or any"),
            ("tern link set --price cheap", "such as 8.50"),
            ("tern link set --monthly-mb 50MB", "a whole number of megabytes"),
            ("tern link set --monthly-mb 50 --no-limit", "cannot be used with"),
            ("tern link set UNHCR --class lan", "unexpected argument 'UNHCR'"),
            ("tern demo --nodes 1", "1 is not in 2..=16"),
        ] {
            let refused = parse(line).expect_err(line);
            assert!(refused.contains(told), "{line}: {refused}");
        }
    }
}
