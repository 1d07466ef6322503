//! A QR code as an image in the page, or as characters on a terminal: for what a
//! telephone is held before.

use qrcode::render::{svg, unicode};
use qrcode::{EcLevel, QrCode};

/// The code of a text as SVG, dark on white whatever the colours of the page;
/// `None` for a text that no code holds. A text that reads the same in capital
/// letters, as ids and invitations do, makes a smaller code in them.
pub fn of_text(text: &str, any_case: bool) -> Option<String> {
    let code = code(text, any_case)?;
    let image = code
        .render::<svg::Color<'_>>()
        .min_dimensions(240, 240)
        .dark_color(svg::Color("#000"))
        .light_color(svg::Color("#fff"))
        .build();
    // The declaration belongs to files, not to pages.
    let begins = image.find("<svg")?;
    Some(image[begins..].to_owned())
}

fn code(text: &str, any_case: bool) -> Option<QrCode> {
    let text = if any_case { text.to_ascii_uppercase() } else { text.to_owned() };
    QrCode::with_error_correction_level(text.as_bytes(), EcLevel::L).ok()
}

/// The code of a text that reads the same in capital letters, in characters of which
/// each is two of its squares: light as the terminal writes, dark as it is.
pub fn terminal_code(text: &str) -> Option<String> {
    let code = code(text, true)?;
    let light_on_dark = code
        .render::<unicode::Dense1x2>()
        .dark_color(unicode::Dense1x2::Light)
        .light_color(unicode::Dense1x2::Dark)
        .build();
    Some(light_on_dark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_an_image_and_one_that_is_too_long_none() {
        let image = of_text("tern1jqxnqqkpqqyqszqgpqyqszqgpq", true).expect("it fits");
        assert!(image.starts_with("<svg") && image.trim_end().ends_with("</svg>"));
        assert!(!image.contains("<script") && !image.contains("style="));
        let small = of_text(&"a1".repeat(200), true).map(|image| image.len());
        assert!(small < of_text(&"a1".repeat(200), false).map(|image| image.len()));
        assert_eq!(of_text(&"long ".repeat(2_000), false), None);
        let shown = terminal_code(&"a1".repeat(480)).expect("it fits");
        let widths: Vec<usize> = shown.lines().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == widths[0] && *width <= 110), "{widths:?}");
    }
}
