//! The attack list of sec-6 against the loopback host: none succeeds, and the page itself works.

use crate::rig::Rig;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A status and everything that came with it.
#[derive(Debug)]
struct Answer {
    status: u16,
    text: String,
}

/// The address without its scheme and token.
fn authority(rig: &Rig) -> String {
    rig.url
        .trim_start_matches("http://")
        .split('/')
        .next()
        .unwrap()
        .to_owned()
}

/// Sends bytes and reads until the host closes.
async fn send(rig: &Rig, request: &str) -> Answer {
    let mut stream = TcpStream::connect(authority(rig)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_string(&mut text));
    read.await.unwrap().unwrap();
    let status = text
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    Answer { status, text }
}

/// A request with these headers, one per line, and a body.
fn request(line: &str, headers: &[String], body: &str) -> String {
    let headers: String = headers
        .iter()
        .map(|header| format!("{header}\r\n"))
        .collect();
    format!(
        "{line} HTTP/1.1\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Opens the printed address and gives the cookie.
async fn sign_in(rig: &Rig) -> String {
    let target = format!(
        "GET {}",
        rig.url
            .trim_start_matches(&format!("http://{}", authority(rig)))
    );
    let answer = send(
        rig,
        &request(&target, &[format!("host: {}", authority(rig))], ""),
    )
    .await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    let cookie = answer
        .text
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .unwrap();
    assert!(cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

const BODY: &str = "{\"id\":1,\"method\":\"pause\",\"params\":{}}";

async fn state(rig: &Rig) -> Value {
    rig.client()
        .await
        .request("status", json!({}))
        .await
        .unwrap()["state"]
        .clone()
}

#[tokio::test]
async fn signed_in_page_asks_and_is_answered() {
    let rig = Rig::start().await;
    let cookie = sign_in(&rig).await;
    let host = authority(&rig);
    let headers = [
        format!("host: {host}"),
        format!("origin: http://{host}"),
        format!("cookie: other=1; {cookie}"),
        "content-type: application/json; charset=utf-8".to_owned(),
        "sec-fetch-site: same-origin".to_owned(),
    ];
    let answer = send(&rig, &request("POST /rpc", &headers, BODY)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(
        answer.text.contains("\"state\":\"paused\""),
        "{}",
        answer.text
    );
    let wrong = send(
        &rig,
        &request("POST /rpc", &headers, "{\"method\":\"nothing\"}"),
    )
    .await;
    assert!(wrong.text.contains("\"incompatible\""), "{}", wrong.text);
    let page = send(&rig, &request("GET /", &headers[..1], "")).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains("text/html") && page.text.contains("Ripieno"),
        "{}",
        page.text
    );
    rig.stop().await;
}

#[tokio::test]
async fn events_follow_and_come_back_where_they_were() {
    let rig = Rig::start().await;
    let cookie = sign_in(&rig).await;
    rig.add("one").await;
    rig.add("two").await;
    let mut stream = TcpStream::connect(authority(&rig)).await.unwrap();
    let head = format!(
        "GET /events HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\nlast-event-id: 1\r\n\r\n",
        authority(&rig)
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut text = String::new();
    while !text.contains("id: 2") {
        let mut block = [0; 4096];
        let count = stream.read(&mut block).await.unwrap();
        text.push_str(std::str::from_utf8(&block[..count]).unwrap());
    }
    assert!(
        text.contains("text/event-stream") && !text.contains("id: 1\n"),
        "{text}"
    );
    rig.stop().await;
}

/// Every attack: its name, the request line, headers and body, and whether it knows the cookie.
fn attacks(host: &str, cookie: &str) -> Vec<(&'static str, String)> {
    let json = "content-type: application/json".to_owned();
    let at = |host: &str| format!("host: {host}");
    let port = host.rsplit(':').next().unwrap();
    let ours = at(host);
    let cookie = format!("cookie: {cookie}");
    let post = |headers: &[&String]| {
        request(
            "POST /rpc",
            &headers.iter().map(|h| (*h).clone()).collect::<Vec<_>>(),
            BODY,
        )
    };
    let header = |text: &str| text.to_owned();
    let full = |more: &str| post(&[&ours, &cookie, &json, &header(more)]);
    vec![
        (
            "rebinding: foreign host",
            post(&[&at(&format!("evil.example:{port}")), &cookie, &json]),
        ),
        (
            "rebinding: localhost",
            post(&[&at(&format!("localhost:{port}")), &cookie, &json]),
        ),
        (
            "0.0.0.0",
            post(&[&at(&format!("0.0.0.0:{port}")), &cookie, &json]),
        ),
        (
            "ipv6 name",
            post(&[&at(&format!("[::1]:{port}")), &cookie, &json]),
        ),
        (
            "decimal address",
            post(&[&at(&format!("2130706433:{port}")), &cookie, &json]),
        ),
        (
            "other loopback address",
            post(&[&at(&format!("127.0.0.2:{port}")), &cookie, &json]),
        ),
        (
            "trailing dot",
            post(&[&at(&format!("127.0.0.1.:{port}")), &cookie, &json]),
        ),
        (
            "host without port",
            post(&[&at("127.0.0.1"), &cookie, &json]),
        ),
        (
            "no host",
            request("POST /rpc", &[cookie.clone(), json.clone()], BODY),
        ),
        (
            "two hosts",
            post(&[&ours, &at("evil.example"), &cookie, &json]),
        ),
        (
            "absolute target",
            request(
                "POST http://evil.example/rpc",
                &[ours.clone(), cookie.clone(), json.clone()],
                BODY,
            ),
        ),
        ("foreign origin", full("origin: http://evil.example")),
        ("null origin", full("origin: null")),
        ("https origin", full(&format!("origin: https://{host}"))),
        (
            "origin with another port",
            full("origin: http://127.0.0.1:1"),
        ),
        (
            "origin by prefix",
            full(&format!("origin: http://{host}.evil.example")),
        ),
        (
            "two origins",
            post(&[
                &ours,
                &cookie,
                &json,
                &format!("origin: http://{host}"),
                &header("origin: http://evil.example"),
            ]),
        ),
        ("cross-site fetch", full("sec-fetch-site: cross-site")),
        ("same-site fetch", full("sec-fetch-site: same-site")),
        (
            "form",
            post(&[
                &ours,
                &cookie,
                &header("content-type: application/x-www-form-urlencoded"),
            ]),
        ),
        (
            "multipart form",
            post(&[
                &ours,
                &cookie,
                &header("content-type: multipart/form-data; boundary=x"),
            ]),
        ),
        (
            "simple post",
            post(&[&ours, &cookie, &header("content-type: text/plain")]),
        ),
        (
            "json in disguise",
            post(&[
                &ours,
                &cookie,
                &header("content-type: text/plain; application/json"),
            ]),
        ),
        ("no content type", post(&[&ours, &cookie])),
        (
            "two content types",
            post(&[&ours, &cookie, &json, &header("content-type: text/plain")]),
        ),
        ("no cookie", post(&[&ours, &json])),
        (
            "wrong cookie",
            post(&[&ours, &json, &format!("cookie: ripieno={}", "0".repeat(64))]),
        ),
        (
            "empty cookie",
            post(&[&ours, &json, &header("cookie: ripieno=")]),
        ),
        (
            "token in place of the cookie",
            request(
                &format!("POST /rpc?token={}", "0".repeat(64)),
                &[ours.clone(), json.clone()],
                BODY,
            ),
        ),
        (
            "get",
            request("GET /rpc", &[ours.clone(), cookie.clone()], ""),
        ),
        (
            "put",
            request(
                "PUT /rpc",
                &[ours.clone(), cookie.clone(), json.clone()],
                BODY,
            ),
        ),
        (
            "preflight",
            request(
                "OPTIONS /rpc",
                &[
                    ours.clone(),
                    header("origin: http://evil.example"),
                    header("access-control-request-method: POST"),
                ],
                "",
            ),
        ),
        (
            "method override",
            request(
                "GET /rpc",
                &[
                    ours.clone(),
                    cookie.clone(),
                    header("x-http-method-override: POST"),
                ],
                "",
            ),
        ),
        (
            "cross-site websocket",
            request(
                "GET /events",
                &[
                    ours.clone(),
                    cookie.clone(),
                    header("upgrade: websocket"),
                    header("origin: http://evil.example"),
                ],
                "",
            ),
        ),
        (
            "events without cookie",
            request("GET /events", std::slice::from_ref(&ours), ""),
        ),
        (
            "events of another page",
            request(
                "GET /events",
                &[
                    ours.clone(),
                    cookie.clone(),
                    header("sec-fetch-site: cross-site"),
                ],
                "",
            ),
        ),
        (
            "path out of the page",
            request(
                "GET /../../../../etc/passwd",
                std::slice::from_ref(&ours),
                "",
            ),
        ),
        (
            "encoded path out of the page",
            request(
                "GET /%2e%2e/%2e%2e/etc/passwd",
                std::slice::from_ref(&ours),
                "",
            ),
        ),
    ]
}

#[tokio::test]
async fn no_attack_of_the_list_is_carried_out() {
    let rig = Rig::start().await;
    let cookie = sign_in(&rig).await;
    for (name, attack) in attacks(&authority(&rig), &cookie) {
        let answer = send(&rig, &attack).await;
        assert!(
            (400..500).contains(&answer.status),
            "{name}: {}",
            answer.text
        );
        assert!(
            !answer
                .text
                .to_ascii_lowercase()
                .contains("access-control-allow"),
            "{name}: {}",
            answer.text
        );
        assert_eq!(state(&rig).await, "running", "{name} was carried out");
    }
    rig.stop().await;
}

#[tokio::test]
async fn printed_address_works_once() {
    let rig = Rig::start().await;
    sign_in(&rig).await;
    let target = format!(
        "GET {}",
        rig.url
            .trim_start_matches(&format!("http://{}", authority(&rig)))
    );
    let again = send(
        &rig,
        &request(&target, &[format!("host: {}", authority(&rig))], ""),
    )
    .await;
    assert!(!again.text.contains("set-cookie"), "{}", again.text);
    rig.stop().await;
}

#[tokio::test]
async fn body_over_the_limit_is_refused() {
    let rig = Rig::start().await;
    let cookie = sign_in(&rig).await;
    let head = format!(
        "POST /rpc HTTP/1.1\r\nhost: {}\r\ncookie: {cookie}\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\n\r\n",
        authority(&rig)
    );
    let mut stream = TcpStream::connect(authority(&rig)).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut block = [0; 64];
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut block));
    let count = read.await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&block[..count]).starts_with("HTTP/1.1 413"));
    rig.stop().await;
}

#[tokio::test]
async fn every_answer_forbids_frames_sniffing_and_foreign_content() {
    let rig = Rig::start().await;
    let answer = send(
        &rig,
        &request("GET /", &[format!("host: {}", authority(&rig))], ""),
    )
    .await;
    for header in [
        "content-security-policy: default-src 'none'",
        "x-content-type-options: nosniff",
        "x-frame-options: DENY",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
    ] {
        assert!(answer.text.contains(header), "{header}: {}", answer.text);
    }
    rig.stop().await;
}
