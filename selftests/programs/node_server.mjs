// SPDX-License-Identifier: GPL-2.0
// node_server.mjs PORT: answers a POST with what it got, and its SHA-256 sum.
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'

createServer((request, response) => {
	const hash = createHash('sha256')

	response.setHeader('Trailer', 'Sum')
	request.on('data', (chunk) => hash.update(chunk))
	request.on('end', () => response.addTrailers({ Sum: hash.digest('hex') }))
	request.pipe(response)
}).listen(Number(process.argv[2]), '::')
