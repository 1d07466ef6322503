//! Signing what an organisation lists.

use serde_json::{Value, json};
use tern_crdt::annotation::{Reason, Remark};
use tern_crdt::authority::Role;
use tern_crdt::identity::{CertificateId, ListingId, Nonce};
use tern_crdt::listing::{Collection, Deed, Item, Listing, Resource, Sort, Thing, listing_id};
use tern_crdt::practice::Texts;

use super::{ListingRead, called, thing};
use crate::accounts::Account;
use crate::driver::now;
use crate::keystore::Passphrase;
use crate::ops::{ErrorCode, OpError};
use crate::running::{Node, draw};

/// What somebody says of a listing.
#[derive(Clone, PartialEq, Debug)]
pub enum Saying {
    /// By the keys of collection or resource files.
    Form(Value),
    /// It is not offered any more.
    Withdraw {
        /// The code of a reason.
        reason: String,
        /// In words.
        text: String,
    },
}

/// A change of a collection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// A practice, by id or prefix, or a resource is added at the end; one that is in it
    /// already has the edition and the note that are said.
    Add {
        /// Which.
        thing: String,
        /// In this edition, by number or id; the one that is shown if not said.
        edition: Option<String>,
        /// Why it is here.
        note: String,
    },
    /// One is taken out.
    Remove {
        /// Which.
        thing: String,
    },
    /// One is put in another place, the first being 1.
    Move {
        /// Which.
        thing: String,
        /// Where.
        to: usize,
    },
}

fn invalid(field: &str, what: impl Into<String>) -> OpError {
    OpError::new(ErrorCode::Invalid, what).in_field(field)
}

fn reason(code: &str) -> Result<Reason, OpError> {
    Reason::from_code(code.trim()).ok_or_else(|| {
        let codes: Vec<&str> = Reason::ALL.iter().map(|one| one.code()).collect();
        invalid("reason", format!("`{code}` is no reason: there are {}", codes.join(", ")))
    })
}

fn deed(sort: Sort, saying: &Saying, language: &str) -> Result<Deed, OpError> {
    Ok(match saying {
        Saying::Form(form) => Deed::Say {
            form: match sort {
                Sort::Collection => Collection::from_json(form, language)?.to_tree(),
                Sort::Resource => Resource::from_json(form, language)?.to_tree(),
            },
        },
        Saying::Withdraw { reason: code, text } => {
            let why = Remark::from_json(&json!({ "text": text }), language)?.to_tree();
            Deed::Withdraw { reason: reason(code)?, why }
        }
    })
}

impl Node {
    /// Lists something anew for the account's organisation.
    ///
    /// # Errors
    /// What is wrong with the form, no role, a locked key.
    pub async fn list_anew(
        &self,
        account: &Account,
        sort: Sort,
        form: Value,
        passphrase: Option<Passphrase>,
    ) -> Result<ListingId, OpError> {
        let deed = deed(sort, &Saying::Form(form), &account.lang)?;
        let (by, key) = self.signer(account, &[Role::Publisher], None, passphrase).await?;
        let (nonce, claimed_at): (Nonce, _) = (draw()?, now());
        let said = Listing { by, founder: by, nonce, sort, deed, follows: Vec::new(), claimed_at };
        self.sign_and_submit(&said, &key).await?;
        Ok(listing_id(self.identity().federation, by, &nonce, sort))
    }

    /// Says something of a listing of the account's organisation, in the place of all
    /// that stands of it.
    ///
    /// # Errors
    /// Another organisation's, what is wrong with what is said, no role, a locked key.
    pub async fn say_of_listing(
        &self,
        account: &Account,
        read: &ListingRead,
        saying: &Saying,
        passphrase: Option<Passphrase>,
    ) -> Result<ListingId, OpError> {
        if read.org.id != self.identity().org {
            let what = format!(
                "only the organisation whose {} it is says what it is, and this one is {}'s: make one of your own",
                called(read.sort),
                read.org.name
            );
            return Err(OpError::new(ErrorCode::NotAllowed, what));
        }
        if read.is_withdrawn() && matches!(saying, Saying::Withdraw { .. }) {
            let what = format!("this {} is withdrawn already", called(read.sort));
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        let deed = deed(read.sort, saying, &account.lang)?;
        let about = Some(*read.id.as_bytes());
        let (by, key) = self.signer(account, &[Role::Publisher], about, passphrase).await?;
        let (founder, nonce) = founded(read)?;
        let follows = read.stood.follows();
        let said =
            Listing { by, founder, nonce, sort: read.sort, deed, follows, claimed_at: now() };
        self.sign_and_submit(&said, &key).await?;
        Ok(read.id)
    }

    /// Changes the items of a collection of the account's organisation.
    ///
    /// # Errors
    /// As [`say_of_listing`](Self::say_of_listing); what is named is not here or not in it,
    /// or it is withdrawn.
    pub async fn change_collection(
        &self,
        account: &Account,
        read: &ListingRead,
        change: &Change,
        passphrase: Option<Passphrase>,
    ) -> Result<ListingId, OpError> {
        let Some(mut collection) = read.collection().cloned() else {
            let what = "this collection is withdrawn: say it anew first";
            return Err(OpError::new(ErrorCode::Conflict, what));
        };
        match change {
            Change::Add { thing: text, edition, note } => {
                let mut item = self.item(text, edition.as_deref()).await?;
                let language = account.lang.parse().map_err(|why| {
                    invalid("note", format!("the account's language is none: {why}"))
                })?;
                let note = note.trim();
                let at = item.thing().and_then(|thing| collection.place(thing));
                if let Some(before) = at.map(|at| &collection.items[at]) {
                    item.note = before.note.clone();
                }
                if !note.is_empty() {
                    let mut texts: Texts = item.note;
                    texts.set(language, note);
                    item.note = texts;
                }
                match at {
                    Some(at) => collection.items[at] = item,
                    None => collection.items.push(item),
                }
            }
            Change::Remove { thing } => {
                let at = place(&collection, thing)?;
                collection.items.remove(at);
            }
            Change::Move { thing, to } => {
                let at = place(&collection, thing)?;
                let item = collection.items.remove(at);
                let to = to.saturating_sub(1).min(collection.items.len());
                collection.items.insert(to, item);
            }
        }
        let saying = Saying::Form(collection.to_json());
        self.say_of_listing(account, read, &saying, passphrase).await
    }

    /// The item of a practice or resource that is held here.
    async fn item(&self, text: &str, edition: Option<&str>) -> Result<Item, OpError> {
        let edition = edition.map(str::trim).filter(|edition| !edition.is_empty());
        if text.trim().starts_with("tern1l") {
            if edition.is_some() {
                return Err(invalid("edition", "a resource has no editions"));
            }
            let resource = self.find_listing(Sort::Resource, text).await;
            return Ok(Item::of_resource(resource.map_err(|why| why.in_field("thing"))?.id));
        }
        let practice = self.reading().practice(text).await;
        let practice = practice.map_err(|why| why.in_field("thing"))?;
        let edition = edition.map(|which| practice.find(which)).transpose()?;
        Ok(Item::of_practice(practice.id, edition.map(|at| practice.editions[at].id)))
    }
}

/// The place of an item that is named by its id, or the beginning of it.
fn place(collection: &Collection, text: &str) -> Result<usize, OpError> {
    if let Ok(thing) = thing(text)
        && let Some(at) = collection.place(thing)
    {
        return Ok(at);
    }
    let id = |thing: Thing| match thing {
        Thing::Practice(id) => id.to_string(),
        Thing::Resource(id) => id.to_string(),
    };
    let items = collection.items.iter().map(|item| item.thing().map(id));
    let named: Vec<(usize, String)> =
        items.enumerate().filter_map(|(at, id)| Some((at, id?))).collect();
    let found = crate::reviews::one_of(named, |(_, id)| id.clone(), text, "item");
    found.map(|(at, _)| at).map_err(|why| match why.code {
        ErrorCode::NotFound => {
            let what = format!("`{}` is not in this collection", text.trim());
            OpError::new(ErrorCode::NotFound, what).in_field("thing")
        }
        _ => why.in_field("thing"),
    })
}

/// With what a listing was founded.
fn founded(read: &ListingRead) -> Result<(CertificateId, Nonce), OpError> {
    let told = read.stood.told().map(|(_, said)| (said.founder, said.nonce));
    told.ok_or_else(|| OpError::new(ErrorCode::NotFound, "it is not held here any more"))
}
