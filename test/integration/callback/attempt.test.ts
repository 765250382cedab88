import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Webhook } from 'standardwebhooks'
import { body, listen, receiver, secret, sender } from '../../helpers/attempts.ts'

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
