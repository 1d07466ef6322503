//! Every page: one file for each, with its handler and what it shows.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};

use crate::assets;
use crate::failure::Failure;
use crate::form::Errors;
use crate::service::Refusal;
use crate::site::Site;

mod account;
mod accounts;
mod adopt;
mod approvals;
mod attachments;
mod charter;
mod clearance;
pub(crate) mod comments;
mod compare;
mod data_protection;
pub(crate) mod discussions;
mod drafts;
mod edit;
mod erase;
mod events;
mod experts;
mod files;
mod health;
mod held;
mod help;
mod history;
mod home;
mod links;
pub(crate) mod listing;
pub(crate) mod listings;
mod members;
mod name;
mod network;
mod new_password;
mod notices;
mod organisation;
mod practice;
mod practices;
mod provenance;
mod requests;
mod reviews;
mod saying;
mod searches;
mod setup;
mod share;
mod sheet;
mod sign;
mod sign_in;
mod translate;

pub use practices::likeness;

/// Forms with a file in them: larger than others, and longer under way.
pub fn uploads() -> Router<Arc<Site>> {
    Router::new()
        .route("/drafts/{id}/files", post(attachments::sending::add))
        .route("/drafts/{id}/files/{hash}/replace", post(attachments::sending::replace))
}

/// A refusal that belongs to a form: beside its fields, or at `place` where it is about
/// none; with the status that says the same.
fn refused_at(refusal: Refusal, place: &str) -> Result<(StatusCode, Errors), Failure> {
    let (status, sentence) = match refusal {
        Refusal::Invalid(found) => {
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Errors::from_node(found)));
        }
        Refusal::Conflict(sentence) => (StatusCode::CONFLICT, sentence),
        Refusal::Forbidden(sentence) => (StatusCode::FORBIDDEN, sentence),
        Refusal::Unavailable(sentence) => (StatusCode::SERVICE_UNAVAILABLE, sentence),
        other => return Err(other.into()),
    };
    let mut errors = Errors::default();
    errors.add(place, sentence);
    Ok((status, errors))
}

/// The routes of all pages.
pub fn router() -> Router<Arc<Site>> {
    Router::new()
        .route("/", get(home::show_home))
        .route("/practices", get(practices::list))
        .route("/practices/new", get(drafts::new).post(drafts::create))
        .route("/practices/{id}", get(practice::latest))
        .route("/practices/{id}/editions/{edition}", get(practice::edition))
        .route("/practices/{id}/history", get(history::list))
        .route("/practices/{id}/compare", get(compare::compare))
        .route("/practices/{id}/provenance", get(provenance::chains))
        .route("/practices/{id}/edit", post(drafts::open))
        .route("/practices/{id}/editions/{edition}/adopt", get(adopt::ask).post(adopt::adopt))
        .route("/practices/{id}/erase", get(erase::ask).post(erase::erase))
        .route("/practices/{id}/say/{kind}", get(saying::form).post(saying::say))
        .route("/translate/{id}", get(translate::choose))
        .route("/translate/{id}/{lang}", get(translate::form).post(translate::save))
        .route("/files/{hash}", get(files::download))
        .route("/files/{hash}/fetch", post(files::fetch))
        .route("/files/{hash}/picture", get(files::picture))
        .route("/objectives/{number}", get(practices::objective))
        .route("/searches", get(searches::list).post(searches::keep))
        .route("/searches/{id}/seen", post(searches::seen))
        .route("/searches/{id}/remove", post(searches::remove))
        .route("/drafts", get(drafts::list))
        .route("/drafts/{id}/edit", get(edit::form).post(edit::save))
        .route("/drafts/{id}/share", get(share::ask).post(share::share))
        .route("/drafts/{id}/files", get(attachments::list))
        .route("/drafts/{id}/files/{hash}", get(attachments::ask::<false>).post(attachments::say))
        .route("/drafts/{id}/files/{hash}/replace", get(attachments::ask::<true>))
        .route("/drafts/{id}/files/{hash}/remove", post(attachments::remove))
        .route("/drafts/{id}/files/{hash}/back", post(attachments::put_back))
        .route("/drafts/{id}/comments", get(comments::list).post(comments::write))
        .route("/drafts/{id}/comments/{comment}/resolve", post(comments::resolve))
        .route("/drafts/{id}/clearance", get(clearance::one).post(clearance::act))
        .route("/drafts/{id}/clearance/sheet", get(clearance::sheet))
        .route("/clearance", get(clearance::list))
        .route("/network/clearance", get(clearance::policy).post(clearance::set_policy))
        .route("/drafts/{id}/held", get(held::all))
        .route("/drafts/{id}/held/{change}", get(held::one).post(held::mend))
        .route("/drafts/{id}/away", post(held::put_draft_away))
        .route("/drafts/{id}/sign", get(sign::check).post(sign::publish))
        .route("/experts", get(experts::list))
        .route("/experts/card", get(experts::card::form).post(experts::card::post))
        .route("/experts/card/{act}", get(experts::card::ask).post(experts::card::act))
        .route("/experts/{id}", get(experts::one))
        .route("/requests", get(requests::ours))
        .route("/inbox", get(requests::inbox))
        .route("/requests/new", get(requests::asking::form).post(requests::asking::post))
        .route("/requests/open", get(requests::open::form).post(requests::open::post))
        .route("/requests/codes", get(requests::codes::form).post(requests::codes::take))
        .route("/requests/board", get(requests::board::list))
        .route("/requests/board/{id}", get(requests::board::one))
        .route("/requests/board/{id}/help", post(requests::board::help))
        .route("/requests/board/{id}/down", post(requests::board::down))
        .route("/requests/{id}", get(requests::one))
        .route("/requests/{id}/codes", get(requests::codes::back).post(requests::codes::make))
        .route("/requests/{id}/board", get(requests::board::form).post(requests::board::post))
        .route("/requests/{id}/receipt", get(requests::receipt::one))
        .route("/requests/{id}/{act}", get(requests::acting::form).post(requests::acting::run))
        .route("/reviews", get(reviews::list))
        .route("/reviews/{id}", get(reviews::one))
        .route("/reviews/{id}/{part}", get(reviews::form).post(reviews::run))
        .route("/practices/{id}/review", get(reviews::ask).post(reviews::submit))
        .route("/practices/{id}/discussion", get(discussions::of_practice))
        .route("/discussions", get(discussions::list))
        .route("/discussions/new", get(discussions::opening::form).post(discussions::opening::post))
        .route("/discussions/reports", get(discussions::reports).post(discussions::settle))
        .route("/discussions/{id}", get(discussions::one))
        .route(
            "/discussions/{id}/{say}",
            get(discussions::saying::form).post(discussions::saying::run),
        )
        .route("/collections", get(listings::collections))
        .route(
            "/collections/new",
            get(listings::saying::new_collection).post(listings::saying::make_collection),
        )
        .route("/collections/add", get(listings::saying::add).post(listings::saying::run_add))
        .route("/collections/{id}", get(listings::collection))
        .route("/collections/{id}/keep", post(listings::keep))
        .route(
            "/collections/{id}/edit",
            get(listings::saying::edit_collection).post(listings::saying::save_collection),
        )
        .route(
            "/collections/{id}/withdraw",
            get(listings::saying::ask_collection).post(listings::saying::withdraw_collection),
        )
        .route("/resources", get(listings::resources))
        .route(
            "/resources/new",
            get(listings::saying::new_resource).post(listings::saying::make_resource),
        )
        .route("/resources/{id}", get(listings::resource))
        .route(
            "/resources/{id}/edit",
            get(listings::saying::edit_resource).post(listings::saying::save_resource),
        )
        .route(
            "/resources/{id}/withdraw",
            get(listings::saying::ask_resource).post(listings::saying::withdraw_resource),
        )
        .route("/events", get(events::stream))
        .route("/network", get(network::overview))
        .route("/network/exchange", post(network::exchange))
        .route("/network/links", get(links::form).post(links::say))
        .route("/network/contact", post(links::contact))
        .route("/network/resume", post(network::resume))
        .route("/network/only", post(network::only_this_one))
        .route("/network/members", get(members::list))
        .route("/network/members/invite", post(members::invite))
        .route("/network/members/{id}", get(organisation::one))
        .route("/network/members/{id}/{act}", get(organisation::ask).post(organisation::act))
        .route(
            "/network/certificates/{org}/{id}/revoke",
            get(organisation::ask_revoke).post(organisation::revoke),
        )
        .route("/network/charter", get(charter::book))
        .route("/network/charter/propose", get(charter::form).post(charter::post))
        .route("/network/approvals", get(approvals::list))
        .route("/network/approvals/{id}", get(approvals::ask).post(approvals::approve))
        .route("/data-protection", get(data_protection::page))
        .route("/network/sheet", get(sheet::ask).post(sheet::words))
        .route("/network/sheet/kept", post(sheet::kept))
        .route("/sign-in", get(sign_in::form).post(sign_in::enter))
        .route("/sign-in/link/{token}", get(sign_in::link))
        .route("/sign-in/password/{token}", get(new_password::form).post(new_password::set))
        .route("/sign-out", post(sign_in::leave))
        .route("/account", get(account::form).post(account::change))
        .route("/account/name", get(name::ask).post(name::take_back))
        .route("/account/notices", get(notices::form).post(notices::change))
        .route("/notices/stop/{token}", get(notices::ask_stop).post(notices::stop))
        .route("/accounts", get(accounts::list))
        .route("/accounts/reset", post(accounts::reset))
        .route("/accounts/{name}/remove", get(accounts::ask).post(accounts::remove))
        .route("/setup", get(setup::form).post(setup::run))
        .route("/help", get(help::show_help))
        .route("/assets/{digest}/{name}", get(assets::serve))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(async || Failure::Refused(Refusal::NotFound))
}
