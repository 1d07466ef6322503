//! The dictionary with which pieces are packed.
//!
//! Trained on practices of a corpus that nothing is measured with: other seeds
//! than any figure names. The phrases are the same, since a corpus is made of
//! few; so figures of the corpora tell what practices like each other come to,
//! and [`plain`] ones how much of that is due to their form alone.

use std::collections::BTreeMap;

use tern_crdt::document::DocumentError;
use tern_crdt::identity::{CertificateId, FederationId, SecretKey, digest};
use tern_crdt::timestamp::Timestamp;
use tern_crdt::value::Value;

use crate::author::{Earlier, write};
use crate::corpus::Corpus;
use crate::people::Person;

/// Bytes of a dictionary.
pub const BYTES: usize = 64 * 1024;
/// Practices that it is trained on.
const TRAINED_ON: u64 = 300;
/// Whose seed no figure names.
const SEED: u64 = 0x7465_726e_6469_6374;

/// Trains a dictionary of at most so many bytes.
///
/// # Errors
/// There is no memory for it.
pub fn train(bytes: usize) -> std::io::Result<Vec<u8>> {
    zstd::dict::from_samples(&samples(|_| ()), bytes)
}

/// The same on practices of the same form whose texts are empty.
///
/// # Errors
/// As [`train`].
pub fn plain(bytes: usize) -> std::io::Result<Vec<u8>> {
    zstd::dict::from_samples(&samples(|content| content.values_mut().for_each(blank)), bytes)
}

fn blank(value: &mut Value) {
    match value {
        Value::Text(text) if text.len() > 30 => text.clear(),
        Value::Map(map) => map.values_mut().for_each(blank),
        Value::List(list) => list.iter_mut().for_each(blank),
        _ => {}
    }
}

/// Editions as they travel, all of different people, so that nobody's ids are
/// learnt.
fn samples(change: impl Fn(&mut BTreeMap<String, Value>)) -> Vec<Vec<u8>> {
    (0..TRAINED_ON).filter_map(|number| sample(number, &change).ok()).flatten().collect()
}

fn sample(
    number: u64,
    change: impl Fn(&mut BTreeMap<String, Value>),
) -> Result<Vec<Vec<u8>>, DocumentError> {
    let drawn =
        |what: &str| digest("tern/dictionary/v1", &[what.as_bytes(), &number.to_le_bytes()]);
    let by = Person {
        key: SecretKey::from_seed(&drawn("key")),
        certificate: CertificateId::new(drawn("certificate")),
    };
    let mut earlier: Vec<Earlier> = Vec::new();
    let mut samples = Vec::new();
    for (at, says) in (0..).zip(Corpus::p3(SEED).editions(number)) {
        let mut content = says.to_value();
        change(&mut content);
        let mut nonce = [0; 16];
        nonce.copy_from_slice(&drawn(&format!("nonce {at}"))[..16]);
        let federation = FederationId::new(drawn("federation"));
        let written = write(federation, &by, &earlier, &content, nonce, Timestamp(0))?;
        earlier.push(written.earlier());
        let mut sample = Vec::new();
        // Writing into a Vec cannot fail.
        let _ = minicbor::encode([written.piece()], &mut sample);
        samples.push(sample);
    }
    Ok(samples)
}
