//! Sample practices: invented, for tests and for looking at the pages.

use serde_json::{Value as Json, json};
use tern_web_ui::service::{Fields, Signer, SignerRole, Verdict};

/// 15 November 2026.
pub const NOW: i64 = 1_794_700_800;
pub const DAY: i64 = 86_400;

/// A practice with all its editions, oldest first.
#[derive(Clone)]
pub struct Sample {
    pub id: String,
    pub organisation: &'static str,
    pub editions: Vec<Edition>,
}

#[derive(Clone)]
pub struct Edition {
    pub id: String,
    pub fields: Fields,
    pub signers: Vec<Signer>,
    pub note: String,
    pub published: i64,
    pub verdict: Verdict,
}

fn signer(person: Option<&str>, organisation: &str, role: SignerRole, day: i64) -> Signer {
    Signer {
        person: person.map(str::to_owned),
        organisation: organisation.to_owned(),
        role,
        signed: NOW - day * DAY,
        verdict: Verdict::Accepted,
        reason: None,
    }
}

fn sample(
    at: usize,
    organisation: &'static str,
    person: Option<&str>,
    editions: &[(Json, &str, i64)],
) -> Sample {
    let editions = editions.iter().enumerate().map(|(number, (fields, note, day))| Edition {
        id: format!("tern1e{at}{number}qd9vt2mxakp3e7rs5w8ylj4c6h0fzn{at}{number}"),
        fields: serde_json::from_value(fields.clone()).expect("a practice file"),
        signers: vec![
            signer(person, organisation, SignerRole::Author, *day),
            signer(None, organisation, SignerRole::Publisher, day - 1),
        ],
        note: (*note).to_owned(),
        published: NOW - day * DAY,
        verdict: Verdict::Accepted,
    });
    Sample {
        id: format!("tern1p{at}4hq79dvt2mxakp3e7rs5w8ylj4c6h0fzn{at}"),
        organisation,
        editions: editions.collect(),
    }
}

/// The library, newest first.
pub fn samples() -> Vec<Sample> {
    let mut all = vec![desks(), births(), children(), carers(), guides(), portal(), hotline()];
    all[6].editions[0].verdict = Verdict::Quarantined;
    for signer in &mut all[6].editions[0].signers {
        signer.verdict = Verdict::Quarantined;
        signer.reason = Some("The certificate was revoked before this was signed.".to_owned());
    }
    all
}

/// Every kind of field, three editions, two languages.
fn desks() -> Sample {
    let mut first = json!({
        "title": {"en": "Pre-departure advice desks inside district labour offices",
                  "ne": "जिल्ला श्रम कार्यालयमा प्रस्थानपूर्व परामर्श"},
        "acronyms": [{"short": "DLO", "long": "district labour office"}],
        "summary": {"en": "Moving advice out of the capital and into 14 district offices shortened journeys for workers and let their families take part."},
        "kind": "service", "primary_objectives": [3, 6], "related_objectives": [5, 14],
        "principles": [{"code": "people-centred", "how": {"en": "Sessions run on market days, when people come to town anyway."}},
                       {"code": "gender-responsive", "how": {"en": "Evening sessions doubled attendance by women."}}],
        "topics": ["labour"], "sdg_targets": ["10.7", "8.8"], "stages": ["origin"],
        "geographic_level": "national", "countries": ["NP"], "subregions": ["034"],
        "places": [{"name": "Lumbini", "lat": 27.5, "lon": 83.25}],
        "start": "2022-03", "end": "2024-06", "completion": "full",
        "main_implementer": "District Labour Offices Network", "implementer_kind": "government-local",
        "partners": [{"org": "Migrant Workers’ Bureau", "role": "trained the staff"}],
        "donors": [{"name": "A development fund", "amount": 182_000, "currency": "USD"}],
        "target_groups": [{"code": "migrant-workers", "number": 12_400}],
        "context": {"en": "Anyone leaving for work abroad had to attend an orientation in the capital. For people in the hill districts this meant two days of travel, a night’s stay and lost wages. Many paid an agent to attend for them and left without knowing their rights or whom to call.\n\nFamilies, who would manage the money sent home and deal with emergencies, were not invited at all."},
        "aims": {"en": "Let every departing worker hear, in their own district and language, what the contract says and whom to call."},
        "activities": {"en": "Two existing staff members in each district labour office were trained for nine days and given a printed guide, a phone line to the capital and a small travel budget.\n\n- Contracts are read aloud and checked against the approved copy.\n- Relatives receive a one-page card with emergency numbers and fees.\n- A call is made three months after departure."},
        "results": {"en": "In the second year 58 per cent of departing workers attended in person, up from 23 per cent."},
        "indicators": [{"name": {"en": "Attended in person"}, "baseline": 23, "value": 61, "unit": "per cent", "date": "2024", "source": "Attendance registers"}],
        "evidence": "independent-study",
        "challenges": [{"text": {"en": "Day sessions missed women with care duties."}, "overcome": {"en": "Sessions moved to the evening."}}],
        "lessons": {"en": "Start with evening sessions. Day sessions missed women with care duties."},
        "recommendations": {"en": "You need an office people already visit, two people who will stay for two years, and one person in the capital who answers the phone."},
        "risks": {"en": "A register of who leaves can be misused. Names are kept on paper and destroyed after a year."},
        "resources": [{"title": "Session guide, 24 pages", "url": "https://example.org/guide.pdf", "lang": "en", "type": "report"}],
        "attachments": [],
        "contact": "through the Hub", "original_language": "en",
        "visibility": "public", "basis": "own", "licence": "CC-BY-4.0"
    });
    first["attachments"] = json!([{"name": "household-survey.pdf", "media_type": "application/pdf", "bytes": 25, "hash": "91c27f3ae0445d1891c27f3ae0445d1891c27f3ae0445d1891c27f3ae0445d18"}, {"name": "interviews.pdf", "media_type": "application/pdf", "bytes": 6_200_000, "hash": "00c27f3ae0445d1891c27f3ae0445d1891c27f3ae0445d1891c27f3ae0445d18"}, {"name": "counter.png", "media_type": "image/png", "bytes": 25, "hash": "77c27f3ae0445d1891c27f3ae0445d1891c27f3ae0445d1891c27f3ae0445d18", "alt": {"en": "The counter <of> the desk"}}]);
    let mut second = first.clone();
    second["results"]["en"] = json!(
        "In the second year 61 per cent of departing workers in the 14 districts attended in person, up from 23 per cent. Complaints about contracts that differed from what was promised were filed earlier, and more were settled before travel."
    );
    let mut third = second.clone();
    third["lessons"]["en"] = json!(
        "Start with evening sessions. Day sessions missed women with care duties, and attendance by women doubled once hours moved."
    );
    third["countries"] = json!(["NP"]);
    sample(
        1,
        "Example Labour Institute",
        Some("Sunita Maharjan"),
        &[
            (first, "First published.", 190),
            (second, "Added second-year results.", 70),
            (third, "Added what was learned about hours.", 2),
        ],
    )
}

fn births() -> Sample {
    sample(
        2,
        "Civil Registry Service",
        Some("Aïchatou Moussa"),
        &[(
            json!({
                "title": {"fr": "Équipes mobiles d’enregistrement le long des couloirs de transhumance",
                          "en": "Mobile teams that register births and identity papers along pastoral routes"},
                "summary": {"en": "Two-person teams with a solar kit reach seasonal camps on a published calendar, and records are checked the same week.",
                            "fr": "Des équipes de deux personnes, avec un kit solaire, rejoignent les campements."},
                "kind": "service", "primary_objectives": [4, 15], "countries": ["NE"],
                "start": "2021", "end": "2025", "main_implementer": "Civil Registry Service",
                "activities": {"fr": "Les équipes suivent un calendrier publié."},
                "original_language": "fr", "basis": "own", "licence": "CC-BY-4.0"
            }),
            "First published.",
            5,
        )],
    )
}

fn children() -> Sample {
    sample(
        3,
        "Child Protection Round Table",
        Some("Rocío Vargas"),
        &[(
            json!({
                "title": {"en": "A shared case conference for children travelling alone"},
                "summary": {"en": "Four agencies in two countries meet by phone every Tuesday, with one agreed form and one named lead per child."},
                "kind": "coordination", "primary_objectives": [7, 12, 23], "countries": ["CR", "NI"],
                "start": "2023", "ongoing": true, "main_implementer": "Child Protection Round Table",
                "original_language": "en", "basis": "own", "licence": "CC-BY-4.0"
            }),
            "First published.",
            9,
        )],
    )
}

fn carers() -> Sample {
    sample(
        4,
        "Skills Recognition Centre",
        None,
        &[(
            json!({
                "title": {"en": "Practical skills assessment for returning care workers"},
                "summary": {"en": "Short work-based assessments let experienced carers prove what they can do without repeating a course."},
                "kind": "programme", "primary_objectives": [18, 21], "countries": ["PH"],
                "start": "2020", "end": "2024", "main_implementer": "Skills Recognition Centre",
                "original_language": "en", "basis": "own", "licence": "CC-BY-4.0"
            }),
            "First published.",
            20,
        )],
    )
}

fn guides() -> Sample {
    sample(
        5,
        "هيئة الاندماج",
        Some("ليلى حداد"),
        &[(
            json!({
                "title": {"ar": "أدلة ترحيب يكتبها السكان وتتحقق منها المدينة"},
                "summary": {"ar": "تكتب مجموعات الأحياء أدلة قصيرة بلغاتها، وتتحقق المدينة من الوقائع مرتين في السنة."},
                "kind": "tool", "primary_objectives": [15, 16], "countries": ["JO"],
                "start": "2022", "end": "2025", "main_implementer": "مكتب الاندماج البلدي",
                "activities": {"ar": "يكتب السكان، وتراجع المدينة."},
                "original_language": "ar", "basis": "own", "licence": "CC-BY-4.0"
            }),
            "النشر الأول",
            33,
        )],
    )
}

fn portal() -> Sample {
    sample(
        6,
        "Example Labour Institute",
        Some("Sunita Maharjan"),
        &[(
            json!({
                "title": {"es": "Portal de información sobre migración"},
                "kind": "tool", "primary_objectives": [3], "original_language": "es",
                "basis": {"listed": {"url": "https://example.org/repository", "seen_on": "2026-01", "note": "title condensed from a public listing"}},
                "licence": "CC-BY-4.0"
            }),
            "Listed.",
            40,
        )],
    )
}

fn hotline() -> Sample {
    sample(
        7,
        "Riverside Hotline",
        Some("Jo Doe"),
        &[(
            json!({
                "title": {"en": "A hotline that nobody can vouch for"},
                "summary": {"en": "This text was signed with a key that had been revoked."},
                "kind": "service", "primary_objectives": [7], "original_language": "en",
                "basis": "own", "licence": "CC-BY-4.0"
            }),
            "First published.",
            60,
        )],
    )
}
