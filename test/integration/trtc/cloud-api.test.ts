import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test, type TestContext } from 'node:test'
import { inspect } from 'node:util'
import { RoomtapeError } from '../../../src/core/errors.ts'
import { startTrtcCloud, type TrtcCloud, type TrtcCloudOptions } from '../../../src/sandbox/trtc-cloud.ts'
import { CloudApi, outcomeOf, type CallOutcome, type PublishRequest } from '../../../src/trtc/cloud-api.ts'
import { mintUserSig } from '../../../src/trtc/user-sig.ts'

const sdkAppId = 1400000001
const secretKey = 'sandbox-secret-key'
const credential = { secretId: 'AKIDSANDBOX', secretKey: 'sandbox-cloud-key' }

async function start (t: TestContext, options: Partial<TrtcCloudOptions> = {}): Promise<{ cloud: TrtcCloud, api: CloudApi }> {
  const cloud = await startTrtcCloud({ apps: [{ sdkAppId, secretKey, callbackKey: 'callbackKey' }], credentials: [credential], relayTimings: { retryMs: 10 }, ...options })
  t.after(() => cloud.close())
  return { cloud, api: new CloudApi({ ...credential, region: 'ap-guangzhou', endpoint: cloud.endpoint }) }
}

function publish (changes: Partial<PublishRequest> = {}): PublishRequest {
  const userSig = mintUserSig({ sdkAppId, secretKey, userId: 'robot', expireSeconds: 3600, nowMs: Date.now() })
  const url = 'rtmp://127.0.0.1:1/trtc/9b1f0c2e7d?k=one-time-secret'
  return { sdkAppId, roomId: 'room-7f3a', anchorUserId: 'anchor_001', robot: { userId: 'robot', userSig }, url, maxIdleSeconds: 60, ...changes }
}

test('a relay of one anchor is started and stopped, in text and numeric rooms', async (t) => {
  const { cloud, api } = await start(t)

  for (const roomId of ['room-7f3a', 43474]) {
    const { taskId } = await api.startPublishCdnStream(publish({ roomId }), t)
    assert.partialDeepStrictEqual(cloud.tasks().at(-1), { taskId, roomId, robotUserId: 'robot', anchorUserId: 'anchor_001', endedBy: undefined })
    await api.stopPublishCdnStream({ sdkAppId, taskId }, t)
    assert.equal(cloud.tasks().at(-1)!.endedBy, 'stopped')
  }
})

test('stopping a relay that has ended is as good as stopping it, and is told apart', async (t) => {
  const { api } = await start(t)
  const { taskId } = await api.startPublishCdnStream(publish(), t)

  const stopped = await api.stopPublishCdnStream({ sdkAppId, taskId }, t)
  const again = await api.stopPublishCdnStream({ sdkAppId, taskId }, t)

  assert.deepEqual([stopped, again], ['stopped', 'noSuchTask'])
  await assert.rejects(api.stopPublishCdnStream({ sdkAppId: 1400000009, taskId }, t), { error: 'TRTC_REFUSED' })
})

test('a refusal names TRTC\'s code and RequestId', async (t) => {
  const { api } = await start(t, { thirdPartyRelay: 'denied' })

  await assert.rejects(api.startPublishCdnStream(publish(), t), (error) => error instanceof RoomtapeError && error.error === 'TRTC_REFUSED' &&
    /^StartPublishCdnStream was refused with UnsupportedOperation \(RequestId [0-9a-f-]{36}\): /.test(error.message))
})

test('each code of TRTC says what became of the call, and whether a later try can turn it', async (t) => {
  const { cloud, api } = await start(t)
  const expected: Record<string, [CallOutcome, string]> = {
    RequestLimitExceeded: ['limited', 'TRTC_UNAVAILABLE'],
    'RequestLimitExceeded.UinLimitExceeded': ['limited', 'TRTC_UNAVAILABLE'],
    ResourceNotFound: ['noSuchTask', 'TRTC_REFUSED'],
    'ResourceNotFound.Task': ['noSuchTask', 'TRTC_REFUSED'],
    InternalError: ['unanswered', 'TRTC_UNAVAILABLE'],
    'InternalError.GetRoomCacheIpError': ['unanswered', 'TRTC_UNAVAILABLE'],
    ServiceUnavailable: ['unanswered', 'TRTC_UNAVAILABLE'],
    'AuthFailure.SecretIdNotFound': ['refused', 'TRTC_REFUSED'],
    'FailedOperation.RestrictedConcurrency': ['refused', 'TRTC_REFUSED'],
    LimitExceeded: ['refused', 'TRTC_REFUSED'],
    UnsupportedOperation: ['refused', 'TRTC_REFUSED']
  }

  for (const [code, [outcome, name]] of Object.entries(expected)) {
    cloud.failNext('StartPublishCdnStream', code)
    await assert.rejects(api.startPublishCdnStream(publish(), t), (error: RoomtapeError) => {
      assert.deepEqual([outcomeOf(error), error.error], [outcome, name], code)
      return true
    })
  }
  await cloud.close()
  await assert.rejects(api.startPublishCdnStream(publish(), t), (error: RoomtapeError) => outcomeOf(error) === 'unanswered' && error.error === 'TRTC_UNAVAILABLE')
})

test('what was thrown before TRTC was asked is a refusal if it is the caller\'s doing, and anything else may have been taken', () => {
  const thrown = [new RoomtapeError('TRTC_REFUSED', 'no keys'), new RoomtapeError('WORKER_CRASHED', 'gone'), new Error('drained'), undefined]

  assert.deepEqual(thrown.map(outcomeOf), ['refused', 'unanswered', 'unanswered', 'unanswered'])
})

/** A server that answers as it is told, for what the sandbox never says. */
async function startAnswering (t: TestContext, answer: (body: string) => { status?: number, body: string }): Promise<CloudApi> {
  const server = createServer((request, response) => {
    text(request).then((body) => {
      const { status = 200, body: said } = answer(body)
      response.writeHead(status, { 'content-type': 'application/json' }).end(said)
    }).catch((error: unknown) => response.destroy(error as Error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return new CloudApi({ ...credential, region: 'ap-guangzhou', endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, timeoutSeconds: 1 })
}

test('the request is the one TRTC documents for the audio of one anchor', async (t) => {
  let seen: unknown
  const api = await startAnswering(t, (body) => {
    seen = JSON.parse(body)
    return { body: '{"Response":{"TaskId":"-m97l","RequestId":"r"}}' }
  })

  assert.deepEqual(await api.startPublishCdnStream(publish({ robot: { userId: 'robot', userSig: 'eJw1' } }), t), { taskId: '-m97l' })

  assert.deepEqual(seen, {
    SdkAppId: sdkAppId,
    RoomId: 'room-7f3a',
    RoomIdType: 1,
    AgentParams: { UserId: 'robot', UserSig: 'eJw1', MaxIdleTime: 60 },
    WithTranscoding: 0,
    AudioParams: { AudioEncode: { SampleRate: 48000, Channel: 1, BitRate: 64, Codec: 0 } },
    SingleSubscribeParams: { UserMediaStream: { UserInfo: { RoomId: 'room-7f3a', RoomIdType: 1, UserId: 'anchor_001' }, StreamType: 0 } },
    PublishCdnParams: [{ PublishCdnUrl: 'rtmp://127.0.0.1:1/trtc/9b1f0c2e7d?k=one-time-secret', IsTencentCdn: 0 }]
  })
})

test('an error never holds the UserSig, the stream key or the secret key, even where TRTC quotes them', async (t) => {
  const request = publish()
  const api = await startAnswering(t, (body) => ({
    body: JSON.stringify({ Response: { Error: { Code: 'InvalidParameter', Message: `key 9b1f0c2e7d, secret one-time-secret, ${credential.secretKey}: ${body}` }, RequestId: 'r-1' } })
  }))

  await assert.rejects(api.startPublishCdnStream(request, t), (error: unknown) => {
    const everything = inspect(error, { depth: 10, showHidden: true })
    assert.match(everything, /TRTC_REFUSED/)
    for (const secret of [request.robot.userSig, '9b1f0c2e7d', 'one-time-secret', credential.secretKey]) assert.ok(!everything.includes(secret), secret)
    return true
  })
})

test('an answer that is not TRTC\'s is TRTC not being available', async (t) => {
  const answers = [{ status: 502, body: '' }, { body: '<html>' }, { body: '{}' }, { body: '{"Response":{"RequestId":"r"}}' }, { body: 'null' }]
  const api = await startAnswering(t, () => answers.shift()!)

  while (answers.length > 0) {
    const [next] = answers
    const isUnanswered = (error: RoomtapeError): boolean => error.error === 'TRTC_UNAVAILABLE' && outcomeOf(error) === 'unanswered'
    await assert.rejects(api.startPublishCdnStream(publish(), t), isUnanswered, JSON.stringify(next))
  }
})

test('who gives up gets their own reason, before the call or while it waits for the answer', async (t) => {
  const { cloud, api } = await start(t)
  const abort = new AbortController()
  cloud.faults.add({ kind: 'hang', onHit: () => { abort.abort(new Error('drained')) } })

  await assert.rejects(api.startPublishCdnStream(publish(), { signal: abort.signal }), { message: 'drained' })
  await assert.rejects(api.startPublishCdnStream(publish(), { signal: abort.signal }), { message: 'drained' })

  assert.equal(cloud.calls().length, 1)
})

test('a call to this machine does not go through the proxy of the environment', async (t) => {
  const { api } = await start(t)
  const before = process.env.http_proxy
  t.after(() => {
    if (before === undefined) delete process.env.http_proxy
    else process.env.http_proxy = before
  })
  process.env.http_proxy = 'http://127.0.0.1:1'

  await api.startPublishCdnStream(publish(), t)
})
