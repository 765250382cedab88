import { RoomtapeError } from '../../core/errors.ts'
import type { AudioSink } from '../../media/audio-sink.ts'

/** What the holder of a key is told when it may publish no longer. */
interface Publisher {
  /** A newer publisher came with the same key. */
  replace (): void
  /** The key is closed. */
  stop (): void
}

interface StreamKey<Connection> {
  readonly sink: AudioSink
  publisher: Connection | undefined
}

const keyForm = /^[A-Za-z0-9_-]{16,128}$/
const keyInText = /[A-Za-z0-9_-]{16,}/g
const percentEncoded = /%([0-9A-Fa-f]{2})/g

/** The stream keys that are open, each with its sink and the connection that publishes on it now: at most one, the newest. */
export class StreamKeys<Connection extends Publisher> {
  readonly #keys = new Map<string, StreamKey<Connection>>()
  readonly #publishing = new Map<Connection, StreamKey<Connection>>()

  /** Keys that are open. */
  get size (): number { return this.#keys.size }

  /** Connections that publish on one of them now. */
  get publishing (): number { return this.#publishing.size }

  /** @throws RoomtapeError VALIDATION, or CONFLICT when it is open already */
  open (key: string, sink: AudioSink): void {
    if (!keyForm.test(key)) throw new RoomtapeError('VALIDATION', 'a stream key is 16 to 128 characters of A-Za-z0-9_-')
    if (this.#keys.has(key)) throw new RoomtapeError('CONFLICT', 'this stream key is open already')
    this.#keys.set(key, { sink, publisher: undefined })
  }

  /** Closes a key and stops whoever publishes on it. */
  forget (key: string): void {
    const open = this.#keys.get(key)
    this.#keys.delete(key)
    open?.publisher?.stop()
  }

  forgetAll (): void {
    for (const key of [...this.#keys.keys()]) this.forget(key)
  }

  /** The first open key that stands in one of the texts, plain or percent-encoded. */
  find (texts: readonly string[]): StreamKey<Connection> | undefined {
    const decoded = texts.filter((text) => text.includes('%')).map((text) => text.replace(percentEncoded, (_, hex) => String.fromCharCode(parseInt(hex as string, 16))))
    for (const text of [...texts, ...decoded]) {
      for (const [word] of text.matchAll(keyInText)) {
        const open = this.#keys.get(word)
        if (open !== undefined) return open
      }
    }
    return undefined
  }

  /** Makes the connection the key's publisher, after the one before it was replaced. */
  assign (key: StreamKey<Connection>, connection: Connection): void {
    key.publisher?.replace()
    key.publisher = connection
    this.#publishing.set(connection, key)
  }

  /** The connection publishes no longer. */
  release (connection: Connection): void {
    const key = this.#publishing.get(connection)
    this.#publishing.delete(connection)
    if (key?.publisher === connection) key.publisher = undefined
  }
}
