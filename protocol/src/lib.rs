//! What to say: one replica of the federation's library, and the rules by
//! which replicas agree.
pub mod store;
