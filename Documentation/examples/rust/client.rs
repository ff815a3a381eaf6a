// SPDX-License-Identifier: GPL-2.0
//! client ADDR PORT TEXT: sends it, and prints the answer.

use std::io::{copy, stdout, Error, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::os::unix::io::FromRawFd;

extern "C" {
    fn socket(domain: i32, kind: i32, protocol: i32) -> i32;
    fn connect(fd: i32, addr: *const u8, len: u32) -> i32;
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let mut to = [0u8; 16]; // struct sockaddr_in
    to[0..2].copy_from_slice(&2u16.to_ne_bytes()); // AF_INET
    to[2..4].copy_from_slice(&args[2].parse::<u16>()?.to_be_bytes());
    to[4..8].copy_from_slice(&args[1].parse::<Ipv4Addr>()?.octets());
    let mut stream = unsafe {
        let fd = socket(18, 1, 0); // AF_WRTCSUB, SOCK_STREAM
        if fd < 0 || connect(fd, to.as_ptr(), 16) < 0 {
            return Err(Error::last_os_error().into());
        }
        TcpStream::from_raw_fd(fd)
    };
    stream.write_all(args[3].as_bytes())?;
    stream.shutdown(Shutdown::Write)?; // Ok: the peer has it all
    copy(&mut stream, &mut stdout())?; // Ok: the answer is whole
    Ok(())
}
