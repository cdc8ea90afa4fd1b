//! `ripieno mcp task`: the tools every agent is given, for one task over stdio (A6).
//!
//! Owns how a call becomes a request to the worker; the Model Context Protocol is `rmcp`'s. Refuses to decide anything: the
//! worker knows by token or descent which task speaks, and what it may.

mod tools;

use ripieno_api::{ApiError, error::Code};
use rmcp::{
    ErrorData, RoleServer, ServerHandler, ServiceExt,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
        ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig,
    },
    service::{RequestContext, ServerInitializeError},
    transport::stdio,
};
use serde_json::Value;
use std::{fmt::Display, time::Duration};
use tools::Tool;

const INSTRUCTIONS: &str = "The tools of the task you are working on. The person who gave it to you is not watching: \
    what you want to be seen goes through these tools, and ask_human is the one way to reach them.";

/// The server of one task.
struct Server {
    /// How long a question may wait within its call; as long as the worker lets it when not said.
    wait: Option<Duration>,
}

/// Serves until the agent closes its end. Calls are carried out side by side: a question waits while others go on.
pub(super) async fn serve(wait: Option<Duration>) -> Result<u8, ApiError> {
    let service = match (Server { wait }).serve(stdio()).await {
        Ok(service) => service,
        // An agent that leaves before it has said a word.
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(0),
        Err(error) => return Err(broken(&error)),
    };
    service.waiting().await.map_err(|error| broken(&error))?;
    Ok(0)
}

fn broken(error: &impl Display) -> ApiError {
    ApiError::new(Code::Internal, format!("MCP over stdio: {error}"))
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let name = Implementation::new("ripieno", ripieno_daemon::version()).with_title("Ripieno");
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(name)
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = Tool::ALL.map(Tool::described);
        Ok(ListToolsResult::with_all_items(tools.into()))
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = Tool::named(&call.name) else {
            let text = format!("there is no tool `{}`", call.name);
            return Err(ErrorData::invalid_params(text, None));
        };
        let input = Value::Object(call.arguments.unwrap_or_default());
        let said = tokio::select! {
            said = tool.carry_out(input, self.wait) => said,
            // Nobody listens any more, and the library sends no reply; what was asked of the person stays.
            () = context.ct.cancelled() => return Err(ErrorData::internal_error("cancelled", None)),
        };
        // What the worker refuses is for the model to read: it says what to do instead.
        let result = match said {
            Ok(text) => CallToolResult::success(vec![ContentBlock::text(text)]),
            Err(error) => CallToolResult::error(vec![ContentBlock::text(error.message)]),
        };
        Ok(result.into())
    }
}
