//! Where skills come from: the project, when it is trusted, then the person's own folders (A7). The first one found counts,
//! also when it is broken.

use super::bundle::{Bundle, HEAD, Skill, SkillError};
use crate::sidecars::SidecarFile;
use cap_std::{ambient_authority, fs::Dir};
use ripieno_pieces::skill::is_skill_name;
use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
};

/// The folders of skills that agents have in common, in a project and at home.
const SHARED: [&str; 2] = [".agents/skills", ".claude/skills"];

/// Where a skill was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SkillOrigin {
    /// In the project.
    Project,
    /// In a folder of the person.
    User,
}

impl SkillOrigin {
    /// The word of views.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            SkillOrigin::Project => "project",
            SkillOrigin::User => "user",
        }
    }
}

/// One skill of a listing.
#[derive(Debug)]
pub struct ListedSkill {
    /// The name, as its folder is called.
    pub name: String,
    /// Where it was found.
    pub origin: SkillOrigin,
    /// Its folder.
    pub folder: PathBuf,
    /// The skill, or why it cannot be used.
    pub read: Result<Skill, SkillError>,
}

/// The folders that are searched, in order.
#[derive(Clone, Debug, Default)]
pub struct SkillLibrary {
    places: Vec<Place>,
}

/// A folder of skills.
#[derive(Clone, Debug)]
struct Place {
    origin: SkillOrigin,
    /// No link leads out of it.
    within: PathBuf,
    below: PathBuf,
}

impl Place {
    fn folder(&self) -> PathBuf {
        self.within.join(&self.below)
    }
}

impl SkillLibrary {
    /// Those of `project`, which the caller trusts; then `own`, and what agents share in the person's `home`.
    #[must_use]
    pub fn new(project: Option<&Path>, own: &Path, home: Option<&Path>) -> Self {
        let place = |origin, within: &Path, below: &str| Place {
            origin,
            within: within.to_owned(),
            below: PathBuf::from(below),
        };
        let mut places = Vec::new();
        if let Some(project) = project {
            let all = [".ripieno/skills"].into_iter().chain(SHARED);
            places.extend(all.map(|at| place(SkillOrigin::Project, project, at)));
        }
        places.push(place(SkillOrigin::User, own, ""));
        if let Some(home) = home {
            places.extend(SHARED.map(|at| place(SkillOrigin::User, home, at)));
        }
        SkillLibrary { places }
    }

    /// Every skill that can be named, by name; broken ones with what is wrong.
    #[must_use]
    pub fn list(&self) -> Vec<ListedSkill> {
        let mut names = BTreeSet::new();
        for place in &self.places {
            for entry in std::fs::read_dir(place.folder())
                .into_iter()
                .flatten()
                .flatten()
            {
                let name = entry.file_name();
                let name = name.to_str().filter(|_| entry.path().join(HEAD).exists());
                names.extend(name.map(str::to_owned));
            }
        }
        let found = names.into_iter().filter_map(|name| {
            let place = self.place(&name)?;
            Some(ListedSkill {
                read: read(place, &name).map(|(skill, _)| skill),
                origin: place.origin,
                folder: place.folder().join(&name),
                name,
            })
        });
        found.collect()
    }

    /// Reads a skill with its files.
    ///
    /// # Errors
    /// [`SkillError`].
    pub(crate) fn read(&self, name: &str) -> Result<(Skill, Vec<SidecarFile>), SkillError> {
        let found = Some(name).filter(|name| is_skill_name(name));
        let Some(place) = found.and_then(|name| self.place(name)) else {
            let places = self.places.iter();
            let searched: Vec<String> =
                places.map(|at| at.folder().display().to_string()).collect();
            return Err(SkillError::Unknown {
                name: name.chars().take(80).collect(),
                searched: searched.join(", "),
            });
        };
        read(place, name)
    }

    fn place(&self, name: &str) -> Option<&Place> {
        let head = |place: &Place| place.folder().join(name).join(HEAD);
        let mut places = self.places.iter();
        places.find(|place| head(place).symlink_metadata().is_ok())
    }
}

fn read(place: &Place, name: &str) -> Result<(Skill, Vec<SidecarFile>), SkillError> {
    let folder = place.folder().join(name);
    let dir = open(place, name).map_err(|source| SkillError::Io {
        folder: folder.clone(),
        source,
    })?;
    let bundle = Bundle::read(&dir, &folder)?;
    let head = bundle.head(&folder)?;
    if head.name != name {
        let name = head.name;
        return Err(SkillError::Misnamed { folder, name });
    }
    let skill = Skill {
        head,
        origin: place.origin,
        digest: bundle.digest(),
        files: bundle.files.len(),
        bytes: bundle.bytes(),
        folder,
    };
    Ok((skill, bundle.files))
}

/// A person may link to a skill from a folder of their own; no link of a project leads out of it.
fn open(place: &Place, name: &str) -> io::Result<Dir> {
    let ambient = |folder: &Path| Dir::open_ambient_dir(folder, ambient_authority());
    match place.origin {
        SkillOrigin::Project => ambient(&place.within)?.open_dir(place.below.join(name)),
        SkillOrigin::User => ambient(&place.folder().join(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn skill(around: &Path, name: &str, says: &str) -> PathBuf {
        let at = around.join(name);
        fs::create_dir_all(at.join("scripts")).unwrap();
        let head = format!("---\nname: {name}\ndescription: {says}\n---\nDo it.\n");
        fs::write(at.join(HEAD), head).unwrap();
        fs::write(at.join("scripts/run.sh"), "echo\n").unwrap();
        at
    }

    fn library(at: &Path) -> SkillLibrary {
        SkillLibrary::new(
            Some(&at.join("project")),
            &at.join("config/skills"),
            Some(&at.join("home")),
        )
    }

    #[test]
    fn project_comes_before_the_persons_own_and_a_broken_one_is_told() {
        let all = tempfile::TempDir::new().unwrap();
        let at = all.path();
        skill(&at.join("home/.claude/skills"), "a", "home");
        skill(&at.join("config/skills"), "a", "own");
        skill(&at.join("project/.claude/skills"), "a", "project");
        skill(&at.join("home/.agents/skills"), "b", "home");
        let broken = skill(&at.join("config/skills"), "c", "own");
        fs::write(broken.join(HEAD), "no head").unwrap();
        let listed = library(at).list();
        let told: Vec<_> = listed
            .iter()
            .map(|skill| {
                let says = skill
                    .read
                    .as_ref()
                    .map(|skill| skill.head.description.clone());
                (skill.name.as_str(), skill.origin, says.ok())
            })
            .collect();
        let said = |word: &str| Some(word.to_owned());
        assert_eq!(
            told,
            [
                ("a", SkillOrigin::Project, said("project")),
                ("b", SkillOrigin::User, said("home")),
                ("c", SkillOrigin::User, None),
            ]
        );
        let unknown = library(at).read("../a").unwrap_err().to_string();
        assert!(
            unknown.starts_with("there is no skill \"../a\""),
            "{unknown}"
        );
    }

    #[test]
    fn digest_tells_every_change_of_content_path_and_rights() {
        use std::os::unix::fs::PermissionsExt;
        let all = tempfile::TempDir::new().unwrap();
        let own = all.path().join("config/skills");
        let at = skill(&own, "a", "x");
        let digest = || library(all.path()).read("a").unwrap().0.digest;
        let mut seen = vec![digest()];
        assert_eq!(digest(), seen[0]);
        let script = at.join("scripts/run.sh");
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        seen.push(digest());
        fs::write(&script, "echo 1\n").unwrap();
        seen.push(digest());
        fs::rename(&script, at.join("scripts/go.sh")).unwrap();
        seen.push(digest());
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 4);
    }

    #[test]
    fn links_large_files_and_strange_names_are_refused_and_nothing_outside_is_read() {
        let all = tempfile::TempDir::new().unwrap();
        let at = all.path();
        let secret = skill(&at.join("elsewhere"), "a", "secret");
        let skills = at.join("project/.agents/skills");
        fs::create_dir_all(&skills).unwrap();
        std::os::unix::fs::symlink(&secret, skills.join("a")).unwrap();
        assert!(
            library(at).read("a").is_err(),
            "a link that leads out of the project"
        );
        let own = at.join("config/skills");
        fs::create_dir_all(&own).unwrap();
        skill(&at.join("elsewhere"), "mine", "x");
        std::os::unix::fs::symlink(at.join("elsewhere/mine"), own.join("mine")).unwrap();
        assert!(library(at).read("mine").is_ok(), "a person may link");
        let refused = |file: &str, make: &dyn Fn(&Path)| {
            let folder = skill(&own, "bad", "x");
            make(&folder.join(file));
            let error = library(at).read("bad").unwrap_err().to_string();
            fs::remove_dir_all(&folder).unwrap();
            error
        };
        let link = refused("link", &|at| {
            std::os::unix::fs::symlink("/etc/passwd", at).unwrap()
        });
        assert!(link.contains("link is a link or a device"), "{link}");
        let large = refused("large", &|at| {
            fs::write(at, vec![0; (4 << 20) + 1]).unwrap()
        });
        assert!(large.contains("large is longer than 4096 KiB"), "{large}");
        let name = refused("a:b", &|at| fs::write(at, "x").unwrap());
        assert!(name.contains("a drive or a stream"), "{name}");
        let many = refused("many", &|at| {
            fs::create_dir(at).unwrap();
            for n in 0..200 {
                fs::write(at.join(n.to_string()), "").unwrap();
            }
        });
        assert!(many.contains("more than 200 files"), "{many}");
    }
}
