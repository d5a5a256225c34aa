//! A router without a tree: every route is tried by itself, and of those that match the one that goes first wins.

use std::cmp::{Ordering, Reverse};
use std::ops::Range;

use fastweb_router::{Miss, Options, ParamType, params};

/// What one segment of a pattern is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Text(String),
    Param(Option<ParamType>),
    CatchAll { empty: bool },
}

pub(crate) type Segment = Vec<Item>;

/// A route, and the forms of its pattern.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) weight: Option<u32>,
    pub(crate) forms: Vec<Form>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) segments: Vec<Segment>,
    /// `/w` for `/w/{*rest?}`.
    pub(crate) empty_rest: bool,
}

impl Route {
    /// Reads the syntax in the plainest way; the generator makes no faults.
    pub(crate) fn new(method: &'static str, path: &str, weight: Option<u32>, options: &Options) -> Self {
        let mut segments: Vec<Segment> = Vec::new();
        let mut rest = path;
        while let Some(c) = rest.chars().next() {
            let mut take = c.len_utf8();
            match c {
                '/' => segments.push(Vec::new()),
                '{' if !rest.starts_with("{{") => {
                    take = rest.find('}').unwrap() + 1;
                    let spec = params(&rest[..take])[0];
                    let segment = segments.last_mut().unwrap();
                    segment.push(match spec.catch_all {
                        true => Item::CatchAll { empty: spec.optional },
                        false => Item::Param(spec.ty),
                    });
                }
                _ => {
                    take += usize::from(matches!(c, '{' | '}'));
                    let c = if options.case_sensitive { c } else { c.to_ascii_lowercase() };
                    let segment = segments.last_mut().unwrap();
                    match segment.last_mut() {
                        Some(Item::Text(text)) => text.push(c),
                        _ => segment.push(Item::Text(c.to_string())),
                    }
                }
            }
            rest = &rest[take..];
        }
        let last = segments.len() - 1;
        if options.ignore_duplicate_slashes {
            segments =
                segments.into_iter().enumerate().filter(|(at, s)| *at == last || !s.is_empty()).map(|s| s.1).collect();
        }
        if options.ignore_trailing_slash && segments.len() > 1 && segments.last().unwrap().is_empty() {
            segments.pop();
        }
        let mut forms = vec![Form { segments: segments.clone(), empty_rest: false }];
        let last = segments.pop().unwrap();
        match params(path).last() {
            Some(spec) if spec.optional && !spec.catch_all => {
                let with_slash = [&segments[..], &[Vec::new()]].concat();
                if segments.is_empty() || !options.ignore_trailing_slash {
                    forms.push(Form { segments: with_slash, empty_rest: false });
                }
                if !segments.is_empty() {
                    forms.push(Form { segments, empty_rest: false });
                }
            }
            Some(_)
                if last == [Item::CatchAll { empty: true }]
                    && options.ignore_trailing_slash
                    && !segments.is_empty() =>
            {
                forms.push(Form { segments, empty_rest: true });
            }
            _ => {}
        }
        Self { method, path: path.to_owned(), weight, forms }
    }
}

/// A byte of a path, escapes undone, and where it came from.
#[derive(Clone, Debug)]
struct Unit {
    byte: u8,
    escaped: bool,
    from: Range<usize>,
}

impl Unit {
    fn slash(&self) -> bool {
        self.byte == b'/' && !self.escaped
    }
}

/// The path as it is compared, and where that ends in the path.
fn units(path: &str, options: &Options) -> Result<(Vec<Unit>, usize), Miss> {
    let bytes = path.as_bytes();
    let mut units: Vec<Unit> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let escape = bytes[at] == b'%';
        let byte = if escape {
            let digits = path.get(at + 1..at + 3).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
            u8::from_str_radix(digits.ok_or(Miss::BadEscape)?, 16).unwrap()
        } else {
            bytes[at]
        };
        let next = at + if escape { 3 } else { 1 };
        units.push(Unit { byte, escaped: escape, from: at..next });
        at = next;
    }
    if String::from_utf8(units.iter().map(|unit| unit.byte).collect()).is_err() {
        return Err(Miss::BadEscape);
    }
    if options.ignore_duplicate_slashes {
        units.dedup_by(|b, a| a.slash() && b.slash());
    }
    if options.ignore_trailing_slash && units.len() > 1 && units.last().unwrap().slash() {
        let slash = units.pop().unwrap();
        return Ok((units, slash.from.start));
    }
    Ok((units, bytes.len()))
}

/// What a parameter took.
type Taken<'u> = (&'u [Unit], Item);

/// All ways to match a segment, shorter first parameters first.
fn ways<'u>(items: &[Item], units: &'u [Unit], fold: bool) -> Vec<Vec<Taken<'u>>> {
    let Some((item, after)) = items.split_first() else {
        return if units.is_empty() { vec![Vec::new()] } else { Vec::new() };
    };
    match item {
        Item::Text(text) => {
            let same = |(unit, byte): (&Unit, &u8)| match fold {
                true => unit.byte.eq_ignore_ascii_case(byte) && !(unit.escaped && unit.byte == b'/'),
                false => unit.byte == *byte && !(unit.escaped && unit.byte == b'/'),
            };
            let text = text.as_bytes();
            if units.len() >= text.len() && units.iter().zip(text).all(same) {
                ways(after, &units[text.len()..], fold)
            } else {
                Vec::new()
            }
        }
        _ => {
            let mut found = Vec::new();
            for len in 1..=units.len() {
                for mut way in ways(after, &units[len..], fold) {
                    way.insert(0, (&units[..len], item.clone()));
                    found.push(way);
                }
            }
            found
        }
    }
}

/// What the parameters took, if the path matches, types aside.
fn matches<'u>(form: &Form, units: &'u [Unit], fold: bool) -> Option<Vec<Taken<'u>>> {
    let mut rest = units;
    let mut taken = Vec::new();
    for (n, segment) in form.segments.iter().enumerate() {
        // Each segment has its slash before it.
        rest = rest.split_first().filter(|(unit, _)| unit.slash())?.1;
        if let Some(Item::CatchAll { empty }) = segment.last() {
            let head = &segment[..segment.len() - 1];
            let len = head.iter().map(|item| if let Item::Text(text) = item { text.len() } else { 0 }).sum();
            let (before, all) = rest.split_at_checked(len)?;
            if ways(head, before, fold).is_empty() || (all.is_empty() && !empty) {
                return None;
            }
            taken.push((all, segment.last().unwrap().clone()));
            return (n + 1 == form.segments.len()).then_some(taken);
        }
        let len = rest.iter().position(Unit::slash).unwrap_or(rest.len());
        taken.extend(ways(segment, &rest[..len], fold).into_iter().next()?);
        rest = &rest[len..];
    }
    if form.empty_rest {
        taken.push((&units[units.len()..], Item::CatchAll { empty: true }));
    }
    rest.is_empty().then_some(taken)
}

fn typed(taken: &Taken<'_>) -> bool {
    let Item::Param(Some(ty)) = taken.1 else { return true };
    let slashed = taken.0.iter().any(|unit| unit.escaped && unit.byte == b'/');
    !slashed && ty.accepts(&String::from_utf8(taken.0.iter().map(|unit| unit.byte).collect()).unwrap())
}

/// The order of two forms; `Equal` if it is not clear.
pub(crate) fn order(a: &Form, b: &Form) -> Ordering {
    let differ = a.segments.iter().zip(&b.segments).find(|(a, b)| a != b);
    let Some((a, b)) = differ else { return (a.segments.len(), a.empty_rest).cmp(&(b.segments.len(), b.empty_rest)) };
    key(a).cmp(&key(b))
}

/// Whether two forms may match one path and it is not clear which goes first: in the first place where they differ they have as
/// much text as each other in different places, or types of which neither holds the other.
pub(crate) fn unclear(a: &Form, b: &Form) -> bool {
    const TEXTS: [&str; 10] = ["7", "200", "300", "-5", "ab", "xy", "true", "2026-11-21", "1e5", "1.5"];
    let Some((a, b)) = a.segments.iter().zip(&b.segments).find(|(a, b)| a != b) else { return false };
    let texts = |segment: &Segment| -> Vec<_> {
        segment.iter().map(|item| matches!(item, Item::Text(_)).then(|| item.clone())).collect()
    };
    let types = a.iter().zip(b).filter(|_| texts(a) == texts(b)).find_map(|pair| match pair {
        (Item::Param(a), Item::Param(b)) if a != b => Some((a, b)),
        _ => None,
    });
    match types {
        Some((Some(a), Some(b))) => {
            let some = |of_a, of_b| TEXTS.iter().any(|text| (a.accepts(text), b.accepts(text)) == (of_a, of_b));
            some(true, true) && some(true, false) && some(false, true)
        }
        Some(_) => false,
        None => key(a).cmp(&key(b)).is_eq(),
    }
}

/// From the most specific to the least.
fn key(segment: &Segment) -> impl Ord + use<> {
    const TYPES: [ParamType; 10] = {
        use ParamType::*;
        [Bool, Date, Uuid, U8, I8, U16, F64, Hex, Alpha, Alnum]
    };
    let text = |item: &Item| if let Item::Text(text) = item { text.len() } else { 0 };
    let ty = |item: &Item| match item {
        Item::Param(Some(ty)) => TYPES.iter().position(|other| other == ty),
        _ => Some(TYPES.len()),
    };
    let params = segment.iter().filter(|item| !matches!(item, Item::Text(_))).count();
    let catch_all = match segment.last() {
        Some(Item::CatchAll { empty }) => 1 + usize::from(*empty),
        _ => 0,
    };
    (
        params > 0,
        Reverse(if params > 0 { segment.first().map_or(0, text) } else { 0 }),
        catch_all,
        Reverse(if params > 0 { segment.iter().map(text).sum::<usize>() } else { 0 }),
        Reverse(params),
        segment.iter().filter(|item| !matches!(item, Item::Text(_))).map(ty).collect::<Vec<_>>(),
    )
}

pub(crate) struct Hit<'r> {
    pub(crate) route: &'r Route,
    pub(crate) ranges: Vec<Range<usize>>,
    /// How many routes match.
    pub(crate) of: usize,
}

/// The routes of one method, without regard for HEAD.
pub(crate) fn find_of<'r>(
    routes: &'r [Route],
    method: &str,
    path: &str,
    options: &Options,
    accept: impl Fn(usize) -> bool,
) -> Result<Hit<'r>, Miss> {
    let (units, end) = units(path, options)?;
    let fold = !options.case_sensitive;
    let mut hits: Vec<(usize, &Form, Vec<Taken<'_>>)> = Vec::new();
    for (number, route) in routes.iter().enumerate().filter(|(_, route)| route.method == method) {
        for form in &route.forms {
            hits.extend(matches(form, &units, fold).map(|taken| (number, form, taken)));
        }
    }
    let by_order = |a: &(usize, &Form, _), b: &(usize, &Form, _)| {
        let weight = |number: usize| Reverse(routes[number].weight);
        order(a.1, b.1).then_with(|| {
            assert_eq!(a.1, b.1, "{path} matches both, and neither goes first");
            weight(a.0).cmp(&weight(b.0)).then(a.0.cmp(&b.0))
        })
    };
    hits.retain(|(number, _, _)| accept(*number));
    let (mut fit, mut unfit): (Vec<_>, Vec<_>) = hits.into_iter().partition(|hit| hit.2.iter().all(typed));
    fit.sort_by(by_order);
    for pair in fit.windows(2) {
        assert!(!unclear(pair[0].1, pair[1].1), "{path} matches {:?} and {:?}", pair[0].1, pair[1].1);
    }
    let of = fit.len();
    if let Some((number, _, taken)) = fit.into_iter().next() {
        let route = &routes[number];
        for ((units, item), spec) in taken.iter().zip(params(&route.path)) {
            let dots = |units: &[Unit]| {
                matches!(units, [a] if a.byte == b'.') || matches!(units, [a, b] if a.byte == b'.' && b.byte == b'.')
            };
            let is_catch_all = matches!(item, Item::CatchAll { .. });
            if units.split(|unit| unit.byte == b'/').any(dots) {
                return Err(Miss::DotSegment);
            } else if let Some(limit) = options.max_param_length.filter(|most| !is_catch_all && units.len() > *most) {
                return Err(Miss::ParamTooLong { param: spec.name.into(), limit });
            }
        }
        let ranges = taken.iter().map(|(units, item)| {
            let start = units.first().map_or(end, |unit| unit.from.start);
            let last = units.last().map_or(end, |unit| unit.from.end);
            // Slashes that are left out at its end are in it.
            start..if matches!(item, Item::CatchAll { .. }) { end } else { last }
        });
        return Ok(Hit { route, ranges: ranges.collect(), of });
    }
    let weight = |number: usize| Reverse(routes[number].weight);
    unfit.sort_by(|a, b| order(a.1, b.1).then_with(|| weight(a.0).cmp(&weight(b.0))));
    match unfit.first() {
        None => Err(Miss::NotFound),
        Some((number, _, taken)) => {
            let specs = params(&routes[*number].path);
            let (spec, _) = specs.iter().zip(taken).find(|(_, taken)| !typed(taken)).unwrap();
            Err(Miss::WrongType { param: spec.name.into(), expected: spec.ty.unwrap() })
        }
    }
}

pub(crate) fn find<'r>(
    routes: &'r [Route],
    method: &str,
    path: &str,
    options: &Options,
    accept: impl Fn(usize) -> bool,
) -> Result<Hit<'r>, Miss> {
    match find_of(routes, method, path, options, &accept) {
        Err(miss @ (Miss::NotFound | Miss::WrongType { .. })) if method == "HEAD" => {
            find_of(routes, "GET", path, options, accept)
                .map_err(|of_get| if of_get == Miss::NotFound { miss } else { of_get })
        }
        found => found,
    }
}
