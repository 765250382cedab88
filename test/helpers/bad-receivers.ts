import { once } from 'node:events'
import { createServer as createTlsServer } from 'node:https'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { generate } from 'selfsigned'
import { freePort } from './free-port.ts'
import { closeAfter, type Scope } from './scope.ts'

/** How a receiver may misbehave, and what is noted of an attempt there. */
export const badReceivers = {
  refuses: { reason: 'refused', start: startRefusing },
  'answers HTTP/1.1 099': { reason: 'protocol', start: (scope: Scope) => startSaying(scope, (socket) => { socket.end('HTTP/1.1 099 Weird\r\ncontent-length: 0\r\n\r\n') }) },
  'has a weak certificate': { reason: 'tls', start: startWeak },
  'closes before the body is read': { reason: 'reset', start: startClosing },
  'sends a byte a second': { reason: 'timeout_total', start: (scope: Scope) => startSaying(scope, drip) },
  hangs: { reason: 'timeout_total', start: (scope: Scope) => startSaying(scope, () => undefined) }
} as const satisfies Record<string, { reason: string, start: (scope: Scope) => Promise<string> }>

/** Does something with whoever has begun to send a request. @returns its URL */
async function startSaying (scope: Scope, say: (socket: Socket) => void): Promise<string> {
  return `http://${await listen(scope, createServer((socket) => { socket.once('data', () => { say(socket) }) }))}/`
}

function drip (socket: Socket): void {
  const bytes = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'.split('')
  const timer = setInterval(() => { socket.write(bytes.shift() ?? '') }, 1_000)
  socket.once('close', () => { clearInterval(timer) })
}

async function startClosing (scope: Scope): Promise<string> {
  return `http://${await listen(scope, createServer((socket) => { socket.end() }))}/`
}

/** A port at which nobody listens. */
async function startRefusing (): Promise<string> {
  return `http://127.0.0.1:${await freePort()}/`
}

/** A key of 1024 bits, which OpenSSL does not take any more. */
async function startWeak (scope: Scope): Promise<string> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 1024 })
  const host = await listen(scope, createTlsServer({ key, cert, ciphers: 'DEFAULT:@SECLEVEL=0' }))
  return `https://${host}/`
}

async function listen (scope: Scope, server: Server): Promise<string> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket.on('error', () => undefined).once('close', () => { sockets.delete(socket) }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  closeAfter(scope, async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  })
  return host
}
