// SPDX-License-Identifier: GPL-2.0

package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"sync"
)

const headLen = 12

type message struct {
	op   byte
	kind byte
	sid  uint16
	ppid uint32
	data []byte
}

type relay struct {
	in   *bufio.Reader
	out  io.Writer
	lock sync.Mutex
}

func newRelay(in io.Reader, out io.Writer) *relay {
	return &relay{in: bufio.NewReaderSize(in, 1<<16), out: out}
}

func (r *relay) get() (message, error) {
	var head [headLen]byte
	if _, err := io.ReadFull(r.in, head[:]); err != nil {
		return message{}, err
	}
	m := message{
		op:   head[0],
		kind: head[1],
		sid:  binary.BigEndian.Uint16(head[2:]),
		ppid: binary.BigEndian.Uint32(head[4:]),
		data: make([]byte, binary.BigEndian.Uint32(head[8:])),
	}
	_, err := io.ReadFull(r.in, m.data)
	return m, err
}

func (r *relay) put(m message) {
	buf := make([]byte, headLen+len(m.data))
	buf[0] = m.op
	buf[1] = m.kind
	binary.BigEndian.PutUint16(buf[2:], m.sid)
	binary.BigEndian.PutUint32(buf[4:], m.ppid)
	binary.BigEndian.PutUint32(buf[8:], uint32(len(m.data)))
	copy(buf[headLen:], m.data)
	r.lock.Lock()
	defer r.lock.Unlock()
	// If nobody reads, the next command is the end of file.
	_, _ = r.out.Write(buf)
}

func (r *relay) fail(sid uint16, err error) {
	r.put(message{op: 'E', sid: sid, data: []byte(err.Error())})
}
