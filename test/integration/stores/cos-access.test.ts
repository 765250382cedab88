import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { inspect } from 'node:util'
import type { Clock } from '../../../src/core/clock.ts'
import { metadataPath } from '../../../src/sandbox/cos/role.ts'
import { fixedCredentials } from '../../../src/stores/credentials.ts'
import { roleCredentials } from '../../../src/stores/role-credentials.ts'
import { openStore } from '../../../src/stores/open-store.ts'
import { MiB, bucket, cosTarget, credential, openCos, randomFile, startCos } from '../../helpers/cos.ts'

const contentType = 'audio/mp4'
const key = 'rec/1/track.m4a'

for (const [what, given, code] of [
  ['a wrong secret', { ...credential, secretKey: 'guessed' }, 'SignatureDoesNotMatch'],
  ['an unknown id', { ...credential, secretId: 'AKIDnobody' }, 'InvalidAccessKeyId'],
  ['a token that was not asked for', { ...credential, securityToken: 'token' }, 'InvalidAccessKeyId'],
  ['a temporary key without its token', { secretId: 'AKIDtemporary', secretKey: 'k' }, 'InvalidAccessKeyId'],
  ['a temporary key that has ended', { secretId: 'AKIDended', secretKey: 'k', securityToken: 'token' }, 'ExpiredToken'],
  ['a key for another prefix', { secretId: 'AKIDother', secretKey: 'k' }, 'AccessDenied']
] as const) {
  test(`${what} is refused, by the check and by a file alike, and no secret is told`, async (t) => {
    const server = await startCos(t, {
      credentials: [
        credential,
        { secretId: 'AKIDtemporary', secretKey: 'k', securityToken: 'token' },
        { secretId: 'AKIDended', secretKey: 'k', securityToken: 'token', expiresAtMs: 1 },
        { secretId: 'AKIDother', secretKey: 'k', prefix: 'elsewhere/' }
      ]
    })
    const { file, print } = await randomFile(t, 10)
    const store = openCos(server, { credentials: fixedCredentials(given) })

    await assert.rejects(store.check({ signal: t.signal }), { name: 'RoomtapeError', error: 'STORE_DENIED', message: new RegExp(code) })
    await assert.rejects(store.putFile(key, file, print, { contentType, signal: t.signal }), (error: Error) => {
      assert.match(error.message, new RegExp(`bucket '${bucket}' refused ${key}: ${code} \\(4\\d\\d, \\S+\\)`))
      assert.ok(!inspect(error, { depth: 9 }).includes(given.secretKey.length > 1 ? given.secretKey : 'q-signature'))
      return true
    })
    assert.deepEqual(server.list(bucket), [])
  })
}

test('a bucket that is not there, or is no bucket\'s name, is refused', async (t) => {
  const server = await startCos(t)
  const open = (name: string): ReturnType<typeof openStore> =>
    openStore({ ...cosTarget(server), bucket: name, ...credential }, { role: fixedCredentials(credential) })

  await assert.rejects(open('missing-1250000000').check({ signal: t.signal }), { error: 'STORE_DENIED', message: /NoSuchBucket/ })
  await assert.rejects(open('No Bucket').check({ signal: t.signal }), { error: 'STORE_DENIED', message: /Bucket should format as/ })
})

test('half a key pair is refused when the store is opened', () => {
  const target = { kind: 'cos', region: 'ap-guangzhou', bucket, path: '', secretId: 'AKIDhalf' } as const

  assert.throws(() => openStore(target, { role: fixedCredentials(credential) }), { error: 'STORE_DENIED', message: /or neither/ })
})

test('the check needs no right that an uploader does not have, and leaves nothing', async (t) => {
  const server = await startCos(t)

  await openCos(server).check({ signal: t.signal })

  assert.deepEqual(server.log.map(({ action, status }) => [action, status]), [['initiate', 200], ['abort', 204]])
  assert.ok(server.log.every((entry) => entry.key.startsWith('rec/.roomtape-check-')))
  assert.deepEqual(server.unfinished(bucket), [])
})

test('a target without keys uses the role of its machine, and renews what the bucket no longer takes', async (t) => {
  const clock: Clock & { nowMs: number } = { nowMs: Date.now(), now: () => clock.nowMs }
  const server = await startCos(t, { credentials: [], role: { name: 'recorder role', lifetimeSeconds: 3_600 }, clock })
  const role = roleCredentials({ env: {}, clock, metadataUrl: `${server.url}${metadataPath}` })
  const store = openStore(cosTarget(server), { role, cos: { multipartAboveBytes: MiB, partBytes: MiB, partsInFlight: 1 } })
  const { file, print } = await randomFile(t, 3 * MiB)
  const first = await role.get({ signal: t.signal })
  server.faults.add({ kind: 'expired-token', action: 'put-part', partNumber: 2 })

  await store.putFile(key, file, print, { contentType, signal: t.signal })

  assert.notEqual((await role.get({ signal: t.signal })).secretId, first.secretId)
  assert.equal(server.list(bucket)[0]?.bytes, 3 * MiB)
})

test('a clock that is wrong by hours is corrected by what the server says', async (t) => {
  const server = await startCos(t, { clock: { now: () => Date.now() + 5 * 3_600_000 } })
  const { file, print } = await randomFile(t, 10)
  // the SDK writes its surprise to the console
  const said = t.mock.method(console, 'error', () => undefined)

  await openCos(server).putFile(key, file, print, { contentType, signal: t.signal })

  assert.equal(said.mock.callCount(), 1)
  assert.equal(server.list(bucket).length, 1)
})

test('a proxy in the environment never sees a recording', async (t) => {
  const server = await startCos(t)
  let seen = 0
  const proxy = createServer((_, response) => { seen++; response.writeHead(502).end() }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.after(() => { proxy.close(); proxy.closeAllConnections() })
  const before = process.env['HTTP_PROXY']
  process.env['HTTP_PROXY'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
  t.after(() => { if (before === undefined) delete process.env['HTTP_PROXY']; else process.env['HTTP_PROXY'] = before })
  const { file, print } = await randomFile(t, 3 * MiB)

  await openCos(server).putFile(key, file, print, { contentType, signal: t.signal })

  assert.equal(seen, 0)
})
