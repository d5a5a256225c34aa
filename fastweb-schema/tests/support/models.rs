//! Models of every kind that is read in one pass, and what is true of each: the parser says what document, judge and serde say.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Debug;

use fastweb_macros::model;
use fastweb_schema::__private::model::{Cursor, Rules};
use fastweb_schema::model::{ModelError, ModelPlan, from_json};
use fastweb_schema::{Document, Model, Registry};
use serde_json::Value;

#[model(crate = fastweb_schema)]
#[derive(Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct User {
    #[schema(minimum = 1)]
    id: u64,
    #[schema(min_length = 1, max_length = 8)]
    full_name: String,
    #[schema(format = "email", max_length = 40)]
    email: String,
    #[schema(maximum = 150)]
    age: Option<u8>,
    #[serde(default)]
    #[schema(max_items = 3, items(max_length = 4, pattern = "^[a-z]+$"))]
    tags: Vec<String>,
    role: Role,
    #[serde(alias = "home")]
    address: Box<Address>,
}

#[model(crate = fastweb_schema)]
#[derive(Debug, PartialEq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Role {
    Admin,
    PowerUser,
    #[serde(alias = "GUEST")]
    Reader,
}

#[model(crate = fastweb_schema)]
#[derive(Debug, PartialEq)]
pub(crate) struct Address {
    #[serde(rename = "Straße 1")]
    street: String,
    #[schema(pattern = "^([0-9]{2})+$")]
    zip: Option<String>,
    #[serde(skip)]
    seen: u32,
    #[serde(default = "country")]
    country: String,
}

fn country() -> String {
    "GB".to_owned()
}

#[model(crate = fastweb_schema)]
#[derive(Debug, PartialEq)]
#[schema(format = "uuid")]
pub(crate) struct Key(String);

#[model(crate = fastweb_schema)]
#[derive(Debug, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shape {
    Empty,
    Circle(#[schema(exclusive_minimum = 0)] f64),
    Box {
        #[schema(minimum = -5, multiple_of = 2)]
        left: i8,
        #[serde(default)]
        label: Option<String>,
    },
    Group(Vec<Shape>),
}

#[model(crate = fastweb_schema)]
#[derive(Debug, PartialEq)]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "kebab-case")]
pub(crate) enum Event {
    Started,
    Moved { from_x: f32, to_x: f32 },
    Joined(Address),
}

#[model(crate = fastweb_schema)]
#[derive(Debug, Default, PartialEq)]
#[serde(default)]
pub(crate) struct Settings {
    depth: u16,
    ratio: f64,
    letter: char,
    on: bool,
    names: BTreeMap<String, i64>,
    #[schema(unique_items)]
    order: Vec<u32>,
    set: BTreeSet<String>,
    inner: Option<Box<Settings>>,
    events: HashMap<String, Event>,
    default: Value,
}

#[model(crate = fastweb_schema)]
#[derive(Debug, PartialEq)]
pub(crate) struct Everything {
    user: User,
    keys: Vec<Key>,
    shapes: Vec<Shape>,
    event: Event,
    settings: Settings,
}

/// A type with what is asked about it.
pub(crate) struct Checked {
    check: fn(&[u8], &ModelPlan, &jsonschema::Validator) -> Result<bool, String>,
    plan: ModelPlan,
    judge: jsonschema::Validator,
    /// In the order in which members are declared. The fuzz target has its own.
    #[allow(dead_code)]
    pub(crate) valid: Vec<String>,
}

impl Checked {
    fn of<T: Model + Debug + PartialEq>(valid: &[&str]) -> Self {
        let plan = ModelPlan::of::<T>(&Registry::new()).expect("a schema").expect("a model");
        assert_eq!(plan.schema(), &T::schema());
        assert!(plan.is_one_pass(), "{:?}", plan.reasons());
        let judge = jsonschema::options().should_validate_formats(true).build(plan.schema()).expect("a schema");
        let valid = valid.iter().map(|json| (*json).to_owned()).collect();
        Self { check: check::<T>, plan, judge, valid }
    }

    /// Whether the text was read in one pass.
    pub(crate) fn check(&self, json: &[u8]) -> Result<bool, String> {
        (self.check)(json, &self.plan, &self.judge)
    }
}

/// All models, with values that are valid by them.
pub(crate) fn all() -> Vec<Checked> {
    const USER: &str = r#"{"id":1,"fullName":"Ada","email":"ada@example.com","age":36,"tags":["a","bc"],"role":"ADMIN",
        "address":{"Straße 1":"é","zip":"1234","country":"DE"}}"#;
    const SETTINGS: &str = r#"{"depth":3,"ratio":0.5,"letter":"x","on":true,"names":{"a":-1,"b":2},"order":[1,2,3],"set":["a","b"],
        "inner":{"depth":1,"inner":null},"events":{"x":{"kind":"started"},"y":{"kind":"moved","from-x":1.5,"to-x":-2}},"default":{"a":[1,-0.0,"é"]}}"#;
    const SHAPES: &str = r#"["empty",{"circle":1.5},{"box":{"left":-4,"label":"b"}},{"box":{"left":2}},{"group":["empty",{"group":[]}]}]"#;
    let everything = format!(
        r#"{{"user":{USER},"keys":["7f2c1a52-9d0e-4c58-8f0b-3a5c6f0e1b7d"],"shapes":{SHAPES},
        "event":{{"kind":"joined","Straße 1":"x"}},"settings":{SETTINGS}}}"#
    );
    vec![
        Checked::of::<User>(&[USER]),
        Checked::of::<Role>(&["\"POWER_USER\"", "\"READER\"", "\"GUEST\""]),
        Checked::of::<Key>(&["\"7f2c1a52-9d0e-4c58-8f0b-3a5c6f0e1b7d\""]),
        Checked::of::<Shape>(&[
            "\"empty\"",
            r#"{"circle":2}"#,
            r#"{"box":{"left":2,"label":null}}"#,
            r#"{"group":["empty"]}"#,
        ]),
        Checked::of::<Event>(&[
            r#"{"kind":"started"}"#,
            r#"{"kind":"moved","from-x":1,"to-x":2}"#,
            r#"{"kind":"joined","Straße 1":"x"}"#,
        ]),
        Checked::of::<Settings>(&["{}", SETTINGS]),
        Checked::of::<Everything>(&[&everything]),
    ]
}

/// Reads a text in one pass, the slow way, and by judge and serde alone.
fn check<T: Model + Debug + PartialEq>(
    json: &[u8],
    plan: &ModelPlan,
    judge: &jsonschema::Validator,
) -> Result<bool, String> {
    let wrong = |what: String| Err(format!("{what}: {}", String::from_utf8_lossy(json)));
    let one_pass = std::str::from_utf8(json).ok().and_then(|text| {
        let mut cursor = Cursor::new(text);
        let value = T::read(&mut cursor, &Rules::NONE)?;
        cursor.is_at_end().then_some(value)
    });
    let whole = from_json::<T>(json, plan);
    let slow = Document::parse(json).map_err(ModelError::Parse).and_then(|document| {
        plan.validator().validate(&document).map_err(ModelError::Invalid)?;
        document.deserialize::<T>().map_err(|error| ModelError::Invalid(error.into()))
    });
    if whole != slow {
        return wrong(format!("read as {whole:?}, not {slow:?}"));
    }
    if let Some(value) = &one_pass {
        if slow.as_ref() != Ok(value) {
            return wrong(format!("{value:?} in one pass, {slow:?} the slow way"));
        }
        let Ok(document) = serde_json::from_slice::<Value>(json) else {
            return wrong("serde_json reads no JSON".to_owned());
        };
        if !judge.is_valid(&document) {
            return wrong("the judge refuses it".to_owned());
        }
        // serde_json takes no float for an integer.
        if let Ok(by_serde) = serde_json::from_slice::<T>(json)
            && by_serde != *value
        {
            return wrong(format!("{value:?} in one pass, {by_serde:?} by serde_json"));
        }
    }
    Ok(one_pass.is_some())
}
