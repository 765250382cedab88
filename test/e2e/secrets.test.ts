import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { createLog } from '../../src/core/log.ts'
import { request } from 'undici'
import { mintUserSig } from '../../src/trtc/user-sig.ts'
import { bucket, call, enterTalking, sdkAppId, startWorld, talked } from '../helpers/world.ts'

async function filesBelow (directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
}

test('no secret of a whole run, failures and all, is in its log or stands open on its disk', async (t) => {
  const log: string[] = []
  const world = await startWorld(t, {
    receiver: { respond: ({ headers }) => ({ status: headers['x-attempt'] === '1' ? 500 : 200 }) },
    log: createLog('trace', { write: (line) => { log.push(line) } })
  })
  const { cloud, cos, url, key, start } = world
  const userSig = mintUserSig({ sdkAppId, secretKey: world.sdkSecretKey, userId: 'rec_1', expireSeconds: 3_600, nowMs: Date.now() })
  const [privateMapKey, token, password] = [1, 2, 3].map(() => randomBytes(18).toString('hex')) as [string, string, string]
  const cosConfig = { SecretId: world.cosKeys.secretId, SecretKey: world.cosKeys.secretKey, Region: 'ap-guangzhou', Bucket: bucket, Path: 'own' }
  const body = { UserSig: userSig, PrivateMapKey: privateMapKey, CosConfig: cosConfig, Callback: `${world.receiver.url}?token=${token}` }

  // What callers get wrong, with secrets in it.
  const refused = [
    await call(url, '/v1/recordings', { method: 'POST', token: `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`, body }),
    await call(url, `/v1/recordings?key=${key}&password=${password}`, { token: key }),
    await call(url, '/v1/recordings', { method: 'POST', token: key, body: { ...body, SdkAppId: sdkAppId, UserId: 'rec_1', RoomId: password } }),
    await call(url, '/v1/recordings', { method: 'POST', token: key, body: { ...body, SdkAppId: sdkAppId, StrRoomId: 'x', UserId: 'other' } }),
    await call(url, '/v1/recordings', { method: 'POST', token: key, body: { ...body, SdkAppId: sdkAppId, StrRoomId: 'x', UserId: 'rec_1', Callback: `http://user:${password}@localhost/` } }),
    await call(url, '/v1/recordings', { method: 'POST', token: key, body: { ...body, SdkAppId: sdkAppId, StrRoomId: 'x', UserId: 'rec_1', CosConfig: { ...cosConfig, SecretKey: password } } }),
    await call(url, '/operator/tenants', { token: password }),
    await call(url, '/trtc/events', { method: 'POST', headers: { sdkappid: String(sdkAppId), sign: password }, body: { password } })
  ]
  assert.deepEqual(refused.map(({ status }) => status), [401, 400, 400, 400, 422, 422, 401, 401])
  const broken = await request(new URL('/v1/recordings', url), {
    method: 'POST', headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' }, body: `{"UserSig":"${userSig}","X":${password}`
  })
  const brokenText = await broken.body.text()
  assert.equal(broken.statusCode, 400)

  // And a recording where each of the others fails once.
  cloud.failNext('StartPublishCdnStream', 'InternalError')
  cloud.failNext('StopPublishCdnStream', 'InternalError')
  const id = await start('room', body)
  cos.faults.add({ kind: 'internal-error', action: 'put' })
  const room = cloud.room(sdkAppId, 'room')
  enterTalking(room, 'anchor')
  const push = await talked(world, 'room', 'anchor', 800)
  room.dismiss()
  await world.ended(id)
  await cloud.settled()

  const kept = ['master-key', 'admin-token'].map((name) => join(world.dataDir, name))
  for (const file of kept) assert.equal((await stat(file)).mode & 0o777, 0o600, file)
  const [masterKey] = await Promise.all(kept.map(async (file) => (await readFile(file, 'utf8')).trim()))
  const streamKey = push.split('/').at(-1)
  const secrets = {
    masterKey,
    adminToken: world.adminToken,
    apiKey: key,
    callbackSecret: world.callbackSecret.replace('whsec_', ''),
    sdkSecretKey: world.sdkSecretKey,
    callbackKey: world.callbackKey,
    cloudKey: world.cloudKeys.secretKey,
    cosKey: world.cosKeys.secretKey,
    streamKey,
    userSig,
    privateMapKey,
    callbackToken: token,
    password
  }
  const text = log.join('')
  assert.match(text, /recording complete/)
  assert.match(text, /callback will be sent again/)
  const answers = JSON.stringify(refused) + brokenText
  const files = (await filesBelow(world.dataDir)).filter((file) => !kept.includes(file))
  const contents = await Promise.all(files.map(async (file) => ({ file, bytes: await readFile(file) })))
  assert.ok(contents.some(({ bytes }) => bytes.includes(id)), 'the recording is on the disk')
  for (const [name, secret] of Object.entries(secrets)) {
    assert.ok(secret !== undefined && secret.length >= 16, name)
    assert.ok(!text.includes(secret), `the log holds the ${name}`)
    assert.ok(!answers.includes(secret), `an answer holds the ${name}`)
    assert.deepEqual(contents.filter(({ bytes }) => bytes.includes(secret)).map(({ file }) => file), [], `the disk holds the ${name}`)
  }
  assert.doesNotMatch(text, /eJ[\w*-]{100,}/, 'the log holds a UserSig of a robot')
})
