//! Settings through a running worker: they take effect without a restart (O3).

use super::{Authority, Handle};
use crate::{
    config::{Change, Config, ConfigError, Shown, diff, reset, set},
    error::DaemonError,
    paths::Home,
};
use serde_json::json;
use std::sync::{Arc, PoisonError};

/// Loads the settings of a home: flags, environment, file, defaults.
///
/// # Errors
/// [`ConfigError`] for a wrong value.
pub fn load(home: &Home, flags: &[(String, String)]) -> Result<Config, ConfigError> {
    crate::config::create_if_missing(&home.config_file())?;
    Config::load(&home.config_file(), &|name| std::env::var_os(name), flags)
}

impl Handle {
    /// The settings in force with their origins.
    ///
    /// # Errors
    /// When the file holds a wrong value.
    pub fn config(&self) -> Result<Vec<Shown>, DaemonError> {
        Ok(load(&self.ctx.home, &self.ctx.flags)?.show())
    }

    /// One setting.
    ///
    /// # Errors
    /// Invalid for a key that does not exist, with the nearest that does.
    pub fn config_get(&self, key: &str) -> Result<Shown, DaemonError> {
        Ok(load(&self.ctx.home, &self.ctx.flags)?.get(key)?)
    }

    /// Changes a setting in the user's file and puts it in force; running attempts keep what they began with.
    ///
    /// # Errors
    /// Forbidden for a task; Invalid for a wrong key or value.
    pub async fn config_set(
        &self,
        by: &Authority,
        key: &str,
        value: &str,
    ) -> Result<Vec<Change>, DaemonError> {
        by.person("change settings")?;
        set(&self.ctx.home.config_file(), key, value)?;
        self.reload().await
    }

    /// Takes a setting out of the user's file, so that its default holds again.
    ///
    /// # Errors
    /// Forbidden for a task; Invalid for a wrong key.
    pub async fn config_reset(
        &self,
        by: &Authority,
        key: &str,
    ) -> Result<Vec<Change>, DaemonError> {
        by.person("change settings")?;
        reset(&self.ctx.home.config_file(), key)?;
        self.reload().await
    }

    /// Reads the file again and puts in force what changed.
    ///
    /// # Errors
    /// Invalid when the file holds a wrong value; the settings in force stay then.
    pub async fn reload(&self) -> Result<Vec<Change>, DaemonError> {
        let config = load(&self.ctx.home, &self.ctx.flags)?;
        let new = Arc::new(config.settings.clone());
        let old = self.ctx.settings();
        let changes = diff(&old, &new);
        if changes.is_empty() && old.agents == new.agents {
            return Ok(changes);
        }
        *self
            .ctx
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::clone(&new);
        self.ctx.apply_settings(&new);
        let keys: Vec<&str> = changes.iter().map(|change| change.key.as_str()).collect();
        let data = json!({ "keys": keys });
        self.ctx
            .store
            .write(move |tx| tx.fact(None, "settings_changed", data))
            .await?;
        Ok(changes)
    }
}
