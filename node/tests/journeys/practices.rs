//! Practices to write.

use std::fmt::Write;

use serde_json::{Value, json};

/// A practice file that can be published.
pub fn practice(title: &str) -> Value {
    json!({
        "title": title,
        "summary": format!("How it began, whom it reached and what it cost: {title}."),
        "kind": "service",
        "primary_objectives": [4],
        "countries": ["NE", "TD"],
        "main_implementer": "Ministry of Arrivals",
        "lessons": { "fr": "Il faut des équipes mobiles.", "en": "Mobile teams are needed." },
    })
}

/// The title of a row of [`rows`].
pub fn row_title(number: usize) -> String {
    format!("Registering births in district {number}")
}

/// So many practices that differ, as JSON Lines.
pub fn rows(count: usize) -> String {
    (1..=count).fold(String::new(), |mut lines, number| {
        writeln!(lines, "{}", practice(&row_title(number))).expect("a string takes everything");
        lines
    })
}
