import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { generate } from 'selfsigned'
import { Webhook } from 'standardwebhooks'
import { callbackPolicy, guardedDispatcher, type GuardedDispatcherOptions } from '../../../src/callback/address-guard.ts'
import { attempt, type AttemptOptions, type AttemptOutcome, type AttemptRequest } from '../../../src/callback/attempt.ts'
import { mintSecret } from '../../../src/callback/signature.ts'

const secret = mintSecret()
const body = Buffer.from('{"Id":"evt_1","Type":"test.ping","UserId":"主播一"}')
const blocked: AttemptOutcome = { outcome: 'dead', reason: 'blocked_target' }

async function listen (t: TestContext, server: TcpServer, host = '127.0.0.1', port = 0): Promise<number> {
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

async function receiver (t: TestContext, answer: RequestListener): Promise<{ server: Server, url: string, port: number }> {
  const server = createServer((request, response) => { request.resume().once('end', () => { answer(request, response) }) })
  const port = await listen(t, server)
  return { server, url: `http://127.0.0.1:${port}/hook`, port }
}

/** Sends through the real guard; 127.0.0.1 is listed unless the test says otherwise. */
function sender (t: TestContext, listed = ['127.0.0.1'], guard: GuardedDispatcherOptions = {}) {
  const dispatcher = guardedDispatcher(callbackPolicy(listed), guard)
  t.after(() => dispatcher.destroy())
  return (url: string, request: Partial<AttemptRequest> = {}, options: Partial<AttemptOptions> = {}): Promise<AttemptOutcome> => attempt(
    { url, id: 'evt_1', body, secrets: [secret], attempt: 1, ...request },
    { dispatcher, signal: new AbortController().signal, clock: { now: () => Date.now() }, userAgent: 'roomtape/test', ...options }
  )
}

/** A resolver that gives the answers one after the other, the last one for ever, and counts. */
function resolver (...answers: string[][]): { lookup: NonNullable<GuardedDispatcherOptions['lookup']>, asked: string[] } {
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

test('the receiver gets the exact bytes, signed for this attempt, and 2xx is delivered', async (t) => {
  const seen: { headers: Record<string, string>, body: Buffer, method: string | undefined }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).once('end', () => {
      seen.push({ headers: request.headers as Record<string, string>, body: Buffer.concat(chunks), method: request.method })
      response.writeHead(204, { 'x-request-id': 'r-7', 'set-cookie': 'session=1' }).end()
    })
  })
  const port = await listen(t, server)
  const send = sender(t)

  const outcome = await send(`http://127.0.0.1:${port}/hook?tenant=7`, { attempt: 3 })

  assert.ok(outcome.outcome === 'delivered' && outcome.durationMs >= 0)
  assert.equal(outcome.response.status, 204)
  assert.equal(outcome.response.headers['x-request-id'], 'r-7')
  assert.equal(outcome.response.headers['set-cookie'], undefined)
  const [request] = seen
  assert.equal(request?.method, 'POST')
  assert.deepEqual(request.body, body)
  assert.equal(request.headers['content-type'], 'application/json')
  assert.equal(request.headers['user-agent'], 'roomtape/test')
  assert.equal(request.headers['webhook-id'], 'evt_1')
  assert.equal(request.headers['x-attempt'], '3')
  assert.deepEqual(new Webhook(secret).verify(request.body.toString(), request.headers), JSON.parse(body.toString()))
})

test('a second attempt has the same id but its own time and signature', async (t) => {
  const seen: string[][] = []
  const { url } = await receiver(t, ({ headers }, response) => {
    seen.push(['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => String(headers[name])))
    response.end()
  })
  const send = sender(t)

  await send(url, {}, { clock: { now: () => 1_767_323_045_999 } })
  await send(url, { attempt: 2 }, { clock: { now: () => 1_767_323_105_000 } })

  assert.deepEqual(seen.map(([id, timestamp]) => [id, timestamp]), [['evt_1', '1767323045'], ['evt_1', '1767323105']])
  assert.notEqual(seen[0]?.[2], seen[1]?.[2])
})

test('each status is what the receiver meant by it', async (t) => {
  const { url } = await receiver(t, (request, response) => {
    const status = Number(request.url?.split('/').at(-1))
    response.writeHead(status, { 'retry-after': '120', location: 'http://169.254.169.254/' }).end(`answer ${status}`)
  })
  const send = sender(t)
  const expected: Record<number, [string, string, number?]> = {
    301: ['retry', 'redirect'],
    302: ['retry', 'redirect'],
    304: ['retry', 'redirect'],
    307: ['retry', 'redirect'],
    400: ['retry', 'client_error'],
    404: ['retry', 'client_error'],
    408: ['retry', 'client_error'],
    410: ['dead', 'gone'],
    413: ['dead', 'body_too_large'],
    425: ['retry', 'client_error'],
    429: ['retry', 'rate_limited', 120_000],
    500: ['retry', 'server_error'],
    501: ['retry', 'server_error'],
    502: ['retry', 'overloaded', 120_000],
    503: ['retry', 'overloaded', 120_000],
    504: ['retry', 'overloaded', 120_000]
  }

  for (const [status, [kind, reason, retryAfterMs]] of Object.entries(expected)) {
    const outcome = await send(`${url}/${status}`)

    assert.ok(outcome.outcome !== 'delivered' && 'response' in outcome)
    assert.deepEqual([outcome.outcome, outcome.reason, 'retryAfterMs' in outcome ? outcome.retryAfterMs : undefined], [kind, reason, retryAfterMs], status)
    assert.equal(outcome.response.status, Number(status))
    assert.equal(outcome.response.body, status === '304' ? '' : `answer ${status}`)
  }
})

test('Retry-After as a date counts from our clock', async (t) => {
  const { url } = await receiver(t, (_request, response) => response.writeHead(503, { 'retry-after': 'Fri, 02 Jan 2026 03:05:05 GMT' }).end())

  const outcome = await sender(t)(url, {}, { clock: { now: () => Date.parse('2026-01-02T03:04:05Z') } })

  assert.ok(outcome.outcome === 'retry')
  assert.equal(outcome.retryAfterMs, 60_000)
})

test('a redirect is not followed', async (t) => {
  const paths: (string | undefined)[] = []
  const { url } = await receiver(t, (request, response) => {
    paths.push(request.url)
    response.writeHead(302, { location: '/elsewhere' }).end()
  })
  const send = sender(t)

  await send(url)
  await send(url)

  assert.deepEqual(paths, ['/hook', '/hook'])
})

test('of an answer 8 kB of text are kept, whole characters only', async (t) => {
  const { url } = await receiver(t, (_request, response) => response.end(`a${'é'.repeat(8 * 1024)}`))

  const outcome = await sender(t)(url)

  assert.ok(outcome.outcome === 'delivered')
  assert.equal(outcome.response.body, `a${'é'.repeat(4 * 1024 - 1)}`)
  assert.equal(outcome.response.cut, true)
})

test('an answer without end is given up after 64 kB, and the status has decided', async (t) => {
  let written = 0
  const gone = Promise.withResolvers<unknown>()
  const { url } = await receiver(t, (_request, response) => {
    const pour = (): void => {
      while (response.write(Buffer.alloc(16 * 1024, 'x'))) written += 16 * 1024
      response.once('drain', pour)
    }
    response.once('close', () => { gone.resolve('closed') })
    pour()
  })

  const outcome = await sender(t)(url)

  assert.ok(outcome.outcome === 'delivered')
  assert.equal(outcome.response.body.length, 8 * 1024)
  assert.equal(outcome.response.cut, true)
  await gone.promise
  assert.ok(written < 32 * 1024 * 1024, `${written} bytes were taken`)
})

test('what is not text is not kept, and nothing is decompressed', async (t) => {
  const { url } = await receiver(t, (request, response) => {
    if (request.url === '/hook/gzip') response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(10_000_000)))
    else response.end('nul \0 byte')
  })
  const send = sender(t)

  for (const path of ['/gzip', '/nul']) {
    const outcome = await send(url + path)
    assert.ok(outcome.outcome === 'delivered')
    assert.equal(outcome.response.body, '')
  }
})

test('a receiver that says 200 and then breaks off or stalls has the callback', async (t) => {
  const { url } = await receiver(t, (request, response) => {
    response.writeHead(200, { 'content-length': 10 }).write('half', () => { if (request.url === '/hook/reset') request.socket.destroy() })
  })
  const send = sender(t)

  for (const path of ['/reset', '/stall']) {
    const outcome = await send(url + path, { totalMs: 300 })
    assert.ok(outcome.outcome === 'delivered', path)
    assert.deepEqual([outcome.response.body, outcome.response.cut], ['half', true])
  }
})

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

test('what cannot be signed is thrown; a URL that is none is a failed attempt', async (t) => {
  const { url } = await receiver(t, (_request, response) => { response.end() })
  const send = sender(t)

  await assert.rejects(send(url, { secrets: ['whsec_short'] }), TypeError)
  const { outcome, reason } = await send('not a url') as { outcome: string, reason?: string }
  assert.deepEqual([outcome, reason], ['retry', 'failed'])
})

test('nothing connects to this machine unless it is listed, however it is spelled', async (t) => {
  const connections: Socket[] = []
  const { port, server } = await receiver(t, (_request, response) => { response.end() })
  server.on('connection', (socket) => connections.push(socket))
  const send = sender(t, [])

  for (const host of ['127.0.0.1', '127.1', '2130706433', '0x7f.1', '017700000001', '１２７.1', 'localhost', 'localhost.', '[::1]', '[::ffff:127.0.0.1]', '[64:ff9b::7f00:1]', '0']) {
    for (const scheme of ['http', 'https']) assert.deepEqual(await send(`${scheme}://${host}:${port}/`), blocked, `${scheme} ${host}`)
  }
  assert.equal((await sender(t)(`http://127.0.0.1:${port}/`)).outcome, 'delivered')

  assert.equal(connections.length, 1)
})

test('a public name that leads to any special address is blocked, whatever else it leads to', async (t) => {
  const special = [
    '127.0.0.1', '10.0.0.1', '169.254.169.254', '169.254.0.23', '100.100.100.200', '0.0.0.0', '224.0.0.1', '255.255.255.255', '::1', '::', 'fd00:ec2::254', 'fe80::1',
    '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1', '2002:7f00:1::', 'not an address'
  ]

  for (const address of special) {
    for (const addresses of [[address], ['93.184.215.14', address], [address, '2606:4700::1111']]) {
      const { lookup, asked } = resolver(addresses)
      assert.deepEqual(await sender(t, [], { lookup })('https://hooks.example.com/'), blocked, addresses.join())
      assert.equal(asked.length, 1, 'resolved once')
    }
  }
})

test('a name that changes to an address of our own is blocked on the next connection', async (t) => {
  const canaryConnections: Socket[] = []
  const { port } = await receiver(t, (_request, response) => response.setHeader('connection', 'close').end())
  const canary = createServer().on('connection', (socket) => { canaryConnections.push(socket) })
  await listen(t, canary, '127.0.0.2', port)
  const { lookup, asked } = resolver(['127.0.0.1'], ['127.0.0.2'], ['127.0.0.1'])
  const send = sender(t, ['127.0.0.1/32'], { lookup })
  const url = `http://moving.example.com:${port}/`

  assert.equal((await send(url)).outcome, 'delivered')
  assert.deepEqual(await send(url), blocked)
  assert.equal((await send(url)).outcome, 'delivered')

  assert.equal(asked.length, 3, 'one look-up for each connection')
  assert.equal(canaryConnections.length, 0)
})

test('a connection is not used for longer than its check is good for', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_767_323_045_000 })
  const { url } = await receiver(t, (_request, response) => { response.end() })
  const { port } = new URL(url)
  const { lookup, asked } = resolver(['127.0.0.1'], ['127.0.0.1'], ['10.0.0.1'])
  const send = sender(t, ['127.0.0.1/32'], { lookup })
  const name = `http://asr.example.com:${port}/`

  const deliver = async (): Promise<void> => {
    assert.equal((await send(name)).outcome, 'delivered')
    // undici takes the connection back within this turn of the event loop
    await setImmediate()
  }

  await deliver()
  await deliver()
  assert.equal(asked.length, 1, 'the connection was kept')
  t.mock.timers.tick(300_001)
  await deliver()
  assert.equal(asked.length, 2)
  t.mock.timers.tick(300_001)

  assert.deepEqual(await send(name), blocked)
})

test('plain http and other ports reach listed networks only, not the open internet', async (t) => {
  for (const url of ['http://hooks.example.com/', 'https://hooks.example.com:8443/', 'https://hooks/']) {
    const { lookup } = resolver(['93.184.215.14'])
    assert.deepEqual(await sender(t, ['127.0.0.1'], { lookup })(url), blocked, url)
  }
})

test('a listed name is reached through the system resolver', async (t) => {
  const { port } = await receiver(t, (_request, response) => { response.end() })

  assert.equal((await sender(t, ['localhost'])(`http://localhost:${port}/`)).outcome, 'delivered')
})

test('a proxy in the environment is not used', async (t) => {
  const { url, port } = await receiver(t, (request, response) => response.writeHead(request.url === '/hook' ? 200 : 500).end())
  const before = { ...process.env }
  t.after(() => { process.env = before })
  process.env = { ...before, http_proxy: `http://127.0.0.1:${port}/proxy`, HTTP_PROXY: `http://127.0.0.1:${port}/proxy`, NODE_USE_ENV_PROXY: '1' }

  assert.equal((await sender(t)(url)).outcome, 'delivered')
})

test('a certificate counts for the name in the URL, not for the address behind it', async (t) => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'asr.example.com' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'asr.example.com' }] }]
  })
  const server = createTlsServer({ key, cert }, (request, response) => {
    request.resume().once('end', () => { response.end() })
  })
  const port = await listen(t, server)
  const { lookup } = resolver(['127.0.0.1'])
  const reasonOf = async (host: string): Promise<string> => {
    const outcome = await sender(t, ['127.0.0.1'], { lookup })(`https://${host}:${port}/`)
    return 'reason' in outcome ? outcome.reason : outcome.outcome
  }

  assert.equal(await reasonOf('asr.example.com'), 'tls', 'signed by nobody we trust')
  const trusted = getCACertificates('default')
  t.after(() => { setDefaultCACertificates(trusted) })
  setDefaultCACertificates([cert])
  assert.equal(await reasonOf('asr.example.com'), 'delivered')
  assert.equal(await reasonOf('other.example.com'), 'tls', 'a certificate of another name')
})
