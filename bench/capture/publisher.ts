import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { messageOf } from '../../src/core/errors.ts'
import { encodeAmf0, type Amf0Value } from '../../src/rtmp/protocol/amf0.ts'
import { aacTag } from '../../src/media/flv.ts'
import { clipConfig } from './clip.ts'

const handshakeBytes = 1536
const chunkSize = 4096
const audioChunkStream = 4
const message = { setChunkSize: 1, audio: 8, command: 20 } as const

/** An AAC frame as it goes over the wire: one chunk with a step of time. @param stepMs since the frame before */
export function audioChunk (frame: Uint8Array, stepMs: number): Buffer {
  const body = aacTag('frame', frame)
  const header = Buffer.alloc(8)
  header[0] = 0x40 | audioChunkStream
  header.writeUIntBE(stepMs, 1, 3)
  header.writeUIntBE(body.length, 4, 3)
  header[7] = message.audio
  return Buffer.concat([header, body])
}

/**
 * The sandbox's publisher serves tests and has all of RTMP's corners; this one is as cheap as a sender can be, for a thousand and more in one
 * thread. Frames go to the socket by `write(2)` itself: Node's way through streams takes 3 µs each where this takes 1.5, the kernel's part (7 µs) apart.
 */
export class Publisher {
  readonly #socket: Socket
  #descriptor = -1
  /** Why the connection ended, if we did not end it. */
  #ended: string | undefined

  private constructor (socket: Socket) {
    this.#socket = socket
    socket.on('error', (error) => { this.#ended = error.message })
    socket.once('end', () => { this.#ended ??= 'the server hung up' })
  }

  /** Resolves when the server has accepted the stream. */
  static async publish (url: string, { signal }: { signal: AbortSignal }): Promise<Publisher> {
    const { hostname, port, pathname } = new URL(url)
    const [, app = '', name = ''] = pathname.split('/')
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    const publisher = new Publisher(socket)
    const giveUp = (): void => { socket.destroy() }
    signal.addEventListener('abort', giveUp)
    try {
      await once(socket, 'connect', { signal })
      publisher.#descriptor = descriptorOf(socket)
      await publisher.#open(app, `rtmp://${hostname}:${port}/${app}`, name)
    } catch (error) {
      socket.destroy()
      throw error
    } finally {
      signal.removeEventListener('abort', giveUp) // the stream may last longer
    }
    return publisher
  }

  async #open (app: string, tcUrl: string, name: string): Promise<void> {
    const socket = this.#socket
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    let received = Buffer.alloc(0)
    let shaken = false
    socket.once('close', () => reject(new Error(`not published: ${this.#ended ?? 'the connection closed'}`)))
    const read = (bytes: Buffer): void => {
      received = Buffer.concat([received, bytes])
      if (!shaken && received.length >= 1 + 2 * handshakeBytes) {
        shaken = true
        socket.write(Buffer.concat([
          received.subarray(1, 1 + handshakeBytes),
          chunk(2, message.setChunkSize, 0, bigEndian(chunkSize)),
          command(0, 'connect', 1, { app, type: 'nonprivate', flashVer: 'FMLE/3.0 (compatible; bench)', tcUrl }),
          command(0, 'createStream', 2, null),
          command(1, 'publish', 3, null, name, 'live') // both servers number the first stream of a connection 1
        ]))
      }
      if (received.includes('NetStream.Publish.Start')) resolve(undefined)
    }
    socket.on('data', read)
    socket.write(Buffer.concat([Buffer.of(3), Buffer.alloc(handshakeBytes)]))
    await promise
    socket.off('data', read)
    socket.resume()
    socket.write(chunk(audioChunkStream, message.audio, 1, aacTag('config', clipConfig)))
  }

  /** Sends what `audioChunk` made, as one write. @returns whether the kernel has taken it whole; else it waits here */
  send (chunk: Buffer): boolean {
    if (this.#ended !== undefined) return false
    // Node closes the descriptor no sooner than it has told of the end
    const taken = this.#socket.writableLength === 0 ? this.#write(chunk) : 0
    if (taken < chunk.length && !this.#socket.destroyed) this.#socket.write(chunk.subarray(taken))
    return taken === chunk.length
  }

  #write (chunk: Buffer): number {
    try {
      return writeSync(this.#descriptor, chunk, 0, chunk.length)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0
      this.#ended = messageOf(error)
      this.#socket.destroy()
      return 0
    }
  }

  /** Hangs up, after everything was sent and read. @throws Error when the server had hung up first */
  async leave (): Promise<void> {
    if (this.#ended !== undefined) throw new Error(`a stream broke: ${this.#ended}`)
    const closed = this.#socket.closed ? undefined : once(this.#socket, 'close')
    this.#socket.end()
    await closed
  }

  destroy (): void { this.#socket.destroy() }
}

/** Node has no public way to it. */
function descriptorOf (socket: Socket): number {
  const { _handle: handle } = socket as unknown as { _handle?: { fd?: number } }
  if (handle?.fd === undefined || handle.fd < 0) throw new Error('this Node does not tell the file descriptor of a socket')
  return handle.fd
}

function command (streamId: number, ...values: Amf0Value[]): Buffer { return chunk(3, message.command, streamId, encodeAmf0(...values)) }

function chunk (chunkStream: number, type: number, streamId: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(12)
  header[0] = chunkStream
  header.writeUIntBE(body.length, 4, 3)
  header[7] = type
  header.writeUInt32LE(streamId, 8)
  return Buffer.concat([header, body])
}

function bigEndian (value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
