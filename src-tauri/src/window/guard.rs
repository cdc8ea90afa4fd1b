//! Where the page may go: nowhere but to itself (sec-15).

use tauri::Url;

/// Whether an address is the embedded page, or the development server's while developing.
pub(super) fn is_ours(url: &Url, dev: Option<&Url>) -> bool {
    let embedded = match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        // Where the system's web view takes no scheme of our own.
        "http" | "https" => cfg!(windows) && url.host_str() == Some("tauri.localhost"),
        _ => false,
    };
    let developed = cfg!(not(feature = "custom-protocol"))
        && dev.is_some_and(|dev| dev.origin() == url.origin());
    let page = matches!(url.path(), "" | "/" | "/index.html");
    page && url.username().is_empty() && url.port().is_none() && embedded || developed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_page_itself_is_ours() {
        let table = [
            ("tauri://localhost", true),
            ("tauri://localhost/index.html#/tasks/T-1", true),
            ("tauri://localhost/?x=1", true),
            ("tauri://localhost/other.html", false),
            ("tauri://elsewhere/index.html", false),
            ("tauri://localhost:99/index.html", false),
            ("http://127.0.0.1:5173/", false),
            ("http://localhost/index.html", false),
            ("https://example.org/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,<script>1</script>", false),
            ("blob:tauri://localhost/1", false),
            ("javascript:alert(1)", false),
            ("about:blank", false),
        ];
        let dev = Url::parse("http://127.0.0.1:5173").unwrap();
        for (address, ours) in table {
            let url = Url::parse(address).unwrap();
            assert_eq!(is_ours(&url, None), ours, "{address}");
        }
        let packaged = cfg!(feature = "custom-protocol");
        assert_eq!(is_ours(&dev, Some(&dev)), !packaged);
    }
}
