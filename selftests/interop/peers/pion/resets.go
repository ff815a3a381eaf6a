// SPDX-License-Identifier: GPL-2.0

package main

import (
	"encoding/binary"
	"net"
	"sync"
)

const (
	chunkAbort       = 6
	chunkReconfig    = 130
	paramResetOut    = 13
	paramResponse    = 16
	resetNothingToDo = 0
	resetDone        = 1
	resetInProgress  = 6
	abortCopies      = 3
)

// resets watches for the answers to resets of streams, of which pion does not
// tell.  Before that the identifier must not be used again: a first message
// that overtakes the request has a sequence number of the past, for which Linux
// ends the association.  pion forgets a request that is refused.  It would also
// forget one that is in progress, as the other side lacks a message from before
// it: the packet that says so is kept from pion, which then asks again.
type resets struct {
	net.Conn
	refused func(sid uint16)
	lock    sync.Mutex
	current map[uint16]chan struct{}
	asked   map[uint32]map[uint16]chan struct{}
}

func newResets(conn net.Conn, refused func(sid uint16)) *resets {
	return &resets{
		Conn:    conn,
		refused: refused,
		current: make(map[uint16]chan struct{}),
		asked:   make(map[uint32]map[uint16]chan struct{}),
	}
}

// Return: what is closed when the reset of this channel has been answered.
func (r *resets) begin(sid uint16) chan struct{} {
	answered := make(chan struct{})
	r.lock.Lock()
	defer r.lock.Unlock()
	r.current[sid] = answered
	return answered
}

func (r *resets) Write(p []byte) (int, error) {
	eachReconfig(p, func(kind uint16, value []byte) {
		if kind == paramResetOut && len(value) >= 12 {
			r.request(value)
		}
	})
	// It is not answered, and so not sent again if it is lost.
	if len(p) > sctpHeader && p[sctpHeader] == chunkAbort {
		for i := 1; i < abortCopies; i++ {
			_, _ = r.Conn.Write(p)
		}
	}
	return r.Conn.Write(p)
}

func (r *resets) Read(p []byte) (int, error) {
	for {
		n, err := r.Conn.Read(p)
		if err != nil || r.take(p[:n]) {
			return n, err
		}
	}
}

// Return: whether the packet is for pion.
func (r *resets) take(p []byte) bool {
	wanted := true
	eachReconfig(p, func(kind uint16, value []byte) {
		if kind != paramResponse || len(value) < 8 {
			return
		}
		if binary.BigEndian.Uint32(value[4:]) == resetInProgress {
			wanted = false
		} else {
			r.answer(value)
		}
	})
	return wanted
}

// One that is sent again is of the channels that there were.
func (r *resets) request(value []byte) {
	r.lock.Lock()
	defer r.lock.Unlock()
	seq := binary.BigEndian.Uint32(value)
	if r.asked[seq] != nil {
		return
	}
	r.asked[seq] = make(map[uint16]chan struct{})
	for at := 12; at+2 <= len(value); at += 2 {
		sid := binary.BigEndian.Uint16(value[at:])
		if answered := r.current[sid]; answered != nil {
			r.asked[seq][sid] = answered
			delete(r.current, sid)
		}
	}
}

func (r *resets) answer(value []byte) {
	r.lock.Lock()
	defer r.lock.Unlock()
	seq := binary.BigEndian.Uint32(value)
	result := binary.BigEndian.Uint32(value[4:])
	for sid, answered := range r.asked[seq] {
		if result != resetNothingToDo && result != resetDone {
			r.refused(sid)
		}
		close(answered)
		delete(r.asked[seq], sid)
	}
}

// eachReconfig calls for each parameter of the RE-CONFIG chunks of a packet.
func eachReconfig(p []byte, f func(kind uint16, value []byte)) {
	for at := sctpHeader; at+4 <= len(p); {
		end := at + int(binary.BigEndian.Uint16(p[at+2:]))
		if end < at+4 || end > len(p) {
			return
		}
		if p[at] == chunkReconfig {
			eachParam(p[at+4:end], f)
		}
		at = (end + 3) &^ 3
	}
}

func eachParam(p []byte, f func(kind uint16, value []byte)) {
	for len(p) >= 4 {
		size := int(binary.BigEndian.Uint16(p[2:]))
		if size < 4 || size > len(p) {
			return
		}
		f(binary.BigEndian.Uint16(p), p[4:size])
		if size = (size + 3) &^ 3; size > len(p) {
			return
		}
		p = p[size:]
	}
}
