import { createHash } from 'node:crypto'
import { numberOf } from '../../../bench/kill/numbered.ts'
import type { Span } from '../../../src/core/spans.ts'
import type { Timeline } from '../../../src/timeline/schema.ts'
import type { Evidence, JudgedFile, ToldEvent, ToldFile } from './evidence.ts'
import { framesOf } from '../frames.ts'
import { judgeAudio, lostFrames } from './judge-audio.ts'
import { isSegment, judgeSegments } from './judge-segments.ts'
import { judgeTasks } from './judge-tasks.ts'
import { judgeVerdict } from './judge-verdict.ts'
import { movedBy } from './moved-times.ts'

/** What is wrong with a recording, in plain sentences; none when it is as it should be. */
export function judge (evidence: Evidence): string[] {
  const { attempts, detail, ledger } = evidence
  const ends = events(evidence, ({ Type }) => Type.startsWith('recording.'))
  const [end] = ends
  const faults: string[] = [...evidence.refusals]
  if (ends.length !== 1) faults.push(`the end was told of ${ends.length} times`)
  if (attempts.some(({ signature }) => signature !== 'valid')) faults.push('a callback is not signed as it should be')
  for (const { body, duplicate, life } of attempts) {
    // A gateway that was killed, or whose database was away, may not have noted the answer
    const isExcused = attempts.some((other) => other.body.Id === body.Id && (other.life < life || isIn(ledger.outages, other.receivedMs)))
    if (duplicate && !isExcused) faults.push(`${body.Type} ${body.Id} came again after it was accepted`)
  }
  const told = end?.Files ?? detail.Files
  const files = openAll(evidence, told, faults)
  const segments = openAll(evidence, events(evidence, () => true).flatMap(({ Segment }) => Segment ?? []), faults)
  return [
    ...faults,
    ...judgeBucket(evidence, told),
    ...judgeAudio(evidence, files),
    ...judgeSegments(evidence, files, segments),
    ...judgeNumbers(evidence),
    ...judgeTasks(evidence),
    ...judgeVerdict(evidence, end, lostFrames(ledger, files)),
    ...judgeAgreement(evidence, end)
  ]
}

/** Whether a moment was in one of these spans, or so shortly before that what had to follow was not done by then. */
function isIn (spans: readonly Span[], atMs: number): boolean {
  return spans.some(({ startMs, endMs }) => atMs > startMs - 1_000 && atMs < endMs)
}

/** A user has one track, whatever died: only a disk that fails takes another. Its files are numbered without holes. */
function judgeNumbers ({ timeline }: Evidence): string[] {
  return timeline.Users.flatMap(({ UserId, Tracks }) => [
    ...Tracks.length > 1 ? [`${UserId} has ${Tracks.length} tracks`] : [],
    ...Tracks.flatMap(({ TrackId, Files }) => {
      const numbers = Files.map(({ Part }) => Part)
      return numbers.some((number, index) => number !== index + 1) ? [`files of track ${TrackId} of ${UserId} are numbered ${numbers.join(' ')}`] : []
    })
  ])
}

/** Each event once, by its id. */
function events ({ attempts }: Evidence, matches: (event: ToldEvent) => boolean): ToldEvent[] {
  return [...new Map(attempts.map(({ body }) => [body.Id, body])).values()].filter(matches)
}

/** Opens what was told of, and compares it with what was told. */
function openAll<Told extends ToldFile> ({ objects }: Evidence, told: readonly Told[], faults: string[]): JudgedFile<Told>[] {
  return told.flatMap((file) => {
    const { Key, Bytes, Sha256, Status = 1, UserId } = file
    const content = objects.get(Key)?.content
    if (Status !== 1) faults.push(`a file of ${UserId} is not stored`)
    if (content === undefined) {
      if (Status === 1) faults.push(`${Key} was told of and is not in the bucket`)
      return []
    }
    const sha256 = createHash('sha256').update(content).digest('hex')
    if (content.length !== Bytes || sha256 !== Sha256) faults.push(`${Key} is not the bytes that were told of`)
    try {
      const frames = framesOf(content).map((frame) => numberOf(Buffer.from(frame, 'hex')))
      return [{ told: file, content, frames }]
    } catch (error) {
      faults.push(`${Key} cannot be read: ${String(error)}`)
      return []
    }
  })
}

/** The bucket holds what was told of and nothing else, each put once under a key of its own. */
function judgeBucket (evidence: Evidence, files: readonly ToldFile[]): string[] {
  const { objects, puts, attempts, unfinished, spooled, exitCode } = evidence
  const faults: string[] = []
  const isFile = (key: string): boolean => !key.endsWith('/timeline.json') && !isSegment(key)
  const stored = files.filter(({ Status = 1 }) => Status === 1).map(({ Key }) => Key)
  for (const key of new Set(stored)) {
    const count = stored.filter((each) => each === key).length
    if (count > 1) faults.push(`${count} files have the key ${key}`)
  }
  for (const key of objects.keys()) if (isFile(key) && !stored.includes(key)) faults.push(`${key} is in the bucket and was not told of`)
  for (const { body, receivedMs } of attempts) {
    for (const { Key } of [...body.Files ?? [], ...body.Segment === undefined ? [] : [body.Segment]]) {
      if ((objects.get(Key)?.putMs ?? 0) > receivedMs) faults.push(`${Key} was put again after it had been told of`)
    }
  }
  for (const [key, lives] of Map.groupBy(puts, (put) => put.key)) {
    for (const own of Map.groupBy(lives, ({ life }) => life).values()) {
      // What a kill kept from being noted is put again, as is what was not confirmed. So is a segment that the end of its track broke off on its way
      const undisturbed = isSegment(key) ? 2 : 1
      const allowed = undisturbed + own.slice(1).filter(({ disturbed }) => disturbed).length
      if (own.length > allowed) faults.push(`${key} was put ${own.length} times`)
    }
  }
  for (const key of unfinished) faults.push(`an upload of ${key} in parts was left unfinished`)
  if (spooled.length > 0) faults.push(`left in the spool: ${spooled.join(', ')}`)
  if (exitCode !== 0) faults.push(`the gateway left with ${exitCode}`)
  return faults
}

/** The callback, `GET`, `timeline.json` and the timeline of now tell the same. */
function judgeAgreement (evidence: Evidence, end: ToldEvent | undefined): string[] {
  const { clockOffsetMs, detail, timeline, objects } = evidence
  const faults: string[] = []
  const same = (what: string, one: unknown, other: unknown): void => {
    const [a, b] = [JSON.stringify(one), JSON.stringify(other)]
    if (a !== b) faults.push(`${what} differ: ${a}, ${b}`)
  }
  for (const { UserId, State, TrackId } of detail.Tracks) if (State !== 'Closed') faults.push(`track ${TrackId} of ${UserId} is ${State}`)
  for (const delivery of detail.Deliveries) {
    if (delivery.State.toLowerCase() !== 'delivered') faults.push(`a delivery is ${delivery.State}`)
  }
  const tracks = timeline.Users.flatMap(({ UserId, Label, Tracks }) => Tracks.map((track) => ({ UserId, Label, ...track })))
  const ofTimeline = tracks.flatMap(({ UserId, Label, Files }) => Files.map((file) => ({ UserId, Label, ...file })))
  same('files of GET and timeline', compared(detail.Files), compared(ofTimeline))
  if (end !== undefined) {
    same('files of callback and GET', compared(end.Files ?? []), compared(detail.Files))
    same('reason and timeline of callback and GET', [end.Reason, end.TimelineFile], [detail.Reason, detail.TimelineFile])
    if (end.Message !== (end.Warnings?.[0]?.Message ?? '')) faults.push(`the message of the callback is not that of its first warning: ${end.Message ?? ''}`)
  }
  const stored = [...objects].find(([key]) => key.endsWith('/timeline.json'))
  if (stored === undefined || !detail.TimelineFile.endsWith(stored[0])) faults.push('timeline.json is not where it was told to be')
  else same('tracks of timeline.json and the timeline of now', uncaused(movedBy(-clockOffsetMs, JSON.parse(String(stored[1].content)) as Timeline)), uncaused(timeline))
  return faults
}

function compared (files: readonly Omit<ToldFile, 'Status'>[]): unknown[] {
  return files.map(({ UserId, Key, RecordFile, Bytes, Sha256, StartMs, EndMs, DurationMs, GapMs, Partial, Label }) =>
    [UserId, Key, RecordFile, Bytes, Sha256, StartMs, EndMs, DurationMs, GapMs, Partial, Label])
    .sort((a, b) => String(a).localeCompare(String(b)))
}

/** A timeline's tracks without the causes of gaps: an event that comes after the end may tell more of them. */
function uncaused ({ Users }: Timeline): unknown {
  return Users.map(({ UserId, Tracks }) => [UserId, Tracks.map(({ Files, ...track }) =>
    [track, Files.map(({ Gaps, ...file }) => [file, Gaps.map(({ Cause: _, ...gap }) => gap)])])])
}
