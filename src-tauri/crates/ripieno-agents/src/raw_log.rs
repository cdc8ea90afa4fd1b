//! The raw log of a run: every byte the performer printed, up to a cap (R12, R15).

use std::{
    io,
    path::{Path, PathBuf},
};
use tokio::{
    fs::{File, OpenOptions},
    io::AsyncWriteExt,
};

/// How many bytes a raw log holds before it is cut.
pub const RAW_LOG_CAP: u64 = 64 * 1024 * 1024;

/// Writes one raw log; a trouble with it is told once and never ends a run (R16).
#[derive(Debug)]
pub struct RawLog {
    path: PathBuf,
    file: Option<File>,
    left: u64,
    /// What has not been handed to the file yet.
    waiting: Vec<u8>,
}

/// How much may wait before it is handed over, in bytes.
const WAITING: usize = 64 * 1024;

impl RawLog {
    /// Opens the log for appending, readable by the user only; what it holds already counts toward the cap.
    ///
    /// # Errors
    /// When the file cannot be made: nothing is started whose output would go nowhere (R15).
    pub async fn open(path: &Path) -> io::Result<Self> {
        Self::with_cap(path, RAW_LOG_CAP).await
    }

    async fn with_cap(path: &Path, cap: u64) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        options.mode(0o600);
        let file = options.open(path).await?;
        let left = cap.saturating_sub(file.metadata().await?.len());
        Ok(RawLog {
            path: path.to_owned(),
            file: Some(file),
            left,
            waiting: Vec::new(),
        })
    }

    /// Appends bytes, or as many as the cap allows and then one mark.
    ///
    /// # Errors
    /// The first time it cannot be written, in words that name the file; later calls do nothing.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.take(bytes).await?;
        self.hand_over().await
    }

    /// The same, but may keep a little back until [`RawLog::hand_over`]: for many short lines at once.
    ///
    /// # Errors
    /// As [`RawLog::write`].
    pub async fn take(&mut self, bytes: &[u8]) -> Result<(), String> {
        if self.file.is_none() {
            return Ok(());
        }
        let room = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        self.waiting.extend_from_slice(&bytes[..room]);
        self.left -= room as u64;
        if room < bytes.len() {
            let mark = "\n[ripieno: the log is full and ends here]\n";
            self.waiting.extend_from_slice(mark.as_bytes());
            return self.finish().await;
        }
        if self.waiting.len() >= WAITING {
            return self.hand_over().await;
        }
        Ok(())
    }

    /// Whether something was kept back.
    #[must_use]
    pub fn keeps_back(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Hands what was kept back to the file.
    ///
    /// # Errors
    /// As [`RawLog::write`].
    pub async fn hand_over(&mut self) -> Result<(), String> {
        let written = match &mut self.file {
            Some(file) => file.write_all(&self.waiting).await,
            None => Ok(()),
        };
        self.waiting.clear();
        self.told(written)
    }

    /// Hands everything to the system and closes the file.
    ///
    /// # Errors
    /// As [`RawLog::write`].
    pub async fn finish(&mut self) -> Result<(), String> {
        self.hand_over().await?;
        self.waiting = Vec::new();
        let flushed = match &mut self.file {
            Some(file) => file.flush().await,
            None => Ok(()),
        };
        let told = self.told(flushed);
        self.file = None;
        told
    }

    fn told(&mut self, result: io::Result<()>) -> Result<(), String> {
        result.map_err(|error| {
            self.file = None;
            format!(
                "the log {} cannot be written any more: {error}",
                self.path.display()
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_log_ends_with_one_mark_and_takes_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("raw.log");
        let mut log = RawLog::with_cap(&path, 10).await.unwrap();
        for _ in 0..4 {
            log.write(b"1234").await.unwrap();
        }
        log.finish().await.unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            text,
            "1234123412\n[ripieno: the log is full and ends here]\n"
        );
    }

    #[tokio::test]
    async fn a_log_opened_again_goes_on_and_keeps_its_cap() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("raw.log");
        for _ in 0..2 {
            let mut log = RawLog::with_cap(&path, 6).await.unwrap();
            log.write(b"\0\xffab").await.unwrap();
            log.finish().await.unwrap();
        }
        let bytes = std::fs::read(&path).unwrap();
        assert!(bytes.starts_with(b"\0\xffab\0\xff\n["));
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_full_disk_is_told_once() {
        let mut log = RawLog::with_cap(Path::new("/dev/full"), 100).await.unwrap();
        log.write(b"x").await.ok();
        let mut told = Vec::new();
        for _ in 0..3 {
            told.extend(log.write(b"x").await.err());
        }
        told.extend(log.finish().await.err());
        assert!(told.len() <= 1, "{told:?}");
    }
}
