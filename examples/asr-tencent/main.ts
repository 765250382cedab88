import { serve } from '../receiver/serve.ts'
import { linkTo } from './link.ts'
import { recognition } from './recognition.ts'

/*
 * Has Tencent's ASR recognize each segment as soon as it is stored, by Tencent's own clients (tencentcloud-sdk-nodejs-common, cos-nodejs-sdk-v5):
 *
 *   CALLBACK_SECRET=whsec_… COS_REGION=ap-guangzhou COS_SECRET_ID=… COS_SECRET_KEY=… ASR_SECRET_ID=… ASR_SECRET_KEY=… \
 *   node examples/asr-tencent/main.ts
 *
 * It is the receiver of an endpoint with the types ["segment.uploaded"]. Each segment is linked for an hour (LINK_SECONDS) with the COS key of this
 * program, which needs to read only; ASR_ENGINE (16k_zh) is the model, ASR_CALLBACK_URL where Tencent posts what it has heard. It prints a line of
 * JSON for each task. Two tasks of one segment are made only if it is killed between making the task and noting it: Tencent has no key for that.
 */

interface Event {
  Type: string
  RecordingId: string
  Segment: { UserId: string, TrackId: string, Seq: number, StartMs: number, Label: string, Bucket: string, Key: string }
}

const env = process.env

function required (name: string): string {
  const value = env[name]
  if (value === undefined || value === '') throw new Error(`${name} is not set`)
  return value
}

const link = linkTo({
  secretId: required('COS_SECRET_ID'),
  secretKey: required('COS_SECRET_KEY'),
  region: required('COS_REGION'),
  seconds: Number(env.LINK_SECONDS ?? 3600),
  ...env.COS_ENDPOINT !== undefined && { endpoint: env.COS_ENDPOINT }
})
const recognize = recognition({
  secretId: required('ASR_SECRET_ID'),
  secretKey: required('ASR_SECRET_KEY'),
  region: env.ASR_REGION ?? 'ap-guangzhou',
  endpoint: env.ASR_ENDPOINT ?? 'asr.tencentcloudapi.com',
  engine: env.ASR_ENGINE ?? '16k_zh',
  ...env.ASR_CALLBACK_URL !== undefined && { callbackUrl: env.ASR_CALLBACK_URL }
})

await serve({
  secrets: required('CALLBACK_SECRET'),
  host: env.HOST ?? '127.0.0.1',
  port: Number(env.PORT ?? 9001),
  idsFile: env.IDS_FILE ?? 'recognized-ids',
  async take ({ body }) {
    const { Type, RecordingId, Segment } = JSON.parse(body.toString()) as Event
    // Other events are none of ours. Of a segment in a folder there is no link.
    if (Type !== 'segment.uploaded' || Segment.Bucket === '') return
    const { UserId, TrackId, Seq, StartMs, Label, Bucket, Key } = Segment
    const TaskId = await recognize(link(Bucket, Key))
    console.log(JSON.stringify({ TaskId, RecordingId, UserId, TrackId, Seq, StartMs, Label }))
  }
})
