use std::fs;

use super::*;

fn layer_of(
    format: LogFormat,
    folder: &Path,
    filter: &str,
) -> impl tracing::Subscriber + Send + Sync + 'static {
    let file = lines(format, Masked(daily_file(folder, 3).unwrap()));
    tracing_subscriber::registry()
        .with(check_filter(filter).unwrap())
        .with(file)
}

fn written(folder: &Path) -> String {
    let mut files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let file = files.next().unwrap();
    assert!(files.next().is_none());
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    assert!(
        name.starts_with("ripieno.") && name.ends_with(".log"),
        "{name}"
    );
    fs::read_to_string(file).unwrap()
}

#[test]
fn lines_reach_the_file_at_once_with_their_fields() {
    let folder = tempfile::tempdir().unwrap();
    tracing::subscriber::with_default(layer_of(LogFormat::Text, folder.path(), "info"), || {
        let span = tracing::info_span!("task", id = "T-41");
        let _entered = span.enter();
        tracing::info!(attempt = 2, "started");
        tracing::debug!("left out");
        let text = written(folder.path());
        assert!(text.contains("started") && text.contains("attempt=2") && text.contains("T-41"));
        assert!(!text.contains("left out"), "{text}");
    });
}

#[test]
fn json_lines_are_objects() {
    let folder = tempfile::tempdir().unwrap();
    tracing::subscriber::with_default(layer_of(LogFormat::Json, folder.path(), "info"), || {
        tracing::warn!(task = "T-1", "slow");
    });
    let text = written(folder.path());
    let line: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
    assert_eq!(line["task"], "T-1");
    assert_eq!(line["level"], "WARN");
}

#[test]
fn secrets_are_masked_in_messages_and_fields() {
    for format in [LogFormat::Text, LogFormat::Json] {
        let folder = tempfile::tempdir().unwrap();
        tracing::subscriber::with_default(layer_of(format, folder.path(), "info"), || {
            tracing::info!(
                header = "Bearer topsecret123",
                "sent sk-ant-0123456789abcdef0123"
            );
        });
        let text = written(folder.path());
        assert!(
            !text.contains("topsecret") && !text.contains("0123456789"),
            "{text}"
        );
    }
}

#[test]
fn filter_is_checked_with_a_reason() {
    for good in [
        "info",
        "WARN",
        "off",
        "warn,ripieno_daemon=debug",
        "ripieno=trace",
        "ripieno",
    ] {
        assert!(check_filter(good).is_ok(), "{good}");
    }
    for bad in ["", "loud", "info,debgu", "ripieno=loud", "[[["] {
        let text = check_filter(bad).unwrap_err().to_string();
        assert!(
            text.contains(&format!("\"{bad}\" is not a log filter")),
            "{text}"
        );
    }
}

#[test]
fn missing_folder_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = daily_file(&file.join("logs"), 3).unwrap_err();
    assert!(error.to_string().contains("file/logs"), "{error}");
}
