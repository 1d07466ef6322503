//! How many letters came within which time, drawn.

use std::fmt::Write;

use super::HOUR;
use super::report::Delays;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
/// Room for the axes: left, top, right, bottom.
const ROOM: [f64; 4] = [56.0, 24.0, 150.0, 48.0];
/// Colours that people who see few of them tell apart (Okabe and Ito, 2008), in
/// the order of the ways.
const COLOURS: [&str; 4] = ["#0072b2", "#000000", "#e69f00", "#cc79a7"];
/// Delays at which a line stands, in hours.
const LINES: [f64; 7] = [0.1, 1.0, 6.0, 24.0, 72.0, 168.0, 720.0];

/// Where a delay stands: hours, by their logarithm from a tenth of an hour on.
fn across(hours: f64) -> f64 {
    let part = (hours.max(0.1) / 0.1).ln() / (720.0_f64 / 0.1).ln();
    ROOM[0] + part * (WIDTH - ROOM[0] - ROOM[2])
}

fn up(part: f64) -> f64 {
    HEIGHT - ROOM[3] - part * (HEIGHT - ROOM[1] - ROOM[3])
}

/// A curve for each way: the part of `could` letters that came within a delay.
pub(super) fn draw(ways: &[Delays], could: usize) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n<title>Letters that arrived, by delay</title>\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n"
    );
    for hours in LINES {
        let x = across(hours);
        let name = if hours < 24.0 { format!("{hours} h") } else { format!("{} d", hours / 24.0) };
        // Writing into a String cannot fail.
        let _ = writeln!(
            svg,
            "<path d=\"M{x:.1} {:.1}V{:.1}\" stroke=\"#ddd\"/><text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{name}</text>",
            up(0.0),
            up(1.0),
            up(0.0) + 18.0
        );
    }
    for part in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let y = up(part);
        let _ = writeln!(
            svg,
            "<path d=\"M{:.1} {y:.1}H{:.1}\" stroke=\"#ddd\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{:.0} %</text>",
            across(0.1),
            across(720.0),
            across(0.1) - 6.0,
            y + 4.0,
            part * 100.0
        );
    }
    for (number, (way, colour)) in ways.iter().zip(COLOURS).enumerate() {
        let mut path = format!("M{:.1} {:.1}", across(0.1), up(0.0));
        for (count, delay) in way.all.iter().enumerate() {
            let part = (count + 1) as f64 / could.max(1) as f64;
            let _ = write!(path, "H{:.1}V{:.1}", across(*delay as f64 / HOUR as f64), up(part));
        }
        let _ = write!(path, "H{:.1}", across(720.0));
        let y = up(1.0) + 20.0 * number as f64 + 8.0;
        let dashes = if number == 1 { " stroke-dasharray=\"5 3\"" } else { "" };
        let _ = writeln!(
            svg,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dashes}/><path d=\"M{:.1} {y:.1}h24\" stroke=\"{colour}\" stroke-width=\"2\"{dashes}/><text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            across(720.0) + 12.0,
            across(720.0) + 42.0,
            y + 4.0,
            way.name
        );
    }
    svg.push_str("</svg>\n");
    svg
}
