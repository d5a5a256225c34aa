//! From a request to the record that answers it.

use std::collections::HashMap;

use fastweb_router::{InsertError, Miss, Params, Router};

use super::{BoundApp, Settings};
use crate::lifecycle::caught;
use crate::request::Request;
use crate::route::RouteRecord;

/// All routes, and what answers where none matches.
pub(crate) struct RouteTable {
    router: Router<usize>,
    /// The records of inner scopes' `not_found` handlers, by the prefixes of their scopes.
    not_found: Option<Router<usize>>,
    /// The record that answers what no route matches and no scope below the root answers.
    root_not_found: usize,
    /// Some route has constraints.
    has_conditions: bool,
    /// Some route has a version.
    pub(super) varies: bool,
    pub(crate) fastify_mode: bool,
    pub(crate) refuse_wrong_types: bool,
    pub(crate) automatic_options: bool,
}

impl RouteTable {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            router: new_router(settings),
            not_found: None,
            root_not_found: BoundApp::ROOT,
            has_conditions: false,
            varies: false,
            fastify_mode: settings.fastify_mode,
            refuse_wrong_types: settings.router.refuse_wrong_types,
            automatic_options: settings.router.automatic_options && !settings.fastify_mode,
        }
    }

    /// Registers the record of this number, whose constraints are those of `record`.
    ///
    /// Routes with constraints are to be registered in the order of their [precedence](crate::constraint::Constraints::precedence).
    pub(super) fn insert(
        &mut self,
        method: &str,
        path: &str,
        record: &RouteRecord,
        number: usize,
    ) -> Result<(), InsertError> {
        let constraints = &record.constraints;
        if constraints.count() == 0 {
            return self.router.insert(method, path, number);
        }
        self.router.insert_conditional(method, path, constraints.count(), number)?;
        self.has_conditions = true;
        self.varies |= constraints.vary();
        Ok(())
    }

    /// Registers the record that answers what no route matches below `prefix`, which is empty for the root scope.
    pub(super) fn insert_not_found(
        &mut self,
        settings: &Settings,
        prefix: &str,
        number: usize,
    ) -> Result<(), InsertError> {
        if prefix.is_empty() {
            self.root_not_found = number;
            return Ok(());
        }
        let not_found = self.not_found.get_or_insert_with(|| new_router(settings));
        not_found.insert("GET", prefix, number)?;
        not_found.insert("GET", &format!("{prefix}/{{*rest?}}"), number)
    }

    /// The number of the record that answers `request`. Its parameters are noted in the request.
    #[inline]
    pub(crate) fn find(&self, records: &[RouteRecord], request: &mut Request) -> usize {
        if self.has_conditions {
            return self.find_constrained(records, request);
        }
        let head = &request.head;
        match self.router.find(head.method(), head.path(), &mut request.params) {
            Ok(number) => *number,
            Err(miss) => self.answer_miss(records, request, miss),
        }
    }

    #[cold]
    fn find_constrained(&self, records: &[RouteRecord], request: &mut Request) -> usize {
        // Constraints may be the application's own functions. Where one panics nobody knows whose the request is.
        caught(|| self.find_where(records, request)).unwrap_or_else(|panic| {
            request.params.clear();
            request.varies = self.varies;
            request.unroutable = Some(panic);
            BoundApp::ROOT
        })
    }

    fn find_where(&self, records: &[RouteRecord], request: &mut Request) -> usize {
        let mut params = std::mem::take(&mut request.params);
        // Whoever keeps the answer must know what it depends on: a version that was looked at, whichever route answers then.
        let mut varies = false;
        let found = {
            let (head, request) = (&request.head, &*request);
            let accept = |number: &usize| {
                let constraints = &records[*number].constraints;
                varies |= constraints.vary();
                constraints.accept(request)
            };
            self.router.find_where(head.method(), head.path(), &mut params, accept).copied()
        };
        request.params = params;
        request.varies = varies;
        found.unwrap_or_else(|miss| {
            request.varies = self.varies;
            self.answer_miss(records, request, miss)
        })
    }

    /// Who answers where no route does: for a path that has other methods the scope of those, else the nearest scope with a `not_found` handler.
    #[cold]
    fn answer_miss(&self, records: &[RouteRecord], request: &mut Request, miss: Miss) -> usize {
        request.params.clear();
        let is_unknown = match miss {
            Miss::NotFound => true,
            // Where that is no error of its own, the path is one that nobody has.
            Miss::WrongType { .. } => !self.refuse_wrong_types,
            _ => false,
        };
        request.miss = miss;
        // RFC 9110, 9.3.7: `OPTIONS *` asks about the server as a whole.
        if !is_unknown || (self.automatic_options && request.path() == "*") {
            return BoundApp::ROOT;
        }
        let other = if self.fastify_mode { None } else { self.others(records, request).next() };
        if let Some((method, other)) = other {
            // For the hooks that run: they may want the parameters of their scope's prefix.
            let mut accept = |number: &usize| *number == other;
            let _ = self.find_one(method, request.head.path(), &mut request.params, &mut accept);
            return records[other].fallback;
        }
        let Some(not_found) = &self.not_found else { return self.root_not_found };
        let found = not_found.find("GET", request.head.path(), &mut request.params);
        found.copied().unwrap_or(self.root_not_found)
    }

    /// The routes that would answer this request if it had another method: those methods, and the numbers of the routes.
    pub(crate) fn others<'t, 'r>(
        &'t self,
        records: &'r [RouteRecord],
        request: &'r Request,
    ) -> impl Iterator<Item = (&'t str, usize)> + use<'t, 'r> {
        let methods = self.router.matching(request.path()).map(|(method, _)| method);
        methods.filter(|method| *method != request.method_str()).filter_map(|method| {
            let mut accept = |number: &usize| records[*number].constraints.accept(request);
            let found = self.find_one(method, request.path(), &mut Params::new(), &mut accept);
            found.map(|number| (method, number))
        })
    }

    /// The first route that is accepted, off the way of requests that are answered: the router's search is compiled once for all who ask here.
    #[cold]
    fn find_one(
        &self,
        method: &str,
        path: &str,
        params: &mut Params,
        accept: &mut dyn FnMut(&usize) -> bool,
    ) -> Option<usize> {
        self.router.find_where(method, path, params, accept).ok().copied()
    }

    /// The methods of all routes.
    pub(crate) fn methods<'t>(&self, records: &'t [RouteRecord]) -> Vec<&'t str> {
        let mut methods: Vec<&str> = Vec::new();
        let all = records.iter().filter(|record| !record.is_fallback).flat_map(|record| &record.methods);
        for method in all.flat_map(|method| [Some(&**method), (method == "GET").then_some("HEAD")]).flatten() {
            if !methods.contains(&method) {
                methods.push(method);
            }
        }
        methods
    }
}

fn new_router(settings: &Settings) -> Router<usize> {
    Router::with_options(settings.router.matching(settings.fastify_mode))
}

/// Routes with constraints, by what they are distinct in.
#[derive(Default)]
pub(super) struct Constrained(HashMap<(String, String, String), String>);

impl Constrained {
    /// # Errors
    /// A route of the same method and path has the same constraints.
    pub(super) fn check(&mut self, method: &str, path: &str, record: &RouteRecord) -> Result<(), InsertError> {
        if record.constraints.count() == 0 {
            return Ok(());
        }
        let key = (method.to_owned(), without_names(path), record.constraints.key());
        match self.0.insert(key, path.to_owned()) {
            None => Ok(()),
            Some(with) => Err(InsertError::Duplicate { method: method.to_owned(), path: path.to_owned(), with }),
        }
    }
}

/// A pattern without the names of its parameters: two routes that differ in them alone match the same paths.
fn without_names(path: &str) -> String {
    let mut shape = path.to_owned();
    for name in fastweb_router::param_names(path) {
        shape = shape.replacen(&format!("{{{name}"), "{", 1).replacen(&format!("{{*{name}"), "{*", 1);
    }
    shape
}
