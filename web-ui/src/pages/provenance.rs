//! How the latest edition is vouched for, and how to check it oneself.

use askama::Template;
use axum::extract::{Path, State};

use crate::page::{Chrome, Section, Shown, show};
use crate::service::{Provenance, SignerRole, Verdict};
use crate::site::Shared;

#[derive(Template)]
#[template(path = "provenance.html")]
struct Chains {
    c: Chrome,
    p: Provenance,
}

impl Chains {
    fn role(&self, role: &SignerRole) -> String {
        self.c.t(match role {
            SignerRole::Author => "signer-author",
            SignerRole::Contributor => "signer-contributor",
            SignerRole::Publisher => "signer-publisher",
            SignerRole::Endorser => "signer-endorser",
        })
    }

    /// A role of a certificate in words, where this build has some for it.
    fn granted(&self, role: &str) -> String {
        let key = format!("role-{role}");
        if self.c.words.has(&key) { self.c.t(&key) } else { role.to_owned() }
    }
}

/// `GET /practices/{id}/provenance`
pub async fn chains(State(site): Shared, c: Chrome, Path(id): Path<String>) -> Shown {
    let p = site.service.provenance(&c.reader(), &id).await?;
    show(&Chains { p, c: c.at(Section::Practices) })
}
