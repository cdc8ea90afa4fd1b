//! `ripieno mcp task`: the tools every agent is given, for one task over stdio (A6).
//!
//! Owns how a tool call becomes a request to the worker and what the model is told. Refuses to decide anything: the worker
//! knows by token or descent which task speaks, and what it may.

mod tools;

use ripieno_api::{ApiError, error::Code};
use rmcp::{
    ErrorData, RoleServer, ServerHandler, ServiceExt,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
        ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig,
    },
    service::RequestContext,
    transport::stdio,
};
use std::time::Duration;
use tools::Tool;

const INSTRUCTIONS: &str = "The tools of the task you are working on. The person who gave it to you is not watching: \
    what you want to be seen goes through these tools, and ask_human is the one way to reach them.";

/// Serves until the agent closes its end.
pub(super) async fn serve(wait: Option<Duration>) -> Result<u8, ApiError> {
    let failed = |error: String| ApiError::new(Code::Internal, format!("MCP over stdio: {error}"));
    let serving = TaskServer { wait }.serve(stdio()).await;
    let running = serving.map_err(|error| failed(error.to_string()))?;
    running
        .waiting()
        .await
        .map_err(|error| failed(error.to_string()))?;
    Ok(0)
}

/// The server of one task.
struct TaskServer {
    /// How long a question waits within its call; as long as the worker allows when not given.
    wait: Option<Duration>,
}

impl ServerHandler for TaskServer {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new("ripieno", ripieno_daemon::version()))
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = Tool::ALL.into_iter().map(Tool::described).collect();
        Ok(ListToolsResult::with_all_items(tools))
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = Tool::named(&call.name) else {
            let text = format!("there is no tool `{}`", call.name);
            return Err(ErrorData::invalid_params(text, None));
        };
        let input = call.arguments.unwrap_or_default().into();
        // What the worker refuses is for the model to read: it says what to do instead.
        let result = match tool.carry_out(input, self.wait).await {
            Ok(text) => CallToolResult::success(vec![ContentBlock::text(text)]),
            Err(refused) => CallToolResult::error(vec![ContentBlock::text(refused.message)]),
        };
        Ok(result.into())
    }
}
