import type { ErrorName } from '../core/errors.ts'

/** The calls a thread answers: by name, what is asked and what comes of it. Plain data only, since both are cloned. */
export type CallTable<Calls> = { [Name in keyof Calls]: { request: unknown, result: unknown } }

/** An error as it crosses between threads: cloning an Error would drop what it is called. */
export interface CrossedError { name: ErrorName, message: string }

export type ToThread =
  | { type: 'call', id: number, name: PropertyKey, request: unknown }
  /** Finish what is under way and leave. */
  | { type: 'stop' }

export type FromThread<Ready, Report> =
  /** The thread takes calls. Sent once. */
  | { type: 'ready', ready: Ready }
  | { type: 'done', id: number, result: unknown }
  | { type: 'failed', id: number, error: CrossedError }
  /** What happens in the thread between the calls. */
  | { type: 'report', report: Report }

/** What every thread is started with, beside its own data. */
export interface ThreadMemory {
  /** Memory of the thread's `Stats`. */
  stats: SharedArrayBuffer
  /** Raised and notified with every message to the thread, which may be napping. */
  bell: Int32Array
}
