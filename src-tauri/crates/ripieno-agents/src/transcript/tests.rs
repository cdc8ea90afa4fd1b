use super::*;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;
use tokio::sync::watch;

/// A task with its folder of attempts.
struct Task {
    folder: TempDir,
    last: watch::Sender<u64>,
    movement: Arc<str>,
}

impl Task {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Task {
            folder,
            last: watch::channel(0).0,
            movement: "work".into(),
        }
    }

    fn path(&self, attempt: u32) -> PathBuf {
        self.folder.path().join(attempt.to_string()).join(FILE_NAME)
    }

    fn reader(&self) -> Reader {
        Reader::new(self.folder.path().to_owned())
    }

    fn spec(&self, attempt: u32) -> TranscriptSpec {
        let spill = self.path(attempt).parent().unwrap().to_owned();
        fs::create_dir_all(&spill).unwrap();
        TranscriptSpec::new(
            self.path(attempt),
            spill,
            attempt,
            self.reader().last().unwrap() + 1,
        )
    }

    async fn open(&self, attempt: u32) -> Transcript {
        Transcript::open(self.spec(attempt), self.last.clone())
            .await
            .unwrap()
    }

    async fn say(&self, transcript: &Transcript, text: &str) {
        transcript
            .append(Timestamp(1), &self.movement, said(text))
            .await
            .unwrap();
    }

    async fn attempt(&self, attempt: u32, texts: &[&str]) -> u64 {
        let transcript = self.open(attempt).await;
        for text in texts {
            self.say(&transcript, text).await;
        }
        transcript.finish().await.unwrap()
    }
}

fn said(text: &str) -> Item {
    Item::Text {
        text: text.to_owned(),
        stream: None,
    }
}

fn entries(page: &Page) -> Vec<Entry> {
    page.entries
        .iter()
        .map(|entry| serde_json::from_str(entry.get()).unwrap())
        .collect()
}

fn texts(page: &Page) -> Vec<(u64, String)> {
    let text = |entry: Entry| match entry.item {
        Item::Text { text, .. } | Item::Status { text } | Item::Thinking { text } => {
            (entry.n, text)
        }
        other => panic!("{other:?}"),
    };
    entries(page).into_iter().map(text).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[tokio::test]
async fn an_entry_is_written_as_the_contract_says() {
    let task = Task::new();
    let transcript = task.open(3).await;
    let at = Timestamp(1_700_000_000_042);
    let item = Item::Text {
        text: "out\n".to_owned(),
        stream: Some("stdout".to_owned()),
    };
    transcript.append(at, &task.movement, item).await.unwrap();
    let usage = crate::stream::Usage {
        model: "m".to_owned(),
        input: 5,
        ..Default::default()
    };
    transcript
        .append(at, &task.movement, Item::Usage(usage))
        .await
        .unwrap();
    assert_eq!(transcript.finish().await.unwrap(), 2);
    let head = r#""at":"2023-11-14T22:13:20.042Z","attempt":3,"movement":"work","kind":"#;
    let expected = format!(
        "{{\"n\":1,{head}\"text\",\"text\":\"out\\n\",\"stream\":\"stdout\"}}\n\
         {{\"n\":2,{head}\"usage\",\"model\":\"m\",\"input\":5,\"output\":0,\"cache_read\":0,\
         \"cache_write\":0,\"cost_micros\":null}}\n"
    );
    assert_eq!(read(&task.path(3)), expected);
    let page = task.reader().page(Query::from(0)).unwrap();
    assert_eq!(entries(&page)[0].at, at);
}

#[tokio::test]
async fn numbers_go_on_across_attempts_and_pages_cross_them() {
    let task = Task::new();
    assert_eq!(task.reader().last().unwrap(), 0);
    assert_eq!(task.attempt(1, &["a", "b"]).await, 2);
    assert_eq!(task.attempt(2, &[]).await, 2);
    assert_eq!(task.attempt(10, &["c", "d"]).await, 4);
    let reader = task.reader();
    let page = reader.page(Query::from(2)).unwrap();
    assert_eq!(
        texts(&page),
        [(2, "b".into()), (3, "c".into()), (4, "d".into())]
    );
    assert_eq!(page.next, 5);
    let one = reader
        .page(Query {
            entries: 1,
            ..Query::from(2)
        })
        .unwrap();
    assert_eq!((texts(&one), one.next), (vec![(2, "b".into())], 3));
    let second = reader
        .page(Query {
            attempt: Some(10),
            ..Query::from(0)
        })
        .unwrap();
    assert_eq!(texts(&second), [(3, "c".into()), (4, "d".into())]);
    assert_eq!(texts(&reader.tail(3).unwrap()).len(), 3);
    assert_eq!(reader.page(Query::from(99)).unwrap().entries.len(), 0);
}

#[tokio::test]
async fn a_page_holds_as_many_bytes_as_asked_and_at_least_one_entry() {
    let task = Task::new();
    task.attempt(1, &["x".repeat(1000).as_str(), "y", "z"])
        .await;
    let query = Query {
        bytes: 10,
        ..Query::from(1)
    };
    let page = task.reader().page(query).unwrap();
    assert_eq!((page.entries.len(), page.next), (1, 2));
}

#[tokio::test]
async fn a_line_broken_by_a_crash_is_repaired_and_its_number_given_again() {
    for broken in ["{\"n\":3,\"at\":\"20", "\0\0\0", "{\"n\":3}"] {
        let task = Task::new();
        task.attempt(1, &["a", "b"]).await;
        let whole = read(&task.path(1));
        fs::write(task.path(1), format!("{whole}{broken}")).unwrap();
        assert_eq!(task.reader().last().unwrap(), 2, "{broken}");
        assert_eq!(task.reader().page(Query::from(0)).unwrap().entries.len(), 2);
        assert_eq!(task.attempt(1, &["c"]).await, 3);
        assert!(read(&task.path(1)).starts_with(&whole));
        assert_eq!(texts(&task.reader().tail(1).unwrap()), [(3, "c".into())]);
    }
}

#[tokio::test]
async fn a_file_that_is_all_one_broken_line_is_emptied() {
    let task = Task::new();
    task.spec(1);
    fs::write(task.path(1), "x".repeat(200_000)).unwrap();
    assert_eq!(task.reader().last().unwrap(), 0);
    assert_eq!(task.attempt(1, &["a"]).await, 1);
    assert_eq!(read(&task.path(1)).lines().count(), 1);
}

#[tokio::test]
async fn a_damaged_line_in_the_middle_costs_only_itself() {
    let task = Task::new();
    task.attempt(1, &["a", "b", "c"]).await;
    let damaged = read(&task.path(1)).replace("\"text\":\"b\"", "\"text\":\"b");
    fs::write(task.path(1), damaged).unwrap();
    let page = task.reader().page(Query::from(1)).unwrap();
    assert_eq!(texts(&page), [(1, "a".into()), (3, "c".into())]);
}

#[tokio::test]
async fn any_number_is_found_in_a_large_file() {
    let task = Task::new();
    let transcript = task.open(1).await;
    let long = "x".repeat(700);
    for _ in 0..3000 {
        task.say(&transcript, &long).await;
    }
    // One entry far longer than what is read at once.
    task.say(&transcript, &"y".repeat(900_000)).await;
    for _ in 0..200 {
        task.say(&transcript, &long).await;
    }
    transcript.finish().await.unwrap();
    let reader = task.reader();
    assert_eq!(reader.last().unwrap(), 3201);
    for from in [1, 2, 99, 1500, 2999, 3000, 3001, 3002, 3100, 3201] {
        let page = reader
            .page(Query {
                entries: 2,
                ..Query::from(from)
            })
            .unwrap();
        assert_eq!(entries(&page)[0].n, from);
    }
}

#[tokio::test(start_paused = true)]
async fn deltas_are_logged_within_half_a_second_and_once() {
    let task = Task::new();
    let mut last = task.last.subscribe();
    let transcript = task.open(1).await;
    let said_first = tokio::time::Instant::now();
    for (text, thinking) in [("Hel", false), ("hm", true), ("lo", false)] {
        transcript
            .delta(Timestamp(1), &task.movement, text.to_owned(), thinking)
            .await
            .unwrap();
    }
    last.wait_for(|last| *last == 2).await.unwrap();
    assert_eq!(said_first.elapsed().as_millis(), 500);
    transcript
        .append(Timestamp(2), &task.movement, said("Hello, you"))
        .await
        .unwrap();
    transcript.finish().await.unwrap();
    let page = task.reader().page(Query::from(0)).unwrap();
    let expected = [(1, "hm"), (2, "Hello"), (3, ", you")].map(|(n, text)| (n, text.to_owned()));
    assert_eq!(texts(&page), expected);
}

#[tokio::test]
async fn what_was_being_said_at_the_end_is_logged() {
    let task = Task::new();
    let transcript = task.open(1).await;
    transcript
        .delta(Timestamp(1), &task.movement, "half a".to_owned(), false)
        .await
        .unwrap();
    assert_eq!(transcript.finish().await.unwrap(), 1);
    assert_eq!(
        texts(&task.reader().tail(9).unwrap()),
        [(1, "half a".to_owned())]
    );
}

#[tokio::test]
async fn a_full_transcript_says_so_once_and_keeps_what_is_rare() {
    let task = Task::new();
    let spec = TranscriptSpec {
        cap: 2000,
        ..task.spec(1)
    };
    let transcript = Transcript::open(spec, task.last.clone()).await.unwrap();
    for _ in 0..100 {
        task.say(&transcript, &"x".repeat(100)).await;
    }
    let status = Item::Status {
        text: "last".to_owned(),
    };
    transcript
        .append(Timestamp(1), &task.movement, status)
        .await
        .unwrap();
    let last = transcript.finish().await.unwrap();
    let texts = texts(&task.reader().page(Query::from(0)).unwrap());
    assert_eq!(texts.len() as u64, last);
    let marks = texts
        .iter()
        .filter(|(_, text)| text.starts_with("the transcript is full"))
        .count();
    assert_eq!((marks, texts.last().unwrap().1.as_str()), (1, "last"));
    assert!(fs::metadata(task.path(1)).unwrap().len() < 2600);
}

#[tokio::test]
async fn a_follower_gets_every_entry_once_in_order_to_the_end() {
    let task = Task::new();
    task.attempt(1, &["a", "b"]).await;
    let mut follow = task.reader().follow(2, task.last.subscribe());
    let following = tokio::spawn(async move {
        let mut numbers = Vec::new();
        while let Some(page) = follow.next().await.unwrap() {
            numbers.extend(entries(&page).into_iter().map(|entry| entry.n));
        }
        numbers
    });
    for attempt in 2..5 {
        let transcript = task.open(attempt).await;
        for n in 0..500 {
            task.say(&transcript, &format!("{attempt} {n}")).await;
        }
        transcript.finish().await.unwrap();
    }
    drop(task.last);
    assert_eq!(following.await.unwrap(), (2..=1502).collect::<Vec<u64>>());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_told_to_who_speaks_and_to_who_finishes() {
    let task = Task::new();
    let spec = TranscriptSpec {
        path: "/dev/full".into(),
        ..task.spec(1)
    };
    let transcript = Transcript::open(spec, task.last.clone()).await.unwrap();
    transcript
        .append(Timestamp(1), &task.movement, said("lost"))
        .await
        .unwrap();
    let error = transcript.finish().await.unwrap_err();
    assert!(error.to_string().contains("/dev/full"), "{error}");
    assert_eq!(
        error.into_failure().class,
        ripieno_core::failure::Class::DiskFull
    );
}
