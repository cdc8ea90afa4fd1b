//! The whole patch of a task in a file: nothing is cut, binary files included, for `git apply` in the folder the task worked in.

use super::{
    ChangesError, Place, Span,
    compare::{self, Between},
    git::GitError,
    within,
};
use std::{fs::File, time::Duration};

/// A patch that was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Export {
    /// How long it is.
    pub bytes: u64,
    /// Changed files that are not in it: too large, or not readable.
    pub left_out: Vec<String>,
}

impl Place {
    /// Writes the patch of everything between two states to an open file, in `limit`.
    ///
    /// # Errors
    /// [`ChangesError`]; the file may hold a part of it then.
    pub async fn export(
        &self,
        span: &Span,
        file: File,
        limit: Duration,
    ) -> Result<Export, ChangesError> {
        within(limit, async {
            let look = self.look(span).await?;
            let between = Between {
                base: &span.base,
                head: &look.head,
            };
            let io = |error: std::io::Error| GitError::Io(error.to_string());
            let size = file.try_clone().map_err(io)?;
            let args = compare::whole_patch(&look.repository, between);
            let git = look.scratch.git();
            git.print_into(&look.scratch.top, &args, file).await?;
            let left_out = look.entries.iter().filter(|entry| entry.shown.unread);
            Ok(Export {
                bytes: size.metadata().map_err(io)?.len(),
                left_out: left_out.map(|entry| entry.shown.path.clone()).collect(),
            })
        })
        .await
    }
}
