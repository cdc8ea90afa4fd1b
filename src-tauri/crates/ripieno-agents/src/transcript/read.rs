//! Reading transcripts: a page from a number on, the tail, and following a live one; in bounded memory.

use super::{FILE_NAME, number};
use serde_json::value::RawValue;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::PathBuf,
};
use tokio::sync::watch;

/// How much is read at once while searching.
const BLOCK: u64 = 64 * 1024;

/// What to read.
#[derive(Clone, Copy, Debug)]
pub struct Query {
    /// Entries with this number or a later one.
    pub from: u64,
    /// Of this attempt only.
    pub attempt: Option<u32>,
    /// At most so many entries.
    pub entries: usize,
    /// At most so many bytes, but at least one entry.
    pub bytes: usize,
}

impl Query {
    /// A page of the usual size: 500 entries, 1 MiB.
    #[must_use]
    pub fn from(from: u64) -> Self {
        Query {
            from,
            attempt: None,
            entries: 500,
            bytes: 1024 * 1024,
        }
    }
}

/// Entries in order.
#[derive(Debug, Default)]
pub struct Page {
    /// As they were written; [`super::Entry`] is their form.
    pub entries: Vec<Box<RawValue>>,
    /// Where the next page begins.
    pub next: u64,
}

/// Reads the transcripts of one task. Its functions block, but for [`Reader::follow`]: call them where that is allowed.
#[derive(Clone, Debug)]
pub struct Reader {
    attempts: PathBuf,
}

impl Reader {
    /// Takes the folder of the task's attempts, one folder with a number each; it need not exist yet.
    #[must_use]
    pub fn new(attempts: PathBuf) -> Self {
        Reader { attempts }
    }

    /// The number of the last entry of all; 0 when there is none. Blocks.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn last(&self) -> io::Result<u64> {
        for (_, path) in self.files()?.into_iter().rev() {
            let mut file = File::open(path)?;
            let size = file.metadata()?.len();
            if let Some(n) = last_before(&mut file, size)? {
                return Ok(n);
            }
        }
        Ok(0)
    }

    /// Reads a page. Blocks.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn page(&self, query: Query) -> io::Result<Page> {
        Ok(self.page_from(query, None)?.0)
    }

    /// The same from a place where every earlier entry lies before; gives the place after what was read. Blocks.
    fn page_from(&self, query: Query, place: Option<Place>) -> io::Result<(Page, Option<Place>)> {
        let mut page = Page {
            entries: Vec::new(),
            next: query.from,
        };
        let mut left = query.bytes;
        if let Some(place) = place {
            let place = place.take(query, &mut page, &mut left)?.0;
            if !page.entries.is_empty() {
                return Ok((page, Some(place)));
            }
        }
        let mut after = None;
        let wanted = |attempt: u32| query.attempt.is_none_or(|wanted| wanted == attempt);
        for path in self
            .files()?
            .into_iter()
            .filter(|(n, _)| wanted(*n))
            .map(|(_, path)| path)
        {
            let mut file = File::open(path)?;
            let size = file.metadata()?.len();
            if last_before(&mut file, size)?.is_none_or(|last| last < query.from) {
                continue;
            }
            let start = search(&mut file, size, query.from)?;
            let place = Place {
                file,
                offset: start,
            };
            let (place, more) = place.take(query, &mut page, &mut left)?;
            after = Some(place);
            if !more {
                break;
            }
        }
        Ok((page, after))
    }

    /// Reads the last entries. Blocks.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn tail(&self, count: usize) -> io::Result<Page> {
        let from = (self.last()? + 1).saturating_sub(count as u64);
        self.page(Query {
            entries: count,
            ..Query::from(from)
        })
    }

    /// Follows a task from a number on: what is there, then what comes. `last` is the channel its transcripts are opened
    /// with; the end comes when its sender is gone.
    #[must_use]
    pub fn follow(&self, from: u64, last: watch::Receiver<u64>) -> Follow {
        Follow {
            reader: self.clone(),
            from,
            last,
            place: None,
        }
    }

    /// The transcripts there are, by attempt.
    fn files(&self) -> io::Result<Vec<(u32, PathBuf)>> {
        let entries = match std::fs::read_dir(&self.attempts) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let mut files = Vec::new();
        for entry in entries {
            let entry = entry?;
            let path = entry.path().join(FILE_NAME);
            if let Some(attempt) = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok())
                && path.is_file()
            {
                files.push((attempt, path));
            }
        }
        files.sort_unstable_by_key(|(attempt, _)| *attempt);
        Ok(files)
    }
}

/// A page of a transcript that is held in memory.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn page_of(bytes: &[u8], query: Query) -> io::Result<Page> {
    let mut page = Page {
        entries: Vec::new(),
        next: query.from,
    };
    take(bytes, query, &mut page, &mut query.bytes.clone())?;
    Ok(page)
}

/// Follows a live task.
#[derive(Debug)]
pub struct Follow {
    reader: Reader,
    from: u64,
    last: watch::Receiver<u64>,
    place: Option<Place>,
}

/// A place in a transcript, between two lines.
#[derive(Debug)]
struct Place {
    file: File,
    offset: u64,
}

impl Place {
    /// Takes what comes; whether the page has room for more.
    fn take(mut self, query: Query, page: &mut Page, left: &mut usize) -> io::Result<(Self, bool)> {
        self.file.seek(SeekFrom::Start(self.offset))?;
        let (read, more) = take(BufReader::new(&self.file), query, page, left)?;
        self.offset += read;
        Ok((self, more))
    }
}

impl Follow {
    /// The next entries; `None` when the task will say no more.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub async fn next(&mut self) -> io::Result<Option<Page>> {
        loop {
            let from = self.from;
            let open = self.last.wait_for(|last| *last >= from).await.is_ok();
            let (reader, query) = (self.reader.clone(), Query::from(from));
            let place = self.place.take();
            let read = tokio::task::spawn_blocking(move || reader.page_from(query, place)).await;
            let (page, place) = read.map_err(io::Error::other).and_then(|read| read)?;
            self.place = place;
            if !page.entries.is_empty() {
                self.from = page.next;
                return Ok(Some(page));
            }
            if !open {
                return Ok(None);
            }
            // Numbers that were given and then lost with a crash: there is nothing to wait for among them.
            self.from = self.last.borrow_and_update().saturating_add(1);
        }
    }
}

/// Takes lines until the page is full: how many bytes they were, and whether it may go on with the next file.
fn take(
    mut lines: impl BufRead,
    query: Query,
    page: &mut Page,
    left: &mut usize,
) -> io::Result<(u64, bool)> {
    let (mut line, mut read) = (Vec::new(), 0);
    loop {
        line.clear();
        lines.read_until(b'\n', &mut line)?;
        // A line without its end is still being written.
        let Some(whole) = line.strip_suffix(b"\n") else {
            return Ok((read, true));
        };
        let Some(n) = number(whole).filter(|n| *n >= query.from) else {
            read += line.len() as u64;
            continue;
        };
        let full = page.entries.len() >= query.entries || whole.len() > *left;
        if full && !page.entries.is_empty() || query.entries == 0 {
            return Ok((read, false));
        }
        read += line.len() as u64;
        // What is not JSON was damaged: it is left out rather than the rest with it.
        if let Ok(entry) = serde_json::from_slice(whole) {
            page.entries.push(entry);
            page.next = n + 1;
            *left = left.saturating_sub(whole.len());
        }
    }
}

/// A place at or before the first line with this number or a later one: numbers rise, so halving finds it.
fn search(file: &mut File, size: u64, from: u64) -> io::Result<u64> {
    let (mut low, mut high) = (0, size);
    while high - low > BLOCK {
        let middle = low + (high - low) / 2;
        match first_after(file, middle, high)? {
            Some((start, n)) if n < from => low = start,
            Some(_) | None => high = middle,
        }
    }
    Ok(low)
}

/// The first line that begins after a place and before another, with its number.
fn first_after(file: &mut File, place: u64, before: u64) -> io::Result<Option<(u64, u64)>> {
    file.seek(SeekFrom::Start(place))?;
    let mut lines = BufReader::new(file).take(before - place);
    let mut start = place + lines.skip_until(b'\n')? as u64;
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        if let Some(n) = number(&line) {
            return Ok(Some((start, n)));
        }
        start += line.len() as u64;
        line.clear();
    }
    Ok(None)
}

/// The number of the last whole line that ends before a place.
fn last_before(file: &mut File, size: u64) -> io::Result<Option<u64>> {
    let mut start = size;
    loop {
        if start == 0 {
            return Ok(None);
        }
        start = start.saturating_sub(BLOCK.max(size - start));
        file.seek(SeekFrom::Start(start))?;
        let mut tail = Vec::new();
        file.take(size - start).read_to_end(&mut tail)?;
        let end = tail
            .iter()
            .rposition(|byte| *byte == b'\n')
            .unwrap_or_default();
        let mut lines: Vec<&[u8]> = tail[..end].split(|byte| *byte == b'\n').collect();
        if start > 0 {
            // The first of them may be the end of one.
            lines.remove(0);
        }
        if let Some(n) = lines.into_iter().rev().find_map(number) {
            return Ok(Some(n));
        }
    }
}
