//! The system's ways to say quit.

/// Waits until the process is asked to end (TERM, INT or HUP; Ctrl-C elsewhere).
#[cfg(unix)]
pub async fn ended() {
    use tokio::signal::unix::{SignalKind, signal};

    let kinds = [
        SignalKind::terminate(),
        SignalKind::interrupt(),
        SignalKind::hangup(),
    ];
    let [Ok(mut term), Ok(mut int), Ok(mut hup)] = kinds.map(signal) else {
        tracing::warn!("signals cannot be taken: only the menu quits in order");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
        _ = hup.recv() => {}
    }
}

/// Waits until the process is asked to end (TERM, INT or HUP; Ctrl-C elsewhere).
#[cfg(not(unix))]
pub async fn ended() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
