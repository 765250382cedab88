import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { suite, test, type TestContext } from 'node:test'
import { numberOf } from '../../bench/kill/numbered.ts'
import { framesOf } from '../helpers/frames.ts'
import { spawnGateway } from '../helpers/gateway-process.ts'
import { inherit, type Heir } from '../helpers/inherit.ts'
import { frameMsOf } from '../helpers/numbered-talk.ts'
import { startPostgres } from '../helpers/postgres.ts'
import { closeAfter } from '../helpers/scope.ts'
import { asTimeline } from '../helpers/timeline.ts'
import { asTenant, bucket, call, enterTalking, eventually, sdkAppId, talked, type Callback, type CallbackFile, type Detail } from '../helpers/world.ts'

interface File extends CallbackFile { Sha256: string }
interface Segment { UserId: string, TrackId: string, Seq: number, StartMs: number, Key: string, Sha256: string }
interface Told extends Callback { Id: string, Files: File[], Segment?: Segment }
interface RecordingDetail extends Detail { Tracks: Array<Detail['Tracks'][number] & { Paused: boolean }>, Files: File[] }

/** Who was there and talked when the gateway was killed. */
const present = { class: ['steady', 'returning', 'quiet'], broken: ['changing', 'steady'], pair: ['a.b', 'YS5i'] }
const running = ['class', 'broken', 'pair'] as const

/** A fragment, and the way from a speaker's mouth to it. */
const mostLostMs = 1_000
/** What a machine that is busy adds; test/integration/tracks/tones.test.ts looks closer. */
const toleranceMs = 200

const databases: Record<string, ((t: TestContext) => Promise<string>) | undefined> = {
  PGlite: undefined,
  async PostgreSQL (t) {
    const server = await startPostgres()
    closeAfter(t, () => server.stop())
    return server.createDatabase('roomtape')
  }
}

// Real time, so beside one another
suite('an upgrade', { concurrency: true }, () => {
  for (const [kind, createDatabase] of Object.entries(databases)) {
    test(`what a killed gateway of version 0.1.0 left is taken over whole (${kind})`, async (t) => {
      const heir = await inherit(t, '0.1.0-killed', createDatabase && (() => createDatabase(t)))
      const { outside, outside: { cloud, cos, receiver }, tenant, recordings } = heir
      const roomOf = (name: string) => cloud.room(sdkAppId, recordings[name]!.roomId)
      for (const name of running) for (const userId of present[name]) enterTalking(roomOf(name), userId)

      const { url, adminToken } = await spawnGateway(t, heir.env)
      cloud.setCallbackUrl(sdkAppId, new URL('/trtc/events', url).href)
      const { detail, ended, stop } = asTenant(url, outside, tenant)
      const endOf = async (name: string) => await ended(recordings[name]!.id) as Told
      const refused = await endOf('refused') // by itself: it had been stopped
      enterTalking(roomOf('waiting'), 'late')
      await Promise.all([
        ...running.flatMap((name) => present[name].map((userId) => talked(outside, recordings[name]!.roomId, userId, 1_500))),
        talked(outside, recordings.waiting!.roomId, 'late', 1_000)
      ])
      const live = await Promise.all([...running, 'waiting'].map((name) => eventually(async () => {
        const found = await detail(recordings[name]!.id) as RecordingDetail
        return found.Status === 'Recording' ? found : undefined
      })))
      roomOf('class').dismiss()
      roomOf('pair').dismiss()
      await Promise.all([stop(recordings.broken!.id), stop(recordings.waiting!.id)])
      const ends = { refused, class: await endOf('class'), broken: await endOf('broken'), pair: await endOf('pair'), waiting: await endOf('waiting') }

      assert.equal(adminToken, heir.adminToken)
      const open = live.flatMap(({ Tracks }) => Tracks.filter(({ State }) => State === 'Open'))
      assert.deepEqual(open.map(({ UserId, Paused }) => [UserId, Paused]).sort(), [
        ['YS5i', false], ['a.b', false], ['changing', false], ['late', false], ['quiet', true], ['returning', false], ['steady', false], ['steady', false], ['switching', false]
      ])
      assert.deepEqual(Object.entries(ends).map(([name, { Type, Reason }]) => [name, Type, Reason]), [
        ['refused', 'recording.completed', 'StopRequested'],
        ['class', 'recording.completed', 'RoomDismissed'],
        ['broken', 'recording.completed', 'StopRequested'],
        ['pair', 'recording.completed', 'RoomDismissed'],
        ['waiting', 'recording.completed', 'StopRequested']
      ])
      assert.deepEqual(ends.class.Files.filter(({ UserId }) => UserId === 'quiet').length, 1, 'a pause stays one')
      await checkFormerFiles(heir, ends)
      const told = checkCallbacks(heir, ends)
      for (const [name, { Files }] of Object.entries(ends)) await checkAudio(heir, name, Files, told)
      await checkObjects(heir)
      assert.deepEqual(cos.unfinished(bucket), [])
      assert.deepEqual((await readdir(heir.spoolDir, { recursive: true })).filter((path) => path.includes('.') && !['lock.sqlite', 'event-journal.jsonl'].includes(path)), [], 'nothing is left in the spool')

      for (const { id, detail: former } of Object.values(recordings)) {
        const { Files, Tracks } = await detail(id) as RecordingDetail
        assert.ok(Tracks.every(({ State }) => State === 'Closed'))
        for (const file of former.Files) assert.partialDeepStrictEqual(Files.find(({ StartMs }) => StartMs === file.StartMs), file, 'what was noted stays')
        asTimeline((await call(url, `/v1/recordings/${id}/timeline`, { token: tenant.key })).body)
      }
      const finished = recordings.finished!
      assert.partialDeepStrictEqual(await detail(finished.id), finished.detail)
      assert.ok(receiver.attempts().every(({ body }) => (body as Told).RecordingId !== finished.id), 'nothing is told of what was over')
    })
  }
})

/** What the former life had in the spool is in the bucket, frame for frame, each where it was said. */
async function checkFormerFiles (heir: Heir, ends: Record<string, Told>): Promise<void> {
  const { spooled, recordings, said, killedMs } = heir
  for (const { recordingId, userId, startMs, isClosed, content } of spooled) {
    const [name] = Object.entries(recordings).find(([, { id }]) => id === recordingId)!
    const file = ends[name]!.Files.find(({ UserId, StartMs }) => UserId === userId && StartMs === startMs)
    assert.ok(file, `${name}/${userId} has a file from ${startMs}`)
    assert.equal(file.Partial, !isClosed)
    const isPresent = running.some((each) => each === name && present[each].includes(userId)) && userId !== 'quiet'
    if (isPresent) assert.ok(killedMs - file.EndMs <= mostLostMs + toleranceMs, `${name}/${userId}: ${killedMs - file.EndMs} ms before the kill are lost`)
    const frames = framesOf(await objectOf(heir, file.Key))
    assert.deepEqual(frames, framesOf(content))
    checkPlaces(frames, file, said[name]![userId]!)
  }
}

/** Every frame stands where it was said. Those without a number fill gaps. */
function checkPlaces (frames: readonly string[], { Key, StartMs, DurationMs }: CallbackFile, spans: Heir['said'][string][string]): void {
  const frameMs = DurationMs / frames.length
  const span = spans.find(({ sampleRate }) => Math.abs(frameMsOf({ frameSamples: 1024, sampleRate }) - frameMs) < 0.1)!
  let last = -1
  for (const [index, frame] of frames.entries()) {
    const number = numberOf(Buffer.from(frame, 'hex'))
    if (number === undefined) continue
    assert.ok(number > last && spans.some(({ from, to }) => number >= from - 1 && number <= to), `frame ${number} after ${last} in ${Key}`)
    last = number
    const earlyMs = span.roomMs + number * frameMs - (StartMs + index * frameMs)
    assert.ok(Math.abs(earlyMs) <= toleranceMs, `frame ${number} is ${earlyMs} ms early in ${Key}`)
  }
}

/** Each event came once, before the kill or after. @returns the segments told of, each track's numbered without holes */
function checkCallbacks ({ told, recordings, outside: { receiver } }: Heir, ends: Record<string, Told>): Segment[] {
  const attempts = receiver.attempts()
  assert.ok(attempts.every(({ signature }) => signature === 'valid'))
  const all = [...told as Told[], ...attempts.map(({ body }) => body as Told)]
  assert.deepEqual(all.map(({ Id }) => Id).sort(), [...new Set(all.map(({ Id }) => Id))].sort(), 'none came twice')
  const ended = all.filter(({ Type }) => Type.startsWith('recording.')).map(({ RecordingId }) => RecordingId)
  assert.deepEqual(ended.sort(), ['finished', ...Object.keys(ends)].map((name) => recordings[name]!.id).sort())
  const segments = all.flatMap(({ Segment }) => Segment ?? [])
  for (const own of Map.groupBy(segments, ({ TrackId }) => TrackId).values()) {
    assert.deepEqual(own.map(({ Seq }) => Seq).sort((a, b) => a - b), own.map((_, index) => index + 1))
  }
  return segments
}

/** The files of a recording are as they are told of, and where there are segments these are the same frames again. */
async function checkAudio (heir: Heir, name: string, files: readonly File[], told: readonly Segment[]): Promise<void> {
  for (const [userId, own] of Map.groupBy(files, ({ UserId }) => UserId)) {
    assert.equal(new Set(own.map(({ Key }) => Key)).size, own.length)
    const segments = told.filter(({ UserId, Key }) => UserId === userId && Key.includes(heir.recordings[name]!.id)).sort((a, b) => a.StartMs - b.StartMs)
    const [ofFiles, ofSegments] = await Promise.all([own, segments].map(async (objects: ReadonlyArray<Pick<File, 'Key' | 'Sha256'>>) => {
      const contents = await Promise.all(objects.map(({ Key }) => objectOf(heir, Key)))
      assert.deepEqual(contents.map((content) => createHash('sha256').update(content).digest('hex')), objects.map(({ Sha256 }) => Sha256))
      return contents.flatMap(framesOf)
    }))
    assert.ok(ofFiles!.length > 0)
    if (name !== 'pair' && name !== 'waiting') assert.deepEqual(ofSegments, ofFiles)
  }
}

/** What was in the bucket is there as it was. */
async function checkObjects (heir: Heir): Promise<void> {
  assert.ok(heir.objects.length > 10)
  for (const { key, content } of heir.objects) assert.deepEqual(await objectOf(heir, key), content, key)
}

async function objectOf ({ outside: { cos } }: Heir, key: string): Promise<Buffer> {
  const object = await cos.get(bucket, key)
  assert.ok(object, key)
  return object.content
}
