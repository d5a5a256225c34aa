//! The OpenAPI document of an application, and a page that shows it.
//!
//! [`OpenApi`] is the plugin; the guide's page [`openapi`](crate::guide::openapi) shows it at work.

mod collect;
mod page;
mod select;

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use fastweb_core::{Bytes, Error, Plugin, Reply, Result, Route, Scope, Server, get};
use serde_json::Value;

pub use fastweb_schema::openapi::{Api, ErrorAnswers, SecurityScheme};
pub use select::Select;

use collect::Collected;
use fastweb_schema::openapi::Info;

/// `GET /openapi.json`, the OpenAPI 3.1 document of the routes around it, and `GET /docs`, a page that shows it and tries it out.
///
/// What routes know about themselves is in it: [`Route::doc`](crate::Route::doc), their schemas, and the schemas that their scopes share. It describes the routes of
/// the scope that it is registered in, and of those within; hidden ones are left out. The documents are made by `build()`, which tells what is wrong with them.
///
/// ```
/// use fastweb::prelude::*;
/// use serde_json::{Value, json};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let user = json!({ "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"] });
/// let server = App::new()
///     .plugin(OpenApi::new("Users", "1.0").description("Who is who."))
///     .route(post("/users", |Json(user): Json<Value>| Json(user)).body(user).tag("users").summary("A new user."))
///     .build()
///     .await?;
/// let document = server.inject(Inject::get("/openapi.json")).await.json::<Value>();
/// assert_eq!(document["paths"]["/users"]["post"]["summary"], "A new user.");
/// server.inject(Inject::get("/docs")).await.assert_status(200);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a plugin does nothing until it is registered"]
pub struct OpenApi {
    api: Api,
    only: Option<Select>,
    documents: Vec<(String, Select)>,
    path: String,
    docs_path: Option<String>,
}

impl OpenApi {
    /// The document of an API with this name, in this version.
    pub fn new(title: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            api: Api::new(Info::new(title, version)),
            only: None,
            documents: Vec::new(),
            path: "/openapi.json".into(),
            docs_path: Some("/docs".into()),
        }
    }

    /// What the API is for, in Markdown.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.api.info.description = Some(description.into());
        self
    }

    /// A URL under which the API is found. Without one it is the server that the document came from.
    pub fn server(mut self, url: impl Into<String>) -> Self {
        self.api.servers.push((url.into(), None));
        self
    }

    /// Describes a group of routes, in Markdown. Groups are shown in the order in which they are described, the others behind them.
    pub fn tag(mut self, name: impl Into<String>, description: impl Into<String>) -> Self {
        self.api.tags.push((name.into(), Some(description.into())));
        self
    }

    /// The form of the error answers that routes do not declare. Say it where the application answers errors otherwise than fastweb does.
    ///
    /// ```
    /// use fastweb::{App, ErrorFormat, OpenApi};
    /// use fastweb::openapi::ErrorAnswers;
    ///
    /// let app = App::new()
    ///     .error_format(ErrorFormat::Problem)
    ///     .plugin(OpenApi::new("Users", "1.0").error_answers(ErrorAnswers::Problem));
    /// # drop(app);
    /// ```
    pub fn error_answers(mut self, answers: ErrorAnswers) -> Self {
        self.api.error_answers = answers;
        self
    }

    /// Changes whatever else stands in the document: contact and licence, further members, security schemes beside those that arguments of handlers ask for.
    ///
    /// ```
    /// use fastweb::OpenApi;
    /// use serde_json::json;
    ///
    /// let plugin = OpenApi::new("Users", "1.0").with(|api| {
    ///     api.info.more.insert("license".into(), json!({ "name": "MIT" }));
    ///     api.more.insert("externalDocs".into(), json!({ "url": "https://example.com/docs" }));
    /// });
    /// # drop(plugin);
    /// ```
    pub fn with(mut self, change: impl FnOnce(&mut Api)) -> Self {
        change(&mut self.api);
        self
    }

    /// Takes only a part of the routes into the document.
    ///
    /// ```
    /// use fastweb::OpenApi;
    /// use fastweb::openapi::Select;
    ///
    /// let public = OpenApi::new("Shop", "2.0").only(Select::prefix("/v2")).document("admin", Select::tag("admin"));
    /// # drop(public);
    /// ```
    pub fn only(mut self, select: Select) -> Self {
        self.only = Some(select);
        self
    }

    /// Makes a further document of a part of the routes, whether the first one has them or not: `/openapi/admin.json` for the name `admin`. The page lets its reader
    /// choose.
    pub fn document(mut self, name: impl Into<String>, select: Select) -> Self {
        self.documents.push((name.into(), select));
        self
    }

    /// The path of the document, instead of `/openapi.json`. It ends in `.json`.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// The path of the page, instead of `/docs`.
    pub fn docs_path(mut self, path: impl Into<String>) -> Self {
        self.docs_path = Some(path.into());
        self
    }

    /// No page, only documents.
    pub fn without_docs(mut self) -> Self {
        self.docs_path = None;
        self
    }

    /// What is wrong with its own options.
    fn check(&self) -> Result<()> {
        let wrong = |what: String| Err(Error::internal(what));
        if !self.path.starts_with('/') || !self.path.ends_with(".json") {
            return wrong(format!(
                "the path {:?} of the document has to begin with a slash and end in .json",
                self.path
            ));
        }
        if let Some(path) = &self.docs_path
            && (!path.starts_with('/') || path.ends_with('/') || path.contains('{'))
        {
            return wrong(format!("the path {path:?} of the page has to be one like \"/docs\""));
        }
        for (at, (name, _)) in self.documents.iter().enumerate() {
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
                return wrong(format!(
                    "the name {name:?} of a document has to be of letters, digits, `-`, `_` and `.`"
                ));
            }
            if self.documents[..at].iter().any(|(other, _)| other == name) {
                return wrong(format!("two documents are called {name:?}; give one of them another name"));
            }
        }
        Ok(())
    }

    /// The path of a further document.
    fn path_of(&self, name: &str) -> String {
        format!("{}/{name}.json", self.path.strip_suffix(".json").unwrap_or(&self.path))
    }
}

impl Plugin for OpenApi {
    fn name(&self) -> &str {
        "openapi"
    }

    fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    /// It looks at the routes of its surroundings.
    fn shares_scope(&self) -> bool {
        true
    }

    async fn set_up(self, mut scope: Scope) -> Result<Scope> {
        self.check()?;
        let documents = OpenApiDocuments::default();
        if let Some(path) = &self.docs_path {
            let mut all = vec![(self.api.info.title.clone(), self.path.clone())];
            all.extend(self.documents.iter().map(|(name, _)| (name.clone(), self.path_of(name))));
            scope = page::add(scope, path, &self.api.info.title, &all);
        }
        scope = scope.route(document_route(&self.path, documents.clone(), None));
        for (name, _) in &self.documents {
            scope = scope.route(document_route(&self.path_of(name), documents.clone(), Some(name.clone())));
        }
        let making = Arc::new(Making { plugin: self, routes: Mutex::default(), documents: documents.clone() });
        let collecting = making.clone();
        Ok(scope
            .state(documents)
            .on_route(move |route: Route| {
                collecting.collect(&route);
                route
            })
            .on_ready(async move || making.finish()))
    }
}

/// `name` is that of a further document.
fn document_route(path: &str, documents: OpenApiDocuments, name: Option<String>) -> Route {
    let answer = move || {
        // It is there when requests come.
        let json = documents.find(name.as_deref()).map(|made| made.json.clone()).unwrap_or_default();
        Reply::new()
            .with_content_type("application/json; charset=utf-8")
            .with_header("cache-control", "no-cache")
            .with_body(json)
    };
    get(path, answer).hidden()
}

/// What is known while the application is built.
struct Making {
    plugin: OpenApi,
    routes: Mutex<Vec<Collected>>,
    documents: OpenApiDocuments,
}

impl Making {
    fn collect(&self, route: &Route) {
        if route.doc().hidden {
            return;
        }
        let OpenApi { only, documents, .. } = &self.plugin;
        let first = only.as_ref().is_none_or(|only| only.takes(route));
        let selected = std::iter::once(first).chain(documents.iter().map(|(_, select)| select.takes(route))).collect();
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        routes.push(Collected::new(route, selected));
    }

    /// Makes the documents, once all routes are known.
    fn finish(&self) -> Result<()> {
        let routes = std::mem::take(&mut *self.routes.lock().unwrap_or_else(PoisonError::into_inner));
        let OpenApi { api, documents, .. } = &self.plugin;
        let names = std::iter::once(None).chain(documents.iter().map(|(name, _)| Some(name.clone())));
        let mut made = Vec::new();
        for (number, name) in names.enumerate() {
            let mut api = api.clone();
            if let Some(name) = &name {
                api.info.title = format!("{} ({name})", api.info.title);
            }
            collect::add(&routes, number, &mut api);
            for left_out in api.left_out() {
                tracing::warn!(target: "fastweb::openapi", "{left_out}");
            }
            let value = api.document().map_err(|error| {
                Error::internal(format!("the OpenAPI document {:?} cannot be made:\n{error}", api.info.title))
            })?;
            let json = Bytes::from(value.to_string());
            made.push(Made { name, value, json });
        }
        // `build()` runs this once.
        let _ = self.documents.0.set(made);
        Ok(())
    }
}

/// The documents of an application: state that [`OpenApi`] adds, for routes of the application's own.
///
/// ```
/// use fastweb::prelude::*;
/// use fastweb::openapi::OpenApiDocuments;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let version = |documents: State<OpenApiDocuments>| {
///     documents.get(None).map(|document| document["info"]["version"].to_string())
/// };
/// let server = App::new().plugin(OpenApi::new("Users", "1.0").without_docs()).get("/version", version).build().await?;
/// server.inject(Inject::get("/version")).await.assert_text(r#""1.0""#);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct OpenApiDocuments(Arc<OnceLock<Vec<Made>>>);

struct Made {
    name: Option<String>,
    value: Value,
    json: Bytes,
}

impl OpenApiDocuments {
    /// The document, or the one with a name. There is none before the application is built.
    pub fn get(&self, name: Option<&str>) -> Option<&Value> {
        self.find(name).map(|made| &made.value)
    }

    fn find(&self, name: Option<&str>) -> Option<&Made> {
        self.0.get()?.iter().find(|made| made.name.as_deref() == name)
    }
}

impl fmt::Debug for OpenApiDocuments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.0.get().into_iter().flatten().map(|made| made.name.as_deref().unwrap_or_default());
        f.debug_list().entries(names).finish()
    }
}

/// The document of a server, without asking it over HTTP: for a step of the build that writes it to a file, or a test that compares it with one.
///
/// ```
/// use fastweb::prelude::*;
///
/// fn app() -> App {
///     App::new().plugin(OpenApi::new("Users", "1.0")).get("/users", "Ada, Grace")
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let document = app().build().await?.openapi().expect("the plugin is registered");
/// assert_eq!(document["info"]["title"], "Users");
/// # Ok(())
/// # }
/// ```
pub trait DescribeServer {
    /// The document of the [`OpenApi`] that is registered with the application itself, not within a scope.
    fn openapi(&self) -> Option<Value>;
}

impl DescribeServer for Server {
    fn openapi(&self) -> Option<Value> {
        self.get_state::<OpenApiDocuments>()?.get(None).cloned()
    }
}
