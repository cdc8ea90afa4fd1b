//! The system's ways to say quit.

/// What the system says from now on: once it is made, no signal ends the process before the worker has ended in order.
#[cfg(unix)]
pub struct Signals(Option<[tokio::signal::unix::Signal; 3]>);

#[cfg(unix)]
impl Signals {
    /// Takes TERM, INT and HUP. Must be called within a runtime.
    #[must_use]
    pub fn take() -> Self {
        use tokio::signal::unix::{SignalKind, signal};

        let kinds = [
            SignalKind::terminate(),
            SignalKind::interrupt(),
            SignalKind::hangup(),
        ];
        let [Ok(term), Ok(int), Ok(hup)] = kinds.map(signal) else {
            tracing::warn!("signals cannot be taken: only the menu quits in order");
            return Self(None);
        };
        Self(Some([term, int, hup]))
    }

    /// Waits until the process is asked to end, also if that was before this call.
    pub async fn ended(mut self) {
        let Some([term, int, hup]) = &mut self.0 else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
            _ = hup.recv() => {}
        }
    }
}

/// What the system says from now on (Ctrl-C).
#[cfg(not(unix))]
pub struct Signals;

#[cfg(not(unix))]
impl Signals {
    /// Ctrl-C is taken when it is waited for.
    #[must_use]
    pub fn take() -> Self {
        Self
    }

    /// Waits until the process is asked to end.
    pub async fn ended(self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
