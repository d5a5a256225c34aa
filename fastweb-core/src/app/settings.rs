//! What holds for a whole server, and not for one of its scopes.

use std::time::Duration;

use super::RouterOptions;
use crate::blocking::PoolSize;
use crate::error::{ErrorFormat, ErrorStyle};
use crate::request::{RequestIds, TrustProxy};
use crate::server::{Counters, Limits};

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) limits: Limits,
    pub(crate) router: RouterOptions,
    pub(crate) workers: Option<usize>,
    pub(crate) server_header: Option<Box<str>>,
    pub(crate) error_format: ErrorFormat,
    pub(crate) fastify_mode: bool,
    pub(crate) reuse_port: bool,
    pub(crate) plugin_timeout: Duration,
    pub(crate) request_ids: RequestIds,
    pub(crate) trust_proxy: Option<TrustProxy>,
    pub(crate) counters: Counters,
    pub(crate) blocking: PoolSize,
    /// A handler that runs for longer without giving back control is told.
    pub(crate) block_warning: Option<Duration>,
    /// What a response schema keeps back is logged.
    pub(crate) log_dropped_fields: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            router: RouterOptions::default(),
            workers: None,
            server_header: None,
            error_format: ErrorFormat::default(),
            fastify_mode: false,
            reuse_port: false,
            // Fastify's `pluginTimeout`.
            plugin_timeout: Duration::from_secs(10),
            request_ids: RequestIds::new(),
            trust_proxy: None,
            counters: Counters::default(),
            blocking: PoolSize::default(),
            block_warning: Some(Duration::from_millis(100)),
            log_dropped_fields: false,
        }
    }
}

impl Settings {
    /// The form in which errors are answered.
    pub(crate) fn error_style(&self) -> ErrorStyle {
        ErrorStyle { format: self.error_format, fastify_mode: self.fastify_mode }
    }

    /// The methods of [`App`](super::App) by which these settings were changed.
    pub(super) fn changed(&self) -> impl Iterator<Item = &'static str> {
        let usual = Self::default();
        let changed = [
            ("limits", self.limits != usual.limits),
            ("router", self.router != usual.router),
            ("workers", self.workers != usual.workers),
            ("server_header", self.server_header != usual.server_header),
            ("error_format", self.error_format != usual.error_format),
            ("fastify_mode", self.fastify_mode != usual.fastify_mode),
            ("reuse_port", self.reuse_port != usual.reuse_port),
            ("plugin_timeout", self.plugin_timeout != usual.plugin_timeout),
            ("request_ids", !self.request_ids.is_usual()),
            ("trust_proxy", self.trust_proxy.is_some()),
            ("blocking_threads", self.blocking.threads != usual.blocking.threads),
            ("blocking_queue", self.blocking.queue != usual.blocking.queue),
            ("block_warning", self.block_warning != usual.block_warning),
            ("log_dropped_fields", self.log_dropped_fields != usual.log_dropped_fields),
        ];
        changed.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name)
    }
}
