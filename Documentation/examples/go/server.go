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

func listen(port int) (net.Listener, error) {
	fd, err := syscall.Socket(afWrtcsub, syscall.SOCK_STREAM, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), "listener")
	defer f.Close()
	if err := syscall.Bind(fd, &syscall.SockaddrInet6{Port: port}); err != nil {
		return nil, err
	}
	if err := syscall.Listen(fd, 16); err != nil {
		return nil, err
	}
	return net.FileListener(f)
}

func serve(conn *net.TCPConn) {
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
	port, _ := strconv.Atoi(os.Args[1])
	listener, err := listen(port)
	for err == nil {
		var conn net.Conn
		if conn, err = listener.Accept(); err == nil {
			go serve(conn.(*net.TCPConn))
		}
	}
	log.Fatal(err)
}
