//! What can be seen without a worker: folders, disk, settings, database file, programs.

use super::Finding;
use ripieno_daemon::{
    config::Config,
    disk::{DiskState, decide, free_space},
    paths::Home,
    quantity::format_size,
    update::settle,
};
use rustix::fs::{Access, access};
use std::{fs, io::Read, os::unix::fs::MetadataExt, path::Path, process::Command};

pub(super) fn look(home: &Home) -> Vec<Finding> {
    let mut findings = vec![folders(home), run_folder(home), settings(home)];
    findings.push(disk(home));
    findings.push(database(home));
    findings.extend(update(home));
    findings.push(program(
        "git",
        "git",
        &["--version"],
        "tasks in repositories need it: install git",
    ));
    findings.push(program(
        "shell",
        "/bin/sh",
        &["-c", "echo /bin/sh works"],
        "scripts need it: install a POSIX shell",
    ));
    findings.push(Finding::note(
        "sandbox",
        "level none: what a task runs has your own rights",
        "keep approvals at ask_risky for agents you do not trust with them",
    ));
    findings
}

/// An update that broke off.
fn update(home: &Home) -> Option<Finding> {
    match settle::under_way(home) {
        Ok(None) => None,
        Ok(Some(text)) => Some(Finding::note(
            "update",
            text,
            "start Ripieno, or run `ripieno doctor --undo-update`",
        )),
        Err(error) => Some(Finding::bad(
            "update",
            error.to_string(),
            "remove that file",
        )),
    }
}

/// Whether what is kept can be written.
fn folders(home: &Home) -> Finding {
    let all = [
        home.config_dir(),
        home.data_dir(),
        home.state_dir(),
        home.cache_dir(),
        home.run_dir(),
    ];
    for folder in all {
        let there = folder
            .ancestors()
            .find(|part| part.exists())
            .unwrap_or(folder);
        if !there.is_dir() {
            return Finding::bad(
                "folders",
                format!("{} is not a folder", there.display()),
                "move it away, or set RIPIENO_HOME",
            );
        }
        if let Err(error) = access(there, Access::WRITE_OK | Access::EXEC_OK) {
            let text = format!("{} cannot be written: {error}", there.display());
            return Finding::bad(
                "folders",
                text,
                "make it writable for your user, or set RIPIENO_HOME to a folder of yours",
            );
        }
    }
    Finding::ok(
        "folders",
        format!("{} can be written", home.name().display()),
    )
}

/// Whether the socket's folder is the user's alone.
fn run_folder(home: &Home) -> Finding {
    let folder = home.run_dir();
    let shown = folder.display();
    match fs::metadata(folder) {
        Err(_) => Finding::ok("run", format!("{shown} is made at the first start")),
        Ok(meta) if meta.uid() != rustix::process::geteuid().as_raw() => Finding::bad(
            "run",
            format!("{shown} belongs to another user"),
            "remove it, or set RIPIENO_HOME to a folder of yours",
        ),
        Ok(meta) if meta.mode() & 0o077 != 0 => Finding::bad(
            "run",
            format!("{shown} is open to others (mode {:o})", meta.mode() & 0o777),
            "chmod 700 it",
        ),
        Ok(_) => Finding::ok("run", format!("{shown} is yours alone")),
    }
}

fn settings(home: &Home) -> Finding {
    let file = home.config_file();
    match Config::load(&file, &|name| std::env::var_os(name), &[]) {
        Ok(config) if config.warnings.is_empty() => {
            Finding::ok("settings", format!("{} is good", file.display()))
        }
        Ok(config) => {
            let warnings: Vec<String> = config.warnings.iter().map(ToString::to_string).collect();
            Finding::note(
                "settings",
                warnings.join("; "),
                "correct or remove these lines: they change nothing",
            )
        }
        Err(error) => Finding::bad(
            "settings",
            error.to_string(),
            "correct that line: the worker does not start with it",
        ),
    }
}

fn disk(home: &Home) -> Finding {
    let data = home.data_dir();
    let there = data.ancestors().find(|part| part.exists()).unwrap_or(data);
    let limit = Config::load(&home.config_file(), &|name| std::env::var_os(name), &[])
        .map(|config| config.settings.disk_min_free)
        .unwrap_or_default();
    match free_space(there) {
        Err(error) => Finding::bad(
            "disk",
            error.to_string(),
            "mount it, or set RIPIENO_HOME to another folder",
        ),
        Ok(free) => match decide(free, limit) {
            DiskState::Ok => Finding::ok("disk", format!("{} MiB free", free >> 20)),
            DiskState::Low { free } => Finding::bad(
                "disk",
                format!(
                    "only {} MiB free: nothing is started below disk.min_free = {}",
                    free >> 20,
                    format_size(limit)
                ),
                "free some space, or lower disk.min_free",
            ),
        },
    }
}

/// Whether the database file is one; its whole content is checked by a running worker.
fn database(home: &Home) -> Finding {
    const MAGIC: &[u8; 16] = b"SQLite format 3\0";
    let file = home.database();
    let mut head = [0; 16];
    match fs::File::open(&file).and_then(|mut opened| opened.read_exact(&mut head)) {
        Ok(()) if &head == MAGIC => {
            Finding::ok("database", format!("{} is a database", file.display()))
        }
        Ok(()) => damaged(&file, "is no database"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => missing(&file),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            damaged(&file, "is cut short")
        }
        Err(error) => Finding::bad(
            "database",
            format!("{} cannot be read: {error}", file.display()),
            "check its permissions",
        ),
    }
}

/// No database: nothing was ever started here, or a damaged one was set aside and waits for a decision.
fn missing(file: &Path) -> Finding {
    let name = file
        .file_name()
        .map(|name| name.to_string_lossy())
        .unwrap_or_default();
    let start = format!("{name}.damaged-");
    let entries = file.parent().and_then(|folder| fs::read_dir(folder).ok());
    let aside = entries
        .into_iter()
        .flatten()
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with(&start));
    if aside {
        return damaged(file, "was damaged and is set aside");
    }
    Finding::ok(
        "database",
        format!("{} is made at the first start", file.display()),
    )
}

fn damaged(file: &Path, what: &str) -> Finding {
    Finding::bad(
        "database",
        format!("{} {what}", file.display()),
        "copy the newest file of the folder `backups` beside it to that name; `ripieno daemon run` says which is good",
    )
}

/// Whether a program answers.
fn program(name: &str, command: &str, arguments: &[&str], remedy: &str) -> Finding {
    match Command::new(command).args(arguments).output() {
        Ok(said) if said.status.success() => Finding::ok(
            name,
            String::from_utf8_lossy(&said.stdout).trim().to_owned(),
        ),
        Ok(said) => Finding::bad(name, format!("{command} ends with {}", said.status), remedy),
        Err(error) => Finding::bad(
            name,
            format!("{command} cannot be started: {error}"),
            remedy,
        ),
    }
}
