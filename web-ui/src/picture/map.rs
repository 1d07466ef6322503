//! The world as dots: land in rows of small dots, countries as circles by how
//! many practices they have. No border is drawn, so none is taken sides on.
//!
//! The projection is Equal Earth (Šavrič, Patterson and Jenny, 2018), which
//! shows areas in proportion. The land path was made from Natural Earth
//! (public domain).

use crate::service::Count;

/// The land, as an SVG path whose strokes are dotted; view box 0 18 722 318.
pub const LAND: &str = include_str!("land.txt");
const CENTROIDS: &str = include_str!("centroids.txt");

/// The view's centre and units per radian of the projection.
const CENTRE: (f64, f64) = (361.0, 200.6);
const SCALE: f64 = 132.3;

/// A country's circle.
pub struct Dot {
    /// Its code.
    pub code: String,
    /// Place and radius in the view box.
    pub x: i64,
    /// From above.
    pub y: i64,
    /// Half the width.
    pub radius: i64,
}

/// A circle for each country that has a place, larger ones first so that
/// small ones stay on top. The area tells the number.
#[must_use]
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // small pictures
pub fn dots(counts: &[Count]) -> Vec<Dot> {
    let most = counts.iter().map(|count| count.count).max().unwrap_or(0).max(1) as f64;
    let mut dots: Vec<_> = counts
        .iter()
        .filter_map(|count| {
            let (x, y) = project(place(&count.choice.code)?);
            Some(Dot {
                code: count.choice.code.clone(),
                x: x.round() as i64,
                y: y.round() as i64,
                radius: (3.0 + 6.0 * (count.count as f64 / most).sqrt()).round() as i64,
            })
        })
        .collect();
    dots.sort_by_key(|dot| (std::cmp::Reverse(dot.radius), dot.code.clone()));
    dots
}

/// Latitude and longitude of a country in degrees.
fn place(code: &str) -> Option<(f64, f64)> {
    CENTROIDS.lines().find_map(|line| {
        let mut parts = line.split(' ');
        (parts.next() == Some(code))
            .then(|| Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?)))?
    })
}

fn project((latitude, longitude): (f64, f64)) -> (f64, f64) {
    const A: [f64; 4] = [1.340_264, -0.081_106, 0.000_893, 0.003_796];
    let root = 3_f64.sqrt();
    let t = (root / 2.0 * latitude.to_radians().sin()).asin();
    let slope = 9.0 * A[3] * t.powi(8) + 7.0 * A[2] * t.powi(6) + 3.0 * A[1] * t.powi(2) + A[0];
    let x = 2.0 * root * longitude.to_radians() * t.cos() / (3.0 * slope);
    let y = A[3] * t.powi(9) + A[2] * t.powi(7) + A[1] * t.powi(3) + A[0] * t;
    (CENTRE.0 + SCALE * x, CENTRE.1 - SCALE * y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Choice;

    fn count(code: &str, count: u64) -> Count {
        Count { choice: Choice { code: code.into(), label: code.into() }, count }
    }

    #[test]
    fn every_listed_country_has_a_place_inside_the_picture() {
        let countries: Vec<_> = CENTROIDS.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(countries.len() > 240);
        let counts: Vec<_> = countries.iter().map(|line| count(&line[..2], 1)).collect();
        let dots = dots(&counts);
        assert_eq!(dots.len(), countries.len());
        for dot in dots {
            let inside = (3..=719).contains(&dot.x);
            assert!(inside && (18..=336).contains(&dot.y), "{} at {}", dot.code, dot.x);
        }
    }

    #[test]
    fn nepal_lies_north_east_of_kenya_and_the_larger_number_has_the_larger_dot() {
        let dots = dots(&[count("NP", 4), count("KE", 100), count("??", 7)]);
        assert_eq!(dots.len(), 2);
        assert_eq!(dots[0].code, "KE");
        assert!(dots[0].radius > dots[1].radius);
        assert!(dots[1].x > dots[0].x && dots[1].y < dots[0].y);
    }
}
