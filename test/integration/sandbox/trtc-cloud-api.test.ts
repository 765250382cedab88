import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { CommonClient } from 'tencentcloud-sdk-nodejs-common'
import { startTrtcCloud, type TrtcCloud, type TrtcCloudOptions } from '../../../src/sandbox/trtc-cloud.ts'
import { mintUserSig } from '../../../src/trtc/user-sig.ts'

const sdkAppId = 1400000001
const secretKey = 'sandbox-secret-key'
const credential = { secretId: 'AKIDSANDBOX', secretKey: 'sandbox-cloud-key' }

async function startCloud (t: TestContext, options: Partial<TrtcCloudOptions> = {}): Promise<TrtcCloud> {
  const cloud = await startTrtcCloud({
    apps: [{ sdkAppId, secretKey, callbackKey: 'callbackKey' }],
    credentials: [credential],
    relayTimings: { retryMs: 10 },
    ...options
  })
  t.after(() => cloud.close())
  return cloud
}

/** The vendor's own client; its calls' answers are untyped. */
function clientOf (cloud: TrtcCloud, { version = '2019-07-22', region = 'ap-guangzhou', keys = credential }: { version?: string, region?: string | undefined, keys?: object } = {}) {
  const client = new CommonClient(new URL(cloud.endpoint).host, version, { credential: keys, region, profile: { httpProfile: { protocol: 'http://' } } })
  return (action: string, body: object) => client.request(action, body) as Promise<{ TaskId?: string, RequestId: string }>
}

function start (changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    SdkAppId: sdkAppId,
    RoomId: 'room-7f3a',
    RoomIdType: 1,
    AgentParams: agent(),
    WithTranscoding: 0,
    AudioParams: { AudioEncode: { SampleRate: 48000, Channel: 1, BitRate: 64, Codec: 0 } },
    SingleSubscribeParams: { UserMediaStream: { UserInfo: { RoomId: 'room-7f3a', RoomIdType: 1, UserId: 'anchor_001' }, StreamType: 0 } },
    PublishCdnParams: [{ PublishCdnUrl: 'rtmp://127.0.0.1:1/trtc/key', IsTencentCdn: 0 }],
    ...changes
  }
}

function agent (changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { UserId: 'robot', UserSig: mintUserSig({ sdkAppId, secretKey, userId: 'robot', expireSeconds: 3600, nowMs: Date.now() }), MaxIdleTime: 60, ...changes }
}

function encode (changes: Record<string, unknown>): Record<string, unknown> {
  return { AudioParams: { AudioEncode: { SampleRate: 48000, Channel: 1, BitRate: 64, Codec: 0, ...changes } } }
}

test('the vendor\'s client starts, updates and stops a relay', async (t) => {
  const cloud = await startCloud(t)
  const call = clientOf(cloud)

  const started = await call('StartPublishCdnStream', start())

  assert.match(started.TaskId!, /^-[\w-]+\.\.$/)
  assert.match(started.RequestId, /^[0-9a-f-]{36}$/)
  const view = { taskId: started.TaskId, sdkAppId, roomId: 'room-7f3a', robotUserId: 'robot', anchorUserId: 'anchor_001' }
  assert.partialDeepStrictEqual(cloud.tasks(), [{ ...view, endedBy: undefined, pushes: [{ url: 'rtmp://127.0.0.1:1/trtc/key' }] }])

  const update = { SdkAppId: sdkAppId, TaskId: started.TaskId, WithTranscoding: 0, SequenceNumber: 1, PublishCdnParams: [{ PublishCdnUrl: 'rtmp://127.0.0.1:2/b', IsTencentCdn: 0 }] }
  assert.equal((await call('UpdatePublishCdnStream', update)).TaskId, started.TaskId)
  assert.deepEqual(cloud.tasks()[0]!.pushes.map(({ url }) => url), ['rtmp://127.0.0.1:2/b'])
  await assert.rejects(call('UpdatePublishCdnStream', update), { code: 'InvalidParameter' }, 'the sequence number must grow')
  await assert.rejects(call('UpdatePublishCdnStream', { ...update, SequenceNumber: 2, ...encode({ BitRate: 96 }) }), { code: 'InvalidParameter' })

  assert.equal((await call('StopPublishCdnStream', { SdkAppId: sdkAppId, TaskId: started.TaskId })).TaskId, started.TaskId)
  assert.equal(cloud.tasks()[0]!.endedBy, 'stopped')
  await assert.rejects(call('StopPublishCdnStream', { SdkAppId: sdkAppId, TaskId: started.TaskId }), { code: 'ResourceNotFound' })
})

test('a numeric room is named by text in relays and by number in room actions', async (t) => {
  const cloud = await startCloud(t)
  const call = clientOf(cloud)
  const numeric = cloud.room(sdkAppId, 43474)
  const text = cloud.room(sdkAppId, '43474')
  numeric.enter('a')
  text.enter('a')

  await call('StartPublishCdnStream', start({ RoomId: '43474', RoomIdType: 0, SingleSubscribeParams: { UserMediaStream: { UserInfo: { UserId: 'a' } } } }))
  assert.equal(cloud.tasks()[0]!.roomId, 43474)
  await call('RemoveUser', { SdkAppId: sdkAppId, RoomId: 43474, UserIds: ['a'] })
  assert.deepEqual([numeric.live, text.live], [false, true], 'the last anchor is gone from one of them')

  await call('RemoveUserByStrRoomId', { SdkAppId: sdkAppId, RoomId: '43474', UserIds: ['a', 'nobody'] })
  assert.equal(text.live, false)
})

test('a room is dismissed under either kind of name, and with it what is relayed from it', async (t) => {
  const cloud = await startCloud(t)
  const call = clientOf(cloud)
  cloud.room(sdkAppId, 7).enter('a')
  cloud.room(sdkAppId, 'room-7f3a').enter('anchor_001')
  await call('StartPublishCdnStream', start())

  await call('DismissRoom', { SdkAppId: sdkAppId, RoomId: 7 })
  await call('DismissRoomByStrRoomId', { SdkAppId: sdkAppId, RoomId: 'room-7f3a' })

  assert.deepEqual([cloud.room(sdkAppId, 7).live, cloud.room(sdkAppId, 'room-7f3a').live], [false, false])
  assert.equal(cloud.tasks()[0]!.endedBy, 'dismissed')
  await assert.rejects(call('DismissRoom', { SdkAppId: sdkAppId, RoomId: 7 }), { code: 'FailedOperation.RoomNotExist' })
  await assert.rejects(call('RemoveUser', { SdkAppId: sdkAppId, RoomId: 8, UserIds: ['a'] }), { code: 'FailedOperation.RoomNotExist' })
})

test('a robot is removed like anybody, and one with an id in use takes its place', async (t) => {
  const cloud = await startCloud(t)
  const call = clientOf(cloud)
  cloud.room(sdkAppId, 'room-7f3a').enter('anchor_001')

  await call('StartPublishCdnStream', start())
  await call('StartPublishCdnStream', start())
  assert.deepEqual(cloud.tasks().map(({ endedBy }) => endedBy), ['replaced', undefined])

  await call('RemoveUserByStrRoomId', { SdkAppId: sdkAppId, RoomId: 'room-7f3a', UserIds: ['robot'] })
  assert.deepEqual(cloud.tasks().map(({ endedBy }) => endedBy), ['replaced', 'removed'])
})

test('calls that are signed wrongly or go astray get TRTC\'s own codes', async (t) => {
  const cloud = await startCloud(t)
  const body = { SdkAppId: sdkAppId, RoomId: 7 }
  const code = (code: string) => ({ code })

  await assert.rejects(clientOf(cloud, { keys: { ...credential, secretKey: 'wrong' } })('DismissRoom', body), code('AuthFailure.SignatureFailure'))
  await assert.rejects(clientOf(cloud, { keys: { ...credential, secretId: 'AKIDOTHER' } })('DismissRoom', body), code('AuthFailure.SecretIdNotFound'))
  await assert.rejects(clientOf(cloud, { keys: { ...credential, token: 'sts' } })('DismissRoom', body), code('AuthFailure.TokenFailure'))
  await assert.rejects(clientOf(cloud, { version: '2017-03-12' })('DismissRoom', body), code('NoSuchVersion'))
  await assert.rejects(clientOf(cloud)('DescribeRoomInfo', body), code('InvalidAction'))
  await assert.rejects(clientOf(cloud)('constructor', body), code('InvalidAction'))
  await assert.rejects(clientOf(cloud, { region: 'eu-frankfurt' })('DismissRoom', body), code('UnsupportedRegion'))
  await assert.rejects(clientOf(cloud, { region: '' })('DismissRoom', body), code('MissingParameter'))
})

test('a strict cloud refuses a signature for another service, which the vendor\'s client makes of an address', async (t) => {
  const cloud = await startCloud(t, { strict: true })

  await assert.rejects(clientOf(cloud)('DismissRoom', { SdkAppId: sdkAppId, RoomId: 7 }), { code: 'AuthFailure.SignatureFailure' })
})

test('what is not a Cloud API call at all is still answered 200 with an envelope', async (t) => {
  const cloud = await startCloud(t)

  for (const init of [{}, { method: 'POST', body: 'x', headers: { 'content-type': 'text/plain' } }, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }]) {
    const response = await fetch(cloud.endpoint, init)
    const { Response } = await response.json() as { Response: { Error: { Code: string }, RequestId: string } }
    assert.equal(response.status, 200)
    assert.match(Response.Error.Code, /^(UnsupportedProtocol|AuthFailure\.InvalidAuthorization)$/)
    assert.match(Response.RequestId, /^[0-9a-f-]{36}$/)
  }
})

test('temporary credentials are taken with their token', async (t) => {
  const cloud = await startCloud(t, { credentials: [{ ...credential, token: 'sts' }] })

  await assert.rejects(clientOf(cloud, { keys: { ...credential, token: 'sts' } })('DismissRoom', { SdkAppId: sdkAppId, RoomId: 7 }), { code: 'FailedOperation.RoomNotExist' })
})

const publishFaults: [name: string, changes: Record<string, unknown>, code: string][] = [
  ['no app', { SdkAppId: null }, 'MissingParameter'],
  ['another\'s app', { SdkAppId: 1400000009 }, 'InvalidParameter.SdkAppId'],
  ['a room by number', { RoomId: 43474 }, 'InvalidParameter'],
  ['no room type', { RoomIdType: null }, 'MissingParameter'],
  ['a room type of other APIs', { RoomIdType: 2 }, 'InvalidParameterValue'],
  ['a name for a numeric room', { RoomIdType: 0 }, 'InvalidParameter'],
  ['no robot', { AgentParams: null }, 'MissingParameter'],
  ['a robot with another\'s UserSig', { AgentParams: agent({ UserId: 'robot2' }) }, 'InvalidParameter'],
  ['an idle time of 4 s', { AgentParams: agent({ MaxIdleTime: 4 }) }, 'InvalidParameterValue'],
  ['an idle time over a day', { AgentParams: agent({ MaxIdleTime: 86401 }) }, 'InvalidParameterValue'],
  ['no WithTranscoding', { WithTranscoding: null }, 'MissingParameter'],
  ['mixing', { WithTranscoding: 1 }, 'UnsupportedOperation'],
  ['video', { VideoParams: {} }, 'UnsupportedOperation'],
  ['a rate that AAC has and TRTC has not', encode({ SampleRate: 22050 }), 'InvalidParameterValue'],
  ['three channels', encode({ Channel: 3 }), 'InvalidParameterValue'],
  ['4 kbit/s', encode({ BitRate: 4 }), 'InvalidParameterValue'],
  ['parametric stereo of one channel', encode({ Codec: 2 }), 'InvalidParameter'],
  ['HE-AAC at 8 kHz', encode({ Codec: 1, SampleRate: 8000 }), 'InvalidParameter'],
  ['nobody to relay', { SingleSubscribeParams: null }, 'MissingParameter'],
  ['no destination', { PublishCdnParams: [] }, 'InvalidParameter'],
  ['eleven destinations', { PublishCdnParams: Array(11).fill({ PublishCdnUrl: 'rtmp://h/a', IsTencentCdn: 0 }) }, 'InvalidParameter'],
  ['a destination over TLS', { PublishCdnParams: [{ PublishCdnUrl: 'rtmps://h/a', IsTencentCdn: 0 }] }, 'InvalidParameter'],
  ['a destination taken for Tencent\'s own', { PublishCdnParams: [{ PublishCdnUrl: 'rtmp://h/a' }] }, 'UnsupportedOperation'],
  ['a parameter that does not exist', { DataFormat: 1 }, 'UnknownParameter']
]

for (const [name, changes, code] of publishFaults) {
  test(`a Start with ${name} gets ${code} and starts nothing`, async (t) => {
    const cloud = await startCloud(t)

    await assert.rejects(clientOf(cloud)('StartPublishCdnStream', start(changes)), { code })

    assert.deepEqual(cloud.tasks(), [])
  })
}

test('every fault of a removal has its code, with the parameter in it', async (t) => {
  const cloud = await startCloud(t)
  cloud.room(sdkAppId, 7).enter('a')
  const faults: [changes: Record<string, unknown>, code: string][] = [
    [{ SdkAppId: null }, 'MissingParameter.SdkAppId'],
    [{ RoomId: null }, 'MissingParameter.RoomId'],
    [{ UserIds: null }, 'MissingParameter.UserIds'],
    [{ RoomId: '7' }, 'InvalidParameter.RoomId'],
    [{ RoomId: 0 }, 'InvalidParameterValue.RoomId'],
    [{ UserIds: Array(11).fill('a') }, 'InvalidParameter.UserIds'],
    [{ UserIds: [7] }, 'InvalidParameter.UserIds']
  ]
  for (const [changes, code] of faults) {
    await assert.rejects(clientOf(cloud)('RemoveUser', { SdkAppId: sdkAppId, RoomId: 7, UserIds: ['a'], ...changes }), { code })
  }
  assert.ok(cloud.room(sdkAppId, 7).live)
})

test('an account without third-party relay is told so', async (t) => {
  const cloud = await startCloud(t, { thirdPartyRelay: 'denied' })

  await assert.rejects(clientOf(cloud)('StartPublishCdnStream', start()), { code: 'UnsupportedOperation' })
})

test('the 21st call of an action within a second is refused, other actions are not', async (t) => {
  const cloud = await startCloud(t)
  const call = clientOf(cloud)
  cloud.room(sdkAppId, 7).enter('a')

  const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => call('RemoveUser', { SdkAppId: sdkAppId, RoomId: 7, UserIds: ['nobody'] })))

  const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
  assert.ok(refused.length > 0 && refused.length <= 20, `${refused.length} of 40 were refused`)
  for (const { reason } of refused) assert.equal((reason as { code: string }).code, 'RequestLimitExceeded')
  await call('DismissRoom', { SdkAppId: sdkAppId, RoomId: 7 })
})

test('two keys of one sub-account share its limit of calls, whatever region they name, and each action has its own', async (t) => {
  const other = { secretId: 'AKIDOTHER', secretKey: 'other-cloud-key' }
  const stranger = { secretId: 'AKIDSTRANGER', secretKey: 'strange-cloud-key' }
  const cloud = await startCloud(t, { credentials: [{ ...credential, account: 'gateway' }, { ...other, account: 'gateway' }, stranger] })
  const stops = (keys: object, region: string, count: number) => Array.from({ length: count }, async () => {
    const answer = clientOf(cloud, { keys, region })('StopPublishCdnStream', { SdkAppId: sdkAppId, TaskId: 'unknown' })
    return await answer.then(() => 'done', (error: unknown) => (error as { code?: string }).code)
  })

  const codes = await Promise.all([...stops(credential, 'ap-guangzhou', 15), ...stops(other, 'ap-shanghai', 15), ...stops(stranger, 'ap-guangzhou', 15)])

  const [shared, alone] = [codes.slice(0, 30), codes.slice(30)]
  assert.ok(shared.filter((code) => code === 'RequestLimitExceeded').length > 0, 'neither key made 20 calls, but the account did')
  assert.ok(shared.filter((code) => code === 'ResourceNotFound').length >= 20)
  assert.deepEqual(new Set(alone), new Set(['ResourceNotFound']), 'a key of its own account has a limit of its own')
  const { TaskId } = await clientOf(cloud)('StartPublishCdnStream', start())
  const update = { SdkAppId: sdkAppId, TaskId, WithTranscoding: 0, SequenceNumber: 1 }
  assert.equal((await clientOf(cloud)('UpdatePublishCdnStream', update)).TaskId, TaskId)
})

test('a call that was told to fail fails once', async (t) => {
  const cloud = await startCloud(t)
  const call = clientOf(cloud)
  cloud.room(sdkAppId, 7).enter('a')
  cloud.failNext('DismissRoom', 'InternalError')

  await assert.rejects(call('DismissRoom', { SdkAppId: sdkAppId, RoomId: 7 }), { code: 'InternalError' })
  await call('DismissRoom', { SdkAppId: sdkAppId, RoomId: 7 })
})
