//! UUIDs as text: 32 hexadecimal digits in five groups.

use crate::Key;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Reads a hyphenated UUID in any case. Other spellings (no hyphens, braces, `urn:uuid:`) are none.
pub fn parse_uuid(text: &str) -> Option<Key> {
    let text: &[u8; 36] = text.as_bytes().try_into().ok()?;
    let mut key = Key::default();
    let mut digits = 0;
    for (index, &byte) in text.iter().enumerate() {
        if matches!(index, 8 | 13 | 18 | 23) {
            if byte != b'-' {
                return None;
            }
            continue;
        }
        let digit = char::from(byte).to_digit(16)?;
        key[digits / 2] = key[digits / 2] << 4 | digit as u8;
        digits += 1;
    }
    Some(key)
}

/// Writes a UUID in lower case, as it is shown everywhere.
pub fn render_uuid(key: &Key) -> String {
    let mut text = String::with_capacity(36);
    for (index, byte) in key.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}
