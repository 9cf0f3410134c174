//! A password on standard input.

use std::io::{BufRead, IsTerminal as _};

use anyhow::Context as _;

use crate::catalog::{PASSWORD_BYTES_MAX, PasswordHash};

/// Reads one line, and hashes it. At a terminal it is asked for, and shown as it is typed: to hide it would take another
/// library, and a pipe hides it as well.
pub(super) fn read_password() -> anyhow::Result<PasswordHash> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprintln!("the password, which is shown as you type it:");
    }
    let line = read_line(input.lock()).context("the password cannot be read from standard input")?;
    Ok(PasswordHash::new(&line)?)
}

/// The first line without its end; a little more than a password may have at most.
fn read_line(input: impl BufRead) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    input.take(PASSWORD_BYTES_MAX as u64 + 3).read_until(b'\n', &mut bytes)?;
    let mut line = String::from_utf8(bytes).map_err(|_| anyhow::anyhow!("it is not UTF-8"))?;
    if line.ends_with('\n') {
        line.pop();
        if line.ends_with('\r') {
            line.pop();
        }
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_password_with_or_without_its_end() {
        for input in ["quiet harbour", "quiet harbour\n", "quiet harbour\r\n", "quiet harbour\nmore\n"] {
            assert_eq!(read_line(input.as_bytes()).unwrap(), "quiet harbour");
        }
        assert_eq!(read_line("  a b \n".as_bytes()).unwrap(), "  a b ");
        assert_eq!(read_line("".as_bytes()).unwrap(), "");
        assert_eq!(read_line("a".repeat(9_999).as_bytes()).unwrap().len(), PASSWORD_BYTES_MAX + 3);
        assert!(read_line([0xff, b'\n'].as_slice()).unwrap_err().to_string().contains("UTF-8"));
    }
}
