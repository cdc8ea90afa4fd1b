//! Worktrees under random crashes, cancels, pauses, rewinds, clean-ups and collections of garbage: whatever an agent wrote is
//! reachable from a ref or lies in a kept folder, and nothing of the person's has changed (D5, R13).

use crate::{
    rig::{
        Client, Daemon, Home, PATIENCE,
        repository::{dirty, of_the_person, try_git},
        wait_for,
    },
    work::Dice,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Sequences in `make test`; `make torture` runs 1,000.
const SHORT: usize = 50;
const LONG: usize = 1_000;
/// How many sequences run at a time: each mostly waits.
const AT_ONCE: usize = 4;
/// How long a sequence may take to settle.
const SETTLE: Duration = Duration::from_secs(120);

/// What an agent does: it writes in every way there is, and notes each token once it is written.
const AGENT: &str = r#"
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
# What the agent's own git writes while garbage is collected for good is git's own affair, and may be lost.
own() { flock -o -s LEDGER.lock "$@"; }
n=0
while [ $n -lt WRITES ]; do
  n=$((n + 1))
  t=$(cat /proc/sys/kernel/random/uuid)
  case $(( (SEED + n * 7 + RIPIENO_ATTEMPT * 3) % 9 )) in
    0) echo $t > new-$t ;;
    1) echo $t >> a.txt ;;
    2) mkdir -p d/$t; echo $t > d/$t/f ;;
    3) echo $t > $t.ignored ;;
    4) echo $t > s-$t; own git add s-$t || true ;;
    5) echo $t > c-$t; own sh -c "git add c-$t && git commit -qm c -- c-$t" || true ;;
    6) echo $t > r-$t; own sh -c "git add r-$t && git commit -q --amend -m amended" || true ;;
    7) printf '%s\000\377' $t > b-$t ;;
    8) echo $t > m-$t; chmod 755 m-$t; rm -f b.txt ;;
  esac
  echo $t >> LEDGER
  sleep 0.02
done
END
"#;

fn agent(dice: &mut Dice, ledger: &Path) -> String {
    let ends = [
        "true",
        "true",
        "exit 3",
        "sleep 20",
        "ripieno ask create --wait 0 --text Go --option y || exit 4",
    ];
    let end = ends[usize::try_from(dice.below(5)).expect("small")];
    AGENT
        .replace("WRITES", &(1 + dice.below(8)).to_string())
        .replace("SEED", &dice.below(1000).to_string())
        .replace("LEDGER", &ledger.display().to_string())
        .replace("END", end)
}

struct Sequence {
    home: Home,
    daemon: Daemon,
    client: Client,
    dice: Dice,
    repository: PathBuf,
    ledger: PathBuf,
    tasks: Vec<String>,
    seed: u64,
    /// What was done, for whoever reads of a failure.
    done: Vec<String>,
}

impl Sequence {
    fn begin(seed: u64) -> Self {
        let home =
            Home::with_config("slots = 4\n\n[quit]\ngrace = \"5s\"\n\n[stop]\ngrace = \"300ms\"\n");
        let repository = dirty(&home);
        fs::write(repository.join(".git/info/exclude"), "*.ignored\n").expect("it is written");
        fs::write(repository.join("mine.ignored"), "mine\n").expect("it is written");
        let daemon = home.daemon();
        let client = daemon.client();
        Sequence {
            ledger: home.folder("ledger").join("tokens"),
            home,
            daemon,
            client,
            dice: Dice::new(seed),
            seed,
            repository,
            tasks: Vec::new(),
            done: Vec::new(),
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Option<Value> {
        self.done
            .push(format!("{method} {params}").chars().take(120).collect());
        // What makes no sense in a state is refused.
        self.client
            .request(method, params)
            .expect("the daemon lives")
            .ok()
    }

    fn add(&mut self) {
        let text = agent(&mut self.dice, &self.ledger);
        let params =
            json!({ "prompt": text, "piece": "script", "dir": self.repository, "title": "Writes" });
        let view = self.ask("task.add", params).expect("it is added");
        self.tasks
            .push(view["short_id"].as_str().expect("a short id").to_owned());
    }

    fn some(&mut self) -> String {
        let n = self
            .dice
            .below(u64::try_from(self.tasks.len()).expect("few"));
        self.tasks[usize::try_from(n).expect("few")].clone()
    }

    fn step(&mut self) {
        let id = self.some();
        match self.dice.below(10) {
            0 | 1 => self.crash(),
            2 => drop(self.ask("task.cancel", json!({ "ids": [id] }))),
            3 => drop(self.ask("task.pause", json!({ "ids": [id] }))),
            4 => drop(self.ask("task.resume", json!({ "ids": [id] }))),
            5 | 6 => self.rewind(&id),
            7 => drop(self.ask("task.retry", json!({ "ids": [id] }))),
            8 => {
                let text = agent(&mut self.dice, &self.ledger);
                if let Some(answer) = self.ask("task.comment", json!({ "id": id, "text": text }))
                    && let Some(next) = answer["follow_up"]["short_id"].as_str()
                {
                    self.tasks.push(next.to_owned());
                }
            }
            _ => {
                let prune = ["--prune=2.weeks.ago", "--prune=now"];
                let prune = prune[usize::try_from(self.dice.below(2)).expect("small")];
                self.done.push(format!("gc {prune}"));
                self.collect(prune);
            }
        }
        let pause = Duration::from_millis(self.dice.below(250));
        std::thread::park_timeout(pause);
    }

    /// Collects garbage, whatever the worker writes meanwhile; two at once are refused.
    fn collect(&self, prune: &str) {
        let lock = self.ledger.with_file_name("tokens.lock");
        let out = Command::new("flock")
            .args(["-o", "-x"])
            .arg(lock)
            .args(["git", "-c", "gc.auto=0", "gc", "-q", prune])
            .current_dir(&self.repository)
            .output();
        out.expect("flock starts");
    }

    fn crash(&mut self) {
        self.done.push("crash".to_owned());
        self.daemon.kill();
        self.daemon = self.home.daemon();
        self.client = self.daemon.client();
    }

    fn rewind(&mut self, id: &str) {
        let Some(found) = self.ask("task.checkpoints", json!({ "id": id })) else {
            return;
        };
        let points = found["points"].as_array().map_or(0, Vec::len);
        if points > 0 {
            let to = 1 + self.dice.below(u64::try_from(points).expect("few"));
            let answer = self.ask("task.rewind", json!({ "id": id, "to": to }));
            if let Some(next) = answer
                .as_ref()
                .and_then(|a| a["follow_up"]["short_id"].as_str())
            {
                self.tasks.push(next.to_owned());
            }
        }
    }

    /// Ends every task and waits until each folder was given back, or stays for a reason.
    fn settle(&mut self) {
        let ended = ["done", "failed", "dead", "cancelled"];
        let tasks = self.tasks.clone();
        let mut last = Value::Null;
        let settled = wait_for(SETTLE, || {
            // A paused follow-up uses the folder of the task it goes on from: first all end, then folders go.
            for id in &tasks {
                last = self.client.task(id);
                if !ended.contains(&last["state"].as_str().unwrap_or_default()) {
                    drop(self.client.request("task.cancel", json!({ "ids": [id] })));
                    return None;
                }
            }
            for id in &tasks {
                last = self.client.task(id);
                let tree = &last["worktree"];
                if !tree.is_null() && tree["state"] == "open" && tree["stays"].is_null() {
                    return None;
                }
            }
            Some(())
        });
        assert!(
            settled.is_some(),
            "seed {}: {:#?}\n{last:#}\n{}",
            self.seed,
            self.done,
            self.trouble()
        );
    }

    /// What the worker warned of.
    fn trouble(&self) -> String {
        let mut text = String::new();
        everything_below(&self.home.path().join("state/logs"), &mut text);
        text.lines()
            .filter(|line| line.contains("WARN"))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Tokens that are noted as written and are nowhere.
    fn lost(&self) -> Vec<String> {
        let noted = fs::read_to_string(&self.ledger).unwrap_or_default();
        let mut wanted: BTreeSet<&str> = noted.lines().filter(|token| token.len() == 36).collect();
        let mut seen = everything_reachable(&self.repository);
        everything_below(&self.home.path().join("data/worktrees"), &mut seen);
        wanted.retain(|token| !seen.contains(*token));
        wanted.into_iter().map(str::to_owned).collect()
    }
}

/// The content of every object that a ref reaches, one after the other.
fn everything_reachable(repository: &Path) -> String {
    // What is given back in the background while garbage is collected may point a ref for a moment that is not whole (0063).
    let mut said = String::new();
    let listed = wait_for(PATIENCE, || {
        let done;
        let args = ["rev-list", "--objects", "--all", "--no-object-names"];
        (done, said) = try_git(repository, &args);
        done.then(|| said.clone())
    });
    let listed = listed.unwrap_or_else(|| panic!("not everything is there: {said}"));
    let mut child = Command::new("git")
        .args(["cat-file", "--batch"])
        .current_dir(repository)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("git starts");
    let mut input = child.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || input.write_all(listed.as_bytes()).expect("git reads"));
    let out = child.wait_with_output().expect("git ends");
    writer.join().expect("it is written");
    String::from_utf8_lossy(&out.stdout).into_owned()
}

fn everything_below(folder: &Path, seen: &mut String) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && entry.file_name() != ".removed" {
            everything_below(&path, seen);
        } else if let Ok(bytes) = fs::read(&path) {
            seen.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
}

/// The person's files as they lie there, beside what git says of them.
fn files(repository: &Path) -> Vec<(String, Vec<u8>)> {
    ["a.txt", "b.txt", "my notes", "mine.ignored"]
        .map(|name| {
            (
                name.to_owned(),
                fs::read(repository.join(name)).unwrap_or_default(),
            )
        })
        .to_vec()
}

/// Whether this is the long series.
fn is_long() -> bool {
    std::env::var_os("RIPIENO_TORTURE").is_some()
}

fn holds(seed: u64) {
    let mut run = Sequence::begin(seed);
    let before = (of_the_person(&run.repository), files(&run.repository));
    run.add();
    for _ in 0..4 + run.dice.below(5) {
        if run.tasks.len() < 3 && run.dice.below(4) == 0 {
            run.add();
        }
        run.step();
    }
    run.settle();
    // Nobody writes any more: whatever no ref reaches goes now.
    // What is given back in the background may hold the file of packed refs for a moment.
    let mut said = String::new();
    let collected = wait_for(PATIENCE, || {
        let done;
        (done, said) = try_git(&run.repository, &["gc", "-q", "--prune=now"]);
        done.then_some(())
    });
    assert!(
        collected.is_some(),
        "seed {seed}: the repository is never free: {said}, after {:#?}",
        run.done
    );
    let after = (of_the_person(&run.repository), files(&run.repository));
    assert_eq!(
        after, before,
        "seed {seed}: the person's, after {:#?}",
        run.done
    );
    let lost = run.lost();
    assert!(
        lost.is_empty(),
        "seed {seed}: {lost:?} are nowhere, after {:#?}",
        run.done
    );
    assert_eq!(run.daemon.term(), Some(0), "seed {seed}");
}

#[test]
fn whatever_happens_to_tasks_in_worktrees_no_byte_is_lost_and_nothing_of_the_persons_changes() {
    let sequences = if is_long() { LONG } else { SHORT };
    let only = std::env::var("RIPIENO_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    if let Some(seed) = only {
        return holds(seed);
    }
    let next = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if usize::try_from(n).is_ok_and(|n| n >= sequences) {
                        return;
                    }
                    holds(77_000 + n);
                }
            });
        }
    });
    println!("{sequences} sequences, 0 bytes lost");
}
