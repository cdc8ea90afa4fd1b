//! The desktop application updates itself, as the person sees it: behind the barrier, and put back when it does not hold
//! (U2, U4). Once as the installed package, through a privileged step, and once as files of the person's own.

mod folder;
mod privileged;
mod stage;

use crate::Rule;

pub fn rules() -> Vec<Rule> {
    [folder::rules(), privileged::rules()].concat()
}
