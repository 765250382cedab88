import { RoomtapeError } from '../core/errors.ts'
import type { StoreTarget } from '../core/store-target.ts'
import { DiskWatch, type DiskReport } from './disk-watch.ts'
import type { Calls, PutRequest, SegmentsRequest, StoreRequest, ThreadData, TrackReport, TrackSpec } from './messages.ts'
import type { StoredFile, StoredSegment } from '../upload/uploaded.ts'
import { captureScript, Thread, type Death, type ThreadMemory } from '../threads/thread.ts'

export interface CapturePoolOptions extends Omit<ThreadData, 'rtmpPort' | ThreadMemory> {
  threads: number
  /** Port of the first thread, each further one has the next; 0 for any. */
  rtmpFirstPort: number
  /** Host name or address in the URLs that TRTC is given. */
  rtmpPublicHost: string
  /** What the threads run, if not `worker.ts` as it is. */
  script?: URL
  /** Told when a thread died or hangs; another takes its place. */
  onCrash: (error: Error) => void
  /** Told when a thread runs in the place of one that died. */
  onRecovered?: (index: number) => void
  /** Told when the disk falls behind with the tracks of a thread, begins to lose audio, or keeps up again. */
  onDisk?: (report: DiskReport & { thread: number }) => void
  /** Told, every few seconds at most, of RTMP connections that were closed for what they did, by reason. */
  onRefused: (counts: Record<string, number>) => void
}

type Listener = (report: TrackReport) => void

/** Before a thread that died is replaced; doubled each time another dies soon after, as one whose port is still taken does. */
const firstRestartMs = 500
const maxRestartMs = 30_000
/** A thread that lived longer than this owes nothing to the one before it. */
const settledMs = 60_000
const lookEveryMs = 1_000
/** Up to here every thread has time for all it does, and the one with fewer tracks takes the next. Above, the less busy one does; */
const easyLoad = 0.5
/** differences below this are the measure's own. */
const sameLoad = 0.1

/** The capture threads as the main thread sees them: calls with answers, and reports about tracks. */
export class CapturePool {
  readonly #options: CapturePoolOptions
  readonly #threads: Thread[] = []
  /** Which thread has a track that is being written. */
  readonly #tracks = new Map<string, { thread: Thread, listener: Listener }>()
  /** Of each thread: ends since the start, and those of them that followed soon on one another. */
  readonly #deaths: Array<Record<Death, number> & { inARow: number }> = []
  readonly #disks: DiskWatch[] = []
  readonly #refusedConnections: Record<string, number> = {}
  #refusedTracks = 0
  #looking: NodeJS.Timeout | undefined
  #closing = false

  constructor (options: CapturePoolOptions) {
    this.#options = options
  }

  /** Resolves when every thread listens. */
  async start (): Promise<void> {
    for (let index = 0; index < this.#options.threads; index++) {
      this.#deaths.push({ crash: 0, hang: 0, inARow: 0 })
      this.#disks.push(new DiskWatch())
      this.#threads.push(this.#startThread(index))
    }
    this.#looking = setInterval(() => { for (const thread of this.#threads) this.#look(thread) }, lookEveryMs)
    await Promise.all(this.#threads.map((thread) => thread.ready))
  }

  /**
   * Begins a track in the least busy thread that takes it. `listener` hears of it until it is finished or broken.
   * @throws RoomtapeError CAPTURE_FULL when every thread is at its limit
   */
  async open (spec: TrackSpec, listener: Listener): Promise<void> {
    let full: RoomtapeError | undefined
    for (const thread of this.#byLoad()) {
      this.#tracks.set(spec.trackId, { thread, listener })
      try {
        await thread.call('open', spec)
        return
      } catch (error) {
        this.#tracks.delete(spec.trackId)
        if (!(error instanceof RoomtapeError) || error.error !== 'CAPTURE_FULL') throw error
        full = error
      }
    }
    if (full === undefined) throw new RoomtapeError('WORKER_CRASHED', 'no capture thread is running')
    this.#refusedTracks++
    throw new RoomtapeError('CAPTURE_FULL', 'the gateway records as many speakers as it can at present; this one is tried again', { cause: full })
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

  /** A track that no thread has is paused when it is opened again. */
  async pause (trackId: string, paused: boolean): Promise<void> {
    await this.#tracks.get(trackId)?.thread.call('pause', { trackId, paused })
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

  async storeSegments (request: SegmentsRequest): Promise<StoredSegment[]> {
    return this.#leastBusy().call('storeSegments', request)
  }

  async discard (request: Calls['discard']['request']): Promise<void> {
    await this.#leastBusy().call('discard', request)
  }

  async leftovers (): Promise<Calls['leftovers']['result']> {
    return this.#leastBusy().call('leftovers', null)
  }

  /** @throws RoomtapeError STORE_DENIED, STORE_UNAVAILABLE, STORE_CORRUPT */
  async put (request: PutRequest): Promise<{ url: string }> {
    return this.#leastBusy().call('put', request)
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

  /** How the threads do, and what was refused since the start. */
  figures () {
    const threads = this.#threads.map((thread) => {
      const { crash = 0, hang = 0 } = this.#deaths[thread.index] ?? {}
      return { ...thread.figures(), thread: thread.index, up: thread.alive, restarts: { crash, hang } }
    })
    return { threads, refusedConnections: { ...this.#refusedConnections }, refusedTracks: this.#refusedTracks }
  }

  /** Has every track finished in the spool, then ends the threads. */
  async close (): Promise<void> {
    this.#closing = true
    await Promise.all(this.#threads.map((thread) => thread.stop())) // a thread that hangs meanwhile is still looked for
    clearInterval(this.#looking)
  }

  #startThread (index: number): Thread {
    const { rtmpFirstPort, spoolDir, rtmpHost, metadataUrl, script = captureScript } = this.#options
    const thread = new Thread({
      index,
      data: { spoolDir, rtmpHost, metadataUrl, rtmpPort: rtmpFirstPort === 0 ? 0 : rtmpFirstPort + index },
      script,
      onReport: (report) => { this.#tracks.get(report.trackId)?.listener(report) },
      onRefused: (counts) => {
        for (const [reason, count] of Object.entries(counts)) this.#refusedConnections[reason] = (this.#refusedConnections[reason] ?? 0) + count
        this.#options.onRefused(counts)
      }
    })
    void thread.exited.then(({ death, error }) => { this.#replace(thread, death, error) })
    return thread
  }

  #look (thread: Thread): void {
    thread.look()
    const report = this.#disks[thread.index]?.look(thread.figures())
    if (report !== undefined) this.#options.onDisk?.({ thread: thread.index, ...report })
  }

  #replace (dead: Thread, death: Death, error: RoomtapeError): void {
    if (this.#closing) return
    setTimeout(() => { this.#restart(dead.index) }, this.#restartDelayMs(dead, death)).unref()
    this.#options.onCrash(error)
    for (const [trackId, { thread, listener }] of this.#tracks) {
      if (thread !== dead) continue
      this.#tracks.delete(trackId)
      listener({ type: 'broken', trackId, error: { name: error.error, message: error.message } })
    }
  }

  #restart (index: number): void {
    if (this.#closing) return
    const thread = this.#threads[index] = this.#startThread(index)
    // That it could not start is told as its death
    thread.ready.then(() => { this.#options.onRecovered?.(index) }, () => undefined)
  }

  #restartDelayMs ({ index, startedMs }: Thread, death: Death): number {
    const deaths = this.#deaths[index]
    if (deaths === undefined) return firstRestartMs
    deaths[death]++
    deaths.inARow = performance.now() - startedMs > settledMs ? 1 : deaths.inARow + 1
    return Math.min(maxRestartMs, firstRestartMs * 2 ** (deaths.inARow - 1))
  }

  /** The threads that run, the one that has most room for a track first. */
  #byLoad (): Thread[] {
    const tracks = this.load()
    const rank = new Map(this.#threads.filter((thread) => thread.alive)
      .map((thread) => [thread, Math.floor(Math.max(easyLoad, thread.expectedLoad()) / sameLoad)]))
    return [...rank.keys()].sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0) || (tracks[a.index] ?? 0) - (tracks[b.index] ?? 0))
  }

  #leastBusy (): Thread {
    const [first] = this.#byLoad()
    if (first === undefined) throw new RoomtapeError('WORKER_CRASHED', 'no capture thread is running')
    return first
  }

  #threadOf (trackId: string): Thread {
    const track = this.#tracks.get(trackId)
    if (track === undefined) throw new RoomtapeError('WORKER_CRASHED', `no capture thread has track ${trackId}`)
    return track.thread
  }
}
