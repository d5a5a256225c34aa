//! State: values by type, of an application or a scope, of a worker, of a request.

use std::any::{Any, TypeId, type_name};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use crate::dependency::Override;
use crate::error::Result;
use crate::lifecycle::caught_to_end;
use crate::request::Request;

/// What a scope was given, and behind it what the scopes around it were given. A type that is there twice is taken from the nearest.
///
/// A list and no map: a scope has few of them, and they are looked for at start-up.
#[derive(Clone, Default)]
pub(crate) struct States {
    own: Vec<Entry>,
    outer: Option<Arc<States>>,
}

#[derive(Clone)]
struct Entry {
    id: TypeId,
    name: &'static str,
    value: Value,
}

#[derive(Clone)]
enum Value {
    Shared(Arc<dyn Any + Send + Sync>),
    /// Made on each worker. The number is its place among all that workers make, given at start-up.
    Worker(Arc<WorkerInit>, usize),
    /// Made by the request that asks first: an `Arc<RequestInit<T>>`.
    Request(Arc<dyn Any + Send + Sync>),
    /// Provided instead of the dependency of this type: an `Arc<Override<T>>`.
    Dependency(Arc<dyn Any + Send + Sync>),
}

/// What a value belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum StateKind {
    Shared,
    Worker,
    Request,
    Dependency,
}

impl Value {
    fn kind(&self) -> StateKind {
        match self {
            Self::Shared(_) => StateKind::Shared,
            Self::Worker(..) => StateKind::Worker,
            Self::Request(_) => StateKind::Request,
            Self::Dependency(_) => StateKind::Dependency,
        }
    }
}

/// Makes a worker's own value, on that worker.
type MakeWorkerState = dyn Fn() -> Pin<Box<dyn Future<Output = Result<Rc<dyn Any>>>>> + Send + Sync;

pub(crate) struct WorkerInit {
    name: &'static str,
    make: Box<MakeWorkerState>,
}

impl WorkerInit {
    /// # Errors
    /// It fails or panics, with the name of the type in front.
    pub(crate) async fn make(&self) -> Result<Rc<dyn Any>> {
        caught_to_end(|| (self.make)()).await.map_err(|error| {
            let message = format!("the worker state {} could not be made: {}", self.name, error.message());
            crate::error::Error::at_start(message).with_source(error)
        })
    }
}

/// Makes a request's own value.
pub(crate) type RequestInit<T> = Box<dyn Fn(&Request) -> T + Send + Sync>;

impl States {
    /// What a scope inside these has, before it is given anything.
    pub(crate) fn within(outer: Arc<States>) -> Self {
        Self { own: Vec::new(), outer: Some(outer) }
    }

    fn insert<T: 'static>(&mut self, value: Value) {
        let id = TypeId::of::<T>();
        self.own.retain(|entry| entry.id != id || entry.value.kind() != value.kind());
        self.own.push(Entry { id, name: type_name::<T>(), value });
    }

    pub(crate) fn insert_shared<T: Send + Sync + 'static>(&mut self, value: Arc<T>) {
        self.insert::<T>(Value::Shared(value));
    }

    pub(crate) fn insert_worker<T, F>(&mut self, init: F)
    where
        T: 'static,
        F: AsyncFn() -> Result<T> + Send + Sync + 'static,
    {
        let init = Arc::new(init);
        let make = Box::new(move || {
            let init = init.clone();
            let made = async move { Ok(Rc::new(init().await?) as Rc<dyn Any>) };
            Box::pin(made) as Pin<Box<dyn Future<Output = Result<Rc<dyn Any>>>>>
        });
        self.insert::<T>(Value::Worker(Arc::new(WorkerInit { name: type_name::<T>(), make }), usize::MAX));
    }

    pub(crate) fn insert_request<T: 'static>(&mut self, init: RequestInit<T>) {
        self.insert::<T>(Value::Request(Arc::new(init)));
    }

    pub(crate) fn insert_dependency<T, F>(&mut self, provide: F)
    where
        T: 'static,
        F: AsyncFn() -> Result<T> + Send + Sync + 'static,
    {
        let provide = Arc::new(provide);
        let boxed: Override<T> = Box::new(move || {
            let provide = provide.clone();
            Box::pin(async move { provide().await })
        });
        self.insert::<T>(Value::Dependency(Arc::new(boxed)));
    }

    pub(crate) fn dependency<T: 'static>(&self) -> Option<Arc<Override<T>>> {
        match self.find::<T>(StateKind::Dependency)? {
            Value::Dependency(provide) => Arc::clone(provide).downcast().ok(),
            _ => None,
        }
    }

    /// Takes over what `inner` was given itself.
    pub(crate) fn absorb(&mut self, inner: States) {
        for entry in inner.own {
            self.own.retain(|own| own.id != entry.id || own.value.kind() != entry.value.kind());
            self.own.push(entry);
        }
    }

    /// Puts these inside `outer`.
    pub(crate) fn enter(mut self, outer: &Arc<States>) -> Self {
        self.outer = Some(outer.clone());
        self
    }

    /// Gives every worker state its number: the place in `inits`.
    pub(crate) fn number_worker_states(&mut self, inits: &mut Vec<Arc<WorkerInit>>) {
        for entry in &mut self.own {
            if let Value::Worker(init, number) = &mut entry.value {
                *number = inits.len();
                inits.push(init.clone());
            }
        }
    }

    fn find<T: 'static>(&self, kind: StateKind) -> Option<&Value> {
        let id = TypeId::of::<T>();
        let own = self.own.iter().find(|entry| entry.id == id && entry.value.kind() == kind);
        match (own, &self.outer) {
            (Some(entry), _) => Some(&entry.value),
            (None, Some(outer)) => outer.find::<T>(kind),
            (None, None) => None,
        }
    }

    /// The names of the types of this kind that are there, the nearest first.
    pub(crate) fn names(&self, kind: StateKind) -> Vec<&'static str> {
        let own = self.own.iter().filter(|entry| entry.value.kind() == kind).map(|entry| entry.name);
        own.chain(self.outer.iter().flat_map(|outer| outer.names(kind))).collect()
    }

    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        match self.find::<T>(StateKind::Shared)? {
            Value::Shared(value) => Arc::clone(value).downcast().ok(),
            _ => None,
        }
    }

    pub(crate) fn get_ref<T: Send + Sync + 'static>(&self) -> Option<&T> {
        match self.find::<T>(StateKind::Shared)? {
            Value::Shared(value) => value.downcast_ref(),
            _ => None,
        }
    }

    /// The number of a worker state.
    pub(crate) fn worker<T: 'static>(&self) -> Option<usize> {
        match self.find::<T>(StateKind::Worker)? {
            Value::Worker(_, number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn request<T: 'static>(&self) -> Option<Arc<RequestInit<T>>> {
        match self.find::<T>(StateKind::Request)? {
            Value::Request(init) => Arc::clone(init).downcast().ok(),
            _ => None,
        }
    }
}

impl fmt::Debug for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.own.iter().map(|entry| entry.name)).finish()
    }
}
