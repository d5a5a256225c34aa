//! Models: the schemas that generated code writes.

use std::collections::BTreeMap;

use fastweb_macros::model;
use fastweb_schema::model::schema_of;
use fastweb_schema::openapi::{Api, Content, ErrorAnswers, Info, Operation, Response};
use serde_json::json;

use crate::support::assert_openapi;

/// Where somebody lives.
#[model(crate = fastweb_schema)]
struct Address {
    street: String,
    /// The one before.
    earlier: Option<Box<Address>>,
}

#[model(crate = fastweb_schema)]
enum Size {
    Small,
    Large,
}

/// Somebody.
#[model(crate = fastweb_schema)]
struct User {
    #[schema(min_length = 1, example = "Ada")]
    name: String,
    address: Address,
    size: Option<Size>,
}

/// Which ones.
#[model(crate = fastweb_schema)]
struct Filter {
    /// How many.
    #[schema(minimum = 1)]
    limit: u8,
    size: Option<Size>,
}

#[test]
fn each_model_is_one_component_wherever_it_stands() {
    let mut api = Api::new(Info::new("x", "1"));
    api.error_answers = ErrorAnswers::None;
    let mut create = Operation::new("POST", "/users");
    create.body = vec![Content::new("application/json", schema_of::<User>().expect("a model"))];
    create.responses = vec![Response::new("201", schema_of::<Vec<User>>().expect("a model"))];
    api.add(create);
    let mut change = Operation::new("PUT", "/addresses");
    change.body = vec![Content::new("application/json", schema_of::<Address>().expect("a model"))];
    change.responses = vec![Response::new("200", schema_of::<BTreeMap<String, User>>().expect("a model"))];
    change.query = vec![schema_of::<Filter>().expect("a model")];
    api.add(change);
    let document = api.document().expect("a document");
    assert_openapi(&document);
    let names: Vec<_> = document["components"]["schemas"].as_object().expect("an object").keys().collect();
    assert_eq!(names, ["Address", "Size", "User"]);
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let paths = &document["paths"];
    let post = &paths["/users"]["post"];
    assert_eq!(post["requestBody"]["content"]["application/json"]["schema"], reference("User"));
    assert_eq!(post["responses"]["201"]["content"]["application/json"]["schema"]["items"], reference("User"));
    let put = &paths["/addresses"]["put"];
    assert_eq!(put["requestBody"]["content"]["application/json"]["schema"], reference("Address"));
    assert_eq!(
        put["responses"]["200"]["content"]["application/json"]["schema"]["additionalProperties"],
        reference("User")
    );
    assert_eq!(put["parameters"][0]["description"], "How many.");
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["Address"]["description"], "Where somebody lives.");
    assert_eq!(schemas["User"]["properties"]["address"], reference("Address"));
}
