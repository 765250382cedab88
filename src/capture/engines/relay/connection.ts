import type { Socket } from 'node:net'
import type { Clock } from '../../../core/clock.ts'
import { messageOf, RoomtapeError } from '../../../core/errors.ts'
import { maxAacFrameBytes, parseAudioSpecificConfig } from '../../../media/aac.ts'
import { decodeAmf0, type Amf0Value } from '../../../media/amf0.ts'
import { aacTagHeaderBytes, audioTagOf, visitAggregate } from '../../../media/flv.ts'
import type { AudioSink, SourceEnd } from '../../capture.ts'
import { ChunkReader } from './chunk-reader.ts'
import { answerHandshake, handshakeBytes } from './handshake.ts'
import type { RtmpLimits } from './limits.ts'
import { acknowledgement, command, connected, messageType, onStatus, userControl, userControlMessage, type StatusCode } from './messages.ts'

/** Why we closed a connection: too many of them, a time limit, no RTMP or too much of it, no such key, no AAC, answers not read. */
export type Refusal = 'full' | 'timeout' | 'protocol' | 'key' | 'codec' | 'unread'

/** What a connection needs of the ingest it came to. */
export interface Gate {
  readonly limits: RtmpLimits
  readonly clock: Clock
  /** The sink whose key stands in one of the texts, if any; whoever published on it until now has been closed. */
  admit (connection: RtmpConnection, texts: readonly string[]): AudioSink | undefined
  /** The connection publishes no longer. */
  release (connection: RtmpConnection): void
  refused (refusal: Refusal, detail: string): void
  /** Something of ours threw: the sink, or this code. */
  fault (error: unknown): void
  countFrame (bytes: number): void
  /** An audio tag with a frame that cannot be used, because no configuration came before it. */
  countDropped (): void
}

type Outlet = Pick<Socket, 'write' | 'end' | 'destroy' | 'writableLength'>

const openingBytes = 1 + handshakeBytes
const firstTextByte = 32
/** Until the peer says how often it wants to hear how much has arrived. */
const defaultWindowBytes = 2_500_000
const streamId = 1

/** One publisher, from its first byte to its last. Whatever it sends, only it suffers. */
export class RtmpConnection {
  readonly #gate: Gate
  readonly #socket: Outlet
  readonly #reader: ChunkReader
  #phase: 'handshake' | 'waiting' | 'publishing' | 'closing' = 'handshake'
  /** When the phase began, in the time of `performance.now()`. */
  #sinceMs: number
  #opening: Buffer | undefined = Buffer.alloc(openingBytes)
  #handshakeLeft = openingBytes + handshakeBytes
  #app: readonly string[] | undefined
  #sink: AudioSink | undefined
  #config: Uint8Array | undefined
  #arrivalMs = 0
  #heard = false
  #heardMs: number
  #pinged = false
  #receivedBytes = 0
  #acknowledgedBytes = 0
  #windowBytes = defaultWindowBytes
  #unpublishedBytes = 0

  /** @param nowMs of `performance.now()` */
  constructor (gate: Gate, socket: Outlet, nowMs: number) {
    this.#gate = gate
    this.#socket = socket
    this.#sinceMs = this.#heardMs = nowMs
    this.#reader = new ChunkReader(gate.limits, (type, timestampMs, bytes, start, end) => this.#onMessage(type, timestampMs, bytes, start, end))
  }

  /** Takes the first `length` of `bytes`, which are free again when it returns. */
  read (bytes: Buffer, length: number): void {
    this.#heard = true
    if (this.#phase === 'closing') return
    this.#arrivalMs = this.#gate.clock.now()
    this.#receivedBytes += length
    try {
      const start = this.#handshakeLeft > 0 ? this.#shakeHands(bytes, length) : 0
      if (start < length) this.#reader.push(bytes, start, length)
      this.#afterRead(length)
    } catch (error) {
      // Anything else is a fault of ours; it must not take the other streams of the thread with it.
      if (!(error instanceof RoomtapeError)) this.#gate.fault(error)
      this.#refuse('protocol', messageOf(error))
    }
  }

  /** The socket is gone. */
  closed (): void {
    this.#phase = 'closing'
    this.#reader.stop()
    this.#endSink('disconnected')
  }

  /** A newer publisher came with the same key. */
  replace (): void {
    this.#endSink('replaced')
    this.#close(onStatus(streamId, 'error', 'NetStream.Publish.BadName', 'a newer publisher took over'))
  }

  /** The key is dead: nothing is wrong with the publisher, but nobody listens any longer. */
  stop (): void {
    this.#endSink('stopped')
    this.#close(onStatus(streamId, 'status', 'NetStream.Unpublish.Success', 'the recording has ended'))
  }

  /** @param nowMs of `performance.now()` */
  sweep (nowMs: number): void {
    const { handshakeMs, publishMs, idleMs, lingerMs } = this.#gate.limits
    if (this.#heard) {
      this.#heard = this.#pinged = false
      this.#heardMs = nowMs
    }
    const phaseMs = nowMs - this.#sinceMs
    switch (this.#phase) {
      case 'handshake': if (phaseMs > handshakeMs) this.#refuse('timeout', 'no handshake in time'); break
      case 'waiting': if (phaseMs > publishMs) this.#refuse('timeout', 'no publish in time'); break
      case 'publishing': this.#checkIdle(nowMs - this.#heardMs, idleMs); break
      case 'closing': if (phaseMs > lingerMs) this.#socket.destroy(); break
      default: this.#phase satisfies never
    }
  }

  #checkIdle (silentMs: number, idleMs: number): void {
    if (silentMs > idleMs) {
      this.#endSink('disconnected') // for the stream it is a lost connection; the relay may come back
      this.#refuse('timeout', 'silent for too long')
    } else if (silentMs > idleMs / 2 && !this.#pinged) {
      this.#pinged = true
      this.#write(userControlMessage(userControl.pingRequest, Math.floor(this.#heardMs) >>> 0))
    }
  }

  /** Gives where the chunks begin. */
  #shakeHands (bytes: Buffer, length: number): number {
    let at = 0
    if (this.#opening !== undefined) {
      const have = openingBytes + handshakeBytes - this.#handshakeLeft
      if (have === 0 && bytes.readUInt8(0) >= firstTextByte) throw new RoomtapeError('VALIDATION', 'the first byte is a text\'s, not an RTMP version')
      at = bytes.copy(this.#opening, have, 0, length)
      if (have + at === openingBytes) {
        this.#write(answerHandshake(this.#opening))
        this.#opening = undefined
      }
    }
    const second = this.#opening === undefined ? Math.min(length - at, this.#handshakeLeft - at) : 0
    this.#handshakeLeft -= at + second
    if (this.#handshakeLeft === 0) this.#enter('waiting')
    return at + second
  }

  #afterRead (length: number): void {
    if (this.#receivedBytes - this.#acknowledgedBytes >= this.#windowBytes && this.#phase !== 'handshake') {
      this.#acknowledgedBytes = this.#receivedBytes
      this.#write(acknowledgement(this.#receivedBytes))
    }
    if (this.#phase === 'publishing') return
    this.#unpublishedBytes += length
    if (this.#unpublishedBytes > this.#gate.limits.unpublishedBytes) this.#refuse('protocol', 'too many bytes without publishing')
  }

  #onMessage (type: number, timestampMs: number, bytes: Buffer, start: number, end: number): void {
    switch (type) {
      case messageType.audio: this.#onAudio(timestampMs, bytes, start, end); break
      case messageType.aggregate: visitAggregate(bytes, start, end, timestampMs, this.#onAggregated); break
      case messageType.command: this.#onCommand(decodeAmf0(bytes.subarray(start, end))); break
      // The AMF3 form is AMF0 after a zero byte for all that publishers send.
      case messageType.commandAmf3: this.#onCommand(decodeAmf0(bytes.subarray(bytes[start] === 0 ? start + 1 : start, end))); break
      case messageType.windowAckSize: if (end - start >= 4) this.#windowBytes = bytes.readUInt32BE(start) || defaultWindowBytes; break
      case messageType.userControl: this.#onUserControl(bytes, start, end); break
    }
  }

  readonly #onAggregated = (type: number, timestampMs: number, bytes: Buffer, start: number, end: number): void => {
    if (type === messageType.audio) this.#onAudio(timestampMs, bytes, start, end)
  }

  #onAudio (timestampMs: number, bytes: Buffer, start: number, end: number): void {
    const sink = this.#sink
    if (sink === undefined) return
    const kind = audioTagOf(bytes, start, end)
    switch (kind) {
      case 'frame':
        if (this.#config === undefined) this.#gate.countDropped()
        else this.#writeFrame(sink, bytes, start + aacTagHeaderBytes, end, timestampMs)
        break
      case 'config': this.#configure(sink, bytes.subarray(start + aacTagHeaderBytes, end)); break
      case 'empty': break
      case 'enhanced':
      case 'other-codec': this.#refuseCodec(kind === 'enhanced' ? 'an Enhanced RTMP codec' : 'not AAC'); break
      default: kind satisfies never
    }
  }

  #writeFrame (sink: AudioSink, bytes: Buffer, start: number, end: number, timestampMs: number): void {
    if (end - start > maxAacFrameBytes) throw new RoomtapeError('VALIDATION', `an AAC frame of ${end - start} bytes`)
    this.#gate.countFrame(end - start)
    try {
      sink.write(bytes, start, end, timestampMs, this.#arrivalMs)
    } catch (error) {
      this.#sinkFailed(error)
    }
  }

  /** Publishers send the same configuration again, every few seconds some of them. */
  #configure (sink: AudioSink, config: Buffer): void {
    if (this.#config !== undefined && config.equals(this.#config)) return
    const kept = Uint8Array.from(config)
    let parsed
    try {
      parsed = parseAudioSpecificConfig(kept)
    } catch (error) {
      this.#refuseCodec(messageOf(error))
      return
    }
    this.#config = kept
    try {
      sink.configure(parsed)
    } catch (error) {
      this.#sinkFailed(error)
    }
  }

  #onUserControl (bytes: Buffer, start: number, end: number): void {
    if (end - start < 6 || bytes.readUInt16BE(start) !== userControl.pingRequest) return
    this.#write(userControlMessage(userControl.pingResponse, bytes.readUInt32BE(start + 2)))
  }

  #onCommand (values: Amf0Value[]): void {
    const [name, transaction, object, argument] = values
    switch (name) {
      case 'connect': this.#connect(transaction, object); break
      case 'releaseStream':
      case 'FCPublish': this.#write(command(0, '_result', transaction, null, undefined)); break
      case 'createStream': this.#write(command(0, '_result', transaction, null, streamId)); break
      case 'publish': this.#publish(argument); break
      case 'FCUnpublish':
      case 'deleteStream':
      case 'closeStream': this.#unpublish(); break
      // Of the rest (_checkbw and the like) recording needs nothing, and an error in answer would make FFmpeg leave.
      default: break
    }
  }

  #connect (transaction: Amf0Value, object: Amf0Value): void {
    if (this.#app !== undefined) throw new RoomtapeError('VALIDATION', 'connect was sent twice')
    const { app, tcUrl } = typeof object === 'object' && object !== null && !Array.isArray(object) ? object : {}
    this.#app = [app, tcUrl].filter((text) => typeof text === 'string')
    this.#write(connected(transaction))
  }

  #publish (name: Amf0Value): void {
    if (this.#app === undefined) throw new RoomtapeError('VALIDATION', 'publish was sent before connect')
    if (this.#sink !== undefined) throw new RoomtapeError('VALIDATION', 'publish was sent twice')
    this.#sink = this.#gate.admit(this, typeof name === 'string' ? [name, ...this.#app] : this.#app)
    if (this.#sink === undefined) {
      this.#refuse('key', 'no such key', 'NetStream.Publish.Denied')
      return
    }
    this.#enter('publishing')
    this.#write(userControlMessage(userControl.streamBegin, streamId))
    this.#write(onStatus(streamId, 'status', 'NetStream.Publish.Start', 'recording'))
  }

  #unpublish (): void {
    if (this.#sink === undefined) return
    this.#endSink('disconnected')
    this.#enter('waiting')
    this.#write(onStatus(streamId, 'status', 'NetStream.Unpublish.Success', 'unpublished'))
  }

  #enter (phase: 'waiting' | 'publishing' | 'closing'): void {
    this.#phase = phase
    this.#sinceMs = performance.now()
    this.#unpublishedBytes = 0
  }

  #endSink (end: SourceEnd): void {
    const sink = this.#sink
    if (sink === undefined) return
    this.#sink = this.#config = undefined
    this.#gate.release(this)
    try {
      sink.end(end)
    } catch (error) {
      this.#gate.fault(error)
    }
  }

  #sinkFailed (error: unknown): void {
    this.#gate.fault(error)
    this.#endSink('refused')
    this.#close(onStatus(streamId, 'error', 'NetStream.Publish.Rejected', 'the recording failed'))
  }

  #refuseCodec (detail: string): void {
    this.#refuse('codec', detail, 'NetStream.Publish.Rejected')
  }

  /** Closes for a reason that is the peer's, and tells it if there is a code for it. */
  #refuse (refusal: Refusal, detail: string, code?: StatusCode): void {
    if (this.#phase === 'closing') return
    this.#endSink('refused')
    this.#close(code === undefined ? undefined : onStatus(streamId, 'error', code, detail))
    this.#gate.refused(refusal, detail)
  }

  /** With a last word the peer gets `lingerMs` to read it; closing at once with its bytes unread would reset the connection under it. */
  #close (lastWord?: Buffer): void {
    this.#enter('closing')
    this.#reader.stop()
    if (lastWord === undefined) this.#socket.destroy()
    else this.#socket.end(lastWord)
  }

  #write (bytes: Buffer): void {
    if (this.#phase === 'closing') return
    if (this.#socket.writableLength > this.#gate.limits.unreadBytes) this.#refuse('unread', 'answers are not read')
    else this.#socket.write(bytes)
  }
}
