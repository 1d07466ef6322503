//! One variant per operation.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Granting;

/// Practice fields by their keys in practice files.
pub type Fields = Map<String, Value>;

/// What narrows a search: its members stand among those of the operation.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Filters {
    /// Of these objectives, 1–23.
    pub objectives: Vec<u8>,
    /// Of these countries.
    pub countries: Vec<String>,
    /// Written in these languages.
    pub languages: Vec<String>,
    /// Of these kinds.
    pub kinds: Vec<String>,
    /// On these topics.
    pub topics: Vec<String>,
    /// In these M49 regions, groupings or subregions.
    pub places: Vec<String>,
    /// `fresh`: published or confirmed within twelve months; `stale`: not.
    pub valid: Option<String>,
    /// Also what was withdrawn.
    pub withdrawn: bool,
}

/// What can be asked of a node. As JSON: `{"op": "practice-show", "id": "…"}`.
///
/// An `id` is a whole id, or a unique prefix of one of at least 8 characters.
/// What each answers is given after the arrow; what no arrow follows answers
/// `{}`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Op {
    /// Makes an invitation → `{invitation, expires}`.
    Invite {
        /// For which organisation, as a note to the stewards.
        #[serde(default)]
        org: Option<String>,
    },
    /// Approves one proposal, or every organisation that waits to be admitted →
    /// `{approved[], warnings[], others}`; others: proposals of another kind
    /// that wait, which are approved one by one.
    Approve {
        /// Which; `None` is all that ask to join.
        #[serde(default)]
        proposal: Option<String>,
    },
    /// The organisations of the federation →
    /// `{items[{id, name, country, state, steward, nodes[], reason?}]}`.
    Members {},
    /// What waits for approvals → `{items[{id, kind, org?, country?,
    /// fingerprint?, reason?, charter?{}, changes[{field, code?, before?,
    /// after?}], approved[], missing[], needed, to_agree[], recall?{approved,
    /// needed}, approved_here, for_us, blocked?, since?, invited_here,
    /// alike[{id, name, like, same_country}], same_country[], warnings[]}]}`.
    Proposals {},
    /// The charter in force → `{id, n, federation, fingerprint, name,
    /// stewards[], majority, recall, policies[{code, name, text}], signed[]}`.
    CharterShow {},
    /// Every charter from the founding one on → `{items[{id, n, name,
    /// stewards[], signed[], changes[]}]}`.
    CharterLog {},
    /// Proposes the next charter → `{id, n, in_force, changes[], needs[]}`.
    CharterPropose {
        /// The federation's name.
        #[serde(default)]
        name: Option<String>,
        /// All stewards from then on, by id or name; none is as before.
        #[serde(default)]
        stewards: Vec<String>,
        /// Policies to set, by code.
        #[serde(default)]
        policies: BTreeMap<String, String>,
        /// Codes of policies to take out.
        #[serde(default)]
        without: Vec<String>,
    },
    /// Suspends a member → `{id, org, state, approvals, needed, in_force,
    /// advice?}`, as the three that follow.
    Suspend {
        /// Which, by id or name.
        org: String,
        /// Why, for people.
        reason: String,
    },
    /// Ends a suspension.
    Lift {
        /// Whose.
        org: String,
    },
    /// Removes a member; what is held of its work stands.
    Remove {
        /// Which.
        org: String,
        /// Why, for people.
        reason: String,
    },
    /// Admits again one that left or was removed.
    Admit {
        /// Which.
        org: String,
    },
    /// This organisation leaves → `{id, state, warning, advice?}`.
    Leave {},
    /// Revokes a certificate, those of an account, or all that keys from before
    /// a recovery granted, except those of this node and of its people →
    /// `{certificates[],
    /// revoked[], stands, warning?}`; stands: how many things signed under them
    /// are held, and stay.
    CertRevoke {
        /// A certificate's id, or the name of an account; `None` is all from
        /// before the recovery.
        #[serde(default)]
        certificate: Option<String>,
        /// A code: `left`, `replaced`, `lost`, `stolen`, `misused`.
        reason: String,
    },
    /// Grants roles to an account's key → `{id}`, and `ends{beacon, weeks}`
    /// where it was for a time.
    CertGrant {
        /// The account, by name.
        account: String,
        /// Codes of roles, at least one.
        roles: Vec<String>,
        /// For how long, and for what.
        #[serde(flatten)]
        with: Granting,
    },
    /// Certificates → `{beacon, items[{id, person, org, roles[], state,
    /// ended?{by, reason?}, ends?{beacon, weeks}, only?[{what, id}],
    /// quota?}]}`; beacon: the
    /// present one, 0 before there is any; state: `live`, `waiting`,
    /// `suspended`, `over`, `left`, `removed`, `revoked`; ends: of one that was
    /// granted for a time, with which beacon, and in about how many weeks,
    /// unless that is over; only: what its roles are about, where not about all; what:
    /// `practice`, `draft`, `submission`, `request`, or `unknown` here.
    CertList {
        /// Those of every organisation, not of this one alone.
        #[serde(default)]
        all: bool,
    },
    /// What revocations left out of their cuts, and this node keeps: in no set, told to
    /// nobody → `{items[{id, kind, person, org, certificate, by}]}`; by: the revocation.
    CertAside {},
    /// Stands for one of these, so that it counts again, on every node → `{id,
    /// adopted}`: the adoption.
    CertAdopt {
        /// Which, by id or a unique prefix of one.
        record: String,
        /// Why; all members can read it.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Makes a local account with keys of its own → `{name, person}`, and the
    /// certificate's `id` where roles were granted.
    AccountAdd {
        /// The name to sign in and for `--as`; see [`crate::keystore::AccountName`].
        name: String,
        /// The person's name as shown.
        #[serde(default)]
        person: Option<String>,
        /// The language of the pages and of plain text this account writes.
        #[serde(default)]
        lang: Option<String>,
        /// Roles to grant at once.
        #[serde(default)]
        roles: Vec<String>,
        /// As in [`Op::CertGrant`].
        #[serde(flatten)]
        with: Granting,
    },
    /// Local accounts → `{items[{name, person, roles[], wrapped, mail?, mail_often?}]}`,
    /// the first account first; mail: where mail goes that says that something
    /// waits.
    AccountList {},
    /// How the account is told of what waits → `{mails, address?, to_confirm?,
    /// code_mailed?, often, mailed?, refused?{at, code}, feed, waiting[{kind, count,
    /// since}]}`; mails: whether this node sends mail.
    Notices {},
    /// Changes that; what is not said stays as it is → as [`Op::Notices`], and
    /// `feed_at` of a feed that was just made, which is told once.
    NoticesChange {
        /// Mail is to go there, once its code is confirmed.
        #[serde(default)]
        address: Option<String>,
        /// The code that was mailed.
        #[serde(default)]
        code: Option<String>,
        /// `hour`, `day` or `never`.
        #[serde(default)]
        often: Option<String>,
        /// Forgets every address.
        #[serde(default)]
        forget: bool,
        /// Makes a feed, in the place of one before; or takes it back.
        #[serde(default)]
        feed: Option<bool>,
    },
    /// A sign-in link that works once → `{name, link, expires}`.
    AccountLink {
        /// Whose; `None` is the caller's.
        #[serde(default)]
        name: Option<String>,
    },
    /// Takes an account's password away, ends its sessions, links and feed, and makes
    /// a link that works once, to set a new password → `{name, link, expires}`.
    AccountReset {
        /// Whose.
        name: String,
    },
    /// Gives an account new keys, certified with the roles that it had; keys
    /// that open with the new passphrase already are left (`new`: false) →
    /// `{name, id, new, wrapped, before[], card, cards_before[], requests[{id,
    /// state, side, may[]}]}`: the certificate; those of keys from before, which stay
    /// valid; whether the expert card is shown for the new one; cards from
    /// before that nobody could take back; open requests of keys from before,
    /// with what the person still can do.
    AccountRekey {
        /// Whose.
        name: String,
    },
    /// A person leaves: their account goes, their certificates are revoked,
    /// what they had begun is the successor's → `{name, to, moved{drafts[],
    /// requests[]}, declined[], revoked[], stands, kept[{what, id, reason}]}`;
    /// declined: requests that were asked of them; revoked: certificates; stands:
    /// as in [`Op::CertRevoke`]. Their keys open with the new passphrase that
    /// came along, else as the caller's.
    AccountRemove {
        /// Whose.
        name: String,
        /// Who goes on, by account; needed where there is something to go on
        /// with.
        #[serde(default)]
        to: Option<String>,
        /// Leaves their certificates valid: they go on at another node.
        #[serde(default)]
        keep_certificate: bool,
    },
    /// Grants a person's roles to a key on another device →
    /// `{id, name, card}`; card: the person's name card for it, to be signed
    /// there.
    DeviceAdd {
        /// Whose device, by account.
        name: String,
        /// Its public key: 64 hexadecimal digits.
        key: String,
    },
    /// Where each key of this node and its organisation is → `{items[{purpose,
    /// owner, public, state, level, place?}], recovery_sheet}`.
    KeyList {},
    /// What stands on the recovery sheet → `{organisation, org, federation?,
    /// date, public, words[]}`.
    KeySheet {},
    /// The recovery sheet is kept: the node forgets its words → `{public}`.
    KeySheetDone {},
    /// Replaces the root key by the next one, which came along or is here →
    /// `{id, root, stands_by, wrapped}`.
    KeyRotate {
        /// Public halves of keys that sign like the root key from then on.
        #[serde(default)]
        spares: Vec<String>,
    },
    /// The root key as the text of a key file under the new passphrase →
    /// `{public, file}`.
    KeyExport {},
    /// The root key stands in this key file, which opens with the new
    /// passphrase: the node forgets its own → `{public}`.
    KeyMoved {
        /// The file's text.
        file: String,
        /// Where it is, as a note to people.
        place: String,
    },
    /// Keeps the root key that came along → `{public, wrapped}`.
    KeyReturn {},
    /// Approvals of what waits, to be signed elsewhere → `{statement, says[]}`.
    PrepareApproval {
        /// An organisation or a proposal; `None` is all that wait.
        #[serde(default)]
        proposal: Option<String>,
    },
    /// A grant to an account's key, to be signed elsewhere →
    /// `{statement, says[]}`.
    PrepareGrant {
        /// The account, by name.
        account: String,
        /// Codes of roles, at least one.
        roles: Vec<String>,
        /// As in [`Op::CertGrant`].
        #[serde(flatten)]
        with: Granting,
    },
    /// Takes in what was signed elsewhere → `{ids[], says[]}`.
    Submit {
        /// The statement file's text.
        statement: String,
    },
    /// New keys for an organisation that lost its own → `{id, org, name,
    /// fingerprint, counts, approvals, needed}`.
    Rekey {
        /// The recovery request's text; or the organisation that showed it to
        /// this node, by id or name.
        request: String,
        /// Why, for people; `None` only looks.
        #[serde(default)]
        reason: Option<String>,
    },
    /// The authority set, in an order in which each record builds only on those
    /// before it → `{records[], next?}`.
    AuthorityRecords {
        /// The `next` of the page before.
        #[serde(default)]
        after: Option<u64>,
    },
    /// Takes in records of the authority set, on a node that recovers →
    /// `{new, refused}`.
    AuthorityTake {
        /// Records as hexadecimal digits.
        records: Vec<String>,
    },
    /// How far a recovery is; goes on with it where it can →
    /// `{state: waiting|done, org, fingerprint, reason?}`.
    Recovery {},
    /// Makes a draft → `{id}`.
    PracticeDraft {
        /// Its fields.
        fields: Fields,
    },
    /// Changes a draft, or opens one from a practice's latest edition →
    /// `{id, heads[]}` of the draft.
    PracticeEdit {
        /// A draft or a practice.
        id: String,
        /// Fields to replace; of a text, only the languages named; `null`
        /// clears.
        set: Fields,
    },
    /// Says which organisations see a draft of this one, and sends what the
    /// account wrote in it → `{id, owner, orgs[{org, name}], unsigned}`.
    PracticeShare {
        /// The draft.
        id: String,
        /// Organisations that see it from now on, by name or id.
        #[serde(default)]
        show: Vec<String>,
        /// Organisations that do not see it any more.
        #[serde(default)]
        hide: Vec<String>,
    },
    /// Publishes a draft as the next edition of its practice →
    /// `{id, edition, missing[]}`.
    PracticePublish {
        /// The draft.
        id: String,
        /// What changed, for readers.
        #[serde(default)]
        note: Option<String>,
    },
    /// Erases a practice of this organisation with all its editions, on every
    /// node that learns of it, for ever → `{id, erased}`.
    PracticeErase {
        /// Which.
        id: String,
        /// taken-back, personal-data, unlawful or safety.
        reason: String,
    },
    /// Withdraws editions of a practice of this organisation → `{id, practice}`, as do
    /// those that follow.
    PracticeWithdraw {
        /// Which.
        id: String,
        /// outdated, wrong, superseded, unsafe, rights or other.
        reason: String,
        /// One edition, by number or id; `None` is all that there are.
        #[serde(default)]
        edition: Option<String>,
        /// The reason in words.
        #[serde(default)]
        note: Option<String>,
        /// The practice to read instead.
        #[serde(default)]
        replaced_by: Option<String>,
    },
    /// Confirms that a practice of this organisation is still valid.
    PracticeConfirm {
        /// Which.
        id: String,
        /// More about it.
        #[serde(default)]
        note: Option<String>,
    },
    /// Says that this organisation uses a practice too.
    PracticeAdapt {
        /// Which.
        id: String,
        /// How, by the keys of adaptation files.
        adaptation: Fields,
        /// In place of which earlier word.
        #[serde(default)]
        replaces: Option<String>,
    },
    /// Translates an edition.
    PracticeTranslate {
        /// Of which practice.
        id: String,
        /// Into which language.
        lang: String,
        /// Which edition; `None` is the latest.
        #[serde(default)]
        edition: Option<String>,
        /// The texts, by the keys of practice files.
        translation: Fields,
    },
    /// Says that a practice tells of the same as another, or has other names.
    PracticeSameAs {
        /// Which.
        id: String,
        /// The other one.
        #[serde(default)]
        other: Option<String>,
        /// Names elsewhere, each `SCHEME:NAME`.
        #[serde(default)]
        aliases: Vec<String>,
    },
    /// Takes back what this organisation said about a practice.
    PracticeTakeBack {
        /// Which practice.
        id: String,
        /// What was said; `None` is the withdrawal.
        #[serde(default)]
        annotation: Option<String>,
        /// Why.
        #[serde(default)]
        note: Option<String>,
    },
    /// What is said about a practice → `{id, edition, withdrawn, withdrawal?,
    /// others_withdrawn?, confirmed?, renewed_at, stale_since?, adaptations[],
    /// translations[], same_as[], refused[]}`.
    PracticeSaid {
        /// Which.
        id: String,
        /// Of which edition; `None` is the one that is shown.
        #[serde(default)]
        edition: Option<u32>,
    },
    /// Practices that may tell of the same → `{total, items[{id, title, org, points,
    /// parts}]}`.
    PracticeDuplicates {
        /// As which.
        id: String,
    },
    /// Takes back the name that the caller shows → `{erased}`: how many cards.
    NameErase {},
    /// Stands for an edition that is held back because a key was revoked, with
    /// all on which it builds → `{id, edition, adopted[]}`; or for held work of
    /// a draft → `{id, change, adopted[]}`.
    PracticeAdopt {
        /// The practice, or the draft.
        id: String,
        /// The edition, by number or id; `None` is the latest held back.
        #[serde(default)]
        edition: Option<String>,
        /// Of a draft, the last change of the held work; `None` if there is but
        /// one such work.
        #[serde(default)]
        change: Option<String>,
        /// Why; all members can read it, for a draft too.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Writes what a branch of this organisation says that lost into the draft
    /// as it is shown → `{id, change, clashes[]}`: the fields that both changed.
    PracticeTakeOver {
        /// The draft.
        id: String,
        /// The last change of the held work; `None` if there is but one.
        #[serde(default)]
        change: Option<String>,
    },
    /// Offers something no more on this node, or again → `{id, change?, away}`: held
    /// work of a draft, or a draft of another organisation.
    PracticePutAway {
        /// The draft.
        id: String,
        /// The last change of the held work; `None` is the draft itself.
        #[serde(default)]
        change: Option<String>,
        /// Offer it again.
        #[serde(default)]
        back: bool,
    },
    /// Practices or drafts → `{total, items[{id, title, …}], next?}`.
    PracticeList {
        /// Drafts, not practices.
        #[serde(default)]
        drafts: bool,
        /// Drafts that were put away.
        #[serde(default)]
        away: bool,
        /// At most this many.
        #[serde(default)]
        limit: Option<usize>,
        /// The `next` of the page before.
        #[serde(default)]
        after: Option<String>,
    },
    /// The ids of all practices that are held, found by search yet or not,
    /// ascending → `{ids[], next?}`.
    PracticeIds {
        /// The `next` of the page before.
        #[serde(default)]
        after: Option<String>,
    },
    /// One practice or draft, whole.
    PracticeShow {
        /// Which.
        id: String,
        /// The number of an edition; `None` is the latest.
        #[serde(default)]
        edition: Option<u32>,
    },
    /// Its editions →
    /// `{id, items[{id, edition, signers[], note, claimed_at, verdict}]}`.
    PracticeHistory {
        /// Which.
        id: String,
    },
    /// What changed between two editions →
    /// `{id, a, b, items[{field, lang?, before, after}]}`.
    PracticeDiff {
        /// Which.
        id: String,
        /// The earlier, by number or id.
        a: String,
        /// The later, by number or id.
        b: String,
    },
    /// Who signed → `{id, verdict, signers[], reason, withdrawn, withdrawal?}`.
    PracticeVerify {
        /// Which.
        id: String,
        /// What a file says of it, to be compared with what was signed: a
        /// document as [`Op::PracticeShow`] answers it.
        #[serde(default)]
        document: Option<Fields>,
    },
    /// Makes drafts of rows, each at most once →
    /// `{imported, ids[], skipped[{row, reason}]}`.
    PracticeImport {
        /// At most [`super::IMPORT_ROWS_MAX`].
        rows: Vec<ImportRow>,
        /// Publishes them too.
        #[serde(default)]
        publish: bool,
        /// What changed, for readers.
        #[serde(default)]
        note: Option<String>,
    },
    /// Full-text search → `{total, items[{id, title, …, found_by[]}], facets
    /// {objectives[{code, count}], …}, similar, meant, partly}`.
    Search {
        /// Words.
        query: String,
        /// What narrows it.
        #[serde(flatten)]
        filters: Filters,
        /// At most this many.
        #[serde(default)]
        limit: Option<usize>,
        /// The `next` of the page before.
        #[serde(default)]
        after: Option<String>,
    },
    /// Keeps a search in the account → `{id, name}`.
    SavedAdd {
        /// What it is called; one of the same name is replaced.
        name: String,
        /// Words; may be empty if there is a filter.
        query: String,
        /// What narrows it.
        #[serde(flatten)]
        filters: Filters,
    },
    /// The searches that the account keeps → `{total, items[{id, name, query,
    /// …, total, new, looked_at}]}`.
    SavedList {},
    /// What arrived since a kept search was last looked at → as
    /// [`Op::Search`], and `{name, looked_at}`.
    SavedShow {
        /// Its id or name.
        which: String,
        /// Everything that fits, not only what is new.
        #[serde(default)]
        all: bool,
        /// Counts it as looked at.
        #[serde(default)]
        seen: bool,
    },
    /// Forgets a kept search → `{removed}`.
    SavedRemove {
        /// Its id or name.
        which: String,
    },
    /// Signs and shows the caller's expert card → `{id}`.
    ExpertCard {
        /// The card, by the keys of card files.
        card: Fields,
    },
    /// Experts of the federation → `{total, items[{id, name, org, country,
    /// card{}, state, load, signed, expires}]}`.
    ExpertList {},
    /// Sets the caller's card aside: it is not matched → `{id}`.
    ExpertPause {},
    /// Lists the caller's card again, for another twelve months → `{id}`.
    ExpertResume {},
    /// Takes the caller's card back → `{id}`.
    ExpertRemove {},
    /// Who fits a request, and which practices are like it; sends nothing →
    /// `{items[{expert, name, org, score, parts{}}], left_out[{expert, name,
    /// org, reason}], missing[], comparable[{id, title, org}]}`.
    ExpertMatch {
        /// The request, by the keys of request files.
        request: Fields,
    },
    /// Signs, encrypts and sends a request → `{id, state, to[{expert, name,
    /// org}], comparable[{id, title, org}]}`.
    RequestAsk {
        /// The request, by the keys of request files.
        request: Fields,
        /// The same word of the same account sends one request.
        #[serde(default)]
        once: Option<String>,
    },
    /// Opens what a passphrase keeps closed, until the node stops. Needs the
    /// passphrase of the caller's keys.
    RequestOpen {},
    /// Requests that the caller can open → `{total, items[{id, state, title,
    /// org, side, due, waits, follow_up?}], locked}`; locked: a key is, and some may wait
    /// unread.
    RequestList {},
    /// One request, whole.
    RequestShow {
        /// Which.
        id: String,
    },
    /// What this node said about a request and is still under way, as texts that
    /// each fit a QR code → `{id, codes[], bytes, parcels}`.
    RequestCodes {
        /// Which.
        id: String,
    },
    /// An expert takes a request → `{id, state}`, as all that follow.
    RequestAccept {
        /// Which.
        id: String,
        /// To the asker.
        #[serde(default)]
        note: Option<String>,
    },
    /// An expert does not take it.
    RequestDecline {
        /// Which.
        id: String,
        /// A code (`no-time`, `not-my-field`, `conflict`, `other`) or words.
        reason: String,
        /// More about it.
        #[serde(default)]
        note: Option<String>,
    },
    /// The asker asks more experts.
    RequestOffer {
        /// Which.
        id: String,
        /// Whom: ids, prefixes of them, or names; the best who was not asked yet
        /// if nobody is named.
        #[serde(default)]
        experts: Vec<String>,
    },
    /// The asker chooses among those who accepted.
    RequestAward {
        /// Which.
        id: String,
        /// An expert's id, a prefix of it, or their name.
        expert: String,
    },
    /// The chosen expert answers.
    RequestAnswer {
        /// Which.
        id: String,
        /// The answer, by the keys of answer files.
        answer: Fields,
    },
    /// The asker takes the answer as one.
    RequestConfirm {
        /// Which.
        id: String,
    },
    /// The asker ends it.
    RequestClose {
        /// Which.
        id: String,
        /// A code: `met` (if nothing is said), `partly`, `unmet`, `moved`.
        #[serde(default)]
        outcome: Option<String>,
        /// How useful the answer was, 1 to 4.
        #[serde(default)]
        rating: Option<u8>,
        /// In words.
        #[serde(default)]
        note: Option<String>,
        /// The day on which they will say what became of it, or `never`; half a year
        /// later if nothing is said and something of use came.
        #[serde(default)]
        follow_up: Option<String>,
    },
    /// The asker takes it back.
    RequestWithdraw {
        /// Which.
        id: String,
        /// In words.
        #[serde(default)]
        reason: Option<String>,
    },
    /// An expert asks back.
    RequestQuestion {
        /// Which.
        id: String,
        /// The question, 10 to 2,000 characters.
        text: String,
    },
    /// The asker replies to a question.
    RequestReply {
        /// Which.
        id: String,
        /// In words, at most 2,000 characters.
        text: String,
        /// The question: its id, or a prefix; the one that waits if it is not named.
        #[serde(default)]
        question: Option<String>,
    },
    /// The chosen expert says how far it is.
    RequestProgress {
        /// Which.
        id: String,
        /// In words, at most 2,000 characters.
        text: String,
    },
    /// Somebody who knows of it names an expert; the asker decides.
    RequestRefer {
        /// Which.
        id: String,
        /// An expert's id, a prefix of it, or their name.
        expert: String,
        /// In words.
        #[serde(default)]
        note: Option<String>,
    },
    /// The asker says what is missing of the answer.
    RequestDispute {
        /// Which.
        id: String,
        /// What is missing, 10 to 2,000 characters.
        reasons: String,
    },
    /// The asker says what became of it after the end.
    RequestFollowUp {
        /// Which.
        id: String,
        /// A code: `used`, `partly`, `not`.
        outcome: String,
        /// In words.
        #[serde(default)]
        note: Option<String>,
    },
    /// The asker looks further for somebody.
    RequestEscalate {
        /// Which.
        id: String,
        /// A code: `wider`, `desks`; the next step if it is not said.
        #[serde(default)]
        step: Option<String>,
        /// At desks: the organisations; the stewards if none is named.
        #[serde(default)]
        desks: Vec<String>,
    },
    /// Needs for which nobody was found → `{total, items[{id, title, language,
    /// organisation?, country?, region?, objectives[], support_types[], languages[],
    /// needed_by?, signed, expires, ours}]}`.
    RequestBoard {
        /// Only those that serve this objective.
        #[serde(default)]
        objective: Option<u8>,
        /// Only those in this region (M49 code).
        #[serde(default)]
        region: Option<String>,
    },
    /// The asker puts on the board what everybody may read → `{id, need, state}`.
    RequestPost {
        /// Which request.
        id: String,
        /// What is needed, on one line; the request's title if it is not said.
        #[serde(default)]
        title: Option<String>,
        /// Whom it names: `organisation`, `country`, `region` (if nothing is said) or
        /// `nothing`.
        #[serde(default)]
        naming: Option<String>,
    },
    /// Takes a need down → `{id}`.
    RequestTakeDown {
        /// The need.
        id: String,
    },
    /// An expert offers help for a need, to those who posted it alone → `{id}`.
    RequestHelp {
        /// The need.
        id: String,
        /// How, in 10 to 2,000 characters.
        text: String,
    },
    /// Signs a policy by which practices are reviewed → `{id}`.
    ReviewPolicy {
        /// The policy, by the keys of policy files.
        policy: Fields,
        /// The policy that it replaces for what is submitted later.
        #[serde(default)]
        replaces: Option<String>,
    },
    /// Policies → `{total, items[{id, policy{}, board[], internal[], by, flaw?,
    /// replaced}]}`.
    ReviewPolicies {},
    /// Signs a call for practices → `{id}`.
    ReviewCall {
        /// The call, by the keys of call files.
        call: Fields,
        /// Under which policy; the one there is if not said.
        #[serde(default)]
        policy: Option<String>,
    },
    /// Calls for practices → `{total, items[{id, org, policy, call{}}]}`.
    ReviewCalls {},
    /// Submits an edition for review → `{id, state, holder[]}`.
    ReviewSubmit {
        /// The practice.
        id: String,
        /// Which edition, by number or id; the latest if not said.
        #[serde(default)]
        edition: Option<String>,
        /// Under which policy; the call's, or the one there is, if not said.
        #[serde(default)]
        policy: Option<String>,
        /// To which call.
        #[serde(default)]
        call: Option<String>,
        /// To the board.
        #[serde(default)]
        note: Option<String>,
    },
    /// What was submitted, the last moved first → `{total, items[{id,
    /// practice, edition, edition_id, title, org, state, round, holder[],
    /// since, flaw?, waits}]}`; since: as is claimed; waits: for the caller.
    ReviewList {},
    /// One submission: what an item of the list has, and `{policy{}, call,
    /// events[{id, type, actor, org, claimed_at, note}], refused[{… refused}],
    /// reviewers[{certificate, name, org, side, round, said, review?{}}],
    /// quorum{}, decision?, dissent[], uncounted[], appealed?, seal?, may[],
    /// candidates?[]}`.
    ReviewShow {
        /// Which.
        id: String,
    },
    /// The board asks somebody to review → what an item of the list has, as all
    /// that follow.
    ReviewInvite {
        /// Which submission.
        id: String,
        /// Whom: a certificate, a prefix of it, or a name.
        reviewer: String,
    },
    /// The board waits for an invited person no longer.
    ReviewRelease {
        /// Which.
        id: String,
        /// Whom, as above.
        reviewer: String,
        /// Why.
        #[serde(default)]
        note: Option<String>,
    },
    /// An invited person will review, and declares that there is no conflict of
    /// interest.
    ReviewAccept {
        /// Which.
        id: String,
        /// Interests that others may want to know of.
        #[serde(default)]
        interests: Option<String>,
    },
    /// An invited person will not review, or has a conflict of interest.
    ReviewDecline {
        /// Which.
        id: String,
        /// A code: `conflict`, `time`, `language`, `topic`.
        reason: String,
        /// More about it.
        #[serde(default)]
        note: Option<String>,
    },
    /// An invited person reviews.
    ReviewScore {
        /// Which.
        id: String,
        /// The review, by the keys of review files.
        review: Fields,
    },
    /// The authors answer.
    ReviewReply {
        /// Which.
        id: String,
        /// The answer.
        text: String,
    },
    /// The board decides.
    ReviewDecide {
        /// Which.
        id: String,
        /// A word: `seal`, `return`, `reject`.
        outcome: String,
        /// Why; needed unless it seals.
        #[serde(default)]
        reasons: Option<String>,
    },
    /// The authors ask for one more round, with other reviewers.
    ReviewAppeal {
        /// Which.
        id: String,
        /// Why.
        reasons: String,
    },
    /// The authors take it back.
    ReviewWithdraw {
        /// Which.
        id: String,
        /// Why.
        #[serde(default)]
        note: Option<String>,
    },
    /// Whether an edition is sealed → `{id, edition, edition_id, sealed,
    /// seals[{id, submission, edition_id, policy, org, reviews, dissent,
    /// claimed_at}], other_editions[{id, edition, edition_id}], reason?}`.
    ReviewVerify {
        /// The practice.
        id: String,
        /// Which edition, by number or id; the latest if not said.
        #[serde(default)]
        edition: Option<String>,
    },
    /// What this organisation asks for before a practice is published; says it, where
    /// `need` is given → `{need, entry?}`.
    ClearancePolicy {
        /// A code: `none`, `publisher`, `sheet`, `either`.
        #[serde(default)]
        need: Option<String>,
    },
    /// Drafts whose clearance waits for the account → `{items[{id, title, state, person?,
    /// org, since, text}]}`; states are `asked`, `taken`, `returned`, `cleared`, `changed`.
    ClearanceList {
        /// All for which somebody asked.
        #[serde(default)]
        all: bool,
    },
    /// Where a draft lies → `{id, need, state, content_hash, asked_hash?, last?{}, steps[{what,
    /// person?, org, claimed_at, text, current, sheet?}], changed[], can[{person?, org}],
    /// may{ask, answer, confirm}}`.
    ClearanceShow {
        /// The draft.
        id: String,
    },
    /// Asks for clearance of what a draft says now → as [`Op::ClearanceShow`], and `said`, as
    /// the five that follow.
    ClearanceAsk {
        /// The draft.
        id: String,
        /// For whoever clears.
        #[serde(default)]
        note: Option<String>,
    },
    /// Says that it lies with the account.
    ClearanceTake {
        /// The draft.
        id: String,
    },
    /// Gives it back.
    ClearanceReturn {
        /// The draft.
        id: String,
        /// Why.
        reason: String,
    },
    /// Approves what was asked for.
    ClearanceApprove {
        /// The draft.
        id: String,
    },
    /// Notes the scan of a signed sheet for what was asked.
    ClearanceAttach {
        /// The draft.
        id: String,
        /// The BLAKE3 hash of the file (hex).
        sheet: String,
        /// How many bytes it has.
        bytes: u64,
    },
    /// Says that a scan is the signed sheet of what was asked for.
    ClearanceConfirm {
        /// The draft.
        id: String,
        /// The hash of the file that was looked at: that which was noted.
        sheet: String,
    },
    /// Comments on a field of a draft, or answers a comment → `{id, comment}`.
    PracticeComment {
        /// The draft.
        id: String,
        /// What it says.
        text: String,
        /// The key of the field.
        #[serde(default)]
        field: Option<String>,
        /// The language of the text that is meant.
        #[serde(default)]
        lang: Option<String>,
        /// The words that it is about, as they stand in the field.
        #[serde(default)]
        quote: Option<String>,
        /// The comment that it answers, instead of a field.
        #[serde(default)]
        reply_to: Option<String>,
    },
    /// A comment is done with, or not → `{id, comment}`.
    PracticeResolve {
        /// The draft.
        id: String,
        /// The comment.
        comment: String,
        /// It is not.
        #[serde(default)]
        again: bool,
    },
    /// Opens a discussion → `{id}`.
    DiscussOpen {
        /// The discussion, by the keys of discussion files.
        discussion: Fields,
        /// The practice that it is about.
        #[serde(default)]
        practice: Option<String>,
        /// The organisations that moderate it, by id or name; this one if none.
        #[serde(default)]
        moderators: Vec<String>,
    },
    /// Discussions, those in which something was said last first → `{total,
    /// items[{id, title, lang, practice?, org, org_id, moderators[], state,
    /// opens?, closes?, languages[], objectives[], posts, last, of_practice}]}`;
    /// state: `ahead`, `open`, `past`, `closed`.
    DiscussList {
        /// In which somebody reads or writes one of these languages.
        #[serde(default)]
        languages: Vec<String>,
        /// Of these objectives.
        #[serde(default)]
        objectives: Vec<u8>,
        /// Only those that are open.
        #[serde(default)]
        open: bool,
    },
    /// One discussion: what an item of the list has, and `{form{}, flaw?,
    /// items[{id, answers{type, question?, post?}, person, org, lang, text,
    /// claimed_at, own, wordings[{id, text, claimed_at}], translations[{id, lang,
    /// text, made, person, org, own, current}], advisories[{id, org, advice,
    /// reason, lang, text, moderates, followed, claimed_at}], hidden?}],
    /// summaries[… as items], advisories[…], refused[{id, type, org, refused}],
    /// may[]}`; hidden: the advisory that this node follows.
    DiscussShow {
        /// Which: its id, or that of a practice.
        id: String,
    },
    /// Posts → `{id, post, state, posts}`, as those that follow but where they
    /// say otherwise.
    DiscussPost {
        /// In which discussion.
        id: String,
        /// The text, in Markdown.
        text: String,
        /// Its language; the account's own if not said.
        #[serde(default)]
        lang: Option<String>,
        /// The question that it answers, from 1.
        #[serde(default)]
        question: Option<usize>,
        /// The post that it answers.
        #[serde(default)]
        reply_to: Option<String>,
    },
    /// Rewords a post or a summary; what it said before stays.
    DiscussEdit {
        /// In which discussion.
        id: String,
        /// Which post.
        post: String,
        /// The whole text.
        text: String,
    },
    /// Translates a post or a summary.
    DiscussTranslate {
        /// In which discussion.
        id: String,
        /// Which post.
        post: String,
        /// Into which language.
        lang: String,
        /// How: `human`, `machine`, `reviewed`; by a person if not said.
        #[serde(default)]
        made: Option<String>,
        /// The text.
        text: String,
    },
    /// A moderator advises something, which other nodes may follow.
    DiscussAdvise {
        /// In which discussion.
        id: String,
        /// About which post; the discussion if not said.
        #[serde(default)]
        post: Option<String>,
        /// What: `hide`, `correct`, `warn`, `clear`.
        advice: String,
        /// Why: `off-topic`, `wrong`, `personal-data`, `harmful`, `safety`,
        /// `spam`, `other`.
        reason: String,
        /// In words; needed where it corrects.
        #[serde(default)]
        text: Option<String>,
        /// The language of the words.
        #[serde(default)]
        lang: Option<String>,
    },
    /// A moderator of the discussion closes it with a summary.
    DiscussClose {
        /// Which discussion.
        id: String,
        /// The summary, in Markdown.
        text: String,
        /// Its language.
        #[serde(default)]
        lang: Option<String>,
    },
    /// Takes a post back: it is gone from every node that learns of it → `{id,
    /// erased}`, how many records.
    DiscussTakeBack {
        /// In which discussion.
        id: String,
        /// Which post.
        post: String,
        /// A code: `taken-back`, `personal-data`, `unlawful`, `safety`.
        #[serde(default)]
        reason: Option<String>,
    },
    /// Tells the moderators on this node of a post → `{id}`.
    DiscussReport {
        /// In which discussion.
        id: String,
        /// Which post.
        post: String,
        /// Why, as an advisory.
        reason: String,
        /// In words.
        #[serde(default)]
        text: Option<String>,
    },
    /// For moderators: reports on this node → `{total, items[{discussion, post,
    /// account, reason, lang, text, at}]}`.
    DiscussReports {},
    /// For moderators: the reports about a post are settled → `{settled}`.
    DiscussSettle {
        /// The post, by its whole id.
        post: String,
    },
    /// Collections or resources that are offered, the last to be said first → `{total,
    /// items[{id, sort, title{}, org, org_id, person?, record, claimed_at, beside, …}]}`,
    /// with the keys of their files; of a collection `items` is how many; beside: how
    /// many other wordings stand that knew nothing of this one.
    ListingList {
        /// `collection` or `resource`.
        sort: String,
        /// With all these words in the title or the text.
        #[serde(default)]
        query: Option<String>,
        /// Instead: collections that hold this practice or resource.
        #[serde(default)]
        thing: Option<String>,
    },
    /// One of them → what an item of the list has; of a collection `items[{practice |
    /// resource, edition?, number?, note{}, title?, org?, held, withdrawn}]`, `missing`,
    /// how many are not held here, and `keeping`, as below; of one that its organisation
    /// withdrew `withdrawn{reason, text{}}`.
    ListingShow {
        /// `collection` or `resource`.
        sort: String,
        /// Which.
        id: String,
    },
    /// Says what a collection or a resource is → `{id}`.
    ListingSay {
        /// `collection` or `resource`.
        sort: String,
        /// Which, if it is said anew.
        #[serde(default)]
        id: Option<String>,
        /// By the keys of collection or resource files.
        form: Fields,
        /// The file of a resource, as [`Op::BlobBegin`] answered and after all of it came.
        #[serde(default)]
        upload: Option<String>,
        /// What that file is called.
        #[serde(default)]
        name: Option<String>,
    },
    /// Withdraws one → `{id}`.
    ListingWithdraw {
        /// `collection` or `resource`.
        sort: String,
        /// Which.
        id: String,
        /// A code: `outdated`, `wrong`, `superseded`, `unsafe`, `rights`, `other`.
        reason: String,
        /// In words.
        #[serde(default)]
        note: Option<String>,
    },
    /// Adds a practice or a resource to a collection → `{id}`, as those that follow.
    CollectionAdd {
        /// To which.
        id: String,
        /// Which practice or resource.
        thing: String,
        /// In this edition, by number or id; the one that is shown if not said.
        #[serde(default)]
        edition: Option<String>,
        /// Why it is here.
        #[serde(default)]
        note: Option<String>,
    },
    /// Takes one out of a collection.
    CollectionRemove {
        /// Out of which.
        id: String,
        /// Which practice or resource.
        thing: String,
    },
    /// Puts an item of a collection in another place.
    CollectionMove {
        /// Of which.
        id: String,
        /// Which practice or resource.
        thing: String,
        /// Where, the first being 1.
        to: usize,
    },
    /// Keeps the files of a collection on this node, or no more → `{id, kept, files, here,
    /// bytes, travels, seconds, costly, cost?}`; here: how many are; the rest as of a file.
    CollectionKeep {
        /// Which.
        id: String,
        /// Whether; without it, tells alone.
        #[serde(default)]
        keep: Option<bool>,
    },
    /// What a bundle of a collection holds of what is public → `{id, objects}`, ids
    /// joined.
    CollectionObjects {
        /// Which.
        id: String,
    },
    /// Begins a bundle: signs its header → `{header, knock?, frames?, org?,
    /// reader?}`, the bodies of its first frames, and for one node the key of the
    /// others, to which organisation's key they are encrypted, and whom it is for.
    /// Here and below, bytes are in hexadecimal digits.
    BundleBegin {
        /// A node id or the unambiguous name of an organisation.
        #[serde(default)]
        reader: Option<String>,
        /// From 1, where there may be several; after the first, one of those that
        /// were begun last.
        #[serde(default)]
        volume: Option<u16>,
    },
    /// What belongs into a bundle, in order → `{objects, next?}`, each object
    /// as set, id and state joined (65 bytes).
    BundleList {
        /// The `next` of the page before.
        #[serde(default)]
        after: Option<String>,
        /// Without what that node is known to hold, and with the drafts that its
        /// organisation may see.
        #[serde(default)]
        reader: Option<BundleReader>,
    },
    /// What a bundle for one node tells of what is held here → `{told, more,
    /// held}`, the body of a frame, and how many objects each set holds.
    BundleTell {
        /// Its header.
        header: String,
        /// Which part of it, from 0.
        part: u16,
    },
    /// The pieces of objects → `{pieces[[…]?], damaged[{id, reason}]}`, for the
    /// first of them; none of one that has to be left out.
    BundlePieces {
        /// At most [`super::BUNDLE_OBJECTS_MAX`], each as set and id joined.
        objects: String,
        /// Without what of them that node is known to hold.
        #[serde(default)]
        reader: Option<BundleReader>,
    },
    /// Signs the end of a bundle → `{end}`, the body of its last frame.
    BundleEnd {
        /// The hash of all before it.
        chain: String,
        /// What it says.
        counts: EndCounts,
    },
    /// Whether a bundle of this federation has to be read → `{own, later, older,
    /// frames?, locked, elsewhere?}`; later: it is this node's own, which does not
    /// remember writing it; frames: the key of what is encrypted in it; locked: it
    /// is for this node, which has not the key; elsewhere: whom it is for.
    BundleOpen {
        /// The body of its first frame, as below.
        header: String,
    },
    /// The key of what is encrypted in a bundle, to look at it → `{frames?}`.
    BundleLook {
        /// The body of its first frame.
        header: String,
    },
    /// What would be new here, and nothing is taken in → `{authority, records,
    /// editions, parcels, requests, changes, refused, titles[], drafts[]}`: how many
    /// of each; requests are parcels that open here, changes those of drafts, titles
    /// those of the first practices, drafts the ids of those in which something is
    /// new.
    BundlePreview {
        /// At most [`super::BUNDLE_PIECES_MAX`].
        pieces: Vec<String>,
    },
    /// Takes in what was read → `{new, known, refused[{at, id, reason,
    /// later}]}`; later: it may yet become valid.
    BundleTake {
        /// Whose bundle.
        header: String,
        /// At most [`super::BUNDLE_PIECES_MAX`].
        pieces: Vec<String>,
    },
    /// A newcomer's knock was read → `{org, name, state, reason}`.
    BundleKnock {
        /// Whose bundle.
        header: String,
        /// The body of its frame.
        knock: String,
    },
    /// What the writer of a bundle for this node told was read, and the bundle is
    /// whole.
    BundleHeard {
        /// Whose bundle.
        header: String,
        /// The body of the frame.
        told: String,
        /// Which of them, from 0.
        part: u16,
        /// Whether there is no further one.
        last: bool,
    },
    /// Bundles were read → `{state, volumes[{writer, counter, missing[], of}]}` of
    /// this node, as in status, once it did what follows from what they brought,
    /// and which volumes were not read yet.
    BundleDone {
        /// The headers of those in which was everything that their writers
        /// hold, and of which all is here; with the number of their volumes.
        whole: Vec<(String, u16)>,
    },
    /// Takes in what codes bring, as from a stick → `{new, known, refused[{at, id,
    /// reason, later}], knocks[], from, writer, written_at, written, state}`; written
    /// in milliseconds since 1970, by the writer's clock.
    BundleCodes {
        /// All codes of one bundle, in any order, among other words.
        codes: String,
    },
    /// Begins to take a file in → `{upload}`.
    BlobBegin {},
    /// The next piece of a file.
    BlobPut {
        /// What the first answer said.
        upload: String,
        /// At most [`super::BLOB_PIECE_BYTES_MAX`] bytes.
        bytes: String,
    },
    /// The file is all there, and belongs to a practice → `{id, hash, bytes,
    /// media_type, cleaned}`: the draft that names it, and whether place, time
    /// and device were taken out of a picture.
    BlobAttach {
        /// What the first answer said.
        upload: String,
        /// A draft, or a practice of which one is opened.
        id: String,
        /// What it is called.
        name: String,
        /// Its language.
        #[serde(default)]
        lang: Option<String>,
        /// What it shows.
        #[serde(default)]
        alt: Option<String>,
        /// Its licence.
        #[serde(default)]
        licence: Option<String>,
    },
    /// Files that are here or that practices name → `{items[{hash, state:
    /// whole|part|lacking, pinned, bytes?, have, name?, media_type?,
    /// practices[]}], bytes, quota, complete}`.
    BlobList {},
    /// How a file stands → `{hash, state: whole|lacking|looking|coming|failed,
    /// bytes, have, reason?, rate?, sources[], travels, seconds, costly,
    /// cost?{amount, currency}}`.
    BlobGet {
        /// Its hash, or a unique prefix.
        hash: String,
        /// Whether to fetch it.
        #[serde(default)]
        begin: bool,
    },
    /// Bytes of a file that is here → `{bytes, all, next?}`.
    BlobRead {
        /// Its hash.
        hash: String,
        /// Where they begin.
        at: u64,
    },
    /// Keeps a file, or not any more → `{hash, pinned}`.
    BlobPin {
        /// Its hash.
        hash: String,
        /// Whether.
        keep: bool,
    },
    /// Removes a file → `{hash, freed}`.
    BlobDrop {
        /// Its hash.
        hash: String,
        /// Also if nobody else is known to have it.
        #[serde(default)]
        last: bool,
    },
    /// Meets a peer now, or every known one → `{peer, sent_bytes,
    /// received_bytes, content_bytes, packed_bytes, round_trips,
    /// objects_sent, objects_received, settled}`; without a peer
    /// `{items[…]}` of these. Of the bytes sent and received, `packed_bytes`
    /// were content, which unpacks to `content_bytes`.
    Meet {
        /// A node id, peer id, saved address or unambiguous organisation name.
        #[serde(default)]
        peer: Option<String>,
    },
    /// Saved and known peers →
    /// `{items[{node, org, addresses[], connected, last_met}]}`.
    PeersList {},
    /// Saves an address; idempotent → `{address}`.
    PeersAdd {
        /// A multiaddress.
        address: String,
    },
    /// Forgets saved addresses → `{removed[]}`.
    PeersRemove {
        /// As in [`Op::Meet`].
        peer: String,
    },
    /// What links cost, what was spent this month, and what waits → `{class,
    /// said, costly, every_minutes, monthly_bytes?, hours?, price?{per_mb,
    /// currency}, month, month_ends, spent{costly{bytes, contacts, requests,
    /// library, authority, finding, transport}, free{…}}, bill?{amount,
    /// currency}, used_percent?, used_up, last_contact?, next_contact?,
    /// in_contact, beyond, waiting[{set, objects, bytes?}]}`.
    LinkShow {},
    /// What links beyond the local network cost; what is not said stays as it
    /// was → as [`Op::LinkShow`].
    LinkSet {
        /// lan, broadband, metered or satellite.
        #[serde(default)]
        class: Option<String>,
        /// Between two contacts when nothing presses: `30m`, `4h` or `1d`.
        #[serde(default)]
        every: Option<String>,
        /// Million bytes in a calendar month.
        #[serde(default)]
        monthly_mb: Option<u64>,
        /// Takes the limit back.
        #[serde(default)]
        no_limit: bool,
        /// First and last hour in UTC, as `22-05`, or `any`.
        #[serde(default)]
        hours: Option<String>,
        /// For a million bytes, as `8.50`, or `none`.
        #[serde(default)]
        price: Option<String>,
        /// Of the price, as `USD`.
        #[serde(default)]
        currency: Option<String>,
    },
    /// How the node is.
    Status {},
    /// The operator's word that a restored node goes on without having met
    /// another member.
    Resume {},
    /// Whether two nodes were seen to run with this node's key →
    /// `{copied?{at, node, by, cleared_at?}}`.
    Copied {
        /// The operator's word that only this one runs now.
        #[serde(default)]
        cleared: bool,
    },
    /// Makes a copy a node of its own: a new key of the node, certified by the
    /// organisation; refused by a node that serves → `{node, before}`.
    NewNodeKey {},
    /// What needs attention, and what to do →
    /// `{items[{check, level, message, advice?}]}`.
    Doctor {},
    /// What can be sent to somebody who helps: names, titles, keys and
    /// addresses are left out.
    Support {},
    /// Re-reads everything stored → `{objects, bad[{id, reason}], repaired}`.
    Check {
        /// Drops what is damaged, to fetch it again; refused by a node that
        /// runs.
        #[serde(default)]
        repair: bool,
    },
}

/// One row of an import.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportRow {
    /// Where the row stands in its file, counted as the file's own tools do.
    pub row: u64,
    /// Names the row by its content, so that a row imported before is known
    /// again: 64 hexadecimal digits, the same for equal content in any file.
    pub key: String,
    /// The practice, by the keys of practice files.
    pub practice: Fields,
}

/// For which node a bundle is; see [`Op::BundleList`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BundleReader {
    /// Its id.
    pub node: String,
    /// The organisation to whose key it is encrypted, as [`Op::BundleBegin`]
    /// answered it. Of drafts only what that one may see is in it.
    pub org: String,
}

/// What the end of a bundle says; see [`Op::BundleEnd`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct EndCounts {
    /// Objects in it.
    pub objects: u64,
    /// Objects that had no room.
    pub left_out: u64,
    /// Sets with how many objects of them are held.
    pub held: Vec<(u8, u64)>,
    /// Objects that its reader said to hold.
    pub known: u64,
    /// Files that were written together; 0 if it is the only one.
    pub volumes: u16,
}
