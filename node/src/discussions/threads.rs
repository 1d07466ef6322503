//! The order in which posts are read: by question, each followed by the answers
//! to it, and those by their own.

use std::collections::{BTreeMap, BTreeSet};

use tern_crdt::discussion::Answers;
use tern_crdt::discussion::fold::Said;
use tern_crdt::identity::RecordId;

/// A post in its place.
#[derive(Clone, Copy, Debug)]
pub struct Placed<'a> {
    /// The post.
    pub said: &'a Said,
    /// The question under which it stands, from 1; 0 is none.
    pub question: usize,
    /// How many posts it stands below.
    pub depth: usize,
}

/// All posts in the order in which they are read. One that answers something that
/// is gone stands by itself.
pub fn placed(posts: &[Said]) -> Vec<Placed<'_>> {
    let ids: BTreeSet<RecordId> = posts.iter().map(|said| said.id).collect();
    let here = |id: &RecordId| ids.contains(id);
    let mut below: BTreeMap<RecordId, Vec<&Said>> = BTreeMap::new();
    let mut roots: Vec<(usize, &Said)> = Vec::new();
    for said in posts {
        match said.answers {
            Answers::Post(post) if here(&post) => below.entry(post).or_default().push(said),
            Answers::Question(number) => roots.push((usize::from(number) + 1, said)),
            Answers::Post(_) | Answers::Discussion => roots.push((0, said)),
        }
    }
    // Under their questions first, then what answers none.
    roots.sort_by_key(|(question, _)| if *question == 0 { usize::MAX } else { *question });
    let mut placed = Vec::with_capacity(posts.len());
    let mut stack: Vec<Placed<'_>> = Vec::new();
    for (question, said) in roots {
        stack.push(Placed { said, question, depth: 0 });
        while let Some(one) = stack.pop() {
            placed.push(one);
            let answers = below.get(&one.said.id).into_iter().flatten().rev();
            stack.extend(answers.map(|said| Placed { said, depth: one.depth + 1, ..one }));
        }
    }
    placed
}
