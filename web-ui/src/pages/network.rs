//! This node, its federation, its partners.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};

use super::links;
use crate::page::{Chrome, Member, Section, Shown, show};
use crate::service::{ConditionLevel, Network, Reached};
use crate::site::Shared;
use axum::Form;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "network.html")]
struct NetworkPage {
    c: Chrome,
    n: Network,
}

impl NetworkPage {
    /// What links cost, in one sentence.
    const fn links_sentence(&self) -> &'static str {
        links::sentence(self.n.links, self.n.links_said)
    }

    /// How others reach this node, in one sentence.
    fn reached(&self) -> String {
        match &self.n.reached {
            Reached::Nobody => self.c.t("network-reach-nobody"),
            Reached::Told => self.c.t("network-reach-told"),
            Reached::Closed => self.c.t("network-reach-closed"),
            Reached::Directly => self.c.t("network-reach-directly"),
            Reached::Over(names) => self.c.t1("network-reach-over", "names", names.join(", ")),
        }
    }

    /// By which a copy becomes a node of its own.
    const fn new_key(&self) -> &'static str {
        "tern copied --new-key"
    }

    /// How many checks find nothing to do.
    fn well(&self) -> usize {
        self.n.condition.iter().filter(|line| line.level == ConditionLevel::Ok).count()
    }
}

/// `GET /network`
pub async fn overview(State(site): Shared, member: Member) -> Shown {
    let n = site.service.network(&member.chrome.reader()).await?;
    show(&NetworkPage { n, c: member.chrome.at(Section::Network) })
}

/// With whom to exchange.
#[derive(Deserialize, Default)]
pub struct Exchange {
    /// A node id; everybody when empty.
    #[serde(default)]
    peer: String,
}

/// `POST /network/exchange`
pub async fn exchange(State(site): Shared, member: Member, Form(with): Form<Exchange>) -> Shown {
    let peer = Some(with.peer.as_str()).filter(|peer| !peer.is_empty());
    let asked = site.service.exchange(&member.chrome.reader(), peer).await?;
    let notice = if asked == 0 { "network-nobody" } else { "network-asked" };
    member.chrome.leave_notice(&site, notice);
    Ok(Redirect::to("/network").into_response())
}

/// `POST /network/resume`
pub async fn resume(State(site): Shared, member: Member) -> Shown {
    site.service.resume(&member.chrome.reader()).await?;
    member.chrome.leave_notice(&site, "restored-resumed");
    Ok(Redirect::to("/network").into_response())
}

/// `POST /network/only`
pub async fn only_this_one(State(site): Shared, member: Member) -> Shown {
    site.service.clear_copied(&member.chrome.reader()).await?;
    member.chrome.leave_notice(&site, "copied-noted");
    Ok(Redirect::to("/network").into_response())
}
