//! Reads request bodies: bounded as sent and again as decompressed, so that a small bomb never becomes a large one.

use std::io::{self, Read};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};

use crate::http::received::{NotReceived, receive as receive_bytes};
use crate::pipes::error::PipesError;

/// Seconds a body may take to arrive; until then it holds one of the places.
pub const BODY_SECONDS_MAX: u64 = 120;

/// The window of a zstd body, as a power of two: 16 MiB, twice what level 19 uses. A larger one would let a few
/// bytes claim 128 MiB.
const ZSTD_WINDOW_LOG_MAX: u32 = 24;

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Not at all.
    Identity,
    /// gzip, of one or more members.
    Gzip,
    /// zstd, of one or more frames.
    Zstd,
}

impl Encoding {
    /// What `Content-Encoding` says.
    pub fn of(headers: &HeaderMap) -> Result<Encoding, PipesError> {
        let Some(value) = headers.get(header::CONTENT_ENCODING) else { return Ok(Encoding::Identity) };
        match value.to_str().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Encoding::Identity),
            "gzip" | "x-gzip" => Ok(Encoding::Gzip),
            "zstd" => Ok(Encoding::Zstd),
            _ => Err(PipesError::Body("Content-Encoding is none of: gzip, zstd, identity".into())),
        }
    }
}

/// Receives a body of at most so many bytes.
pub async fn receive(headers: &HeaderMap, body: Body, bytes_max: usize) -> Result<Vec<u8>, PipesError> {
    receive_within(headers, body, bytes_max, BODY_SECONDS_MAX).await
}

/// The same within so many seconds.
pub async fn receive_within(
    headers: &HeaderMap,
    body: Body,
    bytes_max: usize,
    seconds_max: u64,
) -> Result<Vec<u8>, PipesError> {
    let received = receive_bytes(headers, body, bytes_max, Duration::from_secs(seconds_max)).await;
    received.map_err(|problem| match problem {
        NotReceived::TooLarge => PipesError::BodyTooLarge { bytes_max, measured: "as sent" },
        NotReceived::TooSlow => PipesError::BodyTimeout(seconds_max),
        NotReceived::BrokeOff => PipesError::Body("the body broke off".into()),
    })
}

/// Decompresses a body to at most so many bytes. Blocks.
pub fn decompress(body: Vec<u8>, encoding: Encoding, bytes_max: usize) -> Result<Vec<u8>, PipesError> {
    match encoding {
        Encoding::Identity => Ok(body),
        Encoding::Gzip => inflate(flate2::read::MultiGzDecoder::new(body.as_slice()), "gzip", bytes_max),
        Encoding::Zstd => {
            let mut decoder =
                zstd::stream::read::Decoder::with_buffer(body.as_slice()).map_err(|_| undecodable("zstd"))?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(|_| undecodable("zstd"))?;
            inflate(decoder, "zstd", bytes_max)
        }
    }
}

fn inflate(decoder: impl Read, encoding: &str, bytes_max: usize) -> Result<Vec<u8>, PipesError> {
    let mut bytes = Vec::new();
    let read: io::Result<usize> = decoder.take(bytes_max as u64 + 1).read_to_end(&mut bytes);
    // What came out before an error decides first: a bomb with a broken end is too large, too.
    if bytes.len() > bytes_max {
        return Err(PipesError::BodyTooLarge { bytes_max, measured: "when decompressed" });
    }
    read.map_err(|_| undecodable(encoding))?;
    Ok(bytes)
}

fn undecodable(encoding: &str) -> PipesError {
    PipesError::Body(format!("the body is not valid {encoding}, or not all of it arrived"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 3).unwrap()
    }

    #[test]
    fn several_members_and_frames_are_one_body() {
        let members = [gzip(b"one\n"), gzip(b"two\n")].concat();
        assert_eq!(decompress(members, Encoding::Gzip, 100).unwrap(), b"one\ntwo\n");
        let frames = [zstd(b"one\n"), zstd(b"two\n")].concat();
        assert_eq!(decompress(frames, Encoding::Zstd, 100).unwrap(), b"one\ntwo\n");
    }

    #[test]
    fn a_bomb_is_not_inflated() {
        let zeros = vec![0u8; 50_000_000];
        for (bomb, encoding) in [(gzip(&zeros), Encoding::Gzip), (zstd(&zeros), Encoding::Zstd)] {
            assert!(bomb.len() < 100_000);
            let refused = decompress(bomb, encoding, 1_000_000);
            assert!(
                matches!(refused, Err(PipesError::BodyTooLarge { bytes_max: 1_000_000, .. })),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn a_body_of_exactly_the_limit_passes() {
        let bytes = vec![7u8; 1_000];
        for (body, encoding) in [(gzip(&bytes), Encoding::Gzip), (zstd(&bytes), Encoding::Zstd)] {
            assert_eq!(decompress(body.clone(), encoding, 1_000).unwrap(), bytes);
            assert!(matches!(decompress(body, encoding, 999), Err(PipesError::BodyTooLarge { .. })));
        }
    }

    #[test]
    fn broken_and_cut_bodies_are_refused() {
        for (body, encoding) in [(gzip(b"one"), Encoding::Gzip), (zstd(b"one"), Encoding::Zstd)] {
            for broken in [body[..body.len() - 2].to_vec(), b"plain text".to_vec()] {
                assert!(matches!(decompress(broken, encoding, 100), Err(PipesError::Body(_))));
            }
        }
    }
}
