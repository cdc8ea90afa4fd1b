//! Where updates come from: https, or plain http from this very machine, and nothing else.

use crate::{
    Refusal,
    keys::Keys,
    manifest::{Channel, LONGEST_MANIFEST, LONGEST_SIGNATURE, Manifest},
    trust::Trust,
};
use jiff::Timestamp;
use reqwest::{Client, Response, StatusCode, Url, header, redirect};
use std::{future::Future, time::Duration};

const CONNECT: Duration = Duration::from_secs(30);
/// A server that says nothing for this long has gone.
const SILENCE: Duration = Duration::from_secs(60);
const REDIRECTS: usize = 5;

/// A body that comes in pieces.
pub trait Body: Send {
    /// The next piece; `None` at the end.
    fn next(&mut self) -> impl Future<Output = Result<Option<Vec<u8>>, Refusal>> + Send;
}

/// Where manifests and files come from.
pub trait UpdateSource: Send + Sync {
    /// What it gives.
    type Body: Body;

    /// Opens a file at a byte; gives at which byte it really begins (`from`, or 0 when it cannot go on).
    ///
    /// # Errors
    /// When it cannot be had, or its address is not one of ours.
    fn open(
        &self,
        address: &str,
        from: u64,
    ) -> impl Future<Output = Result<(u64, Self::Body), Refusal>> + Send;
}

/// A web server with one folder: `stable.json`, `beta.json`, their signatures, and the files they name.
#[derive(Clone, Debug)]
pub struct WebSource {
    base: Url,
    client: Client,
}

impl WebSource {
    /// A source at an address; the system's proxies and certificates are used.
    ///
    /// # Errors
    /// [`Refusal::NoSource`] for an empty address, [`Refusal::Insecure`] for one that is not fetched from.
    pub fn new(address: &str) -> Result<Self, Refusal> {
        if address.is_empty() {
            return Err(Refusal::NoSource);
        }
        let mut base = Url::parse(address).map_err(|bad| Refusal::Unreachable {
            url: address.to_owned(),
            what: bad.to_string(),
        })?;
        allowed(&base)?;
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        // Another part of the program may have chosen its provider first, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let follow = redirect::Policy::custom(|attempt| {
            if attempt.previous().len() > REDIRECTS || allowed(attempt.url()).is_err() {
                attempt.stop()
            } else {
                attempt.follow()
            }
        });
        let client = Client::builder()
            .user_agent(concat!("ripieno/", env!("CARGO_PKG_VERSION")))
            .redirect(follow)
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .build()
            .map_err(|bad| Refusal::Unreachable {
                url: address.to_owned(),
                what: bad.to_string(),
            })?;
        Ok(WebSource { base, client })
    }

    fn address(&self, relative: &str) -> Result<Url, Refusal> {
        let url = self
            .base
            .join(relative)
            .map_err(|bad| Refusal::Unreachable {
                url: relative.to_owned(),
                what: bad.to_string(),
            })?;
        allowed(&url)?;
        Ok(url)
    }
}

/// Tells whether programs may be fetched from an address.
///
/// # Errors
/// [`Refusal::Insecure`], [`Refusal::Unreachable`] for what is no address.
pub fn check_address(address: &str) -> Result<(), Refusal> {
    let url = Url::parse(address).map_err(|bad| Refusal::Unreachable {
        url: address.to_owned(),
        what: bad.to_string(),
    })?;
    allowed(&url)
}

/// Programs are fetched over https; plain http never leaves this machine.
fn allowed(url: &Url) -> Result<(), Refusal> {
    let local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    match url.scheme() {
        "https" => Ok(()),
        "http" if local => Ok(()),
        _ => Err(Refusal::Insecure(url.to_string())),
    }
}

impl UpdateSource for WebSource {
    type Body = WebBody;

    async fn open(&self, address: &str, from: u64) -> Result<(u64, WebBody), Refusal> {
        let url = self.address(address)?;
        let mut request = self.client.get(url.clone());
        if from > 0 {
            request = request.header(header::RANGE, format!("bytes={from}-"));
        }
        let unreachable = |what: String| Refusal::Unreachable {
            url: url.to_string(),
            what,
        };
        let response = request
            .send()
            .await
            .map_err(|error| unreachable(reason(&error)))?;
        let begins = match response.status() {
            StatusCode::PARTIAL_CONTENT if continues(&response, from) => from,
            StatusCode::OK => 0,
            status => return Err(unreachable(format!("the server answers {status}"))),
        };
        let url = url.to_string();
        Ok((begins, WebBody { response, url }))
    }
}

/// Whether a partial answer begins where it was asked to.
fn continues(response: &Response, from: u64) -> bool {
    let range = response.headers().get(header::CONTENT_RANGE);
    range
        .and_then(|range| range.to_str().ok())
        .is_some_and(|range| range.starts_with(&format!("bytes {from}-")))
}

/// The innermost cause, which is the one that says something.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// The body of an answer.
#[derive(Debug)]
pub struct WebBody {
    response: Response,
    url: String,
}

impl Body for WebBody {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        let piece = self.response.chunk().await;
        let piece = piece.map_err(|error| Refusal::Unreachable {
            url: self.url.clone(),
            what: reason(&error),
        })?;
        Ok(piece.map(Into::into))
    }
}

/// Reads a small file whole, up to a limit.
async fn small(source: &impl UpdateSource, name: &str, limit: u64) -> Result<Vec<u8>, Refusal> {
    let (_, mut body) = source.open(name, 0).await?;
    let mut bytes = Vec::new();
    while let Some(piece) = body.next().await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() as u64 > limit {
            return Err(Refusal::Oversized {
                name: name.to_owned(),
                limit,
            });
        }
    }
    Ok(bytes)
}

/// Fetches what a channel offers and believes it, or says why not; `trust` remembers it.
///
/// # Errors
/// The first reason not to believe it.
pub async fn offered(
    source: &impl UpdateSource,
    channel: Channel,
    keys: &Keys,
    now: Timestamp,
    trust: &mut Trust,
) -> Result<Manifest, Refusal> {
    let name = format!("{}.json", channel.as_str());
    let bytes = small(source, &name, LONGEST_MANIFEST).await?;
    let signature = small(source, &format!("{name}.minisig"), LONGEST_SIGNATURE).await?;
    let signature = String::from_utf8_lossy(&signature);
    Manifest::accept(&bytes, &signature, keys, channel, now, trust)
}
