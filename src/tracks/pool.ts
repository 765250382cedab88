import { extname } from 'node:path'
import { RoomtapeError } from '../core/errors.ts'
import { hostInUrl } from '../core/networks.ts'
import type { StoreTarget } from '../core/store-target.ts'
import type { UploadedFile, UploadedSegment } from '../stores/uploaded.ts'
import { Supervisor } from '../threads/supervisor.ts'
import { Thread } from '../threads/thread.ts'
import { DiskWatch, type DiskReport } from './disk-watch.ts'
import { figures, type Figure } from './figures.ts'
import type { Calls, CaptureData, CaptureReady, CaptureReport, PutRequest, SegmentsRequest, TrackReport, TrackSpec, UploadRequest } from './messages.ts'
import { byRoom } from './placement.ts'
import { Tally } from './tally.ts'

export interface CapturePoolOptions extends Omit<CaptureData, 'rtmpPort'> {
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

type CaptureThread = Thread<Calls, Figure, CaptureReady, CaptureReport>
type Listener = (report: TrackReport) => void
/** What a thread does besides writing tracks. */
type BesideCapture = 'upload' | 'uploadSegments' | 'discard' | 'leftovers' | 'put' | 'check'

/** The code of a capture thread. */
const captureScript = new URL(`./worker${extname(import.meta.filename)}`, import.meta.url)

const resourceLimits = {
  /** Nearly all garbage here is what a socket read leaves. V8's own choice is four times as large: at 500 tracks 139 kB each instead of 65, and no less CPU. */
  maxYoungGenerationSizeMb: 12,
  /** Audio is outside of it. A thread that leaks dies by itself, before it takes the machine's memory. */
  maxOldGenerationSizeMb: 512
}

/** The capture threads as the main thread sees them: calls with answers, and reports about tracks. */
export class CapturePool {
  readonly #options: CapturePoolOptions
  readonly #supervisor: Supervisor<CaptureThread>
  /** By track that is being written: the thread that writes it, and who hears of it. */
  readonly #tracks = new Map<string, { thread: CaptureThread, listener: Listener }>()
  /** `open` calls that each thread has not answered yet. */
  readonly #opening = new Tally<CaptureThread>()
  /** Calls beside capture, nearly all of them uploads, that each thread has not answered yet: a thousand tracks may end at once. */
  readonly #working = new Tally<CaptureThread>()
  readonly #disks: DiskWatch[] = []
  /** By thread: the port that it listens at, or that the one before it did. */
  readonly #ports: Array<number | undefined> = []
  readonly #refusedConnections: Record<string, number> = {}
  #refusedTracks = 0

  constructor (options: CapturePoolOptions) {
    this.#options = options
    this.#supervisor = new Supervisor({
      threads: options.threads,
      start: (index) => this.#startThread(index),
      onDeath: (thread, error) => { this.#buryTracks(thread, error) },
      onRecovered: (index) => options.onRecovered?.(index),
      onLook: (index, thread) => { this.#lookAtDisk(index, thread) }
    })
  }

  /** Resolves when every thread listens. */
  async start (): Promise<void> {
    await this.#supervisor.start()
  }

  /**
   * Begins a track, or goes on with it, in the least busy thread that takes it. `listener` hears of it until it is finished or broken.
   * @param port where the track's sources push already: only the thread that listens there takes it
   * @returns the number of the file that its next frame begins
   * @throws RoomtapeError CAPTURE_FULL when every thread is at its limit, WORKER_CRASHED when none runs, SPOOL_FAILED
   */
  async open (spec: TrackSpec, listener: Listener, { port }: { port?: number | undefined } = {}): Promise<{ firstFileNumber: number }> {
    let full: RoomtapeError | undefined
    const isPushed = port !== undefined && spec.resumes === true
    const threads = port === undefined ? this.#byRoom() : this.#supervisor.threads.filter((thread, index) => thread.alive && this.#ports[index] === port)
    for (const thread of threads) {
      this.#tracks.set(spec.trackId, { thread, listener })
      try {
        return await this.#open(thread, isPushed ? { ...spec, isPushed } : spec)
      } catch (error) {
        this.#tracks.delete(spec.trackId)
        if (!(error instanceof RoomtapeError) || error.error !== 'CAPTURE_FULL') throw error
        full = error
      }
    }
    if (full === undefined) throw new RoomtapeError('WORKER_CRASHED', port === undefined ? 'no capture thread is running' : `no capture thread listens at port ${port}`)
    this.#refusedTracks++
    throw new RoomtapeError('CAPTURE_FULL', 'the gateway records as many speakers as it can at present; this one is tried again', { cause: full })
  }

  /** How the thread does that listens at a port: `down` when it is being replaced, and `none` when no thread of ours has the port. */
  portState (port: number): 'up' | 'down' | 'none' {
    const index = this.#ports.indexOf(port)
    if (index < 0) return 'none'
    return this.#supervisor.threads[index]?.alive === true ? 'up' : 'down'
  }

  /** Lets one more source feed the track. @returns the URL to push to, a secret, and the port in it */
  async expect (trackId: string, { sourceId, key }: { sourceId: string, key: string }): Promise<{ url: string, port: number }> {
    const thread = this.#threadOf(trackId)
    await thread.call('expect', { trackId, sourceId, key })
    const { rtmpPort: port } = await thread.ready
    return { url: `rtmp://${hostInUrl(this.#options.rtmpPublicHost)}:${port}/roomtape/${key}`, port }
  }

  /** Lets a source feed the track no more; all of them unless one is named. */
  async release (trackId: string, sourceId?: string): Promise<void> {
    await this.#tracks.get(trackId)?.thread.call('release', { trackId, ...sourceId !== undefined && { sourceId } })
  }

  /** Has `quiet` reported once no frame of the track has come for 1.5 s from now on; or takes that back. */
  async awaitQuiet (trackId: string, on: boolean): Promise<void> {
    await this.#tracks.get(trackId)?.thread.call('awaitQuiet', { trackId, on })
  }

  /** A track that no thread has is paused when it is opened again. */
  async pause (trackId: string, paused: boolean): Promise<void> {
    await this.#tracks.get(trackId)?.thread.call('pause', { trackId, paused })
  }

  /**
   * What a thread that died was writing is as finished as it will get: `upload` salvages it.
   * @returns when the last frame that was kept arrived, Unix milliseconds; null when none is known
   */
  async finish (trackId: string): Promise<Calls['finish']['result']> {
    const thread = this.#tracks.get(trackId)?.thread
    try {
      return await thread?.call('finish', { trackId }) ?? { lastFrameMs: null }
    } catch (error) {
      if (thread?.alive === true) throw error
      return { lastFrameMs: null }
    } finally {
      this.#tracks.delete(trackId)
    }
  }

  async upload (request: UploadRequest): Promise<UploadedFile[]> {
    return this.#beside('upload', request)
  }

  async uploadSegments (request: SegmentsRequest): Promise<UploadedSegment[]> {
    return this.#beside('uploadSegments', request)
  }

  async discard (request: Calls['discard']['request']): Promise<void> {
    await this.#beside('discard', request)
  }

  /** @param spoolDir if not the pool's own */
  async leftovers (spoolDir?: string): Promise<Calls['leftovers']['result']> {
    return this.#beside('leftovers', spoolDir === undefined ? {} : { spoolDir })
  }

  /** @throws RoomtapeError STORE_DENIED, STORE_UNAVAILABLE, STORE_CORRUPT */
  async put (request: PutRequest): Promise<{ url: string }> {
    return this.#beside('put', request)
  }

  /** @throws RoomtapeError STORE_DENIED, STORE_UNAVAILABLE */
  async check (target: StoreTarget): Promise<void> {
    await this.#beside('check', { target })
  }

  /** Whether every thread runs. */
  alive (): boolean {
    return this.#supervisor.threads.every((thread) => thread.alive)
  }

  /** How many tracks are being written, thread by thread. */
  load (): number[] {
    const counts = this.#trackCounts()
    return this.#supervisor.threads.map((thread) => counts.get(thread) ?? 0)
  }

  /** How the threads do, and what was refused since the start. */
  figures () {
    const threads = this.#supervisor.threads.map((thread, index) =>
      ({ ...thread.figures(), thread: index, up: thread.alive, restarts: this.#supervisor.restarts(index) }))
    return { threads, refusedConnections: { ...this.#refusedConnections }, refusedTracks: this.#refusedTracks }
  }

  /** Has every track finished in the spool, then ends the threads. */
  async close (): Promise<void> {
    await this.#supervisor.close()
  }

  #startThread (index: number): CaptureThread {
    const { rtmpFirstPort, spoolDir, rtmpHost, metadataUrl, script = captureScript } = this.#options
    const rtmpPort = rtmpFirstPort === 0 ? 0 : rtmpFirstPort + index
    const formerRtmpPort = rtmpPort === 0 ? this.#ports[index] : undefined
    const data: CaptureData = { spoolDir, rtmpHost, metadataUrl, rtmpPort, ...formerRtmpPort !== undefined && { formerRtmpPort } }
    const thread: CaptureThread = new Thread({
      name: `capture-${index}`,
      title: `capture thread ${index}`,
      script,
      data,
      resourceLimits,
      figures,
      onReport: (report) => { this.#onReport(report) }
    })
    thread.ready.then((ready) => { this.#ports[index] = ready.rtmpPort }, () => undefined)
    return thread
  }

  #onReport (report: CaptureReport): void {
    if (report.type !== 'refused') {
      this.#tracks.get(report.trackId)?.listener(report)
      return
    }
    for (const [reason, count] of Object.entries(report.counts)) this.#refusedConnections[reason] = (this.#refusedConnections[reason] ?? 0) + count
    this.#options.onRefused(report.counts)
  }

  #lookAtDisk (index: number, thread: CaptureThread): void {
    const watch = this.#disks[index] ??= new DiskWatch()
    const report = watch.look(thread.figures())
    if (report !== undefined) this.#options.onDisk?.({ thread: index, ...report })
  }

  #buryTracks (dead: CaptureThread, error: RoomtapeError): void {
    this.#options.onCrash(error)
    for (const [trackId, { thread, listener }] of this.#tracks) {
      if (thread !== dead) continue
      this.#tracks.delete(trackId)
      listener({ type: 'broken', trackId, error: { name: error.error, message: error.message } })
    }
  }

  #open (thread: CaptureThread, spec: Calls['open']['request']): Promise<Calls['open']['result']> {
    return this.#opening.while(thread, () => thread.call('open', spec))
  }

  /** The threads that run, the one that has most room for a track first. */
  #byRoom (): CaptureThread[] {
    const counts = this.#trackCounts()
    return byRoom(this.#running(), (thread) => {
      const { load, trackLoad } = thread.figures()
      return { expectedLoad: load + this.#opening.of(thread) * trackLoad, inHand: counts.get(thread) ?? 0 }
    })
  }

  /** Has the thread that does least beside capture do something that any can. */
  async #beside<Name extends BesideCapture> (name: Name, request: Calls[Name]['request']): Promise<Calls[Name]['result']> {
    const [thread] = byRoom(this.#running(), (each) => ({ expectedLoad: each.figures().load, inHand: this.#working.of(each) }))
    if (thread === undefined) throw new RoomtapeError('WORKER_CRASHED', 'no capture thread is running')
    return this.#working.while(thread, () => thread.call(name, request))
  }

  #running (): CaptureThread[] {
    return this.#supervisor.threads.filter((thread) => thread.alive)
  }

  #trackCounts (): Map<CaptureThread, number> {
    const counts = new Map<CaptureThread, number>()
    for (const { thread } of this.#tracks.values()) counts.set(thread, (counts.get(thread) ?? 0) + 1)
    return counts
  }

  #threadOf (trackId: string): CaptureThread {
    const track = this.#tracks.get(trackId)
    if (track === undefined) throw new RoomtapeError('WORKER_CRASHED', `no capture thread has track ${trackId}`)
    return track.thread
  }
}
