import type { Connection } from '../state/database.ts'
import { recordingStates, type RecordingState, type StateRef } from '../state/recording-states.ts'

/** How many statements are under way at once: what is asked for meanwhile is read together by the next. */
const mostAtOnce = 2
/** How many recordings one statement reads. */
const batchSize = 100

interface Waiting {
  ref: StateRef
  resolve: (state: RecordingState | undefined) => void
  reject: (error: unknown) => void
}

/** Reads what the database says of recordings, for many sessions at once: what wakes one of a room wakes all of it, and each reads the same. */
export class StateReader {
  readonly #kysely: Connection
  #waiting: Waiting[] = []
  #reading = 0
  #isCalled = false

  constructor (kysely: Connection) {
    this.#kysely = kysely
  }

  /** @returns what stands there now, or later; undefined when the recording is finished, or gone */
  async read (ref: StateRef): Promise<RecordingState | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<RecordingState | undefined>()
    this.#waiting.push({ ref, resolve, reject })
    this.#call()
    return promise
  }

  /** Whoever else asks in this turn of the event loop is read together with those who wait. */
  #call (): void {
    if (this.#isCalled || this.#reading >= mostAtOnce || this.#waiting.length === 0) return
    this.#isCalled = true
    setImmediate(() => {
      this.#isCalled = false
      void this.#read(this.#waiting.splice(0, batchSize))
      this.#call()
    })
  }

  async #read (batch: readonly Waiting[]): Promise<void> {
    this.#reading++
    try {
      const states = await recordingStates(this.#kysely, batch.map(({ ref }) => ref))
      for (const { ref, resolve } of batch) resolve(states.get(ref.id))
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      this.#reading--
      this.#call()
    }
  }
}
