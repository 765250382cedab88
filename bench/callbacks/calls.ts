import type { Quantiles } from '../rooms/quantiles.ts'

/** What the bench asks of the process with the receivers. */
export interface ReceiverCalls {
  /** @returns the port at which all addresses of this machine listen */
  start: { request: { secret: string, answerMs: number }, result: number }
  /** Counts anew. */
  reset: { request: null, result: null }
  /** Resolves when so many events were received, or when the time is over. */
  received: { request: { events: number, limitMs: number }, result: Received }
}

export interface Received {
  /** Different events that were answered, and how often one came again. */
  events: number
  repeated: number
  /** Those whose signature is wrong. */
  unsigned: number
  /** When the latest of them came, Unix milliseconds. */
  lastMs: number
  /** From the event's `TimestampMs` until it was received. */
  latencyMs: Quantiles
}

/** What the bench asks of the process that sends. */
export interface NodeCalls {
  /** Opens an empty database, the embedded one without a URL, and starts the sender, which sends nothing yet. */
  start: { request: { dataDir: string, databaseUrl: string | undefined, secret: string, urls: string[], tenants: number }, result: null }
  /** Lets the sender send from now on, or no more. @returns when, Unix milliseconds */
  send: { request: { on: boolean }, result: number }
  /** Tells of that many events, each for one endpoint, endpoints in turn, many in a transaction. */
  fill: { request: { events: number, from: number }, result: null }
  /** Tells of events by the clock, each in a transaction of its own, to endpoints from number `from` on in turn. */
  pace: { request: { perSecond: number, forMs: number, from: number }, result: { events: number, lateMaxMs: number } }
  /** Stops pacing before its time. */
  enough: { request: null, result: null }
  /** Puts off what waits for an hour. */
  postpone: { request: null, result: null }
  /** Deletes what waits. */
  empty: { request: null, result: null }
  /** Posts that many events to the endpoints from number `from` on, signed, as many at once as the sender has: without a database. */
  plain: { request: { events: number, from: number }, result: { perSecond: number } }
  /** Begins to ask the database something every 20 ms, as others of the process do. */
  ask: { request: null, result: null }
  /** How long those statements took, and how late the event loop was; asks no more. */
  others: { request: null, result: { statementMs: Quantiles, loopP99Ms: number, loopMaxMs: number } }
}
