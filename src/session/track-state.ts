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

/** A track of which somebody was asked for audio. */
interface Sourced extends Recorded {
  sourceId: string
  /** A source that was asked for before, and may still come: the first of the two to bring audio stays. */
  olderId: string | undefined
  /** Since when nobody here could hear it: its thread died, or the process before this one; undefined once a thread has it and audio came. */
  awaySinceMs: number | undefined
  /** The user is wanted no more, and what is still under way is waited for. */
  ending: { sinceMs: number, isQuiet: boolean } | undefined
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
 *     idle → starting → waiting → live ⇄ lost        from each of them its source may be let go: `idle` again
 *     idle, or one that ends → closing ⇄ unstored, closing → gone
 *
 * A track whose disk fails is `closing` at once; one whose thread dies keeps its source and waits for a thread.
 */
export type TrackState =
  /** Nobody pushes. */
  | Recorded & { kind: 'idle' }
  /** Its source is being asked for. */
  | Sourced & { kind: 'starting' }
  /** Whoever was asked may push any time. `isAnswered`: it is known that they will. */
  | Sourced & { kind: 'waiting', isAnswered: boolean }
  /** Audio arrives. */
  | Sourced & { kind: 'live' }
  /** The connection broke and may come back with the same key. */
  | Sourced & { kind: 'lost' }
  /** Its files are being finished and uploaded. */
  | Ended & { kind: 'closing' }
  /** Uploading failed, or was a former owner's to do: it is due again. */
  | Ended & { kind: 'unstored', retryAtMs: number }
  /** Uploaded and noted: forgotten here. */
  | { kind: 'gone' }

type SourcedState = Extract<TrackState, Sourced>
type IdleState = Extract<TrackState, { kind: 'idle' }>
type EndedState = Extract<TrackState, Ended & { failures: number, ownFailures: number }>

export type TrackEvent =
  /** Somebody is about to be asked for its audio; whoever was asked last may still come, and whoever was asked before that is let go. */
  | { type: 'asked', sourceId: string, nowMs: number }
  /** A thread writes it from now on. */
  | { type: 'opened', nowMs: number }
  /** Whoever was asked will push, or does already. */
  | { type: 'answered', sourceId: string, nowMs: number }
  /** Nobody knows whether whoever was asked will push. */
  | { type: 'unanswered', sourceId: string, nowMs: number }
  /** Asking came to nothing. */
  | { type: 'startRefused', sourceId: string, nowMs: number }
  /** The first frame of a connection arrived. */
  | { type: 'live', sourceId: string, nowMs: number }
  /** The connection ended. */
  | { type: 'lost', sourceId: string, nowMs: number }
  /** The user is wanted no more: what is under way is waited for. */
  | { type: 'toEnd', nowMs: number }
  /** The user is wanted again. */
  | { type: 'toStay' }
  /** No more has come for a while. */
  | { type: 'quiet' }
  /** Its sources are let go. */
  | { type: 'toStop', nowMs: number }
  /** Its sources have ended by themselves, or bring nothing. @param isFailure the next one waits a while */
  | { type: 'over', isFailure: boolean, nowMs: number }
  | { type: 'toPause', isPaused: boolean }
  /** Its thread died. */
  | { type: 'threadDied', nowMs: number }
  /** Its thread can write no more. */
  | { type: 'diskFailed' }
  | { type: 'toClose' }
  /** No thread holds its files any more. */
  | { type: 'finished' }
  | { type: 'uploaded' }
  | { type: 'uploadFailed', isOwn: boolean, nowMs: number }

/** Why an event changes nothing. Each is met in practice: reports and answers come late, and plans are made of what was. */
export type Refusal =
  /** Nobody was asked. */
  | 'noSource'
  /** Audio arrives, or is being asked for. */
  | 'hasSource'
  /** Of a source that the track has no more. */
  | 'otherSource'
  /** Audio is on its way, or here. */
  | 'pushed'
  /** No audio came that could be lost. */
  | 'notLive'
  /** Whoever is wanted no more is asked for nothing. */
  | 'ending'
  | 'notEnding'
  /** A thread has it already, or nobody needs one. */
  | 'notOpening'
  /** Nothing more is recorded. */
  | 'ended'
  /** It is not being uploaded. */
  | 'notClosing'
  | 'gone'

/** A track that begins. @param retryAtMs before it nobody is asked for audio */
export function begun ({ retryAtMs, nowMs }: { retryAtMs: number, nowMs: number }): IdleState {
  return { kind: 'idle', isOpen: false, isPaused: false, sinceMs: nowMs, retryAtMs, failures: 0 }
}

/** A track that a former owner wrote and left open, with the sources that may come back to it, the newest first. */
export function resumed ([sourceId, olderId]: readonly string[], { awaySinceMs, nowMs }: { awaySinceMs: number, nowMs: number }): TrackState {
  const idle = begun({ retryAtMs: 0, nowMs })
  return sourceId === undefined ? idle : { ...idle, kind: 'lost', sourceId, olderId, awaySinceMs, ending: undefined }
}

/** A track that a former owner left open, of which nothing more is to be recorded. */
export function inherited (): Extract<TrackState, { kind: 'unstored' }> {
  return { kind: 'unstored', isOpen: false, failures: 0, ownFailures: 0, retryAtMs: 0 }
}

/** The state after an event, or why nothing happens. Pure; what follows from it is `ActiveTracks`'s to do. */
export function next (state: TrackState, event: TrackEvent): TrackState | { refused: Refusal } {
  switch (state.kind) {
    case 'idle': return afterIdle(state, event)
    case 'starting':
    case 'waiting':
    case 'live':
    case 'lost': return afterSourced(state, event)
    case 'closing':
    case 'unstored': return afterEnded(state, event)
    case 'gone': return refuse('gone')
    default: return state satisfies never
  }
}

function afterIdle (state: IdleState, event: TrackEvent): TrackState | { refused: Refusal } {
  switch (event.type) {
    case 'asked':
      return { ...state, kind: 'starting', sourceId: event.sourceId, olderId: undefined, awaySinceMs: undefined, ending: undefined, sinceMs: event.nowMs }
    case 'toPause': return { ...state, isPaused: event.isPaused }
    case 'threadDied': return { ...state, isOpen: false }
    case 'diskFailed':
    case 'toClose': return closing(state)
    case 'opened': return refuse('notOpening')
    case 'answered':
    case 'unanswered':
    case 'startRefused':
    case 'live':
    case 'lost': return refuse('otherSource')
    case 'toEnd':
    case 'toStop':
    case 'over': return refuse('noSource')
    case 'toStay':
    case 'quiet': return refuse('notEnding')
    case 'finished':
    case 'uploaded':
    case 'uploadFailed': return refuse('notClosing')
    default: return event satisfies never
  }
}

function afterSourced (state: SourcedState, event: TrackEvent): TrackState | { refused: Refusal } {
  switch (event.type) {
    case 'asked':
      if (state.ending !== undefined) return refuse('ending')
      if (state.kind === 'starting' || state.kind === 'live') return refuse('hasSource')
      return { ...state, kind: 'starting', sourceId: event.sourceId, olderId: state.sourceId, sinceMs: event.nowMs }
    case 'opened':
      return state.isOpen ? refuse('notOpening') : { ...state, isOpen: true, sinceMs: event.nowMs }
    case 'answered':
    case 'unanswered':
      if (state.sourceId !== event.sourceId) return refuse('otherSource')
      if (state.kind !== 'starting') return refuse('pushed')
      return { ...state, ...event.type === 'unanswered' && backedOff(state, event), kind: 'waiting', isAnswered: event.type === 'answered', sinceMs: event.nowMs }
    case 'startRefused': {
      if (state.sourceId !== event.sourceId) return refuse('otherSource')
      if (state.kind !== 'starting') return refuse('pushed')
      const { olderId } = state
      if (olderId === undefined) return { ...idleOf(state, event.nowMs), ...backedOff(state, event) }
      // Nobody knows whether the one before will come.
      return { ...state, ...backedOff(state, event), kind: 'waiting', isAnswered: false, sourceId: olderId, olderId: undefined, sinceMs: event.nowMs }
    }
    case 'live':
      if (event.sourceId !== state.sourceId && event.sourceId !== state.olderId) return refuse('otherSource')
      return { ...state, kind: 'live', sourceId: event.sourceId, olderId: undefined, awaySinceMs: undefined, sinceMs: event.nowMs, failures: 0 }
    case 'lost':
      if (state.kind !== 'live') return refuse('notLive')
      return state.sourceId === event.sourceId ? { ...state, kind: 'lost', sinceMs: event.nowMs } : refuse('otherSource')
    case 'toEnd':
      return state.ending === undefined ? { ...state, ending: { sinceMs: event.nowMs, isQuiet: false } } : refuse('ending')
    case 'toStay':
      return state.ending === undefined ? refuse('notEnding') : { ...state, ending: undefined }
    case 'quiet':
      return state.ending === undefined ? refuse('notEnding') : { ...state, ending: { ...state.ending, isQuiet: true } }
    case 'toStop':
      return idleOf(state, event.nowMs)
    case 'over':
      return { ...idleOf(state, event.nowMs), ...event.isFailure && backedOff(state, event) }
    case 'toPause':
      return { ...state, isPaused: event.isPaused }
    case 'threadDied': {
      const { awaySinceMs = event.nowMs } = state
      return { ...state, ...state.kind === 'live' && { kind: 'lost', sinceMs: event.nowMs }, isOpen: false, awaySinceMs }
    }
    case 'diskFailed':
      return closing(state)
    case 'toClose':
      // What no thread hears has nothing under way.
      return state.ending === undefined && state.isOpen ? refuse('hasSource') : closing(state)
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
    case 'toClose':
      return state.kind === 'unstored' ? { ...endedOf(state), kind: 'closing' } : refuse('ended')
    case 'finished':
      return state.kind === 'closing' ? { ...state, isOpen: false } : refuse('notClosing')
    case 'threadDied':
    case 'diskFailed':
      return { ...state, isOpen: false }
    case 'uploaded':
      return state.kind === 'closing' ? { kind: 'gone' } : refuse('notClosing')
    case 'uploadFailed':
      if (state.kind !== 'closing') return refuse('notClosing')
      return { ...endedOf(state), ...backedOff(state, event), kind: 'unstored', ownFailures: state.ownFailures + (event.isOwn ? 1 : 0) }
    case 'answered':
    case 'unanswered':
    case 'startRefused':
    case 'live':
    case 'lost':
      return refuse('otherSource')
    case 'asked':
    case 'opened':
    case 'toEnd':
    case 'toStay':
    case 'quiet':
    case 'toStop':
    case 'over':
    case 'toPause':
      return refuse('ended')
    default:
      return event satisfies never
  }
}

/** Whether a thread has it. */
export function isOpen (state: TrackState): boolean {
  return state.kind !== 'gone' && state.isOpen
}

/** The sources that it has and has not let go, the newest first. */
export function sourcesOf (state: TrackState): string[] {
  if (!('sourceId' in state)) return []
  return state.olderId === undefined ? [state.sourceId] : [state.sourceId, state.olderId]
}

/** Whether audio that arrives is left out. */
export function isPaused (state: TrackState): boolean {
  return 'isPaused' in state && state.isPaused
}

/** What a plan is made of. @param wallMs Unix milliseconds at which `performance.now()` was 0 */
export function actualOf (state: Exclude<TrackState, { kind: 'gone' }>, wallMs: number): Omit<Actual, 'trackId' | 'userId' | 'reach'> {
  switch (state.kind) {
    case 'closing':
    case 'unstored': {
      const retryAtMs = state.kind === 'unstored' ? wallMs + state.retryAtMs : 0
      return { phase: state.kind, source: { ids: [], state: 'none', sinceMs: 0 }, paused: false, retryAtMs }
    }
    case 'idle': {
      const { sinceMs, isPaused, retryAtMs } = state
      return { phase: 'recording', source: { ids: [], state: 'none', sinceMs: wallMs + sinceMs }, paused: isPaused, retryAtMs: wallMs + retryAtMs }
    }
    default: {
      const { kind, sinceMs, isPaused, retryAtMs, awaySinceMs, ending } = state
      const source = {
        ids: sourcesOf(state),
        state: kind,
        sinceMs: wallMs + sinceMs,
        ...kind === 'waiting' && !state.isAnswered && { isUnanswered: true },
        ...awaySinceMs !== undefined && { awaySinceMs: wallMs + awaySinceMs },
        ...ending !== undefined && { ending: { sinceMs: wallMs + ending.sinceMs, isQuiet: ending.isQuiet } }
      }
      return { phase: 'recording', source, paused: isPaused, retryAtMs: wallMs + retryAtMs }
    }
  }
}

function refuse (refused: Refusal): { refused: Refusal } {
  return { refused }
}

function idleOf ({ isOpen, isPaused, retryAtMs, failures }: Recorded, nowMs: number): IdleState {
  return { kind: 'idle', isOpen, isPaused, sinceMs: nowMs, retryAtMs, failures }
}

function closing ({ isOpen }: { isOpen: boolean }): TrackState {
  return { kind: 'closing', isOpen, failures: 0, ownFailures: 0 }
}

function backedOff ({ failures }: { failures: number }, { nowMs }: { nowMs: number }): { failures: number, retryAtMs: number } {
  return { failures: failures + 1, retryAtMs: nowMs + backOffMs(failures) }
}

function endedOf ({ isOpen, failures, ownFailures }: Ended): Ended {
  return { isOpen, failures, ownFailures }
}
