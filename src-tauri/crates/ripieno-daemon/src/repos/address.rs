//! Addresses of repositories: which are taken, and the name of the folder each has (D6).

/// The longest address, in bytes.
const LONGEST: usize = 1_000;
/// The longest name of a folder that every file system takes.
const LONGEST_NAME: usize = 200;

/// Why an address is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AddressError {
    /// It is none that git may fetch from here.
    #[error("an address is https://HOST/PATH, ssh://HOST/PATH, USER@HOST:PATH, or file:///PATH")]
    Unknown,
    /// It has a secret in it.
    #[error("a secret does not belong into an address: give it to git's credential helper")]
    Secret,
    /// It is too long.
    #[error("the address is too long")]
    Long,
}

/// The address of a repository; two texts that mean one place are one address.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Address {
    text: String,
    host: String,
    path: String,
}

impl Address {
    /// Reads what a person or an agent wrote.
    ///
    /// # Errors
    /// [`AddressError`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim().trim_end_matches('/');
        if text.len() > LONGEST {
            return Err(AddressError::Long);
        }
        // Whatever begins with a hyphen would be an option.
        if text.starts_with('-') || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(AddressError::Unknown);
        }
        let (user, host, path) = parts(text)?;
        if user.is_some_and(|user| user.contains(':'))
            || (user.is_some() && text.starts_with("https:"))
        {
            return Err(AddressError::Secret);
        }
        let path = path.trim_matches('/').trim_end_matches(".git");
        let steps_are_names = path
            .split('/')
            .all(|step| !step.is_empty() && step != "." && step != "..");
        if !steps_are_names || host.starts_with('-') {
            return Err(AddressError::Unknown);
        }
        let address = Address {
            text: text.to_owned(),
            host: host.to_ascii_lowercase(),
            path: path.to_owned(),
        };
        if address.folder().len() > LONGEST_NAME {
            return Err(AddressError::Long);
        }
        Ok(address)
    }

    /// What git is given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name of the folder that the clone has: the host and the steps of the path, other signs written as `%` and their
    /// number.
    #[must_use]
    pub fn folder(&self) -> String {
        let host = if self.host.is_empty() {
            "file"
        } else {
            &self.host
        };
        let steps = self.path.split('/').map(plain);
        std::iter::once(plain(host))
            .chain(steps)
            .collect::<Vec<_>>()
            .join("+")
    }

    /// The name that a checkout has.
    #[must_use]
    pub fn short(&self) -> String {
        let last = self.path.rsplit('/').next().unwrap_or_default();
        plain(last.trim_start_matches('.'))
    }
}

/// User, host and path.
fn parts(text: &str) -> Result<(Option<&str>, &str, &str), AddressError> {
    if let Some(path) = text.strip_prefix("file://") {
        return if path.starts_with('/') {
            Ok((None, "", path))
        } else {
            Err(AddressError::Unknown)
        };
    }
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("ssh://"));
    let (authority, path) = match rest {
        Some(rest) => rest.split_once('/').ok_or(AddressError::Unknown)?,
        // USER@HOST:PATH; whatever has another scheme, such as `ext::`, is none.
        None if text.contains("::") || text.contains("://") => return Err(AddressError::Unknown),
        None => text.split_once(':').ok_or(AddressError::Unknown)?,
    };
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None if rest.is_none() => return Err(AddressError::Unknown),
        None => (None, authority),
    };
    if host.is_empty() || host.contains(['/', '\\']) {
        return Err(AddressError::Unknown);
    }
    Ok((user, host, path))
}

/// Letters, digits, dots, hyphens and underscores as they are.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_".contains(&byte) {
            plain.push(char::from(byte));
        } else {
            plain.push_str(&format!("%{byte:02X}"));
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_place_have_one_folder() {
        for (text, folder, short) in [
            ("https://github.com/o/r", "github.com+o+r", "r"),
            ("https://GitHub.com/o/r.git/", "github.com+o+r", "r"),
            ("git@github.com:o/r.git", "github.com+o+r", "r"),
            ("ssh://git@host:2222/a/b", "host%3A2222+a+b", "b"),
            (
                "file:///srv/My Repo".replace(' ', "_").as_str(),
                "file+srv+My_Repo",
                "My_Repo",
            ),
            ("https://h/ü", "h+%C3%BC", "%C3%BC"),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(
                (address.folder().as_str(), address.short().as_str()),
                (folder, short)
            );
        }
    }

    #[test]
    fn what_git_might_take_for_something_else_is_refused() {
        for text in [
            "",
            "-u",
            "--upload-pack=x",
            "ext::sh -c x",
            "ext::x",
            "http://h/p",
            "git://h/p",
            "h",
            "h:p",
            "/srv/repo",
            "https://h",
            "https://h/",
            "https://h/../x",
            "https://h/a//b",
            "git@-oProxyCommand=x:p",
            "a b@h:p",
            "file://host/p",
            "https://h/a\nb",
            "fd::3",
            "ssh://-oX/p",
        ] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
        for text in [
            "https://user:word@h/p",
            "https://token@h/p",
            "ssh://user:word@h/p",
        ] {
            assert_eq!(Address::parse(text), Err(AddressError::Secret), "{text}");
        }
        assert_eq!(
            Address::parse(&format!("https://h/{}", "x".repeat(300))),
            Err(AddressError::Long)
        );
    }
}
