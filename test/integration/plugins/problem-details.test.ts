import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import { test, type TestContext } from 'node:test'
import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify'
import problemDetails, { ProblemError, sendProblem } from '../../../plugins/problem-details.ts'
import { errorTable, RoomtapeError } from '../../../src/core/errors.ts'

interface LogLine { level: number, msg: string, code?: string, err?: { message: string } }

function build (t: TestContext): { app: FastifyInstance, log: () => LogLine[] } {
  const lines: string[] = []
  const stream = new Writable({ write: (chunk: Buffer, _encoding, done) => { lines.push(chunk.toString()); done() } })
  const app = Fastify({
    logger: { stream },
    frameworkErrors: sendProblem,
    bodyLimit: 100,
    ajv: { customOptions: { allErrors: true, coerceTypes: false, removeAdditional: false } }
  })
  t.after(() => app.close())
  app.register(problemDetails)
  app.register(async (routes) => {
    routes.get('/fine', async () => ({ fine: true }))
    routes.get('/crash', async () => { throw new Error('SELECT secret FROM keys') })
    routes.get('/odd', async () => { throw 'SELECT text' as unknown as Error })
    routes.get('/named/:error', async (request) => {
      const { error } = request.params as { error: keyof typeof errorTable }
      throw new RoomtapeError(error, 'bucket demo-125 refused')
    })
    routes.get('/members', async () => { throw new ProblemError('RATE_LIMITED', 'slow down', { type: 'https://example.com/quota', extra: ['a'] }) })
    routes.post('/strict', {
      schema: {
        body: {
          type: 'object',
          required: ['RoomId'],
          additionalProperties: false,
          properties: { RoomId: { type: 'integer' }, Output: { type: 'object', properties: { Format: { enum: ['m4a', 'mp3'] } } }, 'a/b~c': { type: 'string' } }
        },
        querystring: { type: 'object', properties: { Limit: { type: 'integer' } } }
      }
    }, async () => ({}))
  })
  return { app, log: () => lines.map((line) => JSON.parse(line) as LogLine).filter(({ msg }) => msg === 'request failed') }
}

function problem (response: LightMyRequestResponse): Record<string, unknown> {
  assert.equal(response.headers['content-type'], 'application/problem+json; charset=utf-8')
  const document = response.json<Record<string, unknown>>()
  assert.equal(document.status, response.statusCode)
  assert.equal(document.RequestId, response.headers['request-id'])
  for (const member of ['type', 'title', 'detail', 'instance', 'Code']) assert.equal(typeof document[member], 'string', member)
  assert.doesNotMatch(response.body, /at .*\.ts:|node_modules|SELECT/)
  return document
}

test('each named failure has its status and code, and is logged by fault', async (t) => {
  const { app, log } = build(t)
  const levels = { caller: 30, peer: 40, self: 50 }

  for (const [name, { code, status, fault }] of Object.entries(errorTable)) {
    const document = problem(await app.inject(`/named/${name}?token=hunter2`))

    assert.deepEqual([document.Code, document.status, document.instance], [code, status, `/named/${name}`])
    assert.equal(document.type, `urn:roomtape:problem:${name.toLowerCase().replaceAll('_', '-')}`)
    assert.equal(String(document.detail).includes('bucket demo-125'), status !== 500, name)
    assert.equal(log().at(-1)?.level, levels[fault])
  }
})

test('a crash is a 500 without a word of what crashed; the log has it', async (t) => {
  const { app, log } = build(t)

  for (const path of ['/crash', '/odd']) {
    const document = problem(await app.inject(path))
    assert.deepEqual([document.status, document.Code, document.title], [500, 'InternalError', 'Internal'])
  }

  const [crash] = log()
  assert.equal(crash?.level, 50)
  assert.equal(crash.err?.message, 'SELECT secret FROM keys')
})

test('a failed validation points at every field', async (t) => {
  const { app } = build(t)

  const document = problem(await app.inject({ method: 'POST', url: '/strict', payload: { Output: { Format: 'flac' }, 'a/b~c': 1, 'x/y': 1 } }))

  assert.equal(document.status, 400)
  assert.deepEqual((document.Errors as { Pointer: string, Detail: string }[]).toSorted((a, b) => a.Pointer < b.Pointer ? -1 : 1), [
    { Pointer: '#/Output/Format', Detail: 'must be equal to one of the allowed values: m4a, mp3' },
    { Pointer: '#/RoomId', Detail: "must have required property 'RoomId'" },
    { Pointer: '#/a~1b~0c', Detail: 'must be string' },
    { Pointer: '#/x~1y', Detail: 'must NOT have additional properties' }
  ])
  const query = problem(await app.inject({ method: 'POST', url: '/strict?Limit=many', payload: { RoomId: 1 } }))
  assert.deepEqual(query.Errors, [{ Pointer: 'querystring/Limit', Detail: 'must be integer' }])
})

test('what Fastify refuses by itself has the same shape', async (t) => {
  const { app } = build(t)
  const json = { 'content-type': 'application/json' }
  const post = { method: 'POST', url: '/strict', headers: json } as const
  const cases = [
    { request: { ...post, payload: '{"RoomId": hunter2' }, status: 400, code: 'InvalidParameter.Body' },
    { request: { ...post, payload: '' }, status: 400, code: 'InvalidParameter.Body' },
    { request: { ...post, payload: '{"__proto__": {"a": 1}}' }, status: 400, code: 'InvalidParameter.Body' },
    { request: { ...post, payload: `"${'x'.repeat(200)}"` }, status: 413, code: 'RequestSizeLimitExceeded' },
    { request: { ...post, payload: '<xml/>', headers: { 'content-type': 'text/xml' } }, status: 415, code: 'UnsupportedMediaType' },
    { request: { ...post, payload: '{}', headers: { 'content-type': 'not a type' } }, status: 415, code: 'UnsupportedMediaType' },
    { request: { method: 'GET', url: '/nowhere?key=hunter2' }, status: 404, code: 'ResourceNotFound' },
    { request: { method: 'DELETE', url: '/fine' }, status: 404, code: 'ResourceNotFound' },
    { request: { method: 'GET', url: `/named/${'x'.repeat(2_000)}` }, status: 404, code: 'ResourceNotFound' }
  ] as const

  for (const { request, status, code } of cases) {
    const response = await app.inject(request)
    const document = problem(response)
    assert.deepEqual([document.status, document.Code], [status, code], JSON.stringify(request).slice(0, 100))
    assert.doesNotMatch(response.body, /hunter2/)
  }
})

test('a path that cannot be decoded is a problem too', async (t) => {
  const { app } = build(t)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())

  socket.write('GET /%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  await once(socket, 'end')

  const answer = Buffer.concat(chunks).toString()
  assert.match(answer, /^HTTP\/1\.1 400 /)
  assert.match(answer, /content-type: application\/problem\+json/)
  assert.match(answer, /request-id: req_/)
  assert.match(answer, /"Code":"InvalidParameter"/)
})

test('members of a failure join or replace the usual ones', async (t) => {
  const { app } = build(t)

  const document = problem(await app.inject('/members'))

  assert.deepEqual([document.type, document.extra, document.Code], ['https://example.com/quota', ['a'], 'RequestLimitExceeded'])
})

test('every answer has a request id: the client\'s when it is well formed, else a new one', async (t) => {
  const { app } = build(t)
  const idFor = async (given: string): Promise<unknown> => (await app.inject({ url: '/fine', headers: { 'request-id': given } })).headers['request-id']

  assert.equal(await idFor('trace-7_A'), 'trace-7_A')
  for (const given of ['', 'a b', 'a.b', 'x'.repeat(65), '<script>']) assert.match(String(await idFor(given)), /^req_[0-9A-Z]{26}$/, given)
  assert.match(String((await app.inject('/fine')).headers['request-id']), /^req_/)
})
