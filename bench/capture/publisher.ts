import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { encodeAmf0, type Amf0Value } from '../../src/media/amf0.ts'
import { aacTag } from '../../src/media/flv.ts'
import { clip, clipConfig, frameMs } from './clip.ts'

const handshakeBytes = 1536
const chunkSize = 4096
const audioChunkStream = 4
const message = { setChunkSize: 1, audio: 8, command: 20 } as const

/** The frames of the clip as they go over the wire: each one chunk with a step of time, made once for all streams. */
const frames: readonly Buffer[] = clip.map((frame, number) => {
  const body = aacTag('frame', frame)
  const header = Buffer.alloc(8)
  header[0] = 0x40 | audioChunkStream
  header.writeUIntBE(Math.floor((number + 1) * frameMs) - Math.floor(number * frameMs), 1, 3)
  header.writeUIntBE(body.length, 4, 3)
  header[7] = message.audio
  return Buffer.concat([header, body])
})

/** The sandbox's publisher serves tests and has all of RTMP's corners; this one is as cheap as a sender can be, for a thousand in one thread. */
export class Publisher {
  readonly #socket: Socket
  /** What ended the connection, if not we. */
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
    const socket = connect({ host: hostname, port: Number(port), noDelay: true, signal })
    const publisher = new Publisher(socket)
    await once(socket, 'connect', { signal })
    await publisher.#open(app, `rtmp://${hostname}:${port}/${app}`, name)
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

  /** Sends a frame of the clip. */
  send (number: number): void {
    const frame = frames[number]
    if (frame !== undefined) this.#socket.write(frame)
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
