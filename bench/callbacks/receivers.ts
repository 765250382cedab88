import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerCalls } from '../capture/answer-calls.ts'
import { quantilesOf } from '../rooms/quantiles.ts'
import type { ReceiverCalls } from './calls.ts'

/** A process that is all receivers. Those asked for `/hang` never answer. */
const pollMs = 5
let key = Buffer.alloc(0)
let answerMs = 0
const latencies = new Map<string, number>()
let repeated = 0
let unsigned = 0
let lastMs = 0

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  if (request.url === '/hang') return
  // Who hangs up in the middle has sent nothing
  receive(request, response).catch((error: unknown) => response.destroy(error as Error))
})

async function receive (request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await buffer(request)
  const receivedMs = Date.now()
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = request.headers as Record<string, string>
  if (signature !== `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`) unsigned++
  if (answerMs > 0) await sleep(answerMs)
  response.end()
  if (id === undefined) return
  if (latencies.has(id)) repeated++
  else latencies.set(id, receivedMs - (JSON.parse(body.toString()) as { TimestampMs: number }).TimestampMs)
  lastMs = receivedMs
}

answerCalls<ReceiverCalls>({
  start: async (request) => {
    key = Buffer.from(request.secret.slice('whsec_'.length), 'base64')
    answerMs = request.answerMs
    server.listen({ port: 0, host: '0.0.0.0', backlog: 4_096 })
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  },

  reset: async () => {
    latencies.clear()
    repeated = unsigned = lastMs = 0
    return null
  },

  received: async ({ events, limitMs }) => {
    const untilMs = performance.now() + limitMs
    while (latencies.size < events && performance.now() < untilMs) await sleep(pollMs)
    return { events: latencies.size, repeated, unsigned, lastMs, latencyMs: quantilesOf([...latencies.values()]) }
  }
}, async () => {
  server.close()
  server.closeAllConnections()
})
