//! What is prepared here and signed elsewhere.

use serde_json::{Value, json};
use tern_crdt::authority::{Admit, Role};
use tern_crdt::identity::{OrgId, RecordId};
use tern_crdt::signed::{Record, Statement as _};

use super::people::read_roles;
use super::practices::not_found;
use super::{Acting, invalid};
use crate::governing::{certificate_with, has_room};
use crate::handle::NodeReplica;
use crate::identity::grant;
use crate::members::candidates;
use crate::ops::{ErrorCode, Granting, OpError};
use crate::reading::PREFIX_MIN;
use crate::statement::{ITEMS_MAX, Item, StatementFile};

/// Whether `text` names what has this id and name.
fn names(text: &str, id: &str, name: &str) -> bool {
    id == text || name == text || text.len() >= PREFIX_MIN && id.starts_with(text)
}

/// The founding statements and the charter that prove names in a statement
/// about these organisations.
fn proofs(replica: &NodeReplica, orgs: &[OrgId]) -> Vec<Record> {
    let library = replica.library();
    let authority = library.authority();
    let founding: RecordId = authority.federation().cast();
    let mut found: Vec<Record> =
        authority.record(&founding).into_iter().map(|held| held.record().clone()).collect();
    for org in orgs {
        let held = authority.record(&org.cast()).map(|held| held.record().clone());
        let knocking = || {
            let (_, waiting) = library.waiting().find(|(waiting, _)| waiting == org)?;
            let genesis = waiting.records.iter().find(|record| record.id() == org.cast());
            genesis.map(|held| held.record().clone())
        };
        found.extend(held.or_else(knocking));
    }
    found
}

impl Acting<'_> {
    pub(super) async fn prepare_approval(self, proposal: Option<String>) -> Result<Value, OpError> {
        let account = self.account().await?;
        let federation = self.node.identity().federation;
        let file = self.node.handle().read(move |replica| {
            let authority = replica.library().authority();
            account.certificate_for(authority, Role::Steward)?;
            let own = replica.org();
            let wanted =
                |id: &str, name: &str| proposal.as_ref().is_none_or(|text| names(text, id, name));
            let (mut items, mut orgs) = (Vec::new(), Vec::new());
            for candidate in candidates(replica) {
                if !candidate.approved_here && wanted(&candidate.org.to_string(), &candidate.name) {
                    let admit = Admit { org: candidate.org, after: Vec::new() };
                    items.push(Item::Prepared(admit.prepare()));
                    orgs.push(candidate.org);
                }
            }
            for waits in authority.proposals() {
                let known = items.iter().any(|item| item.id() == waits.id);
                if known || waits.approved.contains(&own) || !wanted(&waits.id.to_string(), "") {
                    continue;
                }
                // An admission of somebody who knocked is among them already.
                items.retain(|item| item.id() != waits.id);
                items.extend(authority.record(&waits.id).map(|r| Item::Signed(r.record().clone())));
            }
            if items.is_empty() {
                let what = proposal.map_or_else(
                    || "nothing waits for this organisation's approval".to_owned(),
                    |text| {
                        format!("nothing called `{text}` waits for this organisation's approval")
                    },
                );
                return Err(not_found(what));
            }
            items.truncate(ITEMS_MAX);
            orgs.extend(authority.stewards());
            let file = StatementFile { federation, items, about: Vec::new() };
            Ok(file.about(proofs(replica, &orgs)))
        });
        told(&file.await??)
    }

    pub(super) async fn prepare_grant(
        self,
        account: String,
        roles: Vec<String>,
        with: Granting,
    ) -> Result<Value, OpError> {
        let roles = read_roles(&roles)?;
        if roles.is_empty() {
            return Err(invalid("roles", "name at least one role"));
        }
        self.may_manage_people().await?;
        let account = self.account_of(account).await?;
        let encryption = self.encryption_of(&account).await?;
        let identity = *self.node.identity();
        let file = self.node.handle().read(move |replica| {
            let authority = replica.library().authority();
            has_room(authority, &identity.org)?;
            let granted = certificate_with(authority, account.sign, encryption, &roles, &with)?;
            let entry = grant(identity.org, authority.log_tips(&identity.org), granted);
            let file = StatementFile::prepared(identity.federation, vec![entry]);
            Ok::<_, OpError>(file.about(proofs(replica, &[identity.org])))
        });
        told(&file.await??)
    }

    pub(super) async fn submit_statement(self, text: &str) -> Result<Value, OpError> {
        let file = StatementFile::parse(text)?;
        if file.federation != self.node.identity().federation {
            let what = "this statement is for another federation than this node's";
            return Err(invalid("statement", what));
        }
        // What cannot be explained is not taken in either.
        let says = file.says()?;
        let records = file.records()?;
        let ids: Vec<String> = records.iter().map(|record| record.id().to_string()).collect();
        for record in &records {
            record.clone().verify(file.federation).map_err(|refused| {
                OpError::new(ErrorCode::Invalid, refused.to_string()).in_field("statement")
            })?;
        }
        self.node.submit(records).await?;
        Ok(json!({ "ids": ids, "says": says }))
    }
}

fn told(file: &StatementFile) -> Result<Value, OpError> {
    Ok(json!({ "statement": file.to_text(), "says": file.says()? }))
}
