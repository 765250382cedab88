import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factsOf } from '../../../src/callback/events.ts'
import { recordingStarted } from '../../../src/callback/events/recording-started.ts'
import { recordingUpdated } from '../../../src/callback/events/recording-updated.ts'
import { trackStarted } from '../../../src/callback/events/track-changed.ts'
import { recording } from '../../helpers/plan-states.ts'

test('a filter of users sees who is heard or warned of, never the recorder; an event of no single speaker has none', () => {
  const warning = { Code: 'SourceAbsent', UserId: 'ben', Label: 'strict', Message: '' }
  const speakers = [
    trackStarted({ recording: recording(), track: { id: 'trk_1', userId: 'anna', number: 1, label: '' }, startMs: 1 }, 5),
    recordingUpdated({ recording: recording(), warning }, 5),
    recordingUpdated({ recording: recording(), warning: { ...warning, UserId: '', Label: '' } }, 5),
    recordingUpdated({ recording: recording() }, 5),
    recordingStarted({ recording: recording(), startedMs: 1, audibleMs: 0 }, 5)
  ].map((event) => factsOf(event).speaker)

  assert.deepEqual(speakers, [{ userId: 'anna', label: '' }, { userId: 'ben', label: 'strict' }, undefined, undefined, undefined])
})

test('the latency of a start counts from when somebody could be heard, or from the request if that was later', () => {
  const createdMs = 1_000
  const latency = (audibleMs: number, startedMs: number) => recordingStarted({ recording: recording({ createdMs }), startedMs, audibleMs }, 5).LatencyMs

  assert.deepEqual([latency(60_000, 62_500), latency(500, 3_500), latency(0, 3_500)], [2_500, 2_500, 2_500])
  assert.equal(latency(4_000, 3_500), 0, 'TRTC dates its events by another clock')
})
