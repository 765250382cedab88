import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import type { AudioSink, SourceEnd, UnusableAudio } from '../../src/media/audio-sink.ts'
import { RtmpIngest, type RtmpIngestOptions } from '../../src/rtmp/server/ingest.ts'
import type { AudioConfig } from '../../src/media/audio-config.ts'
import { decodeAmf0, encodeAmf0, type Amf0Value } from '../../src/rtmp/protocol/amf0.ts'
import { connectPublisher, type RtmpPublisher } from '../../src/sandbox/rtmp-publisher.ts'

export const streamKey = 'k3y_0123456789-abcdef'
/** AAC-LC, 48 kHz, mono. */
export const monoConfig = Buffer.of(0x11, 0x88)
export const stereoConfig = Buffer.of(0x11, 0x90)

type SinkEvent =
  { type: 'configure', config: AudioConfig } |
  { type: 'write', frame: Buffer, timestampMs: number, arrivalMs: number } |
  { type: 'unusable', cause: UnusableAudio, message: string } |
  { type: 'end', reason: SourceEnd }

/** Keeps what an engine writes, and wakes whoever waits for it. */
export class RecordingSink implements AudioSink {
  readonly events: SinkEvent[] = []
  #wake = Promise.withResolvers<undefined>()

  get frames (): Buffer[] { return this.events.flatMap((event) => event.type === 'write' ? [event.frame] : []) }
  get timestamps (): number[] { return this.events.flatMap((event) => event.type === 'write' ? [event.timestampMs] : []) }
  get configs (): AudioConfig[] { return this.events.flatMap((event) => event.type === 'configure' ? [event.config] : []) }
  get unusables (): string[] { return this.events.flatMap((event) => event.type === 'unusable' ? [`${event.cause}: ${event.message}`] : []) }
  get ends (): SourceEnd[] { return this.events.flatMap((event) => event.type === 'end' ? [event.reason] : []) }

  configure (config: AudioConfig): void { this.#add({ type: 'configure', config }) }

  write (bytes: Uint8Array, start: number, end: number, timestampMs: number, arrivalMs: number): void {
    this.#add({ type: 'write', frame: Buffer.from(bytes.subarray(start, end)), timestampMs, arrivalMs })
  }

  unusable (cause: UnusableAudio, message: string): void { this.#add({ type: 'unusable', cause, message }) }

  end (reason: SourceEnd): void { this.#add({ type: 'end', reason }) }

  async until (isTrue: (sink: this) => boolean): Promise<void> {
    while (!isTrue(this)) await this.#wake.promise
  }

  #add (event: SinkEvent): void {
    this.events.push(event)
    this.#wake.resolve(undefined)
    this.#wake = Promise.withResolvers()
  }
}

export async function openIngest (t: TestContext, options: Partial<RtmpIngestOptions> = {}) {
  const refusals: string[] = []
  const faults: unknown[] = []
  const ingest = new RtmpIngest({
    host: '127.0.0.1',
    port: 0,
    onRefused: (reason, detail) => refusals.push(`${reason}: ${detail}`),
    onFault: (error) => faults.push(error),
    ...options
  })
  t.after(() => ingest.close())
  const port = await ingest.listen()
  return { ingest, port, refusals, faults, url: `rtmp://127.0.0.1:${port}/roomtape/${streamKey}` }
}

export async function publish (t: TestContext, url: string, chunkSize = 4096): Promise<RtmpPublisher> {
  const publisher = await connectPublisher(url, { signal: t.signal, chunkSize })
  t.after(() => publisher.close())
  return publisher
}

/** An ingest with one open key, and the sink of that key. */
export async function openKey (t: TestContext, options: Parameters<typeof openIngest>[1] = {}) {
  const opened = await openIngest(t, options)
  const sink = new RecordingSink()
  opened.ingest.expect(streamKey, sink)
  return { ...opened, sink }
}

/** A TCP connection that sends what the test wants byte for byte. */
export class RawPeer {
  readonly socket: Socket
  /** Everything that came back so far. */
  received = Buffer.alloc(0)
  readonly closed: Promise<unknown>
  #wake = Promise.withResolvers<undefined>()
  #isClosed = false

  constructor (socket: Socket) {
    this.socket = socket
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.closed = promise
    socket.on('data', (bytes: Buffer) => {
      this.received = Buffer.concat([this.received, bytes])
      this.#notify()
    })
    socket.on('error', () => undefined) // a reset is an answer here; 'close' follows
    socket.once('close', () => {
      this.#isClosed = true
      this.#notify()
      resolve(undefined)
    })
  }

  static async connect (t: TestContext, port: number): Promise<RawPeer> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    t.after(() => socket.destroy())
    const peer = new RawPeer(socket)
    await once(socket, 'connect')
    return peer
  }

  send (...parts: Uint8Array[]): void { this.socket.write(Buffer.concat(parts)) }

  /** Waits until what came back satisfies the test. @throws when the server hangs up first */
  async until (isTrue: (received: Buffer) => boolean): Promise<Buffer> {
    while (!isTrue(this.received)) {
      if (this.#isClosed) throw new Error('the server hung up first')
      await this.#wake.promise
    }
    return this.received
  }

  /** The status codes in the commands that came back. */
  get statusCodes (): string[] { return this.received.toString('latin1').match(/Net(Stream|Connection)(\.[A-Z][A-Za-z]+)+/g) ?? [] }

  async untilStatus (code: string): Promise<void> { await this.until(() => this.statusCodes.includes(code)) }

  #notify (): void {
    this.#wake.resolve(undefined)
    this.#wake = Promise.withResolvers()
  }
}

interface Header { id?: number, type: number, timestampMs?: number, length: number, streamId?: number }

export function basicHeader (format: number, id: number): Buffer {
  if (id < 64) return Buffer.of(format << 6 | id)
  if (id < 320) return Buffer.of(format << 6, id - 64)
  return Buffer.of(format << 6 | 1, (id - 64) & 0xff, (id - 64) >> 8)
}

/** A chunk header as the specification draws it; the time is absolute in format 0, a step in 1 and 2. */
export function header (format: 0 | 1 | 2 | 3, { id = 4, type, timestampMs = 0, length, streamId = 1 }: Header): Buffer {
  const fixed = Buffer.alloc(11)
  fixed.writeUIntBE(Math.min(timestampMs, 0xffffff), 0, 3)
  fixed.writeUIntBE(length, 3, 3)
  fixed[6] = type
  fixed.writeUInt32LE(streamId, 7)
  const extended = Buffer.alloc(timestampMs >= 0xffffff ? 4 : 0)
  if (extended.length > 0) extended.writeUInt32BE(timestampMs)
  return Buffer.concat([basicHeader(format, id), fixed.subarray(0, [11, 7, 3, 0][format]), extended])
}

/** A message in full form, cut to chunks. */
export function message (type: number, body: Uint8Array, { id = 3, timestampMs = 0, chunkSize = 128, streamId = 1 } = {}): Buffer {
  const extended = Buffer.alloc(timestampMs >= 0xffffff ? 4 : 0)
  if (extended.length > 0) extended.writeUInt32BE(timestampMs)
  const parts: Uint8Array[] = [header(0, { id, type, timestampMs, length: body.length, streamId }), body.subarray(0, chunkSize)]
  for (let at = chunkSize; at < body.length; at += chunkSize) parts.push(basicHeader(3, id), extended, body.subarray(at, at + chunkSize))
  return Buffer.concat(parts)
}

export function command (...values: Amf0Value[]): Buffer { return message(20, encodeAmf0(...values)) }
export function audio (body: Uint8Array, options: { id?: number, timestampMs?: number, chunkSize?: number } = {}): Buffer {
  return message(8, body, { id: 4, ...options })
}

export const aacConfig = (config: Uint8Array): Buffer => Buffer.concat([Buffer.of(0xaf, 0), config])
export const aacFrame = (frame: Uint8Array): Buffer => Buffer.concat([Buffer.of(0xaf, 1), frame])

/** A frame that says which one it is. */
export function numbered (index: number, length = 180): Buffer {
  const frame = Buffer.alloc(length, index)
  frame.writeUInt32BE(index)
  return frame
}

/** C0, C1 and C2. C2 may be sent before S1 has come: nobody looks into it. */
export const plainHandshake = Buffer.concat([Buffer.of(3), Buffer.alloc(1536 * 2)])
export const connectCommand = command('connect', 1, { app: 'roomtape', tcUrl: 'rtmp://127.0.0.1/roomtape', flashVer: 'test' })
export const publishCommands = Buffer.concat([command('createStream', 2, null), command('publish', 3, null, streamKey, 'live')])
export const opening = Buffer.concat([plainHandshake, connectCommand, publishCommands])

/** The commands in what a server sent, in order. It must use full headers and chunks as large as its messages, as ours does. */
export function commandsIn (received: Buffer): Amf0Value[][] {
  const commands: Amf0Value[][] = []
  for (let at = 1 + 2 * 1536; at + 12 <= received.length;) {
    const length = received.readUIntBE(at + 4, 3)
    if (received[at + 7] === 20) commands.push(decodeAmf0(received.subarray(at + 12, at + 12 + length)))
    at += 12 + length
  }
  return commands
}
