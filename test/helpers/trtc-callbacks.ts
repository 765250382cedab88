import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { parseRoomEvent, type RoomEvent } from '../../src/trtc/room-event.ts'

/** A callback as it came over the wire. */
export interface ReceivedCallback {
  headers: IncomingHttpHeaders
  raw: Buffer
  event: RoomEvent
}

export interface CallbackServer {
  url: string
  received: ReceivedCallback[]
  /** The first callback that matches, of those that came or that will come. Each is given once. */
  next: (matches: (received: ReceivedCallback) => boolean) => Promise<ReceivedCallback>
}

/** Takes event callbacks as a gateway would; `answer` decides what to say to each. */
export async function startCallbackServer (t: TestContext, answer: (response: ServerResponse, count: number) => void = (response) => response.end('{"code":0}')): Promise<CallbackServer> {
  const received: ReceivedCallback[] = []
  const fresh: ReceivedCallback[] = []
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks)
      const callback = { headers: request.headers, raw, event: parseRoomEvent(raw) }
      received.push(callback)
      fresh.push(callback)
      answer(response, received.length)
      for (const look of waiting) look()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/trtc/events`,
    received,
    next: (matches) => new Promise((resolve) => {
      const look = () => {
        const index = fresh.findIndex(matches)
        if (index < 0) return
        waiting.delete(look)
        resolve(fresh.splice(index, 1)[0]!)
      }
      waiting.add(look)
      look()
    })
  }
}
