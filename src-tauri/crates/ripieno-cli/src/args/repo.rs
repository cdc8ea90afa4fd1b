//! Verbs about repositories that tasks share.

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum RepoVerb {
    /// Let agents check out a repository, and fetch it
    Add {
        /// Its address: https, ssh or file
        url: String,
    },
    /// List the repositories that agents may check out
    List,
    /// Forget a repository with its clone
    Remove {
        /// Its address
        url: String,
    },
    /// Inside a task: make a checkout of a repository, on a branch of the task's own
    Checkout {
        /// Its address
        url: String,
        /// A branch, tag or commit; what the repository itself begins with when left out
        #[arg(long = "ref", value_name = "REF")]
        wanted: Option<String>,
    },
}
