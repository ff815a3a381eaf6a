// SPDX-License-Identifier: GPL-2.0

package main

import (
	"encoding/binary"
	"hash/crc32"
	"net"
)

const (
	sctpHeader  = 12
	chunkInit   = 1
	initFixed   = 20
	paramIPv4   = 5
	paramIPv6   = 6
	paramFamily = 12 // supported address types
)

// stripper takes the parameters from an INIT that pion does not know. RFC 9260
// wants unknown ones to be skipped, but pion drops the whole chunk.
type stripper struct {
	net.Conn
}

func (s *stripper) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	if err != nil || n < sctpHeader+initFixed || p[sctpHeader] != chunkInit {
		return n, err
	}
	return stripInit(p[:n]), nil
}

// Return: the length of the packet without these parameters.
func stripInit(p []byte) int {
	chunk := p[sctpHeader:]
	end := int(binary.BigEndian.Uint16(chunk[2:]))
	if end > len(chunk) {
		return len(p)
	}
	to := initFixed
	for from := initFixed; from+4 <= end; {
		kind := binary.BigEndian.Uint16(chunk[from:])
		size := int(binary.BigEndian.Uint16(chunk[from+2:])+3) &^ 3
		if size < 4 || from+size > len(chunk) {
			return len(p)
		}
		if kind != paramIPv4 && kind != paramIPv6 && kind != paramFamily {
			to += copy(chunk[to:], chunk[from:from+size])
		}
		from += size
	}
	binary.BigEndian.PutUint16(chunk[2:], uint16(to))
	p = p[:sctpHeader+to]
	copy(p[8:12], make([]byte, 4))
	sum := crc32.Checksum(p, crc32.MakeTable(crc32.Castagnoli))
	binary.LittleEndian.PutUint32(p[8:], sum)
	return len(p)
}
