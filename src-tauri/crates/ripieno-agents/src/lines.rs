//! Lines of a stream in bounded memory, whatever is printed (R12): for protocols of one message per line.

use std::io;
use tokio::io::{AsyncRead, AsyncReadExt};

/// How much is read at once, and what is kept between lines: the size of a pipe.
const CHUNK: usize = 64 * 1024;

/// A line, or a part of one that is longer than the reader may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece<'a> {
    /// What was printed, without the newline.
    pub bytes: &'a [u8],
    /// Whether a line starts here.
    pub starts: bool,
    /// Whether it ends here, with a newline or with the stream.
    pub ends: bool,
}

impl Piece<'_> {
    /// Whether this is a line and not a part of one.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.starts && self.ends
    }
}

/// Reads a stream as lines of at most so many bytes; longer ones come in pieces.
#[derive(Debug)]
pub struct Pieces<R> {
    reader: R,
    longest: usize,
    buffer: Vec<u8>,
    /// What of the buffer has been handed out.
    start: usize,
    /// What of the buffer is filled.
    end: usize,
    /// What of the buffer is known to hold no newline.
    searched: usize,
    /// Whether the next piece begins a line.
    starts: bool,
    ended: bool,
}

impl<R: AsyncRead + Unpin> Pieces<R> {
    /// Reads lines of up to `longest` bytes whole; memory never exceeds that and one chunk of 64 KiB.
    pub fn new(reader: R, longest: usize) -> Self {
        Pieces {
            reader,
            longest: longest.max(1),
            buffer: Vec::new(),
            start: 0,
            end: 0,
            searched: 0,
            starts: true,
            ended: false,
        }
    }

    /// The next piece; `None` at the end of the stream. Nothing is lost when the future is dropped.
    ///
    /// # Errors
    /// What the stream gives; it may be asked again.
    pub async fn next(&mut self) -> io::Result<Option<Piece<'_>>> {
        loop {
            let limit = self.end.min(self.start + self.longest);
            if let Some(end) = self.line_end() {
                return Ok(Some(self.take(end, end + 1, true)));
            }
            self.searched = limit;
            if self.end - self.start >= self.longest {
                // A line that ends exactly here is whole: that shows with the next byte only.
                if self.end > limit && self.buffer[limit] == b'\n' {
                    return Ok(Some(self.take(limit, limit + 1, true)));
                }
                if self.end > limit || self.ended {
                    return Ok(Some(self.take(limit, limit, self.ended)));
                }
            } else if self.ended {
                let (start, end) = (self.start, self.end);
                let open = start < end || !self.starts;
                return Ok(open.then(|| self.take(end, end, true)));
            }
            self.fill().await?;
        }
    }

    /// The next line where all of it has been read already; `None` says nothing about the stream.
    pub fn at_hand(&mut self) -> Option<Piece<'_>> {
        let end = self.line_end()?;
        Some(self.take(end, end + 1, true))
    }

    /// Where the newline of the next line is, if it has been read and the line is not too long.
    fn line_end(&self) -> Option<usize> {
        let limit = self.end.min(self.start + self.longest);
        let at = memchr::memchr(b'\n', &self.buffer[self.searched..limit])?;
        Some(self.searched + at)
    }

    /// Hands out what lies before `end` and goes on at `next`.
    fn take(&mut self, end: usize, next: usize, ends: bool) -> Piece<'_> {
        let (start, starts) = (self.start, self.starts);
        (self.start, self.searched, self.starts) = (next, next, ends);
        Piece {
            bytes: &self.buffer[start..end],
            starts,
            ends,
        }
    }

    async fn fill(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.end, self.searched) = (self.end - self.start, self.searched - self.start);
            self.start = 0;
            if self.end < CHUNK && self.buffer.len() > 4 * CHUNK {
                self.buffer.truncate(2 * CHUNK);
                self.buffer.shrink_to_fit();
            }
        }
        if self.buffer.len() - self.end < CHUNK.min(self.longest) {
            let wanted = (self.buffer.len() * 2).clamp(CHUNK, self.longest.saturating_add(CHUNK));
            let wanted = wanted.max(self.end + 1);
            self.buffer
                .reserve_exact(wanted.saturating_sub(self.buffer.len()));
            self.buffer.resize(wanted, 0);
        }
        let got = self.reader.read(&mut self.buffer[self.end..]).await?;
        self.end += got;
        self.ended = got == 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{
        pin::Pin,
        task::{Context, Poll},
    };
    use tokio::io::ReadBuf;

    /// Gives bytes in steps of the given sizes, over and over.
    struct Stepwise {
        bytes: Vec<u8>,
        at: usize,
        steps: Vec<usize>,
        turn: usize,
    }

    impl AsyncRead for Stepwise {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buffer: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let step = self.steps[self.turn % self.steps.len()].min(buffer.remaining());
            let end = (self.at + step).min(self.bytes.len());
            buffer.put_slice(&self.bytes[self.at..end]);
            (self.at, self.turn) = (end, self.turn + 1);
            Poll::Ready(Ok(()))
        }
    }

    /// What comes of it, which is the same whether lines at hand are taken at once or not.
    fn pieces(bytes: &[u8], longest: usize, steps: &[usize]) -> Vec<(Vec<u8>, bool, bool)> {
        let one_by_one = read(bytes, longest, steps, false);
        assert_eq!(read(bytes, longest, steps, true), one_by_one);
        one_by_one
    }

    fn read(
        bytes: &[u8],
        longest: usize,
        steps: &[usize],
        at_hand: bool,
    ) -> Vec<(Vec<u8>, bool, bool)> {
        let reader = Stepwise {
            bytes: bytes.to_vec(),
            at: 0,
            steps: steps.to_vec(),
            turn: 0,
        };
        let mut pieces = Pieces::new(reader, longest);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let owned = |piece: Piece<'_>| (piece.bytes.to_vec(), piece.starts, piece.ends);
        runtime.block_on(async {
            let mut all = Vec::new();
            while let Some(piece) = pieces.next().await.unwrap() {
                all.push(owned(piece));
                while at_hand && let Some(piece) = pieces.at_hand() {
                    all.push(owned(piece));
                }
            }
            all
        })
    }

    fn whole(text: &str) -> (Vec<u8>, bool, bool) {
        (text.as_bytes().to_vec(), true, true)
    }

    #[test]
    fn lines_come_whole_with_and_without_a_last_newline() {
        assert_eq!(
            pieces(b"a\n\nbc\n", 8, &[1]),
            [whole("a"), whole(""), whole("bc")]
        );
        assert_eq!(pieces(b"a\nbc", 8, &[9]), [whole("a"), whole("bc")]);
        assert_eq!(pieces(b"", 8, &[9]), []);
    }

    #[test]
    fn a_line_of_exactly_the_limit_is_whole_and_a_longer_one_is_not() {
        assert_eq!(pieces(b"abcd\nx", 4, &[2]), [whole("abcd"), whole("x")]);
        let parts = pieces(b"abcde\nx", 4, &[3]);
        assert_eq!(parts[0], (b"abcd".to_vec(), true, false));
        assert_eq!(parts[1], (b"e".to_vec(), false, true));
        assert_eq!(parts[2], whole("x"));
    }

    #[tokio::test]
    async fn a_line_of_200_mb_is_held_in_the_limit_and_a_chunk() {
        let stream = tokio::io::AsyncReadExt::take(tokio::io::repeat(b'x'), 200_000_000);
        let mut pieces = Pieces::new(stream, 1024 * 1024);
        let mut total = 0;
        while let Some(piece) = pieces.next().await.unwrap() {
            total += piece.bytes.len();
            assert!(pieces.buffer.capacity() <= 1024 * 1024 + 2 * CHUNK);
        }
        assert_eq!(total, 200_000_000);
    }

    proptest! {
        #[test]
        fn pieces_joined_again_are_the_stream(
            lines in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..12),
            steps in proptest::collection::vec(1_usize..50, 1..5),
            longest in 1_usize..30,
        ) {
            let bytes = lines.join(&b'\n');
            let mut joined = Vec::new();
            let mut ended = true;
            for (piece, starts, ends) in pieces(&bytes, longest, &steps) {
                prop_assert_eq!(starts, ended);
                prop_assert!(piece.len() <= longest && !piece.contains(&b'\n'));
                joined.extend(piece);
                if ends {
                    joined.push(b'\n');
                }
                ended = ends;
            }
            let mut expected = bytes;
            if expected.last().is_some_and(|byte| *byte != b'\n') {
                expected.push(b'\n');
            }
            prop_assert_eq!(joined, expected);
        }
    }
}
