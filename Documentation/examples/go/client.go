// SPDX-License-Identifier: GPL-2.0

// client ADDR PORT TEXT: sends it, and prints the answer.
package main

import (
	"io"
	"log"
	"net/netip"
	"os"
	"syscall"
)

const afWrtcsub = 18

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	addr, err := netip.ParseAddrPort(os.Args[1] + ":" + os.Args[2])
	check(err)
	fd, err := syscall.Socket(afWrtcsub, syscall.SOCK_STREAM, 0)
	check(err)
	to := &syscall.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}
	check(syscall.Connect(fd, to))
	substream := os.NewFile(uintptr(fd), addr.String())
	_, err = substream.WriteString(os.Args[3])
	check(err)
	check(syscall.Shutdown(fd, syscall.SHUT_WR)) // nil: the peer has it all
	_, err = io.Copy(os.Stdout, substream)
	check(err) // nil: the answer is whole
}
