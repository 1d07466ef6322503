//! What the offices write to each other: one request after the other, each a
//! talk of six letters.
//!
//! The letters have the sizes of those that the program makes; what stands in
//! them nobody reads here.

use std::collections::BTreeMap;

use tern_crdt::card::{Basis, NameCard};
use tern_crdt::identity::{ParcelId, RequestId};
use tern_crdt::parcel::{Address, Parcel, Urgency, pack, secret_of};
use tern_crdt::signed::{Statement, Verified};
use tern_protocol::gate::Examined;
use tern_protocol::routing::{HeldParcel, Rest};

use super::offices::Offices;
use super::{DAY, HOUR, Options};
use crate::chance::Chance;

/// What a letter says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Says {
    Request,
    Received,
    Accept,
    Award,
    Answer,
    Close,
}

impl Says {
    /// Bytes of the record inside.
    const fn bytes(self) -> usize {
        match self {
            Self::Request => 2_000,
            Self::Answer => 6_000,
            Self::Accept => 400,
            Self::Received | Self::Award | Self::Close => 250,
        }
    }

    /// Whether the asking office writes it.
    pub const fn asks(self) -> bool {
        matches!(self, Self::Request | Self::Award | Self::Close)
    }
}

/// One request, and how long its people take.
#[derive(Clone, Debug)]
pub(crate) struct Talk {
    pub asks: usize,
    pub answers: usize,
    pub begins: i64,
    request: RequestId,
    urgency: Urgency,
    thinks: [i64; 3],
    /// Its letters so far.
    pub letters: Vec<usize>,
}

/// One letter on its way.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub talk: usize,
    pub says: Says,
    pub from: usize,
    pub to: usize,
    pub written: i64,
    pub arrived: Option<i64>,
    /// Bytes of the parcel.
    pub bytes: usize,
    label: Verified<Parcel>,
    secret: [u8; 32],
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Letters {
    pub talks: Vec<Talk>,
    pub all: Vec<Letter>,
    by_id: BTreeMap<ParcelId, usize>,
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Letters {
    /// The requests of a seed.
    pub fn of(options: &Options) -> Self {
        let mut chance = Chance::new(options.seed ^ 0x1e7);
        let talk = |_| {
            let asks = chance.below(options.offices as u64) as usize;
            let mut answers = chance.below(options.offices as u64) as usize;
            if answers == asks {
                answers = (answers + 1) % options.offices;
            }
            Talk {
                asks,
                answers,
                begins: chance.between(HOUR, options.days * DAY),
                request: RequestId::new(chance.bytes()),
                urgency: if chance.percent(20) { Urgency::Urgent } else { Urgency::Routine },
                thinks: [
                    chance.between(2, 48) * HOUR,
                    chance.between(2, 8) * DAY,
                    chance.between(4, 72) * HOUR,
                ],
                letters: Vec::new(),
            }
        };
        Self { talks: (0..options.requests).map(talk).collect(), ..Self::default() }
    }

    /// Writes a letter: the parcel that leaves.
    pub fn write(
        &mut self,
        offices: &Offices,
        talk: usize,
        says: Says,
        now: i64,
        chance: &mut Chance,
    ) -> Result<Examined, String> {
        let Talk { asks, answers, request, urgency, .. } = self.talks[talk];
        let (from, to) = if says.asks() { (asks, answers) } else { (answers, asks) };
        let keys = &offices.all[from];
        let name = "x".repeat(says.bytes());
        let inside = NameCard { by: keys.certificate, name, basis: Basis::RoleName }.prepare();
        let inside = inside.sign(offices.federation, &keys.node);
        let readers = [asks, answers].map(|office| {
            let party = &offices.all[office].party;
            [party.desk.encryption_public(), party.publisher.key.encryption_public()]
        });
        let address = Address { by: keys.certificate, request, urgency, expires: 60 };
        let drawn = chance.bytes();
        let (label, sealed) = pack(
            offices.federation,
            address,
            &[&inside],
            readers.as_flattened(),
            &keys.node,
            &drawn,
        )
        .map_err(text)?;
        let label = label.verify(offices.federation).map_err(text)?;
        let label: Verified<Parcel> = label.read().map_err(text)?;
        let held = HeldParcel { label: label.clone(), rest: Rest::Sealed(sealed) };
        let bytes = label.body().bytes as usize + label.record().size();
        let number = self.all.len();
        self.by_id.insert(held.id(), number);
        self.talks[talk].letters.push(number);
        let (written, secret) = (now, secret_of(&drawn));
        let arrived = None;
        let letter = Letter { talk, says, from, to, written, arrived, bytes, label, secret };
        self.all.push(letter);
        Ok(Examined::Parcel(Box::new(held)))
    }

    /// The letter of a parcel.
    pub fn number(&self, id: &ParcelId) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// What is written because a letter came, and after how long.
    pub fn next(&self, letter: usize) -> Vec<(Says, i64)> {
        let Letter { says, talk, .. } = &self.all[letter];
        let [decides, works, looks] = self.talks[*talk].thinks;
        match says {
            Says::Request => vec![(Says::Received, 0), (Says::Accept, decides)],
            Says::Accept => vec![(Says::Award, 0)],
            Says::Award => vec![(Says::Answer, works)],
            Says::Answer => vec![(Says::Close, looks)],
            Says::Received | Says::Close => vec![],
        }
    }

    /// The letters of a talk that is over, all but the last, as what ends them.
    pub fn ends(&self, talk: usize) -> Vec<Examined> {
        let letters = self.talks[talk].letters.iter().map(|letter| &self.all[*letter]);
        let ended = letters.filter(|letter| letter.says != Says::Close).map(|letter| {
            let rest = Rest::Ended(letter.secret);
            Examined::Parcel(Box::new(HeldParcel { label: letter.label.clone(), rest }))
        });
        ended.collect()
    }
}
