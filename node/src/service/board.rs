//! The board as the pages show it.

use tern_crdt::taxonomy::Vocabulary;
use tern_web_ui::service::{
    Answer, BoardQuery, Boarding, Choice, LIST_ITEMS_MAX, Naming, Need, Needs, PostNeed, Reader,
};

use super::experts::typed;
use super::vocabulary::{choice, objective};
use super::{Site, acting, refusal, seconds};
use crate::accounts::Account;
use crate::board::{Looking, Naming as NodeNaming, NeedRead};
use crate::driver::now;
use crate::ops::OpError;
use crate::running::Node;

/// What the reader can do about every need.
struct Hands {
    may_help: bool,
    passphrase: bool,
}

async fn hands(node: &Node, account: &Account) -> Result<Hands, OpError> {
    let card = node.own_card(account).await.ok().and_then(|(_, card)| card);
    Ok(Hands {
        may_help: card.is_some_and(|card| card.is_matched(now())),
        passphrase: node.is_wrapped(account.sign).await?,
    })
}

fn shown(read: &NeedRead, hands: &Hands, lang: &str) -> Need {
    let stub = &read.stub;
    let country = stub.country.as_ref();
    let country = country.map(|code| choice(Vocabulary::Countries, code.as_str(), lang));
    let region = stub.region.as_ref();
    let region = region.map(|code| choice(Vocabulary::Regions, code.as_str(), lang));
    Need {
        id: read.id.to_string(),
        title: stub.title.clone().unwrap_or_default(),
        lang: stub.language.as_ref().map(|tag| tag.as_str().to_owned()).unwrap_or_default(),
        organisation: stub.organisation.clone(),
        place: country.or(region),
        support: stub
            .support_types
            .iter()
            .map(|code| choice(Vocabulary::SupportTypes, code.as_str(), lang))
            .collect(),
        objectives: stub.objectives.iter().map(|one| objective(one.number(), lang)).collect(),
        languages: stub
            .languages
            .iter()
            .map(|tag| choice(Vocabulary::Languages, tag.as_str(), lang))
            .collect(),
        needed_by: stub.needed_by.map(|day| day.to_string()),
        signed: seconds(read.signed),
        expires: seconds(read.expires),
        ours: read.ours.is_some(),
        may_take_down: read.may_take_down,
        may_help: hands.may_help,
        passphrase: hands.passphrase,
    }
}

impl Boarding for Site {
    fn board<'a>(&'a self, reader: &'a Reader, query: &'a BoardQuery) -> Answer<'a, Needs> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let looking = Looking {
                // What is no number fits nothing.
                objective: query.objective.as_ref().map(|code| code.parse().unwrap_or(0)),
                region: query.region.clone(),
            };
            let found = node.board(&account, looking).await?;
            let hands = hands(node, &account).await?;
            let items = found.iter().take(LIST_ITEMS_MAX);
            let regions = Vocabulary::Regions.terms().iter().map(|term| Choice {
                code: term.code().to_owned(),
                label: term.label(&reader.lang).text.to_owned(),
            });
            Ok(Needs {
                total: found.len() as u64,
                items: items.map(|read| shown(read, &hands, &reader.lang)).collect(),
                regions: regions.collect(),
            })
        })
    }

    fn need<'a>(&'a self, reader: &'a Reader, id: &'a str) -> Answer<'a, Need> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let read = node.need(&account, id).await?;
            let hands = hands(node, &account).await?;
            Ok(shown(&read, &hands, &reader.lang))
        })
    }

    fn post_need<'a>(
        &'a self,
        reader: &'a Reader,
        request: &'a str,
        post: &'a PostNeed,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let passphrase = typed(post.passphrase.as_deref())?;
            let naming = match post.naming {
                Naming::Organisation => NodeNaming::Organisation,
                Naming::Country => NodeNaming::Country,
                Naming::Region => NodeNaming::Region,
                Naming::Nothing => NodeNaming::Nothing,
            };
            let posted = node.post_need(&account, request, Some(&post.title), naming, passphrase);
            posted.await.map(drop).map_err(refusal)
        })
    }

    fn take_down<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let passphrase = typed(passphrase)?;
            node.take_down(&account, id, passphrase).await.map(drop).map_err(refusal)
        })
    }

    fn offer_help<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        text: &'a str,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let passphrase = typed(passphrase)?;
            let said = node.offer_help(&account, id, text.to_owned(), passphrase);
            said.await.map(drop).map_err(refusal)
        })
    }
}
