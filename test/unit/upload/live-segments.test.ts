import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { LiveSegments, type CutTrack, type LiveSegmentsOptions } from '../../../src/upload/live-segments.ts'
import type { UploadedSegment } from '../../../src/stores/uploaded.ts'
import { RoomtapeError } from '../../../src/core/errors.ts'
import type { StoreTarget } from '../../../src/core/store-target.ts'
import type { Segment } from '../../../src/media/segments.ts'

const target = (directory: string): StoreTarget => ({ kind: 'local', directory, path: '' })

function track (trackId: string, directory = '/a'): CutTrack {
  const segments = { seconds: 2, epochMs: 0, format: 'm4a' as const, target: target(directory), keyFolder: `${trackId}/` }
  return { recordingId: 'rec_1', trackId, segments }
}

function segment (seq: number, bytes = 20_000): Segment {
  return { seq, fileNumber: 1, firstFrame: 0, frames: 94, byteStart: 0, byteEnd: bytes, startMs: 0, endMs: 2_005, durationMs: 2_005, gapMs: 0 }
}

interface Sending { trackId: string, seq: number, done: () => void, fail: (error: Error) => void, signal: AbortSignal }

/** A store whose answers the test gives. */
function uploading () {
  const sending: Sending[] = []
  const reports: Parameters<LiveSegmentsOptions['report']>[0][] = []
  let waiter = Promise.withResolvers<undefined>()
  const changed = (): void => {
    waiter.resolve(undefined)
    waiter = Promise.withResolvers()
  }
  const uploads = new LiveSegments({
    open: () => ({ trackId }, { byteStart, byteEnd, ...facts }, { signal }) => new Promise((resolve, reject) => {
      const settle = (): void => { sending.splice(sending.indexOf(entry), 1) }
      const stored: UploadedSegment = { ...facts, key: `${trackId}/${facts.seq}`, url: '', bytes: byteEnd - byteStart, sha256: '', sampleRate: 48_000, channels: 1, partial: false }
      const entry: Sending = {
        trackId,
        seq: facts.seq,
        signal,
        done: () => { settle(); resolve(stored) },
        fail: (error) => { settle(); reject(error) }
      }
      signal.addEventListener('abort', () => { entry.fail(new Error('aborted')) }, { once: true })
      sending.push(entry)
      changed()
    }),
    report: (report) => { reports.push(report); changed() },
    random: () => 0
  })
  /** Waits for something to be so, each time something has been sent or told. */
  const until = async (isSo: () => boolean): Promise<void> => { while (!isSo()) await waiter.promise }
  const stored = (): Array<[string, number]> => reports.flatMap((report) => report.type === 'segment' ? [[report.trackId, report.segment.seq] as [string, number]] : [])
  return { uploads, sending, reports, until, stored }
}

test('a track has one segment on its way at a time, in order, and tracks take turns', async () => {
  const { uploads, sending, until, stored } = uploading()
  for (let seq = 1; seq <= 3; seq++) for (const id of ['a', 'b']) uploads.add(track(id), segment(seq))

  assert.deepEqual(sending.map(({ trackId, seq }) => [trackId, seq]), [['a', 1], ['b', 1]])
  while (stored().length < 6) {
    const before = stored().length
    sending[0]!.done()
    await until(() => stored().length > before && (sending.length === 2 || stored().length >= 5))
    assert.ok(sending.length <= 2)
  }

  for (const id of ['a', 'b']) assert.deepEqual(stored().filter(([trackId]) => trackId === id).map(([, seq]) => seq), [1, 2, 3])
  await uploads.close()
  assert.equal(uploads.busy, false)
})

test('a store that does not answer is asked with one segment at a time until it does, and none is passed over; another store is not held up', async () => {
  const { uploads, sending, reports, until, stored } = uploading()
  for (const id of ['a', 'b']) uploads.add(track(id, '/down'), segment(1))
  const unavailable = new RoomtapeError('STORE_UNAVAILABLE', 'no answer')
  for (const { fail } of [...sending]) fail(unavailable)
  await until(() => reports.length > 0)
  uploads.add(track('c', '/up'), segment(1))
  await until(() => sending.some(({ trackId }) => trackId === 'c'))
  sending.find(({ trackId }) => trackId === 'c')!.done()

  await until(() => sending.some(({ trackId }) => trackId !== 'c'))
  assert.equal(sending.length, 1, 'one of the two that wait')
  sending[0]!.done()
  await until(() => stored().length === 2 && sending.length === 1)
  sending[0]!.done()
  await until(() => stored().length === 3)

  assert.deepEqual(stored().map(([id]) => id).sort(), ['a', 'b', 'c'])
  assert.equal(reports.filter(({ type }) => type === 'unsent').length, 1, 'told once of one outage')
  await uploads.close()
})

test('a segment that cannot be read does not hold up the next', async () => {
  const { uploads, sending, until, stored } = uploading()
  for (const seq of [1, 2]) uploads.add(track('a'), segment(seq))

  sending[0]!.fail(new RoomtapeError('FILE_UNREADABLE', 'gone'))
  await until(() => sending.length === 1)
  sending[0]!.done()
  await until(() => stored().length === 1)

  assert.deepEqual(stored(), [['a', 2]])
  await uploads.close()
})

test('what waits is bounded: in number for each track, in bytes for all that is on its way', async () => {
  const { uploads, sending, until, stored } = uploading()
  for (let seq = 1; seq <= 600; seq++) uploads.add(track('a'), segment(seq))
  for (const id of ['b', 'c', 'd']) uploads.add(track(id), segment(1, 20 * 1024 * 1024))
  assert.deepEqual(sending.map(({ trackId }) => trackId), ['a', 'b'])

  while (sending.length > 0) {
    const before = stored().length
    sending[0]!.done()
    await until(() => stored().length > before)
    await new Promise((resolve) => { setImmediate(resolve) })
  }

  assert.equal(stored().filter(([id]) => id === 'a').length, 512)
  assert.deepEqual(stored().filter(([id]) => id !== 'a').map(([id]) => id), ['b', 'c', 'd'])
  await uploads.close()
})

test('of a track that is over nothing more is sent, and what was on its way is broken off', async () => {
  const { uploads, sending, reports } = uploading()
  for (const seq of [1, 2]) uploads.add(track('a'), segment(seq))
  const [first] = sending

  uploads.drop('a')
  await uploads.close()
  await sleep(0)

  assert.equal(first!.signal.aborted, true)
  assert.deepEqual([sending, reports], [[], []])
})
