import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { test, type TestContext } from 'node:test'
import type { SourceEnd } from '../../../src/media/audio-sink.ts'
import { RtmpIngest } from '../../../src/rtmp/server/ingest.ts'
import { loadClip } from '../../../src/sandbox/audio/clips.ts'
import { startTrtcCloud, type TrtcCloud, type TrtcCloudOptions } from '../../../src/sandbox/trtc-cloud.ts'
import { CloudApi } from '../../../src/trtc/cloud-api.ts'
import { mintUserSig } from '../../../src/trtc/user-sig.ts'
import { startCallbackServer, type CallbackServer } from '../../helpers/trtc-callbacks.ts'

const sdkAppId = 1400000001
const secretKey = 'sandbox-secret-key'
const credential = { secretId: 'AKIDSANDBOX', secretKey: 'sandbox-cloud-key' }
/** Frames that say which they are, as nobody here decodes them. */
const clip = {
  config: loadClip('low').config,
  frames: Array.from({ length: 375 }, (_, index) => {
    const frame = Buffer.alloc(80)
    frame.writeUInt32BE(index)
    return frame
  })
}
const frameMs = 1024 / 48

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

interface Stage {
  cloud: TrtcCloud
  server: CallbackServer
  ingest: RtmpIngest
  port: number
  expect: (into?: RtmpIngest) => Stream
  start: (stream: Stream, options?: { anchor?: string, robot?: string, port?: number, maxIdleSeconds?: number }) => Promise<string>
  stop: (taskId: string) => Promise<void>
  status: (status: string) => Promise<unknown>
}

async function setStage (t: TestContext, options: Partial<TrtcCloudOptions> = {}): Promise<Stage> {
  const ingest = new RtmpIngest({ host: '127.0.0.1', port: 0 })
  const port = await ingest.listen()
  t.after(() => ingest.close())
  const server = await startCallbackServer(t)
  const cloud = await startTrtcCloud({
    apps: [{ sdkAppId, secretKey, callbackKey: 'callbackKey', callbackUrl: server.url }],
    credentials: [credential],
    relayTimings: { retryMs: 20 },
    ...options
  })
  t.after(() => cloud.close())
  const api = new CloudApi({ ...credential, region: 'ap-guangzhou', endpoint: cloud.endpoint })
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
    start: async (stream, { anchor = 'anchor_001', robot = `robot-${stream.key.slice(0, 8)}`, port: at = port, maxIdleSeconds = 60 } = {}) => {
      const userSig = mintUserSig({ sdkAppId, secretKey, userId: robot, expireSeconds: 3600, nowMs: Date.now() })
      const url = `rtmp://127.0.0.1:${at}/trtc/${stream.key}`
      const request = { sdkAppId, roomId: 'room-7f3a', anchorUserId: anchor, robot: { userId: robot, userSig }, url, maxIdleSeconds }
      return (await api.startPublishCdnStream(request, t)).taskId
    },
    stop: (taskId) => api.stopPublishCdnStream({ sdkAppId, taskId }, t),
    status: (status) => server.next(({ event }) => event.kind === 'relayStatus' && event.status === status)
  }
}

/** The relay's states in the order they were told, repeats left out. */
function statesOf ({ server }: Stage): string[] {
  const states = server.received.flatMap(({ event }) => event.kind === 'relayStatus' ? [event.status] : [])
  return states.filter((state, index) => state !== states[index - 1])
}

test('a relay pushes what the anchor says, frame by frame, until it is stopped', async (t) => {
  const stage = await setStage(t)
  const room = stage.cloud.room(sdkAppId, 'room-7f3a')
  const stream = stage.expect()
  const taskId = await stage.start(stream)
  await stage.status('running')

  room.enter('anchor_001').talk(clip)
  await stream.frames(20)
  const ended = once(stream, 'end')
  await stage.stop(taskId)
  await ended
  await stage.cloud.settled()

  assert.deepEqual(statesOf(stage), ['connecting', 'running', 'disconnecting', 'idle'])
  for (const [index, { frame, timestampMs }] of stream.heard.entries()) {
    assert.equal(frame, (stream.heard[0]!.frame + index) % clip.frames.length, 'no frame is missing')
    assert.ok(Math.abs(timestampMs - stream.heard[0]!.timestampMs - index * frameMs) <= 1, 'timestamps follow the frames')
  }
})

test('what is heard tells the moment of the room, also after a mute and a new visit, and silence is a step of the timestamps', async (t) => {
  const stage = await setStage(t)
  const room = stage.cloud.room(sdkAppId, 'room-7f3a')
  room.enter('viewer', { role: 'audience' })
  const stream = stage.expect()
  await stage.start(stream)
  await stage.status('running')

  const anchor = room.enter('anchor_001')
  anchor.talk(clip)
  await stream.frames(5)
  anchor.mute()
  const beforeMute = stream.heard.length
  const other = room.enter('other')
  const otherStream = stage.expect()
  await stage.start(otherStream, { anchor: 'other' })
  other.talk(clip)
  await otherStream.frames(10)
  assert.equal(stream.heard.length, beforeMute, 'a muted anchor is not pushed')
  anchor.unmute()
  await stream.frames(5)
  anchor.leave()
  await otherStream.frames(10)
  room.enter('anchor_001').talk(clip)
  await stream.frames(5)

  const first = stream.heard[0]!
  for (const { frame, timestampMs } of stream.heard) {
    // frame n of the clip is that of the room's clock, so frames and timestamps advance together over every silence
    const steps = (frame - first.frame + clip.frames.length) % clip.frames.length
    assert.ok(Math.abs(timestampMs - first.timestampMs - steps * frameMs) <= 1, `frame ${frame} at ${timestampMs} ms`)
  }
  const jumps = stream.heard.slice(1).filter(({ timestampMs }, index) => timestampMs - stream.heard[index]!.timestampMs > 100)
  assert.equal(jumps.length, 2)
  assert.equal(stage.ingest.stats().publishedTotal, 2, 'the connection stayed through both')
})

test('a relay that lost its connection comes back on the same clock', async (t) => {
  const stage = await setStage(t)
  const room = stage.cloud.room(sdkAppId, 'room-7f3a')
  const stream = stage.expect()
  await stage.start(stream)
  room.enter('anchor_001').talk(clip)
  await stream.frames(3)

  stage.ingest.forget(stream.key)
  await stage.status('recovering')
  stage.ingest.expect(stream.key, stream)
  await stream.frames(3)

  const [first, last] = [stream.heard[0]!, stream.heard.at(-1)!]
  const steps = (last.frame - first.frame + clip.frames.length) % clip.frames.length
  assert.ok(Math.abs(last.timestampMs - first.timestampMs - steps * frameMs) <= 1)
  await stage.cloud.settled()
  assert.deepEqual(statesOf(stage), ['connecting', 'running', 'recovering', 'running'])
})

test('a connection\'s timestamps can be made to begin anew', async (t) => {
  const stage = await setStage(t, { quirks: { restartTimestamps: true } })
  const stream = stage.expect()
  await stage.start(stream)
  stage.cloud.room(sdkAppId, 'room-7f3a').enter('anchor_001').talk(clip)
  await stream.frames(20)
  const before = stream.heard.length

  stage.ingest.forget(stream.key)
  stage.ingest.expect(stream.key, stream)
  await stream.frames(3)

  assert.ok(stream.heard[before]!.timestampMs < stream.heard[before - 1]!.timestampMs)
})

test('a destination that stays away is given up, and told every so often', async (t) => {
  const stage = await setStage(t, { relayTimings: { retryMs: 10, statusMs: 50, giveUpMs: 230 }, quirks: { relayTimeField: 'EventTsMs' } })

  await stage.start(stage.expect(), { port: 1 })
  await stage.status('idle')

  const states = stage.server.received.flatMap(({ event }) => event.kind === 'relayStatus' ? [event.status] : [])
  assert.deepEqual([states.filter((state) => state === 'connecting').length >= 3, statesOf(stage)], [true, ['connecting', 'failed', 'idle']])
  const body = JSON.parse(stage.server.received[0]!.raw.toString()) as { EventInfo: object }
  assert.deepEqual(Object.keys(body.EventInfo), ['RoomId', 'RoomType', 'EventTsMs', 'UserId', 'TaskId', 'Payload'])
})

test('a relay ends when its anchor has been away, or audience, for the idle time', async (t) => {
  const stage = await setStage(t, { relayTimings: { retryMs: 10, idleUnitMs: 20 } })
  const room = stage.cloud.room(sdkAppId, 'room-7f3a')
  room.enter('host')
  const anchor = room.enter('anchor_001')
  const stream = stage.expect()
  await stage.start(stream, { maxIdleSeconds: 5 })
  anchor.talk(clip)
  await stream.frames(10)
  assert.equal(stage.cloud.tasks()[0]!.endedBy, undefined, 'it has been there for twice the idle time')

  anchor.switchRole('audience')
  await stage.status('idle')

  assert.equal(stage.cloud.tasks()[0]!.endedBy, 'idle')
})

test('a silent connection can be made to be hung up', async (t) => {
  const stage = await setStage(t, { quirks: { disconnectWhenQuiet: true } })
  const stream = stage.expect()
  const anchor = stage.cloud.room(sdkAppId, 'room-7f3a').enter('anchor_001')
  await stage.start(stream)

  anchor.talk(clip)
  await stream.frames(2)
  const ended = once(stream, 'end')
  anchor.mute()
  await ended
  anchor.unmute()
  await stream.frames(2)

  assert.equal(stage.ingest.stats().publishedTotal, 2)
})
