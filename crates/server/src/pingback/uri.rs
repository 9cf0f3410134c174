//! Where pingbacks go to: what can be told from the text of a URI alone.

use super::Networks;

/// Refuses what can never be told anything: another scheme than http and https, no host, a literal address that is not
/// allowed, and whatever could be read in two ways. Says what is wrong with it. The target (scheme, host, port) otherwise.
pub fn check_uri(uri: &str, networks: &Networks) -> Result<String, String> {
    let _ = (uri, networks);
    Err("not written yet".to_owned())
}
