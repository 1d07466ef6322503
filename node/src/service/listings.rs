//! Collections and resources, as the pages show them and change them.

use serde_json::Value;
use tern_crdt::listing::{Sort, Thing};
use tern_crdt::practice::{Tag, Texts};
use tern_web_ui::service::{
    Answer, CollectionKeeping, Exported, LIST_ITEMS_MAX, ListedItem, Listing, ListingEntry,
    ListingPage, ListingSaying, ListingSort, Party, Phrase, Reader, ResourceFile,
};

use super::experts::typed;
use super::{Site, acting, exporting, refusal, seconds};
use crate::interchange::{Format, export_resource};
use crate::links::hundredths;
use crate::listings::{Change, ItemRead, ListingRead, Saying, Told, list_json, thing, whole_json};
use crate::ops::OpError;
use crate::running::{Node, stopping};

const fn sort_of(sort: ListingSort) -> Sort {
    match sort {
        ListingSort::Collection => Sort::Collection,
        ListingSort::Resource => Sort::Resource,
    }
}

fn phrase(texts: &Texts, lang: &str) -> Phrase {
    let wanted: Vec<Tag> = lang.parse().ok().into_iter().collect();
    let best = texts.best(&wanted, None);
    best.map(|(tag, text)| Phrase { text: text.to_owned(), lang: tag.as_str().to_owned() })
        .unwrap_or_default()
}

fn entry(node: &Node, read: &ListingRead, lang: &str) -> ListingEntry {
    let mut entry = ListingEntry {
        id: read.id.to_string(),
        title: phrase(read.title(), lang),
        text: phrase(read.text(), lang),
        organisation: read.org.name.clone(),
        ours: read.org.id == node.identity().org,
        claimed: seconds(read.claimed),
        ..ListingEntry::default()
    };
    match &read.told {
        Told::Collection(collection) => entry.items = collection.items.len(),
        Told::Resource(resource) => {
            entry.kind = resource.kind.as_ref().map(ToString::to_string).unwrap_or_default();
            entry.publisher = resource.publisher.clone();
            entry.date = resource.date.map(|date| date.to_string());
        }
        Told::Withdrawn { .. } => entry.text = Phrase::default(),
    }
    entry
}

fn item(read: ItemRead, lang: &str, member: bool) -> ListedItem {
    let shown = member || !read.members_only;
    let title = read.title.filter(|_| shown);
    ListedItem {
        thing: match read.thing {
            Thing::Practice(id) => id.to_string(),
            Thing::Resource(id) => id.to_string(),
        },
        resource: matches!(read.thing, Thing::Resource(_)),
        title: title
            .map(|(tag, text)| Phrase { text, lang: tag.as_str().to_owned() })
            .unwrap_or_default(),
        organisation: read.org.filter(|_| shown),
        edition: read.item.edition.map(|id| (id.to_string(), read.edition)),
        held: read.held,
        withdrawn: read.withdrawn,
        note: phrase(&read.item.note, lang),
    }
}

async fn page(
    node: &Node,
    reader: &Reader,
    sort: ListingSort,
    id: &str,
) -> Result<ListingPage, OpError> {
    let (read, lang) = (node.find_listing(sort_of(sort), id).await?, reader.lang.as_str());
    let account = acting(node, reader).await.ok();
    let entry = entry(node, &read, lang);
    let (mut may_say, mut passphrase) = (false, false);
    if let Some(account) = &account {
        may_say = entry.ours && node.may_list(account).await?;
        passphrase = node.is_wrapped(account.sign).await?;
    }
    let mut page = ListingPage {
        by: Party { person: read.by.name.clone(), organisation: read.by.org.name.clone() },
        record: read.record.to_string(),
        beside: read.beside(),
        may_say,
        passphrase,
        entry,
        ..ListingPage::default()
    };
    match &read.told {
        Told::Withdrawn { reason, text, .. } => {
            page.withdrawn = Some((reason.code().to_owned(), phrase(text, lang)));
        }
        Told::Collection(collection) => {
            page.form = collection.to_json();
            let items = node.items(collection).await?.into_iter();
            page.items = items.map(|one| item(one, lang, account.is_some())).collect();
        }
        Told::Resource(resource) => {
            page.form = resource.to_json();
            page.url = resource.url.as_ref().map(ToString::to_string);
            page.licence = resource.licence.as_ref().map(ToString::to_string);
            page.codes = [
                resource.objectives.iter().map(|one| one.number().to_string()).collect(),
                resource.countries.iter().map(ToString::to_string).collect(),
                resource.languages.iter().map(ToString::to_string).collect(),
            ];
            if let Some(file) = &resource.file {
                let (store, hash) = (node.blobs().store().clone(), file.hash);
                let here = tokio::task::spawn_blocking(move || store.whole(&hash).is_some());
                page.file = Some(ResourceFile {
                    name: file.name.clone(),
                    media_type: file.media_type.clone().unwrap_or_default(),
                    bytes: file.bytes,
                    hash: file.hash.to_string(),
                    here: here.await.map_err(|_| stopping())?,
                });
            }
        }
    }
    if account.is_some() && read.sort == Sort::Collection {
        let keeping = node.keeping(&read).await?;
        let cost = keeping.estimate.cost.as_ref();
        page.keeping = Some(CollectionKeeping {
            kept: keeping.kept,
            files: keeping.files,
            here: keeping.here,
            bytes: keeping.bytes,
            travels: keeping.estimate.bytes,
            seconds: keeping.estimate.seconds,
            cost: cost.map(|(sum, currency)| format!("{} {currency}", hundredths(*sum))),
            costly: keeping.estimate.costly,
        });
    }
    Ok(page)
}

impl Listing for Site {
    fn listings<'a>(
        &'a self,
        reader: &'a Reader,
        sort: ListingSort,
        query: &'a str,
    ) -> Answer<'a, Vec<ListingEntry>> {
        Box::pin(async move {
            let node = self.open()?;
            let all = node.listings(sort_of(sort), query, LIST_ITEMS_MAX).await?;
            Ok(all.iter().map(|one| entry(node, one, &reader.lang)).collect())
        })
    }

    fn collections_of<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
    ) -> Answer<'a, Vec<ListingEntry>> {
        Box::pin(async move {
            let node = self.open()?;
            let Ok(thing) = thing(id) else { return Ok(Vec::new()) };
            let all = node.collections_of(thing).await?;
            Ok(all.iter().map(|one| entry(node, one, &reader.lang)).collect())
        })
    }

    fn listing<'a>(
        &'a self,
        reader: &'a Reader,
        sort: ListingSort,
        id: &'a str,
    ) -> Answer<'a, ListingPage> {
        Box::pin(async move { page(self.open()?, reader, sort, id).await.map_err(refusal) })
    }

    fn listing_document<'a>(
        &'a self,
        reader: &'a Reader,
        sort: ListingSort,
        id: &'a str,
    ) -> Answer<'a, Value> {
        Box::pin(async move {
            let node = self.open()?;
            let read = node.find_listing(sort_of(sort), id).await?;
            let items = match read.collection() {
                Some(collection) => node.items(collection).await?,
                None => Vec::new(),
            };
            Ok(whole_json(&read, &items, reader.account.is_some()))
        })
    }

    fn listings_document<'a>(
        &'a self,
        _: &'a Reader,
        sort: ListingSort,
        query: &'a str,
    ) -> Answer<'a, Value> {
        Box::pin(async move {
            let all = self.open()?.listings(sort_of(sort), query, LIST_ITEMS_MAX).await?;
            Ok(list_json(&all))
        })
    }

    fn say_listing<'a>(
        &'a self,
        reader: &'a Reader,
        sort: ListingSort,
        saying: &'a ListingSaying,
        passphrase: Option<&'a str>,
    ) -> Answer<'a, String> {
        Box::pin(async move {
            let node = self.open()?;
            let account = acting(node, reader).await?;
            let (sort, passphrase) = (sort_of(sort), typed(passphrase)?);
            let id = match saying.clone() {
                ListingSaying::Form { id: None, form } => {
                    node.list_anew(&account, sort, form, passphrase).await?
                }
                ListingSaying::Form { id: Some(id), form } => {
                    let read = node.find_listing(sort, &id).await?;
                    let saying = Saying::Form(form);
                    node.say_of_listing(&account, &read, &saying, passphrase).await?
                }
                ListingSaying::Withdraw { id, reason, text } => {
                    let read = node.find_listing(sort, &id).await?;
                    let saying = Saying::Withdraw { reason, text };
                    node.say_of_listing(&account, &read, &saying, passphrase).await?
                }
                ListingSaying::Add { id, thing, edition, note } => {
                    let read = node.find_listing(Sort::Collection, &id).await?;
                    let change = Change::Add { thing, edition, note };
                    node.change_collection(&account, &read, &change, passphrase).await?
                }
            };
            Ok(id.to_string())
        })
    }

    fn keep_collection<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        keep: bool,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let node = self.open()?;
            acting(node, reader).await?;
            let read = node.find_listing(Sort::Collection, id).await?;
            node.keep_collection(&read, keep).await?;
            Ok(())
        })
    }

    fn export_collection<'a>(
        &'a self,
        reader: &'a Reader,
        id: &'a str,
        format: &'a str,
    ) -> Answer<'a, Exported> {
        Box::pin(async move {
            let node = self.open()?;
            let read = node.find_listing(Sort::Collection, id).await?;
            let items = match read.collection() {
                Some(collection) => node.items(collection).await?,
                None => Vec::new(),
            };
            let held = items.into_iter().filter(|item| item.held && !item.withdrawn);
            let editions = held.filter_map(|item| {
                Some((item.item.practice?, item.item.edition.map(|id| id.to_string())))
            });
            let editions: Vec<_> =
                editions.map(|(id, edition)| (id.to_string(), edition)).collect();
            exporting::chosen(node, reader, &editions, format).await.map_err(refusal)
        })
    }

    fn export_resource<'a>(
        &'a self,
        _: &'a Reader,
        id: &'a str,
        format: &'a str,
    ) -> Answer<'a, Exported> {
        Box::pin(async move {
            let read = self.open()?.find_listing(Sort::Resource, id).await?;
            let format = Format::of(format)?;
            let bytes = export_resource(format, &whole_json(&read, &[], false))?;
            let id = read.id.to_string();
            let end = id.get(id.len().saturating_sub(10)..).unwrap_or(&id);
            let name = format!("tern-resource-{end}.{}", format.ending());
            Ok(Exported { name, media_type: format.media_type().into(), bytes })
        })
    }
}
