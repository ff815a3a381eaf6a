// SPDX-License-Identifier: GPL-2.0

// server PORT: answers each substream with what it got, in capitals.
package main

import (
	"bytes"
	"io"
	"log"
	"net"
	"os"
	"strconv"
	"syscall"
)

const afWrtcsub = 18

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func serve(conn net.Conn) {
	defer conn.Close()
	got, err := io.ReadAll(conn)
	if err == nil { // the peer's end came
		_, err = conn.Write(bytes.ToUpper(got))
	}
	if err != nil {
		log.Print(err)
	}
}

func main() {
	port, err := strconv.Atoi(os.Args[1])
	check(err)
	fd, err := syscall.Socket(afWrtcsub, syscall.SOCK_STREAM, 0)
	check(err)
	check(syscall.Bind(fd, &syscall.SockaddrInet6{Port: port}))
	check(syscall.Listen(fd, 16))
	listener, err := net.FileListener(os.NewFile(uintptr(fd), "listener"))
	check(err)
	for {
		conn, err := listener.Accept()
		check(err)
		go serve(conn)
	}
}
