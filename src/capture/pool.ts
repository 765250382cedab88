import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { messageOf, RoomtapeError } from '../core/errors.ts'
import type { CallName, Calls, FromThread, StoreRequest, ThreadData, ToThread, TrackReport, TrackSpec } from './messages.ts'
import type { StoredFile } from './stored-file.ts'
import type { StoreTarget } from '../core/store-target.ts'

export interface CapturePoolOptions extends Omit<ThreadData, 'rtmpPort' | 'bell'> {
  threads: number
  /** Port of the first thread, each further one has the next; 0 for any. */
  rtmpFirstPort: number
  /** Host name or address in the URLs that TRTC is given. */
  rtmpPublicHost: string
  /** Told when a thread died; the pool has already started another in its place. */
  onCrash: (error: Error) => void
  /** Told, every few seconds at most, of RTMP connections that were closed for what they did, by reason. */
  onRefused: (counts: Record<string, number>) => void
}

type Listener = (report: TrackReport) => void

/** Milliseconds before a thread that died is replaced, so that one that cannot start does not spin. */
const restartDelayMs = 500
/** Nearly all garbage here is what a socket read leaves. V8's own choice is four times as large: at 500 tracks 139 kB each instead of 65, and no less CPU. */
const maxYoungGenerationSizeMb = 12

/** The capture threads as the main thread sees them: calls with answers, and reports about tracks. */
export class CapturePool {
  readonly #options: CapturePoolOptions
  readonly #threads: Thread[] = []
  /** Which thread has a track that is being written. */
  readonly #tracks = new Map<string, { thread: Thread, listener: Listener }>()
  #closing = false

  constructor (options: CapturePoolOptions) {
    this.#options = options
  }

  /** Resolves when every thread listens. */
  async start (): Promise<void> {
    for (let index = 0; index < this.#options.threads; index++) this.#threads.push(this.#startThread(index))
    await Promise.all(this.#threads.map((thread) => thread.ready))
  }

  /** Begins a track in the least busy thread. `listener` hears of it until it is finished or broken. */
  async open (spec: TrackSpec, listener: Listener): Promise<void> {
    const thread = this.#leastBusy()
    this.#tracks.set(spec.trackId, { thread, listener })
    try {
      await thread.call('open', spec)
    } catch (error) {
      this.#tracks.delete(spec.trackId)
      throw error
    }
  }

  /** Lets the track be fed. @returns the URL to push to, a secret */
  async expect (trackId: string, key: string): Promise<string> {
    const thread = this.#threadOf(trackId)
    await thread.call('expect', { trackId, key })
    return `rtmp://${this.#options.rtmpPublicHost}:${await thread.ready}/roomtape/${key}`
  }

  async release (trackId: string): Promise<void> {
    await this.#tracks.get(trackId)?.thread.call('release', { trackId })
  }

  /** What a thread that died was writing is as finished as it will get: `store` salvages it. */
  async finish (trackId: string): Promise<void> {
    const thread = this.#tracks.get(trackId)?.thread
    try {
      await thread?.call('finish', { trackId })
    } catch (error) {
      if (thread?.alive === true) throw error
    } finally {
      this.#tracks.delete(trackId)
    }
  }

  async store (request: StoreRequest): Promise<StoredFile[]> {
    return this.#leastBusy().call('store', request)
  }

  async discard (request: Calls['discard']['request']): Promise<void> {
    await this.#leastBusy().call('discard', request)
  }

  async leftovers (): Promise<Calls['leftovers']['result']> {
    return this.#leastBusy().call('leftovers', null)
  }

  /** @throws RoomtapeError STORE_DENIED, STORE_UNAVAILABLE */
  async check (target: StoreTarget): Promise<void> {
    await this.#leastBusy().call('check', { target })
  }

  /** Whether every thread runs. */
  alive (): boolean {
    return this.#threads.every((thread) => thread.alive)
  }

  /** How many tracks are being written, thread by thread. */
  load (): number[] {
    const load = this.#threads.map(() => 0)
    for (const { thread } of this.#tracks.values()) load[thread.index] = (load[thread.index] ?? 0) + 1
    return load
  }

  /** Has every track finished in the spool, then ends the threads. */
  async close (): Promise<void> {
    this.#closing = true
    await Promise.all(this.#threads.map((thread) => thread.stop()))
  }

  #startThread (index: number): Thread {
    const { rtmpFirstPort, spoolDir, rtmpHost, metadataUrl } = this.#options
    const data: Omit<ThreadData, 'bell'> = { spoolDir, rtmpHost, metadataUrl, rtmpPort: rtmpFirstPort === 0 ? 0 : rtmpFirstPort + index }
    const thread = new Thread(index, data, {
      onReport: (report) => { this.#tracks.get(report.trackId)?.listener(report) },
      onRefused: this.#options.onRefused
    })
    void thread.exited.then((error) => { this.#replace(thread, error) })
    return thread
  }

  #replace (dead: Thread, error: RoomtapeError): void {
    if (this.#closing) return
    setTimeout(() => { if (!this.#closing) this.#threads[dead.index] = this.#startThread(dead.index) }, restartDelayMs).unref()
    this.#options.onCrash(error)
    for (const [trackId, { thread, listener }] of this.#tracks) {
      if (thread !== dead) continue
      this.#tracks.delete(trackId)
      listener({ type: 'broken', trackId, error: { name: error.error, message: error.message } })
    }
  }

  #leastBusy (): Thread {
    const load = this.load()
    const alive = this.#threads.filter((thread) => thread.alive)
    const [first, ...rest] = alive
    if (first === undefined) throw new RoomtapeError('WORKER_CRASHED', 'no capture thread is running')
    return rest.reduce((best, thread) => (load[thread.index] ?? 0) < (load[best.index] ?? 0) ? thread : best, first)
  }

  #threadOf (trackId: string): Thread {
    const track = this.#tracks.get(trackId)
    if (track === undefined) throw new RoomtapeError('WORKER_CRASHED', `no capture thread has track ${trackId}`)
    return track.thread
  }
}

/** One thread: its calls, and its end. */
class Thread {
  readonly index: number
  /** The RTMP port. */
  readonly ready: Promise<number>
  /** Resolves, with what is to be said about it, when the thread is gone. */
  readonly exited: Promise<RoomtapeError>
  alive = true
  readonly #worker: Worker
  readonly #bell = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  readonly #pending = new Map<number, { resolve: (result: never) => void, reject: (error: unknown) => void }>()
  #lastCall = 0

  constructor (index: number, data: Omit<ThreadData, 'bell'>, { onReport, onRefused }: {
    onReport: (report: TrackReport) => void, onRefused: CapturePoolOptions['onRefused']
  }) {
    this.index = index
    this.#worker = new Worker(new URL(`./worker${extname(import.meta.filename)}`, import.meta.url), {
      workerData: { ...data, bell: this.#bell } satisfies ThreadData,
      name: `capture-${index}`,
      resourceLimits: { maxYoungGenerationSizeMb }
    })
    const ready = Promise.withResolvers<number>()
    const exited = Promise.withResolvers<RoomtapeError>()
    this.ready = ready.promise
    this.exited = exited.promise
    ready.promise.catch(() => undefined) // whoever waits for it hears of it; nobody may be waiting

    let cause: unknown
    this.#worker.on('error', (error) => { cause = error })
    this.#worker.on('message', (message: FromThread) => {
      switch (message.type) {
        case 'ready': ready.resolve(message.rtmpPort); break
        case 'done': this.#settle(message.id)?.resolve(message.result as never); break
        case 'failed': this.#settle(message.id)?.reject(new RoomtapeError(message.error.name, message.error.message)); break
        case 'refused': onRefused(message.counts); break
        case 'live':
        case 'lost':
        case 'overloaded':
        case 'broken': onReport(message); break
        default: message satisfies never
      }
    })
    this.#worker.once('exit', (exitCode) => {
      this.alive = false
      const error = new RoomtapeError('WORKER_CRASHED', `capture thread ${index} left with ${exitCode}${cause === undefined ? '' : `: ${messageOf(cause)}`}`, { cause })
      ready.reject(error)
      for (const { reject } of this.#pending.values()) reject(error)
      this.#pending.clear()
      exited.resolve(error)
    })
  }

  call<Name extends CallName>(name: Name, request: Calls[Name]['request']): Promise<Calls[Name]['result']> {
    return new Promise((resolve, reject) => {
      if (!this.alive) { reject(new RoomtapeError('WORKER_CRASHED', `capture thread ${this.index} is gone`)); return }
      const id = ++this.#lastCall
      this.#pending.set(id, { resolve, reject })
      this.#post({ type: 'call', id, name, request } as ToThread)
    })
  }

  async stop (): Promise<void> {
    if (this.alive) this.#post({ type: 'stop' })
    await this.exited
  }

  #post (message: ToThread): void {
    this.#worker.postMessage(message)
    Atomics.add(this.#bell, 0, 1)
    Atomics.notify(this.#bell, 0)
  }

  #settle (id: number) {
    const call = this.#pending.get(id)
    this.#pending.delete(id)
    return call
  }
}
