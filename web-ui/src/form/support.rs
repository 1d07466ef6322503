//! The forms of asking and being asked as tables: a request, an expert card.
//!
//! What a person decides later, on seeing who could help, is not here: to whom
//! it is sent and who is awarded. Nor is what the node fills in by itself: the
//! organisation.

use super::schema::{Cell, Group, Kind, asked, col, free};

/// The form of a request.
pub(super) const ASK_GROUPS: &[Group] = &[
    Group {
        key: "ask-need",
        fields: &[
            asked("title", Kind::Word),
            asked("need", Kind::Passage),
            asked("desired_result", Kind::Passage),
            free("background", Kind::Passage),
            free("language", Kind::One(|v| &v.languages)),
        ],
    },
    Group {
        key: "ask-about",
        fields: &[
            asked("objectives", Kind::Numbers(|v| &v.objectives)),
            asked("support_types", Kind::Many(|v| &v.support_types)),
            asked("country", Kind::One(|v| &v.countries)),
            free("topics", Kind::Many(|v| &v.topics)),
        ],
    },
    Group {
        key: "ask-how",
        fields: &[
            asked("languages_out", Kind::Many(|v| &v.languages)),
            asked("needed_by", Kind::Date),
            free("languages_in", Kind::Many(|v| &v.languages)),
            free("urgency", Kind::One(|v| &v.urgencies)),
            free("modality", Kind::One(|v| &v.modalities)),
            free("duration", Kind::Word),
            free(
                "budget",
                Kind::Row(&[col("funding", Cell::One(|v| &v.budgets)), col("note", Cell::Word)]),
            ),
            free("tried", Kind::Lines),
        ],
    },
    Group {
        key: "ask-terms",
        fields: &[
            free("endorsement", Kind::Row(&[col("required", Cell::Flag), col("by", Cell::Word)])),
            free("reuse_consent", Kind::Flag),
        ],
    },
];

/// The form of an expert card.
pub(super) const CARD_GROUPS: &[Group] = &[
    Group {
        key: "card-what",
        fields: &[
            asked("objectives", Kind::Numbers(|v| &v.objectives)),
            asked("support_types", Kind::Many(|v| &v.support_types)),
            free("name", Kind::Word),
            free("topics", Kind::Many(|v| &v.topics)),
        ],
    },
    Group {
        key: "card-where",
        fields: &[
            asked(
                "languages",
                Kind::Rows(&[
                    col("tag", Cell::One(|v| &v.languages)),
                    col("can", Cell::One(|v| &v.abilities)),
                ]),
            ),
            free("country_experience", Kind::Many(|v| &v.countries)),
        ],
    },
    Group {
        key: "card-when",
        fields: &[
            free("hours", Kind::Numeral),
            free("availability", Kind::Rows(&[col("from", Cell::Date), col("until", Cell::Date)])),
            free("years", Kind::One(|v| &v.years)),
            free("modality", Kind::One(|v| &v.modalities)),
            free("cost", Kind::One(|v| &v.costs)),
        ],
    },
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::form::file::{gather, spread};
    use crate::form::schema::{ASK, CARD};
    use crate::service::{Ask, Card};
    use crate::words::Catalogue;

    #[test]
    fn what_was_typed_of_a_request_and_of_a_card_comes_back_as_it_was() {
        let catalogue = Catalogue::new(false);
        let words = catalogue.choose(["en"]);
        let ask: Ask = serde_json::from_value(json!({
            "mode": "routed", "language": "fr", "title": "Guichet unique", "country": "TD",
            "organisation": "Ministry of Labour", "support_types": ["expert-advice"],
            "objectives": [21, 3], "need": "Un texte.\n\nEncore un.", "desired_result": "Un plan.",
            "background": "Contexte.", "tried": ["tern1p1", "tern1p2"], "languages_in": ["fr"],
            "languages_out": ["fr", "en"], "needed_by": "2027-01-31", "urgency": "soon",
            "duration": "3 weeks", "modality": "remote", "budget": {"funding": "no"}, "topics": ["data"], "experts": ["tern1c1"],
            "endorsement": {"required": true, "by": "The cabinet"}, "confidentiality": "matched",
            "stub": ["country"], "reuse_consent": true, "award": "manual"
        }))
        .expect("a request file");
        assert_eq!(gather(&ASK, &spread(&ASK, &ask, "en"), "en", &ask, words), Ok(ask));
        let card: Card = serde_json::from_value(json!({
            "name": "A registrar", "objectives": [4], "topics": ["data"],
            "languages": [{"tag": "fr", "can": "work"}], "country_experience": ["NE", "TD"],
            "support_types": ["question"], "years": "10", "modality": "both", "hours": 8,
            "availability": [{"from": "2027-01-01", "until": "2027-02-01"}], "cost": "free"
        }))
        .expect("a card file");
        assert_eq!(gather(&CARD, &spread(&CARD, &card, "en"), "en", &card, words), Ok(card));
    }

    #[test]
    fn a_form_asks_for_every_key_of_its_file_that_a_person_fills_in() {
        let asked = |keys: &str, book: &super::super::schema::Book| {
            let mut file: Vec<_> = keys.split(' ').collect();
            let mut form: Vec<_> = book.fields().map(|field| field.key).collect();
            file.sort_unstable();
            form.sort_unstable();
            assert_eq!(form, file);
        };
        asked(
            "title country support_types objectives need background desired_result tried \
             languages_in languages_out needed_by urgency duration modality budget endorsement \
             reuse_consent language topics",
            &ASK,
        );
        asked(
            "name objectives topics languages country_experience support_types years modality \
             hours availability cost",
            &CARD,
        );
    }
}
