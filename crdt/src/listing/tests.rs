//! Stories of a collection that Niger makes, with two publishers, and of what others
//! say of it.

use proptest::prelude::*;
use serde_json::json;

use super::fold::{HEARD_MAX, Stood, fold};
use super::*;
use crate::authority::{Authority, Forbidden, Role};
use crate::founding::{Founding, Person};
use crate::identity::{DocumentId, EditionId, OrgId};
use crate::signed::Verified;

const NAMES: [&str; 4] = ["Niger", "UN", "Nepal", "Moldova"];
const NONCE: Nonce = [7; 16];

struct Hub {
    federation: FederationId,
    authority: Authority,
    orgs: [OrgId; 4],
    /// Two publishers of Niger, of whom the first founds it; and a contributor.
    hama: Person,
    issa: Person,
    aline: Person,
    /// A publisher of Nepal.
    maya: Person,
}

type Said = Verified<Listing>;

impl Hub {
    fn new() -> Self {
        let mut founding = Founding::of(NAMES, |_| None);
        let hama = founding.person(0, 1, &[Role::Publisher]);
        let issa = founding.person(0, 2, &[Role::Publisher]);
        let aline = founding.person(0, 3, &[Role::Contributor]);
        let maya = founding.person(2, 1, &[Role::Publisher]);
        let (federation, orgs) = (founding.federation, founding.orgs);
        Self { federation, authority: founding.authority(), orgs, hama, issa, aline, maya }
    }

    fn id(&self) -> ListingId {
        listing_id(self.federation, self.hama.certificate, &NONCE, Sort::Collection)
    }

    fn says(&self, who: &Person, follows: &[&Said], deed: Deed, at: i64) -> Said {
        let mut follows: Vec<RecordId> = follows.iter().map(|one| one.id()).collect();
        follows.sort_unstable();
        let listing = Listing {
            by: who.certificate,
            founder: self.hama.certificate,
            nonce: NONCE,
            sort: Sort::Collection,
            deed,
            follows,
            claimed_at: Timestamp(at),
        };
        self.sign(&listing, who)
    }

    fn sign(&self, listing: &Listing, who: &Person) -> Said {
        let record = listing.prepare().sign(self.federation, &who.key);
        record.verify(self.federation).and_then(Verified::read).expect("within its bounds")
    }

    fn stood(&self, records: &[Said]) -> Stood {
        fold(&self.authority, self.id(), records)
    }
}

fn called(title: &str) -> Deed {
    let practice = DocumentId::new([1; 32]);
    let collection = json!({
        "title": { "en": title },
        "items": [{ "practice": practice.to_string(), "note": "Read this first." }],
    });
    let collection = Collection::from_json(&collection, "en").expect("a collection");
    Deed::Say { form: collection.to_tree() }
}

fn withdraw() -> Deed {
    Deed::Withdraw { reason: Reason::Outdated, why: Remark::default().to_tree() }
}

fn title(stood: &Stood) -> Option<String> {
    let collection = stood.told()?.1.collection()?;
    collection.title.iter().next().map(|(_, text)| text.to_owned())
}

#[test]
fn a_collection_is_said_anew_by_another_publisher_of_the_same_organisation_and_by_nobody_else() {
    let hub = Hub::new();
    let first = hub.says(&hub.hama, &[], called("Births"), 1);
    let anew = hub.says(&hub.issa, &[&first], called("Births at the border"), 2);
    let foreign = hub.says(&hub.maya, &[&first, &anew], called("Ours now"), 3);
    let unfit = hub.says(&hub.aline, &[&anew], called("Mine"), 4);
    let stood = hub.stood(&[first.clone(), anew.clone(), foreign.clone(), unfit.clone()]);
    assert_eq!(title(&stood).as_deref(), Some("Births at the border"));
    assert_eq!((stood.org, stood.stands.len()), (Some(hub.orgs[0]), 1));
    assert_eq!(stood.refused[&first.id()], ListingRefused::Followed(anew.id()));
    assert_eq!(stood.refused[&foreign.id()], ListingRefused::NotOwner);
    let without =
        Forbidden::WithoutRole { certificate: hub.aline.certificate, role: Role::Publisher };
    assert_eq!(stood.refused[&unfit.id()], ListingRefused::Forbidden(without));
}

#[test]
fn what_two_said_without_knowing_of_each_other_is_told_until_somebody_brings_it_together() {
    let hub = Hub::new();
    let first = hub.says(&hub.hama, &[], called("Births"), 1);
    let one = hub.says(&hub.hama, &[&first], called("Births, one"), 2);
    let other = hub.says(&hub.issa, &[&first], called("Births, other"), 3);
    let stood = hub.stood(&[first.clone(), one.clone(), other.clone()]);
    assert_eq!((title(&stood).as_deref(), stood.stands.len()), (Some("Births, other"), 2));
    let mut both = vec![one.id(), other.id()];
    both.sort_unstable();
    assert_eq!(stood.follows(), both);
    let joined = hub.says(&hub.hama, &[&one, &other], called("Births, both"), 1);
    let stood = hub.stood(&[first, one, other, joined]);
    assert_eq!((title(&stood).as_deref(), stood.stands.len()), (Some("Births, both"), 1));
}

#[test]
fn a_withdrawal_is_told_and_what_is_said_beside_it_is_shown() {
    let hub = Hub::new();
    let first = hub.says(&hub.hama, &[], called("Births"), 1);
    let gone = hub.says(&hub.issa, &[&first], withdraw(), 9);
    let stood = hub.stood(&[first.clone(), gone.clone()]);
    assert!(stood.is_withdrawn());
    assert_eq!(stood.told().map(|(id, _)| *id), Some(gone.id()));
    let beside = hub.says(&hub.hama, &[&first], called("Births, still"), 2);
    let stood = hub.stood(&[first.clone(), gone.clone(), beside]);
    assert!(!stood.is_withdrawn());
    assert_eq!(title(&stood).as_deref(), Some("Births, still"));
    let again = hub.says(&hub.hama, &[&gone], called("Births, again"), 10);
    let stood = hub.stood(&[first, gone, again]);
    assert_eq!((stood.is_withdrawn(), title(&stood).as_deref()), (false, Some("Births, again")));
}

#[test]
fn a_collection_never_becomes_a_resource() {
    let hub = Hub::new();
    let first = hub.says(&hub.hama, &[], called("Births"), 1);
    let resource = json!({ "title": { "en": "A law" }, "url": "https://law.example/1" });
    let form = Resource::from_json(&resource, "en").expect("a resource").to_tree();
    let deed = Deed::Say { form };
    let follows = vec![first.id()];
    let turned = Listing { deed, sort: Sort::Resource, follows, ..first.body().clone() };
    let turned = hub.sign(&turned, &hub.hama);
    assert_ne!(turned.body().listing(hub.federation), hub.id());
    let stood = hub.stood(&[first, turned.clone()]);
    assert_eq!(stood.refused[&turned.id()], ListingRefused::OtherListing);
    assert_eq!(title(&stood).as_deref(), Some("Births"));
    assert_eq!(turned.body().resource().map(|one| one.url.is_some()), Some(true));
}

#[test]
fn what_is_beyond_its_bounds_is_refused_with_the_field() {
    let refused = |json: serde_json::Value| {
        let refused = Collection::from_json(&json, "en").expect_err("beyond a bound");
        (refused.field, refused.limit)
    };
    let practice = |seed: u8| DocumentId::new([seed; 32]).to_string();
    let edition = EditionId::new([3; 32]).to_string();
    assert_eq!(refused(json!({ "text": "x" })), ("title".into(), None));
    assert_eq!(refused(json!({ "title": "a".repeat(151) })), ("title".into(), Some(150)));
    let items = json!({ "title": "x", "items": [{ "practice": practice(1), "edition": edition },
        { "practice": practice(2) }, { "practice": practice(1), "note": "again" }] });
    assert_eq!(refused(items).0, "items[2]");
    assert_eq!(refused(json!({ "title": "x", "items": [{ "note": "nothing" }] })).0, "items[0]");
    let many: Vec<_> = (0..=200).map(|seed| json!({ "practice": practice(seed) })).collect();
    assert_eq!(refused(json!({ "title": "x", "items": many })), ("items".into(), Some(200)));
    let resource = Resource::from_json(&json!({ "title": "A law" }), "en");
    assert_eq!(resource.expect_err("nowhere").field, "url");

    // Somebody signs past the form.
    let hub = Hub::new();
    let mut signed = hub.says(&hub.hama, &[], called("Births"), 1).body().clone();
    assert_eq!(signed.check(), Ok(()));
    signed.deed = Deed::Say { form: Collection::default().to_tree() };
    assert!(signed.check().is_err(), "a collection without a title");
    signed.deed = withdraw();
    assert!(signed.check().is_err(), "it withdraws nothing");
    signed.follows = vec![RecordId::new([2; 32]), RecordId::new([1; 32])];
    assert!(signed.check().is_err(), "not ascending");
}

#[test]
fn what_is_written_is_read_again() {
    let whole = json!({
        "title": { "en": "A brief", "fr": "Une note" }, "abstract": { "en": "What it says." },
        "type": "policy-brief", "publisher": "A university", "date": "2024-05",
        "objectives": [4, 14], "countries": ["NE"], "languages": ["en", "fr"],
        "url": "https://brief.example/1", "licence": "CC-BY-4.0",
        "file": { "name": "brief.pdf", "media_type": "application/pdf", "bytes": 12,
                  "hash": "0".repeat(64) },
    });
    let read = Resource::from_json(&whole, "en").expect("a resource");
    assert_eq!(Resource::from_tree(&read.to_tree()), read);
    assert_eq!(Resource::from_json(&read.to_json(), "en"), Ok(read));
}

#[test]
fn who_floods_a_collection_is_heard_so_far() {
    let hub = Hub::new();
    let flood = (0..=HEARD_MAX as i64).map(|at| hub.says(&hub.issa, &[], called("Many"), at));
    let mut all: Vec<Said> = flood.collect();
    let mine = hub.says(&hub.hama, &[], called("One"), HEARD_MAX as i64 + 1);
    all.push(mine);
    let stood = hub.stood(&all);
    assert_eq!((stood.stands.len(), stood.refused.len()), (HEARD_MAX + 1, 1));
    assert_eq!(title(&stood).as_deref(), Some("One"));
}

/// The vectors of sections 28 and 29 of the specification.
#[test]
fn their_bytes_are_those_of_the_specification() {
    let hex = |payload: Vec<u8>| {
        let mut hex: String = payload.iter().map(|byte| format!("{byte:02x}")).collect();
        for seed in 1..=9_u8 {
            let seed = format!("{seed:02x}");
            hex = hex.replace(&format!("5820{}", seed.repeat(32)), &format!("[{}]", &seed[1..]));
        }
        hex
    };
    let tree = Tree::default;
    let listing = |sort, deed| Listing {
        by: CertificateId::new([1; 32]),
        founder: CertificateId::new([3; 32]),
        nonce: [2; 16],
        sort,
        deed,
        follows: vec![RecordId::new([6; 32])],
        claimed_at: Timestamp(9),
    };
    let said = listing(Sort::Collection, Deed::Say { form: tree() });
    let gone = listing(Sort::Resource, Deed::Withdraw { reason: Reason::Unsafe, why: tree() });
    let nonce = "02".repeat(16);
    for (listing, sort, deed) in [(&said, "00", "820081a0"), (&gone, "01", "82018203a0")] {
        let made = hex(minicbor::to_vec(listing).expect("a Vec"));
        assert_eq!(made, format!("a700[1]01[3]0250{nonce}03{sort}04{deed}0581[6]0609"));
    }
    let id = said.listing(FederationId::new([5; 32]));
    let hex: String = id.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "f9d8cdb9641ed74105bd37a79b39fecca8ab7a3cbcec12819f680c78130dae4f");
    assert!(id.to_string().starts_with("tern1l"));
}

/// Everything that the stories say, with what follows what.
fn everything(hub: &Hub) -> Vec<Said> {
    let first = hub.says(&hub.hama, &[], called("Births"), 1);
    let one = hub.says(&hub.hama, &[&first], called("One"), 2);
    let other = hub.says(&hub.issa, &[&first], called("Other"), 3);
    let gone = hub.says(&hub.issa, &[&one], withdraw(), 4);
    let both = hub.says(&hub.hama, &[&other, &gone], called("Both"), 3);
    let foreign = hub.says(&hub.maya, &[&both], withdraw(), 9);
    let unfit = hub.says(&hub.aline, &[&both], called("Mine"), 9);
    let last = hub.says(&hub.issa, &[&both], withdraw(), 5);
    vec![first, one, other, gone, both, foreign, unfit, last]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn whoever_holds_the_same_records_sees_the_same(
        order in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle(),
        held in 0..=8_usize,
    ) {
        let hub = Hub::new();
        let all = everything(&hub);
        let mut some: Vec<Said> = order[..held].iter().map(|at| all[*at].clone()).collect();
        let stood = hub.stood(&some);
        some.reverse();
        // Delivered twice.
        some.extend_from_within(..held / 2);
        prop_assert_eq!(hub.stood(&some), stood.clone());
        // Each stands or says why not, and only Niger's stand.
        for one in &some {
            let stands = stood.stands.iter().any(|(id, _)| *id == one.id());
            prop_assert!(stands != stood.refused.contains_key(&one.id()));
        }
        for (_, listing) in &stood.stands {
            prop_assert!([hub.hama.certificate, hub.issa.certificate].contains(&listing.by));
        }
    }
}
