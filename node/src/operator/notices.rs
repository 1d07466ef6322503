//! How the account that acts is told of what waits.

use serde_json::Value;

use super::{Acting, invalid};
use crate::notices::{Change, MailAddress, NoAddress, Often};
use crate::ops::OpError;

impl Acting<'_> {
    fn home(&self) -> Option<String> {
        let http = self.node.http()?;
        Some(self.node.settings().own_address(http))
    }

    pub(super) async fn notices(self) -> Result<Value, OpError> {
        let account = self.account().await?;
        let told = self.node.notices_of(&account).await?;
        Ok(told.to_json(self.home().as_deref()))
    }

    pub(super) async fn change_notices(
        self,
        address: Option<String>,
        code: Option<String>,
        often: Option<String>,
        forget: bool,
        feed: Option<bool>,
    ) -> Result<Value, OpError> {
        let address = address.map(|text| text.parse::<MailAddress>()).transpose();
        let address = address.map_err(|why: NoAddress| invalid("address", why.to_string()))?;
        let read = |code: String| {
            let codes = Often::ALL.map(Often::code).join(", ");
            let what = format!("`{code}` is not how often: there are {codes}");
            Often::from_code(&code).ok_or_else(|| invalid("often", what))
        };
        let often = often.map(read).transpose()?;
        let account = self.account().await?;
        let change = Change { address, code, often, forget, feed };
        let told = self.node.change_notices(&account, change).await?;
        Ok(told.to_json(self.home().as_deref()))
    }
}
