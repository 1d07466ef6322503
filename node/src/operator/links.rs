//! What links cost: shown and said.

use serde_json::Value;

use super::{Acting, invalid};
use crate::links::{MEGABYTE, Said, class_named, every, hours, price};
use crate::ops::OpError;

/// What a command says of links, as it was written.
pub(super) struct Told {
    pub(super) class: Option<String>,
    pub(super) every: Option<String>,
    pub(super) monthly_mb: Option<u64>,
    pub(super) no_limit: bool,
    pub(super) hours: Option<String>,
    pub(super) price: Option<String>,
    pub(super) currency: Option<String>,
}

impl Told {
    fn read(self) -> Result<Said, OpError> {
        let allowance = match (self.monthly_mb, self.no_limit) {
            (Some(_), true) => {
                return Err(invalid("monthly_mb", "a limit and none at once: say one of them"));
            }
            (Some(number), false) => Some(Some(number.saturating_mul(MEGABYTE))),
            (None, no_limit) => no_limit.then_some(None),
        };
        Ok(Said {
            class: read("class", self.class, class_named)?,
            every: read("every", self.every, every)?,
            allowance,
            hours: read("hours", self.hours, hours)?,
            price: read("price", self.price, price)?,
            currency: self.currency,
        })
    }
}

fn read<T>(
    field: &str,
    text: Option<String>,
    read: fn(&str) -> Result<T, String>,
) -> Result<Option<T>, OpError> {
    text.map(|text| read(&text).map_err(|why| invalid(field, why))).transpose()
}

impl Acting<'_> {
    pub(super) async fn links(self) -> Result<Value, OpError> {
        Ok(self.node.look_at_links().await?.to_json())
    }

    pub(super) async fn say_of_links(self, told: Told) -> Result<Value, OpError> {
        self.node.say_of_links(told.read()?).await?;
        self.links().await
    }
}
