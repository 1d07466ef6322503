//! What commands about collections and resources ask for.

use super::{Errand, other};
use crate::cli::answers;
use crate::cli::grammar::{Collection, Resource};
use crate::cli::practice_file::read_form;
use crate::ops::{Fields, Op, OpError};

/// What a command about collections asks for; writing a bundle asks for more and is told
/// elsewhere.
pub(super) fn collection_errand(collection: Collection) -> Result<Errand, OpError> {
    let sort = "collection".to_owned();
    let op = match collection {
        Collection::List { query, holding } => {
            let query = (!query.is_empty()).then(|| query.join(" "));
            let op = Op::ListingList { sort, query, thing: holding };
            return Ok(Errand::new(op, answers::collections));
        }
        Collection::Show { id } => {
            return Ok(Errand::new(Op::ListingShow { sort, id }, answers::collection));
        }
        Collection::New { file } => say(sort, None, read_form(&file)?),
        Collection::Edit { id, file } => say(sort, Some(id), read_form(&file)?),
        Collection::Add { id, thing, edition, note } => {
            Op::CollectionAdd { id, thing, edition, note }
        }
        Collection::Remove { id, thing } => Op::CollectionRemove { id, thing },
        Collection::Move { id, thing, to } => {
            let to = usize::try_from(to).unwrap_or(usize::MAX);
            Op::CollectionMove { id, thing, to }
        }
        Collection::Withdraw { id, reason, note } => Op::ListingWithdraw { sort, id, reason, note },
        Collection::Keep { id, dry_run, undo } => {
            let op = Op::CollectionKeep { id, keep: (!dry_run).then_some(!undo) };
            return Ok(Errand::new(op, answers::kept));
        }
        command @ Collection::Bundle { .. } => return Err(other(&command)),
    };
    Ok(Errand::new(op, answers::id))
}

/// What a command about resources asks for; sending a file asks for more and is told
/// elsewhere.
pub(super) fn resource_errand(resource: Resource) -> Result<Errand, OpError> {
    let sort = "resource".to_owned();
    let op = match resource {
        Resource::List { query } => {
            let query = (!query.is_empty()).then(|| query.join(" "));
            let op = Op::ListingList { sort, query, thing: None };
            return Ok(Errand::new(op, answers::resources));
        }
        Resource::Show { id } => {
            return Ok(Errand::new(Op::ListingShow { sort, id }, answers::resource));
        }
        Resource::New { form, .. } => say(sort, None, read_form(&form)?),
        Resource::Edit { id, form, .. } => say(sort, Some(id), read_form(&form)?),
        Resource::Withdraw { id, reason, note } => Op::ListingWithdraw { sort, id, reason, note },
    };
    Ok(Errand::new(op, answers::id))
}

const fn say(sort: String, id: Option<String>, form: Fields) -> Op {
    Op::ListingSay { sort, id, form, upload: None, name: None }
}
