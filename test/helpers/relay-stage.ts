import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import type { TestContext } from 'node:test'
import type { SourceEnd } from '../../src/media/audio-sink.ts'
import { CommonClient } from 'tencentcloud-sdk-nodejs-common'
import { RtmpIngest } from '../../src/rtmp/server/ingest.ts'
import { loadClip } from '../../src/sandbox/audio/clips.ts'
import { startTrtcCloud, type TrtcCloud, type TrtcCloudOptions } from '../../src/sandbox/trtc-cloud.ts'
import { CloudApi } from '../../src/trtc/cloud-api.ts'
import { mintUserSig } from '../../src/trtc/user-sig.ts'
import { startCallbackServer, type CallbackServer } from './trtc-callbacks.ts'

export const sdkAppId = 1400000001
const secretKey = 'sandbox-secret-key'
const credential = { secretId: 'AKIDSANDBOX', secretKey: 'sandbox-cloud-key' }
/** Frames that say which they are, as nobody here decodes them. */
export const clip = {
  config: loadClip('low').config,
  frames: Array.from({ length: 375 }, (_, index) => {
    const frame = Buffer.alloc(80)
    frame.writeUInt32BE(index)
    return frame
  })
}
export const frameMs = 1024 / 48

interface Heard {
  /** Which of the clip's frames it was. */
  frame: number
  timestampMs: number
}

/** One stream key of an ingest, and what came in on it. */
class Stream extends EventEmitter<{ frame: [Heard], end: [SourceEnd], configured: [] }> {
  readonly key = randomBytes(16).toString('hex')
  readonly heard: Heard[] = []

  configure (): void {
    this.emit('configured')
  }

  write (bytes: Uint8Array, start: number, _end: number, timestampMs: number): void {
    const heard = { frame: Buffer.from(bytes).readUInt32BE(start), timestampMs }
    this.heard.push(heard)
    this.emit('frame', heard)
  }

  end (reason: SourceEnd): void {
    this.emit('end', reason)
  }

  async frames (count: number): Promise<void> {
    const enough = this.heard.length + count
    while (this.heard.length < enough) await once(this, 'frame')
  }
}

interface StartOptions {
  anchor?: string
  robot?: string
  port?: number
  maxIdleSeconds?: number
  /** Gives the call up; the end of the test unless given. */
  signal?: AbortSignal
}

interface Stage {
  cloud: TrtcCloud
  server: CallbackServer
  ingest: RtmpIngest
  port: number
  expect: (into?: RtmpIngest) => Stream
  /** Starts a relay into this stream. @returns its TaskId */
  start: (stream: Stream, options?: StartOptions) => Promise<string>
  stop: (taskId: string, signal?: AbortSignal) => Promise<unknown>
  /** Has the relay push into this stream instead. @param sequenceNumber has to grow with each update of a task */
  update: (taskId: string, sequenceNumber: number, stream: Stream, port?: number) => Promise<unknown>
  status: (status: string) => Promise<unknown>
}

/** A cloud whose events go to a server, and an ingest that its relays push to. */
export async function setStage (t: TestContext, options: Partial<TrtcCloudOptions> = {}, client: { timeoutSeconds?: number } = {}): Promise<Stage> {
  const ingest = new RtmpIngest({ host: '127.0.0.1', port: 0 })
  const port = await ingest.listen()
  t.after(() => ingest.close())
  const server = await startCallbackServer(t)
  const cloud = await startTrtcCloud({
    apps: [{ sdkAppId, secretKey, callbackKey: 'callbackKey', callbackUrl: server.url }],
    credentials: [credential],
    relayTimings: { retryMs: 20 },
    audioDelayMs: 0,
    ...options
  })
  t.after(() => cloud.close())
  const api = new CloudApi({ ...credential, region: 'ap-guangzhou', endpoint: cloud.endpoint, ...client })
  const plain = new CommonClient(new URL(cloud.endpoint).host, '2019-07-22', { credential, region: 'ap-guangzhou', profile: { httpProfile: { protocol: 'http://' } } })
  const urlOf = ({ key }: Stream, at = port) => `rtmp://127.0.0.1:${at}/trtc/${key}`
  return {
    cloud,
    server,
    ingest,
    port,
    expect: (into = ingest) => {
      const stream = new Stream()
      into.expect(stream.key, stream)
      return stream
    },
    start: async (stream, { anchor = 'anchor_001', robot = `robot-${stream.key.slice(0, 8)}`, port: at, maxIdleSeconds = 60, signal = t.signal } = {}) => {
      const userSig = mintUserSig({ sdkAppId, secretKey, userId: robot, expireSeconds: 3600, nowMs: Date.now() })
      const request = { sdkAppId, roomId: 'room-7f3a', anchorUserId: anchor, robot: { userId: robot, userSig }, url: urlOf(stream, at), maxIdleSeconds }
      return (await api.startPublishCdnStream(request, { signal })).taskId
    },
    stop: (taskId, signal = t.signal) => api.stopPublishCdnStream({ sdkAppId, taskId }, { signal }),
    update: (taskId, sequenceNumber, stream, at) => plain.request('UpdatePublishCdnStream', {
      SdkAppId: sdkAppId,
      TaskId: taskId,
      SequenceNumber: sequenceNumber,
      WithTranscoding: 0,
      PublishCdnParams: [{ PublishCdnUrl: urlOf(stream, at), IsTencentCdn: 0 }]
    }),
    status: (status) => server.next(({ event }) => event.kind === 'relayStatus' && event.status === status)
  }
}

/** The relay's states in the order they were told, repeats left out. */
export function statesOf ({ server }: Stage): string[] {
  const states = server.received.flatMap(({ event }) => event.kind === 'relayStatus' ? [event.status] : [])
  return states.filter((state, index) => state !== states[index - 1])
}
