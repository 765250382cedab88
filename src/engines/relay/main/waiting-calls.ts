import { Fifo } from './fifo.ts'

/** Whose call is made first: that for somebody who speaks, for somebody silent, a Stop, a Stop in a room that was dismissed. */
const ranks = ['speaker', 'silent', 'stop', 'dismissedStop'] as const

export type CallRank = typeof ranks[number]

/** What decides when a call that waits is made. */
export interface Turn {
  recordingId: string
  /** Asked again and again while the call waits: somebody may begin to speak. */
  rank: () => CallRank
}

/** How many ranks are asked for before a call is taken. With fewer calls waiting each rank is as it is now, with 10 000 it is some two seconds old at most. */
const askedPerCall = 250

/** Calls that wait: a priority queue of the ranks, and within the best rank a round robin over the recordings. */
export class WaitingCalls<Call extends Turn> {
  /** Calls that were made and refused. They have no rank: they are taken before all others. */
  readonly #again = new Fifo<Call>()
  readonly #byRank = { speaker: new RoundRobin<Call>(), silent: new RoundRobin<Call>(), stop: new RoundRobin<Call>(), dismissedStop: new RoundRobin<Call>() }
  /** The rank each was filed under, which may have changed since. */
  readonly #filed = new Map<Call, CallRank>()
  /** Goes round and round over all that are filed, also those added meanwhile. */
  #asking = this.#filed.keys()

  get size (): number { return this.#again.size + this.#filed.size }

  add (call: Call): void {
    this.#file(call, call.rank())
  }

  /** Adds a call that keeps its place before all that were not made yet. */
  addAgain (call: Call): void {
    this.#again.add(call)
  }

  delete (call: Call): void {
    this.#again.delete(call)
    const filed = this.#filed.get(call)
    if (filed === undefined) return
    this.#filed.delete(call)
    this.#byRank[filed].delete(call)
  }

  /** Takes the call whose turn it is; undefined when none waits. */
  take (): Call | undefined {
    return this.#again.shift() ?? this.#takeRanked()
  }

  #takeRanked (): Call | undefined {
    this.#askRanks()
    for (const rank of ranks) {
      for (;;) {
        const call = this.#byRank[rank].shift()
        if (call === undefined) break
        const present = call.rank()
        if (ranks.indexOf(present) <= ranks.indexOf(rank)) {
          this.delete(call)
          return call
        }
        // the rank it has at its turn counts: others may be before it by now
        this.#file(call, present)
      }
    }
    return undefined
  }

  #askRanks (): void {
    for (let left = Math.min(askedPerCall, this.#filed.size); left > 0; left--) {
      let next = this.#asking.next()
      if (next.done === true) next = (this.#asking = this.#filed.keys()).next()
      if (next.done !== true) this.#file(next.value, next.value.rank())
    }
  }

  #file (call: Call, rank: CallRank): void {
    const filed = this.#filed.get(call)
    if (filed === rank) return
    if (filed !== undefined) this.#byRank[filed].delete(call)
    this.#filed.set(call, rank)
    this.#byRank[rank].add(call)
  }
}

/** Calls of one rank: each recording in turn, and of each the oldest call. */
class RoundRobin<Call extends Turn> {
  readonly #byRecording = new Map<string, Fifo<Call>>()
  readonly #order = new Fifo<string>()

  /** Adds a call, unless it is there. */
  add (call: Call): void {
    const { recordingId } = call
    const calls = this.#byRecording.get(recordingId) ?? new Fifo<Call>()
    calls.add(call)
    this.#byRecording.set(recordingId, calls)
    this.#order.add(recordingId)
  }

  delete (call: Call): void {
    const { recordingId } = call
    const calls = this.#byRecording.get(recordingId)
    calls?.delete(call)
    if (calls?.size === 0) this.#forget(recordingId)
  }

  shift (): Call | undefined {
    const recordingId = this.#order.shift()
    if (recordingId === undefined) return undefined
    this.#order.add(recordingId)
    const calls = this.#byRecording.get(recordingId)
    const call = calls?.shift()
    if (calls?.size === 0) this.#forget(recordingId)
    return call
  }

  #forget (recordingId: string): void {
    this.#byRecording.delete(recordingId)
    this.#order.delete(recordingId)
  }
}
