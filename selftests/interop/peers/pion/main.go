// SPDX-License-Identifier: GPL-2.0

// A relay on pion's SCTP and data channels: see ../README.
package main

import (
	"flag"
	"log"
	"net"
	"os"
	"strings"

	"github.com/pion/datachannel"
	"github.com/pion/logging"
	"github.com/pion/sctp"
)

const (
	ppidString      = 51
	ppidBinary      = 53
	bufferedLimit   = 1 << 20
	receiveBuffer   = 1 << 20
	maxMessage      = 1 << 18
	reliableChannel = datachannel.ChannelTypeReliable
)

type peer struct {
	assoc    *sctp.Association
	goReader bool
	loggers  logging.LoggerFactory
	channels channelMap
	resets   *resets
	lost     chan struct{}
	relay    *relay
}

func (p *peer) open(m message) {
	label, protocol, _ := strings.Cut(string(m.data), "\x00")
	dc, err := datachannel.Dial(p.assoc, m.sid, &datachannel.Config{
		ChannelType:   datachannel.ChannelType(m.kind),
		Priority:      datachannel.ChannelPriorityNormal,
		Label:         label,
		Protocol:      protocol,
		LoggerFactory: p.loggers,
	})
	if err != nil {
		p.relay.fail(m.sid, err)
		return
	}
	dc.OnOpen(func() { p.relay.put(message{op: 'K', sid: m.sid}) })
	p.channels.put(m.sid, dc)
	go p.read(dc, p.resets.begin(m.sid))
}

// The accept queue of pion has 16 places and drops what is over, so nothing
// may be in the way here.
func (p *peer) acceptAll() {
	for {
		stream, err := p.assoc.AcceptStream()
		if err != nil {
			p.relay.put(message{op: 'L', data: []byte(err.Error())})
			close(p.lost)
			return
		}
		go p.accept(stream)
	}
}

func (p *peer) accept(stream *sctp.Stream) {
	sid := stream.StreamIdentifier()
	answered := p.resets.begin(sid)
	stream.SetDefaultPayloadType(sctp.PayloadTypeWebRTCBinary)
	dc, err := datachannel.Server(stream, &datachannel.Config{
		LoggerFactory: p.loggers,
	})
	if err != nil {
		p.relay.fail(sid, err)
		return
	}
	p.channels.put(sid, dc)
	p.relay.put(message{
		op:   'O',
		kind: byte(dc.Config.ChannelType),
		sid:  sid,
		data: []byte(dc.Config.Label + "\x00" + dc.Config.Protocol),
	})
	p.read(dc, answered)
}

// Bytes that are sent and not acknowledged are kept to a limit.
func (p *peer) send(m message) {
	dc := p.channels.get(m.sid)
	if dc == nil {
		return
	}
	waitBuffered(dc)
	if _, err := dc.WriteDataChannel(m.data, m.ppid == ppidString); err != nil {
		p.relay.fail(m.sid, err)
	}
}

func (p *peer) close(sid uint16) {
	dc := p.channels.get(sid)
	if dc == nil {
		return
	}
	if err := dc.Close(); err != nil {
		p.relay.fail(sid, err)
	}
}

// Return: whether there are more commands to carry out.
func (p *peer) do(m message) bool {
	switch m.op {
	case 'O':
		p.open(m)
	case 'D':
		p.send(m)
	case 'C':
		p.close(m.sid)
	case 'A':
		p.assoc.Abort("")
		return false
	}
	return true
}

func main() {
	local := flag.String("local", "", "our UDP address")
	remote := flag.String("remote", "", "the UDP address of the other side")
	listen := flag.Bool("listen", false, "let the other side begin")
	strip := flag.Bool("strip", false, "hide what pion does not know of INIT")
	goReader := flag.Bool("go", false, "read as go-libp2p does")
	flag.Parse()

	laddr, err := net.ResolveUDPAddr("udp", *local)
	if err != nil {
		log.Fatal(err)
	}
	raddr, err := net.ResolveUDPAddr("udp", *remote)
	if err != nil {
		log.Fatal(err)
	}
	udp, err := net.DialUDP("udp", laddr, raddr)
	if err != nil {
		log.Fatal(err)
	}
	var conn net.Conn = udp
	if *strip {
		conn = &stripper{Conn: udp}
	}
	p := &peer{
		goReader: *goReader,
		loggers:  logging.NewDefaultLoggerFactory(),
		lost:     make(chan struct{}),
		relay:    newRelay(os.Stdin, os.Stdout),
	}
	p.resets = newResets(conn, func(sid uint16) {
		p.relay.put(message{op: 'F', sid: sid})
	})
	config := sctp.Config{
		NetConn:              p.resets,
		MaxReceiveBufferSize: receiveBuffer,
		MaxMessageSize:       maxMessage,
		LoggerFactory:        p.loggers,
	}
	p.relay.put(message{op: 'B'})
	if *listen {
		p.assoc, err = sctp.Server(config)
	} else {
		p.assoc, err = sctp.Client(config)
	}
	if err != nil {
		log.Fatal(err)
	}
	p.relay.put(message{op: 'U'})
	go p.acceptAll()
	for {
		m, err := p.relay.get()
		if err != nil || !p.do(m) {
			return
		}
	}
}
