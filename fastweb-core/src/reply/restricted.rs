//! Replies of routes with response schemas: of a value, only what the schema declares leaves.

use std::rc::Rc;

use http::StatusCode;

use super::{Reply, ReplyBody};
use crate::error::Result;
use crate::schema::AnswerPlan;

impl Reply {
    /// From now on values are written by `plan`.
    pub(crate) fn set_plan(&mut self, plan: &Rc<AnswerPlan>) {
        self.plan = Some(plan.clone());
    }

    /// Notes the status that the answer will have, before its value is written: response schemas go by it.
    pub(super) fn expect_status(&mut self, status: StatusCode) {
        if self.plan.is_some() {
            self.set_status(status);
        }
    }

    /// Restricts a value to what the route's response schema declares, where that was not done when it was written: it came whole from a constant, from a
    /// hook, or from a reply that was made elsewhere.
    ///
    /// # Errors
    /// It does not fit the schema (500).
    pub(crate) fn restrict(&mut self) -> Result<()> {
        let Some(plan) = &self.plan else { return Ok(()) };
        let is_value = match &self.body {
            ReplyBody::Value => !self.is_restricted,
            ReplyBody::Frozen(frozen) => frozen.is_value,
            _ => false,
        };
        if !is_value {
            return Ok(());
        }
        let plan = plan.clone();
        self.thaw();
        if let Some(json) = plan.restrict(self.status, &self.buffer)? {
            self.buffer = json;
        }
        self.body = ReplyBody::Value;
        self.is_restricted = true;
        Ok(())
    }

    /// In Fastify mode response schemas hold for error answers too. One that does not fit stays as it is.
    pub(super) fn restrict_error(&mut self) {
        let Some(plan) = &self.plan else { return };
        if let Ok(Some(json)) = plan.clone().restrict(self.status, &self.buffer) {
            self.buffer = json;
        }
    }
}
