//! The writer of a transcript: a task of its own, so that a slow disk holds up nobody who listens.

use super::{Entry, deltas::Deltas, number, spill};
use crate::stream::Item;
use ripieno_core::{
    failure::{Class, Failure},
    time::Timestamp,
};
use std::{
    io::{self, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{
    fs::{File, OpenOptions},
    io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt},
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

/// How many bytes the transcript of an attempt holds before it is cut (R12).
pub const CAP: u64 = 64 * 1024 * 1024;

/// How many words may wait for the writer before who speaks is held up.
const WAITING: usize = 256;

/// How much is read at once while looking for the end of the last whole line.
const BLOCK: u64 = 64 * 1024;

/// Which transcript to write.
#[derive(Clone, Debug)]
pub struct TranscriptSpec {
    /// The file; its folder exists.
    pub path: PathBuf,
    /// Where long input and output go; exists.
    pub spill: PathBuf,
    /// The attempt.
    pub attempt: u32,
    /// The number of the next entry, as far as is known: one more than [`super::Reader::last`].
    pub next: u64,
    /// How many bytes the file may hold.
    pub cap: u64,
}

impl TranscriptSpec {
    /// A transcript with the usual cap.
    #[must_use]
    pub fn new(path: PathBuf, spill: PathBuf, attempt: u32, next: u64) -> Self {
        TranscriptSpec {
            path,
            spill,
            attempt,
            next,
            cap: CAP,
        }
    }
}

/// Why a transcript cannot be written.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the transcript {path} cannot be written: {source}")]
pub struct TranscriptError {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub source: Arc<io::Error>,
}

impl TranscriptError {
    /// The class of this failure (R8, C6).
    #[must_use]
    pub fn into_failure(self) -> Failure {
        let class = match self.source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Class::DiskFull,
            _ => Class::WorkspaceFailed,
        };
        Failure::new(class, self.to_string())
    }
}

/// What the writer is told.
enum Word {
    Item {
        at: Timestamp,
        movement: Arc<str>,
        item: Item,
    },
    Delta {
        at: Timestamp,
        movement: Arc<str>,
        text: String,
        thinking: bool,
    },
    Finish(oneshot::Sender<Result<u64, TranscriptError>>),
}

/// A transcript that is being written.
#[derive(Clone, Debug)]
pub struct Transcript {
    words: mpsc::Sender<Word>,
    fault: watch::Receiver<Option<TranscriptError>>,
}

impl Transcript {
    /// Opens a transcript for appending. A last line that a crash has broken is cut off. The number of the last entry
    /// on record goes to `last`, now and after every write: followers wait on it.
    ///
    /// # Errors
    /// When the file cannot be opened or repaired.
    pub async fn open(
        spec: TranscriptSpec,
        last: watch::Sender<u64>,
    ) -> Result<Self, TranscriptError> {
        let opened = open(&spec.path).await;
        let (file, size, found) = opened.map_err(|error| fault(&spec.path, error))?;
        let next = spec.next.max(found + 1).max(1);
        last.send_replace(next - 1);
        let (words, heard) = mpsc::channel(WAITING);
        let (told, fault) = watch::channel(None);
        let movement = Arc::from("");
        let writer = Writer {
            spec,
            file,
            size,
            full: false,
            next,
            deltas: Deltas::default(),
            said: (Timestamp::default(), movement),
            batch: Vec::new(),
            last,
        };
        tokio::spawn(writer.run(heard, told));
        Ok(Transcript { words, fault })
    }

    /// Appends a whole item. Returns once it is on its way; who speaks faster than the disk takes is held up.
    ///
    /// # Errors
    /// When an earlier one could not be written.
    pub async fn append(
        &self,
        at: Timestamp,
        movement: &Arc<str>,
        item: Item,
    ) -> Result<(), TranscriptError> {
        self.tell(Word::Item {
            at,
            movement: Arc::clone(movement),
            item,
        })
        .await
    }

    /// Takes a piece of text that is being said: logged within 500 ms, and left out of the whole item that follows (R2).
    /// For agents; scripts merge what they print themselves.
    ///
    /// # Errors
    /// As [`Transcript::append`].
    pub async fn delta(
        &self,
        at: Timestamp,
        movement: &Arc<str>,
        text: String,
        thinking: bool,
    ) -> Result<(), TranscriptError> {
        self.tell(Word::Delta {
            at,
            movement: Arc::clone(movement),
            text,
            thinking,
        })
        .await
    }

    /// Flushes everything to the disk; gives the number of the last entry. To be awaited before an attempt is
    /// acknowledged as ended: nothing of it can be lost after that.
    ///
    /// # Errors
    /// When something could not be written.
    pub async fn finish(self) -> Result<u64, TranscriptError> {
        let (done, finished) = oneshot::channel();
        self.tell(Word::Finish(done)).await?;
        match finished.await {
            Ok(result) => result,
            Err(_) => Err(self.trouble()),
        }
    }

    async fn tell(&self, word: Word) -> Result<(), TranscriptError> {
        self.words.send(word).await.map_err(|_| self.trouble())
    }

    fn trouble(&self) -> TranscriptError {
        self.fault.borrow().clone().unwrap_or_else(|| {
            fault(
                Path::new(super::FILE_NAME),
                io::Error::other("it has been closed"),
            )
        })
    }
}

fn fault(path: &Path, source: io::Error) -> TranscriptError {
    TranscriptError {
        path: path.to_owned(),
        source: Arc::new(source),
    }
}

struct Writer {
    spec: TranscriptSpec,
    file: File,
    size: u64,
    full: bool,
    next: u64,
    deltas: Deltas,
    /// When and in which movement the last delta was said.
    said: (Timestamp, Arc<str>),
    /// Lines not handed to the system yet.
    batch: Vec<u8>,
    last: watch::Sender<u64>,
}

impl Writer {
    async fn run(
        mut self,
        mut heard: mpsc::Receiver<Word>,
        told: watch::Sender<Option<TranscriptError>>,
    ) {
        let result = self.serve(&mut heard).await;
        let (outcome, done) = match result {
            Ok(done) => (Ok(self.next - 1), done),
            Err(error) => (Err(fault(&self.spec.path, error)), None),
        };
        if let Err(error) = &outcome {
            tracing::error!(path = %self.spec.path.display(), "{error}");
            told.send_replace(Some(error.clone()));
        }
        // Whoever waits for the end must not wait for ever, also when the trouble came first.
        heard.close();
        let mut waiting = done;
        while let Ok(word) = heard.try_recv() {
            if let Word::Finish(done) = word {
                waiting = Some(done);
            }
        }
        if let Some(done) = waiting {
            done.send(outcome).ok();
        }
    }

    /// Writes until it is told to finish, or nobody is left to tell it anything.
    async fn serve(
        &mut self,
        heard: &mut mpsc::Receiver<Word>,
    ) -> io::Result<Option<oneshot::Sender<Result<u64, TranscriptError>>>> {
        let mut words = Vec::with_capacity(WAITING);
        loop {
            let due = self.deltas.due();
            let open = tokio::select! {
                got = heard.recv_many(&mut words, WAITING) => got > 0,
                () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    self.flush_deltas().await?;
                    true
                }
            };
            for word in words.drain(..) {
                match word {
                    Word::Item { at, movement, item } => {
                        for item in self.deltas.settle(item) {
                            self.line(at, &movement, item).await?;
                        }
                    }
                    Word::Delta {
                        at,
                        movement,
                        text,
                        thinking,
                    } => {
                        if self.said.1 != movement {
                            self.flush_deltas().await?;
                        }
                        self.said = (at, movement);
                        self.deltas.push(&text, thinking, Instant::now());
                    }
                    Word::Finish(done) => {
                        self.flush_deltas().await?;
                        self.sync().await?;
                        return Ok(Some(done));
                    }
                }
            }
            self.write().await?;
            if !open {
                self.flush_deltas().await?;
                self.sync().await?;
                return Ok(None);
            }
        }
    }

    async fn flush_deltas(&mut self) -> io::Result<()> {
        let (at, movement) = self.said.clone();
        for item in self.deltas.flush() {
            self.line(at, &movement, item).await?;
        }
        Ok(())
    }

    /// Adds a line to the batch, or leaves it out when the file is full.
    async fn line(&mut self, at: Timestamp, movement: &str, item: Item) -> io::Result<()> {
        if self.full && is_bulk(&item) {
            return Ok(());
        }
        let item = spill::fit(item, &self.spec.spill, self.next).await?;
        let line = self.render(at, movement, item)?;
        let size = self.size + self.batch.len() as u64;
        if !self.full && size + line.len() as u64 > self.spec.cap {
            self.full = true;
            let text = "the transcript is full: what is said from here on is only in the raw log";
            let mark = self.render(
                at,
                movement,
                Item::Status {
                    text: text.to_owned(),
                },
            )?;
            self.add(&mark);
            return Ok(());
        }
        self.add(&line);
        Ok(())
    }

    fn render(&self, at: Timestamp, movement: &str, item: Item) -> io::Result<Vec<u8>> {
        let (n, attempt, movement) = (self.next, self.spec.attempt, movement.to_owned());
        let mut line = serde_json::to_vec(&Entry {
            n,
            at,
            attempt,
            movement,
            item,
        })?;
        line.push(b'\n');
        Ok(line)
    }

    fn add(&mut self, line: &[u8]) {
        self.batch.extend_from_slice(line);
        self.next += 1;
    }

    /// Hands the batch to the system and tells the followers.
    async fn write(&mut self) -> io::Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.file.write_all(&self.batch).await?;
        self.file.flush().await?;
        self.size += self.batch.len() as u64;
        self.batch.clear();
        self.batch.shrink_to(1024 * 1024);
        self.last.send_replace(self.next - 1);
        Ok(())
    }

    async fn sync(&mut self) -> io::Result<()> {
        self.write().await?;
        self.file.sync_all().await?;
        // The name of a new file is only safe with its folder; not every system lets a folder be synced.
        if let Some(folder) = self.spec.path.parent()
            && let Ok(folder) = File::open(folder).await
        {
            folder.sync_all().await.ok();
        }
        Ok(())
    }
}

/// What a full transcript leaves out; the rest is rare, short and worth keeping.
fn is_bulk(item: &Item) -> bool {
    !matches!(
        item,
        Item::Usage(_) | Item::Ask { .. } | Item::Error { .. } | Item::Status { .. }
    )
}

/// Opens the file, cuts off what follows its last newline, and gives its size and the number of its last entry.
async fn open(path: &Path) -> io::Result<(File, u64, u64)> {
    let mut options = OpenOptions::new();
    options.create(true).read(true).append(true);
    #[cfg(unix)]
    options.mode(0o600);
    let mut file = options.open(path).await?;
    let size = file.metadata().await?.len();
    let mut tail = Vec::new();
    let mut start = size;
    // A whole last line lies between the last newline and the one before it, or the start.
    while start > 0 && tail.iter().filter(|byte| **byte == b'\n').count() < 2 {
        let block = start.min(BLOCK.max(tail.len() as u64));
        start -= block;
        file.seek(SeekFrom::Start(start)).await?;
        let mut head = vec![0; usize::try_from(block).unwrap_or(usize::MAX)];
        file.read_exact(&mut head).await?;
        head.append(&mut tail);
        tail = head;
    }
    let end = tail
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let whole = start + end as u64;
    if whole < size {
        file.set_len(whole).await?;
        file.sync_all().await?;
    }
    let last = tail[..end].strip_suffix(b"\n").unwrap_or_default();
    let line = last
        .rsplit(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    Ok((file, whole, number(line).unwrap_or_default()))
}
