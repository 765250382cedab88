import { roomMsOf } from '../../../examples/timeline.ts'
import type { Timeline } from '../../../src/timeline/schema.ts'
import type { Evidence, JudgedFile } from './evidence.ts'
import { intersect, lengthOf, subtract, unite, type Span } from '../../../src/core/spans.ts'
import { saidMsOf, sentFrames, voiceOf, type Ledger, type SentFrame } from './frame-ledger.ts'
import { judgePlaces, type PlacedFrame } from './judge-places.ts'

type TimelineUser = Timeline['Users'][number]
type TimelineFile = TimelineUser['Tracks'][number]['Files'][number]

/** File time is room time to a frame and a nap of the thread; what more a busy machine adds. */
const toleranceMs = 200
/** How much later than it was said, and pushed, a frame may stand. */
const lateListedMs = 300 + toleranceMs
const frameSamples = 1024
/** A shorter hole in what somebody said is none: a seam of two files, or a relay that begins. */
const leastHoleMs = 500
/** What the gateway could not keep, though it came. */
const lossCauses: ReadonlySet<string> = new Set(['overload', 'disk', 'database', 'lost'])

/** Every frame that was received is in one file, its user's, at its time; what is silence or missing is listed. */
export function judgeAudio ({ ledger, timeline }: Evidence, files: readonly JudgedFile[]): string[] {
  const faults: string[] = []
  const placed = new Map<number, PlacedFrame>()
  const users = new Map(timeline.Users.map(({ UserId, Tracks }) => [UserId, Tracks.flatMap(({ Files }) => Files)]))
  const sent = sentFrames(ledger)
  for (const file of files) {
    const { UserId, Key, DurationMs } = file.told
    const listed = users.get(UserId)?.find((each) => each.Key === Key && each.StartMs === file.told.StartMs)
    if (listed === undefined) {
      faults.push(`${Key} is not in the timeline`)
      continue
    }
    const fileMs = file.frames.length * frameSamples * 1000 / listed.SampleRate
    if (Math.abs(fileMs - DurationMs) > 1) faults.push(`${Key} plays for ${Math.round(fileMs)} ms, ${DurationMs} were told`)
    faults.push(...judgeNumbers(file, listed, ledger, sent, placed), ...judgeSilence(file, listed))
  }
  faults.push(...judgePlaces(ledger, placed))
  const missing = [...sent.values()].filter(({ fate, number }) => fate === 'received' && !placed.has(number))
  return [...faults, ...judgeMissing(missing, timeline.Users, ledger), ...timeline.Users.flatMap((user) => judgeHoles(user, ledger, placed))]
}

/** Frames that were surely received and are in no file. */
export function lostFrames (ledger: Ledger, files: readonly JudgedFile[]): SentFrame[] {
  const placed = new Set(files.flatMap(({ frames }) => frames))
  return [...sentFrames(ledger).values()].filter(({ fate, number }) => fate === 'received' && !placed.has(number))
}

/** Whose frames are in a file, and whether any is in two places. @param placed where frames have been found so far; this file's are added */
function judgeNumbers (
  { told: { UserId, Key }, frames }: JudgedFile, listed: TimelineFile, ledger: Ledger, sent: Map<number, SentFrame>, placed: Map<number, PlacedFrame>
): string[] {
  const frameMs = frameSamples * 1000 / listed.SampleRate
  const counts = new Map<string, number>()
  const count = (fault: string): void => { counts.set(fault, (counts.get(fault) ?? 0) + 1) }
  let last = -1
  for (const [index, number] of frames.entries()) {
    if (number === undefined) continue
    const speaker = voiceOf(ledger, number)?.userId
    const before = placed.get(number)?.key
    if (speaker !== UserId) count(`of ${speaker ?? 'nobody'}`)
    if (before !== undefined) count(before === Key ? 'twice' : `that are in ${before} too`)
    else if (number <= last) count('out of their order')
    const fate = sent.get(number)?.fate
    if (fate === undefined) count('that nobody sent')
    else if (fate === 'paused') count('that were said in a pause')
    // Whole, as `FileMs` is
    placed.set(number, { number, key: Key, roomMs: roomMsOf(listed, Math.round(index * frameMs)) })
    last = number
  }
  return Array.from(counts, ([what, n]) => `${Key} of ${UserId} holds ${n} frames ${what}`)
}

/** Silence stands for gaps that are listed, and only for these. */
function judgeSilence ({ told: { Key }, frames }: JudgedFile, { Gaps, SampleRate }: TimelineFile): string[] {
  const frameMs = frameSamples * 1000 / SampleRate
  const isListed = (fileMs: number): boolean => Gaps.some((gap) => fileMs >= gap.FileMs - frameMs && fileMs < gap.FileMs + gap.FilledMs + frameMs)
  const unlisted = frames.flatMap((number, index) => number === undefined && !isListed(index * frameMs) ? [index] : [])
  const first = unlisted[0]
  return first === undefined ? [] : [`${Key}: ${unlisted.length} frames of silence from ${Math.round(first * frameMs)} ms on are in no gap`]
}

/** What was received and is in no file may have been trimmed, or lost to a disk or database that was behind: then it is listed. */
function judgeMissing (missing: readonly SentFrame[], users: readonly TimelineUser[], ledger: Ledger): string[] {
  const faults: string[] = []
  for (const [userId, frames] of Map.groupBy(missing, (frame) => frame.userId)) {
    const own = users.filter(({ UserId }) => UserId === userId)
    const places = own.flatMap(({ Tracks, Gaps }) => [...Tracks.flatMap(({ Files }) => Files), { Gaps, Trims: [] }])
    const spans = places.flatMap(({ Trims, Gaps }) => [
      ...Trims.map(({ AtMs, DurationMs }) => [AtMs, AtMs + DurationMs] as const),
      ...Gaps.filter(({ Cause }) => lossCauses.has(Cause)).map(({ StartMs, EndMs }) => [StartMs, EndMs] as const)
    ])
    const [earlyMs, lateMs] = [ledger.audioDelayMs + lateListedMs, movedMs(userId, ledger) + toleranceMs]
    const lost = frames.filter(({ saidMs, endMs }) => !spans.some(([fromMs, toMs]) => endMs >= fromMs - earlyMs && saidMs <= toMs + lateMs))
    const [first, last] = [lost[0], lost.at(-1)]
    if (first === undefined || last === undefined) continue
    const { endedBy = 'nobody', endedMs = Infinity } = last.connection
    const ended = `${Math.round(endedMs - last.passedMs)} ms before the end of their connection by ${endedBy}`
    faults.push(`${lost.length} frames of ${userId} were received and are in no file: from ${inSeconds(first.saidMs)} to ${inSeconds(last.endMs)}, ${ended}`)
  }
  return faults
}

/** What somebody said between two frames that are in files, and is in none, is listed, whoever lost it. */
function judgeHoles ({ UserId, Tracks, Gaps }: TimelineUser, ledger: Ledger, placed: ReadonlyMap<number, PlacedFrame>): string[] {
  const frames = [...placed.keys()].filter((number) => voiceOf(ledger, number)?.userId === UserId)
    .map((number) => ({ startMs: saidMsOf(ledger, number), endMs: saidMsOf(ledger, number) + (voiceOf(ledger, number)?.frameMs ?? 0) }))
    .sort((a, b) => a.startMs - b.startMs)
  const [first, last] = [frames[0], frames.at(-1)]
  if (first === undefined || last === undefined) return []
  const heard = unite(frames.map(({ startMs, endMs }) => ({ startMs, endMs: endMs + 1 })))
  const listed = [...Gaps, ...Tracks.flatMap(({ Files }) => Files.flatMap((file) => file.Gaps))]
    .map(({ StartMs, EndMs }): Span => ({ startMs: StartMs - ledger.audioDelayMs - lateListedMs, endMs: EndMs + movedMs(UserId, ledger) + toleranceMs }))
  const said = ledger.talks.filter(({ userId }) => userId === UserId)
  const within = intersect(said, [{ startMs: first.startMs, endMs: last.endMs }])
  const holes = subtract(within, heard).filter((hole) => hole.endMs - hole.startMs > leastHoleMs)
  return holes.filter((hole) => lengthOf(subtract([hole], listed)) > toleranceMs)
    .map(({ startMs, endMs }) => `${UserId} spoke from ${inSeconds(startMs)} to ${inSeconds(endMs)}, which is in no file and in no gap`)
}

/** How much earlier than it was a gap may be listed: a source's clock that stands is known ten seconds later. */
function movedMs (userId: string, { stalls }: Ledger): number {
  return stalls.filter((stall) => stall.userId === userId).reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0)
}

function inSeconds (ms: number): string {
  return (ms / 1000).toFixed(3)
}
