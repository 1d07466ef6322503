//! What two sequences have in common.
//!
//! Myers, *An O(ND) difference algorithm and its variations* (1986), the
//! greedy form, given up beyond a number of differences: then only what both
//! begin and end with is common, and the work stays bounded.

/// Beyond this many entries that go or come, sequences are not compared.
const DIFFERENCES_MAX: usize = 1_000;

/// The places of a longest common subsequence in both, ascending.
pub(super) fn common<T: PartialEq>(old: &[T], new: &[T]) -> Vec<(usize, usize)> {
    let same = |(a, b): &(&T, &T)| a == b;
    let start = old.iter().zip(new).take_while(same).count();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let end = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(same).count();
    let (a, b) = (&old_rest[..old_rest.len() - end], &new_rest[..new_rest.len() - end]);
    let begin = (0..start).map(|at| (at, at));
    let middle = middle(a, b).into_iter().map(|(i, j)| (start + i, start + j));
    let finish = (0..end).map(|at| (start + a.len() + at, start + b.len() + at));
    begin.chain(middle).chain(finish).collect()
}

fn middle<T: PartialEq>(a: &[T], b: &[T]) -> Vec<(usize, usize)> {
    // For each number of differences, how far one comes in `a` on each
    // diagonal; diagonal k is at place k + d of d's row.
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for d in 0..=(a.len() + b.len()).min(DIFFERENCES_MAX) {
        let mut row = vec![0; 2 * d + 1];
        for place in (0..=2 * d).step_by(2) {
            let mut x = reach(rows.last(), place, d);
            let Some(mut y) = (x + d).checked_sub(place) else { continue };
            while x < a.len() && y < b.len() && a[x] == b[y] {
                (x, y) = (x + 1, y + 1);
            }
            row[place] = x;
            if x >= a.len() && y >= b.len() {
                rows.push(row);
                return trace(&rows, a.len(), b.len());
            }
        }
        rows.push(row);
    }
    Vec::new()
}

/// How far one comes on a diagonal with one more difference: from the diagonal
/// above (an entry of `b` comes) or below (an entry of `a` goes).
fn reach(before: Option<&Vec<usize>>, place: usize, d: usize) -> usize {
    let Some(row) = before else { return 0 };
    // In the row before, diagonal k - 1 is at place - 2 and k + 1 at place.
    let goes = place.checked_sub(2).map(|at| row[at] + 1);
    let comes = row.get(place).copied();
    match (goes, comes) {
        (Some(goes), Some(comes)) => goes.max(comes),
        (goes, comes) => goes.or(comes).unwrap_or(d),
    }
}

/// Walks back from the end to the beginning, and notes the common entries.
fn trace(rows: &[Vec<usize>], mut x: usize, mut y: usize) -> Vec<(usize, usize)> {
    let mut common = Vec::new();
    for d in (0..rows.len()).rev() {
        let place = x + d - y;
        let before = d.checked_sub(1).map(|at| &rows[at]);
        let start = reach(before, place, d);
        while x > start {
            (x, y) = (x - 1, y - 1);
            common.push((x, y));
        }
        if let Some(row) = before {
            let goes = place.checked_sub(2).map(|at| row[at] + 1);
            if goes == Some(x)
                && row.get(place).is_none_or(|comes| *comes <= x && goes >= Some(*comes))
            {
                x -= 1;
            } else {
                y -= 1;
            }
        }
    }
    common.reverse();
    common
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn longest(a: &[u8], b: &[u8]) -> usize {
        match (a, b) {
            ([x, a @ ..], [y, b @ ..]) if x == y => 1 + longest(a, b),
            ([_, a_rest @ ..], [_, b_rest @ ..]) => longest(a_rest, b).max(longest(a, b_rest)),
            _ => 0,
        }
    }

    proptest! {
        #[test]
        fn what_is_common_is_equal_in_order_and_as_long_as_can_be(
            a in "[a-c]{0,9}", b in "[a-c]{0,9}",
        ) {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            let common = common(a, b);
            prop_assert!(common.iter().all(|&(i, j)| a[i] == b[j]));
            prop_assert!(common.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 < two[1].1));
            prop_assert_eq!(common.len(), longest(a, b));
        }
    }

    #[test]
    fn sequences_that_differ_everywhere_keep_what_they_begin_and_end_with() {
        let a: Vec<u32> = (0..4_000).collect();
        let mut b: Vec<u32> = (10_000..14_000).collect();
        (b[0], b[3_999]) = (0, 3_999);
        assert_eq!(common(&a, &b), [(0, 0), (3_999, 3_999)]);
    }
}
