//! The way out: looking names up and connecting. Tests bring their own.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::pin::Pin;

use tokio::net::TcpStream;

/// A connection that is being made.
pub type Connecting<'a> = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send + 'a>>;

/// What names and addresses lead to.
pub trait Network: Send + Sync {
    /// All addresses of a name. Blocks, for as long as the system waits for servers of names.
    fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>>;

    /// Connects to exactly this address.
    fn connect(&self, address: SocketAddr) -> Connecting<'_>;
}

/// The network of the machine.
#[derive(Debug, Clone, Copy)]
pub struct SystemNetwork;

impl Network for SystemNetwork {
    fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        // The port plays no part in it.
        Ok((name, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
    }

    fn connect(&self, address: SocketAddr) -> Connecting<'_> {
        Box::pin(TcpStream::connect(address))
    }
}
