// SPDX-License-Identifier: GPL-2.0
// What stands in for RTCDataChannel, over a relay: see ../README.

import { spawn } from 'node:child_process'

const HEAD = 12
const PPID_BINARY = 53

class Channel extends EventTarget {
  binaryType = 'arraybuffer'
  bufferedAmount = 0
  bufferedAmountLowThreshold = 0
  onbufferedamountlow = null
  onclose = null
  onerror = null
  onmessage = null

  constructor (relay, id, readyState) {
    super()
    this.relay = relay
    this.id = id
    this.readyState = readyState
  }

  send (data) {
    const bytes = Buffer.from(data)
    this.bufferedAmount += bytes.length
    this.relay.put('D', this.id, bytes, () => {
      this.bufferedAmount -= bytes.length
      if (this.bufferedAmount <= this.bufferedAmountLowThreshold) {
        this.onbufferedamountlow?.()
      }
    })
  }

  close () {
    this.readyState = 'closing'
    this.relay.put('C', this.id)
  }

  acked () {
    this.readyState = 'open'
    this.dispatchEvent(new Event('open'))
  }

  got (data) {
    this.onmessage?.({ data: new Uint8Array(data).buffer })
  }

  closed () {
    this.readyState = 'closed'
    this.dispatchEvent(new Event('close'))
    this.onclose?.()
  }
}

export class Relay {
  #channels = new Map()
  #rest = Buffer.alloc(0)

  // events: begun, up, lost and accepted(channel)
  constructor (command, events) {
    this.events = events
    this.process = spawn(command[0], command.slice(1), {
      stdio: ['pipe', 'pipe', 'inherit']
    })
    this.process.stdout.on('data', data => this.#take(data))
    this.process.on('exit', () => this.events.lost())
    this.process.stdin.on('error', () => {})
  }

  put (op, sid, data = Buffer.alloc(0), done = undefined) {
    const head = Buffer.alloc(HEAD)
    head.writeUInt8(op.charCodeAt(0), 0)
    head.writeUInt16BE(sid, 2)
    head.writeUInt32BE(PPID_BINARY, 4)
    head.writeUInt32BE(data.length, 8)
    this.process.stdin.write(Buffer.concat([head, data]), done)
  }

  open (sid) {
    const channel = new Channel(this, sid, 'connecting')
    this.#channels.set(sid, channel)
    this.put('O', sid, Buffer.alloc(1))
    return channel
  }

  #take (data) {
    let buf = Buffer.concat([this.#rest, data])
    while (buf.length >= HEAD) {
      const end = HEAD + buf.readUInt32BE(8)
      if (buf.length < end) {
        break
      }
      this.#event(String.fromCharCode(buf[0]), buf.readUInt16BE(2),
        buf.subarray(HEAD, end))
      buf = buf.subarray(end)
    }
    this.#rest = buf
  }

  #event (op, sid, data) {
    const channel = this.#channels.get(sid)

    switch (op) {
      case 'B':
        this.events.begun()
        break
      case 'U':
        this.events.up()
        break
      case 'L':
        this.events.lost()
        break
      case 'O': {
        const accepted = new Channel(this, sid, 'open')
        this.#channels.set(sid, accepted)
        this.events.accepted(accepted)
        break
      }
      case 'K':
        channel?.acked()
        break
      case 'D':
        channel?.got(data)
        break
      case 'C':
        this.#channels.delete(sid)
        channel?.closed()
        break
    }
  }
}
