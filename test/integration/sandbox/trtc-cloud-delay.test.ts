import assert from 'node:assert/strict'
import { once } from 'node:events'
import { suite, test, type TestContext } from 'node:test'
import type { Room } from '../../../src/sandbox/cloud/room.ts'
import type { Speaker } from '../../../src/sandbox/speaker.ts'
import type { TrtcCloudOptions } from '../../../src/sandbox/trtc-cloud.ts'
import { clip, frameMs, sdkAppId, setStage, statesOf } from '../../helpers/relay-stage.ts'

/** Longer than a busy machine stands still, so that an event overtakes the audio. */
const audioDelayMs = 1_000

/** An anchor who talks, in a room that somebody else keeps, and whose first frames have come through the relay. */
async function startTalking (t: TestContext, options: Partial<TrtcCloudOptions> = {}) {
  const stage = await setStage(t, { audioDelayMs, ...options })
  const room = stage.cloud.room(sdkAppId, 'room-7f3a')
  room.enter('host')
  const anchor = room.enter('anchor_001')
  const stream = stage.expect()
  const taskId = await stage.start(stream, { maxIdleSeconds: 5 })
  await stage.status('running')
  anchor.talk(clip)
  await stream.frames(5)
  /** The number of the newest frame that was surely said by now. */
  const saidFrame = () => Math.floor((Date.now() - room.startMs) / frameMs - 1) % clip.frames.length
  const heard = (frame: number) => stream.heard.some((each) => each.frame === frame)
  return { ...stage, stage, room, anchor, stream, taskId, saidFrame, heard }
}

const endings: Record<string, { kind: string, does: (anchor: Speaker, room: Room) => void }> = {
  'the anchor leaves': { kind: 'userLeft', does: (anchor) => { anchor.leave() } },
  'the anchor is muted': { kind: 'audioStopped', does: (anchor) => { anchor.mute() } },
  'the room is dismissed': { kind: 'roomDismissed', does: (_, room) => { room.dismiss() } }
}

suite('the audio of a relay comes late', { concurrency: true }, () => {
  test('a relay pushes each frame late by the same time, and its timestamps follow the frames', async (t) => {
    const { room, stream } = await startTalking(t)
    await stream.frames(20)
    const late = Date.now() - room.startMs - (stream.heard.at(-1)!.frame + 1) * frameMs

    assert.ok(late >= audioDelayMs - 5, `a frame came ${late} ms after it was said`)
    const [first] = stream.heard
    // the first frame is the one that sounds when the talk begins, so it may begin a frame earlier
    assert.ok(first!.timestampMs >= audioDelayMs - frameMs, `the relay's clock has run while the frame was under way, to ${first!.timestampMs}`)
    for (const [index, { frame, timestampMs }] of stream.heard.entries()) {
      assert.equal(frame, first!.frame + index)
      assert.ok(Math.abs(timestampMs - first!.timestampMs - index * frameMs) <= 1)
    }
  })

  test('a speaker\'s clock that stands still makes no step in the timestamps, and what was said before it comes first', async (t) => {
    const { anchor, stream, saidFrame } = await startTalking(t)
    const last = saidFrame()

    anchor.stall(400)
    while (stream.heard.at(-1)!.frame <= last + 5) await once(stream, 'frame')

    const steps = stream.heard.slice(1).map(({ frame, timestampMs }, index) => {
      const before = stream.heard[index]!
      return { frames: frame - before.frame, ms: timestampMs - before.timestampMs }
    })
    assert.ok(steps.every(({ ms }) => Math.abs(ms - frameMs) <= 1), JSON.stringify(steps))
    assert.deepEqual(steps.filter(({ frames }) => frames !== 1).map(({ frames }) => frames), [1 + Math.round(400 / frameMs)])
  })

  for (const [name, { kind, does }] of Object.entries(endings)) {
    test(`what was said before ${name} still arrives after that was told`, async (t) => {
      const { anchor, room, stream, server, saidFrame, heard } = await startTalking(t)
      const last = saidFrame()

      does(anchor, room)
      await server.next(({ event }) => event.kind === kind)
      assert.equal(heard(last), false, 'the event was told before the audio came')
      while (!heard(last)) await once(stream, 'frame')
    })
  }

  test('a relay whose room was dismissed hangs up when all that was said has come', async (t) => {
    const { cloud, stage, room, stream, saidFrame, heard } = await startTalking(t)
    const last = saidFrame()
    const ended = once(stream, 'end')

    room.dismiss()
    assert.equal(cloud.tasks()[0]!.endedBy, undefined, 'it still pushes')
    await ended
    await cloud.settled()

    assert.ok(heard(last))
    assert.deepEqual([cloud.tasks()[0]!.endedBy, statesOf(stage)], ['dismissed', ['connecting', 'running', 'disconnecting', 'idle']])
  })

  test('a relay whose idle time is over before its audio pushes that first', async (t) => {
    const { cloud, anchor, stream, saidFrame, heard } = await startTalking(t, { relayTimings: { retryMs: 10, idleUnitMs: 1 } })
    const last = saidFrame()
    const ended = once(stream, 'end')

    anchor.leave()
    await ended
    await cloud.settled()

    assert.deepEqual([heard(last), cloud.tasks()[0]!.endedBy], [true, 'idle'])
  })

  test('a Stop cuts off at once what is under way, also after the room was dismissed', async (t) => {
    for (const dismissed of [false, true]) {
      const { cloud, room, stream, taskId, stop, saidFrame, heard } = await startTalking(t)
      const last = saidFrame()
      const ended = once(stream, 'end')

      if (dismissed) room.dismiss()
      await stop(taskId)
      await ended

      assert.deepEqual([heard(last), cloud.tasks()[0]!.endedBy], [false, 'stopped'])
    }
  })

  test('a room that begins anew is not heard by a relay that still pushes the end of the room before', async (t) => {
    const { room, stream, saidFrame, heard } = await startTalking(t)
    const last = saidFrame()
    const ended = once(stream, 'end')

    room.dismiss()
    room.enter('anchor_001').talk({ ...clip, frames: clip.frames.map(() => Buffer.alloc(80, 0xff)) })
    await ended

    assert.deepEqual([heard(last), heard(0xffffffff)], [true, false])
  })

  test('each relay can have a delay of its own', async (t) => {
    const { room, stream, stage } = await startTalking(t, { audioDelayMs: ({ anchorUserId }) => anchorUserId === 'late' ? audioDelayMs : 0 })
    const lateStream = stage.expect()
    await stage.start(lateStream, { anchor: 'late' })
    await stage.status('running')

    const before = stream.heard.length
    room.enter('late').talk(clip)
    await lateStream.frames(1)

    const meanwhile = (stream.heard.length - before) * frameMs
    assert.ok(meanwhile > audioDelayMs / 2, `${meanwhile} ms of the other's audio came meanwhile`)
  })
})
