// SPDX-License-Identifier: GPL-2.0
//! client ADDR PORT TEXT: sends it, and prints the answer.

use std::env;
use std::io::{self, Error, Result, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::os::unix::io::FromRawFd;

const AF_WRTCSUB: i32 = 18;
const SOCK_STREAM: i32 = 1;

extern "C" {
    fn socket(domain: i32, kind: i32, protocol: i32) -> i32;
    fn connect(fd: i32, addr: *const u8, len: u32) -> i32;
}

fn dial(addr: Ipv4Addr, port: u16) -> Result<TcpStream> {
    let mut to = [0u8; 16]; // struct sockaddr_in
    to[0..2].copy_from_slice(&2u16.to_ne_bytes());
    to[2..4].copy_from_slice(&port.to_be_bytes());
    to[4..8].copy_from_slice(&addr.octets());
    unsafe {
        let fd = socket(AF_WRTCSUB, SOCK_STREAM, 0);
        if fd < 0 || connect(fd, to.as_ptr(), 16) < 0 {
            return Err(Error::last_os_error());
        }
        Ok(TcpStream::from_raw_fd(fd))
    }
}

fn main() -> Result<()> {
    let args: Vec<String> = env::args().collect();
    let mut stream = dial(args[1].parse().unwrap(), args[2].parse().unwrap())?;
    stream.write_all(args[3].as_bytes())?;
    stream.shutdown(Shutdown::Write)?; // Ok: the peer has it all
    io::copy(&mut stream, &mut io::stdout())?; // Ok: the answer is whole
    Ok(())
}
