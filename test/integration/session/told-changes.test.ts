import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import type { TrackStarted, TrackStopped } from '../../../src/callback/events/track-changed.ts'
import type { RecordingUpdated } from '../../../src/callback/events/recording-updated.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { closeAndTell } from '../../../src/session/close-track.ts'
import type { Desired } from '../../../src/session/plan.ts'
import { Spools } from '../../../src/session/spools.ts'
import { WarningWatch } from '../../../src/session/warning-watch.ts'
import type { Connection } from '../../../src/state/database.ts'
import { findRecording, heldRecording, insertRecording, type RecordingRow } from '../../../src/state/recordings.ts'
import { noteTrackTrouble, insertTrack, trackById, tracksOf, type FileRow, type TrackRow } from '../../../src/state/tracks.ts'
import { startCallbacks, type Callbacks } from '../../helpers/callbacks.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { noClock } from '../../helpers/no-clock.ts'

const log = pino({ level: 'silent' })

/** A recording with one track, and an endpoint of its tenant that asks for its events. */
async function begin (callbacks: Callbacks): Promise<{ recording: RecordingRow, track: TrackRow }> {
  const { kysely, endpoint } = callbacks
  await endpoint('https://example.com/', { pull: true })
  const { row: recording } = await insertRecording(kysely, {
    id: 'rec_1',
    tenantId: 'ten_1',
    sdkAppId: 1,
    roomKey: 's:room',
    userId: 'recorder',
    jobId: randomUUID(),
    options: {
      strRoomId: 'room', subscribe: {}, policies: [{ userIds: ['anchor'], label: 'strict' }], fillGaps: true, maxDurationSeconds: 60, maxIdleSeconds: 60, metadata: { Lesson: 7 }
    },
    sealedSecrets: 'sealed',
    createdMs: Date.now(),
    ...noClock
  })
  const track = await insertTrack(kysely, { id: 'trk_1', recordingId: 'rec_1', userId: 'anchor', generation: 0, label: 'strict', createdMs: 1, spoolId: 'spl_1' })
  return { recording, track }
}

async function told<Event> (kysely: Connection): Promise<Event[]> {
  const rows = await kysely.selectFrom('events').select('body').orderBy('id').execute()
  return rows.map(({ body }) => JSON.parse(body) as Event)
}

function file (part: number, startMs: number): FileRow {
  return {
    trackId: 'trk_1',
    part,
    key: `${part}`,
    url: `file:///${part}`,
    bytes: 1,
    sha256: 'ab',
    startMs,
    endMs: startMs + 900,
    durationMs: 900,
    gapMs: 20,
    gaps: [],
    trims: [],
    frames: 1,
    sampleRate: 48_000,
    channels: 1,
    partial: false,
    resumed: false
  }
}

onBothDatabases('the first audio of a track is told once, and its end once: with all its files, also those that were noted before', async (t, open) => {
  const callbacks = await startCallbacks(t, (await open(t)).kysely)
  const { kysely, outbox } = callbacks
  const { recording, track } = await begin(callbacks)
  const deps = { kysely, outbox, clock: systemClock, wall: systemClock, log }
  const spools = new Spools({ id: 'spl_1', path: '/spool', nodeId: 'node_1', lostAfterMs: 1 }, deps)
  const close = (files: FileRow[], noted: FileRow[]) => closeAndTell({
    recording, track, reason: 'RecordingEnded', files, noted, message: '', lost: false, nowMs: 50, held: (db) => heldRecording(db, recording), isHeard: true
  }, deps)

  for (const startMs of [1_000, 2_000]) {
    spools.onFirstAudio('trk_1', startMs)
    await spools.close()
  }
  for (let i = 0; i < 2; i++) assert.equal(await close([file(2, 2_000)], [file(1, 1_000)]), true)

  const [started, stopped, ...more] = await told<TrackStarted | TrackStopped>(kysely)
  assert.deepEqual([started?.Type, started?.Track], ['track.started', { UserId: 'anchor', TrackId: 'trk_1', Number: 1, Label: 'strict', StartMs: 1_000 }])
  assert.deepEqual([stopped?.Type, started?.UserId, stopped?.Metadata], ['track.stopped', 'recorder', { Lesson: 7 }])
  const { Files, ...rest } = (stopped as TrackStopped).Track
  assert.deepEqual(rest, { ...started?.Track, EndMs: 2_900, Reason: 'RecordingEnded', DurationMs: 1_800, GapMs: 40, Message: '' })
  assert.deepEqual(Files.map(({ Key, Status, Label }) => [Key, Status, Label]), [['1', 1, 'strict'], ['2', 1, 'strict']])
  assert.deepEqual(more, [])
})

onBothDatabases('a track whose first audio a crash left unnoted is told of at its end; one that lost its spool is told of again when that is back', async (t, open) => {
  const callbacks = await startCallbacks(t, (await open(t)).kysely)
  const { kysely, outbox } = callbacks
  const { recording, track } = await begin(callbacks)
  const silent = await insertTrack(kysely, { id: 'trk_2', recordingId: 'rec_1', userId: 'ben', generation: 0, label: '', createdMs: 2, spoolId: 'spl_1' })
  const deps = { kysely, outbox, wall: systemClock }
  const common = { recording, track, reason: 'SpoolAway', noted: [], nowMs: 50, held: (db: Connection) => heldRecording(db, recording), isHeard: true } as const

  await closeAndTell({ ...common, files: [], message: 'the audio is in spool spl_1', lost: true }, deps)
  await closeAndTell({ ...common, files: [file(1, 1_000)], message: '', lost: false }, deps)
  await closeAndTell({ ...common, track: silent, files: [], message: '', lost: false }, deps)
  await closeAndTell({ ...common, track: silent, files: [file(1, 1_000)], message: '', lost: false, held: (db) => heldRecording(db, { ...recording, generation: 7 }) }, deps)

  const events = await told<TrackStarted | TrackStopped>(kysely)
  assert.deepEqual(events.map(({ Type, Track }) => [Type, Track.TrackId, Track.StartMs, 'Message' in Track ? Track.Message : undefined]), [
    ['track.stopped', 'trk_1', 0, 'the audio is in spool spl_1'],
    ['track.started', 'trk_1', 1_000, undefined],
    ['track.stopped', 'trk_1', 1_000, '']
  ])
  assert.equal((await trackById(kysely, 'trk_1').executeTakeFirstOrThrow()).audioMs, 1_000)
})

onBothDatabases('a warning is told once, also over a restart, and of nothing new nothing is told', async (t, open) => {
  const callbacks = await startCallbacks(t, (await open(t)).kysely)
  const { kysely, outbox } = callbacks
  const { recording } = await begin(callbacks)
  const deps = { kysely, outbox, clock: systemClock, wall: systemClock, resumeHoldMs: 3_000 }
  const look = async (watch: WarningWatch): Promise<void> => {
    const row = await findRecording(kysely, 'rec_1') as RecordingRow
    const tracks = await tracksOf(kysely, 'rec_1').execute()
    await watch.look({ recording: row, room: { dismissedMs: 0, lastAnchoredMs: 0, members: [] }, tracks, sources: [], pauses: [], spool: { id: 'spl_1', lost: new Set() } } satisfies Desired, 0)
  }
  const watch = new WarningWatch(recording, deps)
  await look(watch)
  const before = await told(kysely)
  await noteTrackTrouble(kysely, 'trk_1', 'UploadDelayed', 'the bucket does not answer')
  await look(watch)
  await noteTrackTrouble(kysely, 'trk_1', null, '')
  await look(watch)
  await noteTrackTrouble(kysely, 'trk_1', 'UploadDelayed', 'the bucket does not answer again')
  await look(watch)
  const restarted = new WarningWatch({ generation: 2 }, deps)
  await look(restarted)
  await noteTrackTrouble(kysely, 'trk_1', 'CaptureFull', 'no thread has room')
  await look(restarted)

  const events = await told<RecordingUpdated>(kysely)
  assert.deepEqual(before, [])
  assert.deepEqual(events.map(({ Type, Status, Warning }) => [Type, Status, Warning]), [
    ['recording.updated', 'Pending', { Code: 'UploadDelayed', UserId: 'anchor', Label: 'strict', Message: 'the bucket does not answer' }],
    ['recording.updated', 'Pending', { Code: 'CaptureFull', UserId: 'anchor', Label: 'strict', Message: 'no thread has room' }]
  ])
  assert.deepEqual((await findRecording(kysely, 'rec_1'))?.warned, ['UploadDelayed:anchor', 'CaptureFull:anchor'])
})
