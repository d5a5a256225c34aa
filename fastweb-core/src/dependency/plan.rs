//! All dependencies of a route, found at start-up, and how they are provided per request.

use std::any::{Any, TypeId, type_name};
use std::future::{Future, poll_fn};
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::{Dependency, Needs, Outcome};
use crate::error::{Error, Result};
use crate::extract::BindCx;
use crate::lifecycle::caught_to_end;
use crate::reply::Reply;
use crate::request::Request;

/// The dependencies of one route on one worker, each behind those that it needs.
#[derive(Default)]
pub(crate) struct Plan(Vec<Node>);

struct Node {
    id: TypeId,
    provider: Box<dyn Provider>,
    /// The places of those that it needs itself.
    needs: Vec<usize>,
    /// Somebody cannot do without it.
    is_required: bool,
}

/// Finds the dependencies of a route while its arguments are bound.
#[derive(Default)]
pub(crate) struct PlanBuilder {
    nodes: Vec<Node>,
    /// Those that are being bound, each needed by the one before.
    open: Vec<Open>,
    /// Those that cannot be bound, which has been told.
    broken: Vec<TypeId>,
    /// How many `Option` and `Result` are around what is being bound.
    pub(crate) optional: usize,
    /// There is one, bound or not.
    pub(crate) found: bool,
}

struct Open {
    id: TypeId,
    name: &'static str,
    needs: Vec<usize>,
}

type Value = Result<Rc<dyn Any>>;
type Providing = Pin<Box<dyn Future<Output = Value>>>;
type Gathering<'a> = Pin<Box<dyn Future<Output = Result<Providing>> + 'a>>;

/// Provides one dependency: first its needs are made of the request, one dependency at a time; then nothing of the request is borrowed, and it
/// runs beside the others.
trait Provider {
    fn is_sync(&self) -> bool;
    fn gather_now(&self, request: &mut Request) -> Result<Providing>;
    fn gather<'a>(&'a self, request: &'a mut Request) -> Gathering<'a>;
    fn before_response<'a>(
        &self,
        value: Rc<dyn Any>,
        outcome: &'a Outcome<'a>,
    ) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>>;
    fn after_response(&self, value: Rc<dyn Any>) -> Pin<Box<dyn Future<Output = Result<()>>>>;
}

/// What a test provides instead.
pub(crate) type Override<T> = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Result<T>>>> + Send + Sync>;

struct Own<T: Dependency>(<T::Needs as Needs>::Bound);
struct Instead<T>(Arc<Override<T>>, PhantomData<fn() -> T>);

fn erased<T: 'static>(value: T) -> Rc<dyn Any> {
    Rc::new(value)
}

fn tell<'a, T: Dependency>(
    value: Rc<dyn Any>,
    outcome: &'a Outcome<'a>,
) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>> {
    Box::pin(async move {
        match value.downcast::<T>() {
            Ok(value) => value.before_response(outcome).await,
            Err(_) => Ok(()),
        }
    })
}

fn end<T: Dependency>(value: Rc<dyn Any>) -> Pin<Box<dyn Future<Output = Result<()>>>> {
    Box::pin(async move {
        if let Ok(value) = value.downcast::<T>() {
            value.after_response().await;
        }
        Ok(())
    })
}

macro_rules! ends {
    () => {
        fn before_response<'a>(
            &self,
            value: Rc<dyn Any>,
            outcome: &'a Outcome<'a>,
        ) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>> {
            tell::<T>(value, outcome)
        }

        fn after_response(&self, value: Rc<dyn Any>) -> Pin<Box<dyn Future<Output = Result<()>>>> {
            end::<T>(value)
        }
    };
}

impl<T: Dependency> Provider for Own<T> {
    fn is_sync(&self) -> bool {
        T::Needs::IS_SYNC
    }

    fn gather_now(&self, request: &mut Request) -> Result<Providing> {
        let needs = T::Needs::make_now(&self.0, request)?;
        Ok(Box::pin(async move { T::provide(needs).await.map(erased) }))
    }

    fn gather<'a>(&'a self, request: &'a mut Request) -> Gathering<'a> {
        Box::pin(async move {
            let needs = T::Needs::make(&self.0, request).await?;
            Ok(Box::pin(async move { T::provide(needs).await.map(erased) }) as Providing)
        })
    }

    ends!();
}

impl<T: Dependency> Provider for Instead<T> {
    fn is_sync(&self) -> bool {
        true
    }

    fn gather_now(&self, _: &mut Request) -> Result<Providing> {
        let value = (self.0)();
        Ok(Box::pin(async move { value.await.map(erased) }))
    }

    fn gather<'a>(&'a self, request: &'a mut Request) -> Gathering<'a> {
        Box::pin(std::future::ready(self.gather_now(request)))
    }

    ends!();
}

impl PlanBuilder {
    pub(crate) fn finish(self) -> Plan {
        Plan(self.nodes)
    }

    /// Whom a problem is told of: nobody, or `Dep<A>, which Dep<B> needs`.
    pub(crate) fn context(&self) -> Option<String> {
        let names: Vec<_> = self.open.iter().rev().map(|open| format!("Dep<{}>", open.name)).collect();
        (!names.is_empty()).then(|| names.join(" for "))
    }

    /// Somebody cannot do without the one at this place, nor so without what it needs.
    fn require(&mut self, at: usize) {
        if !std::mem::replace(&mut self.nodes[at].is_required, true) {
            for need in self.nodes[at].needs.clone() {
                self.require(need);
            }
        }
    }
}

impl BindCx<'_> {
    /// The place of a dependency in the route's plan. Says where it cannot be provided.
    pub(crate) fn dependency<T: Dependency>(&mut self) -> Option<usize> {
        let (id, name) = (TypeId::of::<T>(), type_name::<T>());
        self.plan.found = true;
        let is_required = self.plan.optional == 0;
        let known = self.plan.nodes.iter().position(|node| node.id == id);
        let at = match known {
            Some(at) => at,
            None => {
                if self.plan.broken.contains(&id) {
                    return None;
                }
                if let Some(first) = self.plan.open.iter().position(|open| open.id == id) {
                    let circle: Vec<_> = self.plan.open[first..].iter().map(|open| open.name).chain([name]).collect();
                    self.plan.broken.push(id);
                    self.missing(format!(
                        "needs itself: {}: take one of them out of the circle",
                        circle.iter().map(|name| format!("Dep<{name}>")).collect::<Vec<_>>().join(" needs ")
                    ));
                    return None;
                }
                self.plan.open.push(Open { id, name, needs: Vec::new() });
                let provider = self.provider::<T>();
                let needs = self.plan.open.pop().map_or_else(Vec::new, |open| open.needs);
                let Some(provider) = provider else {
                    self.plan.broken.push(id);
                    return None;
                };
                self.plan.nodes.push(Node { id, provider, needs, is_required: false });
                self.plan.nodes.len() - 1
            }
        };
        if is_required {
            self.plan.require(at);
        }
        if let Some(open) = self.plan.open.last_mut() {
            open.needs.push(at);
        }
        Some(at)
    }

    fn provider<T: Dependency>(&mut self) -> Option<Box<dyn Provider>> {
        if let Some(instead) = self.override_of::<T>() {
            return Some(Box::new(Instead::<T>(instead, PhantomData)));
        }
        T::Needs::bind(self).map(|bound| Box::new(Own::<T>(bound)) as Box<dyn Provider>)
    }
}

impl Plan {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Provides all of them, at the same time where they do not need one another.
    ///
    /// # Errors
    /// One that is required has failed. Those that are still being provided then are given up.
    pub(crate) async fn provide(&self, request: &mut Request) -> Result<()> {
        request.provided.begin(self.0.len());
        let mut running = Running(Vec::new());
        let mut waiting: Vec<usize> = (0..self.0.len()).collect();
        loop {
            let Some(at) = self.next(&waiting, request) else {
                if running.0.is_empty() {
                    return Ok(());
                }
                let (at, value) = poll_fn(|cx| running.poll(cx)).await;
                self.put(at, value, request)?;
                continue;
            };
            waiting.retain(|other| *other != at);
            let provider = &*self.0[at].provider;
            let gathered = match provider.is_sync() {
                true => provider.gather_now(request),
                false => {
                    let mut early = Vec::new();
                    let mut gathering = provider.gather(request);
                    let gathered = poll_fn(|cx| {
                        // The others go on; what they come to is put in its place when the request is free again.
                        while let Poll::Ready(ended) = running.poll(cx) {
                            early.push(ended);
                            if running.0.is_empty() {
                                break;
                            }
                        }
                        match early.iter().any(|(at, value)| value.is_err() && self.0[*at].is_required) {
                            true => Poll::Ready(None),
                            false => gathering.as_mut().poll(cx).map(Some),
                        }
                    })
                    .await;
                    drop(gathering);
                    for (at, value) in early {
                        self.put(at, value, request)?;
                    }
                    gathered.unwrap_or_else(|| Err(Error::internal("a dependency was given up")))
                }
            };
            match gathered {
                Ok(providing) => running.0.push((at, providing)),
                Err(error) => self.put(at, Err(error), request)?,
            }
        }
    }

    /// The next that has all it needs; one that does not hold up the request first.
    fn next(&self, waiting: &[usize], request: &Request) -> Option<usize> {
        let ready = |at: &&usize| self.0[**at].needs.iter().all(|need| request.provided.is_decided(*need));
        let now = waiting.iter().filter(ready).find(|at| self.0[**at].provider.is_sync());
        now.or_else(|| waiting.iter().find(ready)).copied()
    }

    fn put(&self, at: usize, value: Value, request: &mut Request) -> Result<()> {
        match value {
            Err(error) if self.0[at].is_required => Err(error),
            value => {
                request.provided.put(at, value);
                Ok(())
            }
        }
    }

    /// Tells those that are there how the request was answered. The first error is the request's, where it has none.
    pub(crate) async fn before_response(
        &self,
        request: &mut Request,
        reply: &Reply,
        answered: Result<()>,
    ) -> Result<()> {
        if !request.provided.take_turn() {
            return answered;
        }
        let mut answered = answered;
        for (at, value) in request.provided.newest_first() {
            let told = {
                let outcome = Outcome::new(reply.status(), answered.as_ref().err());
                caught_to_end(|| self.0[at].provider.before_response(value, &outcome)).await
            };
            match (told, &answered) {
                (Ok(()), _) => {}
                (Err(error), Ok(())) => answered = Err(error),
                (Err(error), Err(_)) => tracing::error!(error = ?error, "a dependency failed before the response"),
            }
        }
        answered
    }

    /// Lets those that are there clean up.
    pub(crate) async fn after_response(&self, request: &mut Request) {
        for (at, value) in request.provided.newest_first() {
            if let Err(error) = caught_to_end(|| self.0[at].provider.after_response(value)).await {
                tracing::error!(error = ?error, "a dependency failed after the response");
            }
        }
    }
}

/// Those that are being provided.
struct Running(Vec<(usize, Providing)>);

impl Running {
    /// Polls all, and gives one that has ended.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(usize, Value)> {
        for place in 0..self.0.len() {
            if let Poll::Ready(value) = self.0[place].1.as_mut().poll(cx) {
                let (at, _) = self.0.swap_remove(place);
                return Poll::Ready((at, value));
            }
        }
        Poll::Pending
    }
}
