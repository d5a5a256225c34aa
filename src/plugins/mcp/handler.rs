//! What the SDK's service asks of a server.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, Implementation, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};

use super::plan::Plan;
use super::{Mcp, Tools, arguments};

#[derive(Clone)]
pub(super) struct Handler {
    info: ServerConfig,
    tools: Tools,
    answer_limit: usize,
}

impl Handler {
    pub(super) fn new(mcp: &Mcp, tools: Tools) -> Self {
        let capabilities = ServerCapabilities::builder().enable_tools().build();
        let mut info = ServerConfig::new(capabilities)
            .with_server_info(Implementation::new(mcp.name.clone(), mcp.version.clone()));
        info.instructions.clone_from(&mcp.instructions);
        Self { info, tools, answer_limit: mcp.answer_limit }
    }

    fn plans(&self) -> &[Plan] {
        self.tools.get().map_or(&[], Vec::as_slice)
    }

    fn find(&self, name: &str) -> Option<&Plan> {
        self.plans().iter().find(|plan| plan.tool.name == name)
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        self.info.clone()
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.find(name).map(|plan| plan.tool.clone())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.plans().iter().map(|plan| plan.tool.clone()).collect()))
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(plan) = self.find(&call.name) else {
            return Err(ErrorData::invalid_params("there is no tool of this name: `tools/list` has them", None));
        };
        let arguments = call.arguments.unwrap_or_default();
        let request = match plan.request(&arguments, context.extensions.get()) {
            Ok(request) => request,
            Err(result) => return Ok(result.into()),
        };
        let mut answer = pin!(request.dispatch(self.answer_limit));
        let mut cancelled = pin!(context.ct.cancelled());
        // A call that its client has given up is a request whose client is gone.
        let answer = poll_fn(|cx| match answer.as_mut().poll(cx) {
            Poll::Pending => cancelled.as_mut().poll(cx).map(|()| None),
            ready => ready.map(Some),
        });
        Ok(match answer.await {
            Some(Ok(reply)) => arguments::result(&reply).into(),
            Some(Err(error)) => {
                tracing::error!(target: "fastweb::mcp", tool = &*call.name, error = ?error, "a tool could not be called");
                return Err(ErrorData::internal_error("the tool could not be called", None));
            }
            None => CallToolResult::error(vec![ContentBlock::text("cancelled")]).into(),
        })
    }
}

impl fmt::Debug for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handler").field("tools", &self.plans().len()).finish_non_exhaustive()
    }
}
