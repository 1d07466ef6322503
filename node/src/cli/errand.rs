//! From a command to the one operation that it asks for, and to how its
//! answer is told.

mod listings;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::answers::{self, Text};
use super::grammar::{
    About, Account, Against, Annotation, Blob, Bundle, Cert, Charter, Clearance, Command, Discuss,
    Expert, Key, Link, Notices, Peers, Practice, Request, Review, Saved,
};
use super::practice_file;
use crate::governing::LEAVING;
use crate::interchange::merge;
use crate::ops::{ErrorCode, Fields, Op, OpError};

/// One operation, and how to tell its answer.
pub(super) struct Errand {
    pub(super) op: Op,
    /// For standard output.
    pub(super) text: Text,
    /// For standard error.
    pub(super) notes: fn(&Value) -> Vec<String>,
    /// Whether the answer is what the command hoped for.
    pub(super) succeeded: fn(&Value) -> bool,
    /// Under what the keys are wrapped that it makes.
    pub(super) wraps: Wraps,
    /// What cannot be undone, unless the line says that it is meant.
    pub(super) unsure: Option<String>,
    /// What a person at a terminal is asked to confirm; a script goes on.
    pub(super) confirm: Option<String>,
}

/// Under what an errand wraps new keys.
pub(super) enum Wraps {
    /// It makes none.
    Nothing,
    /// The passphrase in this file, if one is named.
    File(Option<PathBuf>),
    /// The passphrase in this file, else one that is asked for.
    Asked(Option<PathBuf>),
}

impl Errand {
    fn new(op: Op, text: Text) -> Self {
        let (wraps, unsure, confirm) = (Wraps::Nothing, None, None);
        Self { op, text, notes: |_| Vec::new(), succeeded: |_| true, wraps, unsure, confirm }
    }

    fn with_notes(mut self, notes: fn(&Value) -> Vec<String>) -> Self {
        self.notes = notes;
        self
    }

    /// The errand of a command that is one operation.
    pub(super) fn of(command: Command) -> Result<Self, OpError> {
        Ok(match command {
            Command::Invite(invite) => {
                Self::new(Op::Invite { org: invite.org }, answers::invitation)
                    .with_notes(answers::invitation_notes)
            }
            Command::Approve(approve) => {
                Self::new(Op::Approve { proposal: approve.proposal }, answers::approved)
                    .with_notes(answers::approved_notes)
            }
            Command::Proposals => Self::new(Op::Proposals {}, answers::proposals),
            Command::Suspend(Against { org, reason }) => decided(Op::Suspend { org, reason }),
            Command::Lift(About { org }) => decided(Op::Lift { org }),
            Command::Remove(Against { org, reason }) => decided(Op::Remove { org, reason }),
            Command::Admit(About { org }) => decided(Op::Admit { org }),
            Command::Leave { yes } => {
                let sure = format!("If this organisation leaves, {LEAVING}.");
                let errand =
                    Self::new(Op::Leave {}, answers::left).with_notes(answers::governed_notes);
                Self { confirm: (!yes).then_some(sure), ..errand }
            }
            Command::Charter(charter) => charter_errand(charter),
            Command::Key(Key::List) => Self::new(Op::KeyList {}, answers::keys),
            Command::Members => Self::new(Op::Members {}, answers::members),
            Command::Cert(cert) => cert_errand(cert),
            Command::Account(account) => account_errand(account)?,
            Command::Practice(practice) => practice_errand(practice)?,
            Command::Search(search) => {
                let op = Op::Search {
                    query: search.query.join(" "),
                    filters: search.filters.into(),
                    limit: search.limit,
                    after: None,
                };
                let told = if search.facets { answers::divided } else { answers::found };
                Self::new(op, told)
            }
            Command::Saved(saved) => saved_errand(saved),
            Command::Blob(Blob::List) => Self::new(Op::BlobList {}, answers::blobs),
            Command::Blob(Blob::Pin { hash, undo }) => {
                Self::new(Op::BlobPin { hash, keep: !undo }, answers::blob_pinned)
            }
            Command::Blob(Blob::Drop { hash, last }) => {
                Self::new(Op::BlobDrop { hash, last }, answers::blob_dropped)
            }
            Command::Expert(expert) => expert_errand(expert)?,
            Command::Request(request) => request_errand(request)?,
            Command::Bundle(Bundle::Read { code, .. }) => {
                Self::new(Op::BundleCodes { codes: code.join(" ") }, answers::codes_read)
            }
            Command::Review(review) => review_errand(review)?,
            Command::Clearance(clearance) => clearance_errand(clearance)?,
            Command::Discuss(discuss) => discuss_errand(discuss)?,
            Command::Collection(collection) => listings::collection_errand(collection)?,
            Command::Resource(resource) => listings::resource_errand(resource)?,
            Command::Meet(meet) => Self::new(Op::Meet { peer: meet.peer }, answers::met),
            Command::Peers(peers) => peers_errand(peers),
            Command::Link(link) => link_errand(link),
            Command::Status => Self::new(Op::Status {}, answers::status),
            Command::Resume => Self::new(Op::Resume {}, answers::resumed),
            Command::Copied(copied) if copied.new_key => {
                Self::new(Op::NewNodeKey {}, answers::new_node_key)
            }
            Command::Copied(copied) => {
                Self::new(Op::Copied { cleared: copied.cleared }, answers::copied)
            }
            Command::Check(check) => {
                Self::new(Op::Check { repair: check.repair }, answers::checked)
            }
            command => return Err(other(&command)),
        })
    }
}

fn cert_errand(cert: Cert) -> Errand {
    match cert {
        Cert::Grant { account, roles, with, prepare: _ } => {
            Errand::new(Op::CertGrant { account, roles, with: with.into() }, answers::id)
                .with_notes(answers::granted_notes)
        }
        Cert::Revoke { certificate, before_recovery: _, reason, yes } => {
            let which = certificate.as_deref().unwrap_or("all that the old keys granted");
            let sure = format!(
                "Revoking {which} cannot be undone. What was signed under it and is held here stands; what turns up later does not."
            );
            let op = Op::CertRevoke { certificate, reason };
            let errand = Errand::new(op, answers::revoked).with_notes(answers::governed_notes);
            Errand { confirm: (!yes).then_some(sure), ..errand }
        }
        Cert::Aside => Errand::new(Op::CertAside {}, answers::aside),
        Cert::Adopt { record, reason } => {
            Errand::new(Op::CertAdopt { record, reason }, answers::adopted_record)
        }
        Cert::List { all } => Errand::new(Op::CertList { all }, answers::certificates),
    }
}

fn decided(op: Op) -> Errand {
    Errand::new(op, answers::decided).with_notes(answers::governed_notes)
}

fn charter_errand(charter: Charter) -> Errand {
    match charter {
        Charter::Show => Errand::new(Op::CharterShow {}, answers::charter),
        Charter::Log => Errand::new(Op::CharterLog {}, answers::charter_log),
        Charter::Propose { name, stewards, policies, without } => {
            let policies = policies.into_iter().collect();
            let op = Op::CharterPropose { name, stewards, policies, without };
            Errand::new(op, answers::charter_proposed)
        }
    }
}

fn account_errand(account: Account) -> Result<Errand, OpError> {
    Ok(match account {
        Account::Device(device) => return Err(other(&device)),
        Account::Add { name, person, lang, roles, with, new_passphrase_file } => {
            let op = Op::AccountAdd { name, person, lang, roles, with: with.into() };
            let errand = Errand::new(op, answers::account_added);
            Errand { wraps: Wraps::File(new_passphrase_file), ..errand }
        }
        Account::TakeNameBack { yes } => {
            let sure = "Every node that learns of it drops the name for ever; what was signed stays, as of a person of this organisation.";
            let errand = Errand::new(Op::NameErase {}, answers::name_erased);
            Errand { unsure: (!yes).then(|| sure.to_owned()), ..errand }
        }
        Account::Notices(asked) => notices_errand(asked),
        Account::List => Errand::new(Op::AccountList {}, answers::accounts),
        Account::Link { name } => {
            Errand::new(Op::AccountLink { name }, answers::link).with_notes(answers::link_notes)
        }
        Account::Reset { name } => {
            Errand::new(Op::AccountReset { name }, answers::link).with_notes(answers::reset_notes)
        }
        Account::Rekey { name, new_passphrase_file } => {
            let errand = Errand::new(Op::AccountRekey { name }, answers::rekeyed)
                .with_notes(answers::rekeyed_notes);
            Errand { wraps: Wraps::Asked(new_passphrase_file), ..errand }
        }
        Account::Remove { name, to, keep_certificate, their_passphrase_file, yes } => {
            let unsure = if keep_certificate {
                format!(
                    "Removing account {name} cannot be undone. Its certificate stays valid, for another node of this organisation."
                )
            } else {
                format!(
                    "Removing account {name} cannot be undone. Its certificate is revoked: what {name} signed and is held here stands, published with their name; what turns up later does not count."
                )
            };
            let op = Op::AccountRemove { name, to, keep_certificate };
            let wraps = Wraps::File(their_passphrase_file);
            Errand { unsure: (!yes).then_some(unsure), wraps, ..Errand::new(op, answers::departed) }
        }
    })
}

fn notices_errand(asked: Notices) -> Errand {
    let Notices { address, code, often, forget, feed, no_feed } = asked;
    let looks = address.is_none() && code.is_none() && often.is_none();
    let op = if looks && !forget && !feed && !no_feed {
        Op::Notices {}
    } else {
        let feed = (feed || no_feed).then_some(feed);
        Op::NoticesChange { address, code, often, forget, feed }
    };
    Errand::new(op, answers::notices)
}

fn other(command: &impl std::fmt::Debug) -> OpError {
    OpError::new(ErrorCode::Failed, format!("{command:?} is no operation of a node"))
}

fn link_errand(link: Link) -> Errand {
    let op = match link {
        Link::Show => Op::LinkShow {},
        Link::Set(said) => Op::LinkSet {
            class: said.class,
            every: said.every,
            monthly_mb: said.monthly_mb,
            no_limit: said.no_limit,
            hours: said.hours,
            price: said.price,
            currency: said.currency,
        },
    };
    Errand::new(op, answers::links)
}

fn saved_errand(saved: Saved) -> Errand {
    match saved {
        Saved::Add { name, query, filters } => {
            let op = Op::SavedAdd { name, query: query.join(" "), filters: filters.into() };
            Errand::new(op, answers::search_saved)
        }
        Saved::List => Errand::new(Op::SavedList {}, answers::saved_searches),
        Saved::Show { name, all, seen } => {
            Errand::new(Op::SavedShow { which: name, all, seen }, answers::found)
        }
        Saved::Remove { name } => {
            Errand::new(Op::SavedRemove { which: name }, answers::search_forgotten)
        }
    }
}

fn peers_errand(peers: Peers) -> Errand {
    match peers {
        Peers::List => Errand::new(Op::PeersList {}, answers::peers),
        Peers::Add { address } => Errand::new(Op::PeersAdd { address }, answers::address),
        Peers::Remove { peer } => Errand::new(Op::PeersRemove { peer }, answers::removed),
    }
}

fn practice_errand(practice: Practice) -> Result<Errand, OpError> {
    Ok(match practice {
        Practice::Draft { file } => {
            let fields = practice_file::read(&file)?;
            Errand::new(Op::PracticeDraft { fields }, answers::id)
        }
        Practice::Edit { id, set } => {
            let mut fields = Fields::new();
            for setting in set {
                merge(&mut fields, setting.0)
                    .map_err(|why| OpError::new(ErrorCode::Invalid, why))?;
            }
            Errand::new(Op::PracticeEdit { id, set: fields }, answers::id)
        }
        Practice::Share { id, show, hide } => {
            Errand::new(Op::PracticeShare { id, show, hide }, answers::shared)
        }
        Practice::Comment { id, words, field, lang, quote, reply_to } => {
            let text = words.read()?;
            let op = Op::PracticeComment { id, text, field, lang, quote, reply_to };
            Errand::new(op, answers::commented)
        }
        Practice::Resolve { id, comment, again } => {
            Errand::new(Op::PracticeResolve { id, comment, again }, answers::commented)
        }
        Practice::Publish { id, note } => {
            Errand::new(Op::PracticePublish { id, note }, answers::published)
                .with_notes(answers::missing)
        }
        Practice::Erase { id, reason, yes } => {
            let sure = format!(
                "Erasing {id} cannot be undone: it is gone from every node that learns of it, with all its editions, and cannot be published again under this id."
            );
            let errand = Errand::new(Op::PracticeErase { id, reason }, answers::id);
            Errand { unsure: (!yes).then_some(sure), ..errand }
        }
        Practice::Annotate(annotation) => annotation_errand(annotation)?,
        Practice::Adopt { id, edition, change, reason } => {
            Errand::new(Op::PracticeAdopt { id, edition, change, reason }, answers::adopted)
        }
        Practice::TakeOver { id, change } => {
            Errand::new(Op::PracticeTakeOver { id, change }, answers::taken_over)
        }
        Practice::PutAway { id, change, back } => {
            Errand::new(Op::PracticePutAway { id, change, back }, answers::put_away)
        }
        Practice::List { drafts, away, page } => {
            let op = Op::PracticeList { drafts, away, limit: page.limit, after: page.after };
            Errand::new(op, answers::practices)
        }
        Practice::Show { id, edition } => {
            Errand::new(Op::PracticeShow { id, edition }, answers::practice)
        }
        Practice::History { id } => Errand::new(Op::PracticeHistory { id }, answers::history),
        Practice::Diff { id, a, b } => Errand::new(Op::PracticeDiff { id, a, b }, answers::diff),
        Practice::Verify { subject } => {
            let mut errand = Errand::new(verify(subject)?, answers::verified);
            errand.succeeded = answers::is_good;
            errand
        }
        other @ (Practice::Export { .. } | Practice::Template { .. } | Practice::Import { .. }) => {
            let message = format!("{other:?} is more than one operation");
            return Err(OpError::new(ErrorCode::Failed, message));
        }
    })
}

fn annotation_errand(annotation: Annotation) -> Result<Errand, OpError> {
    let op = match annotation {
        Annotation::Withdraw { id, reason, edition, note, replaced_by } => {
            Op::PracticeWithdraw { id, reason, edition, note, replaced_by }
        }
        Annotation::Confirm { id, note } => Op::PracticeConfirm { id, note },
        Annotation::Adapt { id, file, replaces } => {
            let adaptation = practice_file::read_form(&file)?;
            Op::PracticeAdapt { id, adaptation, replaces }
        }
        Annotation::Translate { id, lang, file, edition } => {
            let translation = practice_file::read_form(&file)?;
            Op::PracticeTranslate { id, lang, edition, translation }
        }
        Annotation::SameAs { id, other, aliases } => Op::PracticeSameAs { id, other, aliases },
        Annotation::TakeBack { id, annotation, note } => {
            Op::PracticeTakeBack { id, annotation, note }
        }
        Annotation::Said { id, edition } => {
            return Ok(Errand::new(Op::PracticeSaid { id, edition }, answers::said));
        }
        Annotation::Duplicates { id } => {
            return Ok(Errand::new(Op::PracticeDuplicates { id }, answers::duplicates));
        }
    };
    Ok(Errand::new(op, answers::id))
}

fn expert_errand(expert: Expert) -> Result<Errand, OpError> {
    Ok(match expert {
        Expert::Card { file } => {
            Errand::new(Op::ExpertCard { card: practice_file::read_form(&file)? }, answers::id)
        }
        Expert::List => Errand::new(Op::ExpertList {}, answers::experts),
        Expert::Pause => Errand::new(Op::ExpertPause {}, answers::id),
        Expert::Resume => Errand::new(Op::ExpertResume {}, answers::id),
        Expert::Remove => Errand::new(Op::ExpertRemove {}, answers::id),
        Expert::Match { file } => {
            let request = practice_file::read_form(&file)?;
            Errand::new(Op::ExpertMatch { request }, answers::matched)
        }
    })
}

fn request_errand(request: Request) -> Result<Errand, OpError> {
    let op = match request {
        Request::Ask { file } => {
            let op = Op::RequestAsk { request: practice_file::read_form(&file)?, once: None };
            return Ok(Errand::new(op, answers::asked));
        }
        Request::Translate { practice, lang, by, edition } => {
            let wanted = json!({ "practice": practice, "language": lang, "edition": edition });
            let request = Fields::from_iter([
                ("translate".to_owned(), wanted),
                ("needed_by".to_owned(), by.into()),
            ]);
            return Ok(Errand::new(Op::RequestAsk { request, once: None }, answers::asked));
        }
        Request::Open => return Ok(Errand::new(Op::RequestOpen {}, answers::opened)),
        Request::List => return Ok(Errand::new(Op::RequestList {}, answers::requests)),
        Request::Show { id } => return Ok(Errand::new(Op::RequestShow { id }, answers::request)),
        Request::Qr { id } => {
            return Ok(Errand::new(Op::RequestCodes { id }, answers::request_codes));
        }
        Request::Accept { id, note } => Op::RequestAccept { id, note },
        Request::Decline { id, reason, note } => Op::RequestDecline { id, reason, note },
        Request::Offer { id, experts } => Op::RequestOffer { id, experts },
        Request::Award { id, expert } => Op::RequestAward { id, expert },
        Request::Answer { id, file } => {
            Op::RequestAnswer { id, answer: practice_file::read_form(&file)? }
        }
        Request::Confirm { id } => Op::RequestConfirm { id },
        Request::Close { id, outcome, rating, note, follow_up } => {
            Op::RequestClose { id, outcome, rating, note, follow_up }
        }
        Request::Withdraw { id, reason } => Op::RequestWithdraw { id, reason },
        Request::Question { id, text } => Op::RequestQuestion { id, text },
        Request::Reply { id, text, to } => Op::RequestReply { id, text, question: to },
        Request::Progress { id, text } => Op::RequestProgress { id, text },
        Request::Refer { id, expert, note } => Op::RequestRefer { id, expert, note },
        Request::Dispute { id, reasons } => Op::RequestDispute { id, reasons },
        Request::FollowUp { id, outcome, note } => Op::RequestFollowUp { id, outcome, note },
        Request::Board { objective, region } => {
            return Ok(Errand::new(Op::RequestBoard { objective, region }, answers::board));
        }
        Request::Post { id, title, naming } => {
            return Ok(Errand::new(Op::RequestPost { id, title, naming }, answers::posted));
        }
        Request::TakeDown { need } => {
            return Ok(Errand::new(Op::RequestTakeDown { id: need }, answers::id));
        }
        Request::OfferHelp { need, text } => {
            return Ok(Errand::new(Op::RequestHelp { id: need, text }, answers::helped));
        }
        Request::Escalate { id, step, desks } => Op::RequestEscalate { id, step, desks },
    };
    Ok(Errand::new(op, answers::acted))
}

fn review_errand(review: Review) -> Result<Errand, OpError> {
    let op = match review {
        Review::Policy { file, replaces } => {
            let op = Op::ReviewPolicy { policy: practice_file::read_form(&file)?, replaces };
            return Ok(Errand::new(op, answers::id));
        }
        Review::Call { file, policy } => {
            let op = Op::ReviewCall { call: practice_file::read_form(&file)?, policy };
            return Ok(Errand::new(op, answers::id));
        }
        Review::Policies => return Ok(Errand::new(Op::ReviewPolicies {}, answers::policies)),
        Review::Calls => return Ok(Errand::new(Op::ReviewCalls {}, answers::calls)),
        Review::List => return Ok(Errand::new(Op::ReviewList {}, answers::reviews)),
        Review::Show { id } => return Ok(Errand::new(Op::ReviewShow { id }, answers::review)),
        Review::Submit { id, edition, policy, call, note } => {
            let op = Op::ReviewSubmit { id, edition, policy, call, note };
            return Ok(Errand::new(op, answers::submitted_for_review));
        }
        Review::Verify { id, edition } => {
            let mut errand = Errand::new(Op::ReviewVerify { id, edition }, answers::seals);
            errand.succeeded = |told| told["sealed"] == true;
            return Ok(errand);
        }
        Review::Invite { id, reviewer } => Op::ReviewInvite { id, reviewer },
        Review::Release { id, reviewer, note } => Op::ReviewRelease { id, reviewer, note },
        Review::Accept { id, interests } => Op::ReviewAccept { id, interests },
        Review::Decline { id, reason, note } => Op::ReviewDecline { id, reason, note },
        Review::Score { id, file } => {
            Op::ReviewScore { id, review: practice_file::read_form(&file)? }
        }
        Review::Reply { id, text } => Op::ReviewReply { id, text },
        Review::Decide { id, outcome, reasons } => Op::ReviewDecide { id, outcome, reasons },
        Review::Appeal { id, reasons } => Op::ReviewAppeal { id, reasons },
        Review::Withdraw { id, note } => Op::ReviewWithdraw { id, note },
    };
    Ok(Errand::new(op, answers::acted_in_review))
}

fn clearance_errand(clearance: Clearance) -> Result<Errand, OpError> {
    let op = match clearance {
        Clearance::Policy { need } => {
            return Ok(Errand::new(Op::ClearancePolicy { need }, answers::clearance_policy));
        }
        Clearance::List { all } => {
            return Ok(Errand::new(Op::ClearanceList { all }, answers::clearances));
        }
        Clearance::Show { id } => Op::ClearanceShow { id },
        Clearance::Ask { id, note } => Op::ClearanceAsk { id, note },
        Clearance::Take { id } => Op::ClearanceTake { id },
        Clearance::Return { id, reason } => Op::ClearanceReturn { id, reason },
        Clearance::Approve { id } => Op::ClearanceApprove { id },
        Clearance::Attach { id, file } => {
            let (sheet, bytes) = scan(&file)?;
            Op::ClearanceAttach { id, sheet, bytes }
        }
        Clearance::Confirm { id, file } => Op::ClearanceConfirm { id, sheet: scan(&file)?.0 },
    };
    Ok(Errand::new(op, answers::clearance))
}

/// The hash and the size of the scan of a sheet.
fn scan(file: &Path) -> Result<(String, u64), OpError> {
    let unread = |error: std::io::Error| {
        let what = format!("cannot read {}: {error}", file.display());
        OpError::new(ErrorCode::Invalid, what).in_field("file")
    };
    let mut hasher = blake3::Hasher::new();
    let bytes = std::io::copy(&mut std::fs::File::open(file).map_err(unread)?, &mut hasher);
    Ok((hasher.finalize().to_hex().to_string(), bytes.map_err(unread)?))
}

fn discuss_errand(discuss: Discuss) -> Result<Errand, OpError> {
    let op = match discuss {
        Discuss::Open { file, practice, moderators } => {
            let discussion = practice_file::read_form(&file)?;
            let op = Op::DiscussOpen { discussion, practice, moderators };
            return Ok(Errand::new(op, answers::id));
        }
        Discuss::List { languages, objectives, open } => {
            let op = Op::DiscussList { languages, objectives, open };
            return Ok(Errand::new(op, answers::discussions));
        }
        Discuss::Show { id } => {
            return Ok(Errand::new(Op::DiscussShow { id }, answers::discussion));
        }
        Discuss::Post { id, words, question, lang } => {
            let text = words.read()?;
            Op::DiscussPost { id, text, lang, question, reply_to: None }
        }
        Discuss::Reply { id, post, words, lang } => {
            let text = words.read()?;
            Op::DiscussPost { id, text, lang, question: None, reply_to: Some(post) }
        }
        Discuss::Edit { id, post, words } => Op::DiscussEdit { id, post, text: words.read()? },
        Discuss::Translate { id, post, words, lang, made } => {
            Op::DiscussTranslate { id, post, lang, made, text: words.read()? }
        }
        Discuss::Advise { id, post, advice, reason, text, lang } => {
            Op::DiscussAdvise { id, post, advice, reason, text, lang }
        }
        Discuss::Close { id, words, lang } => Op::DiscussClose { id, text: words.read()?, lang },
        Discuss::TakeBack { id, post, reason, yes } => {
            let sure = format!(
                "Taking {post} back cannot be undone: its words are gone from every node that learns of it; answers to it stay."
            );
            let op = Op::DiscussTakeBack { id, post, reason };
            let errand = Errand::new(op, answers::post_taken_back);
            return Ok(Errand { unsure: (!yes).then_some(sure), ..errand });
        }
        Discuss::Report { id, post, reason, text } => {
            let op = Op::DiscussReport { id, post, reason, text };
            return Ok(Errand::new(op, answers::post_reported));
        }
        Discuss::Reports => return Ok(Errand::new(Op::DiscussReports {}, answers::reports)),
        Discuss::Settle { post } => {
            return Ok(Errand::new(Op::DiscussSettle { post }, answers::reports_settled));
        }
    };
    Ok(Errand::new(op, answers::said_in_discussion))
}

/// An id, or the file that `export` or `show --json` wrote.
fn verify(subject: String) -> Result<Op, OpError> {
    if let Some((id, document)) = practice_file::read_printed(&subject) {
        return Ok(Op::PracticeVerify { id, document: Some(document) });
    }
    if !Path::new(&subject).is_file() {
        return Ok(Op::PracticeVerify { id: subject, document: None });
    }
    let (id, document) = practice_file::read_exported(Path::new(&subject))?;
    Ok(Op::PracticeVerify { id, document: Some(document) })
}
