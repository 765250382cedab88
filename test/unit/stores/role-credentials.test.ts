import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { Clock } from '../../../src/core/clock.ts'
import { roleCredentials } from '../../../src/stores/role-credentials.ts'

const hourMs = 3_600_000

interface Metadata {
  url: string
  clock: Clock & { nowMs: number }
  /** Keys handed out so far. */
  issued: number
  /** How the next requests are answered. */
  mood: 'well' | 'broken' | 'roleless' | 'failing'
}

/** The metadata address of a CVM, whose keys live for an hour. */
async function startMetadata (t: TestContext): Promise<Metadata> {
  const metadata: Metadata = { url: '', clock: { nowMs: 1_700_000_000_000, now: () => metadata.clock.nowMs }, issued: 0, mood: 'well' }
  const answer: RequestListener = ({ url }, response) => {
    switch (metadata.mood) {
      case 'broken': response.writeHead(500).end('<html>'); break
      case 'roleless': response.writeHead(404).end(); break
      case 'failing': response.end(url === '/role/' ? 'recorder' : '{"Code":"Failed"}'); break
      case 'well': {
        if (url === '/role/') { response.end('recorder\n'); break }
        assert.equal(url, '/role/recorder')
        const number = ++metadata.issued
        response.end(JSON.stringify({
          TmpSecretId: `id${number}`, TmpSecretKey: `key${number}`, Token: `token${number}`, ExpiredTime: (metadata.clock.nowMs + hourMs) / 1_000, Code: 'Success'
        }))
      }
    }
  }
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => { server.close(); server.closeAllConnections() })
  metadata.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/role/`
  return metadata
}

test('the keys of an SCF function come from its environment, as they are at the moment', async (t) => {
  const env: Record<string, string> = { TENCENTCLOUD_SECRETID: 'id', TENCENTCLOUD_SECRETKEY: 'key', TENCENTCLOUD_SESSIONTOKEN: 'token' }
  const { clock } = await startMetadata(t)
  const source = roleCredentials({ env, clock, metadataUrl: 'http://127.0.0.1:1/' })

  const first = await source.get({ signal: t.signal })
  const again = await source.get({ signal: t.signal })
  env['TENCENTCLOUD_SECRETID'] = 'id2'
  const changed = await source.get({ signal: t.signal })

  assert.deepEqual(first, { secretId: 'id', secretKey: 'key', securityToken: 'token' })
  assert.equal(again, first)
  assert.equal(changed.secretId, 'id2')
})

test('the keys of a CVM role are asked for once, however many wait, and then kept', async (t) => {
  const metadata = await startMetadata(t)
  const source = roleCredentials({ env: {}, clock: metadata.clock, metadataUrl: metadata.url })

  const together = await Promise.all(Array.from({ length: 8 }, () => source.get({ signal: t.signal })))
  metadata.clock.nowMs += hourMs - 11 * 60_000
  const later = await source.get({ signal: t.signal })

  assert.deepEqual(together[0], { secretId: 'id1', secretKey: 'key1', securityToken: 'token1' })
  assert.equal(new Set([...together, later]).size, 1)
  assert.equal(metadata.issued, 1)
})

test('keys are renewed ten minutes before they end', async (t) => {
  const metadata = await startMetadata(t)
  const source = roleCredentials({ env: {}, clock: metadata.clock, metadataUrl: metadata.url })
  await source.get({ signal: t.signal })

  metadata.clock.nowMs += hourMs - 9 * 60_000

  assert.equal((await source.get({ signal: t.signal })).secretId, 'id2')
})

test('keys that could not be renewed serve to their end and no longer', async (t) => {
  const metadata = await startMetadata(t)
  const source = roleCredentials({ env: {}, clock: metadata.clock, metadataUrl: metadata.url })
  await source.get({ signal: t.signal })
  metadata.mood = 'broken'

  metadata.clock.nowMs += hourMs - 1_000
  assert.equal((await source.get({ signal: t.signal })).secretId, 'id1')
  metadata.clock.nowMs += 2_000

  await assert.rejects(source.get({ signal: t.signal }), { error: 'STORE_UNAVAILABLE', message: /status 500/ })
})

test('keys that the store refused are not given again', async (t) => {
  const metadata = await startMetadata(t)
  const source = roleCredentials({ env: {}, clock: metadata.clock, metadataUrl: metadata.url })

  const refused = await source.get({ signal: t.signal })
  assert.equal(source.discard(refused), true)

  assert.equal((await source.get({ signal: t.signal })).secretId, 'id2')
})

test('a machine without a role is told so', async (t) => {
  const metadata = await startMetadata(t)
  metadata.mood = 'roleless'
  const source = roleCredentials({ env: {}, clock: metadata.clock, metadataUrl: metadata.url })

  await assert.rejects(source.get({ signal: t.signal }), { error: 'STORE_DENIED', message: /no keys were given and this machine has no role/ })
})

test('an answer without keys is an outage of the metadata service', async (t) => {
  const metadata = await startMetadata(t)
  metadata.mood = 'failing'
  const source = roleCredentials({ env: {}, clock: metadata.clock, metadataUrl: metadata.url })

  await assert.rejects(source.get({ signal: t.signal }), { error: 'STORE_UNAVAILABLE', message: /got Failed/ })
})

test('one who leaves while waiting does not take the keys from the others', async (t) => {
  const metadata = await startMetadata(t)
  const source = roleCredentials({ env: {}, clock: metadata.clock, metadataUrl: metadata.url })
  const aborter = new AbortController()

  const leaving = source.get({ signal: aborter.signal })
  const staying = source.get({ signal: t.signal })
  aborter.abort(new Error('this recording is over'))

  await assert.rejects(leaving, /this recording is over/)
  assert.equal((await staying).secretId, 'id1')
})
