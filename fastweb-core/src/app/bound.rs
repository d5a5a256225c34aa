//! The application as one worker holds it.

use std::any::Any;
use std::rc::Rc;
use std::sync::Arc;

use super::FrozenApp;
use crate::background::Count;
use crate::dependency::Plan;
use crate::error::{Error, Result};
use crate::extract::BindCx;
use crate::handler::BoundHandler;
use crate::request::CancellationToken;
use crate::request::early_hints::Interim;
use crate::route::RouteRecord;
#[cfg(feature = "schema")]
use crate::schema::AnswerPlan;

/// The application as one worker holds it: its own handlers' bindings, nothing shared that is counted per request.
pub(crate) struct BoundApp {
    pub(crate) frozen: Arc<FrozenApp>,
    handlers: Vec<Box<dyn BoundHandler>>,
    /// The dependencies of every route.
    plans: Vec<Plan>,
    patterns: Vec<Rc<str>>,
    #[cfg(feature = "schema")]
    answer_plans: Vec<Option<Rc<AnswerPlan>>>,
    /// The layers around every route.
    #[cfg(feature = "tower")]
    layers: Vec<Vec<crate::tower::LayeredService>>,
    /// How much background work this worker has.
    pub(crate) background: Rc<Count>,
    /// Early hints of its requests that are not written yet.
    pub(crate) interim: Rc<Interim>,
    /// Cancelled when the server begins to stop.
    pub(crate) stopping: CancellationToken,
}

impl BoundApp {
    /// The number of the record that answers requests before they are routed, and what no scope answers.
    pub(crate) const ROOT: usize = 0;

    /// Makes this worker's own state, and binds every handler on this thread.
    ///
    /// # Errors
    /// A worker state could not be made. Nothing else is missing: `build()` has tried it.
    pub(crate) async fn bind(frozen: Arc<FrozenApp>) -> Result<Rc<Self>> {
        let mut own: Vec<Rc<dyn Any>> = Vec::with_capacity(frozen.worker_inits.len());
        for init in &frozen.worker_inits {
            own.push(init.make().await?);
        }
        let mut missing = Vec::new();
        let mut handlers = Vec::with_capacity(frozen.records.len());
        let mut plans = Vec::with_capacity(frozen.records.len());
        for record in &frozen.records {
            let mut cx = BindCx::new(record, Some(&own), &mut missing);
            let handler = record.handler.bind(&mut cx);
            let lost = || Error::internal(format!("{} could not be bound on a worker", record.description));
            plans.push(cx.plan.finish());
            handlers.push(handler.ok_or_else(lost)?);
        }
        #[cfg(feature = "tower")]
        let layers = frozen.records.iter().map(|record| record.layers.bind()).collect();
        let patterns = frozen.records.iter().map(|record| Rc::from(&*record.pattern)).collect();
        // A copy for each worker: no count is shared between threads.
        #[cfg(feature = "schema")]
        let answer_plans = frozen.records.iter().map(|record| record.answer_plan.clone().map(Rc::new)).collect();
        Ok(Rc::new(Self {
            frozen,
            handlers,
            plans,
            patterns,
            #[cfg(feature = "schema")]
            answer_plans,
            #[cfg(feature = "tower")]
            layers,
            background: Rc::default(),
            interim: Rc::default(),
            stopping: CancellationToken::default(),
        }))
    }

    pub(crate) fn record(&self, route: usize) -> &RouteRecord {
        &self.frozen.records[route]
    }

    pub(crate) fn handler(&self, route: usize) -> &dyn BoundHandler {
        &*self.handlers[route]
    }

    pub(crate) fn plan(&self, route: usize) -> &Plan {
        &self.plans[route]
    }

    /// What answers of this route are written by.
    #[cfg(feature = "schema")]
    pub(crate) fn answer_plan(&self, route: usize) -> Option<&Rc<AnswerPlan>> {
        self.answer_plans[route].as_ref()
    }

    /// None where it has none.
    #[cfg(feature = "tower")]
    pub(crate) fn layers(&self, route: usize) -> Option<&[crate::tower::LayeredService]> {
        Some(&*self.layers[route]).filter(|layers| !layers.is_empty())
    }

    pub(crate) fn pattern(&self, route: usize) -> &Rc<str> {
        &self.patterns[route]
    }
}
