// SPDX-License-Identifier: GPL-2.0

package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/pion/datachannel"
)

// What go-libp2p reads with: bufio's default.
const goBuffer = 4096

type channelMap struct {
	lock sync.Mutex
	dcs  map[uint16]*datachannel.DataChannel
}

func (c *channelMap) put(sid uint16, dc *datachannel.DataChannel) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.dcs == nil {
		c.dcs = make(map[uint16]*datachannel.DataChannel)
	}
	c.dcs[sid] = dc
}

func (c *channelMap) get(sid uint16) *datachannel.DataChannel {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.dcs[sid]
}

// Only the channel that is there now: its identifier may be in use again.
func (c *channelMap) drop(dc *datachannel.DataChannel) {
	c.lock.Lock()
	defer c.lock.Unlock()
	sid := dc.StreamIdentifier()
	if c.dcs[sid] == dc {
		delete(c.dcs, sid)
	}
}

func waitBuffered(dc *datachannel.DataChannel) {
	if dc.BufferedAmount() < bufferedLimit {
		return
	}
	low := make(chan struct{}, 1)
	dc.SetBufferedAmountLowThreshold(bufferedLimit / 2)
	dc.OnBufferedAmountLow(func() {
		select {
		case low <- struct{}{}:
		default:
		}
	})
	for dc.BufferedAmount() >= bufferedLimit {
		select {
		case <-low:
		case <-time.After(time.Second):
		}
	}
}

// A channel is closed when both directions are reset, and ours is answered.
func (p *peer) read(dc *datachannel.DataChannel, answered chan struct{}) {
	var err error
	sid := dc.StreamIdentifier()
	if p.goReader {
		err = p.readFrames(dc)
	} else {
		err = p.readMessages(dc)
	}
	p.channels.drop(dc)
	if errors.Is(err, io.EOF) {
		select {
		case <-answered:
		case <-p.lost:
		}
	} else {
		p.relay.fail(sid, err)
	}
	p.relay.put(message{op: 'C', sid: sid})
}

func (p *peer) readMessages(dc *datachannel.DataChannel) error {
	buf := make([]byte, maxMessage)
	for {
		n, isString, err := dc.ReadDataChannel(buf)
		if err != nil {
			return err
		}
		m := message{op: 'D', sid: dc.StreamIdentifier(),
			ppid: ppidBinary, data: buf[:n]}
		if isString {
			m.ppid = ppidString
		}
		p.relay.put(m)
	}
}

// The sequence of reads of go-msgio's pbio, on which go-libp2p's streams are.
func (p *peer) readFrames(dc *datachannel.DataChannel) error {
	in := bufio.NewReaderSize(dc, goBuffer)
	for {
		length, err := binary.ReadUvarint(in)
		if err != nil {
			return err
		}
		frame := binary.AppendUvarint(nil, length)
		head := len(frame)
		frame = append(frame, make([]byte, length)...)
		if _, err = io.ReadFull(in, frame[head:]); err != nil {
			return err
		}
		p.relay.put(message{op: 'D', sid: dc.StreamIdentifier(),
			ppid: ppidBinary, data: frame})
	}
}
