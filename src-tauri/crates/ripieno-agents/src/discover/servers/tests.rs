use super::*;
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A server on a loopback port of its own that answers each path as told, and remembers what was asked.
struct Place {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Place {
    /// `answer` gives the whole response to a path; none leaves it unanswered.
    async fn start(answer: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, log) = (Arc::new(answer), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answer), Arc::clone(&log)));
            }
        });
        Place { port, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    answer: Arc<impl Fn(&str) -> Option<String>>,
    log: Arc<Mutex<Vec<String>>>,
) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(got @ 1..) => request.extend_from_slice(&buffer[..got]),
            _ => return,
        }
    }
    let text = String::from_utf8_lossy(&request);
    let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
    log.lock().unwrap().push(path.clone());
    match answer(&path) {
        Some(response) => drop(stream.write_all(response.as_bytes()).await),
        None => std::future::pending().await,
    }
}

fn response(status: &str, body: &str) -> Option<String> {
    let length = body.len();
    Some(format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    ))
}

fn ok(body: &str) -> Option<String> {
    response("200 OK", body)
}

fn missing() -> Option<String> {
    response("404 Not Found", "404 page not found")
}

async fn one(kind: ServerKind, place: &Place) -> LocalServer {
    let mut found = local_servers(&[(kind, place.port)]).await;
    assert_eq!(found.len(), 1);
    found.remove(0)
}

const TAGS: &str = r#"{"models":[{"name":"qwen3:8b","size":5},{"name":"gemma3:4b"}]}"#;

#[tokio::test]
async fn ollama_is_asked_its_own_way_first() {
    let place = Place::start(|path| match path {
        "/api/tags" => ok(TAGS),
        _ => missing(),
    })
    .await;
    let found = one(ServerKind::Ollama, &place).await;
    assert_eq!(found.kind, ServerKind::Ollama);
    assert_eq!(found.url, format!("http://127.0.0.1:{}", place.port));
    assert_eq!(found.models, ["qwen3:8b", "gemma3:4b"]);
    assert_eq!((found.reachable, found.reason), (true, None));
    assert_eq!(place.asked(), ["/api/tags"]);
}

#[tokio::test]
async fn server_without_tags_is_asked_the_common_way() {
    let place = Place::start(|path| match path {
        "/v1/models" => ok(r#"{"object":"list","data":[{"id":"m1","object":"model"}]}"#),
        _ => missing(),
    })
    .await;
    let found = one(ServerKind::Ollama, &place).await;
    assert_eq!(
        (found.reachable, found.models),
        (true, vec!["m1".to_owned()])
    );
    assert_eq!(place.asked(), ["/api/tags", "/v1/models"]);
}

#[tokio::test]
async fn server_says_what_it_is_whatever_usually_listens_there() {
    for (owner, kind) in [
        ("llamacpp", ServerKind::LlamaCpp),
        ("vllm", ServerKind::Vllm),
        ("library", ServerKind::Ollama),
        ("organization_owner", ServerKind::LmStudio),
    ] {
        let body = format!(r#"{{"data":[{{"id":"m","owned_by":"{owner}"}}]}}"#);
        let place = Place::start(move |_| ok(&body)).await;
        assert_eq!(
            one(ServerKind::LmStudio, &place).await.kind,
            kind,
            "{owner}"
        );
    }
    let moved = Place::start(|path| match path {
        "/api/tags" => ok(TAGS),
        _ => missing(),
    })
    .await;
    assert_eq!(one(ServerKind::Vllm, &moved).await.kind, ServerKind::Ollama);
}

#[tokio::test]
async fn port_nobody_listens_at_says_so() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let found = local_servers(&[(ServerKind::Vllm, port)]).await.remove(0);
    assert_eq!((found.kind, found.reachable), (ServerKind::Vllm, false));
    assert_eq!(
        found.reason,
        Some(format!("nothing listens on port {port}"))
    );
}

#[tokio::test]
async fn what_is_no_model_server_is_not_shown_as_one() {
    let long = format!(r#"{{"data":[{{"id":"{}"}}]}}"#, "x".repeat(LONGEST));
    for body in [
        "<html>a page</html>",
        "{}",
        r#"{"models":"none"}"#,
        long.as_str(),
    ] {
        let body = body.to_owned();
        let place = Place::start(move |_| ok(&body)).await;
        let found = one(ServerKind::LlamaCpp, &place).await;
        assert!(!found.reachable && found.models.is_empty());
        let reason = found.reason.unwrap();
        assert!(reason.ends_with("is no model server"), "{reason}");
    }
}

#[tokio::test]
async fn server_that_wants_a_key_is_there() {
    let place = Place::start(|_| response("401 Unauthorized", "{}")).await;
    let found = one(ServerKind::Vllm, &place).await;
    assert_eq!(found.reason.as_deref(), Some("it wants an API key"));
    assert!(found.reachable);
}

#[tokio::test]
async fn redirect_is_not_followed() {
    let other = Place::start(|_| ok(TAGS)).await;
    let to = format!(
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{}/api/tags\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        other.port
    );
    let place = Place::start(move |_| Some(to.clone())).await;
    assert!(!one(ServerKind::Ollama, &place).await.reachable);
    assert!(other.asked().is_empty(), "{:?}", other.asked());
}

#[tokio::test]
async fn server_that_gives_no_answer_keeps_no_other_from_being_found() {
    let silent = Place::start(|_| None).await;
    let good = Place::start(|_| ok(TAGS)).await;
    let places = [
        (ServerKind::Ollama, silent.port),
        (ServerKind::Ollama, good.port),
    ];
    let found = local_servers(&places).await;
    let reason = found[0].reason.as_deref().unwrap();
    assert!(reason.contains("gave no answer within 1 s"), "{reason}");
    assert!(!found[0].reachable && found[1].reachable);
}

#[tokio::test]
async fn names_are_shown_without_control_characters_and_cut() {
    let body = format!(
        r#"{{"models":[{{"name":"a\u001b[31mb"}},{{"name":"  "}},{{"name":"{}"}}]}}"#,
        "y".repeat(500)
    );
    let place = Place::start(move |_| ok(&body)).await;
    let found = one(ServerKind::Ollama, &place).await;
    assert_eq!(
        found.models,
        ["a[31mb".to_owned(), "y".repeat(LONGEST_NAME)]
    );
}

#[tokio::test]
async fn empty_list_is_a_server_without_models() {
    let place = Place::start(|_| ok(r#"{"models":[]}"#)).await;
    let found = one(ServerKind::Ollama, &place).await;
    assert!(found.reachable && found.models.is_empty());
    assert_eq!(found.reason.as_deref(), Some("it offers no model yet"));
}

/// Run by the test below in a process of its own, whose environment names a proxy.
#[tokio::test]
async fn proxy_of_the_environment_is_not_used() {
    const PROXIED: &str = "RIPIENO_TEST_PROXIED";
    if std::env::var_os(PROXIED).is_some() {
        let place = Place::start(|_| ok(TAGS)).await;
        assert!(one(ServerKind::Ollama, &place).await.reachable);
        return;
    }
    let proxy = Place::start(|_| response("502 Bad Gateway", "")).await;
    let address = format!("http://127.0.0.1:{}", proxy.port);
    let test = std::env::current_exe().unwrap();
    let run = tokio::process::Command::new(test)
        .args([
            "--exact",
            "discover::servers::tests::proxy_of_the_environment_is_not_used",
        ])
        .env(PROXIED, "1")
        .env("http_proxy", &address)
        .env("HTTP_PROXY", &address)
        .env("ALL_PROXY", &address)
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
    assert!(proxy.asked().is_empty(), "{:?}", proxy.asked());
}
