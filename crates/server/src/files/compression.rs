//! gzip and zstd around files.

use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

/// Bytes read or written at once.
const BUFFER_BYTES: usize = 1 << 17;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

impl Compression {
    /// What the ending of a name says.
    pub fn of_path(path: &Path) -> Compression {
        match path.extension().map(|ending| ending.to_ascii_lowercase()) {
            Some(ending) if ending == "gz" => Compression::Gzip,
            Some(ending) if ending == "zst" => Compression::Zstd,
            _ => Compression::None,
        }
    }
}

/// What an input holds when decompressed. Told by its first bytes, so that it works for standard input, too.
pub fn decompressed(input: impl io::Read + Send + 'static) -> io::Result<Box<dyn BufRead + Send>> {
    let mut input = BufReader::with_capacity(BUFFER_BYTES, input);
    let magic = input.fill_buf()?;
    if magic.starts_with(&[0x1f, 0x8b]) {
        let decoder = flate2::bufread::MultiGzDecoder::new(input);
        return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, decoder)));
    }
    if magic.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        let decoder = zstd::stream::read::Decoder::with_buffer(input)?;
        return Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, decoder)));
    }
    Ok(Box::new(input))
}

/// A file that is being written, compressed on the way.
pub enum Output {
    /// As it is.
    Plain(BufWriter<Box<dyn Write + Send>>),
    /// gzip.
    Gzip(flate2::write::GzEncoder<BufWriter<Box<dyn Write + Send>>>),
    /// Zstandard.
    Zstd(zstd::stream::write::Encoder<'static, BufWriter<Box<dyn Write + Send>>>),
}

impl Output {
    /// Compresses what is written to it.
    pub fn new(inner: Box<dyn Write + Send>, compression: Compression) -> io::Result<Output> {
        let inner = BufWriter::with_capacity(BUFFER_BYTES, inner);
        Ok(match compression {
            Compression::None => Output::Plain(inner),
            Compression::Gzip => {
                Output::Gzip(flate2::write::GzEncoder::new(inner, flate2::Compression::fast()))
            }
            Compression::Zstd => Output::Zstd(zstd::stream::write::Encoder::new(inner, 3)?),
        })
    }

    /// Writes what is still held back, and the end of the compressed stream.
    pub fn finish(self) -> io::Result<()> {
        match self {
            Output::Plain(mut inner) => inner.flush(),
            Output::Gzip(encoder) => encoder.finish()?.flush(),
            Output::Zstd(encoder) => encoder.finish()?.flush(),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Plain(inner) => inner.write(bytes),
            Output::Gzip(encoder) => encoder.write(bytes),
            Output::Zstd(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Plain(inner) => inner.flush(),
            Output::Gzip(encoder) => encoder.flush(),
            Output::Zstd(encoder) => encoder.flush(),
        }
    }
}
