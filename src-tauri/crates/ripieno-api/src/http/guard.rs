//! What a request must be before anything looks at it: for this host, from this page, signed in where it matters (sec-6).

use super::session::Session;
use crate::socket::LONGEST_LINE;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::{net::SocketAddr, sync::Arc};

/// The rules of one host.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    /// `127.0.0.1:PORT`, exactly.
    host: String,
    /// `http://127.0.0.1:PORT`, exactly.
    origin: String,
    session: Arc<Session>,
}

/// What is sent with every answer.
const HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
];

impl Guard {
    pub(super) fn new(address: SocketAddr, session: Arc<Session>) -> Self {
        let host = address.to_string();
        Guard {
            origin: format!("http://{host}"),
            host,
            session,
        }
    }

    /// The status of a refusal, if there is one.
    fn refuses(&self, request: &Request) -> Option<(StatusCode, &'static str)> {
        let headers = request.headers();
        if single(headers, header::HOST) != Some(self.host.as_str())
            || request
                .uri()
                .authority()
                .is_some_and(|authority| authority.as_str() != self.host)
        {
            return Some((
                StatusCode::FORBIDDEN,
                "this address is not served here: open the one the worker printed",
            ));
        }
        let foreign = headers
            .get_all(header::ORIGIN)
            .iter()
            .any(|origin| origin.as_bytes() != self.origin.as_bytes());
        let elsewhere = headers
            .get_all("sec-fetch-site")
            .iter()
            .any(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"));
        if foreign || elsewhere {
            return Some((
                StatusCode::FORBIDDEN,
                "requests of other pages are not answered",
            ));
        }
        let open = !matches!(request.uri().path(), "/rpc" | "/events");
        if !open && !self.signed_in(headers) {
            return Some((
                StatusCode::UNAUTHORIZED,
                "not signed in: open the address that the worker printed",
            ));
        }
        // Told before the body is sent; one that lies about its length meets the same limit while it is read.
        let length =
            single(headers, header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
        if length.is_some_and(|length| length > LONGEST_LINE) {
            return Some((
                StatusCode::PAYLOAD_TOO_LARGE,
                "the request is too long: attach what is large as a file",
            ));
        }
        let posts = request.method() == Method::POST;
        if posts && !is_json(headers) {
            return Some((
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "requests are sent as application/json",
            ));
        }
        None
    }

    fn signed_in(&self, headers: &HeaderMap) -> bool {
        let cookies = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok());
        let mut pairs = cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        pairs.any(|(name, value)| name == COOKIE && self.session.knows(value))
    }
}

/// The cookie's name.
pub(super) const COOKIE: &str = "ripieno";

/// Lets a request through, or says why not.
pub(super) async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let mut response = match guard.refuses(&request) {
        Some((status, sentence)) => {
            tracing::warn!(%status, method = %request.method(), "a web request was refused: {sentence}");
            (status, sentence).into_response()
        }
        None => next.run(request).await,
    };
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response.map(Body::new)
}

/// The one value of a header; a repeated one is as good as none.
fn single(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() {
        None
    } else {
        value.to_str().ok()
    }
}

/// JSON only: what a form or a plain script of another page can send without asking first is never that.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = single(headers, header::CONTENT_TYPE) else {
        return false;
    };
    let mut parts = kind.split(';').map(|part| part.trim().to_ascii_lowercase());
    parts.next().as_deref() == Some("application/json") && parts.all(|part| part == "charset=utf-8")
}
