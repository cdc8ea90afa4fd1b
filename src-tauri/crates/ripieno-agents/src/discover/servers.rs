//! Model servers of this machine (L5): asked on loopback only, without a proxy, without following anything they say.

use reqwest::{Client, Response, StatusCode, redirect::Policy};
use serde::Deserialize;
use std::time::Duration;

/// How long all servers together may take.
const LIMIT: Duration = Duration::from_secs(1);
/// The longest answer that is read, in bytes.
const LONGEST: usize = 1 << 20;
/// How many models of one server are shown, and how long a name may be.
const MOST_MODELS: usize = 500;
const LONGEST_NAME: usize = 200;

/// A kind of model server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ServerKind {
    /// Ollama.
    Ollama,
    /// LM Studio.
    LmStudio,
    /// The server of llama.cpp.
    LlamaCpp,
    /// vLLM.
    Vllm,
}

impl ServerKind {
    /// The word of views.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ServerKind::Ollama => "ollama",
            ServerKind::LmStudio => "lm-studio",
            ServerKind::LlamaCpp => "llama.cpp",
            ServerKind::Vllm => "vllm",
        }
    }

    /// What it calls itself as the owner of a model.
    fn of_owner(owner: &str) -> Option<Self> {
        match owner {
            "library" => Some(ServerKind::Ollama),
            "llamacpp" => Some(ServerKind::LlamaCpp),
            "vllm" => Some(ServerKind::Vllm),
            _ => None,
        }
    }
}

/// The ports these servers listen at unless told otherwise.
pub const USUAL: [(ServerKind, u16); 4] = [
    (ServerKind::Ollama, 11434),
    (ServerKind::LmStudio, 1234),
    (ServerKind::LlamaCpp, 8080),
    (ServerKind::Vllm, 8000),
];

/// A place where a model server was looked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LocalServer {
    /// What it is, as far as it tells; else what usually listens there.
    pub kind: ServerKind,
    /// Where it is.
    pub url: String,
    /// Whether a model server answers there.
    pub reachable: bool,
    /// The models it offers.
    pub models: Vec<String>,
    /// Why it cannot be used, or what is noteworthy about it.
    pub reason: Option<String>,
}

/// Looks at every place at once; takes at most one second.
pub async fn local_servers(places: &[(ServerKind, u16)]) -> Vec<LocalServer> {
    // Where the updater is in the same program, the library can speak TLS and wants its provider before any client.
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .timeout(LIMIT)
        .build();
    let looks = places.iter().map(|(kind, port)| {
        let client = client.as_ref();
        async move {
            let url = format!("http://127.0.0.1:{port}");
            let found = match client {
                Ok(client) => tokio::time::timeout(LIMIT, look(client, *kind, &url))
                    .await
                    .unwrap_or(Err(Trouble::Slow)),
                Err(_) => Err(Trouble::Strange),
            };
            described(*kind, *port, url, found)
        }
    });
    futures_util::future::join_all(looks).await
}

/// Why a place told no models.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Trouble {
    /// Nothing listens.
    Silent,
    /// No whole answer in time.
    Slow,
    /// It wants a key.
    Locked,
    /// Something else listens there.
    Strange,
}

/// What a server said of itself.
struct Told {
    kind: Option<ServerKind>,
    models: Vec<String>,
}

fn described(
    usual: ServerKind,
    port: u16,
    url: String,
    found: Result<Told, Trouble>,
) -> LocalServer {
    let (reachable, reason) = match &found {
        Ok(told) if told.models.is_empty() => (true, Some("it offers no model yet".to_owned())),
        Ok(_) => (true, None),
        Err(Trouble::Locked) => (true, Some("it wants an API key".to_owned())),
        Err(Trouble::Silent) => (false, Some(format!("nothing listens on port {port}"))),
        Err(Trouble::Slow) => (
            false,
            Some(format!(
                "port {port} gave no answer within {} s",
                LIMIT.as_secs()
            )),
        ),
        Err(Trouble::Strange) => (
            false,
            Some(format!("what listens on port {port} is no model server")),
        ),
    };
    let told = found.ok();
    LocalServer {
        kind: told.as_ref().and_then(|told| told.kind).unwrap_or(usual),
        url,
        reachable,
        models: told.map(|told| told.models).unwrap_or_default(),
        reason,
    }
}

/// Asks Ollama's way first where Ollama is expected, else the common way first.
async fn look(client: &Client, usual: ServerKind, url: &str) -> Result<Told, Trouble> {
    let ollama = usual == ServerKind::Ollama;
    let first = if ollama {
        tags(client, url).await
    } else {
        models(client, url).await
    };
    match first {
        Err(Trouble::Strange) if ollama => models(client, url).await,
        Err(Trouble::Strange) => tags(client, url).await,
        answered => answered,
    }
}

#[derive(Deserialize)]
struct Tags {
    models: Vec<Tag>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
}

async fn tags(client: &Client, url: &str) -> Result<Told, Trouble> {
    let body = get(client, &format!("{url}/api/tags")).await?;
    let tags: Tags = serde_json::from_slice(&body).map_err(|_| Trouble::Strange)?;
    Ok(Told {
        kind: Some(ServerKind::Ollama),
        models: shown(tags.models.into_iter().map(|tag| tag.name)),
    })
}

#[derive(Deserialize)]
struct Models {
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
    #[serde(default)]
    owned_by: Option<String>,
}

async fn models(client: &Client, url: &str) -> Result<Told, Trouble> {
    let body = get(client, &format!("{url}/v1/models")).await?;
    let models: Models = serde_json::from_slice(&body).map_err(|_| Trouble::Strange)?;
    let owner = models
        .data
        .first()
        .and_then(|model| model.owned_by.as_deref());
    Ok(Told {
        kind: owner.and_then(ServerKind::of_owner),
        models: shown(models.data.into_iter().map(|model| model.id)),
    })
}

/// Names as they can be shown: a server may say anything.
fn shown(names: impl Iterator<Item = String>) -> Vec<String> {
    names
        .take(MOST_MODELS)
        .map(|name| {
            let plain = name.chars().filter(|c| !c.is_control());
            plain.take(LONGEST_NAME).collect::<String>()
        })
        .filter(|name| !name.trim().is_empty())
        .collect()
}

async fn get(client: &Client, url: &str) -> Result<Vec<u8>, Trouble> {
    let trouble = |error: reqwest::Error| {
        if error.is_connect() {
            Trouble::Silent
        } else if error.is_timeout() {
            Trouble::Slow
        } else {
            Trouble::Strange
        }
    };
    let response = client.get(url).send().await.map_err(trouble)?;
    match response.status() {
        StatusCode::OK => whole(response).await,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Trouble::Locked),
        _ => Err(Trouble::Strange),
    }
}

/// The body, unless it is longer than a list of models can be.
async fn whole(mut response: Response) -> Result<Vec<u8>, Trouble> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| {
        if error.is_timeout() {
            Trouble::Slow
        } else {
            Trouble::Strange
        }
    })? {
        if body.len() + chunk.len() > LONGEST {
            return Err(Trouble::Strange);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

#[cfg(test)]
mod tests;
