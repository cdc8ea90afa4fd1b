//! What an agent may do without asking: approval level, access of the movement, kind of tool, and where its
//! paths really lie (A5).

use crate::{Access, Approvals, RunSpec};
use std::{
    collections::HashSet,
    fs, io,
    path::{Component, Path, PathBuf},
};

/// What a call does, as far as leave for it is concerned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Act {
    /// Looks at these places.
    Read(Vec<PathBuf>),
    /// Changes these files.
    Edit(Vec<PathBuf>),
    /// Runs this command.
    Command(String),
    /// Reaches out to this host.
    Network(String),
    /// Asks the person.
    Question,
    /// Keeps the agent's own books: lists, plans, sub-agents whose calls are asked for one by one.
    Own,
    /// Uses one of the tools we gave it (A6): it reaches nothing but its own task.
    Ours,
    /// Anything else: a tool of another MCP server, or one this version does not know.
    Other(String),
}

/// What is done about a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Decision {
    /// It passes.
    Pass,
    /// It is refused, with what the agent is told.
    Deny(String),
    /// A person decides.
    Ask,
}

/// Leave that was given for the rest of the run.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Grant {
    Command(String),
    Edit(PathBuf),
    Read(PathBuf),
    Network(String),
    Tool(String),
}

/// Files and folders that make other programs run commands, agents among them: changing them is never "editing inside the
/// workspace". Each is one part of a path, or several that follow each other, in small letters.
const TELLING: [&[&str]; 25] = [
    &[".git"],
    &[".ripieno"],
    &[".mcp.json"],
    &[".agents"],
    &[".claude"],
    &[".codex"],
    &[".copilot"],
    &[".cursor"],
    &[".gemini"],
    &[".goose"],
    &[".kimi"],
    &[".opencode"],
    &["opencode.json"],
    &["opencode.jsonc"],
    &[".qwen"],
    // Where Copilot looks; the rest of that folder is read by people and by another machine.
    &[".github", "agents"],
    &[".github", "copilot"],
    &[".github", "extensions"],
    &[".github", "hooks"],
    &[".github", "skills"],
    &[".envrc"],
    &[".husky"],
    &[".idea"],
    &[".vscode"],
    &[".zed"],
];

/// Decides about calls.
pub(crate) struct Policy {
    approvals: Approvals,
    access: Access,
    folder: PathBuf,
    home: Option<PathBuf>,
    readable: Vec<PathBuf>,
    writable: Vec<PathBuf>,
    granted: HashSet<Grant>,
}

impl Policy {
    /// The rules of one run. The folders of the task's inputs and outputs count as inside.
    pub(crate) fn new(spec: &RunSpec) -> Self {
        let real = |path: &Path| fs::canonicalize(path).ok();
        let named = |name: &str| spec.env.get(name).and_then(|path| real(Path::new(path)));
        let folder = real(&spec.folder).unwrap_or_else(|| spec.folder.clone());
        let writable: Vec<PathBuf> = [
            Some(folder.clone()),
            named("RIPIENO_OUTPUTS"),
            named("TMPDIR"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let more = [named("RIPIENO_INPUTS"), real(&spec.spill)];
        let readable = writable
            .iter()
            .cloned()
            .chain(more.into_iter().flatten())
            .collect();
        Policy {
            approvals: spec.approvals,
            access: spec.access,
            folder,
            home: spec.env.get("HOME").map(PathBuf::from),
            readable,
            writable,
            granted: HashSet::new(),
        }
    }

    /// The place a path of a call names: programs leave out blanks around it, and read `~` as a shell does.
    pub(crate) fn place(&self, path: &str) -> PathBuf {
        let path = path.trim();
        let Some(rest) = path.strip_prefix('~') else {
            return self.folder.join(path);
        };
        match &self.home {
            Some(home) if rest.is_empty() || rest.starts_with('/') => {
                home.join(rest.trim_start_matches('/'))
            }
            // Of somebody else, or of nobody known: outside.
            _ => Path::new("/").join(path),
        }
    }

    /// The folder of the run, links resolved.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Decides about a call.
    pub(crate) fn decide(&self, act: &Act) -> Decision {
        match act {
            Act::Question => return Decision::Ask,
            Act::Ours => return Decision::Pass,
            _ => {}
        }
        if self.access == Access::Read && matches!(act, Act::Edit(_) | Act::Command(_)) {
            let text = "This step may only read: it has no leave to edit files or to run commands. \
                        Report what you would change instead.";
            return Decision::Deny(text.to_owned());
        }
        if self.is_granted(act) {
            return Decision::Pass;
        }
        let passes = match (self.approvals, act) {
            (_, Act::Ours) => true,
            (_, Act::Question) | (Approvals::AskAll, _) => false,
            (_, Act::Own) => true,
            (_, Act::Read(paths)) => !paths.is_empty() && self.inside(paths, &self.readable),
            (level, Act::Edit(paths)) => {
                let telling =
                    level != Approvals::Trusted && paths.iter().any(|p| self.is_telling(p));
                !paths.is_empty() && !telling && self.inside(paths, &self.writable)
            }
            (Approvals::Trusted, Act::Command(_) | Act::Network(_)) => {
                self.access == Access::Full || matches!(act, Act::Network(_))
            }
            (Approvals::Trusted, Act::Other(tool)) => {
                self.access == Access::Full && (tool.starts_with("mcp__") || tool == "ExitPlanMode")
            }
            (Approvals::AskRisky, Act::Command(_) | Act::Network(_) | Act::Other(_)) => false,
        };
        if passes {
            Decision::Pass
        } else {
            Decision::Ask
        }
    }

    /// Takes leave for the rest of the run: for this command, file, host or tool, nothing wider.
    pub(crate) fn grant(&mut self, act: &Act) {
        match act {
            Act::Command(command) => drop(self.granted.insert(Grant::Command(command.clone()))),
            Act::Network(host) => drop(self.granted.insert(Grant::Network(host.clone()))),
            Act::Other(tool) => drop(self.granted.insert(Grant::Tool(tool.clone()))),
            Act::Edit(paths) => {
                let real: Vec<_> = paths.iter().filter_map(|path| resolve(path).ok()).collect();
                self.granted.extend(real.into_iter().map(Grant::Edit));
            }
            Act::Read(paths) => {
                let real: Vec<_> = paths.iter().filter_map(|path| resolve(path).ok()).collect();
                self.granted.extend(real.into_iter().map(Grant::Read));
            }
            Act::Question | Act::Own | Act::Ours => {}
        }
    }

    fn is_granted(&self, act: &Act) -> bool {
        let all = |paths: &[PathBuf], make: fn(PathBuf) -> Grant| {
            let granted =
                |path: &PathBuf| resolve(path).is_ok_and(|real| self.granted.contains(&make(real)));
            !paths.is_empty() && paths.iter().all(granted)
        };
        match act {
            Act::Command(command) => self.granted.contains(&Grant::Command(command.clone())),
            Act::Network(host) => self.granted.contains(&Grant::Network(host.clone())),
            Act::Other(tool) => self.granted.contains(&Grant::Tool(tool.clone())),
            Act::Edit(paths) => all(paths, Grant::Edit),
            Act::Read(paths) => all(paths, Grant::Read),
            Act::Question | Act::Own | Act::Ours => false,
        }
    }

    fn inside(&self, paths: &[PathBuf], roots: &[PathBuf]) -> bool {
        paths.iter().all(|path| {
            resolve(path).is_ok_and(|real| roots.iter().any(|root| real.starts_with(root)))
        })
    }

    fn is_telling(&self, path: &Path) -> bool {
        let Ok(real) = resolve(path) else { return true };
        let Ok(below) = real.strip_prefix(&self.folder) else {
            return false;
        };
        let parts: Vec<String> = below.iter().map(folded).collect();
        let is_in = |name: &&[&str]| parts.windows(name.len()).any(|at| at == *name);
        TELLING.iter().any(is_in)
    }
}

/// A part of a path in small letters: macOS and Windows, and folders of theirs that Linux reaches, know no difference. Letters that
/// fold into those of another script do so by way of the large ones.
fn folded(part: &std::ffi::OsStr) -> String {
    part.to_string_lossy().to_uppercase().to_lowercase()
}

/// Where a path really leads, links resolved, also when its last parts do not exist yet.
///
/// # Errors
/// When that cannot be told: a link that leads nowhere, or `..` below something that does not exist.
fn resolve(path: &Path) -> io::Result<PathBuf> {
    let mut rest: Vec<&std::ffi::OsStr> = Vec::new();
    let mut at = path;
    loop {
        match fs::canonicalize(at) {
            Ok(real) => return Ok(rest.iter().rev().fold(real, |real, part| real.join(part))),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Err(error) => {
                // It exists, but leads nowhere: a write would make what it names.
                if fs::symlink_metadata(at).is_ok() {
                    return Err(error);
                }
                let (Some(Component::Normal(part)), Some(parent)) =
                    (at.components().next_back(), at.parent())
                else {
                    return Err(error);
                };
                rest.push(part);
                at = parent;
            }
        }
    }
}

/// The host of an address; the whole text when it is none.
pub(crate) fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    rest[..end].to_lowercase()
}

#[cfg(test)]
impl Policy {
    /// The rules for a folder alone.
    pub(crate) fn bare(folder: &Path, approvals: Approvals, access: Access) -> Policy {
        let folder = fs::canonicalize(folder).unwrap();
        Policy {
            approvals,
            access,
            readable: vec![folder.clone()],
            writable: vec![folder.clone()],
            folder,
            home: None,
            granted: HashSet::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One letter for each decision: pass, ask, deny.
    fn letters(policy: &Policy, outside: &Path) -> String {
        let inside = policy.folder().to_owned();
        let acts = [
            Act::Read(vec![inside.join("a.txt")]),
            Act::Read(vec![outside.join("x")]),
            Act::Edit(vec![inside.join("a.txt")]),
            Act::Edit(vec![outside.join("x")]),
            Act::Edit(vec![inside.join(".git/hooks/pre-commit")]),
            Act::Command("ls".to_owned()),
            Act::Network("example.org".to_owned()),
            Act::Other("mcp__a__b".to_owned()),
            Act::Own,
            Act::Other("NeverSeen".to_owned()),
            Act::Question,
        ];
        let letter = |act: &Act| match policy.decide(act) {
            Decision::Pass => 'p',
            Decision::Ask => 'a',
            Decision::Deny(_) => 'd',
        };
        acts.iter().map(letter).collect()
    }

    #[test]
    fn level_and_access_decide_as_the_table_says() {
        let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let table = [
            (Approvals::AskAll, Access::Full, "aaaaaaaaaaa"),
            (Approvals::AskRisky, Access::Full, "papaaaaapaa"),
            (Approvals::Trusted, Access::Full, "papappppp aa"),
            (Approvals::Trusted, Access::Edit, "papapapapaa"),
            (Approvals::AskRisky, Access::Edit, "papaaaaapaa"),
            (Approvals::Trusted, Access::Read, "paddddpapaa"),
            (Approvals::AskAll, Access::Read, "aaddddaaaaa"),
        ];
        for (approvals, access, want) in table {
            let policy = Policy::bare(inside.path(), approvals, access);
            let want = want.replace(' ', "");
            assert_eq!(
                letters(&policy, outside.path()),
                want,
                "{approvals:?} {access:?}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_lead_where_they_lead() {
        let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, inside.path().join(name));
        link(outside.path(), "out").unwrap();
        link(&outside.path().join("not-there"), "dangling").unwrap();
        fs::create_dir(inside.path().join("sub")).unwrap();
        link(&inside.path().join("sub"), "in").unwrap();
        let policy = Policy::bare(inside.path(), Approvals::AskRisky, Access::Full);
        for (path, want) in [
            ("new/deep/file", Decision::Pass),
            ("in/file", Decision::Pass),
            ("sub/../file", Decision::Pass),
            ("out/file", Decision::Ask),
            ("dangling", Decision::Ask),
            ("../file", Decision::Ask),
            ("no/../../file", Decision::Ask),
            ("/etc/passwd", Decision::Ask),
            ("sub/.git/config", Decision::Ask),
        ] {
            let act = Act::Edit(vec![policy.folder().join(path)]);
            assert_eq!(policy.decide(&act), want, "{path}");
        }
    }

    #[test]
    fn leave_for_the_run_covers_this_call_and_nothing_wider() {
        let inside = tempfile::tempdir().unwrap();
        let mut policy = Policy::bare(inside.path(), Approvals::AskAll, Access::Full);
        let ls = Act::Command("ls".to_owned());
        policy.grant(&ls);
        assert_eq!(policy.decide(&ls), Decision::Pass);
        assert_eq!(
            policy.decide(&Act::Command("ls; rm -rf x".to_owned())),
            Decision::Ask
        );
        policy.grant(&Act::Edit(vec![inside.path().join("a")]));
        assert_eq!(
            policy.decide(&Act::Edit(vec![inside.path().join("./a")])),
            Decision::Pass
        );
        assert_eq!(
            policy.decide(&Act::Edit(vec![inside.path().join("b")])),
            Decision::Ask
        );
        policy.grant(&Act::Network(host("https://Example.org/x")));
        assert_eq!(
            policy.decide(&Act::Network(host("http://example.org"))),
            Decision::Pass
        );
    }

    #[test]
    fn files_that_make_other_programs_run_ask_however_they_are_written() {
        let inside = tempfile::tempdir().unwrap();
        let asks = |approvals, path: &str| {
            let policy = Policy::bare(inside.path(), approvals, Access::Full);
            let act = Act::Edit(vec![policy.folder().join(path)]);
            policy.decide(&act) == Decision::Ask
        };
        for path in [
            ".opencode/plugin/x.js",
            "opencode.json",
            "opencode.jsonc",
            ".gemini/settings.json",
            ".qwen/settings.json",
            ".cursor/mcp.json",
            ".copilot/mcp-config.json",
            ".github/hooks/x.json",
            ".github/skills/x/run.sh",
            ".goose/config.yaml",
            ".kimi/mcp.json",
            ".agents/skills/x/run.sh",
            ".claude/settings.json",
            ".codex/config.toml",
            ".envrc",
            ".husky/pre-commit",
            ".vscode/tasks.json",
            ".idea/workspace.xml",
            ".zed/tasks.json",
            "packages/a/.envrc",
            ".GIT/hooks/pre-commit",
            "OpenCode.json",
            ".\u{212a}imi/mcp.json",
        ] {
            assert!(asks(Approvals::AskRisky, path), "{path}");
            assert!(!asks(Approvals::Trusted, path), "{path}");
        }
        for path in [
            "git/x",
            "claude.md",
            "opencode.json.md",
            ".github/ISSUE_TEMPLATE.md",
            "hooks/x",
            ".gitignore",
        ] {
            assert!(!asks(Approvals::AskRisky, path), "{path}");
        }
    }
}
