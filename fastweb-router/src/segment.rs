//! A segment of a pattern: what it takes, and how it stands to another one.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::ParamType;
use crate::types::TypeRelation;

/// What stands between two slashes of a pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Segment {
    Text(String),
    /// `head{p}behind{p}behind`: one parameter at least, and text between any two.
    Params {
        head: String,
        parts: Vec<Part>,
    },
    /// `head{*p}`, the last segment.
    CatchAll {
        head: String,
        empty: bool,
    },
}

/// A parameter and the text behind it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Part {
    pub(crate) ty: Option<ParamType>,
    pub(crate) behind: String,
}

/// How two segments stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SegmentRelation {
    Same,
    /// The first one goes first: it is the more specific, or they have no text in common and it does not matter.
    Before,
    After,
    /// No text matches both.
    Disjoint,
    /// Some text may match both, and neither is the more specific.
    Unclear,
}

/// Dates and UUIDs have text of their own, dashes in known places; so a parameter of theirs may be covered by text that goes
/// before it. The digits of the samples have nothing in common, so what takes all of them has no digit in its text.
const DATES: &[&str] = &["0000-01-01", "9999-12-31", "2468-10-20", "1357-06-15", "8642-09-07"];
const UUIDS: &[&str] = &[
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
    "12345678-9abc-def0-1234-56789abcdef0",
];
const BOOLS: &[&str] = &["true", "false"];

impl Segment {
    /// The text before the first parameter.
    pub(crate) fn head(&self) -> &str {
        let (Self::Text(head) | Self::Params { head, .. } | Self::CatchAll { head, .. }) = self;
        head
    }

    /// `{p}`, without a type.
    pub(crate) fn is_param(&self) -> bool {
        self.whole() && matches!(self, Self::Params { parts, .. } if parts[0].ty.is_none())
    }

    /// The type of `{p:type}`.
    pub(crate) fn whole_type(&self) -> Option<ParamType> {
        match self {
            Self::Params { parts, .. } if self.whole() => parts[0].ty,
            _ => None,
        }
    }

    /// `{p}`, of any type.
    fn whole(&self) -> bool {
        matches!(self, Self::Params { head, parts } if head.is_empty() && parts.len() == 1 && parts[0].behind.is_empty())
    }

    pub(crate) fn lower_case(&mut self) {
        let (Self::Text(head) | Self::Params { head, .. } | Self::CatchAll { head, .. }) = self;
        head.make_ascii_lowercase();
        if let Self::Params { parts, .. } = self {
            parts.iter_mut().for_each(|part| part.behind.make_ascii_lowercase());
        }
    }

    /// The order of the segments in one place: text; then the longer text before a parameter; then a parameter before a
    /// catch-all; then the more text between and behind; then the type.
    pub(crate) fn precedence(&self, other: &Self) -> Ordering {
        use Segment::{CatchAll, Params, Text};
        match (self, other) {
            (Text(_), Text(_)) => return Ordering::Equal,
            (Text(_), _) => return Ordering::Less,
            (_, Text(_)) => return Ordering::Greater,
            _ => {}
        }
        let heads = other.head().len().cmp(&self.head().len());
        heads.then_with(|| match (self, other) {
            (CatchAll { empty: a, .. }, CatchAll { empty: b, .. }) => a.cmp(b),
            (Params { .. }, CatchAll { .. }) => Ordering::Less,
            (CatchAll { .. }, Params { .. }) => Ordering::Greater,
            (Params { parts: a, .. }, Params { parts: b, .. }) => {
                let text = |parts: &[Part]| parts.iter().map(|part| part.behind.len()).sum::<usize>();
                let rank = |part: &Part| part.ty.map_or(u8::MAX, ParamType::rank);
                text(b)
                    .cmp(&text(a))
                    .then_with(|| b.len().cmp(&a.len()))
                    .then_with(|| a.iter().map(rank).cmp(b.iter().map(rank)))
            }
            (Text(_), _) | (_, Text(_)) => Ordering::Equal,
        })
    }

    /// How two segments of one place stand to each other. `Unclear` may be said where they are disjoint in truth, if that takes
    /// more than to look at their beginnings, ends and types.
    pub(crate) fn relation(&self, other: &Self) -> SegmentRelation {
        use SegmentRelation::{After, Before, Disjoint, Same, Unclear};
        if self == other {
            return Same;
        }
        match (self, other) {
            (Self::Text(_), Self::Text(_)) => return Disjoint,
            (Self::Text(text), pattern) | (pattern, Self::Text(text)) if !pattern.takes(text) => return Disjoint,
            (Self::Params { head, parts: a }, Self::Params { head: other_head, parts: b }) => {
                let ends = |parts: &[Part]| parts.last().map_or("", |part| &*part.behind).to_owned();
                let (a_end, b_end) = (ends(a), ends(b));
                if !(head.starts_with(&**other_head) || other_head.starts_with(&**head))
                    || !(a_end.ends_with(&*b_end) || b_end.ends_with(&*a_end))
                {
                    return Disjoint;
                }
                if head == other_head && a.iter().map(|part| &part.behind).eq(b.iter().map(|part| &part.behind)) {
                    return types(a, b);
                }
            }
            (a, b) if !(a.head().starts_with(b.head()) || b.head().starts_with(a.head())) => return Disjoint,
            _ => {}
        }
        match self.precedence(other) {
            Ordering::Less => Before,
            Ordering::Greater => After,
            Ordering::Equal => Unclear,
        }
    }

    /// What this is where another pattern has more segments behind its own: a catch-all takes those too, and the slash before them is not empty.
    pub(crate) fn taking(&self, more: bool) -> Cow<'_, Self> {
        match self {
            Self::CatchAll { head, empty: false } if more => {
                Cow::Owned(Self::CatchAll { head: head.clone(), empty: true })
            }
            _ => Cow::Borrowed(self),
        }
    }

    /// Texts of the type of a parameter that stands by itself: what matches all of them, matches all texts of the type.
    fn samples(&self) -> Option<&'static [&'static str]> {
        match self {
            Self::Params { parts, .. } if self.whole() => match parts[0].ty? {
                ParamType::Bool => Some(BOOLS),
                ParamType::Date => Some(DATES),
                ParamType::Uuid => Some(UUIDS),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it matches all that `other` matches.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            _ if self == other => true,
            (_, Self::Text(text)) => self.takes(text),
            (Self::Text(_), _) => false,
            (Self::CatchAll { .. }, _) | (_, Self::CatchAll { .. }) => false,
            (Self::Params { head, parts: a }, Self::Params { head: other_head, parts: b }) => {
                let same_texts =
                    head == other_head && a.iter().map(|part| &part.behind).eq(b.iter().map(|part| &part.behind));
                if same_texts
                    && a.iter()
                        .zip(b)
                        .all(|(a, b)| matches!(relation(a.ty, b.ty), TypeRelation::Same | TypeRelation::Wider))
                {
                    return true;
                }
                if self.whole() && a[0].ty.is_none() {
                    return true;
                }
                other.samples().is_some_and(|samples| samples.iter().all(|text| self.takes(text)))
            }
        }
    }

    /// Whether it matches this one segment, escapes undone: the slow way, for patterns among themselves.
    fn takes(&self, text: &str) -> bool {
        match self {
            Self::Text(own) => own == text,
            Self::CatchAll { head, empty } => text.strip_prefix(&**head).is_some_and(|rest| *empty || !rest.is_empty()),
            Self::Params { head, parts } => {
                let parts = parts.iter().map(|part| (part.ty, part.behind.as_bytes()));
                text.strip_prefix(&**head).is_some_and(|rest| {
                    let rest = rest.as_bytes();
                    split(rest, parts, |ty, range| ty.is_none_or(|ty| ty.accepts_bytes(&rest[range])))
                })
            }
        }
    }
}

fn relation(a: Option<ParamType>, b: Option<ParamType>) -> TypeRelation {
    match (a, b) {
        (Some(a), Some(b)) => a.relation(b),
        (Some(_), None) => TypeRelation::Narrower,
        (None, Some(_)) => TypeRelation::Wider,
        (None, None) => TypeRelation::Same,
    }
}

/// Parameters with the same texts around them: the first whose types differ decide, unless some types have nothing in common.
fn types(a: &[Part], b: &[Part]) -> SegmentRelation {
    let mut decided = SegmentRelation::Same;
    for relation in a.iter().zip(b).map(|(a, b)| relation(a.ty, b.ty)) {
        match (relation, decided) {
            (TypeRelation::Disjoint, _) => return SegmentRelation::Disjoint,
            (TypeRelation::Narrower, SegmentRelation::Same) => decided = SegmentRelation::Before,
            (TypeRelation::Wider, SegmentRelation::Same) => decided = SegmentRelation::After,
            (TypeRelation::Overlap, SegmentRelation::Same) => decided = SegmentRelation::Unclear,
            _ => {}
        }
    }
    decided
}

/// Gives the parts what they take of `text`, which begins behind the text before the first: each the shortest that is not
/// empty and stands before the text that follows, the last one the rest. `taken` is told each range and may refuse it.
///
/// That text is looked for once and not again: a text that a later part has no use for is not given back. For text alone that
/// finds a way wherever there is one; a type is asked afterwards. So the time is the length of `text` times that of the
/// longest part's text.
#[inline]
pub(crate) fn split<'t>(
    text: &[u8],
    parts: impl ExactSizeIterator<Item = (Option<ParamType>, &'t [u8])> + DoubleEndedIterator,
    mut taken: impl FnMut(Option<ParamType>, std::ops::Range<usize>) -> bool,
) -> bool {
    let mut parts = parts;
    let Some((last_type, end)) = parts.next_back() else { return false };
    let Some(inner) = text.strip_suffix(end) else { return false };
    let mut at = 0;
    for (ty, behind) in parts {
        let Some(len) = find_behind_first(&inner[at..], behind) else { return false };
        if !taken(ty, at..at + len) {
            return false;
        }
        at += len + behind.len();
    }
    at < inner.len() && taken(last_type, at..inner.len())
}

/// Where `text`, which is not empty, stands first behind the first byte.
#[inline]
fn find_behind_first(within: &[u8], text: &[u8]) -> Option<usize> {
    let (&first, _) = text.split_first()?;
    let mut from = 1;
    loop {
        let at = from + within.get(from..)?.iter().position(|&byte| byte == first)?;
        if within[at..].starts_with(text) {
            return Some(at);
        }
        from = at + 1;
    }
}
