import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadClip, secondOfTone, toneClips, toneSeconds } from '../../src/sandbox/audio/clips.ts'
import { spawnGateway } from '../helpers/gateway-process.ts'
import { listen, tonesHeard } from '../helpers/listen.ts'
import { asTimeline } from '../helpers/timeline.ts'
import { bucket, call, environment, eventually, provision, sdkAppId, startOutside, temporaryFolder } from '../helpers/world.ts'

interface CallbackFile { UserId: string, Key: string, StartMs: number, EndMs: number, Partial: boolean }
interface Callback { Type: string, Reason: string, Files: CallbackFile[] }

/** What a machine that is busy adds; test/integration/tracks/tones.test.ts looks closer. */
const toleranceMs = 200

test('a killed gateway goes on after its restart, and all but the last second before the kill is kept; a pause stays one', async (t) => {
  const outside = await startOutside(t)
  const env = environment(outside, await temporaryFolder(t))
  const first = await spawnGateway(t, env)
  const { key } = await provision(first.url, first.adminToken, outside)
  const order = { SdkAppId: sdkAppId, RoomId: 4711, UserId: 'rec_1', Callback: outside.receiver.url }
  const start = await call(first.url, '/v1/recordings', { method: 'POST', token: key, body: order })
  const recording = `/v1/recordings/${String(start.body.RecordingId)}`
  await call(first.url, `${recording}/pause`, { method: 'POST', token: key, body: { UserIds: ['quiet'] } })
  const room = outside.cloud.room(sdkAppId, 4711)
  room.enter('speaker').talk(loadClip('low'))
  room.enter('quiet').talk(loadClip('high'))
  const pushing = () => outside.cloud.tasks().filter(({ pushes, endedBy }) => endedBy === undefined && pushes.some(({ status }) => status === 2))
    .map(({ anchorUserId }) => anchorUserId)
  await eventually(async () => pushing().length === 2 || undefined, { signal: AbortSignal.timeout(15_000) })
  await sleep(4_000) // four seconds of talk

  const killedMs = Date.now()
  await first.kill()
  const second = await spawnGateway(t, env)
  outside.cloud.setCallbackUrl(sdkAppId, new URL('/trtc/events', second.url).href)
  const live = await eventually(async () => {
    const { body } = await call<{ Tracks: { UserId: string, State: string, Paused: boolean }[] }>(second.url, recording, { token: key })
    const open = body.Tracks.filter(({ State }) => State === 'Open')
    for (const { UserId, Paused } of open) assert.equal(Paused, UserId === 'quiet')
    return body.Tracks.length === 2 && open.length === 2 && new Set(pushing()).size === 2 ? Date.now() : undefined
  }, { signal: AbortSignal.timeout(20_000) })
  await sleep(3_000) // three more
  room.dismiss()

  const { body, signature } = await outside.receiver.next(() => true, { signal: AbortSignal.timeout(20_000) })
  const { Type, Reason, Files } = body as Callback
  assert.equal(signature, 'valid')
  assert.deepEqual({ Type, Reason }, { Type: 'recording.completed', Reason: 'RoomDismissed' })
  assert.deepEqual(Files.map(({ UserId, Partial }) => ({ UserId, Partial })), [{ UserId: 'speaker', Partial: true }, { UserId: 'speaker', Partial: false }])
  const [before, after] = Files as [CallbackFile, CallbackFile]
  assert.ok(killedMs - before.EndMs <= 1_000, `${killedMs - before.EndMs} ms lost before the kill`)
  assert.ok(after.StartMs >= killedMs && after.StartMs - live < 1_000)
  for (const file of Files) {
    const object = await outside.cos.get(bucket, file.Key)
    assert.ok(object)
    const heard = await listen(object.content)
    const bursts = tonesHeard(heard)
    assert.ok(bursts.length >= 2)
    for (const { frequency, startMs, lengthMs } of bursts.slice(1, -1)) {
      assert.equal(frequency, toneClips.low)
      const atMs = file.StartMs + startMs - room.startMs
      const at = Math.round(atMs / 1000)
      assert.equal(secondOfTone.ofLength(lengthMs), at % toneSeconds)
      assert.ok(Math.abs(atMs - at * 1000) <= toleranceMs, `second ${at} at ${atMs} ms`)
    }
  }
  assert.deepEqual(outside.cos.unfinished(bucket), [])
  const timeline = asTimeline((await call(second.url, `${recording}/timeline`, { token: key })).body)
  const gaps = timeline.Users.map(({ UserId, Gaps }) => [UserId, Gaps.map(({ StartMs, EndMs, Cause }) => [StartMs, EndMs, Cause])])
  assert.deepEqual(gaps, [['quiet', []], ['speaker', [[before.EndMs, after.StartMs, 'away']]]])
})
