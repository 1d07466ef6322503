//! The strip of objectives: how many practices serve each one.

use crate::service::Count;

/// One bar, in a box 40 wide and 100 high.
pub struct Bar {
    /// The objective's number.
    pub code: String,
    /// Its label.
    pub label: String,
    /// Practices that serve it.
    pub count: u64,
    /// Where the bar begins from above, 0 to 98.
    pub top: u64,
    /// How high it is, 2 to 100.
    pub height: u64,
    /// Whether there is little experience here.
    pub low: bool,
}

/// Bars for all objectives, the highest filling its box. A bar is low below a
/// quarter of the mean; nothing is low while there is nothing at all.
#[must_use]
pub fn bars(counts: &[Count]) -> Vec<Bar> {
    let most = counts.iter().map(|count| count.count).max().unwrap_or(0).max(1);
    let sum: u64 = counts.iter().map(|count| count.count).sum();
    counts
        .iter()
        .map(|count| {
            let height = (count.count * 100 / most).max(2);
            Bar {
                code: count.choice.code.clone(),
                label: count.choice.label.clone(),
                count: count.count,
                top: 100 - height,
                height,
                low: sum > 0 && count.count * 4 * counts.len() as u64 <= sum,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Choice;

    fn counts(of: &[u64]) -> Vec<Count> {
        of.iter().map(|count| Count { choice: Choice::default(), count: *count }).collect()
    }

    #[test]
    fn the_highest_bar_fills_its_box_and_gaps_stand_out() {
        let bars = bars(&counts(&[100, 50, 0, 9]));
        assert_eq!(bars.iter().map(|bar| bar.height).collect::<Vec<_>>(), [100, 50, 2, 9]);
        assert_eq!(bars.iter().map(|bar| bar.low).collect::<Vec<_>>(), [false, false, true, true]);
    }

    #[test]
    fn an_empty_library_has_no_gaps_yet() {
        assert!(bars(&counts(&[0; 23])).iter().all(|bar| !bar.low && bar.height == 2));
    }
}
