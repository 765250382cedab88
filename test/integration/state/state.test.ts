import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createSeal } from '../../../src/core/seal.ts'
import { hearEvent, takeEvent } from '../../../src/rooms/take-event.ts'
import { findApp, putApp, type App } from '../../../src/state/apps.ts'
import type { Connection } from '../../../src/state/database.ts'
import { claimIdempotencyKey, keepAnswer } from '../../../src/state/idempotency-keys.ts'
import { checkMasterKey } from '../../../src/state/master-key.ts'
import { findRelayTask, insertRelayTask, letSourceGo } from '../../../src/state/relay-tasks.ts'
import { changeRecording, findRecording, heldRecording, insertRecording, listRecordings, requestStop, takeOver, type NewRecording } from '../../../src/state/recordings.ts'
import { beginPauses, endPauses, openPauses, pausesOf } from '../../../src/state/pauses.ts'
import { countUnconfirmed, doubtMember, mergeMember, mergeRoom } from '../../../src/state/rooms.ts'
import { absencesOf, endAbsences, insertAbsence } from '../../../src/state/absences.ts'
import { closeTrack, filesOf, insertTrack, noteTrackTrouble, uploadedFiles, tracksOf } from '../../../src/state/tracks.ts'
import { countSegments, insertSegment, notedSeqs, segmentsOf } from '../../../src/state/segments.ts'
import { insertSource, noteAbsent, noteAudio, notePush, notePushEnded, noteSourceTrouble, sourcesOf } from '../../../src/state/sources.ts'
import { insertTenant } from '../../../src/state/tenants.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { bothAt, noClock } from '../../helpers/no-clock.ts'

const seal = createSeal(Buffer.alloc(32, 7))
const sdkAppId = 1_400_000_001
const app: App = { sdkAppId, tenantId: 'ten_1', engine: 'relay', callbackFormat: 'full', callbackKey: 'key1', sdkSecretKey: 'sdk-secret', createdMs: 1, updatedMs: 1 }

async function withApp (kysely: Connection): Promise<void> {
  for (const id of ['ten_1', 'ten_2']) await insertTenant(kysely, { id, name: id, sealedCallbackSecret: 'sealed', createdMs: 1 })
  await putApp(kysely, seal, app)
}

function recording (change: Partial<NewRecording> = {}): NewRecording {
  return {
    id: `rec_${randomUUID()}`,
    tenantId: 'ten_1',
    sdkAppId,
    roomKey: 's:room',
    userId: 'rec_user',
    jobId: randomUUID(),
    options: { strRoomId: 'room', subscribe: {}, policies: [], fillGaps: true, maxDurationSeconds: 60, maxIdleSeconds: 60, metadata: { Lesson: 7 } },
    sealedSecrets: 'sealed',
    createdMs: 1_767_225_600_123,
    ...noClock,
    ...change
  }
}

onBothDatabases('a recorder records once at a time in a room, and again when that recording has ended', async (t, open) => {
  const { kysely } = await open(t)
  await withApp(kysely)

  const first = await insertRecording(kysely, recording())
  const second = await insertRecording(kysely, recording())
  await takeOver(kysely, first.row.id, 'node_1')
  await changeRecording(kysely, first.row.id, 1, { status: 'Finishing', endedMs: 5 })
  const third = await insertRecording(kysely, recording())

  assert.deepEqual([first.created, second.created, third.created], [true, false, true])
  assert.equal(second.row.id, first.row.id)
  assert.equal(first.row.createdMs, 1_767_225_600_123)
  assert.deepEqual(first.row.options.metadata, { Lesson: 7 })
})

onBothDatabases('a former owner can change nothing after a takeover', async (t, open) => {
  const { kysely } = await open(t)
  await withApp(kysely)
  const { row: { id } } = await insertRecording(kysely, recording())
  await takeOver(kysely, id, 'node_1')
  await takeOver(kysely, id, 'node_2')

  assert.equal(await changeRecording(kysely, id, 1, { status: 'Failed' }), false)
  assert.equal(await changeRecording(kysely, id, 2, { status: 'Recording' }), true)
  assert.equal((await findRecording(kysely, id))?.status, 'Recording')
})

onBothDatabases('the first wish to stop counts, and only the tenant may have it', async (t, open) => {
  const { kysely } = await open(t)
  await withApp(kysely)
  const { row: { id } } = await insertRecording(kysely, recording())

  assert.equal(await requestStop(kysely, 'ten_2', id, 10), undefined)
  assert.equal((await requestStop(kysely, 'ten_1', id, 20))?.stopRequestedMs, 20)
  assert.equal((await requestStop(kysely, 'ten_1', id, 30))?.stopRequestedMs, 20)
})

onBothDatabases('pages of recordings are newest first and of one tenant', async (t, open) => {
  const { kysely } = await open(t)
  await withApp(kysely)
  for (const n of [1, 2, 3]) await insertRecording(kysely, recording({ id: `rec_${n}`, userId: `rec_${n}` }))
  await insertRecording(kysely, recording({ id: 'rec_4', userId: 'rec_4', tenantId: 'ten_2' }))

  const page = await listRecordings(kysely, { tenantId: 'ten_1', limit: 2 })
  const next = await listRecordings(kysely, { tenantId: 'ten_1', limit: 2, before: page.at(-1)?.id })

  assert.deepEqual([page, next].map((rows) => rows.map(({ id }) => id)), [['rec_3', 'rec_2'], ['rec_1']])
})

onBothDatabases('an app is opened as it was stored, is replaced by its tenant alone, and shows no secret in its row', async (t, open) => {
  const { kysely } = await open(t)
  await withApp(kysely)

  assert.equal((await findApp(kysely, seal, sdkAppId))?.sdkSecretKey, 'sdk-secret')
  assert.equal(await putApp(kysely, seal, { ...app, tenantId: 'ten_2' }), undefined)
  assert.equal((await putApp(kysely, seal, { ...app, callbackKey: 'key2', updatedMs: 9 }))?.createdMs, 1)
  assert.equal((await findApp(kysely, seal, sdkAppId))?.callbackKey, 'key2')
  const rows = await kysely.selectFrom('apps').selectAll().execute()
  assert.doesNotMatch(JSON.stringify(rows), /key2|sdk-secret/)
})

onBothDatabases('a database sealed with another key is found out at once', async (t, open) => {
  const { kysely } = await open(t)
  await checkMasterKey(kysely, seal)

  await checkMasterKey(kysely, createSeal(Buffer.alloc(32, 7)))
  await assert.rejects(checkMasterKey(kysely, createSeal(Buffer.alloc(32, 8))), { error: 'SEAL_BROKEN', message: /MASTER_KEY is not the one/ })
})

onBothDatabases('a track keeps its files, and noting them again changes nothing', async (t, open) => {
  const { kysely } = await open(t)
  await withApp(kysely)
  const { row: { id: recordingId } } = await insertRecording(kysely, recording())
  const track = await insertTrack(kysely, { id: 'trk_1', recordingId, userId: 'anchor', generation: 1, label: 'strict', createdMs: 1, spoolId: 'spl_1' })
  const second = await insertTrack(kysely, { id: 'trk_2', recordingId, userId: 'anchor', generation: 2, label: 'strict', createdMs: 2, spoolId: 'spl_1' })
  const file = {
    trackId: 'trk_1',
    part: 1,
    key: 'a/track.m4a',
    url: 'https://x/a',
    bytes: 5,
    sha256: 'ab',
    startMs: 10,
    endMs: 30,
    durationMs: 20,
    gapMs: 4,
    trims: [{ atMs: 20, atFrame: 1, frames: 2 }],
    frames: 1,
    sampleRate: 48_000,
    channels: 1,
    partial: false,
    resumed: true,
    gaps: [{ startMs: 12, endMs: 16, cause: 'missing' as const, atFrame: 1 }]
  }
  const held = (generation: number) => heldRecording(kysely, { id: recordingId, generation })
  assert.equal(await closeTrack(kysely, 'trk_1', { files: [file], message: '', nowMs: 30, held: held(7) }), undefined)
  assert.deepEqual([await filesOf(kysely, recordingId).execute(), (await tracksOf(kysely, recordingId).execute())[0]?.closedMs], [[], null], 'somebody else owns it')
  const close = (nowMs: number) => closeTrack(kysely, 'trk_1', { files: [file], message: '', audioMs: 11, nowMs, held: held(0) })
  assert.deepEqual(await close(40), { closedMs: null, lostMs: null, audioMs: null })
  assert.deepEqual(await close(50), { closedMs: 40, lostMs: null, audioMs: 11 })

  assert.deepEqual([track.number, second.number], [1, 2])
  assert.deepEqual(await filesOf(kysely, recordingId).execute(), [{ ...file, userId: 'anchor', label: 'strict', number: 1 }])
  assert.deepEqual((await tracksOf(kysely, recordingId).execute()).map(({ closedMs }) => closedMs), [50, null])
  const manyIds = Array.from({ length: 70_000 }, (_, index) => `trk_${index}`) // more than a statement may have parameters
  assert.deepEqual(await uploadedFiles(kysely, manyIds), [{ recordingId, trackId: 'trk_1', fileNumbers: [1] }])
  assert.deepEqual(await uploadedFiles(kysely, ['trk_2']), [])
})

/** A recording with a source, and its relay task. */
async function withSource (kysely: Connection, sourceId = 'src_1'): Promise<string> {
  await withApp(kysely)
  const { row: { id: recordingId } } = await insertRecording(kysely, recording())
  await insertSource(kysely, { id: sourceId, recordingId, engine: 'relay', userId: 'anchor', generation: 1, createdMs: 1 })
  await insertRelayTask(kysely, { sourceId, sdkAppId, robotId: 'robot', host: null, sealedKey: 'sealed', port: 1935, createdMs: 1 })
  return recordingId
}

onBothDatabases('a source may be of a whole room, has a relay task only if it is a relay, and stays known when it is stopped', async (t, open) => {
  const { kysely } = await open(t)
  const recordingId = await withSource(kysely)
  await insertSource(kysely, { id: 'src_2', recordingId, engine: 'sdk', userId: null, generation: 1, createdMs: 2 })
  const both = await sourcesOf(kysely, recordingId).execute()
  for (const nowMs of [3, 4]) await letSourceGo(kysely, 'src_1', bothAt(nowMs))

  const untold = { pushedMs: null, firstAudioMs: null, lastFrameMs: null, pushEndedMs: null, absentMs: null, trouble: null, troubleMessage: '' }
  const source = { recordingId, generation: 1, stoppedMs: null, ...untold }
  const untasked = { robotId: null, taskId: null, port: null, sealedKey: null, toldMs: null, failedMs: null, idleMs: null, stopAskedMs: null, outcome: null }
  assert.deepEqual(both, [
    { ...source, id: 'src_1', engine: 'relay', userId: 'anchor', createdMs: 1, ...untasked, robotId: 'robot', port: 1935, sealedKey: 'sealed', relayStatus: null, relayStatusMs: 0 },
    { ...source, id: 'src_2', engine: 'sdk', userId: null, createdMs: 2, ...untasked, relayStatus: null, relayStatusMs: null }
  ])
  assert.deepEqual((await sourcesOf(kysely, recordingId).execute()).map(({ id, stoppedMs }) => [id, stoppedMs]), [['src_1', 3], ['src_2', null]])
})

onBothDatabases('a source knows its first push and its first frame, its last when its push ended, and that it is being pushed again', async (t, open) => {
  const { kysely } = await open(t)
  const recordingId = await withSource(kysely)
  const told = async () => {
    const [source] = await sourcesOf(kysely, recordingId).execute()
    return [source?.pushedMs, source?.firstAudioMs, source?.lastFrameMs, source?.pushEndedMs]
  }

  await notePush(kysely, 'src_1', 10)
  assert.deepEqual(await told(), [10, null, null, null])
  await notePushEnded(kysely, 'src_1', { atMs: 11, lastFrameMs: null })
  assert.deepEqual(await told(), [10, null, null, 11])
  await noteAudio(kysely, 'src_1', 12)
  assert.deepEqual(await told(), [10, 12, null, null])
  await notePushEnded(kysely, 'src_1', { atMs: 30, lastFrameMs: 25 })
  assert.deepEqual(await told(), [10, 12, 25, 30])
  await notePush(kysely, 'src_1', 40)
  await noteAudio(kysely, 'src_1', 41)
  assert.deepEqual(await told(), [10, 12, 25, null])
})

onBothDatabases('what is the matter with a source is the last thing said; that it is absent is said once, and hides nothing', async (t, open) => {
  const { kysely } = await open(t)
  const recordingId = await withSource(kysely)
  const told = async () => {
    const [source] = await sourcesOf(kysely, recordingId).execute()
    return [source?.absentMs, source?.trouble, source?.troubleMessage]
  }

  await noteAbsent(kysely, 'src_1', 10, 'no push came')
  await noteAbsent(kysely, 'src_1', 20, 'no push came yet')
  assert.deepEqual(await told(), [10, 'SourceAbsent', 'no push came'])
  await noteSourceTrouble(kysely, 'src_1', 'CodecRefused', 'it is Speex')
  await noteAbsent(kysely, 'src_1', 30, 'no push came')
  assert.deepEqual(await told(), [10, 'CodecRefused', 'it is Speex'])
})

onBothDatabases('what is in the way of a track is told until it is over', async (t, open) => {
  const { kysely } = await open(t)
  await withApp(kysely)
  const { row: { id: recordingId } } = await insertRecording(kysely, recording())
  await insertTrack(kysely, { id: 'trk_1', recordingId, userId: 'anchor', generation: 1, label: '', createdMs: 1, spoolId: 'spl_1' })

  await noteTrackTrouble(kysely, 'trk_1', 'UploadDelayed', 'the bucket is away')
  assert.partialDeepStrictEqual(await tracksOf(kysely, recordingId).execute(), [{ trouble: 'UploadDelayed', troubleMessage: 'the bucket is away' }])
  await noteTrackTrouble(kysely, 'trk_1', null, '')
  assert.partialDeepStrictEqual(await tracksOf(kysely, recordingId).execute(), [{ trouble: null, troubleMessage: '' }])
})

onBothDatabases('an absence of a user ends when the user is heard, all of theirs at once, and no other', async (t, open) => {
  const { kysely } = await open(t)
  await withApp(kysely)
  const { row: { id: recordingId } } = await insertRecording(kysely, recording())
  const away = (userId: string | null, startMs: number, endMs: number | null) => insertAbsence(kysely, { recordingId, userId, cause: 'away', startMs, endMs })
  const spans = async () => (await absencesOf(kysely, recordingId).execute()).map(({ userId, startMs, endMs }) => [userId, startMs, endMs])

  await away('anna', 30, null)
  await away('anna', 10, 20)
  await away('anna', 40, null)
  await away('ben', 30, null)
  await away(null, 5, 7)
  await endAbsences(kysely, recordingId, 'anna', 50)
  await endAbsences(kysely, recordingId, 'anna', 60)

  const found = await spans()
  assert.deepEqual(found.slice(0, 2), [[null, 5, 7], ['anna', 10, 20]])
  assert.deepEqual(found.slice(2).sort(), [['anna', 30, 50], ['anna', 40, 50], ['ben', 30, null]].sort())
})

onBothDatabases('a doubt about a member is noted once and ended by a newer event alone', async (t, open) => {
  const { kysely } = await open(t)
  const room = { sdkAppId, roomKey: 's:room' }
  const tell = (eventMs: number, heardMs: number) => mergeMember(kysely, room, { userId: 'anna', present: { value: true, atMs: eventMs } }, { eventMs, heardMs })
  const anna = async () => kysely.selectFrom('members').selectAll().executeTakeFirstOrThrow()
  await mergeRoom(kysely, room, { dismissedMs: 0, lastAnchoredMs: 0 }, 1)
  await tell(100, 1_000)
  const before = await anna()

  await doubtMember(kysely, room, before, 2_000)
  await doubtMember(kysely, room, before, 3_000)
  assert.partialDeepStrictEqual(await anna(), { lastEventMs: 100, heardMs: 1_000, unconfirmedMs: 2_000 })
  assert.equal(await countUnconfirmed(kysely), 1)
  for (const eventMs of [100, 90]) await tell(eventMs, 4_000)
  assert.partialDeepStrictEqual(await anna(), { lastEventMs: 100, heardMs: 1_000, unconfirmedMs: 2_000 }, 'what is told late is of before')
  await tell(101, 5_000)
  assert.partialDeepStrictEqual(await anna(), { lastEventMs: 101, heardMs: 5_000, unconfirmedMs: null })
  assert.equal(await countUnconfirmed(kysely), 0)
  await doubtMember(kysely, room, before, 6_000)
  assert.equal((await anna()).unconfirmedMs, null, 'the doubt was made of what was known before the event')
})

onBothDatabases('nobody of a room that was dismissed since counts as unconfirmed', async (t, open) => {
  const { kysely } = await open(t)
  const room = { sdkAppId, roomKey: 's:room' }
  await mergeRoom(kysely, room, { dismissedMs: 0, lastAnchoredMs: 0 }, 1)
  await mergeMember(kysely, room, { userId: 'anna', present: { value: true, atMs: 100 } }, { eventMs: 100, heardMs: 1 })
  await doubtMember(kysely, room, { userId: 'anna', lastEventMs: 100 }, 2)
  const before = await countUnconfirmed(kysely)
  await mergeRoom(kysely, room, { dismissedMs: 100, lastAnchoredMs: 0 }, 3)

  assert.deepEqual([before, await countUnconfirmed(kysely)], [1, 0])
})

onBothDatabases('a relay\'s status is told by its own app alone, and the newest counts', async (t, open) => {
  const { kysely } = await open(t)
  await withSource(kysely)
  const told = (app: number, atMs: number, status: number): Promise<unknown> => takeEvent(hearEvent(app, {
    EventGroupId: 4,
    EventType: 401,
    CallbackTs: atMs,
    EventInfo: { RoomId: 'room', RoomType: 1, EventMsTs: atMs, UserId: 'robot', TaskId: 'task', Payload: { Url: 'rtmp://192.0.2.1/a/b', Status: status } }
  }, { now: () => 1 }), kysely)
  const status = async (): Promise<unknown> => {
    const task = await findRelayTask(kysely, 'src_1')
    return [task?.status, task?.statusMs]
  }

  await told(sdkAppId + 1, 20, 4)
  assert.deepEqual(await status(), [null, 0], 'an app says nothing of another app\'s robot')
  await told(sdkAppId, 10, 2)
  await told(sdkAppId, 5, 1)
  assert.deepEqual(await status(), ['running', 10])
})

onBothDatabases('what is paused is paused once, from the first request to the first that resumes it; one user and all do not touch each other', async (t, open) => {
  const { kysely } = await open(t)
  await withApp(kysely)
  const { row: { id } } = await insertRecording(kysely, recording())
  await endPauses(kysely, id, undefined, 5)
  for (const nowMs of [10, 20]) await beginPauses(kysely, id, undefined, nowMs)
  for (const nowMs of [30, 40]) await beginPauses(kysely, id, ['anna', 'ben', 'anna'], nowMs)
  for (const nowMs of [50, 60]) await endPauses(kysely, id, undefined, nowMs)
  await endPauses(kysely, id, ['ben', 'nobody'], 1)
  await beginPauses(kysely, id, undefined, 70)

  const spans = (await pausesOf(kysely, id).execute()).map(({ userId, startMs, endMs }) => [userId, startMs, endMs])
  assert.deepEqual(spans, [[null, 10, 50], ['anna', 30, null], ['ben', 30, 30], [null, 70, null]])
  assert.deepEqual((await openPauses(kysely, [id])).map(({ userId }) => userId).sort(), ['anna', null])
})

onBothDatabases('a segment is noted once, and a recording knows those of its tracks in order', async (t, open) => {
  const { kysely } = await open(t)
  await withApp(kysely)
  const { row: { id: recordingId } } = await insertRecording(kysely, recording())
  for (const id of ['trk_1', 'trk_2']) await insertTrack(kysely, { id, recordingId, userId: 'anchor', generation: 1, label: '', createdMs: 1, spoolId: 'spl_1' })
  const segment = (trackId: string, seq: number) => ({
    trackId,
    seq,
    part: 1,
    firstFrame: 94 * (seq - 1),
    frames: 94,
    key: `a/segments/${seq}.m4a`,
    url: 'https://x/a',
    bytes: 18_000,
    sha256: 'ab',
    startMs: 2_000 * seq,
    endMs: 2_000 * seq + 2_005,
    durationMs: 2_005,
    gapMs: 0,
    sampleRate: 48_000,
    channels: 1,
    partial: false
  })

  const inserted = []
  for (const [trackId, seq] of [['trk_1', 2], ['trk_1', 1], ['trk_2', 1], ['trk_1', 2]] as const) inserted.push(await insertSegment(kysely, segment(trackId, seq)))

  assert.deepEqual(inserted, [true, true, true, false])
  assert.deepEqual(await notedSeqs(kysely, 'trk_1'), [1, 2])
  assert.deepEqual(await segmentsOf(kysely, recordingId).execute(), [
    { ...segment('trk_1', 1), userId: 'anchor', number: 1 }, { ...segment('trk_1', 2), userId: 'anchor', number: 1 }, { ...segment('trk_2', 1), userId: 'anchor', number: 2 }
  ])
  assert.deepEqual(await countSegments(kysely, recordingId), new Map([['trk_1', { count: 2, lastSeq: 2 }], ['trk_2', { count: 1, lastSeq: 1 }]]))
})

onBothDatabases('an idempotency key is claimed once, answers its own request and no other, and runs out', async (t, open) => {
  const { kysely } = await open(t)
  await withApp(kysely)
  const scope = { tenantId: 'ten_1', route: 'POST /v1/recordings', key: 'k' }
  const at = (nowMs: number) => ({ nowMs, expiry: { unansweredMs: nowMs - 60, answeredMs: nowMs - 1_000 } })
  const answer = { status: 202, headers: { location: '/v1/x' }, body: '{}' }

  assert.deepEqual(await claimIdempotencyKey(kysely, scope, { fingerprint: 'a', ...at(0) }), { outcome: 'claimed' })
  assert.deepEqual(await claimIdempotencyKey(kysely, scope, { fingerprint: 'a', ...at(50) }), { outcome: 'running' })
  assert.deepEqual(await claimIdempotencyKey(kysely, scope, { fingerprint: 'a', ...at(100) }), { outcome: 'claimed' }, 'its process died')
  await keepAnswer(kysely, scope, answer)
  assert.deepEqual(await claimIdempotencyKey(kysely, scope, { fingerprint: 'a', ...at(200) }), { outcome: 'answered', answer })
  assert.deepEqual(await claimIdempotencyKey(kysely, scope, { fingerprint: 'b', ...at(200) }), { outcome: 'mismatch' })
  assert.deepEqual(await claimIdempotencyKey(kysely, scope, { fingerprint: 'b', ...at(2_000) }), { outcome: 'claimed' }, 'a day later')
  await keepAnswer(kysely, scope, { ...answer, status: 400 })
  assert.deepEqual(await claimIdempotencyKey(kysely, scope, { fingerprint: 'c', ...at(2_100) }), { outcome: 'claimed' }, 'version 0.1.0 kept refusals')
})
