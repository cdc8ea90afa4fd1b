//! A web server for one folder, on loopback: ranges, answers that break off, and answers that never end.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// What is wrong with the answers for one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The connection ends after so many bytes of each answer.
    CutAfter(u64),
    /// The file has no end: zeros follow it.
    Endless,
    /// The server answers with this status.
    Status(u16),
}

#[derive(Debug, Default)]
struct Shared {
    folder: PathBuf,
    trouble: Mutex<Vec<(String, Trouble)>>,
    log: Mutex<Vec<String>>,
    ended: AtomicBool,
}

/// Serves a folder until dropped.
#[derive(Debug)]
pub struct FileServer {
    address: String,
    shared: Arc<Shared>,
}

impl FileServer {
    /// Serves `folder` at a free port.
    ///
    /// # Errors
    /// When loopback cannot be listened on.
    pub fn start(folder: &Path) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = format!("http://{}/", listener.local_addr()?);
        let shared = Arc::new(Shared {
            folder: folder.to_owned(),
            ..Shared::default()
        });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if serving.ended.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&serving);
                // A client that went away is its own business.
                thread::spawn(move || drop(answer(&shared, stream)));
            }
        });
        Ok(FileServer { address, shared })
    }

    /// Where it is, with a slash at the end.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Makes every answer for a file troublesome from now on, or sound again.
    pub fn trouble(&self, name: &str, trouble: Option<Trouble>) {
        let mut all = lock(&self.shared.trouble);
        all.retain(|(file, _)| file != name);
        all.extend(trouble.map(|trouble| (name.to_owned(), trouble)));
    }

    /// What was asked for so far: the name, and from which byte.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        lock(&self.shared.log).clone()
    }
}

impl Drop for FileServer {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        let address = self
            .address
            .trim_start_matches("http://")
            .trim_end_matches('/');
        // Wakes the thread that listens.
        drop(TcpStream::connect(address));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(shared: &Shared, mut stream: TcpStream) -> io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let name = first.split(' ').nth(1).unwrap_or_default();
    let name = name.trim_start_matches('/').to_owned();
    let mut from = 0;
    for line in lines {
        let line = line?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            from = range.trim_end_matches('-').parse().unwrap_or(0);
        }
    }
    lock(&shared.log).push(format!("{name} {from}"));
    let trouble = lock(&shared.trouble)
        .iter()
        .find(|(file, _)| *file == name)
        .map(|(_, trouble)| *trouble);
    if let Some(Trouble::Status(status)) = trouble {
        return write!(
            stream,
            "HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
    }
    let path = shared.folder.join(&name);
    let Ok(mut file) = fs::File::open(path) else {
        return write!(
            stream,
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
    };
    let length = file.metadata()?.len();
    if from > length {
        return write!(
            stream,
            "HTTP/1.1 416 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
    }
    file.seek(SeekFrom::Start(from))?;
    let status = if from > 0 {
        format!(
            "206 Partial Content\r\nContent-Range: bytes {from}-{}/{length}",
            length - 1
        )
    } else {
        "200 OK".to_owned()
    };
    let announced = if trouble == Some(Trouble::Endless) {
        String::new()
    } else {
        format!("Content-Length: {}\r\n", length - from)
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\n{announced}Connection: close\r\n\r\n"
    )?;
    match trouble {
        Some(Trouble::CutAfter(bytes)) => io::copy(&mut file.take(bytes), &mut stream).map(drop),
        Some(Trouble::Endless) => {
            io::copy(&mut file, &mut stream)?;
            io::copy(&mut io::repeat(0), &mut stream).map(drop)
        }
        _ => io::copy(&mut file, &mut stream).map(drop),
    }
}
