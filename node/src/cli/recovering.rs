//! `tern recover` on the new machine, and `tern rekey` at a steward's.

use std::path::Path;

use serde_json::{Value, json};

use super::grammar::{Recover, RekeyOrg};
use super::keys::invalid;
use super::signing::write_new;
use super::{Run, answers, invitation_text, session};
use crate::config::Flags;
use crate::node::{Audience, Belongs, Recovery};
use crate::ops::{ErrorCode, Op, OpError};
use crate::recovery::{ANSWER_BYTES_MAX, Answer, REQUEST_BYTES_MAX};
use crate::statement::read_bounded;

/// Digits of records in one operation: well below what one may have.
const CHUNK_BYTES: usize = 1024 * 1024;

impl Run<'_> {
    pub(super) async fn recover(&self, recover: Recover) -> Result<(), OpError> {
        match (&recover.org, &recover.answer) {
            (Some(_), _) => self.begin_recovery(recover).await,
            (None, Some(answer)) => self.take_answer(answer).await,
            (None, None) => self.tell_recovery(&self.one(Op::Recovery {}).await?),
        }
    }

    async fn begin_recovery(&self, recover: Recover) -> Result<(), OpError> {
        let Recover { org, invitation, federation, person, lang, out, .. } = recover;
        let invited = invitation.is_some();
        let belongs = match (invitation, federation) {
            (Some(given), _) => Belongs::Invited(invitation_text(&given)?),
            (None, Some(id)) => Belongs::Federation(id),
            (None, None) => {
                return Err(invalid(
                    "federation",
                    "say where it belongs: --invitation or --federation",
                ));
            }
        };
        if out.exists() {
            let what = format!("{} is there already: name a new file with --out", out.display());
            return Err(OpError::new(ErrorCode::Conflict, what).in_field("out"));
        }
        let folder = self.folder()?;
        let loaded = self.settings(&folder, &Flags::default())?;
        crate::log::start(&loaded, false);
        let open = folder.take().await?;
        if folder.holds_node() {
            let what = format!(
                "{} holds a node already: choose another folder with --data",
                folder.root().display()
            );
            return Err(OpError::new(ErrorCode::Conflict, what));
        }
        let passphrase = match session::given_passphrase(&self.global, &self.environment)? {
            Some(given) => Some(given),
            None => self.console.ask_new_passphrase("Passphrase for the new keys")?,
        };
        if passphrase.is_none() {
            self.console.say(session::UNWRAPPED);
        }
        let org = org.unwrap_or_default();
        let recovery = Recovery { org, belongs, lang, person, passphrase };
        let told = self.process.recover(open, loaded.settings, recovery).await?;
        write_new(&out, told["request"].as_str().unwrap_or_default())?;
        let mut outcome = told;
        outcome["file"] = json!(out);
        self.console.answer_with(&outcome, || {
            format!(
                "{} Read the beginning of the new key to a steward over the telephone:\n  {}\n{}\nThe new recovery sheet: tern key sheet\n",
                match invited {
                    true => format!("This node asks the one that wrote the invitation whenever it runs: tern serve\nThe request is also in {}.", out.display()),
                    false => format!("The request is in {}. Send it to a steward.", out.display()),
                },
                outcome["fingerprint"].as_str().unwrap_or_default(),
                match invited {
                    true => "How far it is: tern recover. What comes in a file: tern recover --answer FILE",
                    false => "What they send back: tern recover --answer FILE",
                },
            )
        });
        Ok(())
    }

    async fn take_answer(&self, file: &Path) -> Result<(), OpError> {
        let answer = Answer::parse(&read_bounded(file, ANSWER_BYTES_MAX)?)?;
        let mut session = self.session().await?;
        let taken = async {
            let (mut chunk, mut bytes) = (Vec::new(), 0);
            for record in answer.records {
                bytes += record.len();
                chunk.push(record);
                if bytes >= CHUNK_BYTES {
                    let records = std::mem::take(&mut chunk);
                    bytes = 0;
                    session.ask(Op::AuthorityTake { records }).await?;
                }
            }
            if !chunk.is_empty() {
                session.ask(Op::AuthorityTake { records: chunk }).await?;
            }
            session.ask(Op::Recovery {}).await
        };
        let taken = taken.await;
        session.close().await;
        self.tell_recovery(&taken?)
    }

    fn tell_recovery(&self, outcome: &Value) -> Result<(), OpError> {
        self.console.answer_with(outcome, || match outcome["state"].as_str() {
            Some("done") => "The organisation's new keys count, and this node is certified by them. Meet the other members: tern meet\nThen revoke what the old keys granted, so that nobody goes on with a lost machine: tern cert revoke --before-recovery --reason lost\n".into(),
            _ => "The new keys do not count yet, as far as this node knows: a majority of the stewards has to approve, and word of it has to arrive.\n".into(),
        });
        Ok(())
    }

    pub(super) async fn rekey(&self, rekey: RekeyOrg) -> Result<(), OpError> {
        let file = Path::new(&rekey.request);
        let request = match file.is_file() {
            true => read_bounded(file, REQUEST_BYTES_MAX)?,
            false => rekey.request.trim().to_owned(),
        };
        let look = Op::Rekey { request: request.clone(), reason: None };
        let mut outcome = self.one(look).await?;
        if rekey.reason.is_some() && outcome["counts"] == false {
            if !rekey.yes {
                self.console.make_sure(&format!(
                    "{} asks for new keys. Its new root key begins with {}. Compare that with somebody you know there, over the telephone or in person: whoever has this key is the organisation from now on.",
                    outcome["name"].as_str().unwrap_or_default(),
                    outcome["fingerprint"].as_str().unwrap_or_default()
                ))?;
            }
            outcome = self.one(Op::Rekey { request, reason: rekey.reason }).await?;
        }
        if let Some(file) = &rekey.answer {
            if outcome["counts"] == true {
                write_new(file, &self.answer().await?.to_text())?;
                outcome["answer"] = json!(file);
            } else {
                self.console.say("There is no answer yet: the new keys do not count. Ask again with --answer once they do.");
            }
        }
        self.console.answer_with(&outcome, || answers::rekeyed_org(&outcome));
        Ok(())
    }

    /// What a recovering node needs to see that its keys count.
    async fn answer(&self) -> Result<Answer, OpError> {
        let mut session = self.session().await?;
        let gathered = async {
            let (mut records, mut after, mut federation) = (Vec::new(), None, None);
            loop {
                let page = session.ask(Op::AuthorityRecords { after }).await?;
                federation =
                    page["federation"].as_str().and_then(crate::hex::decode).or(federation);
                let some = page["records"].as_array().into_iter().flatten();
                records.extend(some.filter_map(Value::as_str).map(str::to_owned));
                after = page["next"].as_u64();
                if after.is_none() {
                    break;
                }
            }
            let federation = federation.map(tern_crdt::identity::FederationId::new);
            let none = || OpError::new(ErrorCode::Failed, "the node names no federation");
            Ok(Answer { federation: federation.ok_or_else(none)?, records })
        };
        let gathered = gathered.await;
        session.close().await;
        gathered
    }
}
