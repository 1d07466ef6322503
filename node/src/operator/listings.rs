//! Collections and resources: listing, changing, keeping.

use serde_json::{Value, json};
use tern_crdt::listing::Sort;

use super::{Acting, invalid};
use crate::links::hundredths;
use crate::listings::{Change, Keeping, Saying, list_json, thing, whole_json};
use crate::ops::{Fields, OpError};

/// The sort of a code.
fn sort_of(code: &str) -> Result<Sort, OpError> {
    Sort::from_code(code).ok_or_else(|| invalid("sort", "`sort` is collection or resource"))
}

impl Acting<'_> {
    pub(super) async fn listings(
        self,
        sort: &str,
        query: Option<String>,
        of: Option<String>,
    ) -> Result<Value, OpError> {
        let sort = sort_of(sort)?;
        if let Some(text) = of {
            let thing = match thing(&text) {
                Ok(thing) => thing,
                Err(_) => {
                    let practice = self.node.reading().practice(&text).await?;
                    tern_crdt::listing::Thing::Practice(practice.id)
                }
            };
            return Ok(list_json(&self.node.collections_of(thing).await?));
        }
        let query = query.unwrap_or_default();
        Ok(list_json(&self.node.listings(sort, &query, usize::MAX).await?))
    }

    pub(super) async fn listing(self, sort: &str, id: &str) -> Result<Value, OpError> {
        let read = self.node.find_listing(sort_of(sort)?, id).await?;
        let items = match read.collection() {
            Some(collection) => self.node.items(collection).await?,
            None => Vec::new(),
        };
        let mut told = whole_json(&read, &items, true);
        if read.collection().is_some() {
            told["keeping"] = keeping_json(&self.node.keeping(&read).await?);
        }
        Ok(told)
    }

    pub(super) async fn listing_say(
        self,
        sort: &str,
        id: Option<String>,
        form: Fields,
        upload: Option<(String, String)>,
    ) -> Result<Value, OpError> {
        let account = self.account().await?;
        let sort = sort_of(sort)?;
        let mut form = Value::Object(form);
        if let Some((upload, name)) = upload {
            form["file"] = self.node.keep_upload(super::blobs::upload_of(&upload)?, &name).await?;
        }
        let passphrase = self.caller.passphrase.clone();
        let id = match id {
            None => self.node.list_anew(&account, sort, form, passphrase).await?,
            Some(id) => {
                let read = self.node.find_listing(sort, &id).await?;
                let saying = Saying::Form(form);
                self.node.say_of_listing(&account, &read, &saying, passphrase).await?
            }
        };
        Ok(json!({ "id": id.to_string() }))
    }

    pub(super) async fn listing_withdraw(
        self,
        sort: &str,
        id: &str,
        reason: String,
        note: Option<String>,
    ) -> Result<Value, OpError> {
        let account = self.account().await?;
        let read = self.node.find_listing(sort_of(sort)?, id).await?;
        let saying = Saying::Withdraw { reason, text: note.unwrap_or_default() };
        let passphrase = self.caller.passphrase.clone();
        let id = self.node.say_of_listing(&account, &read, &saying, passphrase).await?;
        Ok(json!({ "id": id.to_string() }))
    }

    pub(super) async fn change_collection(
        self,
        id: &str,
        change: Change,
    ) -> Result<Value, OpError> {
        let account = self.account().await?;
        let read = self.node.find_listing(Sort::Collection, id).await?;
        let passphrase = self.caller.passphrase.clone();
        let id = self.node.change_collection(&account, &read, &change, passphrase).await?;
        Ok(json!({ "id": id.to_string() }))
    }

    pub(super) async fn keep_collection(
        self,
        id: &str,
        keep: Option<bool>,
    ) -> Result<Value, OpError> {
        let read = self.node.find_listing(Sort::Collection, id).await?;
        let keeping = match keep {
            Some(keep) => self.node.keep_collection(&read, keep).await?,
            None => {
                self.node.blobs().all_named().await;
                self.node.keeping(&read).await?
            }
        };
        let mut told = keeping_json(&keeping);
        told["id"] = json!(read.id.to_string());
        Ok(told)
    }

    /// What a bundle of a collection holds of the public set.
    pub(super) async fn collection_objects(self, id: &str) -> Result<Value, OpError> {
        let read = self.node.find_listing(Sort::Collection, id).await?;
        let objects = self.node.objects_of(&read).await?;
        let digits: String = objects.iter().map(|id| crate::hex::encode(id)).collect();
        Ok(json!({ "id": read.id.to_string(), "objects": digits }))
    }
}

/// How a collection is kept, and what fetching the rest would take.
pub(crate) fn keeping_json(keeping: &Keeping) -> Value {
    let Keeping { kept, files, here, bytes, estimate } = keeping;
    json!({
        "kept": kept, "files": files, "here": here, "bytes": bytes, "travels": estimate.bytes,
        "seconds": estimate.seconds, "costly": estimate.costly,
        "cost": estimate.cost.as_ref().map(|(sum, currency)| json!({
            "amount": hundredths(*sum), "currency": currency,
        })),
    })
}
