//! Task tokens: the secret an attempt proves itself with on the socket (cli.md, "Inside a task").
//!
//! They live in memory only, are given to one process tree, and are refused at once when the attempt is over (T11).

use ripieno_core::id::TaskNo;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The tokens of live attempts.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    by_token: Arc<Mutex<HashMap<String, (TaskNo, u32)>>>,
}

/// A token in force; refused once this is dropped.
#[derive(Debug)]
pub struct TokenGuard {
    tokens: Tokens,
    token: String,
}

impl TokenGuard {
    /// The secret itself, for the environment of the process.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.token
    }
}

impl Drop for TokenGuard {
    fn drop(&mut self) {
        let mut map = self
            .tokens
            .by_token
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        map.remove(&self.token);
    }
}

impl Tokens {
    /// Puts a token in force for an attempt; `secret` must be unguessable.
    #[must_use]
    pub fn grant(&self, task: TaskNo, attempt: u32, secret: String) -> TokenGuard {
        let mut map = self.by_token.lock().unwrap_or_else(PoisonError::into_inner);
        map.insert(secret.clone(), (task, attempt));
        TokenGuard {
            tokens: self.clone(),
            token: secret,
        }
    }

    /// The task and attempt a token speaks for; `None` when it is not, or no longer, in force.
    #[must_use]
    pub fn bearer(&self, token: &str) -> Option<(TaskNo, u32)> {
        self.by_token
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(token)
            .copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_is_refused_once_its_attempt_is_over() {
        let tokens = Tokens::default();
        let guard = tokens.grant(TaskNo(7), 2, "secret".into());
        assert_eq!(tokens.bearer("secret"), Some((TaskNo(7), 2)));
        drop(guard);
        assert_eq!(tokens.bearer("secret"), None);
    }
}
