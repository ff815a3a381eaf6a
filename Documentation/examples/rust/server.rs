// SPDX-License-Identifier: GPL-2.0
//! server PORT: answers each substream with what it got, in capitals.

use std::io::{Error, Read, Result, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::io::FromRawFd;

extern "C" {
    fn socket(domain: i32, kind: i32, protocol: i32) -> i32;
    fn bind(fd: i32, addr: *const u8, len: u32) -> i32;
    fn listen(fd: i32, backlog: i32) -> i32;
}

fn serve(mut stream: TcpStream) -> Result<()> {
    let mut got = Vec::new();
    stream.read_to_end(&mut got)?; // Ok: the peer's end came
    stream.write_all(&got.to_ascii_uppercase())?;
    stream.shutdown(Shutdown::Write) // Ok: the peer has it all
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let port: u16 = std::env::args().nth(1).ok_or("server PORT")?.parse()?;
    let mut at = [0u8; 28]; // struct sockaddr_in6, of any address
    at[0..2].copy_from_slice(&10u16.to_ne_bytes()); // AF_INET6
    at[2..4].copy_from_slice(&port.to_be_bytes());
    let listener = unsafe {
        let fd = socket(18, 1, 0); // AF_WRTCSUB, SOCK_STREAM
        if fd < 0 || bind(fd, at.as_ptr(), 28) < 0 || listen(fd, 16) < 0 {
            return Err(Error::last_os_error().into());
        }
        TcpListener::from_raw_fd(fd)
    };
    for stream in listener.incoming() {
        if let Err(error) = serve(stream?) {
            eprintln!("a substream was cut off: {error}");
        }
    }
    Ok(())
}
