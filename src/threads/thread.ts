import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { messageOf, RoomtapeError } from '../core/errors.ts'
import { Board, type Figures } from './stats.ts'
import type { CallName, Calls, FromThread, ThreadData, ToThread, TrackReport } from '../tracks/messages.ts'
import { Pulse } from './hang-detector.ts'

/** Why a thread is gone. */
export type Death = 'crash' | 'hang'

/** What of a thread's data is made by its `Thread`. */
export type ThreadMemory = 'board' | 'bell'

interface ThreadOptions {
  index: number
  data: Omit<ThreadData, ThreadMemory>
  /** What runs in it. */
  script: URL
  onReport: (report: TrackReport) => void
  onRefused: (counts: Record<string, number>) => void
}

/** The code of a capture thread. */
export const captureScript = new URL(`../tracks/worker${extname(import.meta.filename)}`, import.meta.url)

/** Nearly all garbage here is what a socket read leaves. V8's own choice is four times as large: at 500 tracks 139 kB each instead of 65, and no less CPU. */
const maxYoungGenerationSizeMb = 12
/** Audio is outside of it. A thread that leaks dies by itself, before it takes the machine's memory. */
const maxOldGenerationSizeMb = 512

/** One capture thread as the main thread sees it: its calls, its figures, and its end. */
export class Thread {
  readonly index: number
  /** The RTMP port. */
  readonly ready: Promise<number>
  /** Resolves, with what is to be said about it, when the thread is gone; from then on nothing is heard of it. */
  readonly exited: Promise<{ death: Death, error: RoomtapeError }>
  readonly startedMs = performance.now()
  #state: 'starting' | 'running' | 'dead' = 'starting'
  readonly #worker: Worker
  readonly #board = new Board()
  readonly #bell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  readonly #pulse = new Pulse()
  readonly #pending = new Map<number, { name: CallName, resolve: (result: never) => void, reject: (error: unknown) => void }>()
  readonly #ended: (death: Death, message: string, cause?: unknown) => void
  #lastCall = 0
  #opening = 0

  constructor ({ index, data, script, onReport, onRefused }: ThreadOptions) {
    this.index = index
    this.#worker = new Worker(script, {
      workerData: { ...data, board: this.#board.memory, bell: this.#bell } satisfies ThreadData,
      name: `capture-${index}`,
      resourceLimits: { maxYoungGenerationSizeMb, maxOldGenerationSizeMb }
    })
    const ready = Promise.withResolvers<number>()
    const exited = Promise.withResolvers<{ death: Death, error: RoomtapeError }>()
    this.ready = ready.promise
    this.exited = exited.promise
    ready.promise.catch(() => undefined) // whoever waits for it hears of it; nobody may be waiting

    let cause: unknown
    this.#worker.on('error', (error) => { cause = error })
    this.#worker.on('message', (message: FromThread) => {
      if (this.#state === 'dead') return
      switch (message.type) {
        case 'ready':
          this.#state = 'running'
          ready.resolve(message.rtmpPort)
          break
        case 'done': this.#settle(message.id)?.resolve(message.result as never); break
        case 'failed': this.#settle(message.id)?.reject(new RoomtapeError(message.error.name, message.error.message)); break
        case 'refused': onRefused(message.counts); break
        case 'live':
        case 'lost':
        case 'behind':
        case 'caughtUp':
        case 'segment':
        case 'unsent':
        case 'broken': onReport(message); break
        default: message satisfies never
      }
    })
    this.#worker.once('exit', (exitCode) => {
      this.#ended('crash', `left with ${exitCode}${cause === undefined ? '' : `: ${messageOf(cause)}`}`, cause)
    })
    this.#ended = (death, message, cause) => {
      if (this.#state === 'dead') return
      this.#state = 'dead'
      const error = new RoomtapeError('WORKER_CRASHED', `capture thread ${index} ${message}`, { cause })
      ready.reject(error)
      for (const { reject } of this.#pending.values()) reject(error)
      this.#pending.clear()
      exited.resolve({ death, error })
    }
  }

  /** Whether it takes tracks. */
  get alive (): boolean { return this.#state === 'running' }

  call<Name extends CallName>(name: Name, request: Calls[Name]['request']): Promise<Calls[Name]['result']> {
    return new Promise((resolve, reject) => {
      if (this.#state === 'dead') { reject(new RoomtapeError('WORKER_CRASHED', `capture thread ${this.index} is gone`)); return }
      const id = ++this.#lastCall
      if (name === 'open') this.#opening++
      this.#pending.set(id, { name, resolve, reject })
      this.#post({ type: 'call', id, name, request } as ToThread)
    })
  }

  figures (): Figures {
    return this.#board.read()
  }

  /** What its load will be with the tracks that are on their way to it. */
  expectedLoad (): number {
    const { load, trackLoad } = this.figures()
    return load + this.#opening * trackLoad
  }

  /** Once a second: whether its loop still goes round. One that hangs is ended here. */
  look (): void {
    if (this.#state !== 'dead' && this.#pulse.look(this.figures().beats)) this.#end()
  }

  async stop (): Promise<void> {
    if (this.#state !== 'dead') this.#post({ type: 'stop' })
    await this.exited
  }

  /**
   * A loop of JavaScript ends at once. A thread that is stuck in a call to the system ends when the call returns, if ever; it runs no more
   * code then, so nothing waits for it. What it had given the disk to write may still arrive in its tracks' files, in no others: a track that
   * goes on has new ones. Salvage comes after it (requests for the disk queue up in one line) or cuts it off.
   */
  #end (): void {
    this.#ended('hang', 'hangs')
    void this.#worker.terminate()
  }

  #post (message: ToThread): void {
    this.#worker.postMessage(message)
    Atomics.add(this.#bell, 0, 1)
    Atomics.notify(this.#bell, 0)
  }

  #settle (id: number) {
    const call = this.#pending.get(id)
    this.#pending.delete(id)
    if (call?.name === 'open') this.#opening--
    return call
  }
}
