import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import COS from 'cos-nodejs-sdk-v5'
import type { CallbackEvent } from '../../../src/callback/events.ts'
import { startAsrCloud } from '../../helpers/asr-cloud.ts'
import { segmentEvent, startCallbacks } from '../../helpers/callbacks.ts'
import { bucket, startCos, temporaryFolder } from '../../helpers/cos.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { startExample } from '../../helpers/example.ts'
import { eventually } from '../../helpers/world.ts'

const audio = join(import.meta.dirname, '../../../src/sandbox/audio/teacher.aac')
const asrKey = { secretId: 'AKIDasr', secretKey: 'asr-secret-of-the-tests' }
const ownKey = { secretId: 'AKIDreader', secretKey: 'cos-secret-of-the-reader' }
const gatewayKey = { secretId: 'AKIDgateway', secretKey: 'cos-secret-of-the-gateway' }

type Segment = Extract<CallbackEvent, { Type: 'segment.uploaded' }>

function segmentIn (folder: string, seq: number): Segment {
  const event = segmentEvent('rec_1', { userId: '主播一', label: 'strict' }) as Segment
  return { ...event, Segment: { ...event.Segment, Seq: seq, Bucket: bucket, Key: `${folder}/主播 一/segments/0000000${seq}_5.aac` } }
}

onBothDatabases('the ASR example makes one task of each segment, with a link of its own key that ends soon, and says nothing of either', async (t, open) => {
  const { kysely, secret, endpoint, tell } = await startCallbacks(t, (await open(t)).kysely, { delayMs: ({ retryAfterMs = 0 }) => retryAfterMs })
  const cos = await startCos(t, { credentials: [gatewayKey, { ...ownKey, prefix: 'lessons/' }] })
  const asr = await startAsrCloud(t, asrKey)
  const content = await readFile(audio)
  const segments = [1, 2].map((seq) => segmentIn('lessons', seq))
  const gateway = new COS({ SecretId: gatewayKey.secretId, SecretKey: gatewayKey.secretKey, Domain: `${cos.url}/{Bucket}` })
  for (const { Segment: { Key } } of segments) await gateway.putObject({ Bucket: bucket, Region: 'ap-guangzhou', Key, Body: content })
  const example = await startExample(t, 'asr-tencent/main.ts', {
    CALLBACK_SECRET: secret,
    IDS_FILE: join(await temporaryFolder(t), 'ids'),
    COS_REGION: 'ap-guangzhou',
    COS_ENDPOINT: cos.url,
    COS_SECRET_ID: ownKey.secretId,
    COS_SECRET_KEY: ownKey.secretKey,
    LINK_SECONDS: '600',
    ASR_ENDPOINT: asr.url,
    ASR_SECRET_ID: asrKey.secretId,
    ASR_SECRET_KEY: asrKey.secretKey,
    ASR_CALLBACK_URL: 'https://asr.example.com/heard'
  })
  await endpoint(example.url, { sealedSecrets: null })
  asr.refuseNext('RequestLimitExceeded.UinLimitExceeded', 'InternalError.ErrorDownFile', 'InvalidParameterValue.ErrorInvalidUrl')

  // The second endpoint sends everything twice.
  await endpoint(example.url, { sealedSecrets: null })
  const startedSeconds = Math.floor(Date.now() / 1_000)
  await tell({ event: segments[0]! })
  const printed = [await example.next()]
  await tell({ event: { ...segmentIn('lessons', 9), Segment: { ...segments[0]!.Segment, Bucket: '' } } }, { event: segments[1]! })
  printed.push(await example.next())
  await eventually(async () => {
    const rows = await kysely.selectFrom('deliveries').select('lastStatus').where('state', '=', 'delivered').execute()
    return rows.length === 6 || undefined
  })

  const expected = (TaskId: number, Seq: number): object => ({ TaskId, RecordingId: 'rec_1', UserId: '主播一', TrackId: 'trk_1', Seq, StartMs: 0, Label: 'strict' })
  assert.deepEqual(printed.map((line) => JSON.parse(line) as object), [expected(4, 1), expected(5, 2)])
  const sha256 = createHash('sha256').update(content).digest('hex')
  assert.equal(asr.asked.length, 5)
  for (const { action, version, region, params: { Url, ...params }, ...heard } of asr.asked) {
    assert.deepEqual([action, version, region], ['CreateRecTask', '2019-06-14', 'ap-guangzhou'])
    assert.deepEqual(params, { EngineModelType: '16k_zh', ChannelNum: 1, ResTextFormat: 0, SourceType: 0, CallbackUrl: 'https://asr.example.com/heard' })
    assert.deepEqual(heard, { status: 200, sha256 })
    const [, from, to] = /q-ak=AKIDreader&q-sign-time=(\d+);(\d+)&/.exec(decodeURIComponent(Url)) ?? []
    assert.ok(Number(to) - Number(from) === 600 && Math.abs(Number(from) - startedSeconds) < 60, Url)
  }
  const refused = await kysely.selectFrom('attempts').select('status').where('status', '!=', 204).execute()
  assert.deepEqual(new Set(refused.map(({ status }) => status)), new Set([429, 503, 422]))
  assert.doesNotMatch(example.said(), /q-sign|q-ak|-secret-of-the-|whsec_/)
})

onBothDatabases('a link that ASR could not take is refused by the example itself', async (t, open) => {
  const { kysely, secret, endpoint, tell } = await startCallbacks(t, (await open(t)).kysely)
  const asr = await startAsrCloud(t, asrKey)
  const example = await startExample(t, 'asr-tencent/main.ts', {
    CALLBACK_SECRET: secret,
    IDS_FILE: join(await temporaryFolder(t), 'ids'),
    COS_REGION: 'ap-guangzhou',
    COS_SECRET_ID: ownKey.secretId,
    COS_SECRET_KEY: ownKey.secretKey,
    ASR_ENDPOINT: asr.url,
    ASR_SECRET_ID: asrKey.secretId,
    ASR_SECRET_KEY: asrKey.secretKey
  })
  await endpoint(example.url, { sealedSecrets: null })

  await tell({ event: segmentIn('课'.repeat(220), 1) })
  const { status } = await eventually(async () => kysely.selectFrom('attempts').select('status').executeTakeFirst())

  assert.equal(status, 422)
  assert.deepEqual(asr.asked, [])
})
