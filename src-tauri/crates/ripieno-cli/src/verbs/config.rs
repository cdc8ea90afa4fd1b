//! Settings, with or without a worker: a running one puts a change in force at once (O3).

use super::{ask, block_on, home, read};
use crate::{args::ConfigVerb, out::Out};
use ripieno_api::{ApiError, command, error::Code, view::Setting};
use ripieno_daemon::{
    config::{self, Config},
    paths::Home,
};
use serde_json::{Value, json};

pub(super) fn run(verb: &ConfigVerb, out: &Out) -> Result<u8, ApiError> {
    match verb {
        ConfigVerb::Path => {
            let path = home()?.config_file().display().to_string();
            out.show(&json!({ "path": path }), || path.clone());
        }
        ConfigVerb::Get { key } => {
            let setting = match asked("config.get", command::ConfigGet { key: key.clone() })? {
                Some(value) => read(value)?,
                None => Setting::from(&load(&home()?, out)?.get(key).map_err(wrong)?),
            };
            out.show(&json!(setting), || setting.value.clone());
        }
        ConfigVerb::Set { key, value } => self::put(key, value, out)?,
        ConfigVerb::Reset { key } => self::reset(key, out)?,
        ConfigVerb::Show { origin } => {
            let settings: Vec<Setting> = match asked("config.show", json!({}))? {
                Some(page) => read(page["settings"].clone())?,
                None => load(&home()?, out)?
                    .show()
                    .iter()
                    .map(Setting::from)
                    .collect(),
            };
            out.show(&json!({ "settings": settings }), || {
                shown(&settings, *origin, out)
            });
        }
    }
    Ok(0)
}

fn put(key: &str, value: &str, out: &Out) -> Result<(), ApiError> {
    let request = command::ConfigSet {
        key: key.to_owned(),
        value: value.to_owned(),
    };
    let result = match asked("config.set", request)? {
        Some(result) => result,
        None => {
            let home = home()?;
            home.create()
                .map_err(|error| ApiError::invalid(error.to_string()))?;
            config::set(&home.config_file(), key, value).map_err(wrong)?;
            changed(&home, key, out)?
        }
    };
    told(key, &result, out)
}

fn reset(key: &str, out: &Out) -> Result<(), ApiError> {
    let request = command::ConfigGet {
        key: key.to_owned(),
    };
    let result = match asked("config.reset", request)? {
        Some(result) => result,
        None => {
            let home = home()?;
            config::reset(&home.config_file(), key).map_err(wrong)?;
            changed(&home, key, out)?
        }
    };
    told(key, &result, out)
}

fn changed(home: &Home, key: &str, out: &Out) -> Result<Value, ApiError> {
    let setting = Setting::from(&load(home, out)?.get(key).map_err(wrong)?);
    Ok(json!({ "setting": setting, "changed": [key] }))
}

/// Says so when the change in the file has no effect.
fn told(key: &str, result: &Value, out: &Out) -> Result<(), ApiError> {
    out.show(result, String::new);
    let setting: Setting = read(result["setting"].clone())?;
    let stays = result["changed"].as_array().is_some_and(Vec::is_empty);
    if stays && (setting.origin.starts_with("environment") || setting.origin == "command line") {
        out.say(&format!(
            "{key} stays {}: {} comes before the file",
            setting.value, setting.origin
        ));
    }
    Ok(())
}

fn shown(settings: &[Setting], origin: bool, out: &Out) -> String {
    if !origin {
        return settings
            .iter()
            .map(|setting| format!("{} = {}\n", setting.key, setting.value))
            .collect();
    }
    let row = |setting: &Setting| {
        vec![
            setting.key.clone(),
            setting.value.clone(),
            setting.origin.clone(),
        ]
    };
    out.table(
        &["SETTING", "VALUE", "FROM"],
        &settings.iter().map(row).collect::<Vec<_>>(),
    )
}

/// Asks the worker; `None` when none runs.
fn asked(method: &str, params: impl serde::Serialize) -> Result<Option<Value>, ApiError> {
    let mut answer = None;
    let result = block_on(async {
        answer = Some(ask(method, params).await?);
        Ok(0)
    });
    match result {
        Err(error) if error.code == Code::Offline => Ok(None),
        Err(error) => Err(error),
        Ok(_) => Ok(answer),
    }
}

fn load(home: &Home, out: &Out) -> Result<Config, ApiError> {
    let config =
        Config::load(&home.config_file(), &|name| std::env::var_os(name), &[]).map_err(wrong)?;
    for warning in &config.warnings {
        out.say(&format!("warning: {warning}"));
    }
    Ok(config)
}

fn wrong(error: ripieno_daemon::config::ConfigError) -> ApiError {
    ApiError::invalid(error.to_string())
}
