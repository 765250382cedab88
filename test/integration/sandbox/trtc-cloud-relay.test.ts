import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { RtmpIngest } from '../../../src/rtmp/server/ingest.ts'
import { clip, frameMs, sdkAppId, setStage, statesOf } from '../../helpers/relay-stage.ts'

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

test('an ingest that was lost for longer than the relay tries is told as failed and idle, and an Update brings the audio to another', async (t) => {
  const stage = await setStage(t, { relayTimings: { retryMs: 10, statusMs: 50, giveUpMs: 230 } })
  const stream = stage.expect()
  const taskId = await stage.start(stream)
  stage.cloud.room(sdkAppId, 'room-7f3a').enter('anchor_001').talk(clip)
  await stream.frames(3)

  await stage.ingest.close()
  await stage.status('idle')
  await stage.cloud.settled()

  const told = ['connecting', 'running', 'recovering', 'failed', 'idle']
  assert.deepEqual([statesOf(stage), stage.cloud.tasks()[0]!.endedBy], [told, undefined])
  const ingest = new RtmpIngest({ host: '127.0.0.1', port: 0 })
  t.after(() => ingest.close())
  const port = await ingest.listen()
  const other = stage.expect(ingest)
  await stage.update(taskId, 1, other, port)
  await other.frames(3)
  await stage.cloud.settled()
  assert.deepEqual(statesOf(stage), [...told, 'connecting', 'running'])
})

test('an ingest that comes back within the time that the relay tries gets the audio again', async (t) => {
  const stage = await setStage(t, { relayTimings: { retryMs: 10, statusMs: 30 } })
  const stream = stage.expect()
  await stage.start(stream)
  stage.cloud.room(sdkAppId, 'room-7f3a').enter('anchor_001').talk(clip)
  await stream.frames(3)

  await stage.ingest.close()
  await stage.status('recovering')
  await stage.status('recovering')
  const ingest = new RtmpIngest({ host: '127.0.0.1', port: stage.port })
  t.after(() => ingest.close())
  await ingest.listen()
  ingest.expect(stream.key, stream)
  await stream.frames(3)
  await stage.cloud.settled()

  assert.deepEqual(statesOf(stage), ['connecting', 'running', 'recovering', 'running'])
})

test('a relay ends when its anchor has been away, or audience, for the idle time', async (t) => {
  const stage = await setStage(t, { relayTimings: { retryMs: 10, idleUnitMs: 20 }, quirks: { silentIdleEnd: false } })
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
  assert.deepEqual(statesOf(stage).slice(-3), ['running', 'disconnecting', 'idle'])
})

test('a relay that ends for want of its anchor can hang up without a 401, and one that is stopped still sends its own', async (t) => {
  const stage = await setStage(t, { relayTimings: { retryMs: 10, idleUnitMs: 10 }, quirks: { silentIdleEnd: true } })
  const room = stage.cloud.room(sdkAppId, 'room-7f3a')
  room.enter('host')
  const anchor = room.enter('anchor_001')
  const stream = stage.expect()
  await stage.start(stream, { maxIdleSeconds: 5 })
  await stage.status('running')

  const ended = once(stream, 'end')
  anchor.leave()
  await ended
  await stage.cloud.settled()
  assert.deepEqual([stage.cloud.tasks()[0]!.endedBy, statesOf(stage)], ['idle', ['connecting', 'running']])
  const taskId = await stage.start(stage.expect(), { anchor: 'host' })
  await stage.status('running')
  await stage.stop(taskId)
  await stage.status('idle')
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
