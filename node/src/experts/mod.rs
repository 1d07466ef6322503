//! Experts as this node knows them: cards, and whom to ask.
//!
//! Cards are of class A and come with the public set; matching runs here, and
//! nobody learns of it. What a card may say is `tern_crdt::expert`'s, how a
//! score is made `tern_protocol::matching`'s.

use std::collections::BTreeMap;

use tern_crdt::ask::Ask;
use tern_crdt::authority::Role;
use tern_crdt::expert::{Card, ExpertCard, Listing};
use tern_crdt::identity::{CertificateId, RecordId};
use tern_crdt::signed::Statement;
use tern_protocol::matching::{Candidate, LeftOut, Match, match_experts};

use crate::accounts::{Account, failed};
use crate::driver::now;
use crate::handle::NodeReplica;
use crate::keystore::{Passphrase, Purpose};
use crate::ops::{ErrorCode, OpError};
use crate::reading::{OrgName, PREFIX_MIN, org_name};
use crate::running::Node;

mod taking_back;

/// A card with what is known around it.
#[derive(Clone, PartialEq, Debug)]
pub struct ExpertRead {
    /// The expert: the certificate that signed the card.
    pub id: CertificateId,
    /// The record of the card.
    pub record: RecordId,
    /// The card as it was signed.
    pub statement: ExpertCard,
    /// What it says.
    pub card: Card,
    /// The name on the card, else on the name card.
    pub name: Option<String>,
    /// The organisation.
    pub org: OrgName,
    /// Its country.
    pub country: Option<String>,
    /// Requests known here to be in this expert's hands.
    pub load: u32,
}

/// Who fits a request, and who does not.
#[derive(Clone, Debug, Default)]
pub struct Matched {
    /// The best first, each with their card.
    pub found: Vec<(Match, ExpertRead)>,
    /// Those who cannot be asked, with the reason.
    pub left_out: Vec<(LeftOut, ExpertRead)>,
}

fn experts(replica: &NodeReplica) -> Result<Vec<ExpertRead>, OpError> {
    let library = replica.library();
    let authority = library.authority();
    let mut load: BTreeMap<CertificateId, u32> = BTreeMap::new();
    for id in library.requests().map_err(failed)? {
        let Some(dossier) = library.dossier(&id).map_err(failed)? else { continue };
        let case = dossier.case(authority);
        if let Some(holder) = case.holder
            && !case.state.is_over()
        {
            *load.entry(holder).or_default() += 1;
        }
    }
    let live = |(id, record, statement): (CertificateId, RecordId, &ExpertCard)| {
        let granted = authority.certificate(&id)?;
        authority.permits(id, granted.certificate.key, Role::Expert).ok()?;
        let card = statement.form();
        let profile = authority.organisation(&granted.org).map(|org| &org.genesis.profile);
        Some(ExpertRead {
            id,
            record,
            name: card.name.clone().or_else(|| library.name(&id).map(str::to_owned)),
            card,
            statement: statement.clone(),
            org: org_name(authority, granted.org),
            country: profile.and_then(|profile| profile.country.clone()),
            load: load.get(&id).copied().unwrap_or(0),
        })
    };
    Ok(library.experts().filter_map(live).collect())
}

impl Node {
    /// Every expert of a member with a card that was not removed, ascending by
    /// name.
    ///
    /// # Errors
    /// The store's.
    pub async fn experts(&self) -> Result<Vec<ExpertRead>, OpError> {
        let mut experts = self.handle().read(experts).await??;
        experts.retain(|expert| expert.statement.state != Listing::Removed);
        experts.sort_by_cached_key(|expert| {
            (expert.name.clone().unwrap_or_default().to_lowercase(), expert.id)
        });
        Ok(experts)
    }

    /// An expert by id or a unique prefix of at least 8 characters.
    ///
    /// # Errors
    /// No such expert, or several.
    pub async fn expert(&self, text: &str) -> Result<ExpertRead, OpError> {
        let fits = |expert: &ExpertRead| {
            let id = expert.id.to_string();
            id == text || (text.len() >= PREFIX_MIN && id.starts_with(text))
        };
        let mut found = self.experts().await?.into_iter().filter(fits);
        match (found.next(), found.next()) {
            (Some(expert), None) => Ok(expert),
            (Some(_), Some(_)) => {
                let what = format!("`{text}` fits more than one expert: give more characters");
                Err(OpError::new(ErrorCode::Ambiguous, what).in_field("id"))
            }
            (None, _) => {
                let what = format!("no expert `{text}` is known here");
                Err(OpError::new(ErrorCode::NotFound, what).in_field("id"))
            }
        }
    }

    /// Who fits a request. Whoever asks is not asked.
    ///
    /// # Errors
    /// The store's.
    pub async fn matching(
        &self,
        ask: Ask,
        asker: Option<CertificateId>,
    ) -> Result<Matched, OpError> {
        let experts = self.handle().read(experts).await??;
        let experts: BTreeMap<CertificateId, ExpertRead> = experts
            .into_iter()
            .filter(|expert| Some(expert.id) != asker)
            .map(|expert| (expert.id, expert))
            .collect();
        let candidates: Vec<Candidate<'_>> = experts
            .values()
            .map(|expert| Candidate {
                organisation: expert.org.id,
                country: expert.country.as_deref(),
                card: &expert.statement,
                load: expert.load,
            })
            .collect();
        let matching = match_experts(&ask, &candidates, now());
        let known = |id: &CertificateId| experts.get(id).cloned();
        Ok(Matched {
            found: matching
                .found
                .into_iter()
                .filter_map(|found| Some((found.clone(), known(&found.certificate)?)))
                .collect(),
            left_out: matching
                .left_out
                .into_iter()
                .filter_map(|left| Some((left, known(&left.certificate)?)))
                .collect(),
        })
    }

    /// The account's certificate as an expert, and its present card.
    ///
    /// # Errors
    /// The account has no such role.
    pub async fn own_card(
        &self,
        account: &Account,
    ) -> Result<(CertificateId, Option<ExpertCard>), OpError> {
        let account = account.clone();
        let own = move |replica: &NodeReplica| {
            let library = replica.library();
            let id = account.certificate_for(library.authority(), Role::Expert)?;
            Ok((id, library.expert(&id).map(|(_, card)| card.clone())))
        };
        self.handle().read(own).await?
    }

    /// Signs the account's card again in another state, or takes it back.
    ///
    /// # Errors
    /// There is no card; as [`sign_card`](Self::sign_card).
    pub async fn restate_card(
        &self,
        account: &Account,
        state: Listing,
        passphrase: Option<Passphrase>,
    ) -> Result<CertificateId, OpError> {
        let (_, before) = self.own_card(account).await?;
        let before = before.filter(|before| before.state != Listing::Removed).ok_or_else(|| {
            let what = "there is no card yet: sign one with `tern expert card FILE`";
            OpError::new(ErrorCode::NotFound, what)
        })?;
        self.sign_card(account, state, &before.form(), Some(before.n), passphrase).await
    }

    /// Signs and shows a card: the account's next one. With one that is removed
    /// goes an erase of those before it. `seen` is the number
    /// of the card that the writer saw, 0 for none.
    ///
    /// # Errors
    /// What the card lacks, a newer card than the one seen, no role, a locked
    /// key.
    pub async fn sign_card(
        &self,
        account: &Account,
        state: Listing,
        card: &Card,
        seen: Option<u32>,
        passphrase: Option<Passphrase>,
    ) -> Result<CertificateId, OpError> {
        if state != Listing::Removed
            && let Some(first) = card.missing().first()
        {
            let what = format!("before a card is shown, fill in {}", card.missing().join(", "));
            return Err(OpError::new(ErrorCode::Invalid, what).in_field(*first));
        }
        let (by, before) = self.own_card(account).await?;
        let number = before.as_ref().map_or(0, |before| before.n);
        if seen.is_some_and(|seen| seen != number) {
            let what = "there is a newer card than the one you saw: look at it first";
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        let key = self.unlock(Purpose::PersonSign, account.sign, passphrase).await?;
        let next = ExpertCard::next(before.as_ref(), by, state, card, now());
        next.check().map_err(|rule| OpError::new(ErrorCode::Invalid, rule))?;
        let federation = self.identity().federation;
        let mut records = vec![next.prepare().sign(federation, &key)];
        if state == Listing::Removed {
            // What the cards said is dropped everywhere.
            records.extend(self.erases_of_cards(by, by, &key).await?);
        }
        self.submit(records).await?;
        Ok(by)
    }
}
