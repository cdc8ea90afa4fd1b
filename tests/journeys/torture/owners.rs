//! rel-13: workers started together on one home have exactly one owner, and a dead one's lock is taken at once.

use crate::rig::{Home, wait_for};
use std::{process::Stdio, time::Duration};

/// Rounds in `make test`; `make torture` runs 200.
const SHORT: usize = 5;

#[test]
fn workers_started_together_have_exactly_one_owner() {
    let rounds = crate::rounds(SHORT).min(200);
    let home = Home::new();
    for round in 0..rounds {
        let mut children: Vec<_> = (0..2)
            .map(|_| {
                home.command(&["daemon", "run", "--json"])
                    .stdin(Stdio::null())
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .spawn()
                    .expect("the daemon starts")
            })
            .collect();
        let first = wait_for(Duration::from_secs(30), || {
            children
                .iter_mut()
                .enumerate()
                .find_map(|(n, child)| Some((n, child.try_wait().ok()??)))
        });
        let (loser, status) = first.unwrap_or_else(|| panic!("round {round}: both run"));
        assert_eq!(
            status.code(),
            Some(7),
            "round {round}: the second names the owner and ends with 7"
        );
        let winner = &mut children[1 - loser];
        assert!(
            winner.try_wait().expect("it can be asked").is_none(),
            "round {round}: nobody owns the home"
        );
        drop(winner.kill());
        drop(winner.wait());
    }
    let (code, _, err) = {
        let _daemon = home.daemon();
        home.run(&["daemon", "run"])
    };
    assert_eq!(code, 7);
    assert!(
        err.contains("process") || err.contains("pid"),
        "it names the owner: {err}"
    );
}
