//! Lines of a file of events, plain or compressed with gzip, however long the file is.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

use super::Form;

/// Lines of a file, without their ends, or blocks of lines with an empty line after each. Empty lines are left out.
pub struct Lines {
    source: Box<dyn BufRead + Send>,
    limit_bytes: usize,
    number: u64,
    blocks: bool,
}

/// A line, or a block of them, and the number of its first line in the file, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its number.
    pub number: u64,
    /// Its bytes; one byte more than the limit when the line is longer, so that a reader refuses it.
    pub bytes: Vec<u8>,
}

impl Lines {
    /// Lines of `file`, which is taken for gzip when it begins as gzip does. Of a line longer than `limit_bytes` the rest is dropped.
    pub fn new(file: impl Read + Send + 'static, limit_bytes: usize) -> io::Result<Self> {
        let mut plain = BufReader::with_capacity(1 << 16, file);
        let gzip = plain.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        let source: Box<dyn BufRead + Send> = if gzip { Box::new(BufReader::new(MultiGzDecoder::new(plain))) } else { Box::new(plain) };
        Ok(Self { source, limit_bytes, number: 0, blocks: false })
    }

    /// The records of `file` where they lie in this form; see [`Lines::new`].
    pub fn records(file: impl Read + Send + 'static, limit_bytes: usize, form: Form) -> io::Result<Self> {
        Ok(Self { blocks: form == Form::Blocks, ..Self::new(file, limit_bytes)? })
    }

    /// The next line that is not empty, with its number.
    fn full_line(&mut self) -> io::Result<Option<Line>> {
        while let Some(bytes) = self.numbered()? {
            if !bytes.is_empty() {
                return Ok(Some(Line { number: self.number, bytes }));
            }
        }
        Ok(None)
    }

    /// The next line, without its end.
    fn numbered(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some(mut bytes) = self.line()? else { return Ok(None) };
        self.number += 1;
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        Ok(Some(bytes))
    }

    /// The next block: its lines with their ends, and of what is over the limit one byte.
    fn block(&mut self) -> io::Result<Option<Line>> {
        let Some(mut block) = self.full_line()? else { return Ok(None) };
        if matches!(block.bytes.first(), Some(b'{' | b'[')) {
            return Ok(Some(block));
        }
        while let Some(line) = self.numbered()? {
            if line.is_empty() {
                break;
            }
            block.bytes.push(b'\n');
            block.bytes.extend_from_slice(&line);
            block.bytes.truncate(self.limit_bytes + 1);
        }
        Ok(Some(block))
    }

    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let mut any = false;
        loop {
            let buffer = self.source.fill_buf()?;
            if buffer.is_empty() {
                return Ok(any.then_some(line));
            }
            any = true;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let piece = &buffer[..end.unwrap_or(buffer.len())];
            let room = (self.limit_bytes + 1).saturating_sub(line.len());
            line.extend_from_slice(&piece[..piece.len().min(room)]);
            let used = piece.len() + usize::from(end.is_some());
            self.source.consume(used);
            if end.is_some() {
                return Ok(Some(line));
            }
        }
    }
}

impl Iterator for Lines {
    type Item = io::Result<Line>;

    fn next(&mut self) -> Option<io::Result<Line>> {
        let record = if self.blocks { self.block() } else { self.full_line() };
        record.transpose()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn read(file: Vec<u8>, limit_bytes: usize) -> Vec<(u64, String)> {
        let lines = Lines::new(Cursor::new(file), limit_bytes).expect("a readable file");
        lines.map(|line| line.map(|l| (l.number, String::from_utf8_lossy(&l.bytes).into_owned())).expect("a line")).collect()
    }

    #[test]
    fn plain_and_compressed_files_give_the_same_lines() {
        let text = b"one\r\n\ntwo\nthree";
        let expect = [(1, "one"), (3, "two"), (4, "three")].map(|(n, line)| (n, line.to_owned()));
        assert_eq!(read(text.to_vec(), 100), expect);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(text).expect("memory takes it");
        assert_eq!(read(gzip.finish().expect("memory takes it"), 100), expect);
    }

    #[test]
    fn a_line_over_the_limit_keeps_one_byte_more_than_it() {
        assert_eq!(
            read(b"12345\n123456\n1234567\nab".to_vec(), 5),
            [(1, "12345".to_owned()), (2, "123456".to_owned()), (3, "123456".to_owned()), (4, "ab".to_owned()),]
        );
    }

    #[test]
    fn blocks_end_at_an_empty_line() {
        let text = b"A: 1\r\nB: 2\r\n\r\n\r\n{\"A\":3}\n{\"A\":4}\nA: 5";
        let lines = Lines::records(Cursor::new(text.to_vec()), 100, Form::Blocks).expect("a readable file");
        let found: Vec<(u64, String)> =
            lines.map(|line| line.map(|l| (l.number, String::from_utf8_lossy(&l.bytes).into_owned())).expect("a block")).collect();
        let expect = [(1, "A: 1\nB: 2"), (5, "{\"A\":3}"), (6, "{\"A\":4}"), (7, "A: 5")].map(|(n, text)| (n, text.to_owned()));
        assert_eq!(found, expect);
    }

    #[test]
    fn a_broken_gzip_file_is_an_error() {
        let mut lines = Lines::new(Cursor::new(b"\x1f\x8bnot gzip at all".to_vec()), 100).expect("the start is readable");
        assert!(lines.next().is_some_and(|line| line.is_err()));
    }
}
