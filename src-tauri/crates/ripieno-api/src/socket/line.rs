//! Lines of bounded length.

use std::io;
use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// The longest request, in bytes.
pub const LONGEST_LINE: usize = 16 * 1024 * 1024;

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A whole line without its end.
    Whole(Vec<u8>),
    /// A longer one; it was read to its end and forgotten.
    TooLong,
    /// There is nothing more.
    End,
}

/// Reads one line in bounded memory, whatever is sent. Must not be dropped half-way: what it read would be lost.
///
/// # Errors
/// When the connection breaks.
pub(super) async fn read(
    from: &mut (impl AsyncBufRead + Unpin),
    longest: usize,
) -> io::Result<Line> {
    let mut line = Vec::new();
    let mut too_long = false;
    loop {
        let buffer = from.fill_buf().await?;
        if buffer.is_empty() {
            // What has no end was not sent whole: it is no request.
            return Ok(Line::End);
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        too_long |= line.len() + part.len() > longest;
        if too_long {
            line = Vec::new();
        } else {
            line.extend_from_slice(part);
        }
        let used = end.map_or(buffer.len(), |end| end + 1);
        from.consume(used);
        if end.is_some() {
            return Ok(if too_long {
                Line::TooLong
            } else {
                Line::Whole(line)
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::BufReader;

    #[tokio::test]
    async fn longer_line_is_forgotten_and_the_next_one_read() {
        let text = [
            b"short\n".to_vec(),
            vec![b'x'; 100],
            b"\nnext\nhalf".to_vec(),
        ]
        .concat();
        let mut from = BufReader::with_capacity(7, text.as_slice());
        assert_eq!(
            read(&mut from, 10).await.unwrap(),
            Line::Whole(b"short".to_vec())
        );
        assert_eq!(read(&mut from, 10).await.unwrap(), Line::TooLong);
        assert_eq!(
            read(&mut from, 10).await.unwrap(),
            Line::Whole(b"next".to_vec())
        );
        assert_eq!(read(&mut from, 10).await.unwrap(), Line::End);
    }

    #[tokio::test]
    async fn line_of_exactly_the_limit_is_taken() {
        let mut from = BufReader::new(&b"0123456789\n"[..]);
        assert_eq!(
            read(&mut from, 10).await.unwrap(),
            Line::Whole(b"0123456789".to_vec())
        );
    }
}
