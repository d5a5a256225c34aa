#!/usr/bin/env python3
"""What 300 typed routes over 60 models cost to compile: with fastweb, and the same API with axum, utoipa and garde.

    benches/build_time/compare.py [--rounds N] [--warm N] [--out DIR]

Writes both programs into DIR (target/build_time), builds them in turns with one job, and prints user CPU seconds: of builds with nothing built
before (release), and of builds after a change in one handler (debug). CPU seconds are less disturbed by what else runs than times, not undisturbed: what
counts is the ratio, over rounds in turns.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = 60

MANIFEST = """[package]
name = "{name}"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
{dependencies}
"""

DEPENDENCIES = {
    "fastweb": f'fastweb = {{ path = "{ROOT}", features = ["openapi"] }}\n',
    "axum": """axum = "0.8.9"
garde = { version = "0.23", features = ["derive", "email", "regex"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1"
tokio = { version = "1", features = ["macros", "rt-multi-thread", "net"] }
utoipa = "6"
utoipa-axum = "0.3"
""",
}

# The values are made by the same code in both.
SAMPLE = """
impl {Model} {{
    fn sample(id: u64) -> Self {{
        Self {{
            id,
            name: format!("{model} {{id}}"),
            email: format!("{{id}}@example.com"),
            age: (id % 100) as u8,
            score: id as f64 / 4.0,
            active: id % 2 == 0,
            tags: vec!["new".to_owned()],
            note: None,
        }}
    }}
}}
"""

FASTWEB_MODULE = (
    """use fastweb::prelude::*;

use crate::{{ApiError, Paging, Store}};

/// One {model}.
#[fastweb::model]
pub struct {Model} {{
    #[schema(minimum = 1)]
    pub id: u64,
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    #[schema(format = "email", max_length = 254)]
    pub email: String,
    #[schema(maximum = 150)]
    pub age: u8,
    #[schema(minimum = 0)]
    pub score: f64,
    pub active: bool,
    #[schema(max_items = 16, items(max_length = 32))]
    pub tags: Vec<String>,
    #[schema(max_length = 500)]
    pub note: Option<String>,
}}
"""
    + SAMPLE
    + """
/// List every {model}.
#[get("/{model}", tag = "{model}")]
async fn list(paging: Query<Paging>, store: State<Store>) -> Json<Vec<{Model}>> {{
    Json((1..=paging.limit.min(store.rows)).map({Model}::sample).collect())
}}

/// Show one {model}.
#[get("/{model}/{{id}}", tag = "{model}")]
async fn show(id: u64, store: State<Store>) -> Result<Json<{Model}>, ApiError> {{
    if id > store.rows {{
        return Err(ApiError::NotFound);
    }}
    Ok(Json({Model}::sample(id)))
}}

/// Create one {model}.
#[post("/{model}", status = 201, tag = "{model}")]
async fn create(Json(new): Json<{Model}>, store: State<Store>) -> Result<Json<{Model}>, ApiError> {{
    if new.id > store.rows {{ Ok(Json(new)) }} else {{ Err(ApiError::Taken) }}
}}

/// Replace one {model}.
#[put("/{model}/{{id}}", tag = "{model}")]
async fn replace(id: u64, Json(new): Json<{Model}>, store: State<Store>) -> Result<Json<{Model}>, ApiError> {{
    if id > store.rows {{ Err(ApiError::NotFound) }} else {{ Ok(Json({Model} {{ id, ..new }})) }}
}}

/// Remove one {model}.
#[delete("/{model}/{{id}}", tag = "{model}")]
async fn remove(id: u64, store: State<Store>) -> Result<NoContent, ApiError> {{
    if id > store.rows {{ Err(ApiError::NotFound) }} else {{ Ok(NoContent) }}
}}

pub fn routes(app: App) -> App {{
    app.route(list).route(show).route(create).route(replace).route(remove)
}}
"""
)

FASTWEB_MAIN = """use fastweb::prelude::*;

{modules}
struct Store {{
    rows: u64,
}}

#[fastweb::model]
struct Paging {{
    #[schema(minimum = 1, maximum = 100)]
    limit: u64,
}}

#[derive(Debug, ApiError)]
enum ApiError {{
    #[error(status = 404, message = "there is none of that number")]
    NotFound,
    #[error(status = 409, message = "the number is taken")]
    Taken,
}}

fn main() -> fastweb::Result<()> {{
    let app = App::new().state(Store {{ rows: 1000 }}).plugin(OpenApi::new("Build time", "1.0"));
{routes}    app.run("127.0.0.1:0")
}}
"""

AXUM_MODULE = (
    """use axum::Json;
use axum::extract::{{Path, State}};
use axum::http::StatusCode;
use garde::Validate;
use serde::{{Deserialize, Serialize}};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{{ApiError, Paging, Problem, Store, Valid, ValidQuery}};

/// One {model}.
#[derive(Serialize, Deserialize, ToSchema, Validate)]
pub struct {Model} {{
    #[garde(range(min = 1))]
    #[schema(minimum = 1)]
    pub id: u64,
    #[garde(length(chars, min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    #[garde(email, length(chars, max = 254))]
    #[schema(format = "email", max_length = 254)]
    pub email: String,
    #[garde(range(max = 150))]
    #[schema(maximum = 150)]
    pub age: u8,
    #[garde(range(min = 0.0))]
    #[schema(minimum = 0)]
    pub score: f64,
    #[garde(skip)]
    pub active: bool,
    #[garde(length(max = 16), inner(length(chars, max = 32)))]
    #[schema(max_items = 16)]
    pub tags: Vec<String>,
    #[garde(length(chars, max = 500))]
    #[schema(max_length = 500)]
    pub note: Option<String>,
}}
"""
    + SAMPLE
    + """
/// List every {model}.
#[utoipa::path(get, path = "/{model}", tag = "{model}", params(Paging), responses((status = 200, body = Vec<{Model}>), (status = 400, body = Problem)))]
async fn list(ValidQuery(paging): ValidQuery<Paging>, State(store): State<Store>) -> Json<Vec<{Model}>> {{
    Json((1..=paging.limit.min(store.rows)).map({Model}::sample).collect())
}}

/// Show one {model}.
#[utoipa::path(get, path = "/{model}/{{id}}", tag = "{model}", params(("id" = u64, Path)), responses((status = 200, body = {Model}), (status = 404, body = Problem)))]
async fn show(Path(id): Path<u64>, State(store): State<Store>) -> Result<Json<{Model}>, ApiError> {{
    if id > store.rows {{
        return Err(ApiError::NotFound);
    }}
    Ok(Json({Model}::sample(id)))
}}

/// Create one {model}.
#[utoipa::path(post, path = "/{model}", tag = "{model}", request_body = {Model}, responses((status = 201, body = {Model}), (status = 400, body = Problem), (status = 409, body = Problem)))]
async fn create(State(store): State<Store>, Valid(new): Valid<{Model}>) -> Result<(StatusCode, Json<{Model}>), ApiError> {{
    if new.id > store.rows {{ Ok((StatusCode::CREATED, Json(new))) }} else {{ Err(ApiError::Taken) }}
}}

/// Replace one {model}.
#[utoipa::path(put, path = "/{model}/{{id}}", tag = "{model}", params(("id" = u64, Path)), request_body = {Model}, responses((status = 200, body = {Model}), (status = 400, body = Problem), (status = 404, body = Problem)))]
async fn replace(Path(id): Path<u64>, State(store): State<Store>, Valid(new): Valid<{Model}>) -> Result<Json<{Model}>, ApiError> {{
    if id > store.rows {{ Err(ApiError::NotFound) }} else {{ Ok(Json({Model} {{ id, ..new }})) }}
}}

/// Remove one {model}.
#[utoipa::path(delete, path = "/{model}/{{id}}", tag = "{model}", params(("id" = u64, Path)), responses((status = 204), (status = 404, body = Problem)))]
async fn remove(Path(id): Path<u64>, State(store): State<Store>) -> Result<StatusCode, ApiError> {{
    if id > store.rows {{ Err(ApiError::NotFound) }} else {{ Ok(StatusCode::NO_CONTENT) }}
}}

pub fn router() -> OpenApiRouter<Store> {{
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(show, replace, remove))
}}
"""
)

AXUM_MAIN = """use axum::extract::rejection::{{JsonRejection, QueryRejection}};
use axum::extract::{{FromRequest, FromRequestParts, Query, Request}};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{{IntoResponse, Response}};
use axum::{{Json, routing}};
use garde::Validate;
use serde::de::DeserializeOwned;
use serde::{{Deserialize, Serialize}};
use utoipa::{{IntoParams, OpenApi, ToSchema}};
use utoipa_axum::router::OpenApiRouter;

{modules}
#[derive(Clone)]
struct Store {{
    rows: u64,
}}

#[derive(Deserialize, IntoParams, Validate)]
struct Paging {{
    #[garde(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100)]
    limit: u64,
}}

#[derive(Serialize, ToSchema)]
struct Problem {{
    status: u16,
    code: String,
    message: String,
}}

#[derive(Debug)]
enum ApiError {{
    NotFound,
    Taken,
    Invalid(String),
}}

impl IntoResponse for ApiError {{
    fn into_response(self) -> Response {{
        let (status, code, message) = match self {{
            Self::NotFound => (StatusCode::NOT_FOUND, "NOT_FOUND", "there is none of that number".to_owned()),
            Self::Taken => (StatusCode::CONFLICT, "TAKEN", "the number is taken".to_owned()),
            Self::Invalid(message) => (StatusCode::BAD_REQUEST, "INVALID", message),
        }};
        (status, Json(Problem {{ status: status.as_u16(), code: code.to_owned(), message }})).into_response()
    }}
}}

impl From<JsonRejection> for ApiError {{
    fn from(error: JsonRejection) -> Self {{
        Self::Invalid(error.body_text())
    }}
}}

impl From<QueryRejection> for ApiError {{
    fn from(error: QueryRejection) -> Self {{
        Self::Invalid(error.body_text())
    }}
}}

/// A body that was validated.
struct Valid<T>(T);

impl<S: Send + Sync, T: DeserializeOwned + Validate<Context = ()>> FromRequest<S> for Valid<T> {{
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {{
        let Json(value) = Json::<T>::from_request(request, state).await?;
        value.validate().map_err(|report| ApiError::Invalid(report.to_string()))?;
        Ok(Self(value))
    }}
}}

/// A query that was validated.
struct ValidQuery<T>(T);

impl<S: Send + Sync, T: DeserializeOwned + Validate<Context = ()>> FromRequestParts<S> for ValidQuery<T> {{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {{
        let Query(value) = Query::<T>::from_request_parts(parts, state).await?;
        value.validate().map_err(|report| ApiError::Invalid(report.to_string()))?;
        Ok(Self(value))
    }}
}}

#[derive(OpenApi)]
#[openapi(info(title = "Build time", version = "1.0"))]
struct Document;

#[tokio::main]
async fn main() {{
    let router = OpenApiRouter::with_openapi(Document::openapi());
{routes}    let (router, document) = router.split_for_parts();
    let document = document.to_json().expect("a document");
    let router = router.route("/openapi.json", routing::get(move || std::future::ready(document.clone())));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    axum::serve(listener, router.with_state(Store {{ rows: 1000 }})).await.expect("a server");
}}
"""

PROGRAMS = {
    "fastweb": (FASTWEB_MODULE, FASTWEB_MAIN, "    let app = {module}::routes(app);\n"),
    "axum": (AXUM_MODULE, AXUM_MAIN, "    let router = router.merge({module}::router());\n"),
}


def generate(out):
    for name, (module, main, route) in PROGRAMS.items():
        folder = out / name
        (folder / "src").mkdir(parents=True, exist_ok=True)
        manifest = MANIFEST.format(name=f"build_time_{name}", dependencies=DEPENDENCIES[name])
        (folder / "Cargo.toml").write_text(manifest)
        modules = [f"item{n}" for n in range(MODELS)]
        for n, model in enumerate(modules):
            (folder / "src" / f"{model}.rs").write_text(module.format(model=model, Model=f"Item{n}"))
        text = main.format(
            modules="".join(f"mod {module};\n" for module in modules),
            routes="".join(route.format(module=module) for module in modules),
        )
        (folder / "src" / "main.rs").write_text(text)


def build(folder, target, *arguments):
    """Builds, and returns the user CPU seconds of all that it took."""
    environment = {**os.environ, "CARGO_TARGET_DIR": str(target)}
    for name in [name for name in environment if name.startswith("CARGO_PROFILE_")]:
        del environment[name]
    command = ["cargo", "build", "--quiet", "-j1", *arguments]
    process = subprocess.Popen(command, cwd=folder, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(command)} in {folder} failed")
    return usage.ru_utime


def change(folder, round_number):
    """Another number in the body of one handler."""
    path = folder / "src" / "item30.rs"
    text = path.read_text()
    before = text.index("vec![\"new")
    after = text.index("\"", before + 6)
    path.write_text(f'{text[:before]}vec!["new{round_number}{text[after:]}')


def report(what, seconds):
    ours, theirs = (statistics.median(seconds[name]) for name in ("fastweb", "axum"))
    rounds = {name: ", ".join(f"{second:.1f}" for second in seconds[name]) for name in seconds}
    print(f"{what}: fastweb {ours:.1f} s ({rounds['fastweb']}), axum {theirs:.1f} s ({rounds['axum']}), ratio {ours / theirs:.2f}", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3, help="cold release builds of each")
    options.add_argument("--warm", type=int, default=5, help="warm debug builds of each")
    options.add_argument("--out", type=pathlib.Path, default=ROOT / "target" / "build_time")
    options = options.parse_args()
    out = options.out.resolve()
    generate(out)

    seconds = {name: [] for name in PROGRAMS}
    own = {name: [] for name in PROGRAMS}
    for _ in range(options.rounds):
        for name in PROGRAMS:
            target = out / "target" / f"{name}-release"
            shutil.rmtree(target, ignore_errors=True)
            seconds[name].append(build(out / name, target, "--release"))
            # The program alone: its dependencies are there.
            change(out / name, len(own[name]))
            own[name].append(build(out / name, target, "--release"))
    if options.rounds:
        report("cold release, dependencies included", seconds)
        report("release, the program alone", own)

    seconds = {name: [] for name in PROGRAMS}
    for name in PROGRAMS if options.warm else []:
        build(out / name, out / "target" / f"{name}-debug")
    for number in range(options.warm):
        for name in PROGRAMS:
            change(out / name, 100 + number)
            seconds[name].append(build(out / name, out / "target" / f"{name}-debug"))
    if options.warm:
        report("warm debug, one handler changed", seconds)


if __name__ == "__main__":
    main()
