import { Worker, type ResourceLimits } from 'node:worker_threads'
import { messageOf, RoomtapeError } from '../core/errors.ts'
import { HangDetector } from './hang-detector.ts'
import type { CallTable, FromThread, ThreadMemory, ToThread } from './protocol.ts'
import { Stats } from './stats.ts'

/** Why a thread is gone. */
export type Death = 'crash' | 'hang'

export interface ThreadOptions<Figure extends string, Report> {
  name: string
  /** How errors call it. */
  title: string
  /** What runs in it. */
  script: URL
  /** What it is started with; its `ThreadMemory` is added. */
  data: object
  resourceLimits: ResourceLimits
  /** What it says of itself in its `Stats`. */
  figures: readonly Figure[]
  onReport: (report: Report) => void
}

interface OpenCall { resolve: (result: never) => void, reject: (error: unknown) => void }

/** One worker thread as the main thread sees it: its calls, each answered exactly once, its reports, its figures, and its end. */
export class Thread<Calls extends CallTable<Calls>, Figure extends string, Ready, Report> {
  /** What the thread says when it takes calls; rejects when it dies before. */
  readonly ready: Promise<Ready>
  /** Resolves, with what is to be said about it, when the thread is gone; from then on nothing is heard of it. */
  readonly exited: Promise<{ death: Death, error: RoomtapeError }>
  readonly startedMs = performance.now()
  readonly #title: string
  readonly #worker: Worker
  readonly #stats: Stats<Figure>
  readonly #bell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  readonly #hangDetector = new HangDetector()
  readonly #open = new Map<number, OpenCall>()
  readonly #ended: (death: Death, message: string, cause?: unknown) => void
  #state: 'starting' | 'running' | 'dead' = 'starting'
  #lastCall = 0

  constructor ({ name, title, script, data, resourceLimits, figures, onReport }: ThreadOptions<Figure, Report>) {
    this.#title = title
    this.#stats = new Stats(figures)
    const memory: ThreadMemory = { stats: this.#stats.memory, bell: this.#bell }
    this.#worker = new Worker(script, { workerData: { ...data, ...memory }, name, resourceLimits })
    const ready = Promise.withResolvers<Ready>()
    const exited = Promise.withResolvers<{ death: Death, error: RoomtapeError }>()
    this.ready = ready.promise
    this.exited = exited.promise
    ready.promise.catch(() => undefined) // whoever waits for it hears of it; nobody may be waiting

    let cause: unknown
    this.#worker.on('error', (error) => { cause = error })
    this.#worker.on('message', (message: FromThread<Ready, Report>) => {
      if (this.#state === 'dead') return
      switch (message.type) {
        case 'ready':
          this.#state = 'running'
          ready.resolve(message.ready)
          break
        case 'done': this.#settle(message.id)?.resolve(message.result as never); break
        case 'failed': this.#settle(message.id)?.reject(new RoomtapeError(message.error.name, message.error.message)); break
        case 'report': onReport(message.report); break
        default: message satisfies never
      }
    })
    this.#worker.once('exit', (exitCode) => {
      this.#ended('crash', `left with ${exitCode}${cause === undefined ? '' : `: ${messageOf(cause)}`}`, cause)
    })
    this.#ended = (death, message, cause) => {
      if (this.#state === 'dead') return
      this.#state = 'dead'
      const error = new RoomtapeError('WORKER_CRASHED', `${title} ${message}`, { cause })
      ready.reject(error)
      for (const { reject } of this.#open.values()) reject(error)
      this.#open.clear()
      exited.resolve({ death, error })
    }
  }

  /** Whether it takes calls. */
  get alive (): boolean { return this.#state === 'running' }

  /** @throws what the thread answered with, or RoomtapeError WORKER_CRASHED when it is gone before it has answered */
  call<Name extends keyof Calls> (name: Name, request: Calls[Name]['request']): Promise<Calls[Name]['result']> {
    return new Promise((resolve, reject) => {
      if (this.#state === 'dead') { reject(new RoomtapeError('WORKER_CRASHED', `${this.#title} is gone`)); return }
      const id = ++this.#lastCall
      this.#open.set(id, { resolve, reject })
      this.#post({ type: 'call', id, name, request })
    })
  }

  figures (): Record<Figure, number> {
    return this.#stats.read()
  }

  /** To be called once a second: looks whether the thread's loop still goes round. A thread that hangs is ended here. */
  look (): void {
    if (this.#state !== 'dead' && this.#hangDetector.look(this.#stats.beats)) this.#end()
  }

  async stop (): Promise<void> {
    if (this.#state !== 'dead') this.#post({ type: 'stop' })
    await this.exited
  }

  /**
   * A loop of JavaScript ends at once. A thread that is stuck in a call to the system ends when the call returns, if ever; it runs no more
   * code then, so nothing waits for it. What it had given the disk to write may still arrive in its own files, in no others: whoever goes on
   * begins new ones. Salvage comes after it (requests for the disk queue up in one line) or cuts it off.
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

  #settle (id: number): OpenCall | undefined {
    const call = this.#open.get(id)
    this.#open.delete(id)
    return call
  }
}
