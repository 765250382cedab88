import { randomFillSync } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { handshakeBytes } from '../rtmp/protocol/handshake.ts'
import { ChunkReader } from '../rtmp/protocol/chunk-reader.ts'
import { defaultChunkLimits } from '../rtmp/protocol/chunk-limits.ts'
import { messageType, userControl } from '../rtmp/protocol/messages.ts'
import { messageOf, RoomtapeError } from '../core/errors.ts'
import { decodeAmf0, encodeAmf0, type Amf0Value } from '../rtmp/protocol/amf0.ts'
import { aacTag } from '../media/flv.ts'

export interface RtmpPublisher {
  /** Sends an AudioSpecificConfig; its tag carries the time of the last frame. */
  configure (config: Uint8Array): void
  /** Sends a raw AAC frame. @param timestampMs taken modulo 2^32 */
  write (frame: Uint8Array, timestampMs: number): void
  /** Settles when the connection is gone: the server's last status code, 'closed' after `close`, or what the socket said. Never rejects. */
  readonly closed: Promise<string>
  /** Unpublishes and hangs up. */
  close (): Promise<void>
}

interface PublisherOptions {
  /** Ends the connection, whenever it aborts. */
  signal: AbortSignal
  /** Largest body of a chunk that we send; 128 is RTMP's own default, and is then not announced. */
  chunkSize?: number
}

/**
 * Publishes audio to an RTMP server, as the relay of a TRTC room does. Takes the URL apart like FFmpeg and librtmp: the first part of the path is
 * the app, the first two if there are more than two; the rest, query included, is the stream name.
 * @throws RoomtapeError TRTC_REFUSED with the server's status code, TRTC_UNAVAILABLE when the connection does not come about
 */
export async function connectPublisher (url: string, { signal, chunkSize = 4096 }: PublisherOptions): Promise<RtmpPublisher> {
  const { hostname, port, pathname, search } = new URL(url)
  const parts = `${pathname}${search}`.split('/').slice(1)
  const appParts = parts.length > 2 ? 2 : 1
  const app = parts.slice(0, appParts).join('/')
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 1935), noDelay: true, signal })
  const publishing = new Publishing(socket, chunkSize)
  try {
    await publishing.start(app, `rtmp://${hostname}:${port || 1935}/${app}`, parts.slice(appParts).join('/'))
  } catch (error) {
    socket.destroy()
    await publishing.closed
    throw error
  }
  return publishing
}

const openingBytes = 1 + 2 * handshakeBytes
const defaultChunkSize = 128
const controlId = 2
const commandId = 3
const audioId = 4
const extendedMark = 0xffffff

class Publishing implements RtmpPublisher {
  readonly closed: Promise<string>
  readonly #socket: Socket
  readonly #reader = new ChunkReader(defaultChunkLimits, (type, _timestampMs, bytes, start, end) => this.#onMessage(type, bytes.subarray(start, end)))
  #chunkSize = defaultChunkSize
  readonly #wantedChunkSize: number
  #handshakeLeft = openingBytes
  readonly #s1 = Buffer.alloc(1 + handshakeBytes)
  /** Answers waited for, by transaction number; `onStatus` has none. */
  readonly #waiting = new Map<Amf0Value, PromiseWithResolvers<Amf0Value[]>>()
  #streamId = 0
  #lastAudioMs: number | undefined
  #reason: string | undefined

  constructor (socket: Socket, chunkSize: number) {
    this.#socket = socket
    this.#wantedChunkSize = chunkSize
    const { promise, resolve } = Promise.withResolvers<string>()
    this.closed = promise
    socket.on('data', (bytes: Buffer) => this.#read(bytes))
    socket.on('error', (error) => { this.#reason ??= messageOf(error) })
    socket.once('close', () => {
      const reason = this.#reason ?? 'the server hung up'
      for (const { reject } of this.#waiting.values()) reject(new RoomtapeError('TRTC_UNAVAILABLE', `no RTMP publish: ${reason}`))
      resolve(reason)
    })
  }

  async start (app: string, tcUrl: string, name: string): Promise<void> {
    const shaken = this.#answer('handshake')
    this.#socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(8), randomFillSync(Buffer.alloc(handshakeBytes - 8))]))
    await shaken
    this.#socket.write(this.#s1.subarray(1))
    if (this.#wantedChunkSize !== defaultChunkSize) {
      const size = Buffer.alloc(4)
      size.writeUInt32BE(this.#wantedChunkSize)
      this.#send(controlId, messageType.setChunkSize, 0, size)
      this.#chunkSize = this.#wantedChunkSize
    }
    await this.#call('connect', 1, { app, type: 'nonprivate', flashVer: 'FMLE/3.0 (compatible; Roomtape sandbox)', tcUrl })
    this.#command(0, 'releaseStream', 2, null, name)
    this.#command(0, 'FCPublish', 3, null, name)
    const [, , , streamId] = await this.#call('createStream', 4, null)
    this.#streamId = Number(streamId)
    const published = this.#answer('onStatus')
    this.#command(this.#streamId, 'publish', 5, null, name, 'live')
    const [, , , status] = await published
    const code = codeOf(status)
    if (code !== 'NetStream.Publish.Start') throw new RoomtapeError('TRTC_REFUSED', `the RTMP server refused to publish: ${code}`)
  }

  configure (config: Uint8Array): void {
    this.#sendAudio(aacTag('config', config), this.#lastAudioMs ?? 0)
  }

  write (frame: Uint8Array, timestampMs: number): void {
    this.#sendAudio(aacTag('frame', frame), timestampMs >>> 0)
  }

  async close (): Promise<void> {
    this.#reason ??= 'closed'
    if (this.#socket.writable) {
      this.#command(0, 'FCUnpublish', 6, null)
      this.#command(0, 'deleteStream', 7, null, this.#streamId)
      this.#socket.end()
    }
    await this.closed
  }

  #read (bytes: Buffer): void {
    let at = 0
    if (this.#handshakeLeft > 0) {
      at = Math.min(bytes.length, this.#handshakeLeft)
      const have = openingBytes - this.#handshakeLeft
      if (have < this.#s1.length) bytes.copy(this.#s1, have, 0, at)
      this.#handshakeLeft -= at
      if (this.#handshakeLeft > 0) return
      this.#settle('handshake', [])
    }
    try {
      this.#reader.push(bytes, at, bytes.length)
    } catch (error) {
      this.#reason ??= messageOf(error)
      this.#socket.destroy()
    }
  }

  #onMessage (type: number, body: Buffer): void {
    if (type === messageType.userControl && body.length >= 6 && body.readUInt16BE() === userControl.pingRequest) {
      const answer = Buffer.from(body)
      answer.writeUInt16BE(userControl.pingResponse)
      this.#send(controlId, messageType.userControl, 0, answer)
    }
    if (type !== messageType.command) return
    const values = decodeAmf0(body)
    const [name, transaction, , status] = values
    if (name === 'onStatus') {
      if (!this.#settle('onStatus', values)) this.#reason ??= codeOf(status)
    } else if (name === '_result') {
      this.#settle(transaction, values)
    } else if (name === '_error') {
      this.#waiting.get(transaction)?.reject(new RoomtapeError('TRTC_REFUSED', `the RTMP server refused: ${codeOf(status)}`))
    }
  }

  #settle (key: Amf0Value, values: Amf0Value[]): boolean {
    this.#waiting.get(key)?.resolve(values)
    return this.#waiting.delete(key)
  }

  #answer (key: Amf0Value): Promise<Amf0Value[]> {
    const waiting = Promise.withResolvers<Amf0Value[]>()
    this.#waiting.set(key, waiting)
    return waiting.promise
  }

  #call (name: string, transaction: number, ...values: Amf0Value[]): Promise<Amf0Value[]> {
    const answer = this.#answer(transaction)
    this.#command(0, name, transaction, ...values)
    return answer
  }

  #command (streamId: number, ...values: Amf0Value[]): void {
    this.#send(commandId, messageType.command, streamId, encodeAmf0(...values))
  }

  #send (id: number, type: number, streamId: number, body: Uint8Array): void {
    this.#socket.write(this.#chunks(fullHeader(id, type, streamId, body.length, 0), id, body, undefined))
  }

  #sendAudio (body: Uint8Array, timestampMs: number): void {
    if (!this.#socket.writable) return
    const stepMs = this.#lastAudioMs === undefined ? undefined : (timestampMs - this.#lastAudioMs) >>> 0
    this.#lastAudioMs = timestampMs
    // A step of half the range or more is a step back, which only a full header can tell.
    const isDelta = stepMs !== undefined && stepMs < 0x8000_0000
    const fieldMs = isDelta ? stepMs : timestampMs
    const header = isDelta
      ? deltaHeader(audioId, messageType.audio, body.length, fieldMs)
      : fullHeader(audioId, messageType.audio, this.#streamId, body.length, fieldMs)
    this.#socket.write(this.#chunks(header, audioId, body, fieldMs >= extendedMark ? fieldMs : undefined))
  }

  /** Cuts a message into chunks; each that continues repeats an extended timestamp. */
  #chunks (header: Buffer, id: number, body: Uint8Array, extendedMs: number | undefined): Buffer {
    const again = Buffer.alloc(extendedMs === undefined ? 1 : 5)
    again[0] = 0xc0 | id
    if (extendedMs !== undefined) again.writeUInt32BE(extendedMs, 1)
    const parts: Uint8Array[] = [header, body.subarray(0, this.#chunkSize)]
    for (let at = this.#chunkSize; at < body.length; at += this.#chunkSize) parts.push(again, body.subarray(at, at + this.#chunkSize))
    return Buffer.concat(parts)
  }
}

function fullHeader (id: number, type: number, streamId: number, length: number, timestampMs: number): Buffer {
  const header = Buffer.alloc(timestampMs >= extendedMark ? 16 : 12)
  header[0] = id
  header.writeUIntBE(Math.min(timestampMs, extendedMark), 1, 3)
  header.writeUIntBE(length, 4, 3)
  header[7] = type
  header.writeUInt32LE(streamId, 8)
  if (timestampMs >= extendedMark) header.writeUInt32BE(timestampMs, 12)
  return header
}

function deltaHeader (id: number, type: number, length: number, stepMs: number): Buffer {
  const header = Buffer.alloc(stepMs >= extendedMark ? 12 : 8)
  header[0] = 0x40 | id
  header.writeUIntBE(Math.min(stepMs, extendedMark), 1, 3)
  header.writeUIntBE(length, 4, 3)
  header[7] = type
  if (stepMs >= extendedMark) header.writeUInt32BE(stepMs, 8)
  return header
}

function codeOf (status: Amf0Value): string {
  const code = typeof status === 'object' && status !== null && !Array.isArray(status) ? status.code : undefined
  return typeof code === 'string' ? code : 'no status code'
}
