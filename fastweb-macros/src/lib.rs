//! Attribute macros of fastweb: `#[get("/users/{id}")]` and its sisters, which make a function a route.
//!
//! Applications use them through the facade crate, `fastweb`, whose prelude has them. What they write names only
//! `::fastweb::__private`, or the crate that `crate = …` names.

#![forbid(unsafe_code)]
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod api_error;
mod dependency;
mod model;
mod respan;
mod route;
mod standard;

use proc_macro::TokenStream;

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident [$($method:literal),+],)+) => {$(
        $(#[$doc])*
        #[proc_macro_attribute]
        pub fn $name(options: TokenStream, function: TokenStream) -> TokenStream {
            route::expand(stringify!($name), Some(&[$($method),+]), options.into(), function.into()).into()
        }
    )+};
}

methods! {
    /// Makes a function the handler of a `GET` route.
    ///
    /// What stands in the place of the function afterwards is registered with `App::route`. The function itself is `name::call`, for
    /// unit tests.
    ///
    /// ```
    /// use fastweb::prelude::*;
    ///
    /// /// One user.
    /// ///
    /// /// The first paragraph is the summary in documentation, the others are the description.
    /// #[get("/users/{id}", tag = "users")]
    /// async fn user(id: u64, greeting: State<String>) -> Result<String> {
    ///     if id == 0 {
    ///         return Err(Error::not_found("nobody has the number 0"));
    ///     }
    ///     Ok(format!("{} {id}", *greeting))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let server = App::new().state(String::from("hello")).route(user).build().await?;
    /// assert_eq!(server.inject(Inject::get("/users/7")).await.text(), "hello 7");
    /// assert_eq!(server.inject(Inject::get("/users/0")).await.status(), 404);
    /// assert_eq!(server.inject(Inject::get("/users/x")).await.status(), 400);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Arguments
    ///
    /// Any number of them, in any order:
    ///
    /// - A parameter of the path by its name: `id: u64`, `slug: &str`, `year: Option<u16>` for `{year?}`. `_id` takes one that is not used. Every type that
    ///   reads itself with serde from one value will do.
    /// - Extractors: `Json<T>`, `Query<T>`, `State<T>`, `Path<T>`, whatever implements `Extract` or `FromRequest`.
    /// - `&mut Request` and `&mut Reply`.
    ///
    /// Each parameter of the path needs an argument, unless a `Path<T>` or the request itself is one.
    ///
    /// # Options
    ///
    /// | | |
    /// |---|---|
    /// | `status = 201` | the status of answers that name none |
    /// | `tag = "users"`, `tags = ["users", "admin"]` | groups in documentation |
    /// | `summary = "…"`, `description = "…"` | instead of the doc comment |
    /// | `operation_id = "createUser"` | the name in generated clients |
    /// | `deprecated`, `hidden` | for documentation |
    /// | `blocking` | the function is not `async`, and runs on the pool for blocking work: see below |
    /// | `mcp` | the route is a tool of the Model Context Protocol, for who has the feature and the plugin `Mcp` |
    /// | `security = Dep<Caller>` | what requests have to get past before anything else of them is looked at: an extractor or a dependency, as if it were an argument that is not used. It may stand several times, and stands in documentation |
    /// | `body_limit = 64 * 1024` | in bytes |
    /// | `timeout = Duration::from_secs(5)` | or a `Timeout` |
    /// | `config = value` | what plugins and hooks read of the route; one value per type |
    /// | `on_request = hook`, `pre_parsing`, `pre_validation`, `pre_handler`, `pre_serialization`, `on_send`, `on_response`, `on_error`, `on_timeout`, `on_request_abort` | hooks; each may stand several times |
    /// | `error_handler = function` | instead of the scope's |
    /// | `host = "shop.example.com"`, `version = "1.2.0"` | constraints |
    /// | `crate = path` | where fastweb is, if a dependency has another name |
    ///
    /// # Work that blocks
    ///
    /// With `blocking` the arguments are made on the worker, and the function runs on a thread of the pool for blocking work beside it: it may compute, or wait for
    /// a file. Arguments and answer go from thread to thread, so they are `Send`: `Arc<T>` is the state that `State<T>` is otherwise, and there is no
    /// `&mut Request`. Where the pool has no place left, the request is answered with 503 and `FW_ERR_BUSY`; where the client is gone, the result is dropped.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use fastweb::prelude::*;
    ///
    /// struct Words(Vec<String>);
    ///
    /// #[get("/search/{part}", blocking)]
    /// fn search(part: &str, words: Arc<Words>) -> String {
    ///     words.0.iter().filter(|word| word.contains(part)).cloned().collect::<Vec<_>>().join(" ")
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let server = App::new().state(Words(vec!["tea".into(), "coffee".into()])).route(search).build().await?;
    /// server.inject(Inject::get("/search/f")).await.assert_text("coffee");
    /// # Ok(())
    /// # }
    /// ```
    get ["GET"],
    /// Makes a function the handler of a `POST` route. Arguments and options are those of [`macro@get`].
    ///
    /// ```
    /// use fastweb::prelude::*;
    ///
    /// #[post("/notes", status = 201, body_limit = 1024)]
    /// fn add(text: String) -> String {
    ///     text.to_uppercase()
    /// }
    /// let app = App::new().route(add);
    /// assert_eq!(add::call("a".into()), "A");
    /// # drop(app);
    /// ```
    post ["POST"],
    /// Makes a function the handler of a `PUT` route. Arguments and options are those of [`macro@get`].
    ///
    /// ```
    /// use fastweb::prelude::*;
    ///
    /// #[put("/notes/{id}")]
    /// async fn replace(id: u32, text: String) -> String {
    ///     format!("{id}: {text}")
    /// }
    /// let app = App::new().route(replace);
    /// # drop(app);
    /// ```
    put ["PUT"],
    /// Makes a function the handler of a `PATCH` route. Arguments and options are those of [`macro@get`].
    ///
    /// ```
    /// use fastweb::prelude::*;
    ///
    /// #[patch("/notes/{id}")]
    /// async fn change(id: u32, text: String) -> String {
    ///     format!("{id}: {text}")
    /// }
    /// let app = App::new().route(change);
    /// # drop(app);
    /// ```
    patch ["PATCH"],
    /// Makes a function the handler of a `DELETE` route. Arguments and options are those of [`macro@get`].
    ///
    /// ```
    /// use fastweb::prelude::*;
    ///
    /// #[delete("/notes/{id}")]
    /// fn remove(_id: u32) -> NoContent {
    ///     NoContent
    /// }
    /// let app = App::new().route(remove);
    /// # drop(app);
    /// ```
    delete ["DELETE"],
    /// Makes a function the handler of a `HEAD` route. Arguments and options are those of [`macro@get`], whose routes answer `HEAD` too.
    ///
    /// ```
    /// use fastweb::prelude::*;
    ///
    /// #[head("/large")]
    /// fn about_large() -> Reply {
    ///     Reply::new().with_header("x-rows", "1000000")
    /// }
    /// let app = App::new().route(about_large);
    /// # drop(app);
    /// ```
    head ["HEAD"],
    /// Makes a function the handler of an `OPTIONS` route. Arguments and options are those of [`macro@get`].
    ///
    /// ```
    /// use fastweb::prelude::*;
    ///
    /// #[options("/notes")]
    /// fn about_notes() -> Reply {
    ///     Reply::new().with_header("allow", "GET, POST")
    /// }
    /// let app = App::new().route(about_notes);
    /// # drop(app);
    /// ```
    options ["OPTIONS"],
    /// Makes a function the handler of a `TRACE` route. Arguments and options are those of [`macro@get`].
    ///
    /// ```
    /// use fastweb::prelude::*;
    ///
    /// #[fastweb::trace("/echo")]
    /// fn echo(req: &mut Request) -> String {
    ///     req.target().to_owned()
    /// }
    /// let app = App::new().route(echo);
    /// # drop(app);
    /// ```
    trace ["TRACE"],
    /// Makes a function the handler of a path for all standard methods but `CONNECT`. Arguments and options are those of [`macro@get`].
    ///
    /// ```
    /// use fastweb::prelude::*;
    ///
    /// #[any("/anything")]
    /// fn anything(method: Method) -> String {
    ///     method.to_string()
    /// }
    /// let app = App::new().route(anything);
    /// # drop(app);
    /// ```
    any ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"],
}

/// Makes an asynchronous function the handler of WebSockets of a path. Arguments are those of [`macro@get`], and a `WebSocket`, but neither `&mut Request` nor
/// `&mut Reply`, which are gone when it is open. Options are those of [`macro@get`], but neither `status` nor `body_limit`, `timeout`, `blocking`
/// and `mcp`: what a WebSocket may do says `config = WebSocketOptions::new()`. Of a body nothing can be taken, since a handshake has none. It returns nothing, or a `Result<()>`.
///
/// ```
/// use fastweb::prelude::*;
///
/// /// Says everything again.
/// #[websocket("/echo/{name}", config = WebSocketOptions::new().max_message(4096))]
/// async fn echo(mut socket: WebSocket, name: &str) -> Result<()> {
///     while let Some(message) = socket.recv().await {
///         let message = message?;
///         socket.send(format!("{name}: {}", message.as_text().unwrap_or("bytes"))).await?;
///     }
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let server = App::new().route(echo).build().await?;
/// let mut client = server.inject_websocket("/echo/Ada").await.expect("it may connect");
/// client.send("hello").await;
/// assert_eq!(client.recv_text().await, "Ada: hello");
/// # Ok(())
/// # }
/// ```
#[proc_macro_attribute]
pub fn websocket(options: TokenStream, function: TokenStream) -> TokenStream {
    route::expand("websocket", Some(&["GET"]), options.into(), function.into()).into()
}

/// Makes a function the handler of a route of any method, or of several. Arguments and options are those of [`macro@get`].
///
/// ```
/// use fastweb::prelude::*;
///
/// #[route(["GET", "POST"], "/search")]
/// async fn search(Query(words): Query<Vec<(String, String)>>) -> String {
///     format!("{} words", words.len())
/// }
/// #[route("PROPFIND", "/files/{*path}")]
/// fn properties(path: &str) -> String {
///     path.to_owned()
/// }
/// let app = App::new().route(search).route(properties);
/// # drop(app);
/// ```
#[proc_macro_attribute]
pub fn route(options: TokenStream, function: TokenStream) -> TokenStream {
    route::expand("route", None, options.into(), function.into()).into()
}

/// Makes a function say how a dependency is provided: it implements `Dependency` for what the function returns.
///
/// Arguments are extractors and other dependencies, up to eight; the function may be asynchronous, and returns the value or a `Result` of it. The
/// function itself stays what it is.
///
/// | option | |
/// |---|---|
/// | `before_response = function` | `async fn(&T, &Outcome<'_>) -> Result<()>`: the answer is known, and not sent |
/// | `after_response = function` | `async fn(&T)`: the reply is sent |
/// | `crate = path` | where fastweb is, if a dependency has another name |
///
/// ```
/// use fastweb::prelude::*;
///
/// struct Caller(String);
///
/// #[dependency]
/// async fn caller(headers: Headers) -> Result<Caller> {
///     let name = headers.get("x-user").ok_or_else(|| Error::unauthorized("who are you?"))?;
///     Ok(Caller(name.to_owned()))
/// }
///
/// #[get("/me")]
/// async fn me(caller: Dep<Caller>) -> String {
///     caller.0.clone()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let server = App::new().route(me).build().await?;
/// assert_eq!(server.inject(Inject::get("/me").header("x-user", "Ada")).await.text(), "Ada");
/// assert_eq!(server.inject(Inject::get("/me")).await.status(), 401);
/// # Ok(())
/// # }
/// ```
#[proc_macro_attribute]
pub fn dependency(options: TokenStream, function: TokenStream) -> TokenStream {
    dependency::expand(options.into(), function.into()).into()
}

/// Makes a struct or an enum a model: serde reads and writes it, it has a JSON Schema, and what a client sends for it is validated.
///
/// ```
/// use fastweb::prelude::*;
/// use fastweb::model;
///
/// /// Somebody new.
/// #[model]
/// #[serde(rename_all = "camelCase")]
/// struct NewUser {
///     #[schema(min_length = 1, max_length = 100)]
///     full_name: String,
///     #[schema(format = "email", max_length = 254)]
///     email: String,
///     #[schema(maximum = 150)]
///     age: Option<u8>,
///     #[serde(default)]
///     #[schema(max_items = 16, items(max_length = 32))]
///     tags: Vec<String>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let create = async |Json(new): Json<NewUser>| format!("{} has {} tags", new.full_name, new.tags.len());
/// let server = App::new().post("/users", create).build().await?;
/// let post = async |body: &'static str| server.inject(Inject::post("/users").header("content-type", "application/json").body(body)).await;
///
/// let reply = post(r#"{"fullName":"Ada","email":"ada@example.com"}"#).await;
/// assert_eq!(reply.text(), "Ada has 0 tags");
/// let reply = post(r#"{"fullName":"","email":"ada","age":36.5}"#).await;
/// assert_eq!(reply.status(), 400);
/// assert!(reply.text().contains(
///     r#"body/fullName must NOT have fewer than 1 characters, body/email must match format \"email\", body/age must be integer"#
/// ));
/// # Ok(())
/// # }
/// ```
///
/// `Serialize`, `Deserialize` and schemars' `JsonSchema` are derived; they do not stand in `#[derive(…)]`, and neither serde nor schemars needs to be
/// a dependency. Attributes of serde are honoured, and schemars' too.
///
/// # Constraints
///
/// `#[schema(…)]` stands above a field, or above a struct with one field without name. Each constraint is in the schema, and is checked.
///
/// | of | constraints |
/// |---|---|
/// | texts | `min_length`, `max_length` (in code points), `pattern`, `format` |
/// | numbers | `minimum`, `maximum`, `exclusive_minimum`, `exclusive_maximum`, `multiple_of` |
/// | arrays | `min_items`, `max_items`, `unique_items`, and `items(…)`: what holds for each item |
/// | maps | `items(…)`: what holds for each value |
/// | all, for documentation alone | `title`, `description` (the doc comment otherwise), `example` (any number), `default`, `deprecated` |
///
/// # How it is read
///
/// Generated code reads a model in one pass over the bytes. It knows structs with named fields, structs with one field without name, enums of units, and
/// enums that are told apart by a member's name or by a tag that comes first (`#[serde(tag = "…")]`); and as fields other models, numbers, texts, `bool`, `char`,
/// `Option`, `Box`, `Vec`, sets, and maps by text. With any other attribute of serde (`flatten`, `with`, `untagged` …), or a field whose type is none of these, the
/// model is read by serde and checked by a validator, which takes longer and says the same. `Model::IS_ONE_PASS` tells which.
///
/// The only option is `crate = path`: where fastweb is, if the dependency has another name.
#[proc_macro_attribute]
pub fn model(options: TokenStream, item: TokenStream) -> TokenStream {
    model::expand(options.into(), item.into()).into()
}

/// Makes an enum the error of handlers: each variant says what it answers.
///
/// It implements `Display`, `std::error::Error` and `HttpError`, so `?` turns it into an answer, and says all its answers in the documentation of routes
/// whose functions return it.
///
/// | above a variant | |
/// |---|---|
/// | `#[error(status = 404, message = "no user {id}")]` | the status, from 400 to 599, and the message: fields stand in braces, as in `format!`, those without a name by their number. Without `message` the doc comment is it |
/// | `code = "USER_NOT_FOUND"` | beside them the `code`. Without it, it is the name of the variant: `NotFound` is `NOT_FOUND` |
/// | `#[error(transparent)]` | it answers what the one error in it does, which is an `HttpError` |
///
/// | above a field | |
/// |---|---|
/// | `#[from]` | the error in the only field becomes this one by `?` |
/// | `#[source]`, or the name `source` | the error behind this one |
///
/// `#[error(crate = path)]` above the enum says where fastweb is, if the dependency has another name. The message of a status from 500 on stays in the log.
///
/// ```
/// use fastweb::prelude::*;
///
/// #[derive(Debug, ApiError)]
/// enum UserError {
///     #[error(status = 404, code = "USER_NOT_FOUND", message = "there is no user {id}")]
///     NotFound { id: u64 },
///     #[error(status = 409, message = "the name {0:?} is taken")]
///     NameTaken(String),
///     /// The store is away.
///     #[error(status = 503)]
///     Store(#[from] std::io::Error),
/// }
///
/// #[get("/users/{id}")]
/// async fn user(id: u64) -> Result<String, UserError> {
///     match id {
///         7 => Ok("Ada".into()),
///         8 => Err(std::io::Error::other("no route to host"))?,
///         id => Err(UserError::NotFound { id }),
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let server = App::new().route(user).build().await?;
/// server.inject(Inject::get("/users/7")).await.assert_text("Ada");
/// let reply = server.inject(Inject::get("/users/1")).await;
/// assert_eq!(
///     reply.text(),
///     r#"{"statusCode":404,"code":"USER_NOT_FOUND","error":"Not Found","message":"there is no user 1"}"#
/// );
/// assert_eq!(server.inject(Inject::get("/users/8")).await.status(), 503);
/// # Ok(())
/// # }
/// ```
#[proc_macro_derive(ApiError, attributes(error, from, source))]
pub fn api_error(item: TokenStream) -> TokenStream {
    api_error::expand(item.into()).into()
}
