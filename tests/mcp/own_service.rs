//! A service of the SDK that is the application's own, with the application's state: for what tools alone cannot say.

use std::sync::Arc;

use fastweb::prelude::*;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{RoleServer, ServerHandler};
use serde_json::{Value, json};

use crate::ask;

struct Greetings(String);

#[derive(Clone)]
struct Own(Arc<Greetings>);

impl ServerHandler for Own {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let schema = json!({ "type": "object" }).as_object().cloned().unwrap_or_default();
        Ok(ListToolsResult::with_all_items(vec![Tool::new("greet", "Says hello.", schema)]))
    }

    async fn call_tool(
        &self,
        _: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        Ok(CallToolResult::success(vec![ContentBlock::text(self.0.0.clone())]).into())
    }
}

#[tokio::test]
async fn it_is_mounted_like_every_service_of_tower() {
    let greetings = Arc::new(Greetings("hello".into()));
    let own = Own(greetings.clone());
    let config = StreamableHttpServerConfig::default().with_legacy_session_mode(false).with_json_response(true);
    let service = StreamableHttpService::new(move || Ok(own.clone()), Arc::new(LocalSessionManager::default()), config);
    let server = App::new()
        .mount_service("/mcp", service)
        .get("/greeting", |greetings: State<Arc<Greetings>>| greetings.0.clone())
        .state(greetings)
        .build()
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let tools = ask(&server, "tools/list", json!({})).await;
    assert_eq!(tools["tools"][0]["name"], "greet");
    let result: Value = ask(&server, "tools/call", json!({ "name": "greet", "arguments": {} })).await;
    assert_eq!(result["content"][0]["text"], "hello");
    server.inject(Inject::get("/greeting")).await.assert_text("hello");
}
