//! JSON Schemas of routes: declared as they are, compiled when the application is built, used by the validation and the serialisation phase.
//!
//! | file | what |
//! |---|---|
//! | `declare` | what a route is declared with |
//! | `own` | validators and serialisers that a scope brings itself |
//! | `request_plan` | compiled schemas of requests, and the validation phase |
//! | `text` | the parts of requests that are names and values |
//! | `typed` | models as arguments of handlers |
//! | `documents` | what that phase leaves for extractors |
//! | `answer_plan` | compiled schemas of answers, and how they are written |

mod answer_plan;
mod declare;
mod documents;
mod own;
mod request_plan;
mod text;
mod typed;

pub(crate) use answer_plan::AnswerPlan;
pub(crate) use declare::schema_methods;
pub use declare::{ResponseStatus, RouteSchemas};
pub(crate) use documents::{BodyKind, Documents, data_error};
pub(crate) use own::{OwnSerializer, OwnValidator, SerializerCompiler, ValidatorCompiler};
pub use own::{SchemaPart, SchemaUse};
pub(crate) use request_plan::RequestPlan;
pub(crate) use typed::TextPart;
#[allow(unreachable_pub)]
pub use typed::{JsonPlan, TextPlan};

use std::panic::Location;
use std::sync::Arc;

use fastweb_schema::{Draft, Registry};
use serde_json::Value;

use crate::app::Settings;
use crate::route::Route;

/// What a scope declares about schemas.
#[derive(Default)]
pub(crate) struct ScopeSchemas {
    pub(crate) shared: Vec<SharedSchema>,
    pub(crate) validator: Option<Arc<ValidatorCompiler>>,
    pub(crate) serializer: Option<Arc<SerializerCompiler>>,
}

impl ScopeSchemas {
    /// Takes over what `other` declares, behind what is here.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.shared.extend(other.shared);
        self.validator = other.validator.or(self.validator.take());
        self.serializer = other.serializer.or(self.serializer.take());
    }
}

/// A schema that a scope shares with its routes, and where it was added.
pub(crate) struct SharedSchema {
    pub(crate) schema: Value,
    pub(crate) place: &'static Location<'static>,
}

/// What a scope's routes compile their schemas with.
#[derive(Clone)]
pub(crate) struct Compilers {
    pub(crate) registry: Registry,
    /// Something is wrong with the registry, and that was told.
    is_broken: bool,
    pub(crate) validator: Option<Arc<ValidatorCompiler>>,
    pub(crate) serializer: Option<Arc<SerializerCompiler>>,
    /// As Fastify has it: coercion in bodies and answers, and what a schema forbids is removed.
    pub(crate) fastify_mode: bool,
    /// What a response schema keeps back is logged.
    pub(crate) logs_dropped: bool,
}

impl Compilers {
    pub(crate) fn new(settings: &Settings) -> Self {
        let draft = if settings.fastify_mode { Draft::Draft7 } else { Draft::Draft202012 };
        Self {
            registry: Registry::new().with_default_draft(draft),
            is_broken: false,
            validator: None,
            serializer: None,
            fastify_mode: settings.fastify_mode,
            logs_dropped: settings.log_dropped_fields,
        }
    }

    /// Adds what a scope declares. What is wrong with its schemas goes to `problems`, once.
    pub(crate) fn enter(&mut self, scope: ScopeSchemas, problems: &mut Vec<String>) {
        let ScopeSchemas { shared, validator, serializer } = scope;
        self.validator = validator.or(self.validator.take());
        self.serializer = serializer.or(self.serializer.take());
        let mut last = None;
        for SharedSchema { schema, place } in shared {
            last = Some(place);
            if let Err(error) = self.registry.add(schema) {
                self.is_broken = true;
                problems.push(format!("a shared schema ({}:{}): {error}", place.file(), place.line()));
            }
        }
        let Some(place) = last.filter(|_| !self.is_broken) else { return };
        // A reference of a shared schema that leads nowhere is found here, also where no route uses it.
        if let Err(error) = self.registry.compile(&Value::Bool(true)) {
            self.is_broken = true;
            problems.push(format!("the shared schemas ({}:{}): {error}", place.file(), place.line()));
        }
    }

    /// Compiles the schemas of `route`. What is wrong with them goes to `problems`, completing the sentence "the route: …".
    pub(crate) fn compile(
        &self,
        route: &Route,
        defers_answers: bool,
        problems: &mut Vec<String>,
    ) -> (Option<Box<RequestPlan>>, Option<AnswerPlan>) {
        if self.is_broken || route.schemas.is_empty() {
            return (None, None);
        }
        let request = RequestPlan::compile(self, route, problems);
        let answers = AnswerPlan::compile(self, route, defers_answers, problems);
        (request.map(Box::new), answers)
    }
}
