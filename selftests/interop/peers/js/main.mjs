// SPDX-License-Identifier: GPL-2.0
// js-libp2p's own streams, on channels of a relay. What to do comes as lines of
// JSON, and what was seen goes out as such: see ../README.

import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { defaultLogger } from '@libp2p/logger'
import { createStream } from '../node_modules/@libp2p/webrtc/dist/src/stream.js'
import { Relay } from './channel.mjs'

const PIECE = 65536
// What is asked is not how long a link takes.
const FIN_ACK_MS = 600000
const streams = new Map()
const log = defaultLogger().forComponent('interop')

function say (message) {
  process.stdout.write(JSON.stringify(message) + '\n')
}

// Keeps what a stream sees, and answers with it if it is told to.
class Watched {
  received = 0
  events = []
  echo = false
  hash = createHash('sha256')

  constructor (channel, direction) {
    this.channel = channel
    this.stream = createStream({
      channel, direction, log, finAckTimeout: FIN_ACK_MS
    })
    this.stream.addEventListener('message', event => this.#got(event.data))
    for (const name of ['remoteCloseWrite', 'close']) {
      this.stream.addEventListener(name, event => {
        this.events.push(event.error ? `${name} ${event.error.name}` : name)
        if (name === 'remoteCloseWrite' && this.echo) {
          this.stream.close().catch(() => {})
        }
        say({ sid: channel.id, event: this.events.at(-1) })
      })
    }
    streams.set(channel.id, this)
  }

  #got (data) {
    for (const piece of data) {
      this.received += piece.length
      this.hash.update(piece)
      if (this.echo) {
        this.stream.send(piece)
      }
    }
  }

  // Of one letter, or of random bytes. Returns: their SHA-256.
  async write (length, fill) {
    const hash = createHash('sha256')
    for (let left = length; left > 0; left -= PIECE) {
      const size = Math.min(left, PIECE)
      const piece = fill ? Buffer.alloc(size, fill) : randomBytes(size)
      hash.update(piece)
      if (!this.stream.send(piece)) {
        await this.stream.onDrain()
      }
    }
    return hash.digest('hex')
  }

  status () {
    const { status, readStatus, writeStatus, remoteWriteStatus } = this.stream
    return {
      received: this.received,
      sha256: this.hash.copy().digest('hex'),
      events: this.events,
      channel: this.channel.readyState,
      status,
      readStatus,
      writeStatus,
      remoteWriteStatus
    }
  }
}

// A flag that is sent before the channel is open goes nowhere.
async function open ({ sid }) {
  const channel = relay.open(sid)
  new Watched(channel, 'outbound')
  await once(channel, 'open')
}

const operations = {
  open,
  echo: ({ sid }) => { streams.get(sid).echo = true },
  write: ({ sid, length, fill }) => streams.get(sid).write(length, fill),
  transfer: async ({ sid, length }) => {
    const sha256 = await streams.get(sid).write(length)
    await streams.get(sid).stream.close()
    return sha256
  },
  close: ({ sid }) => streams.get(sid).stream.close(),
  closeRead: ({ sid }) => streams.get(sid).stream.closeRead(),
  abort: ({ sid }) => streams.get(sid).stream.abort(new Error('told to')),
  status: ({ sid }) => streams.get(sid).status(),
  end: () => { relay.put('A', 0) }
}

const echoAll = process.argv[2] === '-echo'
const relay = new Relay(process.argv.slice(echoAll ? 3 : 2), {
  begun: () => say({ event: 'begun' }),
  up: () => say({ event: 'up' }),
  lost: () => say({ event: 'lost' }),
  accepted: channel => {
    new Watched(channel, 'inbound').echo = echoAll
    say({ sid: channel.id, event: 'accepted' })
  }
})

createInterface({ input: process.stdin }).on('line', async line => {
  const { id, op, ...rest } = JSON.parse(line)
  try {
    say({ id, result: await operations[op](rest) ?? null })
  } catch (error) {
    say({ id, error: error.name })
  }
}).on('close', () => process.exit())
