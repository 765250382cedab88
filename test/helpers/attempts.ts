import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Server as TcpServer, Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { callbackPolicy, guardedDispatcher, type GuardedDispatcherOptions } from '../../src/callback/address-guard.ts'
import { attempt, type AttemptOptions, type AttemptOutcome, type AttemptRequest } from '../../src/callback/attempt.ts'
import { mintSecret } from '../../src/callback/signature.ts'

/** What each attempt is signed with, and its body. */
export const secret = mintSecret()
export const body = Buffer.from('{"Id":"evt_1","Type":"test.ping","UserId":"主播一"}')

/** Listens on the loopback. @returns its port */
export async function listen (t: TestContext, server: TcpServer, host = '127.0.0.1', port = 0): Promise<number> {
  const sockets = new Set<Socket>()
  const event = 'setSecureContext' in server ? 'secureConnection' : 'connection'
  server.on(event, (socket: Socket) => sockets.add(socket.on('error', () => { socket.destroy() })))
  server.listen(port, host)
  await once(server, 'listening')
  t.after(async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  })
  return (server.address() as AddressInfo).port
}

/** A receiver that answers when it has the whole request. */
export async function receiver (t: TestContext, answer: RequestListener): Promise<{ server: Server, url: string, port: number }> {
  const server = createServer((request, response) => { request.resume().once('end', () => { answer(request, response) }) })
  const port = await listen(t, server)
  return { server, url: `http://127.0.0.1:${port}/hook`, port }
}

/** Sends through the real guard; 127.0.0.1 is listed unless the test says otherwise. */
export function sender (t: TestContext, listed = ['127.0.0.1'], guard: GuardedDispatcherOptions = {}) {
  const dispatcher = guardedDispatcher(callbackPolicy(listed), guard)
  t.after(() => dispatcher.destroy())
  return (url: string, request: Partial<AttemptRequest> = {}, options: Partial<AttemptOptions> = {}): Promise<AttemptOutcome> => attempt(
    { url, id: 'evt_1', body, secrets: [secret], attempt: 1, ...request },
    { dispatcher, signal: new AbortController().signal, clock: { now: () => Date.now() }, userAgent: 'roomtape/test', ...options }
  )
}

/** A resolver that gives the answers one after the other, the last one for ever, and counts. */
export function resolver (...answers: string[][]): { lookup: NonNullable<GuardedDispatcherOptions['lookup']>, asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    lookup: (hostname, _options, callback) => {
      const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? []
      asked.push(hostname)
      callback(null, addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })))
    }
  }
}
