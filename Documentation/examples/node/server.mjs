// SPDX-License-Identifier: GPL-2.0
// Answers each substream with what it got, in capitals. Node.js cannot make a
// socket of another family; it takes one that is there:
//
//	wrtcsub run --no-preload --listen 5000 node server.mjs
import { createServer } from 'node:net'

const LISTENER = 3

const server = createServer({ allowHalfOpen: true }, (socket) => {
	socket.setEncoding('utf8')
	socket.on('data', (text) => socket.write(text.toUpperCase()))
	// The peer's end came; an error would come instead of it.
	socket.on('end', () => socket.end())
	socket.on('error', (error) => console.error(error.message))
})

server.listen({ fd: LISTENER })
