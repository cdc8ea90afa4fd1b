//! The protocol of the socket: many requests at once, every slip answered, nothing dropped.

use crate::rig::Rig;
use ripieno_api::{Client, error::Code};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::UnixStream,
};

/// Sends lines and reads as many replies.
async fn exchange(rig: &Rig, lines: &[&[u8]], replies: usize) -> Vec<Value> {
    let mut stream = UnixStream::connect(rig.handle.socket()).await.unwrap();
    for line in lines {
        stream.write_all(line).await.unwrap();
        stream.write_all(b"\n").await.unwrap();
    }
    let mut from = BufReader::new(stream).lines();
    let mut all = Vec::new();
    for _ in 0..replies {
        all.push(serde_json::from_str(&from.next_line().await.unwrap().unwrap()).unwrap());
    }
    all
}

#[tokio::test]
async fn every_slip_is_answered_and_the_connection_goes_on() {
    let rig = Rig::start().await;
    let table: [(&[u8], &str); 9] = [
        (b"nonsense", "usage"),
        (b"{\"id\":1}", "usage"),
        (b"[]", "usage"),
        (b"{\"id\":1,\"method\":\"status\",\"more\":2}", "usage"),
        (
            b"{\"id\":1,\"method\":\"status\",\"params\":{\"x\":1}}",
            "usage",
        ),
        (
            b"{\"id\":1,\"method\":\"task.show\",\"params\":{}}",
            "usage",
        ),
        (b"{\"id\":1,\"method\":\"task.fly\"}", "incompatible"),
        (
            b"{\"id\":1,\"method\":\"status\",\"surface\":\"default\"}",
            "usage",
        ),
        (
            b"{\"id\":1,\"method\":\"status\",\"params\":{},\"token\":\"wrong\"}",
            "forbidden",
        ),
    ];
    for (line, code) in table {
        let replies = exchange(
            &rig,
            &[line, b"", b"{\"id\":9,\"method\":\"health\",\"params\":{}}"],
            2,
        )
        .await;
        let refusal = replies
            .iter()
            .find(|reply| reply.get("error").is_some())
            .unwrap();
        assert_eq!(
            refusal["error"]["code"],
            code,
            "{}",
            String::from_utf8_lossy(line)
        );
        assert!(
            replies
                .iter()
                .any(|reply| reply["id"] == 9 && reply["result"]["state"] == "running")
        );
    }
    let replies = exchange(&rig, &[b"{\"id\":1,\"method\":\"\xff\"}"], 1).await;
    assert!(
        replies[0]["error"]["message"]
            .as_str()
            .unwrap()
            .contains("not UTF-8")
    );
    rig.stop().await;
}

#[tokio::test]
async fn many_requests_of_one_connection_are_all_answered_by_id() {
    let rig = Rig::start().await;
    let lines: Vec<Vec<u8>> = (0..300)
        .map(|id| {
            json!({ "id": id, "method": "health" })
                .to_string()
                .into_bytes()
        })
        .collect();
    let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    let ids: BTreeSet<i64> = exchange(&rig, &lines, 300)
        .await
        .iter()
        .map(|reply| reply["id"].as_i64().unwrap())
        .collect();
    assert_eq!(ids, (0..300).collect());
    rig.stop().await;
}

#[tokio::test]
async fn waiting_request_does_not_hold_up_the_others() {
    let rig = Rig::start().await;
    rig.add("far").await;
    let wait =
        json!({ "id": "wait", "method": "task.wait", "params": { "id": "T-1" } }).to_string();
    let cancel = json!({ "id": "cancel", "method": "task.cancel", "params": { "ids": ["T-1"] } })
        .to_string();
    let replies = exchange(&rig, &[wait.as_bytes(), cancel.as_bytes()], 2).await;
    let waited = replies.iter().find(|reply| reply["id"] == "wait").unwrap();
    assert_eq!(waited["result"]["task"]["state"], "cancelled");
    rig.stop().await;
}

#[tokio::test]
async fn wrong_token_is_refused_for_auth_and_adds_nothing() {
    let rig = Rig::start().await;
    let auth = b"{\"id\":1,\"method\":\"auth\",\"params\":{\"token\":\"wrong\"}}";
    assert_eq!(
        exchange(&rig, &[auth], 1).await[0]["error"]["code"],
        "forbidden"
    );
    rig.stop().await;
}

#[tokio::test]
async fn client_is_told_when_the_worker_stops_while_it_waits() {
    let rig = Rig::start().await;
    rig.add("far").await;
    let mut client = rig.client().await;
    let waiting =
        tokio::spawn(async move { client.request("task.wait", json!({ "id": "T-1" })).await });
    // Answered after the wait began: requests of one worker are seen in order by its log.
    rig.client()
        .await
        .request("status", json!({}))
        .await
        .unwrap();
    let socket = rig.handle.socket().to_owned();
    rig.stop().await;
    assert_eq!(waiting.await.unwrap().unwrap_err().code, Code::Offline);
    assert!(!socket.exists());
    assert_eq!(
        Client::connect_to(&socket).await.unwrap_err().code,
        Code::Offline
    );
}

#[tokio::test]
async fn paths_of_requests_are_absolute() {
    let rig = Rig::start().await;
    for params in [
        json!({ "prompt": "true", "piece": "script", "dir": "here" }),
        json!({ "prompt": "true", "piece": "script", "inputs": ["file"] }),
    ] {
        let refused = rig
            .client()
            .await
            .request("task.add", params)
            .await
            .unwrap_err();
        assert_eq!(refused.code, Code::Invalid);
        assert!(refused.message.contains("not absolute"), "{refused}");
    }
    rig.stop().await;
}
