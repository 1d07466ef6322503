//! Values that only this node reads: a version byte, then CBOR by field
//! number. The ledger adds the class to their keys.

use bytes::Bytes;

use crate::ops::{ErrorCode, OpError};

const VERSION: u8 = 1;

/// The value as it is stored.
pub fn write<T: minicbor::Encode<()>>(value: &T) -> Bytes {
    let mut bytes = vec![VERSION];
    // Writing into a Vec cannot fail.
    let _ = minicbor::encode(value, &mut bytes);
    bytes.into()
}

/// Reads a stored value; `what` names it in the refusal.
///
/// # Errors
/// The value is damaged or of a newer version.
pub fn read<T: for<'b> minicbor::Decode<'b, ()>>(value: &[u8], what: &str) -> Result<T, OpError> {
    let body = match value.split_first() {
        Some((&VERSION, body)) => minicbor::decode(body).ok(),
        _ => None,
    };
    body.ok_or_else(|| {
        let what = format!("{what} is damaged, or a newer version wrote it: run `tern check`");
        OpError::new(ErrorCode::Damaged, what)
    })
}
