//! Collections and resources as this node knows them.
//!
//! What stands of one is the fold's ([`tern_crdt::listing::fold`]). Here names are put
//! to it, and to what the items of a collection name: practices and resources that are
//! held here, or are missing. What is written here (`acting`) is asked for its right
//! before it is signed. What a collection needs of files is found in `keeping`.

use std::collections::BTreeSet;

use tern_crdt::annotation::{Reason, Remark};
use tern_crdt::authority::Role;
use tern_crdt::identity::{CertificateId, DocumentId, ListingId, RecordId};
use tern_crdt::listing::fold::Stood;
use tern_crdt::listing::{Collection, Deed, Item, Listing, Resource, Sort, Thing};
use tern_crdt::practice::{Tag, Texts};
use tern_crdt::timestamp::Timestamp;

use crate::accounts::{Account, failed};
use crate::handle::NodeReplica;
use crate::ops::{ErrorCode, OpError};
use crate::reading::{OrgName, PracticeRead, Verdict, org_name};
use crate::requests::Person;
use crate::reviews::{one_of, person};
use crate::running::Node;

mod acting;
mod keeping;
mod telling;

pub use acting::{Change, Saying};
pub use keeping::Keeping;
pub use telling::{list_json, whole_json};

/// Of one thing at most so many collections are told.
pub const NAMING_MAX: usize = 50;

/// What a listing says now.
#[derive(Clone, PartialEq, Debug)]
pub enum Told {
    /// A collection.
    Collection(Collection),
    /// A resource.
    Resource(Box<Resource>),
    /// It is withdrawn.
    Withdrawn {
        /// What it was called.
        title: Texts,
        /// Why.
        reason: Reason,
        /// In words.
        text: Texts,
    },
}

/// A collection or a resource with what is known around it.
#[derive(Clone, PartialEq, Debug)]
pub struct ListingRead {
    /// Its id.
    pub id: ListingId,
    /// Which of the two it is.
    pub sort: Sort,
    /// The organisation whose it is.
    pub org: OrgName,
    /// Who said last what it is.
    pub by: Person,
    /// The record that says so.
    pub record: RecordId,
    /// When, as is claimed.
    pub claimed: Timestamp,
    /// What it says.
    pub told: Told,
    /// What stands of it.
    pub stood: Stood,
}

/// A practice or a resource that an item names, as far as it is held here.
#[derive(Clone, PartialEq, Debug)]
pub struct ItemRead {
    /// The item.
    pub item: Item,
    /// What it names.
    pub thing: Thing,
    /// Its title, if it is held here and counts.
    pub title: Option<(Tag, String)>,
    /// The organisation that it comes from, if it is held here.
    pub org: Option<String>,
    /// Whether it is held here: of a practice, the edition that is named, if one is.
    pub held: bool,
    /// The number of the edition that is named.
    pub edition: Option<u32>,
    /// Whether it is for members alone.
    pub members_only: bool,
    /// Whether its organisation withdrew it.
    pub withdrawn: bool,
}

impl ListingRead {
    /// What it is called.
    pub const fn title(&self) -> &Texts {
        match &self.told {
            Told::Collection(collection) => &collection.title,
            Told::Resource(resource) => &resource.title,
            Told::Withdrawn { title, .. } => title,
        }
    }

    /// Its text, or its abstract.
    pub const fn text(&self) -> &Texts {
        match &self.told {
            Told::Collection(collection) => &collection.text,
            Told::Resource(resource) => &resource.summary,
            Told::Withdrawn { text, .. } => text,
        }
    }

    /// The collection, if it is one that is offered.
    pub const fn collection(&self) -> Option<&Collection> {
        match &self.told {
            Told::Collection(collection) => Some(collection),
            _ => None,
        }
    }

    /// The resource, if it is one that is offered.
    pub const fn resource(&self) -> Option<&Resource> {
        match &self.told {
            Told::Resource(resource) => Some(resource),
            _ => None,
        }
    }

    /// Whether its organisation withdrew it.
    pub const fn is_withdrawn(&self) -> bool {
        matches!(self.told, Told::Withdrawn { .. })
    }

    /// How many wordings stand beside the one that is told, each said without knowing of
    /// the others.
    pub fn beside(&self) -> usize {
        self.stood.stands.len().saturating_sub(1)
    }

    /// Whether all these words are in its title or text, in any of its languages; nothing
    /// asked fits everything.
    pub fn fits(&self, query: &str) -> bool {
        let texts = self.title().iter().chain(self.text().iter());
        let all: String = texts.map(|(_, text)| text.to_lowercase() + "\n").collect();
        query.to_lowercase().split_whitespace().all(|word| all.contains(word))
    }
}

/// What a listing is called, as errors say it.
pub(crate) const fn called(sort: Sort) -> &'static str {
    sort.code()
}

/// A listing in one look; `None` if nothing of it counts.
fn look(replica: &NodeReplica, id: ListingId) -> Result<Option<ListingRead>, OpError> {
    let library = replica.library();
    let Some(stood) = library.listing(id).map_err(failed)? else { return Ok(None) };
    let (Some((record, said)), Some(org)) = (stood.told(), stood.org) else { return Ok(None) };
    let told = match &said.deed {
        Deed::Withdraw { reason, why } => {
            let mut title = Texts::default();
            // What it was called stands in what the withdrawal follows.
            for id in &said.follows {
                let before = library.statement::<Listing>(id).map_err(failed)?;
                let Some(before) = before else { continue };
                let body = before.body();
                let collection = body.collection().map(|one| one.title);
                let called = collection.or_else(|| body.resource().map(|one| one.title));
                if let Some(called) = called.filter(|_| !stood.refused.is_empty()) {
                    title = called;
                }
            }
            Told::Withdrawn { title, reason: *reason, text: Remark::from_tree(why).text }
        }
        Deed::Say { form } => match said.sort {
            Sort::Collection => Told::Collection(Collection::from_tree(form)),
            Sort::Resource => Told::Resource(Box::new(Resource::from_tree(form))),
        },
    };
    let (record, sort, claimed) = (*record, said.sort, said.claimed_at);
    let by = person(replica, &said.by);
    let org = org_name(library.authority(), org);
    Ok(Some(ListingRead { id, sort, org, by, record, claimed, told, stood }))
}

/// Those of these ids that are offered.
fn offered(
    replica: &NodeReplica,
    ids: impl IntoIterator<Item = ListingId>,
) -> Result<Vec<ListingRead>, OpError> {
    let mut read = Vec::new();
    for id in ids {
        read.extend(look(replica, id)?.filter(|one| !one.is_withdrawn()));
    }
    Ok(read)
}

impl Node {
    /// Whether an account lists for its organisation.
    ///
    /// # Errors
    /// The node is stopping.
    pub async fn may_list(&self, account: &Account) -> Result<bool, OpError> {
        let account = account.clone();
        let look = move |replica: &NodeReplica| {
            account.certificate_for(replica.library().authority(), Role::Publisher).is_ok()
        };
        Ok(self.handle().read(look).await?)
    }

    /// The collections or resources that are offered and fit a query, the last to be
    /// said first, at most so many.
    ///
    /// # Errors
    /// The store's.
    pub async fn listings(
        &self,
        sort: Sort,
        query: &str,
        most: usize,
    ) -> Result<Vec<ListingRead>, OpError> {
        let read = move |replica: &NodeReplica| {
            offered(replica, replica.library().listings().of_sort(sort))
        };
        let mut read = self.handle().read(read).await??;
        read.retain(|one| one.fits(query));
        read.sort_by_key(|one| (std::cmp::Reverse(one.claimed), one.id));
        read.truncate(most);
        Ok(read)
    }

    /// The collections that are offered and hold a thing, at most [`NAMING_MAX`].
    ///
    /// # Errors
    /// The store's.
    pub async fn collections_of(&self, thing: Thing) -> Result<Vec<ListingRead>, OpError> {
        let read = move |replica: &NodeReplica| {
            offered(replica, replica.library().listings().naming(&thing))
        };
        let mut read = self.handle().read(read).await??;
        read.retain(|one| one.collection().is_some_and(|all| all.place(thing).is_some()));
        read.sort_by_key(|one| (std::cmp::Reverse(one.claimed), one.id));
        read.truncate(NAMING_MAX);
        Ok(read)
    }

    /// A collection or a resource by id or unique prefix.
    ///
    /// # Errors
    /// None, or several.
    pub async fn find_listing(&self, sort: Sort, text: &str) -> Result<ListingRead, OpError> {
        let text = text.trim();
        let id = match text.parse::<ListingId>() {
            Ok(id) => id,
            Err(_) => {
                let all = move |replica: &NodeReplica| {
                    replica.library().listings().of_sort(sort).collect::<Vec<_>>()
                };
                let ids = self.handle().read(all).await?;
                one_of(ids, ListingId::to_string, text, called(sort))?
            }
        };
        let read = self.handle().read(move |replica| look(replica, id)).await??;
        read.filter(|read| read.sort == sort).ok_or_else(|| {
            let what = format!("no {} `{text}` is held here", called(sort));
            OpError::new(ErrorCode::NotFound, what).in_field("id")
        })
    }

    /// What the items of a collection name, in order.
    ///
    /// # Errors
    /// The store's.
    pub async fn items(&self, collection: &Collection) -> Result<Vec<ItemRead>, OpError> {
        let items = collection.items.clone();
        let look = move |replica: &NodeReplica| {
            let mut found = Vec::with_capacity(items.len());
            for item in items {
                let Some(thing) = item.thing() else { continue };
                let (practice, resource) = match thing {
                    Thing::Practice(id) => {
                        let read = PracticeRead::look(replica.library(), &id);
                        (read.map_err(failed)?, None)
                    }
                    Thing::Resource(id) => (None, look(replica, id)?),
                };
                found.push((item, thing, practice, resource));
            }
            Ok::<_, OpError>(found)
        };
        let mut read = Vec::new();
        for (item, thing, practice, resource) in self.handle().read(look).await?? {
            let mut one = ItemRead {
                item,
                thing,
                title: None,
                org: None,
                held: false,
                edition: None,
                members_only: false,
                withdrawn: false,
            };
            if let Some(practice) = practice {
                let named = one.item.edition;
                let place = named.map(|id| practice.editions.iter().position(|e| e.id == id));
                let at = place.flatten().unwrap_or_else(|| practice.latest());
                let content = self.reading().content(&practice, at).await?;
                one.members_only = content.practice.is_for_members();
                if content.verdict != Verdict::Quarantined {
                    one.title = content.practice.own_title();
                }
                one.held = place.is_none_or(|place| place.is_some());
                one.withdrawn = practice.withdrawal(at).is_some();
                let number = || practice.editions[at].statement().number;
                one.edition = place.flatten().map(|_| number());
                one.org = Some(practice.origin.name);
            }
            if let Some(resource) = resource {
                one.title = own_title(resource.title());
                one.held = true;
                one.withdrawn = resource.is_withdrawn();
                one.org = Some(resource.org.name);
            }
            read.push(one);
        }
        Ok(read)
    }

    /// The ids of the public set that a collection needs: its own records, the practices
    /// and resources in it, what is said about these, and the names of those who signed.
    ///
    /// # Errors
    /// The store's.
    pub async fn objects_of(&self, read: &ListingRead) -> Result<BTreeSet<[u8; 32]>, OpError> {
        let things: Vec<Thing> = read
            .collection()
            .map(|all| all.items.iter().filter_map(Item::thing).collect())
            .unwrap_or_default();
        let own = read.id;
        let by = |read: &ListingRead| read.by.certificate;
        let gather = move |replica: &NodeReplica| {
            let library = replica.library();
            let (listings, annotations) = (library.listings(), library.annotations());
            let records = |id: ListingId| listings.records(id).into_iter();
            let mut wanted: BTreeSet<[u8; 32]> = records(own).map(|id| *id.as_bytes()).collect();
            let mut signers: BTreeSet<CertificateId> = look(replica, own)?.iter().map(by).collect();
            for thing in things {
                match thing {
                    Thing::Resource(id) => {
                        wanted.extend(records(id).map(|id| *id.as_bytes()));
                        signers.extend(look(replica, id)?.iter().map(by));
                    }
                    Thing::Practice(id) => {
                        wanted.insert(*id.as_bytes());
                        let said = annotations.of_practice(&id).into_iter();
                        wanted.extend(said.map(|id| *id.as_bytes()));
                        let read = PracticeRead::look(library, &id).map_err(failed)?;
                        let editions = read.iter().flat_map(|read| &read.editions);
                        signers.extend(editions.map(|edition| edition.signer.certificate));
                    }
                }
            }
            let cards = signers.into_iter().flat_map(|signer| library.name_cards(signer));
            wanted.extend(cards.map(|id| *id.as_bytes()));
            Ok::<_, OpError>(wanted)
        };
        self.handle().read(gather).await?
    }
}

/// A title in English, or in its first language.
fn own_title(title: &Texts) -> Option<(Tag, String)> {
    let english = "en".parse().ok();
    let best = title.best(english.as_slice(), None);
    best.map(|(tag, text)| (tag.clone(), text.to_owned()))
}

/// A practice or a resource by its whole id.
///
/// # Errors
/// It is neither.
pub(crate) fn thing(text: &str) -> Result<Thing, OpError> {
    let text = text.trim();
    let practice = text.parse::<DocumentId>().map(Thing::Practice);
    practice.or_else(|_| text.parse::<ListingId>().map(Thing::Resource)).map_err(|_| {
        let what = format!("`{text}` is the id of no practice and no resource: give the whole id");
        OpError::new(ErrorCode::Invalid, what).in_field("thing")
    })
}
