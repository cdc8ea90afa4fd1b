//! The work of a task without what was carried in: its commits once more, each with what it did and without what the person
//! had not committed when it began (0133). The same work always becomes the same commits, so that they are found again.

use super::{
    TreeError,
    join::{Unrelated, merged, stand_in, tree_of},
};
use crate::changes::{repository::id, scratch::Scratch};
use std::collections::{BTreeMap, BTreeSet};

/// How much one commit may say.
const MESSAGE: u64 = 1024 * 1024;
/// How many commits are each made once more; of more only the last is, with all they did.
const MOST: usize = 200;

/// Work that holds what was carried in, beside a branch that does not.
#[derive(Clone, Debug)]
pub(super) struct Replay {
    /// The work once more; none where it cannot be told apart from what was carried in.
    pub work: Option<String>,
    /// Whether the branch holds that already.
    pub held: bool,
    /// A commit with the files of the branch that knows what was carried in, and what of the work the branch holds: merging
    /// the work with it brings what is missing and no more.
    pub stand_in: String,
}

/// Replays the work on what it began with; none where nothing was carried in that `old`, where the branch stands, does not
/// hold. `carried` are all commits that hold what was not committed when a task began.
///
/// # Errors
/// [`TreeError`].
pub(super) async fn replay(
    scratch: &Scratch,
    carried: &BTreeSet<String>,
    work: &str,
    old: &str,
) -> Result<Option<Replay>, TreeError> {
    if carried.is_empty() {
        return Ok(None);
    }
    let list = list(scratch, work, old).await?;
    let mut all = Replaying::new(scratch, work, carried, &list);
    for (commit, parents) in &list {
        all.take(commit, parents).await?;
    }
    let Some(end) = all.stands.get(work).cloned() else {
        return Ok(None);
    };
    let missing = missing(scratch, &end.instead, old).await?;
    let is_held = |again: &String| !missing.contains(again);
    let mut known = vec![old.to_owned()];
    known.extend(end.carried);
    let held = all.stands.iter();
    known.extend(
        held.filter(|(_, stand)| stand.again.as_ref().is_some_and(is_held))
            .map(|(commit, _)| commit.clone()),
    );
    let tree = tree_of(scratch, old).await?;
    Ok(Some(Replay {
        held: end.again.as_ref().is_some_and(is_held),
        work: end.again,
        stand_in: stand_in(scratch, &tree, &known).await?,
    }))
}

impl Replay {
    /// Whether the branch would have the same files with the work as it has without.
    ///
    /// # Errors
    /// [`TreeError`].
    pub async fn adds_nothing(&self, scratch: &Scratch, work: &str) -> Result<bool, TreeError> {
        let both = merged(scratch, Unrelated::Refused, &self.stand_in, work).await?;
        Ok(both == Ok(tree_of(scratch, &self.stand_in).await?))
    }
}

/// What a commit of the work is once more.
#[derive(Clone, Default, Debug)]
struct Stand {
    /// What was carried into it.
    carried: Vec<String>,
    /// Commits that are nobody's secret, with all that is in it but what was carried in and what was done since.
    clean: Vec<String>,
    /// The commit once more.
    again: Option<String>,
    /// What stands for it as a parent.
    instead: Vec<String>,
}

struct Replaying<'a> {
    scratch: &'a Scratch,
    work: &'a str,
    carried: BTreeSet<&'a str>,
    /// Carried in below something else that was: of several branches together.
    below: BTreeSet<&'a str>,
    each: bool,
    stands: BTreeMap<String, Stand>,
}

impl<'a> Replaying<'a> {
    fn new(
        scratch: &'a Scratch,
        work: &'a str,
        carried: &'a BTreeSet<String>,
        list: &'a [(String, Vec<String>)],
    ) -> Self {
        let mut carried: BTreeSet<&str> = carried.iter().map(String::as_str).collect();
        let mut below = BTreeSet::new();
        for (commit, parents) in list.iter().rev() {
            // What was carried into several has what was carried into each as its parents.
            if carried.contains(commit.as_str()) && parents.len() > 1 {
                carried.extend(parents.iter().map(String::as_str));
                below.extend(parents.iter().map(String::as_str));
            }
        }
        // What does not stand on it counts for nothing, so that the same work is always taken in the same way.
        let mut above = carried.clone();
        for (commit, parents) in list {
            if parents.iter().any(|parent| above.contains(parent.as_str())) {
                above.insert(commit);
            }
        }
        let of_work = list
            .iter()
            .filter(|(name, _)| above.contains(name.as_str()));
        Replaying {
            scratch,
            work,
            each: of_work.count() <= MOST,
            carried,
            below,
            stands: BTreeMap::new(),
        }
    }

    /// Takes the next commit; its parents were taken before.
    async fn take(&mut self, commit: &str, parents: &[String]) -> Result<(), TreeError> {
        let is_carried = self.carried.contains(commit);
        if !is_carried
            && !parents
                .iter()
                .any(|parent| self.stands.contains_key(parent))
        {
            return Ok(());
        }
        let mut stand = self.above(parents).await?;
        if is_carried {
            stand.carried = vec![commit.to_owned()];
        } else if self.each || commit == self.work {
            stand.again = self.again(commit, &stand).await?;
            if let Some(again) = &stand.again {
                stand.instead = vec![again.clone()];
            }
        }
        self.stands.insert(commit.to_owned(), stand);
        Ok(())
    }

    /// What a commit takes over from its parents.
    async fn above(&self, parents: &[String]) -> Result<Stand, TreeError> {
        let mut all = Stand::default();
        for parent in parents {
            match self.stands.get(parent) {
                Some(stand) => {
                    all.carried.extend(stand.carried.iter().cloned());
                    all.clean.extend(stand.clean.iter().cloned());
                    all.instead.extend(stand.instead.iter().cloned());
                }
                None => {
                    all.clean.push(parent.clone());
                    all.instead.push(parent.clone());
                }
            }
        }
        let mut once = BTreeSet::new();
        all.carried.retain(|commit| once.insert(commit.clone()));
        if all.carried.iter().any(|commit| !self.is_below(commit)) {
            all.carried.retain(|commit| !self.is_below(commit));
        }
        all.clean = independent(self.scratch, all.clean).await?;
        all.instead = independent(self.scratch, all.instead).await?;
        Ok(all)
    }

    fn is_below(&self, commit: &str) -> bool {
        self.below.contains(commit)
    }

    /// The commit once more, where it can be told apart from what was carried in.
    async fn again(&self, commit: &str, stand: &Stand) -> Result<Option<String>, TreeError> {
        let Some(clean) = together(self.scratch, &stand.clean).await? else {
            return Ok(None);
        };
        let known = [&stand.carried[..], &stand.clean].concat();
        let tree = tree_of(self.scratch, &clean).await?;
        let from = stand_in(self.scratch, &tree, &known).await?;
        let Ok(tree) = merged(self.scratch, Unrelated::Refused, &from, commit).await? else {
            return Ok(None);
        };
        let git = self.scratch.git();
        let top = &self.scratch.top;
        let raw = git
            .read(top, &["cat-file", "commit", commit], b"", MESSAGE)
            .await?;
        let again = rewritten(&raw, &tree, &stand.instead);
        let write = ["hash-object", "-t", "commit", "-w", "--stdin"];
        let printed = git.print(top, &write, &again, MESSAGE).await?;
        // One that says something git does not take stays apart as well.
        Ok((printed.code == Some(0)).then(|| id(&printed.bytes)))
    }
}

/// A commit with another tree and other parents, and without a signature, which would not hold any more.
fn rewritten(raw: &[u8], tree: &str, parents: &[String]) -> Vec<u8> {
    let end = raw.windows(2).position(|pair| pair == b"\n\n");
    let (head, said) = raw.split_at(end.map_or(raw.len(), |end| end + 1));
    let mut new = format!("tree {tree}\n").into_bytes();
    for parent in parents {
        new.extend_from_slice(format!("parent {parent}\n").as_bytes());
    }
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        let kept = ["author ", "committer ", "encoding "];
        if kept.iter().any(|kept| line.starts_with(kept.as_bytes())) {
            new.extend_from_slice(line);
        }
    }
    new.extend_from_slice(said);
    new
}

/// The commits that the work has and the branch has not, parents first, each with its parents.
async fn list(
    scratch: &Scratch,
    work: &str,
    old: &str,
) -> Result<Vec<(String, Vec<String>)>, TreeError> {
    let args = [
        "rev-list",
        "--topo-order",
        "--reverse",
        "--parents",
        work,
        "--not",
        old,
    ];
    let printed = scratch.read(&args, b"").await?;
    let printed = String::from_utf8_lossy(&printed).into_owned();
    let commits = printed.lines().filter_map(|line| {
        let mut names = line.split(' ').map(str::to_owned);
        Some((names.next()?, names.collect()))
    });
    Ok(commits.collect())
}

/// Those commits in the history of `of` that the branch does not hold.
async fn missing(
    scratch: &Scratch,
    of: &[String],
    old: &str,
) -> Result<BTreeSet<String>, TreeError> {
    let mut args = vec!["rev-list"];
    args.extend(of.iter().map(String::as_str));
    args.extend(["--not", old]);
    let printed = scratch.read(&args, b"").await?;
    let printed = String::from_utf8_lossy(&printed).into_owned();
    Ok(printed.lines().map(str::to_owned).collect())
}

/// Those that no other of them holds, in their order.
async fn independent(
    scratch: &Scratch,
    mut commits: Vec<String>,
) -> Result<Vec<String>, TreeError> {
    let mut once = BTreeSet::new();
    commits.retain(|commit| once.insert(commit.clone()));
    if commits.len() < 2 {
        return Ok(commits);
    }
    let mut args = vec!["merge-base", "--independent"];
    args.extend(commits.iter().map(String::as_str));
    let printed = scratch.read(&args, b"").await?;
    let printed = String::from_utf8_lossy(&printed).into_owned();
    let found: BTreeSet<&str> = printed.lines().collect();
    commits.retain(|commit| found.contains(commit.as_str()));
    Ok(commits)
}

/// One commit with what is in all of them; none where there is none, or where they conflict.
async fn together(scratch: &Scratch, commits: &[String]) -> Result<Option<String>, TreeError> {
    let Some((first, rest)) = commits.split_first() else {
        return Ok(None);
    };
    let mut all = first.clone();
    for commit in rest {
        let Ok(tree) = merged(scratch, Unrelated::Joined, &all, commit).await? else {
            return Ok(None);
        };
        all = stand_in(scratch, &tree, &[all, commit.clone()]).await?;
    }
    Ok(Some(all))
}

#[cfg(test)]
mod tests {
    use super::rewritten;

    #[test]
    fn commit_made_once_more_keeps_who_when_and_every_byte_it_says_but_no_signature() {
        let raw = b"tree 1\nparent 2\nparent 3\nauthor A <a> 1 +0100\ncommitter C <c> 2 +0000\nencoding latin1\n\
            gpgsig -----BEGIN\n author of nothing\n -----END\nmergetag object 4\n\nOne \xe9\n\n\nauthor of more";
        let again = rewritten(raw, "5", &["6".to_owned()]);
        let expected =
            b"tree 5\nparent 6\nauthor A <a> 1 +0100\ncommitter C <c> 2 +0000\nencoding latin1\n\n\
            One \xe9\n\n\nauthor of more";
        assert_eq!(again.as_slice(), expected.as_slice());
    }
}
