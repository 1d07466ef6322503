//! Statements on their way to a key: written down without a signature, carried
//! to another device, and read there.
//!
//! A prepared statement is a record whose list of signatures is empty; that is
//! never a [`Record`], so nobody can take one for something that was said.

use super::{Kind, RECORD_BYTES_MAX, Record, RecordRefused, Statement, Unsigned, malformed};
use crate::identity::{PublicKey, Signature};

impl Unsigned {
    /// What sort of statement it is.
    pub const fn kind(&self) -> &Kind {
        &self.kind
    }

    /// CBOR: `[kind, version, payload, []]`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let none = Vec::<(PublicKey, Signature)>::new();
        let Self { kind, version, payload } = self.clone();
        Record { kind, version, payload, signatures: none }.to_bytes()
    }

    /// Reads one prepared statement that fills `bytes` exactly.
    ///
    /// # Errors
    /// Longer than a record may be, or not that layout.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordRefused> {
        if bytes.len() > RECORD_BYTES_MAX {
            return Err(RecordRefused::TooLong { bytes: bytes.len(), max: RECORD_BYTES_MAX });
        }
        let mut d = minicbor::Decoder::new(bytes);
        let read = Self::read(&mut d)?;
        if d.array().map_err(malformed)? != Some(0) || d.position() != bytes.len() {
            return Err(RecordRefused::Malformed("a prepared statement has no signature yet"));
        }
        Ok(read)
    }

    /// The statement as `T`, with its bounds kept.
    ///
    /// # Errors
    /// It is of another kind or layout, or breaks a bound.
    pub fn peek<T: Statement>(&self) -> Result<T, RecordRefused> {
        let Self { kind, version, payload } = self.clone();
        Record { kind, version, payload, signatures: Vec::new() }.peek()
    }
}

impl Record {
    /// The statement without its signatures: for one more to be added.
    pub fn unsigned(&self) -> Unsigned {
        let Self { kind, version, payload, .. } = self.clone();
        Unsigned { kind, version, payload }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::card::{Basis, NameCard};
    use crate::identity::{FederationId, RecordId, SecretKey};

    fn card(name: &str) -> Unsigned {
        NameCard { by: RecordId::new([3; 32]).cast(), name: name.into(), basis: Basis::RoleName }
            .prepare()
    }

    #[test]
    fn what_amina_prepares_is_signed_elsewhere_and_is_the_same_record() {
        let federation = FederationId::new([9; 32]);
        let key = SecretKey::from_seed(&[1; 32]);
        let prepared = card("Amina Issa");
        let read = Unsigned::from_bytes(&prepared.to_bytes()).expect("sound");
        assert_eq!(read, prepared);
        let record = read.sign(federation, &key);
        assert_eq!(record.id(), prepared.id());
        assert_eq!(record.unsigned(), prepared);
        record.verify(federation).expect("signed");
    }

    #[test]
    fn a_prepared_statement_is_no_record_and_a_record_is_not_prepared() {
        let prepared = card("Amina Issa").to_bytes();
        assert!(Record::from_bytes(&prepared).is_err());
        let key = SecretKey::from_seed(&[1; 32]);
        let signed = card("Amina Issa").sign(FederationId::new([9; 32]), &key);
        assert!(Unsigned::from_bytes(&signed.to_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused_or_read_and_written_back(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(read) = Unsigned::from_bytes(&bytes) {
                prop_assert_eq!(Unsigned::from_bytes(&read.to_bytes()).expect("sound"), read);
            }
        }

        #[test]
        fn a_changed_byte_is_refused_or_another_statement(at in 0usize..64, to in any::<u8>()) {
            let sound = card("Amina Issa");
            let mut bytes = sound.to_bytes();
            let at = at % bytes.len();
            bytes[at] = to;
            if let Ok(read) = Unsigned::from_bytes(&bytes) {
                prop_assert_eq!(read == sound, bytes == sound.to_bytes());
            }
        }
    }
}
