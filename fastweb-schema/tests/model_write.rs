//! What the generated serialiser writes, against serde_json, which takes the code that serde derives.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::sync::Arc;

use fastweb_macros::model;
use fastweb_schema::model::to_json;
use proptest::prelude::*;
use serde::Serialize;

#[model(crate = fastweb_schema)]
#[derive(Clone, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Scalars {
    unsigned_small: u8,
    unsigned_large: u64,
    signed_small: i16,
    signed_large: i64,
    float_single: f32,
    float_double: f64,
    yes: bool,
    letter: char,
    text: String,
    nothing: (),
}

/// Fields that are not always there, first and last too.
#[model(crate = fastweb_schema)]
#[derive(Clone, Debug, PartialEq)]
struct Sparse {
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    second: Vec<u32>,
    #[serde(skip)]
    never: u8,
    #[serde(skip_serializing)]
    secret: String,
    third: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fourth: Option<i32>,
    last: u8,
}

#[model(crate = fastweb_schema)]
#[derive(Clone, Debug, PartialEq)]
struct AllSparse {
    #[serde(skip_serializing_if = "Option::is_none")]
    a: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    b: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    c: Option<u8>,
}

#[model(crate = fastweb_schema)]
#[derive(Clone, Debug, PartialEq)]
struct Empty {}

#[model(crate = fastweb_schema)]
#[derive(Clone, Debug, PartialEq)]
struct Id(u64);

#[model(crate = fastweb_schema)]
#[derive(Clone, Debug, PartialEq)]
#[serde(transparent)]
struct Name {
    name: String,
}

#[model(crate = fastweb_schema)]
#[derive(Clone, Debug, PartialEq)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
enum Level {
    Low,
    VeryHigh,
    #[serde(rename = "so-\"so\"\n")]
    Other,
}

#[model(crate = fastweb_schema)]
#[derive(Clone, Debug, PartialEq)]
#[serde(rename_all = "snake_case", rename_all_fields = "camelCase")]
enum Shape {
    Nothing,
    Circle(f64),
    Polygon(Vec<Point>),
    Named {
        long_name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        level: Option<Level>,
    },
    Hollow {},
}

#[model(crate = fastweb_schema)]
#[derive(Clone, Debug, PartialEq)]
struct Point {
    x: f64,
    #[serde(rename = "the \\ y")]
    y: i32,
}

#[model(crate = fastweb_schema)]
#[derive(Clone, Debug, PartialEq)]
#[serde(tag = "kind")]
enum Event {
    Started,
    #[serde(rename = "moved!")]
    Moved {
        from: Point,
        to: Option<Point>,
    },
    Maybe {
        #[serde(skip_serializing_if = "Option::is_none")]
        level: Option<Level>,
    },
    Wrapped(Point),
    Hollow {},
}

/// What serde alone writes.
#[model(crate = fastweb_schema)]
#[derive(Clone, Debug, PartialEq)]
struct Foreign {
    id: Id,
    #[serde(flatten)]
    rest: BTreeMap<String, Level>,
    #[serde(flatten)]
    point: Point,
    #[serde(serialize_with = "as_text")]
    number: u32,
}

fn as_text<S: serde::Serializer>(number: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("<{number}>\"\u{1}"))
}

#[model(crate = fastweb_schema)]
#[derive(Clone, Debug, PartialEq)]
#[serde(untagged)]
enum Either {
    Number(i64),
    Text(String),
    Event { event: Event },
}

#[model(crate = fastweb_schema)]
#[derive(Clone, Debug, PartialEq)]
struct Tree {
    id: Id,
    name: Name,
    level: Level,
    shapes: Vec<Shape>,
    events: BTreeMap<String, Vec<Event>>,
    numbers: BTreeMap<i8, Option<Point>>,
    flags: BTreeMap<bool, Empty>,
    sparse: Option<Box<Sparse>>,
    all_sparse: Vec<AllSparse>,
    foreign: Option<Foreign>,
    either: Vec<Either>,
    pair: (u8, String),
    array: [Option<u16>; 3],
    scalars: Scalars,
    children: Vec<Tree>,
    r#type: String,
}

fn scalars() -> impl Strategy<Value = Scalars> {
    let numbers = (any::<u8>(), any::<u64>(), any::<i16>(), any::<i64>(), any::<f32>(), any::<f64>());
    (numbers, any::<bool>(), any::<char>(), text()).prop_map(|(n, yes, letter, text)| Scalars {
        unsigned_small: n.0,
        unsigned_large: n.1,
        signed_small: n.2,
        signed_large: n.3,
        float_single: n.4,
        float_double: n.5,
        yes,
        letter,
        text,
        nothing: (),
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,40}", "[\\x00-\\x22\\\\-^é]{0,70}", "[a-z]{0,200}"]
}

fn some<T: Clone + std::fmt::Debug + 'static>(of: impl Strategy<Value = T> + 'static) -> BoxedStrategy<Option<T>> {
    proptest::option::of(of).boxed()
}

fn list<T: Clone + std::fmt::Debug + 'static>(of: impl Strategy<Value = T> + 'static) -> BoxedStrategy<Vec<T>> {
    proptest::collection::vec(of, 0..4).boxed()
}

fn level() -> impl Strategy<Value = Level> {
    prop_oneof![Just(Level::Low), Just(Level::VeryHigh), Just(Level::Other)]
}

fn point() -> impl Strategy<Value = Point> {
    any::<(f64, i32)>().prop_map(|(x, y)| Point { x, y })
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        Just(Shape::Nothing),
        any::<f64>().prop_map(Shape::Circle),
        list(point()).prop_map(Shape::Polygon),
        (text(), some(level())).prop_map(|(long_name, level)| Shape::Named { long_name, level }),
        Just(Shape::Hollow {}),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Started),
        (point(), some(point())).prop_map(|(from, to)| Event::Moved { from, to }),
        some(level()).prop_map(|level| Event::Maybe { level }),
        point().prop_map(Event::Wrapped),
        Just(Event::Hollow {}),
    ]
}

fn sparse() -> impl Strategy<Value = Sparse> {
    (some(text()), list(any::<u32>()), text(), any::<(Option<bool>, Option<i32>, u8)>()).prop_map(
        |(first, second, secret, (third, fourth, last))| Sparse {
            first,
            second,
            never: 1,
            secret,
            third,
            fourth,
            last,
        },
    )
}

fn all_sparse() -> impl Strategy<Value = AllSparse> {
    any::<(Option<u8>, Option<u8>, Option<u8>)>().prop_map(|(a, b, c)| AllSparse { a, b, c })
}

fn foreign() -> impl Strategy<Value = Foreign> {
    (any::<u64>(), proptest::collection::btree_map("[a-z]{3}", level(), 0..3), point(), any::<u32>())
        .prop_map(|(id, rest, point, number)| Foreign { id: Id(id), rest, point, number })
}

fn either() -> impl Strategy<Value = Either> {
    prop_oneof![
        any::<i64>().prop_map(Either::Number),
        text().prop_map(Either::Text),
        event().prop_map(|event| Either::Event { event }),
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    let parts = (
        (any::<u64>(), text(), level(), list(shape())),
        proptest::collection::btree_map(text(), list(event()), 0..3),
        proptest::collection::btree_map(any::<i8>(), some(point()), 0..3),
        proptest::collection::btree_map(any::<bool>(), Just(Empty {}), 0..3),
        (some(sparse()), list(all_sparse()), some(foreign()), list(either())),
        (any::<u8>(), text(), any::<[Option<u16>; 3]>()),
        (scalars(), text()),
    );
    let leaf = parts.prop_map(|(head, events, numbers, flags, sparse, pair, (scalars, r#type))| Tree {
        id: Id(head.0),
        name: Name { name: head.1 },
        level: head.2,
        shapes: head.3,
        events,
        numbers,
        flags,
        sparse: sparse.0.map(Box::new),
        all_sparse: sparse.1,
        foreign: sparse.2,
        either: sparse.3,
        pair: (pair.0, pair.1),
        array: pair.2,
        scalars,
        children: Vec::new(),
        r#type,
    });
    let leaf = leaf.boxed();
    (leaf.clone(), proptest::collection::vec(leaf, 0..2)).prop_map(|(tree, children)| Tree { children, ..tree })
}

/// Types that are no models, around models.
#[derive(Debug, Serialize)]
struct Around<'a> {
    list: Vec<Tree>,
    one: &'a Tree,
    shared: Arc<Event>,
    borrowed: Cow<'a, str>,
    tuple: (Id, Name, Option<Level>),
    address: Ipv4Addr,
    wide: (u128, i128),
    variants: [Variants<'a>; 4],
    any: serde_json::Value,
    unit: Unit,
    bytes: Bytes<'a>,
}

#[derive(Debug, Serialize)]
enum Variants<'a> {
    Unit,
    Newtype(&'a Event),
    Tuple(&'a Event, u8),
    Struct { event: &'a Event, n: u8 },
}

#[derive(Debug, Serialize)]
struct Unit;

#[derive(Debug)]
struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

fn written<T: Serialize + ?Sized>(value: &T) -> String {
    let mut out = b"before".to_vec();
    to_json(value, &mut out).unwrap();
    String::from_utf8(out.split_off(6)).unwrap()
}

#[track_caller]
fn check<T: Serialize + ?Sized>(value: &T) {
    assert_eq!(written(value), serde_json::to_string(value).unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_model_is_written_as_by_serde_json(tree in tree(), event in event(), wide in any::<(u128, i128)>()) {
        prop_assert_eq!(written(&tree), serde_json::to_string(&tree).unwrap());
        let around = Around {
            one: &tree,
            borrowed: Cow::Borrowed(&tree.name.name),
            tuple: (tree.id.clone(), tree.name.clone(), Some(tree.level.clone())),
            address: Ipv4Addr::from(wide.0 as u32),
            wide,
            variants: [
                Variants::Unit,
                Variants::Newtype(&event),
                Variants::Tuple(&event, 1),
                Variants::Struct { event: &event, n: 2 },
            ],
            shared: Arc::new(event.clone()),
            any: serde_json::to_value(&tree).unwrap(),
            unit: Unit,
            bytes: Bytes(tree.r#type.as_bytes()),
            list: vec![tree.clone(), tree.clone()],
        };
        prop_assert_eq!(written(&around), serde_json::to_string(&around).unwrap());
    }

    #[test]
    fn any_map_is_written_as_by_serde_json(
        numbers in proptest::collection::btree_map(any::<(i64, u128)>(), any::<Option<bool>>(), 0..4),
        single in any::<f32>(), double in any::<f64>(), letter in any::<char>(),
    ) {
        check(&numbers.iter().map(|((key, _), value)| (*key, *value)).collect::<BTreeMap<_, _>>());
        check(&numbers.iter().map(|((_, key), value)| (*key, *value)).collect::<BTreeMap<_, _>>());
        check(&BTreeMap::from([(letter, 1)]));
        check(&Entry(single, 1));
        check(&Entry(double, 1));
        check(&Entry(Some(letter), Id(7)));
    }
}

/// A map of one entry with whatever key.
struct Entry<K, V>(K, V);

impl<K: Serialize, V: Serialize> Serialize for Entry<K, V> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(&self.0, &self.1)])
    }
}

#[test]
fn what_is_no_key_is_an_error_as_by_serde_json_and_leaves_the_buffer_as_it_was() {
    fn fails<K: Serialize>(key: K) {
        let map = Entry(key, 1);
        let mut out = b"before".to_vec();
        let error = to_json(&(1, &map), &mut out).unwrap_err();
        assert_eq!(error.to_string(), serde_json::to_string(&map).unwrap_err().to_string());
        assert_eq!(out, b"before");
    }
    fails(());
    fails(None::<u8>);
    fails([1]);
    fails((1, 2));
    fails(Unit);
    fails(Bytes(b"x"));
    fails(Shape::Circle(1.0));
    fails(Point { x: 1.0, y: 1 });
    fails(f64::NAN);
    fails(f32::INFINITY);
    fails(HashMap::from([(1, 1)]));
}

#[test]
fn models_are_keys_where_their_values_may_be() {
    check(&Entry(Level::VeryHigh, 1));
    check(&Entry(Id(1), 1));
    check(&Entry(Name { name: "\"".into() }, 1));
}

#[test]
fn an_error_of_a_values_own_serialize_is_told() {
    struct Fails;
    impl Serialize for Fails {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("not today"))
        }
    }
    let mut out = Vec::new();
    let error = to_json(&vec![Some(Fails)], &mut out).unwrap_err();
    assert_eq!(error.to_string(), "not today");
    assert!(out.is_empty());
}

#[test]
fn json_text_stays_what_it_is() {
    #[derive(Serialize)]
    #[serde(rename = "$serde_json::private::RawValue")]
    struct Raw<'a> {
        #[serde(rename = "$serde_json::private::RawValue")]
        text: &'a str,
    }
    assert_eq!(written(&[Raw { text: r#"{"a": 1}"# }]), r#"[{"a": 1}]"#);
}

#[test]
fn other_formats_see_what_serde_derives() {
    let event = Event::Moved { from: Point { x: 1.0, y: 2 }, to: None };
    let value = serde_json::to_value(&event).unwrap();
    assert_eq!(value, serde_json::json!({ "kind": "moved!", "from": { "x": 1.0, "the \\ y": 2 }, "to": null }));
}
