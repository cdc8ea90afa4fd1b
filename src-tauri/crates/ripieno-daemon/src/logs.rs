//! The worker's log: a file per day under `state/logs`, and stderr (O1).
//!
//! Prompts, answers and secrets are never logged on purpose; what looks like a key or a token is
//! masked in every line all the same, as the last of the defences.

mod mask;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{Layer, Registry, reload};

use crate::config::LogFormat;

pub use mask::mask;

/// Says why there is no log, or no such filter.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The filter cannot be read.
    #[error(
        "\"{filter}\" is not a log filter: {reason}; write for example info or warn,ripieno_daemon=debug"
    )]
    Filter {
        /// The filter.
        filter: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The log file cannot be made.
    #[error("cannot write logs to {path}: {reason}; check that folder's permissions and space")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// This process has a log already.
    #[error("this process has a log already")]
    Taken(#[from] TryInitError),
}

/// Where and how to log.
#[derive(Clone, Debug)]
pub struct LogOptions {
    /// The folder of the daily files, which must exist; `None` logs to stderr only.
    pub folder: Option<PathBuf>,
    /// Which lines are kept; see [`check_filter`].
    pub filter: String,
    /// How they are written.
    pub format: LogFormat,
    /// How many files are kept.
    pub files: u32,
    /// Whether stderr gets the lines too.
    pub stderr: bool,
}

/// Changes the filter of the running log (O3).
#[derive(Clone)]
pub struct Logs {
    filter: reload::Handle<EnvFilter, Registry>,
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Logs")
    }
}

impl Logs {
    /// Keeps other lines from now on.
    ///
    /// # Errors
    /// [`LogError::Filter`]; the old filter stays.
    pub fn set_filter(&self, filter: &str) -> Result<(), LogError> {
        let new = check_filter(filter)?;
        self.filter.reload(new).map_err(|error| LogError::Filter {
            filter: filter.to_owned(),
            reason: error.to_string(),
        })
    }
}

/// Starts the log of this process.
///
/// Lines are written at once, not by a thread, so that the last ones before a crash are there and
/// an idle worker wakes up for nothing.
///
/// # Errors
/// [`LogError`].
pub fn start(options: &LogOptions) -> Result<Logs, LogError> {
    let (filter, handle) = reload::Layer::new(check_filter(&options.filter)?);
    let file = match &options.folder {
        Some(folder) => Some(daily_file(folder, options.files)?),
        None => None,
    };
    let file = file.map(|file| lines(options.format, Masked(file)));
    let stderr = options
        .stderr
        .then(|| lines(options.format, Masked(io::stderr)));
    tracing_subscriber::registry()
        .with(filter)
        .with(file)
        .with(stderr)
        .try_init()?;
    Ok(Logs { filter: handle })
}

/// Reads a log filter: a level (`info`), also per module (`warn,ripieno_daemon=debug`).
///
/// # Errors
/// [`LogError::Filter`].
pub fn check_filter(filter: &str) -> Result<EnvFilter, LogError> {
    let wrong = |reason: String| LogError::Filter {
        filter: filter.to_owned(),
        reason,
    };
    if filter.trim().is_empty() {
        return Err(wrong("it is empty".to_owned()));
    }
    // A bare word is taken for a module by the parser; a slip in a level should not mute the log.
    for part in filter.split(',').map(str::trim) {
        let bare = !part.contains(['=', '[', ':']) && !part.starts_with("ripieno");
        if bare && part.parse::<LevelFilter>().is_err() {
            return Err(wrong(format!(
                "\"{part}\" is neither a level nor module=level"
            )));
        }
    }
    EnvFilter::builder()
        .parse(filter)
        .map_err(|error| wrong(error.to_string()))
}

fn daily_file(folder: &Path, files: u32) -> Result<RollingFileAppender, LogError> {
    RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("ripieno")
        .filename_suffix("log")
        .max_log_files(usize::try_from(files.max(1)).unwrap_or(usize::MAX))
        .build(folder)
        .map_err(|error| LogError::Folder {
            path: folder.to_owned(),
            reason: error.to_string(),
        })
}

/// Writes events as lines. `S` is whatever stands below in the stack of layers.
fn lines<S, W>(format: LogFormat, writer: Masked<W>) -> Box<dyn Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'s> tracing_subscriber::registry::LookupSpan<'s>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .log_internal_errors(false)
        .with_writer(writer);
    match format {
        LogFormat::Text => Box::new(layer),
        LogFormat::Json => Box::new(layer.json().flatten_event(true)),
    }
}

/// Masks what looks like a secret before it reaches the writer inside.
#[derive(Debug)]
struct Masked<W>(W);

impl<'w, W: MakeWriter<'w>> MakeWriter<'w> for Masked<W> {
    type Writer = MaskedLine<W::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        MaskedLine {
            inner: self.0.make_writer(),
        }
    }
}

/// One event's writer: the formatter hands it each line as a whole.
struct MaskedLine<W> {
    inner: W,
}

impl<W: Write> Write for MaskedLine<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        self.inner.write_all(mask(&text).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
