import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { generate } from 'selfsigned'
import type { GuardedDispatcherOptions } from '../../../src/callback/address-guard.ts'
import { listen, receiver, sender } from '../../helpers/attempts.ts'

test('each way a connection can fail has its own reason, and running out of time asks for a minute', async (t) => {
  const silent = await listen(t, createTcpServer())
  const resetting = await listen(t, createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy())))
  const closing = await listen(t, createTcpServer((socket) => socket.once('data', () => socket.end())))
  const babbling = await listen(t, createTcpServer((socket) => socket.once('data', () => socket.end('220 smtp.example.com ESMTP\r\n'))))
  const shouting = await listen(t, createTcpServer((socket) => socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`))))
  const unused = createTcpServer()
  unused.listen(0, '127.0.0.1')
  await once(unused, 'listening')
  const { port: free } = unused.address() as AddressInfo
  await new Promise((resolve) => unused.close(resolve))
  const send = sender(t)
  const expected: [string, number, string, number?][] = [
    ['http', silent, 'timeout_total', 60_000],
    ['http', resetting, 'reset'],
    ['http', closing, 'reset'],
    ['http', babbling, 'protocol'],
    ['http', shouting, 'protocol'],
    ['http', free, 'refused'],
    ['https', babbling, 'tls']
  ]

  for (const [scheme, port, reason, retryAfterMs] of expected) {
    const outcome = await send(`${scheme}://127.0.0.1:${port}/`, { totalMs: 500 })

    assert.ok(outcome.outcome === 'retry')
    assert.deepEqual([outcome.reason, outcome.retryAfterMs, 'response' in outcome], [reason, retryAfterMs, false], `${scheme} ${reason}`)
  }
})

test('a name that does not exist is a fault of DNS', async (t) => {
  const lookup: GuardedDispatcherOptions['lookup'] = (_hostname, _options, callback) => {
    callback(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }), [])
  }

  const outcome = await sender(t, [], { lookup })('https://gone.example.com/')

  assert.ok(outcome.outcome === 'retry')
  assert.equal(outcome.reason, 'dns')
})

test('a look-up that never answers ends with the time to connect', async (t) => {
  const outcome = await sender(t, [], { lookup: () => undefined, connectMs: 50 })('https://slow.example.com/')

  assert.ok(outcome.outcome === 'retry')
  assert.deepEqual([outcome.reason, outcome.retryAfterMs], ['timeout_connect', 60_000])
})

test('an attempt that the process ends is neither delivered nor failed', async (t) => {
  const { url, server } = await receiver(t, () => undefined)
  const stop = new AbortController()
  const send = sender(t)

  const arrived = once(server, 'request')
  const sending = send(url, {}, { signal: stop.signal })
  await arrived
  stop.abort(new Error('the process is going'))

  await assert.rejects(sending, { message: 'the process is going' })
  await assert.rejects(send(url, {}, { signal: stop.signal }), { message: 'the process is going' })
})

test('a fault of our own in signing is thrown, not blamed on the receiver; what cannot be sent failed', async (t) => {
  const { url } = await receiver(t, (_request, response) => { response.end() })
  const send = sender(t)

  await assert.rejects(send(url, { secrets: ['whsec_short'] }), TypeError)
  const outcome = await send('not a url')
  assert.ok(outcome.outcome === 'retry')
  assert.equal(outcome.reason, 'failed')
})

/** A receiver that says some bytes when it is called, and then holds the line, or closes it. */
async function saying (t: TestContext, bytes: string, then: 'hold' | 'close'): Promise<string> {
  const server = createTcpServer((socket) => socket.once('data', () => {
    socket.write(bytes)
    if (then === 'close') socket.end()
  }))
  return `http://127.0.0.1:${await listen(t, server)}/`
}

test('a status that HTTP does not have, and one that nobody asked for, break the protocol, whether the line is held or closed', async (t) => {
  const send = sender(t)
  const lines = ['HTTP/1.1 099 Weird', 'HTTP/1.1 000 Weird', 'HTTP/1.1 99 Weird', 'HTTP/1.1 1000 Weird', 'HTTP/1.1 100 Continue', 'HTTP/1.1 101 Switching', 'HTTP/3.7 200 OK']

  for (const line of lines) {
    for (const then of ['hold', 'close'] as const) {
      const url = await saying(t, `${line}\r\ncontent-length: 0\r\n\r\n`, then)
      for (const again of [false, true]) {
        const outcome = await send(url, { totalMs: 5_000 })
        assert.ok(outcome.outcome === 'retry')
        assert.deepEqual([outcome.reason, 'response' in outcome], ['protocol', false], `${line}, ${then}${again ? ', again' : ''}`)
      }
    }
  }
})

test('no byte that a receiver puts into a header or a body reaches the log as one that the database cannot take', async (t) => {
  const send = sender(t)
  for (let byte = 0; byte < 256; byte++) {
    const char = String.fromCharCode(byte)
    const server = createTcpServer((socket) => socket.once('data', () => {
      socket.end(Buffer.from(`HTTP/1.1 500 x\r\nserver: a${char}b\r\ncontent-length: 3\r\n\r\na${char}b`, 'latin1'))
    }))

    const outcome = await send(`http://127.0.0.1:${await listen(t, server)}/`)

    assert.ok(outcome.outcome === 'retry')
    const kept = 'response' in outcome ? [outcome.response.headers.server, outcome.response.body] : [outcome.reason]
    assert.ok(kept.every((text) => text!.isWellFormed() && !text!.includes('\0')), `byte ${byte}: ${JSON.stringify(kept)}`)
    if (!('response' in outcome)) assert.equal(outcome.reason, 'protocol', `byte ${byte}`)
  }
})

test('an answer of a byte a second has decided with its status line; a head of a byte a second runs out of time', async (t) => {
  const dripping = (head: string, text: string) => createTcpServer((socket) => socket.once('data', () => {
    socket.write(head)
    const bytes = text.split('')
    const timer = setInterval(() => { socket.write(bytes.shift() ?? 'x') }, 100)
    socket.once('close', () => { clearInterval(timer) })
  }))
  const ports = [
    await listen(t, dripping('HTTP/1.1 500 Oh\r\ncontent-length: 1000\r\n\r\n', 'slow')),
    await listen(t, dripping('', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'))
  ] as const
  const send = sender(t)

  const [body, head] = await Promise.all(ports.map((port) => send(`http://127.0.0.1:${port}/`, { totalMs: 2_000 })))

  assert.ok(body?.outcome === 'retry' && 'response' in body && head?.outcome === 'retry')
  assert.deepEqual([body.reason, body.response.status, body.response.body.slice(0, 4), body.response.cut], ['server_error', 500, 'slow', true])
  assert.deepEqual([head.reason, head.retryAfterMs], ['timeout_total', 60_000])
})

test('a receiver that closes before it has read the request, and one that resets after its headers, are failures with a name or have decided', async (t) => {
  const big = Buffer.alloc(4_000_000, 'x')
  const closing = await listen(t, createTcpServer((socket) => { socket.end() }))
  const resetting = await listen(t, createTcpServer((socket) => { socket.resetAndDestroy() }))
  const broken = await listen(t, createTcpServer((socket) => socket.once('data', () => {
    socket.write('HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 100\r\n\r\n', () => { socket.resetAndDestroy() })
  })))
  const send = sender(t)

  for (const port of [closing, resetting]) {
    const outcome = await send(`http://127.0.0.1:${port}/`, { body: big })
    assert.ok(outcome.outcome === 'retry')
    assert.equal(outcome.reason, 'reset')
  }
  const outcome = await send(`http://127.0.0.1:${broken}/`)
  assert.ok(outcome.outcome === 'retry')
  // The network may have lost the head with the rest: then it is a reset
  assert.ok(outcome.reason === 'reset' || (outcome.reason === 'overloaded' && outcome.retryAfterMs === 7_000), outcome.reason)
})

test('a certificate with a weak key is a fault of TLS, whoever signed it', async (t) => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'asr.example.com' }], { keySize: 1024 })
  const server = createTlsServer({ key, cert, ciphers: 'DEFAULT:@SECLEVEL=0' }, (_request, response) => { response.end() })
  const port = await listen(t, server)
  const lookup: GuardedDispatcherOptions['lookup'] = (_hostname, _options, callback) => { callback(null, [{ address: '127.0.0.1', family: 4 }]) }

  const outcome = await sender(t, ['127.0.0.1'], { lookup })(`https://asr.example.com:${port}/`)

  assert.ok(outcome.outcome === 'retry')
  assert.equal(outcome.reason, 'tls')
})
