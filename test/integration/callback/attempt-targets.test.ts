import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { generate } from 'selfsigned'
import type { AttemptOutcome } from '../../../src/callback/attempt.ts'
import { listen, receiver, resolver, sender } from '../../helpers/attempts.ts'

const blocked: AttemptOutcome = { outcome: 'dead', reason: 'blocked_target' }

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
