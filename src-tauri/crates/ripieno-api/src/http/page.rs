//! The embedded page, and signing in.

use super::{Host, guard::COOKIE};
use axum::{
    extract::{Query, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use include_dir::{Dir, include_dir};
use serde::Deserialize;

static PAGE: Dir<'static> = include_dir!("$OUT_DIR/ui");

/// The query of the printed address.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Opened {
    token: Option<String>,
}

/// A file of the page; the printed address is exchanged for a cookie first.
pub(super) async fn serve(
    State(host): State<Host>,
    uri: Uri,
    Query(opened): Query<Opened>,
) -> Response {
    let path = uri.path().trim_start_matches('/');
    if let Some(token) = opened.token.filter(|_| path.is_empty()) {
        return sign_in(&host, &token);
    }
    let name = if path.is_empty() { "index.html" } else { path };
    match PAGE.get_file(name) {
        Some(file) => ([(header::CONTENT_TYPE, kind(name))], file.contents()).into_response(),
        None => (StatusCode::NOT_FOUND, "there is no such page").into_response(),
    }
}

/// Sets the cookie and takes the token out of the address.
fn sign_in(host: &Host, token: &str) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::LOCATION, header::HeaderValue::from_static("/"));
    if let Some(secret) = host.session.redeem(token) {
        let cookie = format!("{COOKIE}={secret}; HttpOnly; SameSite=Strict; Path=/");
        if let Ok(cookie) = cookie.parse() {
            headers.insert(header::SET_COOKIE, cookie);
        }
    }
    // Also when the token was used before: the browser that used it is signed in, and any other is told so by the page.
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
