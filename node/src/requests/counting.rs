//! How many requests are in which state: figures for a watcher, who learns
//! nothing else of them.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use tern_crdt::identity::RequestId;

use crate::accounts::failed;
use crate::handle::NodeReplica;
use crate::ops::OpError;
use crate::running::Node;

/// Requests of one look at the replica.
const LOOK_MAX: usize = 16;

/// Every state in which a request is not over.
const OPEN: [&str; 8] = [
    "submitted",
    "proposed",
    "accepted",
    "unmet",
    "in_progress",
    "delivered",
    "disputed",
    "confirmed",
];

/// How many requests are in each state.
pub(super) type States = BTreeMap<&'static str, u64>;

impl Node {
    /// How many requests that were opened here are in each state in which they
    /// are not over. Counted anew only after something changed.
    ///
    /// # Errors
    /// The store's.
    pub async fn requests_by_state(&self) -> Result<BTreeMap<&'static str, u64>, OpError> {
        let requests = self.requests();
        let generation = requests.generation.load(Ordering::Relaxed);
        let counted = requests.states.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((of, states)) = counted
            && of == generation
        {
            return Ok(states);
        }
        let ids = self.handle().read(|replica| replica.library().requests()).await?;
        let mut states: States = OPEN.into_iter().map(|state| (state, 0)).collect();
        for some in ids.map_err(failed)?.chunks(LOOK_MAX) {
            let some = some.to_vec();
            let seen = self.handle().read(move |replica| look(replica, &some)).await?;
            for state in seen? {
                *states.entry(state).or_default() += 1;
            }
        }
        let counted = Some((generation, states.clone()));
        *requests.states.lock().unwrap_or_else(PoisonError::into_inner) = counted;
        Ok(states)
    }
}

fn look(replica: &NodeReplica, ids: &[RequestId]) -> Result<Vec<&'static str>, OpError> {
    let library = replica.library();
    let mut states = Vec::new();
    for id in ids {
        let Some(dossier) = library.dossier(id).map_err(failed)? else { continue };
        let state = dossier.case(library.authority()).state;
        states.extend((!state.is_over()).then(|| state.code()));
    }
    Ok(states)
}
