//! Taking the address that the server listens on.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};

/// Why the address cannot be taken. The operator has to choose another, or make room.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another program has it.
    #[error("{0} is in use by another program; stop that one, or choose another port with --listen")]
    InUse(SocketAddr),
    /// The system does not let this user have it.
    #[error("{0} may not be used by this user; choose a port above 1023 with --listen")]
    Forbidden(SocketAddr),
    /// It is not an address of this machine.
    #[error("{0} is not an address of this machine; choose another with --listen, such as 127.0.0.1:8686")]
    NotLocal(SocketAddr),
    /// Anything else.
    #[error("{address} cannot be listened on: {source}")]
    Other {
        /// Which address.
        address: SocketAddr,
        /// And why.
        source: std::io::Error,
    },
}

/// Takes the address. Clients that connect from now on wait until [`super::serve`] runs.
pub fn listen(address: SocketAddr) -> Result<TcpListener, ListenError> {
    let listener = TcpListener::bind(address).map_err(|source| match source.kind() {
        ErrorKind::AddrInUse => ListenError::InUse(address),
        ErrorKind::PermissionDenied => ListenError::Forbidden(address),
        ErrorKind::AddrNotAvailable => ListenError::NotLocal(address),
        _ => ListenError::Other { address, source },
    })?;
    listener.set_nonblocking(true).map_err(|source| ListenError::Other { address, source })?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_in_use_is_named_with_what_to_do() {
        let first = listen(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = first.local_addr().unwrap();
        let message = listen(address).unwrap_err().to_string();
        assert!(message.contains(&address.to_string()) && message.contains("--listen"), "{message}");
    }

    #[test]
    fn an_address_of_another_machine_is_refused() {
        // TEST-NET-1 of RFC 5737: never assigned to a machine.
        let foreign = SocketAddr::from(([192, 0, 2, 1], 0));
        assert!(matches!(listen(foreign), Err(ListenError::NotLocal(_))));
    }
}
