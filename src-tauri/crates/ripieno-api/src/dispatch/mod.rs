//! One request on somebody's authority: the method's name decides who may ask, the worker's handle what happens.

mod asks;
mod composer;
mod grants;
mod logs;
mod methods;
mod notices;
mod projects;
mod record;
mod repos;
mod system;
mod tasks;

pub use methods::{Level, METHODS, Method};

use crate::{command::duration, error::ApiError, fields, view};
use ripieno_core::time::Timestamp;
use ripieno_daemon::{Handle, handle::Authority};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{future::Future, path::PathBuf, pin::Pin};
use tokio_util::sync::CancellationToken;

/// Carries out one request of somebody who is told the result until `gone` is cancelled.
///
/// # Errors
/// [`ApiError`] with the code of the contract: `incompatible` for an unknown method, `usage` for unknown or mistyped
/// parameters, `forbidden` for what the authority does not allow.
pub fn dispatch<'a>(
    handle: &'a Handle,
    by: &'a Authority,
    method: &'a str,
    params: Value,
    gone: &'a CancellationToken,
) -> Pin<Box<dyn Future<Output = Result<Value, ApiError>> + Send + 'a>> {
    Box::pin(async move {
        let method = methods::find(method)?;
        method.level.check(by, method.name)?;
        let call = Call {
            handle,
            by,
            method: method.name,
            params,
            gone,
        };
        match method.family() {
            "task" => tasks::carry_out(call).await,
            "ask" => asks::carry_out(call).await,
            "piece" | "folder" | "input" | "llm" => composer::carry_out(call).await,
            "project" | "lock" | "storage" => projects::carry_out(call).await,
            "repo" => repos::carry_out(call).await,
            "grant" => grants::carry_out(call).await,
            "notice" => notices::carry_out(call).await,
            _ => system::carry_out(call).await,
        }
    })
}

/// A request whose method is known and allowed.
#[derive(Debug)]
struct Call<'a> {
    handle: &'a Handle,
    by: &'a Authority,
    method: &'static str,
    params: Value,
    /// Whoever asks is there no longer.
    gone: &'a CancellationToken,
}

impl Call<'_> {
    /// The parameters.
    fn read<T: DeserializeOwned>(&mut self) -> Result<T, ApiError> {
        fields::read(self.method, std::mem::take(&mut self.params))
    }

    /// The moment a duration or a text names; none when neither is given.
    fn end(&self, span: Option<&str>, until: Option<&str>) -> Result<Option<Timestamp>, ApiError> {
        match (duration("for", span)?, until) {
            (Some(_), Some(_)) => Err(ApiError::usage("give a duration or an end, not both")),
            (Some(span), None) => Ok(Some(self.handle.now().after(span))),
            (None, Some(text)) => Ok(Some(self.handle.moment(text)?)),
            (None, None) => Ok(None),
        }
    }

    /// A path of a request; `~` stands for the person's home.
    fn path(&self, name: &str, path: &str) -> Result<PathBuf, ApiError> {
        self.handle.whole_path(path).ok_or_else(|| {
            ApiError::invalid(format!(
                "{name}: {path} is not absolute: give the whole path"
            ))
        })
    }

    /// The view of a task.
    async fn view(&self, reference: &str) -> Result<view::Task, ApiError> {
        Ok(view::Task::from(
            &self.handle.task(self.by, reference).await?,
        ))
    }
}

/// A view as the JSON that is sent.
fn json(view: impl Serialize) -> Result<Value, ApiError> {
    serde_json::to_value(view).map_err(|bad| {
        ApiError::new(
            crate::error::Code::Internal,
            format!("the reply cannot be written: {bad}"),
        )
    })
}
