//! Where programs are: an override, the resolved PATH, then the folders package managers use (A1).

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// The first program of one of these names, in the order of the places.
pub(super) fn find(names: &[&str], env: &BTreeMap<String, String>) -> Option<PathBuf> {
    let path = env.get("PATH").map(String::as_str).unwrap_or_default();
    let on_path = std::env::split_paths(path).filter(|folder| folder.is_absolute());
    on_path.chain(well_known(env)).find_map(|folder| {
        names
            .iter()
            .map(|name| folder.join(name))
            .find(|file| is_program(file))
    })
}

/// Whether this is a file that may be executed.
pub(super) fn is_program(path: &Path) -> bool {
    let Ok(meta) = fs::metadata(path) else {
        return false;
    };
    #[cfg(unix)]
    let executable = std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let executable = true;
    meta.is_file() && executable
}

/// The folders of package managers, those the environment names first.
pub(super) fn well_known(env: &BTreeMap<String, String>) -> Vec<PathBuf> {
    let named = |name: &str, below: &str| {
        env.get(name)
            .filter(|value| !value.is_empty())
            .map(|value| PathBuf::from(value).join(below))
    };
    let mut folders: Vec<PathBuf> = [
        named("VOLTA_HOME", "bin"),
        named("BUN_INSTALL", "bin"),
        named("CARGO_HOME", "bin"),
        named("MISE_DATA_DIR", "shims"),
        named("ASDF_DATA_DIR", "shims"),
        named("PNPM_HOME", ""),
        named("NPM_CONFIG_PREFIX", "bin"),
        named("npm_config_prefix", "bin"),
        named("HOMEBREW_PREFIX", "bin"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if let Some(home) = env
        .get("HOME")
        .filter(|home| !home.is_empty())
        .map(PathBuf::from)
    {
        const BELOW_HOME: [&str; 14] = [
            ".claude/local",
            ".local/bin",
            ".opencode/bin",
            ".npm-global/bin",
            ".local/share/npm/bin",
            ".volta/bin",
            ".bun/bin",
            ".cargo/bin",
            ".local/share/mise/shims",
            ".asdf/shims",
            ".local/share/pnpm",
            ".nodenv/shims",
            "n/bin",
            "bin",
        ];
        folders.extend(BELOW_HOME.iter().map(|below| home.join(below)));
        folders.extend(npm_prefix(&home).map(|prefix| prefix.join("bin")));
        let nvm = env
            .get("NVM_DIR")
            .map_or_else(|| home.join(".nvm"), PathBuf::from);
        folders.extend(newest_first(&nvm.join("versions/node")));
    }
    folders.extend(
        [
            "/opt/homebrew/bin",
            "/usr/local/bin",
            "/home/linuxbrew/.linuxbrew/bin",
            "/snap/bin",
        ]
        .map(PathBuf::from),
    );
    folders
}

/// `prefix=` of the person's npm settings.
fn npm_prefix(home: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(home.join(".npmrc")).ok()?;
    let value = text.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "prefix").then(|| value.trim().trim_matches('"').to_owned())
    })?;
    let rest = value
        .strip_prefix("~/")
        .or_else(|| value.strip_prefix("${HOME}/"));
    Some(rest.map_or_else(|| PathBuf::from(&value), |rest| home.join(rest)))
}

/// The `bin` folders of the versions in a folder, the highest first.
fn newest_first(folder: &Path) -> Vec<PathBuf> {
    let mut versions: Vec<(Option<semver::Version>, PathBuf)> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (
                semver::Version::parse(name.trim_start_matches('v')).ok(),
                entry.path().join("bin"),
            )
        })
        .collect();
    versions.sort_by(|a, b| b.cmp(a));
    versions.into_iter().map(|(_, bin)| bin).collect()
}
