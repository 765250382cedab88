import { roomMsOf } from '../../examples/timeline.ts'
import type { Timeline } from '../../src/timeline/schema.ts'
import type { Evidence, JudgedFile } from './evidence.ts'
import { anchoredLateMs, saidMsOf, sentFrames, voiceOf, type Ledger, type SentFrame } from './frame-ledger.ts'

type TimelineFile = Timeline['Users'][number]['Tracks'][number]['Files'][number]

/** File time is room time to a frame and a nap of the thread; what more a busy machine adds. On top comes how late the sandbox itself was. */
const toleranceMs = 200
const frameSamples = 1024

/** Every frame that was received is in one file, its user's, at its time; what is silence or missing is listed. */
export function judgeAudio ({ ledger, timeline }: Evidence, files: readonly JudgedFile[]): string[] {
  const faults: string[] = []
  const placed = new Map<number, string>()
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
    faults.push(...judgeNumbers(file, ledger, sent, placed), ...judgePlaces(file, listed, ledger), ...judgeSilence(file, listed))
  }
  return [...faults, ...judgeMissing([...sent.values()].filter(({ fate, number }) => fate === 'received' && !placed.has(number)), users)]
}

/** Whose frames are in a file, and whether any is in two places. @param placed where frames have been found so far; this file's are added */
function judgeNumbers ({ told: { UserId, Key }, frames }: JudgedFile, ledger: Ledger, sent: Map<number, SentFrame>, placed: Map<number, string>): string[] {
  const counts = new Map<string, number>()
  const count = (fault: string): void => { counts.set(fault, (counts.get(fault) ?? 0) + 1) }
  let last = -1
  for (const number of frames) {
    if (number === undefined) continue
    const speaker = voiceOf(ledger, number)?.userId
    const before = placed.get(number)
    if (speaker !== UserId) count(`of ${speaker ?? 'nobody'}`)
    if (before !== undefined) count(before === Key ? 'twice' : `that are in ${before} too`)
    else if (number <= last) count('out of their order')
    const fate = sent.get(number)?.fate
    if (fate === undefined) count('that nobody sent')
    else if (fate === 'paused') count('that were said in a pause')
    placed.set(number, Key)
    last = number
  }
  return Array.from(counts, ([what, n]) => `${Key} of ${UserId} holds ${n} frames ${what}`)
}

function judgePlaces ({ told: { Key }, frames }: JudgedFile, file: TimelineFile, ledger: Ledger): string[] {
  let worstMs = 0
  let wrong = 0
  for (const [index, number] of frames.entries()) {
    const voice = number === undefined ? undefined : voiceOf(ledger, number)
    if (number === undefined || voice === undefined) continue
    const frameMs = frameSamples * 1000 / file.SampleRate
    // Whole, as `FileMs` is
    const offMs = roomMsOf(file, Math.round(index * frameMs)) - saidMsOf(ledger, number)
    if (offMs >= -toleranceMs && offMs <= toleranceMs + anchoredLateMs(ledger, voice.userId)) continue
    wrong++
    if (Math.abs(offMs) > Math.abs(worstMs)) worstMs = offMs
  }
  return wrong === 0 ? [] : [`${Key}: ${wrong} frames stand up to ${Math.round(worstMs)} ms from where they were said`]
}

/** Silence stands for gaps that are listed, and only for these. */
function judgeSilence ({ told: { Key }, frames }: JudgedFile, { Gaps, SampleRate }: TimelineFile): string[] {
  const frameMs = frameSamples * 1000 / SampleRate
  const isListed = (fileMs: number): boolean => Gaps.some((gap) => fileMs >= gap.FileMs - frameMs && fileMs < gap.FileMs + gap.FilledMs + frameMs)
  const unlisted = frames.flatMap((number, index) => number === undefined && !isListed(index * frameMs) ? [index] : [])
  const first = unlisted[0]
  return first === undefined ? [] : [`${Key}: ${unlisted.length} frames of silence from ${Math.round(first * frameMs)} ms on are in no gap`]
}

/** What was received and is in no file may have been trimmed, or lost to a disk that was behind: then it is listed. */
function judgeMissing (missing: readonly SentFrame[], users: ReadonlyMap<string, readonly TimelineFile[]>): string[] {
  const faults: string[] = []
  for (const [userId, frames] of Map.groupBy(missing, (frame) => frame.userId)) {
    const spans = (users.get(userId) ?? []).flatMap(({ Trims, Gaps }) => [
      ...Trims.map(({ AtMs, DurationMs }) => [AtMs, AtMs + DurationMs] as const),
      ...Gaps.filter(({ Cause }) => Cause === 'overload').map(({ StartMs, EndMs }) => [StartMs, EndMs] as const)
    ])
    const lost = frames.filter(({ saidMs, endMs }) => !spans.some(([fromMs, toMs]) => endMs >= fromMs - toleranceMs && saidMs <= toMs + toleranceMs))
    const [first, last] = [lost[0], lost.at(-1)]
    if (first === undefined || last === undefined) continue
    const seconds = (ms: number): string => (ms / 1000).toFixed(3)
    faults.push(`${lost.length} frames of ${userId} were received and are in no file: from ${seconds(first.saidMs)} to ${seconds(last.endMs)}`)
  }
  return faults
}
