import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, readFileSync } from 'node:fs'
import { access, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { generate } from 'selfsigned'
import { freePort } from '../../helpers/free-port.ts'
import { closeAfter, type Scope } from '../../helpers/scope.ts'
import { temporaryFolder } from '../../helpers/world.ts'

const page = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8')
const name = 'rec1.example.com'
const written = '127.0.0.1:8080'
/** The page's wait is longer than TRTC's own 5 s. Here a shorter one shows the same. */
const waits = /\b6s\b/g
const shortWait = '2s'

interface Place { folder: string, port: number, gatewayPort: number, certificate: string, key: string }

interface Proxy {
  program: string
  /** Settings around what the page says, and the page's with the names and numbers of this place. */
  configuration: (place: Place) => string
  arguments: (folder: string, file: string) => string[]
  /** What it logs when it listens. */
  listens: RegExp
  /** Ends it at once, and all that is its. */
  end: NodeJS.Signals
}

/** What the page has in a block of this language, with each of the words replaced, which must be there. */
function fromPage (language: string, words: [word: string | RegExp, instead: string][]): string {
  const [, block] = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(page) ?? []
  assert.ok(block, `the page has no ${language}`)
  return words.reduce((text, [word, instead]) => {
    assert.notEqual(text.search(word), -1, `the page has no ${String(word)}`)
    return text.replaceAll(word, instead)
  }, block)
}

const proxies: Record<string, Proxy> = {
  nginx: {
    program: 'nginx',
    configuration: ({ folder, port, gatewayPort, certificate, key }) => `
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${join(folder, 'pid')};
error_log stderr notice;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${join(folder, kind)};`).join(' ')}
  ${fromPage('nginx', [
    ['443 ssl', `127.0.0.1:${port} ssl http2`],
    [`/etc/ssl/${name}.pem`, certificate],
    [`/etc/ssl/${name}.key`, key],
    [written, `127.0.0.1:${gatewayPort}`],
    [waits, shortWait]
  ])}
}
`,
    arguments: (folder, file) => ['-e', 'stderr', '-p', folder, '-c', file],
    listens: /start worker process \d/,
    end: 'SIGTERM'
  },
  Caddy: {
    program: 'caddy',
    configuration: ({ port, gatewayPort, certificate, key }) => `
{
  admin off
  auto_https disable_redirects
}
${fromPage('caddyfile', [
  [`${name} {`, `https://${name}:${port} {\n  bind 127.0.0.1\n  tls ${certificate} ${key}`],
  [written, `127.0.0.1:${gatewayPort}`],
  [waits, shortWait]
])}
`,
    arguments: (_folder, file) => ['run', '--adapter', 'caddyfile', '--config', file],
    listens: /serving initial configuration/,
    end: 'SIGKILL'
  }
}

const path = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

async function find (program: string): Promise<string | undefined> {
  for (const file of path.map((folder) => join(folder, program))) {
    if (await access(file, constants.X_OK).then(() => true, () => false)) return file
  }
}

/** The proxy of the page, in a process of its own. @returns its port */
async function startProxy (scope: Scope, program: string, proxy: Proxy, gatewayPort: number): Promise<number> {
  const folder = await temporaryFolder(scope)
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], { keyType: 'ec', extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }] })
  const place: Place = { folder, port: await freePort(), gatewayPort, certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') }
  const file = join(folder, 'proxy.conf')
  await Promise.all([writeFile(place.certificate, cert), writeFile(place.key, key, { mode: 0o600 }), writeFile(file, proxy.configuration(place))])

  const child = spawn(program, proxy.arguments(folder, file), { env: { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }, stdio: ['ignore', 'ignore', 'pipe'] })
  closeAfter(scope, async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(proxy.end)
    await once(child, 'exit')
  })
  const log: string[] = []
  const { promise: listening, resolve, reject } = Promise.withResolvers<undefined>()
  createInterface({ input: child.stderr }).on('line', (line) => {
    log.push(line)
    if (proxy.listens.test(line)) resolve(undefined)
  }).once('close', () => { reject(new Error(`${program} has left:\n${log.join('\n')}`)) })
  await listening
  return place.port
}

interface Gateway {
  port: number
  received: { path: string, headers: IncomingHttpHeaders, body: Buffer }[]
  answer: Answer
  close: () => Promise<void>
}

type Answer = (response: ServerResponse, socket: Socket) => unknown

/** Stands where the gateway would, and does with what comes whatever a test wants. */
async function startGateway (scope: Scope): Promise<Gateway> {
  const gateway: Gateway = { port: 0, received: [], answer: () => assert.fail('nothing is expected'), close }
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      gateway.received.push({ path: request.url ?? '', headers: request.headers, body })
      gateway.answer(response, request.socket)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  gateway.port = (server.address() as AddressInfo).port
  closeAfter(scope, close)
  return gateway

  async function close (): Promise<void> {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
}

/** Tabs, both kinds of new line, bytes that are no UTF-8: `Sign` is over every one of them. */
const event = Buffer.concat([Buffer.from('{\r\n\t"EventType":\t103,\n\t"Name":\t"主播'), Buffer.from([0xff, 0x00, 0x80]), Buffer.from('"\n}\n')])
const headers = { 'content-type': 'application/json', sdkappid: '1400000001', sign: 'c2lnbmVk' }
const elsewhere = '203.0.113.9'

/** The first that comes back over HTTP/1.1 on a connection that may be kept: nothing when it is closed without a byte. */
async function bytesOf (port: number, path: string): Promise<string> {
  const socket = connectTls({ port, host: '127.0.0.1', servername: name, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
  let came = ''
  socket.once('data', (chunk: Buffer) => {
    came = chunk.toString('latin1')
    socket.destroy()
  })
  socket.on('error', () => undefined) // a reset closes it too
  const all = { host: name, ...headers, 'x-forwarded-for': elsewhere, 'content-length': String(event.length) }
  socket.write(`POST ${path} HTTP/1.1\r\n${Object.entries(all).map(([key, value]) => `${key}: ${value}\r\n`).join('')}\r\n`)
  socket.write(event)
  await once(socket, 'close')
  return came
}

async function statusOf (port: number, path: string): Promise<number> {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(await bytesOf(port, path))?.[1])
}

/** The status that comes back over HTTP/2; the error's code when the stream is closed without one. */
async function http2StatusOf (port: number, path: string): Promise<unknown> {
  const session = connectHttp2(`https://${name}:${port}`, { host: '127.0.0.1', servername: name, rejectUnauthorized: false })
  try {
    const stream = session.request({ ':method': 'POST', ':path': path, ...headers })
    stream.resume().end(event)
    const [{ ':status': status }] = await once(stream, 'response') as [{ ':status': number }]
    if (!stream.closed) await once(stream, 'close').catch(() => undefined) // it may be cut off after that
    return status
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  } finally {
    session.destroy()
  }
}

const noAnswer = ['', 'ERR_HTTP2_STREAM_ERROR']

for (const [title, proxy] of Object.entries(proxies)) {
  test(`${title}, as docs/operations.md has it, passes what the gateway decides and answers no event that it has not taken`, async (t) => {
    const program = await find(proxy.program)
    if (program === undefined) {
      t.skip(`${proxy.program} is not installed: what docs/operations.md says of it was not tried`)
      return
    }
    const gateway = await startGateway(t)
    const port = await startProxy(t, program, proxy, gateway.port)

    for (const status of [200, 400, 401, 413]) {
      gateway.answer = (response) => response.writeHead(status).end('{"code":0}')
      assert.deepEqual(await Promise.all([statusOf(port, '/trtc/events'), http2StatusOf(port, '/trtc/events')]), [status, status])
    }
    assert.equal(gateway.received.length, 8)
    for (const { path, headers: came, body } of gateway.received) {
      assert.equal(path, '/trtc/events')
      assert.partialDeepStrictEqual(came, headers)
      assert.deepEqual(body, event)
    }

    assert.equal(await statusOf(port, '/operator/tenants'), 404)
    assert.equal(gateway.received.length, 8, 'the operator has no business there')

    const failures: Record<string, { answer: Answer, elsewhere?: number }> = {
      'answers 500': { answer: (response) => response.writeHead(500).end('{}'), elsewhere: 500 },
      'answers 503': { answer: (response) => response.writeHead(503).end('{}'), elsewhere: 503 },
      'closes without an answer': { answer: (_, socket) => { socket.destroy() }, elsewhere: 502 },
      'dies in its answer': { answer: (_, socket) => { socket.write('HTTP/1.1 200 OK\r\nContent-Le', () => { socket.destroy() }) }, elsewhere: 502 },
      // calls of /v1 may take longer than an event
      hangs: { answer: () => undefined }
    }
    for (const [what, failure] of Object.entries(failures)) {
      gateway.answer = failure.answer
      gateway.received.length = 0
      assert.deepEqual(await Promise.all([bytesOf(port, '/trtc/events'), http2StatusOf(port, '/trtc/events')]), noAnswer, what)
      assert.equal(gateway.received.length, 2, `${what}: each was passed on once`)
      if (failure.elsewhere === undefined) continue
      assert.equal(await statusOf(port, '/v1/recordings'), failure.elsewhere, what)
      assert.equal(gateway.received.at(-1)?.headers['x-forwarded-for'], '127.0.0.1', 'what a caller says of itself does not count')
    }

    await gateway.close()
    assert.deepEqual(await Promise.all([bytesOf(port, '/trtc/events'), http2StatusOf(port, '/trtc/events')]), noAnswer)
    assert.equal(await statusOf(port, '/v1/recordings'), 502)
  })
}
