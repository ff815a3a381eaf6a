// SPDX-License-Identifier: GPL-2.0

// client ADDR PORT TEXT: sends it, and prints the answer.
package main

import (
	"errors"
	"io"
	"log"
	"net"
	"os"
	"strconv"
	"syscall"
)

const afWrtcsub = 18

// A substream is one of Go's own connections once it is connected.
func dial(addr string, port int) (*net.TCPConn, error) {
	fd, err := syscall.Socket(afWrtcsub, syscall.SOCK_STREAM, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), addr)
	defer f.Close()
	to := &syscall.SockaddrInet4{Port: port}
	copy(to.Addr[:], net.ParseIP(addr).To4())
	if err := syscall.Connect(fd, to); err != nil {
		return nil, err
	}
	conn, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	return conn.(*net.TCPConn), nil
}

func main() {
	port, _ := strconv.Atoi(os.Args[2])
	conn, err := dial(os.Args[1], port)
	if err != nil {
		log.Fatal(err)
	}
	if _, err = conn.Write([]byte(os.Args[3])); err != nil {
		log.Fatal(err)
	}
	// Go's sockets do not block: the end has begun.
	err = conn.CloseWrite()
	if err != nil && !errors.Is(err, syscall.EINPROGRESS) {
		log.Fatal(err)
	}
	if _, err = io.Copy(os.Stdout, conn); err != nil { // nil: it is whole
		log.Fatal(err)
	}
}
