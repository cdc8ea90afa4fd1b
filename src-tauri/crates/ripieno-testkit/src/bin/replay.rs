//! A program in an agent's place that prints what it is told to, whatever it is asked: bytes from a file again and again,
//! then those of another.
//!
//! `RIPIENO_REPLAY_BEGIN=FILE` is printed once, `RIPIENO_REPLAY=FILE` until `RIPIENO_REPLAY_BYTES` bytes are out (once where that is
//! not set), then `RIPIENO_REPLAY_END=FILE`, once. Where `@N@` stands in what is repeated, the number of the repetition is printed. With `RIPIENO_REPLAY_PER_SECOND=N` it prints line by line at that pace, and the moment,
//! in nanoseconds since 1970, in place of `@NOW@`. It reads its stdin to the end and drops it; it ends with 0, also when nobody listens.

use std::{
    borrow::Cow,
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
    out.write_all(&file("RIPIENO_REPLAY_BEGIN")?.unwrap_or_default())?;
    let pace: Option<u32> = env::var("RIPIENO_REPLAY_PER_SECOND")
        .ok()
        .and_then(|n| n.parse().ok());
    if let Some(pace) = pace.filter(|pace| *pace > 0) {
        let text = String::from_utf8_lossy(&told).into_owned();
        paced(&text, wanted, Duration::from_secs(1) / pace, &mut out)?;
        return out.write_all(&end.unwrap_or_default());
    }
    if repeated(&told, wanted, &mut out).is_err() {
        return Ok(());
    }
    // Who has stopped listening is told nothing more.
    out.write_all(&end.unwrap_or_default())
        .and_then(|()| out.flush())
        .ok();
    Ok(())
}

/// Prints bytes again and again until so many are out, each time numbered where they say so.
fn repeated(told: &[u8], wanted: u64, out: &mut impl Write) -> io::Result<()> {
    let parts = around(told, b"@N@");
    let mut left = if told.is_empty() { 0 } else { wanted };
    for number in 0_u64.. {
        if left == 0 {
            break;
        }
        let pass = match parts.as_slice() {
            [_] => Cow::Borrowed(told),
            parts => Cow::Owned(parts.join(number.to_string().as_bytes())),
        };
        let part = (pass.len() as u64).min(left);
        io::copy(&mut pass.as_ref().take(part), out)?;
        left -= part;
    }
    Ok(())
}

/// What stands before, between and after the marks.
fn around<'a>(mut bytes: &'a [u8], mark: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    while let Some(at) = bytes.windows(mark.len()).position(|here| here == mark) {
        parts.push(&bytes[..at]);
        bytes = &bytes[at + mark.len()..];
    }
    parts.push(bytes);
    parts
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
