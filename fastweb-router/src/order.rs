//! How two patterns stand to each other: the first place in which they differ decides which goes first.

use crate::segment::{Segment, SegmentRelation};

/// How two patterns stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    /// They match the same paths, in the same way.
    Same,
    /// Some path may match both, and neither goes first.
    Conflict,
    /// The first one goes first, and matches all that the second one matches.
    Hides,
    /// The second one does.
    Hidden,
    /// No path matches both, or it is clear which one goes first, and something is left for the other.
    Apart,
}

/// How `a` and `b` stand to each other. Neither the order in which they were registered nor a third pattern matters.
pub(crate) fn relation(a: &[Segment], b: &[Segment]) -> Relation {
    let mut decided = SegmentRelation::Same;
    let mut ended = false;
    let (a_len, b_len) = (a.len(), b.len());
    for (at, (a, b)) in a.iter().zip(b).enumerate() {
        let relation = a.taking(b_len > at + 1).relation(&b.taking(a_len > at + 1));
        if relation == SegmentRelation::Disjoint {
            return Relation::Apart;
        }
        if decided == SegmentRelation::Same {
            decided = relation;
        }
        // Whatever stands in the places behind it, it takes that.
        if matches!(a, Segment::CatchAll { .. }) || matches!(b, Segment::CatchAll { .. }) {
            ended = true;
            break;
        }
    }
    if !ended && a.len() != b.len() {
        return Relation::Apart;
    }
    match decided {
        SegmentRelation::Same => Relation::Same,
        SegmentRelation::Unclear => Relation::Conflict,
        SegmentRelation::Before if covers(a, b) => Relation::Hides,
        SegmentRelation::After if covers(b, a) => Relation::Hidden,
        _ => Relation::Apart,
    }
}

/// Whether `wide` matches all that `narrow` matches.
fn covers(wide: &[Segment], narrow: &[Segment]) -> bool {
    for (at, (w, n)) in wide.iter().zip(narrow).enumerate() {
        if let Segment::CatchAll { head, empty } = w {
            let more = narrow.len() > at + 1
                || match n {
                    Segment::CatchAll { head: of_n, empty } => of_n.len() > head.len() || !empty,
                    Segment::Text(text) => text.len() > head.len(),
                    Segment::Params { .. } => true,
                };
            return n.head().starts_with(&**head) && (*empty || more);
        }
        if !w.covers(n) {
            return false;
        }
    }
    wide.len() == narrow.len()
}
