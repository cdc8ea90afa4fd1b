//! A program in an agent's place that prints what it is told to, whatever it is asked: bytes from a file again and again,
//! then those of another.
//!
//! `RIPIENO_REPLAY=FILE` is printed until `RIPIENO_REPLAY_BYTES` bytes are out (once where that is not set), then
//! `RIPIENO_REPLAY_END=FILE`, once. With `RIPIENO_REPLAY_PER_SECOND=N` it prints line by line at that pace, and the moment,
//! in nanoseconds since 1970, in place of `@NOW@`. It reads its stdin to the end and drops it; it ends with 0, also when nobody listens.

use std::{
    env, fs,
    io::{self, Read, Write},
    thread,
    time::{Duration, Instant, SystemTime},
};

fn main() -> io::Result<()> {
    thread::spawn(|| io::copy(&mut io::stdin().lock(), &mut io::sink()));
    let file = |name: &str| env::var_os(name).map(fs::read).transpose();
    let (told, end) = (file("RIPIENO_REPLAY")?, file("RIPIENO_REPLAY_END")?);
    let told = told.unwrap_or_default();
    let wanted = env::var("RIPIENO_REPLAY_BYTES").ok();
    let wanted: u64 = wanted.map_or(told.len() as u64, |bytes| bytes.parse().unwrap_or_default());
    let mut out = io::stdout().lock();
    let pace: Option<u32> = env::var("RIPIENO_REPLAY_PER_SECOND")
        .ok()
        .and_then(|n| n.parse().ok());
    if let Some(pace) = pace.filter(|pace| *pace > 0) {
        let text = String::from_utf8_lossy(&told).into_owned();
        paced(&text, wanted, Duration::from_secs(1) / pace, &mut out)?;
        return out.write_all(&end.unwrap_or_default());
    }
    let mut left = if told.is_empty() { 0 } else { wanted };
    while left > 0 {
        let part = (told.len() as u64).min(left);
        if io::copy(&mut told.as_slice().take(part), &mut out).is_err() {
            return Ok(());
        }
        left -= part;
    }
    // Who has stopped listening is told nothing more.
    out.write_all(&end.unwrap_or_default())
        .and_then(|()| out.flush())
        .ok();
    Ok(())
}

/// Prints lines at a pace until so many bytes are out; each is told when it is printed.
fn paced(text: &str, wanted: u64, pause: Duration, out: &mut impl Write) -> io::Result<()> {
    let begun = Instant::now();
    let (mut printed, mut count) = (0, 0);
    for line in text.lines().cycle() {
        if printed >= wanted {
            break;
        }
        thread::sleep((begun + pause * count).saturating_duration_since(Instant::now()));
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.unwrap_or_default().as_nanos().to_string();
        writeln!(out, "{}", line.replace("@NOW@", &now))?;
        out.flush()?;
        printed += line.len() as u64 + 1;
        count += 1;
    }
    Ok(())
}
