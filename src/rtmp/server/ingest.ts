import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { systemClock, type Clock } from '../../core/clock.ts'
import type { AudioSink } from '../../media/audio-sink.ts'
import { RtmpConnection, type Gate, type Refusal } from './connection.ts'
import { KeptBytes } from '../protocol/kept-bytes.ts'
import { defaultLimits, type RtmpLimits } from './limits.ts'
import { StreamKeys } from './stream-keys.ts'
import { WaitingConnections } from './waiting-connections.ts'

export interface RtmpIngestOptions {
  host: string
  /** 0: any free port. */
  port: number
  limits?: Partial<RtmpLimits>
  clock?: Clock
  /** A connection was closed because of what it did or did not do. Neither text holds anything the peer sent. */
  onRefused?: (reason: Refusal, detail: string) => void
  /** A sink threw, the socket could not accept, or this code failed. A connection concerned is closed. Without a listener it becomes a process warning. */
  onFault?: (error: unknown) => void
}

interface RtmpIngestStats {
  connections: number
  /** Connections that have a place among those that do not publish. */
  waiting: number
  /** Size of all buffers for half-read messages. */
  keptBytes: number
  publishing: number
  expected: number
  acceptedTotal: number
  publishedTotal: number
  replacedTotal: number
  framesTotal: number
  frameBytesTotal: number
  droppedFramesTotal: number
  refusedTotal: Record<Refusal, number>
}

const keepAliveDelayMs = 30_000

/**
 * Takes RTMP publishers and writes their AAC into the sinks that were opened for their keys. A key stands in the app or in the stream name,
 * as a part of the path or of the query. All in the thread that calls; nothing a stranger sends throws.
 */
export class RtmpIngest {
  readonly #options: RtmpIngestOptions
  readonly #limits: RtmpLimits
  readonly #server: Server
  readonly #gate: Gate
  readonly #keys = new StreamKeys<RtmpConnection>()
  readonly #connections = new Map<RtmpConnection, Socket>()
  readonly #waiting: WaitingConnections<RtmpConnection>
  readonly #kept: KeptBytes
  readonly #counts = {
    acceptedTotal: 0,
    publishedTotal: 0,
    replacedTotal: 0,
    framesTotal: 0,
    frameBytesTotal: 0,
    droppedFramesTotal: 0,
    refusedTotal: { full: 0, timeout: 0, protocol: 0, key: 0, codec: 0, unread: 0 }
  }

  #sweeping: NodeJS.Timeout | undefined

  constructor (options: RtmpIngestOptions) {
    this.#options = options
    this.#limits = { ...defaultLimits, ...options.limits }
    this.#waiting = new WaitingConnections(this.#limits)
    this.#kept = new KeptBytes(this.#limits)
    const counts = this.#counts
    this.#gate = {
      limits: this.#limits,
      kept: this.#kept,
      clock: options.clock ?? systemClock,
      admit: (connection, texts) => this.#admit(connection, texts),
      release: (connection) => this.#release(connection),
      refused: (refusal, detail) => this.#refused(refusal, detail),
      fault: options.onFault ?? ((error) => process.emitWarning(error instanceof Error ? error : String(error))),
      countFrame (bytes) { counts.framesTotal++; counts.frameBytesTotal += bytes },
      countDropped () { counts.droppedFramesTotal++ }
    }
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs }, (socket) => this.#accept(socket))
  }

  /** @param port instead of the one it was made with @returns the port */
  async listen (port = this.#options.port): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    this.#server.once('error', reject)
    const onListening = (): void => resolve(undefined)
    this.#server.once('listening', onListening)
    this.#server.listen(port, this.#options.host)
    try {
      await promise
    } finally {
      this.#server.off('error', reject)
      this.#server.off('listening', onListening)
    }
    // Accepting can fail for want of file descriptors; the streams go on.
    this.#server.on('error', (error) => this.#gate.fault(error))
    this.#sweeping = setInterval(() => this.#sweep(), this.#limits.sweepMs)
    return (this.#server.address() as AddressInfo).port
  }

  /**
   * Opens a stream key. Until it is forgotten, the newest publisher on it writes into the sink.
   * @param key 16 to 128 characters of `A-Za-z0-9_-`
   * @throws RoomtapeError VALIDATION, or CONFLICT when it is open already
   */
  expect (key: string, sink: AudioSink): void {
    this.#keys.open(key, sink)
  }

  /** Closes a stream key and whoever publishes on it. */
  forget (key: string): void {
    this.#keys.forget(key)
  }

  /** Ends every stream as stopped and gives the port back. */
  async close (): Promise<void> {
    clearInterval(this.#sweeping)
    this.#keys.forgetAll()
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#server.close(() => resolve(undefined))
    for (const socket of this.#connections.values()) socket.destroy()
    await promise
  }

  /** Connections that are publishing now. */
  get publishing (): number { return this.#keys.publishing }

  /** Connections taken so far. */
  get accepted (): number { return this.#counts.acceptedTotal }

  /** Connections that are not publishing, not yet or no longer. */
  get opening (): number { return this.#connections.size - this.#keys.publishing }

  stats (): RtmpIngestStats {
    return {
      ...this.#counts,
      refusedTotal: { ...this.#counts.refusedTotal },
      connections: this.#connections.size,
      waiting: this.#waiting.size,
      keptBytes: this.#kept.total,
      publishing: this.#keys.publishing,
      expected: this.#keys.size
    }
  }

  #accept (socket: Socket): void {
    if (this.#connections.size >= this.#limits.connections && !this.#makeRoom()) {
      this.#refused('full', `${this.#limits.connections} connections publish`)
      socket.destroy()
      return
    }
    this.#counts.acceptedTotal++
    const connection = new RtmpConnection(this.#gate, socket, performance.now())
    this.#connections.set(connection, socket)
    this.#wait(connection, socket)
    socket.on('data', (bytes: Buffer) => connection.read(bytes, bytes.length))
    // A reset is one more way to leave: 'close' follows and ends the stream.
    socket.on('error', () => undefined)
    socket.once('close', () => {
      this.#connections.delete(connection)
      connection.closed()
      this.#waiting.remove(connection)
    })
  }

  #makeRoom (): boolean {
    const { oldest } = this.#waiting
    if (oldest === undefined) return false
    this.#waiting.remove(oldest)
    oldest.giveWay()
    return true
  }

  #wait (connection: RtmpConnection, socket: Socket): void {
    this.#waiting.add(connection, socket.remoteAddress ?? '')?.giveWay()
  }

  #admit (connection: RtmpConnection, texts: readonly string[]): AudioSink | undefined {
    const key = this.#keys.find(texts)
    if (key === undefined) return undefined
    this.#waiting.remove(connection)
    if (key.publisher !== undefined) this.#counts.replacedTotal++
    this.#keys.assign(key, connection)
    this.#counts.publishedTotal++
    return key.sink
  }

  #release (connection: RtmpConnection): void {
    this.#keys.release(connection)
    const socket = this.#connections.get(connection)
    if (socket !== undefined) this.#wait(connection, socket)
  }

  #refused (refusal: Refusal, detail: string): void {
    this.#counts.refusedTotal[refusal]++
    this.#options.onRefused?.(refusal, detail)
  }

  #sweep (): void {
    const nowMs = performance.now()
    for (const connection of this.#connections.keys()) connection.sweep(nowMs)
  }
}
