import type { Socket } from 'node:net'
import type { Clock } from '../../core/clock.ts'
import { messageOf, RoomtapeError } from '../../core/errors.ts'
import { decodeAmf0, type Amf0Value } from '../protocol/amf0.ts'
import { visitAggregate } from '../../media/flv.ts'
import type { AudioSink, SourceEnd, UnusableAudio } from '../../media/audio-sink.ts'
import { ChunkReader } from '../protocol/chunk-reader.ts'
import { Handshake } from '../protocol/handshake.ts'
import type { KeptBytes } from '../protocol/kept-bytes.ts'
import type { RtmpLimits } from './limits.ts'
import { acknowledgement, command, connected, messageType, onStatus, userControl, userControlMessage, type StatusCode } from '../protocol/messages.ts'
import { readCommand, type Command } from '../protocol/read-command.ts'
import { CodecRefused, Publication, SinkFailed, type FrameCounter } from './publication.ts'

/** Why we closed a connection: too many of them, a time limit, no RTMP or too much of it, no such key, no AAC, answers not read. */
export type Refusal = 'full' | 'timeout' | 'protocol' | 'key' | 'codec' | 'unread'

/** What a connection needs of the ingest it came to. */
export interface Gate extends FrameCounter {
  readonly limits: RtmpLimits
  readonly kept: KeptBytes
  readonly clock: Clock
  /** The sink whose key stands in one of the texts, if any; whoever published on it until now has been closed. */
  admit (connection: RtmpConnection, texts: readonly string[]): AudioSink | undefined
  /** The connection publishes no longer. */
  release (connection: RtmpConnection): void
  refused (refusal: Refusal, detail: string): void
  /** Something of ours threw: the sink, or this code. */
  fault (error: unknown): void
}

type Outlet = Pick<Socket, 'write' | 'end' | 'destroy' | 'writableLength'>

/** Bytes between two acknowledgements, until the peer sets a window of its own. */
const defaultWindowBytes = 2_500_000

/** One publisher, from its first byte to its last. Whatever it sends, only it suffers. */
export class RtmpConnection {
  readonly #gate: Gate
  readonly #socket: Outlet
  readonly #reader: ChunkReader
  #phase: 'handshake' | 'waiting' | 'publishing' | 'closing' = 'handshake'
  /** When the phase began, in the time of `performance.now()`. */
  #sinceMs: number
  /** Until it is done. */
  #handshake: Handshake | undefined = new Handshake((s0s1s2) => this.#write(s0s1s2))
  #app: readonly string[] | undefined
  /** The newest message stream of the peer. We keep nothing of the others. */
  #lastStreamId = 0
  #publication: Publication | undefined
  /** Whether the sink was told why this connection's audio cannot be used. */
  #toldUnusable = false
  #arrivalMs = 0
  /** Messages that had come to their end when a sweep last looked, and when that number last grew. */
  #heardMessages = 0
  #heardMs: number
  #chunksAllowed: number
  #commandsLeft: number
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
    this.#chunksAllowed = gate.limits.sweepChunks
    this.#commandsLeft = gate.limits.sweepCommands
    this.#reader = new ChunkReader(
      gate.limits,
      (type, timestampMs, bytes, start, end, streamId) => this.#onMessage(type, timestampMs, bytes, start, end, streamId),
      gate.kept
    )
  }

  /** Takes the first `length` of `bytes`, which are free again when it returns. */
  read (bytes: Buffer, length: number): void {
    if (this.#phase === 'closing') return
    this.#arrivalMs = this.#gate.clock.now()
    this.#receivedBytes += length
    try {
      const start = this.#handshake === undefined ? 0 : this.#shakeHands(this.#handshake, bytes, length)
      if (start < length) this.#reader.push(bytes, start, length)
      this.#afterRead(length)
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail (error: unknown): void {
    if (error instanceof CodecRefused) {
      this.#tellUnusable('codec', error.reason)
      this.#refuse('codec', error.message, 'NetStream.Publish.Rejected')
    } else if (error instanceof SinkFailed) {
      this.#gate.fault(error.cause)
      const status = this.#status('error', 'NetStream.Publish.Rejected', 'the recording failed')
      this.#endPublication('refused')
      this.#close(status)
    } else {
      // Anything else is a fault of ours; it must not take the other streams of the thread with it.
      if (!(error instanceof RoomtapeError)) this.#gate.fault(error)
      this.#refuse('protocol', messageOf(error))
    }
  }

  /** The socket is gone. */
  closed (): void {
    this.#phase = 'closing'
    this.#reader.stop()
    this.#endPublication('disconnected')
  }

  /** A newer publisher came with the same key. */
  replace (): void {
    const status = this.#status('error', 'NetStream.Publish.BadName', 'a newer publisher took over')
    this.#endPublication('replaced')
    this.#close(status)
  }

  /** The key is closed: nothing is wrong with the publisher, but nobody listens any longer. */
  stop (): void {
    const status = this.#status('status', 'NetStream.Unpublish.Success', 'the recording has ended')
    this.#endPublication('stopped')
    this.#close(status)
  }

  /** There are too many connections, and this one has waited longest. */
  giveWay (): void {
    if (this.#phase === 'closing') this.#socket.destroy()
    else this.#refuse('full', 'others wait for the place')
  }

  /** @param nowMs of `performance.now()` */
  sweep (nowMs: number): void {
    const { handshakeMs, publishMs, idleMs, lingerMs, sweepChunks, sweepCommands } = this.#gate.limits
    this.#chunksAllowed = this.#reader.chunks + sweepChunks
    this.#commandsLeft = sweepCommands
    // A byte now and then is no sign of life: it may belong to a message without end.
    if (this.#reader.messages !== this.#heardMessages) {
      this.#heardMessages = this.#reader.messages
      this.#heardMs = nowMs
      this.#pinged = false
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
      this.#endPublication('disconnected') // for the stream it is a lost connection; the relay may come back
      this.#refuse('timeout', 'silent for too long')
    } else if (silentMs > idleMs / 2 && !this.#pinged) {
      this.#pinged = true
      this.#write(userControlMessage(userControl.pingRequest, Math.floor(this.#heardMs) >>> 0))
    }
  }

  /** Gives where the chunks begin. */
  #shakeHands (handshake: Handshake, bytes: Buffer, length: number): number {
    const start = handshake.push(bytes, length)
    if (handshake.isDone) {
      this.#handshake = undefined
      this.#enter('waiting')
    }
    return start
  }

  #afterRead (length: number): void {
    if (this.#reader.chunks > this.#chunksAllowed) throw new RoomtapeError('VALIDATION', 'too many chunks at a time')
    if (this.#receivedBytes - this.#acknowledgedBytes >= this.#windowBytes && this.#phase !== 'handshake') {
      this.#acknowledgedBytes = this.#receivedBytes
      this.#write(acknowledgement(this.#receivedBytes))
    }
    if (this.#phase === 'publishing') return
    this.#unpublishedBytes += length
    if (this.#unpublishedBytes > this.#gate.limits.unpublishedBytes) this.#refuse('protocol', 'too many bytes without publishing')
  }

  #onMessage (type: number, timestampMs: number, bytes: Buffer, start: number, end: number, streamId: number): void {
    switch (type) {
      case messageType.audio: this.#publication?.write(bytes, start, end, timestampMs, this.#arrivalMs); break
      case messageType.aggregate: visitAggregate(bytes, start, end, timestampMs, this.#onAggregated); break
      case messageType.command: this.#onCommand(decodeAmf0(bytes.subarray(start, end)), streamId); break
      // The AMF3 form is AMF0 after a zero byte for all that publishers send.
      case messageType.commandAmf3: this.#onCommand(decodeAmf0(bytes.subarray(bytes[start] === 0 ? start + 1 : start, end)), streamId); break
      case messageType.windowAckSize: this.#setWindow(bytes, start, end); break
      case messageType.userControl: this.#onUserControl(bytes, start, end); break
    }
  }

  readonly #onAggregated = (type: number, timestampMs: number, bytes: Buffer, start: number, end: number): void => {
    if (type === messageType.audio) this.#publication?.write(bytes, start, end, timestampMs, this.#arrivalMs)
  }

  #setWindow (bytes: Buffer, start: number, end: number): void {
    const wanted = end - start < 4 ? 0 : bytes.readUInt32BE(start)
    this.#windowBytes = wanted === 0 ? defaultWindowBytes : Math.max(wanted, this.#gate.limits.minWindowBytes)
  }

  #onUserControl (bytes: Buffer, start: number, end: number): void {
    if (end - start < 6 || bytes.readUInt16BE(start) !== userControl.pingRequest) return
    this.#countCommand()
    this.#write(userControlMessage(userControl.pingResponse, bytes.readUInt32BE(start + 2)))
  }

  #onCommand (values: Amf0Value[], streamId: number): void {
    this.#countCommand()
    const asked = readCommand(values, streamId)
    switch (asked.type) {
      case 'connect': this.#connect(asked); break
      case 'acknowledge': this.#write(command(0, '_result', asked.transaction, null, undefined)); break
      case 'createStream': this.#write(command(0, '_result', asked.transaction, null, ++this.#lastStreamId)); break
      case 'publish': this.#publish(asked.name, streamId); break
      case 'unpublish': if (asked.streamId === undefined || asked.streamId === this.#publication?.streamId) this.#unpublish(); break
      case 'ignore': break
      default: asked satisfies never
    }
  }

  /** Commands and pings cost far more than audio, and no publisher has many to send. */
  #countCommand (): void {
    if (--this.#commandsLeft < 0) throw new RoomtapeError('VALIDATION', 'too many commands at a time')
  }

  #connect ({ transaction, app, isEnhanced }: Extract<Command, { type: 'connect' }>): void {
    if (this.#app !== undefined) throw new RoomtapeError('VALIDATION', 'connect was sent twice')
    this.#app = app
    this.#write(connected(transaction, isEnhanced))
  }

  #publish (name: string | undefined, streamId: number): void {
    if (this.#app === undefined) throw new RoomtapeError('VALIDATION', 'publish was sent before connect')
    if (this.#publication !== undefined) throw new RoomtapeError('VALIDATION', 'publish was sent twice')
    const sink = this.#gate.admit(this, name === undefined ? this.#app : [name, ...this.#app])
    if (sink === undefined) {
      this.#refuse('key', 'no such key', 'NetStream.Publish.Denied', streamId)
      return
    }
    this.#publication = new Publication(streamId, sink, this.#gate, (cause, message) => this.#tellUnusable(cause, message))
    this.#enter('publishing')
    sink.begin?.()
    this.#write(userControlMessage(userControl.streamBegin, streamId))
    this.#write(this.#status('status', 'NetStream.Publish.Start', 'recording'))
  }

  #unpublish (): void {
    if (this.#publication === undefined) return
    const answer = this.#status('status', 'NetStream.Unpublish.Success', 'unpublished')
    this.#endPublication('disconnected')
    this.#enter('waiting')
    this.#write(answer)
  }

  #enter (phase: 'waiting' | 'publishing' | 'closing'): void {
    this.#phase = phase
    this.#sinceMs = performance.now()
    this.#unpublishedBytes = 0
  }

  #endPublication (end: SourceEnd): void {
    const publication = this.#publication
    if (publication === undefined) return
    if (end !== 'stopped') publication.end() // whoever let it go asks for nothing more
    const { sink } = publication
    this.#publication = undefined
    this.#gate.release(this)
    try {
      sink.end(end)
    } catch (error) {
      this.#gate.fault(error)
    }
  }

  #tellUnusable (cause: UnusableAudio, message: string): void {
    if (this.#toldUnusable) return
    this.#toldUnusable = true
    try {
      this.#publication?.sink.unusable?.(cause, message)
    } catch (error) {
      this.#gate.fault(error)
    }
  }

  #status (level: 'status' | 'error', code: StatusCode, description: string, streamId = this.#publication?.streamId ?? 0): Buffer {
    return onStatus(streamId, level, code, description)
  }

  /** Closes for a reason that is the peer's, and tells it if there is a code for it. */
  #refuse (refusal: Refusal, detail: string, code?: StatusCode, streamId?: number): void {
    if (this.#phase === 'closing') return
    const status = code === undefined ? undefined : this.#status('error', code, detail, streamId)
    this.#endPublication('refused')
    this.#close(status)
    this.#gate.refused(refusal, detail)
  }

  /** A peer that gets a status has `lingerMs` to read it: closing at once, with its own bytes unread, would reset the connection under it. */
  #close (status?: Buffer): void {
    if (this.#phase === 'closing') return
    this.#enter('closing')
    this.#reader.stop()
    if (status === undefined) this.#socket.destroy()
    else this.#socket.end(status)
  }

  #write (bytes: Buffer): void {
    if (this.#phase === 'closing') return
    if (this.#socket.writableLength > this.#gate.limits.unreadBytes) this.#refuse('unread', 'answers are not read')
    else this.#socket.write(bytes)
  }
}
