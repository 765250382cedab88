import { onAbort } from '../../../core/on-abort.ts'
import { CallWindow } from './call-window.ts'
import { WaitingCalls, type Turn } from './waiting-calls.ts'

/** Where a queue has its time from. */
export interface QueueTime {
  /** Milliseconds, as by `performance.now()`. */
  now: () => number
  setTimer: (act: () => void, ms: number) => unknown
}

interface WaitingCall extends Turn {
  begin: () => void
}

/** The calls of one budget: those that wait, and when the next of them begins. */
export class BudgetQueue {
  readonly #time: QueueTime
  readonly #window = new CallWindow()
  readonly #waiting = new WaitingCalls<WaitingCall>()
  #isTimed = false

  constructor (time: QueueTime) {
    this.#time = time
  }

  get waiting (): number { return this.#waiting.size }

  /** Whether it may be forgotten, unless one of its calls is under way. */
  get isOver (): boolean { return this.#waiting.size === 0 && this.#window.isOver(this.#time.now()) }

  /** TRTC has refused a call. */
  halve (): void {
    this.#window.halve(this.#time.now())
  }

  /**
   * Makes a call when it is its turn.
   * @param isAgain it was made and refused, and so keeps its place
   * @param signal ends the wait; a call that has begun has to watch it itself
   */
  async call<T> ({ recordingId, rank }: Turn, call: () => Promise<T>, { isAgain, signal }: { isAgain: boolean, signal: AbortSignal }): Promise<T> {
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const stay = onAbort(signal, () => {
      this.#waiting.delete(waiting)
      reject(signal.reason as Error)
    })
    const waiting: WaitingCall = {
      recordingId,
      rank,
      begin: () => {
        stay()
        resolve(begun(call))
      }
    }
    if (isAgain) this.#waiting.addAgain(waiting)
    else this.#waiting.add(waiting)
    this.#beginDue()
    return promise
  }

  /** Begins what may begin now, and comes back when more may. */
  #beginDue (): void {
    while (this.#waiting.size > 0) {
      const nowMs = this.#time.now()
      const { nextMs } = this.#window
      if (nextMs > nowMs) {
        this.#comeBack(Math.ceil(nextMs - nowMs))
        return
      }
      const call = this.#waiting.take()
      this.#window.begin(nowMs)
      call?.begin()
    }
  }

  #comeBack (ms: number): void {
    if (this.#isTimed) return
    this.#isTimed = true
    this.#time.setTimer(() => {
      this.#isTimed = false
      this.#beginDue()
    }, ms)
  }
}

async function begun<T> (call: () => Promise<T>): Promise<T> {
  return call()
}
