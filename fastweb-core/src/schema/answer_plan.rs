//! The schemas of a route's answers, compiled; and how answers are written by them.

use fastweb_schema::{Buffers, Coercer, Coercion, Document, Dropped, Responses, SerializeError, Serializer};
use http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use super::{Compilers, OwnSerializer, SchemaPart, SchemaUse};
use crate::error::{Error, Result};
use crate::route::Route;

/// What a route's answers are written by. Each worker has one for itself.
#[derive(Clone)]
pub(crate) struct AnswerPlan {
    ways: Ways,
    /// `pre_serialization` hooks see the value first, whole.
    is_deferred: bool,
    logs_dropped: bool,
    /// For the log.
    route: Box<str>,
}

#[derive(Clone)]
enum Ways {
    Compiled(Responses),
    /// With values turned into what the schema asks for where that can be, as Fastify does.
    Coercing(Responses, Vec<(String, Coercer)>),
    Own(Vec<(String, OwnSerializer)>),
}

impl AnswerPlan {
    pub(super) fn compile(
        compilers: &Compilers,
        route: &Route,
        is_deferred: bool,
        problems: &mut Vec<String>,
    ) -> Option<Self> {
        let schemas = &route.schemas.responses;
        if schemas.is_empty() {
            return None;
        }
        let whose = |status: &str| format!("the response schema for {status}");
        let mut own = Vec::new();
        let mut serializers = Vec::new();
        let mut coercers = Vec::new();
        for (status, schema) in schemas {
            if let Some(compile) = &compilers.serializer {
                let Route { methods, path, .. } = route;
                let registry = &compilers.registry;
                let usage =
                    SchemaUse { schema, part: SchemaPart::Response, key: Some(status), methods, path, registry };
                match crate::lifecycle::caught(|| compile(&usage)).and_then(|compiled| compiled) {
                    Ok(serializer) => own.push((status.clone(), serializer)),
                    Err(error) => problems.push(format!("{}: {}", whose(status), error.message())),
                }
                continue;
            }
            let shared = |uri: &str| compilers.registry.get(uri).cloned();
            match Serializer::compile_with(schema, &shared) {
                Ok(serializer) => serializers.push((status, serializer)),
                Err(error) => problems.push(format!("{}: {error}", whose(status))),
            }
            if compilers.fastify_mode {
                let coercion = Coercion { types: true, defaults: false, remove_additional: false };
                match compilers.registry.coercer(schema, coercion) {
                    Ok(coercer) => coercers.push((status.clone(), coercer)),
                    Err(error) => problems.push(format!("{}: {error}", whose(status))),
                }
            }
        }
        let ways = match Responses::new(serializers) {
            _ if !own.is_empty() => Ways::Own(own),
            Ok(responses) if compilers.fastify_mode => Ways::Coercing(responses, coercers),
            Ok(responses) => Ways::Compiled(responses),
            Err(error) => {
                problems.push(error.to_string());
                return None;
            }
        };
        let route = format!("{} {}", route.method_names(), route.path).into();
        Some(Self { ways, is_deferred, logs_dropped: compilers.logs_dropped, route })
    }

    /// Writes `value`, an answer of this status, behind what `out` has. Says whether what was written is what the schema declares; if not, it is the whole
    /// value, and [`restrict`](Self::restrict) is to follow.
    pub(crate) fn write<T: Serialize + ?Sized>(
        &self,
        status: StatusCode,
        value: &T,
        out: &mut Vec<u8>,
    ) -> Result<bool> {
        match &self.ways {
            Ways::Compiled(responses) if !self.is_deferred => {
                let Some(serializer) = responses.get(status.as_u16()) else {
                    return whole(value, out).map(|()| true);
                };
                if self.logs_dropped {
                    let dropped = serializer.write_telling(value, out).map_err(|error| refused(&error))?;
                    self.log(&dropped);
                } else {
                    serializer.write(value, out).map_err(|error| refused(&error))?;
                }
                Ok(true)
            }
            _ => whole(value, out).map(|()| false),
        }
    }

    /// What the schema declares of `json`, an answer of this status that was written whole. `None` where it has no schema.
    pub(crate) fn restrict(&self, status: StatusCode, json: &[u8]) -> Result<Option<Vec<u8>>> {
        let status = status.as_u16();
        let mut out = Vec::with_capacity(json.len());
        match &self.ways {
            Ways::Own(own) => {
                let Some(serializer) = of_status(own, status) else { return Ok(None) };
                let value: Value = serde_json::from_slice(json).map_err(Error::from)?;
                return serializer(&value).map(|text| Some(text.into_bytes()));
            }
            Ways::Compiled(responses) => {
                let Some(serializer) = responses.get(status) else { return Ok(None) };
                let value: Value = serde_json::from_slice(json).map_err(Error::from)?;
                if self.logs_dropped {
                    let dropped = serializer.write_value_telling(&value, &mut out).map_err(|error| refused(&error))?;
                    self.log(&dropped);
                } else {
                    serializer.write_value(&value, &mut out).map_err(|error| refused(&error))?;
                }
            }
            Ways::Coercing(responses, coercers) => {
                let Some(serializer) = responses.get(status) else { return Ok(None) };
                let document = Document::parse(json).map_err(|error| Error::internal(error.to_string()))?;
                let document = match of_status(coercers, status) {
                    Some(coercer) => coercer.apply(document, &mut Buffers::new()),
                    None => document,
                };
                serializer.write_value(document.root(), &mut out).map_err(|error| refused(&error))?;
            }
        }
        Ok(Some(out))
    }

    #[cold]
    fn log(&self, dropped: &Dropped) {
        if !dropped.is_empty() {
            tracing::warn!(
                route = &*self.route,
                fields = ?dropped.pointers(),
                more = dropped.more(),
                "an answer has fields that its response schema does not declare; they were left out"
            );
        }
    }
}

fn whole<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<()> {
    crate::reply::write_json(value, out)
}

/// The answer is not what its route declares: a fault of the application, whose client reads no more than that.
#[cold]
fn refused(error: &SerializeError) -> Error {
    Error::internal(format!("the answer does not fit its response schema: {error}"))
}

/// What is for exactly this status, else for its class, else for all.
fn of_status<T>(ways: &[(String, T)], status: u16) -> Option<&T> {
    let class = format!("{}xx", status / 100);
    let keys = [status.to_string(), class, "default".to_owned()];
    keys.iter().find_map(|key| ways.iter().find(|(other, _)| other.eq_ignore_ascii_case(key)).map(|(_, way)| way))
}
