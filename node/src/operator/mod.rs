//! Operations, carried out on an open node.
//!
//! One file per subject; each function takes what the operation says, does it
//! through [`Node`], and answers the JSON that scripts rely on. Rules are not
//! decided here: roles are the authority's, fields the practice's.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Map, Value};
use tern_crdt::expert::Listing;
use tern_protocol::step::Command;

use crate::accounts::Account;
use crate::annotations::{Say, Withdrawing};
use crate::blobs::attaching::Said;
use crate::clearance::Act as Clearing;
use crate::discussions::Act as SayAct;
use crate::doctor;
use crate::governing::Decision;
use crate::lent;
use crate::listings::Change as ItemChange;
use crate::ops::{Caller, ErrorCode, Filters, Op, OpError, Operator};
use crate::requests::Act;
use crate::reviews::{Act as ReviewAct, Submitting};
use crate::running::Node;
use crate::search::{Freshness, Query};
use crate::sharing::CommentAct;
use crate::support;
use links::Told;
use practices::page_size;
use talk::Closing;

mod accounts;
mod annotations;
mod blobs;
mod board;
mod bundles;
mod clearance;
mod comments;
mod discussions;
mod drafts;
mod experts;
mod governing;
mod held;
mod importing;
mod keys;
mod links;
mod listings;
mod notices;
mod own_key;
mod peers;
mod people;
mod practices;
mod recovery;
mod requests;
mod reviews;
mod saved;
mod signing;
mod talk;
mod telling;
mod upkeep;

pub(crate) use discussions::{list_json as discussions_json, whole_json as discussion_json};
pub use peers::PeerName;
pub use practices::best;
pub(crate) use practices::{beside, practice_json};
pub(crate) use reviews::seal_json;
pub(crate) use upkeep::name_of;
pub use upkeep::status;

/// Carries operations out on a node.
#[derive(Clone)]
pub struct NodeOperator(pub Arc<Node>);

impl Operator for NodeOperator {
    fn run(&self, caller: Caller, op: Op) -> BoxFuture<'_, Result<Value, OpError>> {
        let root = caller.root.clone();
        lent::with(root, async move {
            let caller = Acting { node: &self.0, caller };
            caller.run(op).await.map(without_nulls)
        })
        .boxed()
    }
}

/// A node, and on whose behalf something is done on it.
struct Acting<'a> {
    node: &'a Arc<Node>,
    caller: Caller,
}

impl Acting<'_> {
    async fn account(&self) -> Result<Account, OpError> {
        let name = self.caller.account.clone();
        self.node
            .handle()
            .read(move |replica| Account::find(replica.library(), name.as_deref()))
            .await?
    }

    async fn run(self, op: Op) -> Result<Value, OpError> {
        if self.caller.account.is_some() {
            // An account that is named has to be there, whatever is asked.
            self.account().await?;
        }
        match op {
            Op::Invite { org } => self.invite(org).await,
            Op::Approve { proposal } => self.approve(proposal).await,
            Op::Members {} => self.members().await,
            Op::Proposals {} => self.proposals().await,
            Op::CharterShow {} => self.charter().await,
            Op::CharterLog {} => self.charter_log().await,
            Op::CharterPropose { name, stewards, policies, without } => {
                self.charter_propose(name, stewards, policies, without).await
            }
            Op::Suspend { org, reason } => self.decide(org, Decision::Suspend(reason)).await,
            Op::Lift { org } => self.decide(org, Decision::Lift).await,
            Op::Remove { org, reason } => self.decide(org, Decision::Remove(reason)).await,
            Op::Admit { org } => self.decide(org, Decision::Admit).await,
            Op::Leave {} => self.leave().await,
            Op::CertRevoke { certificate, reason } => self.revoke(certificate, reason).await,
            Op::CertGrant { account, roles, with } => self.grant(account, roles, with).await,
            Op::CertList { all } => self.certificates(all).await,
            Op::CertAside {} => self.records_aside().await,
            Op::CertAdopt { record, reason } => self.adopt_record(&record, reason).await,
            Op::AccountAdd { name, person, lang, roles, with } => {
                self.add_account(name, person, lang, roles, with).await
            }
            Op::AccountList {} => self.accounts().await,
            Op::Notices {} => self.notices().await,
            Op::NoticesChange { address, code, often, forget, feed } => {
                self.change_notices(address, code, often, forget, feed).await
            }
            Op::AccountLink { name } => self.link(name).await,
            Op::AccountReset { name } => self.reset_account(name).await,
            Op::AccountRekey { name } => self.rekey_account(name).await,
            Op::AccountRemove { name, to, keep_certificate } => {
                self.remove_account(name, to, keep_certificate).await
            }
            Op::DeviceAdd { name, key } => self.add_device(name, &key).await,
            Op::KeyList {} => self.list_keys().await,
            Op::KeySheet {} => self.sheet().await,
            Op::KeySheetDone {} => self.sheet_is_kept().await,
            Op::KeyRotate { spares } => self.rotate_root(&spares).await,
            Op::KeyExport {} => self.export_root().await,
            Op::KeyMoved { file, place } => self.root_is_moved(&file, &place).await,
            Op::KeyReturn {} => self.return_root().await,
            Op::PrepareApproval { proposal } => self.prepare_approval(proposal).await,
            Op::PrepareGrant { account, roles, with } => {
                self.prepare_grant(account, roles, with).await
            }
            Op::Submit { statement } => self.submit_statement(&statement).await,
            Op::Rekey { request, reason } => self.rekey_organisation(&request, reason).await,
            Op::AuthorityRecords { after } => self.authority_records(after).await,
            Op::AuthorityTake { records } => self.take_authority(records).await,
            Op::Recovery {} => self.recovery().await,
            Op::PracticeDraft { fields } => self.draft(fields).await,
            Op::PracticeEdit { id, set } => self.edit(id, set).await,
            Op::PracticeShare { id, show, hide } => self.share(id, show, hide).await,
            Op::PracticePublish { id, note } => self.publish(id, note).await,
            Op::PracticeErase { id, reason } => self.erase(id, reason).await,
            Op::PracticeWithdraw { id, reason, edition, note, replaced_by } => {
                let text = note.unwrap_or_default();
                let how = Withdrawing { edition, reason, text, replaced_by };
                self.annotate(id, Say::Withdraw(how)).await
            }
            Op::PracticeConfirm { id, note } => {
                self.annotate(id, Say::Confirm { text: note.unwrap_or_default() }).await
            }
            Op::PracticeAdapt { id, adaptation, replaces } => {
                let adaptation = Value::Object(adaptation);
                self.annotate(id, Say::Adapt { adaptation, replaces }).await
            }
            Op::PracticeTranslate { id, lang, edition, translation } => {
                let translation = Value::Object(translation);
                let say = Say::Translate { language: lang, edition, translation };
                self.annotate(id, say).await
            }
            Op::PracticeSameAs { id, other, aliases } => {
                self.annotate(id, Say::SameAs { practice: other, aliases }).await
            }
            Op::PracticeTakeBack { id, annotation, note } => {
                let text = note.unwrap_or_default();
                self.annotate(id, Say::TakeBack { annotation, text }).await
            }
            Op::PracticeSaid { id, edition } => self.said(id, edition).await,
            Op::PracticeDuplicates { id } => self.duplicates(id).await,
            Op::NameErase {} => self.erase_name().await,
            Op::PracticeAdopt { id, edition, change, reason } => {
                self.adopt(id, edition, change, reason).await
            }
            Op::PracticeTakeOver { id, change } => self.take_over(id, change).await,
            Op::PracticePutAway { id, change, back } => self.put_away(id, change, back).await,
            Op::PracticeList { drafts: true, away, limit, after } => {
                self.drafts(away, limit, after).await
            }
            Op::PracticeList { drafts: false, limit, after, .. } => self.list(limit, after).await,
            Op::PracticeIds { after } => self.ids(after).await,
            Op::PracticeShow { id, edition } => self.show(id, edition).await,
            Op::PracticeHistory { id } => self.history(id).await,
            Op::PracticeDiff { id, a, b } => self.diff(id, a, b).await,
            Op::PracticeVerify { id, document } => self.verify(id, document).await,
            Op::PracticeImport { rows, publish, note } => self.import(rows, publish, note).await,
            Op::Search { query, filters, limit, after } => {
                let limit = page_size(limit);
                self.search(Query { limit, after, ..asked(query, filters)? }).await
            }
            Op::SavedAdd { name, query, filters } => {
                self.save_search(name, asked(query, filters)?).await
            }
            Op::SavedList {} => self.saved_searches().await,
            Op::SavedShow { which, all, seen } => self.saved_search(which, all, seen).await,
            Op::SavedRemove { which } => self.forget_search(which).await,
            Op::ExpertCard { card } => self.expert_card(card).await,
            Op::ExpertList {} => self.experts().await,
            Op::ExpertPause {} => self.expert_state(Listing::Paused).await,
            Op::ExpertResume {} => self.expert_state(Listing::Listed).await,
            Op::ExpertRemove {} => self.expert_state(Listing::Removed).await,
            Op::ExpertMatch { request } => self.expert_match(request).await,
            Op::RequestAsk { request, once } => self.request_ask(request, once).await,
            Op::RequestOpen {} => {
                self.node.unlock_requests(self.caller.passphrase.clone()).await?;
                Ok(Value::Object(Map::new()))
            }
            Op::RequestList {} => self.requests().await,
            Op::RequestShow { id } => self.request_show(id).await,
            Op::RequestAccept { id, note } => {
                let note = note.unwrap_or_default();
                self.request_act(id, Act::Accept { note }).await
            }
            Op::RequestDecline { id, reason, note } => self.request_decline(id, reason, note).await,
            Op::RequestOffer { id, experts } => self.request_act(id, Act::Offer(experts)).await,
            Op::RequestAward { id, expert } => self.request_act(id, Act::Award(expert)).await,
            Op::RequestAnswer { id, answer } => self.request_answer(id, answer).await,
            Op::RequestConfirm { id } => self.request_act(id, Act::Confirm).await,
            Op::RequestClose { id, outcome, rating, note, follow_up } => {
                self.request_close(id, Closing { outcome, rating, note, follow_up }).await
            }
            Op::RequestWithdraw { id, reason } => {
                let reason = reason.unwrap_or_default();
                self.request_act(id, Act::Withdraw { reason }).await
            }
            Op::RequestQuestion { id, text } => self.request_act(id, Act::Question(text)).await,
            Op::RequestReply { id, text, question } => {
                self.request_act(id, Act::Reply { question, text }).await
            }
            Op::RequestProgress { id, text } => self.request_act(id, Act::Progress(text)).await,
            Op::RequestRefer { id, expert, note } => {
                let note = note.unwrap_or_default();
                self.request_act(id, Act::Refer { expert, note }).await
            }
            Op::RequestDispute { id, reasons } => self.request_act(id, Act::Dispute(reasons)).await,
            Op::RequestFollowUp { id, outcome, note } => {
                self.request_follow_up(id, outcome, note).await
            }
            Op::RequestEscalate { id, step, desks } => self.request_escalate(id, step, desks).await,
            Op::RequestBoard { objective, region } => self.board(objective, region).await,
            Op::RequestPost { id, title, naming } => self.post_need(id, title, naming).await,
            Op::RequestTakeDown { id } => self.take_need_down(id).await,
            Op::RequestHelp { id, text } => self.offer_help(id, text).await,
            Op::ReviewPolicy { policy, replaces } => {
                self.review_policy_sign(policy, replaces).await
            }
            Op::ReviewPolicies {} => self.review_policies().await,
            Op::ReviewCall { call, policy } => self.review_call_sign(call, policy).await,
            Op::ReviewCalls {} => self.review_calls().await,
            Op::ReviewSubmit { id, edition, policy, call, note } => {
                let note = note.unwrap_or_default();
                self.review_submit(Submitting { practice: id, edition, policy, call, note }).await
            }
            Op::ReviewList {} => self.reviews().await,
            Op::ReviewShow { id } => self.review_show(id).await,
            Op::ReviewInvite { id, reviewer } => {
                self.review_act(id, ReviewAct::Invite(reviewer)).await
            }
            Op::ReviewRelease { id, reviewer, note } => {
                self.review_act(id, ReviewAct::Release { reviewer, note: note.unwrap_or_default() })
                    .await
            }
            Op::ReviewAccept { id, interests } => {
                self.review_act(id, ReviewAct::Accept { interests: interests.unwrap_or_default() })
                    .await
            }
            Op::ReviewDecline { id, reason, note } => self.review_decline(id, reason, note).await,
            Op::ReviewScore { id, review } => {
                self.review_act(id, ReviewAct::Review(Value::Object(review))).await
            }
            Op::ReviewReply { id, text } => self.review_act(id, ReviewAct::Reply(text)).await,
            Op::ReviewDecide { id, outcome, reasons } => {
                self.review_decide(id, outcome, reasons).await
            }
            Op::ReviewAppeal { id, reasons } => {
                self.review_act(id, ReviewAct::Appeal(reasons)).await
            }
            Op::ReviewWithdraw { id, note } => {
                self.review_act(id, ReviewAct::Withdraw(note.unwrap_or_default())).await
            }
            Op::ReviewVerify { id, edition } => self.review_verify(id, edition).await,
            Op::ClearancePolicy { need } => self.clearance_policy(need).await,
            Op::ClearanceList { all } => self.clearances(all).await,
            Op::ClearanceShow { id } => self.clearance_show(id).await,
            Op::ClearanceAsk { id, note } => {
                self.clear(id, Clearing::Ask { note: note.unwrap_or_default() }).await
            }
            Op::ClearanceTake { id } => self.clear(id, Clearing::Take).await,
            Op::ClearanceReturn { id, reason } => self.clear(id, Clearing::Return { reason }).await,
            Op::ClearanceApprove { id } => self.clear(id, Clearing::Approve).await,
            Op::ClearanceAttach { id, sheet, bytes } => {
                let sheet = clearance::sheet(&sheet)?;
                self.clear(id, Clearing::Attach { sheet, bytes }).await
            }
            Op::ClearanceConfirm { id, sheet } => {
                let sheet = Some(clearance::sheet(&sheet)?);
                self.clear(id, Clearing::Confirm { sheet }).await
            }
            Op::PracticeComment { id, text, field, lang, quote, reply_to } => {
                let quote = quote.unwrap_or_default();
                let act = comments::written(text, field, lang, quote, reply_to)?;
                self.comment(id, act).await
            }
            Op::PracticeResolve { id, comment, again } => {
                self.comment(id, CommentAct::Resolve { comment, done: !again }).await
            }
            Op::DiscussOpen { discussion, practice, moderators } => {
                self.discuss_open(discussion, practice, moderators).await
            }
            Op::DiscussList { languages, objectives, open } => {
                self.discussions(languages, objectives, open).await
            }
            Op::DiscussShow { id } => self.discuss_show(id).await,
            Op::DiscussPost { id, text, lang, question, reply_to } => {
                self.discuss_post(id, text, lang, question, reply_to).await
            }
            Op::DiscussEdit { id, post, text } => {
                self.discuss(id, SayAct::Edit { post, saw: None, text }).await
            }
            Op::DiscussTranslate { id, post, lang, made, text } => {
                self.discuss_translate(id, post, lang, made, text).await
            }
            Op::DiscussAdvise { id, post, advice, reason, text, lang } => {
                let words = (lang, text.unwrap_or_default());
                self.discuss_advise(id, post, &advice, &reason, words).await
            }
            Op::DiscussClose { id, text, lang } => {
                self.discuss(id, SayAct::Close { lang, text }).await
            }
            Op::DiscussTakeBack { id, post, reason } => {
                self.discuss_take_back(id, post, reason).await
            }
            Op::DiscussReport { id, post, reason, text } => {
                self.discuss_report(id, post, &reason, text.unwrap_or_default()).await
            }
            Op::DiscussReports {} => self.discuss_reports().await,
            Op::DiscussSettle { post } => self.discuss_settle(post).await,
            Op::ListingList { sort, query, thing } => self.listings(&sort, query, thing).await,
            Op::ListingShow { sort, id } => self.listing(&sort, &id).await,
            Op::ListingSay { sort, id, form, upload, name } => {
                let upload = upload.map(|upload| (upload, name.unwrap_or_default()));
                self.listing_say(&sort, id, form, upload).await
            }
            Op::ListingWithdraw { sort, id, reason, note } => {
                self.listing_withdraw(&sort, &id, reason, note).await
            }
            Op::CollectionAdd { id, thing, edition, note } => {
                let note = note.unwrap_or_default();
                self.change_collection(&id, ItemChange::Add { thing, edition, note }).await
            }
            Op::CollectionRemove { id, thing } => {
                self.change_collection(&id, ItemChange::Remove { thing }).await
            }
            Op::CollectionMove { id, thing, to } => {
                self.change_collection(&id, ItemChange::Move { thing, to }).await
            }
            Op::CollectionKeep { id, keep } => self.keep_collection(&id, keep).await,
            Op::CollectionObjects { id } => self.collection_objects(&id).await,
            Op::BundleBegin { reader, volume } => self.bundle_begin(reader, volume).await,
            Op::BundleList { after, reader } => self.bundle_list(after, reader).await,
            Op::BundleTell { header, part } => self.bundle_tell(header, part).await,
            Op::BundlePieces { objects, reader } => self.bundle_pieces(objects, reader).await,
            Op::BundleEnd { chain, counts } => self.bundle_end(chain, counts).await,
            Op::BundleHeard { header, told, part, last } => {
                self.bundle_heard(header, told, part, last).await
            }
            Op::BundleOpen { header } => self.bundle_open(header).await,
            Op::BundleLook { header } => self.bundle_look(header).await,
            Op::BundlePreview { pieces } => self.bundle_preview(pieces).await,
            Op::BundleTake { header, pieces } => self.bundle_take(header, pieces).await,
            Op::BundleKnock { header, knock } => self.bundle_knock(header, knock).await,
            Op::BundleDone { whole } => self.bundle_done(whole).await,
            Op::BundleCodes { codes } => self.bundle_codes(codes).await,
            Op::RequestCodes { id } => self.request_codes(id).await,
            Op::BlobBegin {} => self.blob_begin().await,
            Op::BlobPut { upload, bytes } => self.blob_put(upload, bytes).await,
            Op::BlobAttach { upload, id, name, lang, alt, licence } => {
                self.blob_attach(upload, id, Said { name, lang, alt, alt_lang: None, licence })
                    .await
            }
            Op::BlobList {} => self.blob_list().await,
            Op::BlobGet { hash, begin } => self.blob_get(hash, begin).await,
            Op::BlobRead { hash, at } => self.blob_read(hash, at).await,
            Op::BlobPin { hash, keep } => self.blob_pin(hash, keep).await,
            Op::BlobDrop { hash, last } => self.blob_drop(hash, last).await,
            Op::Meet { peer } => self.meet(peer).await,
            Op::PeersList {} => self.peers().await,
            Op::PeersAdd { address } => self.add_peer(address).await,
            Op::PeersRemove { peer } => self.remove_peer(peer).await,
            Op::LinkShow {} => self.links().await,
            Op::LinkSet { class, every, monthly_mb, no_limit, hours, price, currency } => {
                let told = Told { class, every, monthly_mb, no_limit, hours, price, currency };
                self.say_of_links(told).await
            }
            Op::Status {} => status(self.node).await,
            Op::Resume {} => {
                self.node.handle().command(Command::Resume).await?;
                Ok(Value::Object(Map::new()))
            }
            Op::Copied { cleared } => self.copied(cleared).await,
            Op::NewNodeKey {} => self.new_node_key().await,
            Op::Doctor {} => Ok(doctor::to_json(&doctor::examine(self.node).await?)),
            Op::Support {} => support::report(self.node).await,
            Op::Check { repair } => self.check(repair).await,
        }
    }
}

/// The same without members that are null: what is not known is absent.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(
                kept.map(|(key, value)| (key, without_nulls(value))).collect::<Map<_, _>>(),
            )
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

/// Words and what narrows them, as the index takes them.
///
/// # Errors
/// A validity that is none.
fn asked(text: String, filters: Filters) -> Result<Query, OpError> {
    let Filters { objectives, countries, languages, kinds, topics, places, valid, withdrawn } =
        filters;
    let freshness = valid.map(|code| {
        let unknown = || invalid("valid", format!("`{code}` is none of fresh and stale"));
        Freshness::from_code(&code).ok_or_else(unknown)
    });
    let freshness = freshness.transpose()?;
    Ok(Query {
        text,
        objectives,
        countries,
        languages,
        kinds,
        topics,
        places,
        freshness,
        withdrawn,
        ..Query::default()
    })
}

/// A moment as RFC 3339 in UTC, to the second.
pub(crate) fn moment(at: tern_crdt::timestamp::Timestamp) -> String {
    crate::moment::rfc3339(at)
}

fn invalid(field: &str, what: impl Into<String>) -> OpError {
    OpError::new(ErrorCode::Invalid, what).in_field(field)
}

#[cfg(test)]
mod tests;
