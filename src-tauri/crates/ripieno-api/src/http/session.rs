//! Who may use the host: whoever opened the printed address first, by a cookie from then on.

use std::sync::{Mutex, PoisonError};

/// The secrets of one host, 256 bits each, in memory only.
#[derive(Debug)]
pub(super) struct Session {
    one_time: String,
    /// Given out once, in exchange for the one-time token.
    cookie: String,
    used: Mutex<bool>,
}

impl Session {
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        Ok(Session {
            one_time: secret()?,
            cookie: secret()?,
            used: Mutex::new(false),
        })
    }

    /// The token of the printed address.
    pub(super) fn one_time(&self) -> &str {
        &self.one_time
    }

    /// Takes the one-time token; gives the cookie the first time.
    pub(super) fn redeem(&self, token: &str) -> Option<&str> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if *used || !same(token, &self.one_time) {
            return None;
        }
        *used = true;
        Some(&self.cookie)
    }

    /// Whether this is the cookie that was given out.
    pub(super) fn knows(&self, cookie: &str) -> bool {
        let used = *self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used && same(cookie, &self.cookie)
    }
}

fn secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Compares in a time that tells nothing about where they differ.
fn same(given: &str, secret: &str) -> bool {
    given.len() == secret.len()
        && given
            .bytes()
            .zip(secret.bytes())
            .fold(0, |differ, (a, b)| differ | (a ^ b))
            == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_works_once_and_the_cookie_only_after_it() {
        let session = Session::new().unwrap();
        let cookie = session.cookie.clone();
        assert!(!session.knows(&cookie));
        assert_eq!(session.redeem("wrong"), None);
        assert_eq!(
            session.redeem(&session.one_time.clone()),
            Some(cookie.as_str())
        );
        assert_eq!(session.redeem(&session.one_time.clone()), None);
        assert!(session.knows(&cookie));
        assert!(!session.knows(&session.one_time.clone()) && !session.knows(""));
    }
}
