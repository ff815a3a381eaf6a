// SPDX-License-Identifier: GPL-2.0
// node_client.mjs HOST PORT CONNECTIONS: two requests on each connection, all
// of them at the same time; what comes back is what was sent.
import { createHash, randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'

const [host, port, connections] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) })

function post(body)
{
	return new Promise((resolve, reject) => {
		const call = request({ agent, host, port, method: 'POST' })

		call.on('error', reject)
		call.on('response', async (response) => {
			const hash = createHash('sha256')
			let length = 0

			for await (const chunk of response) {
				hash.update(chunk)
				length += chunk.length
			}
			resolve({ length, sum: hash.digest('hex'),
				  seen: response.trailers.sum })
		})
		call.end(body)
	})
}

async function check()
{
	const body = randomBytes(200000)
	const sum = createHash('sha256').update(body).digest('hex')
	const got = await post(body)

	if (got.length !== body.length || got.sum !== sum || got.seen !== sum)
		throw new Error(`sent ${sum}, got ${JSON.stringify(got)}`)
}

await Promise.all(Array.from({ length: 2 * connections }, check))
agent.destroy()
