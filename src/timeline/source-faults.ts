import { intersect, lengthOf, subtract, unite, type Span } from '../core/spans.ts'
import type { SourceWithTask } from '../state/sources.ts'
import { heardTimes, type Person } from './people.ts'
import type { Evidence } from './state.ts'
import type { WarningCode } from './warnings.ts'

/** A source that was refused, failed or absent. */
export interface SourceFault {
  code: WarningCode
  userId: string
  message: string
  /** Audio of the user came later. */
  isOver: boolean
  /** The user was on stage and not paused meanwhile. */
  isWanted: boolean
  /** So he was, and not known to be muted either: audio that came, or would have come, is in no file. */
  isMissed: boolean
}

/** A shorter gap in a file says nothing of its source. */
const longGapMs = 1_000

/** The faults of somebody's sources, in the order in which they were asked for. */
export function sourceFaults (person: Person, { recording, sources }: Evidence): SourceFault[] {
  const own = sources.filter(({ userId }) => userId === person.userId).sort((a, b) => a.createdMs - b.createdMs || (a.id < b.id ? -1 : 1))
  return own.flatMap((source) => {
    const code = faultOf(source, recording.generation)
    if (code === undefined) return []
    return [{ code, userId: person.userId, message: source.troubleMessage, ...extentOf(source, code, own, person, recording.endedMs === null) }]
  })
}

/** A task that has to end and that nobody can stop: its TaskId was never told. */
export function isOrphan ({ stopAskedMs, taskId, outcome }: Pick<SourceWithTask, 'stopAskedMs' | 'taskId' | 'outcome'>): boolean {
  return stopAskedMs !== null && taskId === null && outcome === null
}

function faultOf (source: SourceWithTask, generation: number): SourceFault['code'] | undefined {
  const { trouble, firstAudioMs, failedMs, absentMs } = source
  switch (trouble) {
    case 'StartRefused':
    case 'StartFailed':
    case 'StartUnanswered':
      // A source whose start came to nothing, as far as we heard, and which brought audio all the same, was started.
      if (firstAudioMs === null) return trouble
      break
    case 'CodecRefused':
    case 'ConfigurationMissing':
    case 'RelayFailed':
      return trouble
    case null:
      // Who asked for it died before TRTC answered, and could not note it.
      if (firstAudioMs === null && source.generation < generation && isOrphan(source)) return 'StartUnanswered'
      break
    case 'SourceAbsent':
      break
    default: trouble satisfies never
  }
  if (failedMs !== null) return 'RelayFailed'
  return absentMs === null ? undefined : 'SourceAbsent'
}

/** How long a fault lasted, from when audio was to come until it came, or until the user left. */
function extentOf (
  source: SourceWithTask, code: SourceFault['code'], sources: readonly SourceWithTask[], person: Person, isRunning: boolean
): Pick<SourceFault, 'isOver' | 'isWanted' | 'isMissed'> {
  const { createdMs, firstAudioMs, lastFrameMs, failedMs } = source
  const fromMs = code === 'RelayFailed' && firstAudioMs !== null ? lastFrameMs ?? failedMs ?? createdMs : createdMs
  const stored = audioOf(person)
  // The first frame of what cannot be recorded is no audio.
  const pushes = sources.flatMap(({ id, firstAudioMs: atMs }) => atMs === null || (id === source.id && isUnusable(code)) ? [] : [atMs])
  const nextMs = Math.min(...[...pushes, ...stored.map(({ startMs }) => startMs)].filter((atMs) => atMs > fromMs))
  const stay = person.onStage.find(({ endMs }) => endMs > fromMs)
  const span = { startMs: fromMs, endMs: Math.min(nextMs, stay?.endMs ?? 0) }
  const lasts = span.startMs < span.endMs ? [span] : []

  // Whoever was heard by another source meanwhile misses nothing of this one but what is more than a seam between the two.
  const isHeard = stored.some(({ startMs, endMs }) => startMs <= fromMs && fromMs < endMs)
  const isLong = (times: readonly Span[]): boolean => lengthOf(subtract(intersect(lasts, times), stored)) > (isHeard ? longGapMs : 0)
  // What has not been given up yet may still bring audio.
  const isPending = isRunning && code === 'StartUnanswered' && source.stoppedMs === null && source.stopAskedMs === null
  return {
    isOver: nextMs !== Infinity,
    isWanted: isLong(subtract(person.onStage, person.paused)),
    isMissed: !isPending && isLong(heardTimes(person))
  }
}

function isUnusable (code: SourceFault['code']): boolean {
  return code === 'CodecRefused' || code === 'ConfigurationMissing'
}

/** When the user is heard in files. */
function audioOf ({ files }: Person): Span[] {
  return unite(files.flatMap((file) => subtract([file], file.gaps.filter(({ startMs, endMs }) => endMs - startMs > longGapMs))))
}
