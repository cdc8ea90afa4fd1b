//! Files for a task that is not added yet, and the model servers of this machine.

use super::{Authority, Handle};
use crate::{error::DaemonError, lanes, staged};
use base64::{Engine, prelude::BASE64_STANDARD};
use ripieno_agents::discover::{LocalServer, USUAL, local_servers};
use std::path::PathBuf;

/// The largest file one call may bring, in bytes.
const LARGEST: usize = 4 << 20;

impl Handle {
    /// Puts a file down for a later task, named in its inputs by the path that is returned; it stays for a day. `data` is
    /// base64.
    ///
    /// # Errors
    /// Forbidden for a task; Invalid for data that is no base64 or more than 4 MiB; NotPossibleNow on a full disk.
    pub async fn stage(
        &self,
        by: &Authority,
        name: &str,
        data: &str,
    ) -> Result<PathBuf, DaemonError> {
        by.person("stage files")?;
        self.room()?;
        // Told before it is decoded: base64 is longer by a third.
        if data.len() > LARGEST.div_ceil(3) * 4 {
            return Err(too_large());
        }
        let data = BASE64_STANDARD.decode(data).map_err(|bad| {
            DaemonError::Invalid(format!(
                "data is not base64: {bad}; send the file's bytes in standard base64"
            ))
        })?;
        if data.len() > LARGEST {
            return Err(too_large());
        }
        let folder = self.ctx.home.staged_dir();
        let place = self.ctx.random.uuid(self.ctx.now()).simple().to_string();
        let name = name.to_owned();
        let put =
            tokio::task::spawn_blocking(move || staged::put(&folder, &place, &name, &data)).await;
        let put = put.map_err(|broken| DaemonError::Internal(broken.to_string()))?;
        self.ctx.staged.notify_one();
        put.map_err(|error| {
            let error = super::attach::failed(&self.ctx.home.staged_dir(), &error);
            if matches!(error, DaemonError::NotPossibleNow(_)) {
                lanes::disk_full(&self.ctx);
            }
            error
        })
    }

    /// Looks for the usual model servers of this machine; takes at most a second.
    pub async fn local_servers(&self) -> Vec<LocalServer> {
        local_servers(&USUAL).await
    }
}

fn too_large() -> DaemonError {
    DaemonError::Invalid(
        "the file is larger than 4 MiB: put it into the task's folder, or give its path".to_owned(),
    )
}
