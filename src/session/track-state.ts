import { backOffMs } from '../core/back-off.ts'
import type { Actual } from './plan.ts'

/** A track that is recorded, whatever its source does. All moments are by `performance.now()`: the wall clock may be set at any time. */
interface Recorded {
  /** Whether a thread writes it. */
  isOpen: boolean
  /** Audio that arrives is left out. */
  isPaused: boolean
  /** When this state of its source began. */
  sinceMs: number
  /** Before it nobody is asked for audio. */
  retryAtMs: number
  /** Tries in a row that brought no audio. */
  failures: number
}

/** A track of which nothing more is recorded. */
interface Ended {
  /** Whether a thread holds its files open. */
  isOpen: boolean
  /** Tries to upload it that came to nothing, and those of them that were our own fault. */
  failures: number
  ownFailures: number
}

/**
 * What this process is doing about one track (state machine):
 *
 *     idle → starting → waiting → live ⇄ lost        whoever pushes is let go by `stopping`, then `idle` again
 *     idle → closing ⇄ unstored, closing → gone      a track that breaks is `closing` at once, whatever it was
 */
export type TrackState =
  /** Nobody pushes. */
  | Recorded & { kind: 'idle' }
  /** Its source is being asked for. */
  | Recorded & { kind: 'starting', sourceId: string }
  /** Whoever was asked may push any time. */
  | Recorded & { kind: 'waiting', sourceId: string }
  /** Audio arrives. */
  | Recorded & { kind: 'live', sourceId: string }
  /** The connection broke and may come back with the same key. */
  | Recorded & { kind: 'lost', sourceId: string }
  /** Its source is being stopped. */
  | Recorded & { kind: 'stopping', sourceId: string }
  /** Its files are being finished and uploaded, after its source, if it has one, is stopped. */
  | Ended & { kind: 'closing', sourceId: string | undefined }
  /** Uploading failed, or was a former owner's to do: it is due again. */
  | Ended & { kind: 'unstored', retryAtMs: number }
  /** Uploaded and noted: forgotten here. */
  | { kind: 'gone' }

type RecordedState = Extract<TrackState, Recorded>
type EndedState = Extract<TrackState, Ended>

export type TrackEvent =
  /** Somebody is about to be asked for its audio. */
  | { type: 'asked', sourceId: string, nowMs: number }
  /** A thread writes it from now on. */
  | { type: 'opened' }
  /** Whoever was asked will push, or does already. */
  | { type: 'answered', sourceId: string, nowMs: number }
  /** Asking came to nothing. */
  | { type: 'startRefused', sourceId: string, nowMs: number }
  /** The first frame of a connection arrived. */
  | { type: 'live', nowMs: number }
  /** The connection ended. */
  | { type: 'lost', nowMs: number }
  /** Its source is wanted no more. */
  | { type: 'toStop', nowMs: number }
  /** Its source has ended by itself, or brings nothing: the next one waits a while. */
  | { type: 'over', nowMs: number }
  /** Its source is stopped, or as good as. */
  | { type: 'stopped', sourceId: string, nowMs: number }
  | { type: 'toPause', isPaused: boolean }
  /** Its thread died, or can write no more. */
  | { type: 'broken' }
  | { type: 'toClose' }
  /** No thread holds its files any more. */
  | { type: 'finished' }
  | { type: 'uploaded' }
  | { type: 'uploadFailed', isOwn: boolean, nowMs: number }

/** Why an event changes nothing. Each is met in practice: reports and answers come late, and plans are made of what was. */
export type Refusal =
  /** Nobody pushes. */
  | 'noSource'
  /** A source is there already, or still. */
  | 'hasSource'
  /** Of a source that the track has no more. */
  | 'otherSource'
  /** Whoever is being asked has not answered. */
  | 'notAnswered'
  /** Audio is on its way, or here. */
  | 'pushed'
  /** No audio came that could be lost. */
  | 'notLive'
  /** The source is being stopped. */
  | 'stopping'
  /** The source is not being stopped. */
  | 'notStopping'
  /** Threads begin a track when its audio is asked for. */
  | 'notStarting'
  /** Nothing more is recorded. */
  | 'ended'
  /** It is not being uploaded. */
  | 'notClosing'
  | 'gone'

/** A track that begins. @param retryAtMs before it nobody is asked for audio */
export function begun ({ retryAtMs, nowMs }: { retryAtMs: number, nowMs: number }): Extract<TrackState, { kind: 'idle' }> {
  return { kind: 'idle', isOpen: false, isPaused: false, sinceMs: nowMs, retryAtMs, failures: 0 }
}

/** A track that a former owner left open. */
export function inherited (): Extract<TrackState, { kind: 'unstored' }> {
  return { kind: 'unstored', isOpen: false, failures: 0, ownFailures: 0, retryAtMs: 0 }
}

/** The state after an event, or why nothing happens. Pure; what follows from it is `ActiveTracks`'s to do. */
export function next (state: TrackState, event: TrackEvent): TrackState | { refused: Refusal } {
  switch (state.kind) {
    case 'idle':
    case 'starting':
    case 'waiting':
    case 'live':
    case 'lost':
    case 'stopping':
      return afterRecorded(state, event)
    case 'closing':
    case 'unstored':
      return afterEnded(state, event)
    case 'gone':
      return refuse('gone')
    default:
      return state satisfies never
  }
}

function afterRecorded (state: RecordedState, event: TrackEvent): TrackState | { refused: Refusal } {
  switch (event.type) {
    case 'asked':
      return state.kind === 'idle' ? { ...state, kind: 'starting', sourceId: event.sourceId, sinceMs: event.nowMs } : refuse('hasSource')
    case 'opened':
      return state.kind === 'starting' ? { ...state, isOpen: true } : refuse('notStarting')
    case 'answered':
      if (state.kind === 'idle' || state.sourceId !== event.sourceId) return refuse('otherSource')
      if (state.kind === 'starting') return { ...state, kind: 'waiting', sinceMs: event.nowMs }
      return refuse(state.kind === 'stopping' ? 'stopping' : 'pushed')
    case 'startRefused':
      if (state.kind === 'idle' || state.sourceId !== event.sourceId) return refuse('otherSource')
      if (state.kind !== 'starting' && state.kind !== 'stopping') return refuse('pushed')
      return { ...state, ...backedOff(state, event), kind: 'stopping', sinceMs: event.nowMs }
    case 'live':
      if (state.kind === 'idle') return refuse('noSource')
      return state.kind === 'stopping' ? refuse('stopping') : { ...state, kind: 'live', sinceMs: event.nowMs, failures: 0 }
    case 'lost':
      return state.kind === 'live' ? { ...state, kind: 'lost', sinceMs: event.nowMs } : refuse('notLive')
    case 'toStop':
    case 'over':
      if (state.kind === 'idle') return refuse('noSource')
      if (state.kind === 'starting') return refuse('notAnswered')
      if (state.kind === 'stopping') return refuse('stopping')
      return { ...state, ...event.type === 'over' && backedOff(state, event), kind: 'stopping', sinceMs: event.nowMs }
    case 'stopped': {
      if (state.kind === 'idle' || state.sourceId !== event.sourceId) return refuse('otherSource')
      if (state.kind !== 'stopping') return refuse('notStopping')
      const { sourceId: _, ...rest } = state
      return { ...rest, kind: 'idle', sinceMs: event.nowMs }
    }
    case 'toPause':
      return { ...state, isPaused: event.isPaused }
    case 'broken':
      return { kind: 'closing', isOpen: state.isOpen, sourceId: sourceOf(state), failures: 0, ownFailures: 0 }
    case 'toClose':
      if (state.kind !== 'idle') return refuse('hasSource')
      return { kind: 'closing', isOpen: state.isOpen, sourceId: undefined, failures: 0, ownFailures: 0 }
    case 'finished':
    case 'uploaded':
    case 'uploadFailed':
      return refuse('notClosing')
    default:
      return event satisfies never
  }
}

function afterEnded (state: EndedState, event: TrackEvent): TrackState | { refused: Refusal } {
  switch (event.type) {
    case 'stopped':
      return state.kind === 'closing' && state.sourceId === event.sourceId ? { ...state, sourceId: undefined } : refuse('otherSource')
    case 'toClose':
      return state.kind === 'unstored' ? { ...endedOf(state), kind: 'closing', sourceId: undefined } : refuse('ended')
    case 'finished':
      return state.kind === 'closing' ? { ...state, isOpen: false } : refuse('notClosing')
    case 'uploaded':
      return state.kind === 'closing' ? { kind: 'gone' } : refuse('notClosing')
    case 'uploadFailed':
      if (state.kind !== 'closing') return refuse('notClosing')
      return { ...endedOf(state), ...backedOff(state, event), kind: 'unstored', ownFailures: state.ownFailures + (event.isOwn ? 1 : 0) }
    case 'answered':
    case 'startRefused':
      return refuse(sourceOf(state) === event.sourceId ? 'ended' : 'otherSource')
    case 'asked':
    case 'opened':
    case 'live':
    case 'lost':
    case 'toStop':
    case 'over':
    case 'toPause':
    case 'broken':
      return refuse('ended')
    default:
      return event satisfies never
  }
}

/** Whether a thread has it. */
export function isOpen (state: TrackState): boolean {
  return state.kind !== 'gone' && state.isOpen
}

/** The source it has, or has not let go of. */
export function sourceOf (state: TrackState): string | undefined {
  return 'sourceId' in state ? state.sourceId : undefined
}

/** Whether audio that arrives is left out. */
export function isPaused (state: TrackState): boolean {
  return 'isPaused' in state && state.isPaused
}

/** What a plan is made of. @param wallMs Unix milliseconds at which `performance.now()` was 0 */
export function actualOf (state: Exclude<TrackState, { kind: 'gone' }>, wallMs: number): Omit<Actual, 'trackId' | 'userId'> {
  switch (state.kind) {
    case 'closing':
    case 'unstored': {
      const id = sourceOf(state)
      const retryAtMs = state.kind === 'unstored' ? wallMs + state.retryAtMs : 0
      return { phase: state.kind, source: { id, state: id === undefined ? 'none' : 'stopping', sinceMs: 0 }, paused: false, retryAtMs }
    }
    default: {
      const { kind, sinceMs, isPaused, retryAtMs } = state
      const source = { id: sourceOf(state), state: kind === 'idle' ? 'none' as const : kind, sinceMs: wallMs + sinceMs }
      return { phase: 'recording', source, paused: isPaused, retryAtMs: wallMs + retryAtMs }
    }
  }
}

function refuse (refused: Refusal): { refused: Refusal } {
  return { refused }
}

function backedOff ({ failures }: { failures: number }, { nowMs }: { nowMs: number }): { failures: number, retryAtMs: number } {
  return { failures: failures + 1, retryAtMs: nowMs + backOffMs(failures) }
}

function endedOf ({ isOpen, failures, ownFailures }: Ended): Ended {
  return { isOpen, failures, ownFailures }
}
