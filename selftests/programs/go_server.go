// SPDX-License-Identifier: GPL-2.0

// go_server DIR: serves its files, and sums of what is posted to /sum, at the
// listener that was handed over as sd_listen_fds(3) tells.
package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
)

func sum(w http.ResponseWriter, r *http.Request) {
	hash := sha256.New()
	if _, err := io.Copy(hash, r.Body); err != nil {
		log.Fatal(err)
	}
	fmt.Fprintf(w, "%x\n", hash.Sum(nil))
}

func main() {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		log.Fatal("no listener was handed over")
	}
	listener, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/sum", sum)
	http.Handle("/", http.FileServer(http.Dir(os.Args[1])))
	log.Fatal(http.Serve(listener, nil))
}
