import { outcomeOf } from '../../../trtc/cloud-api.ts'
import { BudgetQueue, type QueueTime } from './budget-queue.ts'
import type { Turn } from './waiting-calls.ts'

/** What TRTC counts calls by. It counts those of a sub-account; a key stands for it, as nobody tells us whose it is. */
export interface CallBudget {
  action: string
  host: string
  secretId: string
}

export interface CallFigures {
  /** Calls that wait for their turn. */
  waiting: number
  /** How often TRTC has refused a call since there were too many. */
  refusedTotal: number
  /** Budgets that are in use, or were a moment ago. */
  budgets: number
}

interface Entry {
  queue: BudgetQueue
  /** Calls that wait or are under way. */
  calls: number
}

const realTime: QueueTime = { now: () => performance.now(), setTimer: setTimeout }

/**
 * Has calls wait for their turn, so that TRTC takes them all: a rate limiter for each budget, and a queue before it. Only beginnings are
 * limited: a call that hangs is in nobody's way. A call that TRTC refuses since there are too many, as when others use the same account, is
 * made again before any other, until it is taken or given up; meanwhile half as many begin.
 */
export class CallQueue {
  readonly #time: QueueTime
  readonly #budgets = new Map<string, Entry>()
  #refusedTotal = 0

  constructor (time: QueueTime = realTime) {
    this.#time = time
  }

  /**
   * Makes a call when it is its turn.
   * @param call begins at once when it is called, and rejects with what `outcomeOf` can tell
   * @param signal ends the wait, and not what has begun
   * @throws the signal's reason; whatever `call` throws, but not that there were too many
   */
  async run<T> (budget: CallBudget, turn: Turn, call: () => Promise<T>, { signal }: { signal: AbortSignal }): Promise<T> {
    signal.throwIfAborted()
    const entry = this.#entryOf(budget)
    entry.calls++
    try {
      return await this.#untilTaken(entry.queue, turn, call, signal)
    } finally {
      entry.calls--
    }
  }

  figures (): CallFigures {
    const waiting = [...this.#budgets.values()].reduce((sum, { queue }) => sum + queue.waiting, 0)
    return { waiting, refusedTotal: this.#refusedTotal, budgets: this.#budgets.size }
  }

  async #untilTaken<T> (queue: BudgetQueue, turn: Turn, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let isAgain = false; ; isAgain = true) {
      try {
        return await queue.call(turn, call, { isAgain, signal })
      } catch (error) {
        if (outcomeOf(error) !== 'limited') throw error
        this.#refusedTotal++
        queue.halve()
      }
    }
  }

  #entryOf ({ action, host, secretId }: CallBudget): Entry {
    const key = JSON.stringify([action, host, secretId])
    let entry = this.#budgets.get(key)
    if (entry === undefined) {
      this.#forgetIdle()
      this.#budgets.set(key, entry = { queue: new BudgetQueue(this.#time), calls: 0 })
    }
    return entry
  }

  /** Keys come and go with their apps: a budget whose limit says nothing of the future any more is as good as none. */
  #forgetIdle (): void {
    for (const [key, { queue, calls }] of this.#budgets) if (calls === 0 && queue.isOver) this.#budgets.delete(key)
  }
}
