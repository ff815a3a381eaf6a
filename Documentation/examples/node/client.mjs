// SPDX-License-Identifier: GPL-2.0
// Sends TEXT, and prints the answer on standard error, since standard input and
// output are the substream:
//
//	wrtcsub connect --exec 'node client.mjs TEXT' HOST PORT
import { Socket } from 'node:net'

const socket = new Socket({ fd: 0, allowHalfOpen: true })

socket.on('data', (data) => process.stderr.write(data))
socket.on('error', (error) => {
	process.stderr.write(`${error.message}\n`)
	process.exitCode = 1
})
socket.end(process.argv[2])
