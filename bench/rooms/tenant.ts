import { setTimeout as sleep } from 'node:timers/promises'
import { startCosServer, type CosServer } from '../../src/sandbox/cos-server.ts'
import { startReceiver, type Receiver } from '../../src/sandbox/receiver.ts'
import { answerCalls } from '../capture/answer-calls.ts'
import type { TenantCalls } from './calls.ts'

/** A callback that was accepted. */
export interface Receipt {
  receivedMs: number
  signature: string
  /** It had been accepted before. */
  duplicate: boolean
  body: EndedBody
}

/** A callback that told of a segment. Times are Unix milliseconds. */
export interface SegmentReceipt { endMs: number, writtenMs: number, receivedMs: number, signature: string }

/** What the bench reads of the body of an end's callback. */
export interface EndedBody {
  Id: string
  Type: string
  TimestampMs: number
  RecordingId: string
  Reason: string
  Message: string
  StartMs: number
  Files: { UserId: string, Key: string, Status: number, Message: string, Bytes: number, DurationMs: number, Partial: boolean }[]
}

/** A process that is the tenant's: a bucket, and a receiver that says yes to every callback that is signed. */
let cos: CosServer | undefined
let receiver: Receiver | undefined
const receipts: Receipt[] = []
const segments: SegmentReceipt[] = []
const ended = new Set<string>()
const pollMs = 20

function isSegment (body: unknown): body is { Type: 'segment.uploaded', TimestampMs: number, Segment: { EndMs: number } } {
  return (body as { Type: string }).Type === 'segment.uploaded'
}

answerCalls<TenantCalls>({
  start: async ({ bucket, secretId, secretKey }) => {
    cos = await startCosServer({ buckets: [bucket], credentials: [{ secretId, secretKey }] })
    receiver = await startReceiver({
      respond: ({ receivedMs, signature, duplicate, body }) => {
        if (isSegment(body)) {
          if (!duplicate) segments.push({ endMs: body.Segment.EndMs, writtenMs: body.TimestampMs, receivedMs, signature })
          return { status: 200 }
        }
        const receipt = { receivedMs, signature, duplicate, body: body as EndedBody }
        receipts.push(receipt)
        ended.add(receipt.body.RecordingId)
        return { status: 200 }
      }
    })
    return { cosUrl: cos.url, callbackUrl: receiver.url }
  },

  trust: async ({ secret }) => {
    receiver?.trust(secret)
    return null
  },

  ended: async ({ recordings, limitMs }) => {
    const untilMs = performance.now() + limitMs
    while (ended.size < recordings && performance.now() < untilMs) await sleep(pollMs)
    return null
  },

  report: async ({ bucket }) => ({ receipts, segments, objects: cos?.list(bucket).map(({ key, bytes }) => ({ key, bytes })) ?? [] })
}, async () => {
  await receiver?.close()
  await cos?.close()
})
