//! Skills: folders with a `SKILL.md` that tell an agent how to do one thing, found in the project and at home, pinned to a task
//! and placed where its agent looks (A7).

mod bundle;
mod library;

pub(crate) use bundle::{LARGEST, read_pinned, write_pinned};
pub use bundle::{Skill, SkillError};
pub use library::{ListedSkill, SkillLibrary, SkillOrigin};
