//! Subscriptions: a snapshot, then every event in order, with no gap and no duplicate (W1).

use crate::rig::Rig;
use serde_json::{Value, json};

async fn seqs(client: &mut ripieno_api::Client, until: i64) -> Vec<i64> {
    let mut all = Vec::new();
    while all.last().is_none_or(|last| *last < until) {
        all.push(
            client.next_event().await.unwrap().unwrap()["seq"]
                .as_i64()
                .unwrap(),
        );
    }
    all
}

#[tokio::test]
async fn subscriber_gets_a_snapshot_then_what_follows_it() {
    let rig = Rig::start().await;
    rig.add("before").await;
    let mut client = rig.client().await;
    let snapshot = client.request("events.subscribe", json!({})).await.unwrap();
    assert_eq!(snapshot["tasks"][0]["title"], "before");
    assert_eq!(snapshot["status"]["state"], "running");
    let seq = snapshot["seq"].as_i64().unwrap();
    rig.add("after").await;
    let event = client.next_event().await.unwrap().unwrap();
    assert_eq!(
        (event["seq"].clone(), event["kind"].clone()),
        ((seq + 1).into(), "submitted".into())
    );
    rig.stop().await;
}

#[tokio::test]
async fn late_subscriber_reads_the_log_and_goes_on_live_without_gap_or_duplicate() {
    let rig = Rig::start().await;
    for n in 0..40 {
        rig.add(&n.to_string()).await;
    }
    let writer = async {
        for n in 40..80 {
            rig.add(&n.to_string()).await;
        }
    };
    let mut client = rig.client().await;
    client
        .request("events.subscribe", json!({ "since": 0, "snapshot": false }))
        .await
        .unwrap();
    let (seqs, ()) = tokio::join!(seqs(&mut client, 80), writer);
    assert_eq!(seqs, (1..=80).collect::<Vec<_>>());
    rig.stop().await;
}

#[tokio::test]
async fn subscriber_that_does_not_read_misses_nothing() {
    let rig = Rig::start().await;
    let mut client = rig.client().await;
    client
        .request("events.subscribe", json!({ "since": 0, "snapshot": false }))
        .await
        .unwrap();
    // More than the live channel and the replies of a connection hold together.
    let store = rig.handle.clone();
    rig.add("t").await;
    let person = ripieno_daemon::handle::Authority::Person {
        surface: "test".to_owned(),
    };
    for _ in 0..800 {
        store.pause_task(&person, "1").await.unwrap();
        store.resume_task(&person, "1").await.unwrap();
    }
    let last = store.last_seq();
    assert!(last > 1_500, "{last}");
    assert_eq!(
        seqs(&mut client, last).await,
        (1..=last).collect::<Vec<_>>()
    );
    rig.stop().await;
}

#[tokio::test]
async fn pages_of_the_log_join_without_a_gap() {
    let rig = Rig::start().await;
    for n in 0..7 {
        rig.add(&n.to_string()).await;
    }
    let (mut since, mut seen) = (json!(0), Vec::new());
    loop {
        let page = rig
            .client()
            .await
            .request("events.since", json!({ "since": since, "limit": 3 }))
            .await
            .unwrap();
        let events: Vec<Value> = page["events"].as_array().unwrap().clone();
        if events.is_empty() {
            break;
        }
        seen.extend(events.iter().map(|event| event["seq"].as_i64().unwrap()));
        since = page["next"].clone();
    }
    assert_eq!(seen, (1..=7).collect::<Vec<_>>());
    rig.stop().await;
}
