//! The schemas of a route's requests, compiled; and the validation phase, which is theirs.

use std::sync::OnceLock;

use fastweb_schema::{
    Buffers, Coercer, Coercion, Document, Failure, Failures, ParseError, Registry, Validator, header_schema,
};
use serde_json::Value;

use super::text::{TextPairs, form_pairs, headers, params, query, text};
use super::{BodyKind, Compilers, Documents, OwnValidator, SchemaPart, SchemaUse};
use crate::error::{Code, Detail, Error, Result};
use crate::extract::{FORM, essence, reads_as_json};
use crate::parser::MediaPattern;
use crate::request::Request;
use crate::route::Route;

/// What the validation phase does with the requests of one route.
pub(crate) struct RequestPlan {
    params: Option<Part>,
    query: Option<Part>,
    headers: Option<Part>,
    /// For bodies of all media types.
    body: Option<BodyPart>,
    /// By media type.
    bodies: Vec<(MediaPattern, BodyPart)>,
}

struct Part {
    coercer: Coercer,
    check: Check,
}

struct BodyPart {
    document: Part,
    form: FormReader,
}

/// Reads forms, whose values are text. It is made for the first one: most bodies with a schema are never sent as one.
struct FormReader {
    made: OnceLock<Result<Coercer, String>>,
    registry: Registry,
    schema: Value,
    coercion: Coercion,
}

struct Check {
    by: CheckBy,
    /// As Fastify, which stops at the first.
    tells_one: bool,
}

enum CheckBy {
    Compiled(Validator),
    Own(OwnValidator),
}

impl RequestPlan {
    pub(super) fn compile(compilers: &Compilers, route: &Route, problems: &mut Vec<String>) -> Option<Self> {
        let schemas = &route.schemas;
        if schemas.params.is_none() && schemas.query.is_none() && schemas.headers.is_none() && !schemas.reads_body() {
            return None;
        }
        let mut compile = |part, key: Option<&str>, schema: &Value| {
            let part = Part::compile(compilers, route, part, key, schema);
            part.map_err(|problem| problems.push(problem)).ok()
        };
        let params = schemas.params.as_ref().and_then(|schema| compile(SchemaPart::Params, None, schema));
        let query = schemas.query.as_ref().and_then(|schema| compile(SchemaPart::Query, None, schema));
        let headers = schemas.headers.as_ref().map(header_schema);
        let headers = headers.and_then(|schema| compile(SchemaPart::Headers, None, &schema));
        let mut compile_body = |key: Option<&str>, schema: &Value| {
            let document = compile(SchemaPart::Body, key, schema)?;
            let form = FormReader::new(compilers, &document.check, schema);
            Some(BodyPart { document, form })
        };
        let body = schemas.body.as_ref().and_then(|schema| compile_body(None, schema));
        let mut bodies = Vec::new();
        for (media_type, schema) in &schemas.bodies {
            if let Some(part) = compile_body(Some(media_type), schema) {
                bodies.push((MediaPattern::parse(media_type.clone()), part));
            }
        }
        // The most precise goes first.
        bodies.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.rank()));
        let wrong = bodies.iter().filter_map(|(pattern, _)| pattern.malformed());
        problems.extend(wrong.map(|media_type| format!("the body schema for {media_type:?}: that is no media type")));
        Some(Self { params, query, headers, body, bodies })
    }

    /// Checks `request`, whose body is there. What is valid stays with it, for the extractors.
    ///
    /// # Errors
    /// The first part that is not valid: 400 with all that is wrong with it.
    pub(crate) fn validate(&self, request: &mut Request) -> Result<()> {
        let mut documents = request.documents.take().unwrap_or_default();
        let checked = self.check(request, &mut documents);
        request.documents = Some(documents);
        checked
    }

    /// Fastify's order: params, body, query, headers.
    fn check(&self, request: &Request, documents: &mut Documents) -> Result<()> {
        let buffers = &mut documents.buffers;
        if let Some(part) = &self.params {
            documents.params = Some(part.read(SchemaPart::Params, params(request)?, buffers)?);
        }
        if let Some(part) = self.body_part(request)? {
            documents.body = Some(part.read(request, buffers)?);
        }
        if let Some(part) = &self.query {
            documents.query = Some(part.read(SchemaPart::Query, query(request)?, buffers)?);
        }
        if let Some(part) = &self.headers {
            documents.headers = Some(part.read(SchemaPart::Headers, headers(request), buffers)?);
        }
        Ok(())
    }

    /// The schema for this request's body.
    fn body_part(&self, request: &Request) -> Result<Option<&BodyPart>> {
        if self.bodies.is_empty() {
            return Ok(self.body.as_ref());
        }
        let media_type = String::from_utf8_lossy(essence(request.head.content_type()));
        let fitting = self.bodies.iter().find(|(pattern, _)| pattern.matches(&media_type));
        if let Some((_, part)) = fitting {
            return Ok(Some(part));
        }
        match &self.body {
            Some(part) => Ok(Some(part)),
            None if is_absent(request) => Ok(self.bodies.first().map(|(_, part)| part)),
            None => Err(Error::from_code(Code::UnsupportedMediaType)),
        }
    }
}

impl Compilers {
    /// For what is text: params, query, headers and forms.
    fn text(&self) -> Coercion {
        if self.fastify_mode { Coercion::fastify() } else { Coercion::text() }
    }

    fn coercion(&self, part: SchemaPart) -> Coercion {
        match part {
            SchemaPart::Body if self.fastify_mode => Coercion::fastify(),
            SchemaPart::Body => Coercion::body(),
            _ => self.text(),
        }
    }
}

/// A validator of the scope's own sees values as they came, and coerces what it wants.
const UNTOUCHED: Coercion = Coercion { types: false, defaults: false, remove_additional: false };

impl Part {
    fn compile(
        compilers: &Compilers,
        route: &Route,
        part: SchemaPart,
        key: Option<&str>,
        schema: &Value,
    ) -> Result<Self, String> {
        let whose = match key {
            Some(key) => format!("the {} schema for {key}", part.name()),
            None => format!("the {} schema", part.name()),
        };
        let registry = &compilers.registry;
        let (by, coercer) = match &compilers.validator {
            Some(compile) => {
                let Route { methods, path, .. } = route;
                let usage = SchemaUse { schema, part, key, methods, path, registry };
                let own = crate::lifecycle::caught(|| compile(&usage)).and_then(|compiled| compiled);
                let own = own.map_err(|error| format!("{whose}: {}", error.message()))?;
                (CheckBy::Own(own), registry.coercer(&Value::Bool(true), UNTOUCHED))
            }
            None => {
                let compiled = registry.compile_with(schema, compilers.coercion(part));
                let (validator, coercer) = compiled.map_err(|error| format!("{whose}: {error}"))?;
                (CheckBy::Compiled(validator), Ok(coercer))
            }
        };
        let check = Check { by, tells_one: compilers.fastify_mode };
        Ok(Self { coercer: coercer.map_err(|error| format!("{whose}: {error}"))?, check })
    }

    /// Names and values as a document that is valid.
    fn read(&self, part: SchemaPart, pairs: TextPairs<'_>, buffers: &mut Buffers) -> Result<Document> {
        let document = self.coercer.read(pairs.iter().map(|(name, value)| (&**name, &**value)), buffers);
        self.check.valid(part, document, buffers)
    }
}

impl FormReader {
    fn new(compilers: &Compilers, check: &Check, schema: &Value) -> Self {
        let (schema, coercion) = match check.by {
            CheckBy::Own(_) => (Value::Bool(true), UNTOUCHED),
            CheckBy::Compiled(_) => (schema.clone(), compilers.text()),
        };
        Self { made: OnceLock::new(), registry: compilers.registry.clone(), schema, coercion }
    }

    /// # Errors
    /// None for a schema that a validator was made of.
    fn get(&self) -> Result<&Coercer> {
        let make = || self.registry.coercer(&self.schema, self.coercion).map_err(|error| error.to_string());
        self.made.get_or_init(make).as_ref().map_err(|error| Error::internal(error.clone()))
    }
}

impl BodyPart {
    fn read(&self, request: &Request, buffers: &mut Buffers) -> Result<(BodyKind, Document)> {
        let bytes = crate::extract::whole(request)?;
        let media_type = request.head.content_type();
        let (kind, document) = if is_absent(request) {
            (BodyKind::Absent, parse(b"null", buffers)?)
        } else if request.is_parsed || reads_as_json(request) {
            if bytes.is_empty() {
                return Err(Error::from_code(Code::EmptyJsonBody));
            }
            (BodyKind::Json, parse(bytes, buffers)?)
        } else if essence(media_type).eq_ignore_ascii_case(FORM.as_bytes()) {
            let pairs = form_pairs(text(bytes)?, "body")?;
            (BodyKind::Form, self.form.get()?.read(pairs.iter().map(|(name, value)| (&**name, &**value)), buffers))
        } else if media_type.get(..5).is_some_and(|kind| kind.eq_ignore_ascii_case(b"text/")) {
            let json = serde_json::to_vec(text(bytes)?).unwrap_or_default();
            (BodyKind::Text, parse(&json, buffers)?)
        } else {
            return Err(Error::from_code(Code::UnsupportedMediaType));
        };
        let document = match kind {
            BodyKind::Form => document,
            _ => self.document.coercer.apply(document, buffers),
        };
        Ok((kind, self.document.check.valid(SchemaPart::Body, document, buffers)?))
    }
}

impl Check {
    /// `document`, if it is valid.
    fn valid(&self, part: SchemaPart, document: Document, buffers: &mut Buffers) -> Result<Document> {
        let most = if self.tells_one { 1 } else { Failures::LIMIT };
        match &self.by {
            CheckBy::Compiled(validator) => match validator.validate(&document) {
                Ok(()) => Ok(document),
                Err(failures) => Err(refusal(part, failures.into_iter().take(most))),
            },
            CheckBy::Own(validator) => {
                let mut value = serde_json::to_value(&document).map_err(Error::from)?;
                document.recycle(buffers);
                validator(&mut value).map_err(|failures| refusal(part, failures.into_iter().take(most)))?;
                parse(&serde_json::to_vec(&value).map_err(Error::from)?, buffers)
            }
        }
    }
}

/// 400 with all that is wrong with one part of a request.
#[cold]
pub(super) fn refusal(part: SchemaPart, failures: impl IntoIterator<Item = Failure>) -> Error {
    let mut message = String::new();
    let mut error = Error::from_code(Code::Validation);
    for Failure { pointer, keyword, message: words, .. } in failures {
        let comma = if message.is_empty() { "" } else { ", " };
        message.push_str(&format!("{comma}{}{pointer} {words}", part.name()));
        error = error.with_detail(Detail { part: part.name(), pointer, keyword, message: words });
    }
    error.with_message(message)
}

fn is_absent(request: &Request) -> bool {
    request.body.is_empty() && request.head.content_type().is_empty() && !request.is_parsed
}

pub(super) fn parse(json: &[u8], buffers: &mut Buffers) -> Result<Document> {
    Document::parse_with(json, buffers).map_err(|error| no_json(&error))
}

#[cold]
pub(super) fn no_json(error: &ParseError) -> Error {
    Error::from_code(Code::InvalidJson).with_message(format!("The body is not valid JSON: {error}"))
}
