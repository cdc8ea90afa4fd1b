//! Files that go through a filter of the person's git, such as Git LFS or git-crypt: what lies in a folder is not what git
//! stores. No filter is run by us, so such files are neither committed by us nor written into a checkout.

use super::{
    git::GitError,
    path::{RepoPath, fields},
    repository::Repository,
    scratch::Scratch,
};
use std::collections::BTreeSet;

/// How much a list of files, with what is said of each, may be.
const LIST: u64 = 64 * 1024 * 1024;
/// How much the names of settings may be.
const NAMES: u64 = 1024 * 1024;
/// How many files a sentence names.
const NAMED: usize = 5;
/// What git answers to an option it does not know.
const UNKNOWN: i32 = 129;

/// The files of `to` that are others in `from`, or are not there, and go through a filter: by the attributes in the checkout
/// or by those in `to`. An attribute that names a filter nobody has set up changes nothing, in git neither.
///
/// # Errors
/// [`GitError`].
pub(crate) async fn filtered(
    repository: &Repository,
    scratch: &Scratch,
    from: &str,
    to: &str,
) -> Result<Vec<RepoPath>, GitError> {
    let filters = set_up(repository).await?;
    if filters.is_empty() {
        return Ok(Vec::new());
    }
    let written = scratch.differing("d", from, to).await?;
    if written.is_empty() {
        return Ok(Vec::new());
    }
    let mut input = Vec::new();
    for path in &written {
        input.extend_from_slice(&path.0);
        input.push(0);
    }
    let tree = format!("--source={to}");
    let mut found = BTreeSet::new();
    for source in [None, Some(tree.as_str())] {
        let mut args = vec!["check-attr", "-z", "--stdin"];
        args.extend(source);
        args.push("filter");
        let git = repository.git();
        let printed = git.print(&repository.top, &args, &input, LIST).await?;
        // Before 2.40 git looks at a checkout only.
        if source.is_some() && printed.code == Some(UNKNOWN) {
            continue;
        }
        found.extend(with_filter(&printed.succeeded()?, &filters));
    }
    Ok(found.into_iter().collect())
}

/// The files that have one of the filters: git answers with path, attribute and value.
fn with_filter<'a>(
    printed: &'a [u8],
    filters: &'a BTreeSet<Vec<u8>>,
) -> impl Iterator<Item = RepoPath> + 'a {
    let mut fields = fields(printed);
    std::iter::from_fn(move || Some((fields.next()?, fields.next()?, fields.next()?)))
        .filter(|(_, _, value)| filters.contains(*value))
        .map(|(path, _, _)| RepoPath(path.to_vec()))
}

/// The names of the filters that the person's git has.
async fn set_up(repository: &Repository) -> Result<BTreeSet<Vec<u8>>, GitError> {
    let args = ["config", "-z", "--name-only", "--get-regexp", r"^filter\."];
    let git = repository.git();
    let printed = git.print(&repository.folder, &args, b"", NAMES).await?;
    if printed.code == Some(1) {
        return Ok(BTreeSet::new());
    }
    let printed = printed.succeeded()?;
    let names = fields(&printed).filter_map(|key| {
        let name = key.strip_prefix(b"filter.")?;
        [&b".clean"[..], b".smudge", b".process"]
            .iter()
            .find_map(|part| name.strip_suffix(*part))
            .map(<[u8]>::to_vec)
    });
    Ok(names.collect())
}

/// Which files these are, in words.
pub(crate) fn said(files: &[RepoPath]) -> String {
    let mut names: Vec<String> = files.iter().take(NAMED).map(RepoPath::shown).collect();
    let more = files.len().saturating_sub(NAMED);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let go = if files.len() == 1 { "goes" } else { "go" };
    format!(
        "{} {go} through a filter of git (such as Git LFS or git-crypt)",
        names.join(", ")
    )
}
