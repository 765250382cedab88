import { appendFile, constants, open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { RoomtapeError } from '../core/errors.ts'
import { attempt } from './attempt.ts'
import { checkedJson, checkedLine, findCheckedLines } from './checked-line.ts'
import { syncFolder } from './identity.ts'
import { ownerOnly } from './journal.ts'
import { readAt } from './read-at.ts'
import { writeAll } from './writer.ts'

/** Beside the folders of recordings. */
const fileName = 'event-journal.jsonl'
const refusedName = 'event-journal-refused.jsonl'
/** Some 100 000 events. */
const defaultMaxBytes = 64 * 1024 * 1024

export interface EventJournalOptions {
  log: Pick<Logger, 'warn'>
  /** Longest the file may be. */
  maxBytes?: number
}

/** Where a line stands in the file. */
interface Place { position: number, length: number }

interface Waiting {
  line: Buffer
  written: () => void
  failed: (error: unknown) => void
}

/**
 * The event journal: a file in the spool with the events of rooms that the tables have not got yet, each a line of JSON with a checksum. A line is
 * on the disk before it counts as added; those that come while others are being written go to the disk together. The file is emptied when all of its
 * lines are removed: after a crash some may come twice. What is not whole is left out, and nothing else.
 */
export class EventJournal {
  readonly #path: string
  readonly #refusedPath: string
  readonly #file: FileHandle
  readonly #log: EventJournalOptions['log']
  readonly #maxBytes: number
  /** Where the next line goes. */
  #endBytes: number
  /** Whole lines that are not removed, from `#next` on. */
  #lines: Place[]
  #next = 0
  #batch: Waiting[] = []
  /** Of lines that were added and are not written yet. */
  #unwrittenBytes = 0
  /** What is done to the file, one after the other. */
  #working: Promise<void> = Promise.resolve()

  private constructor (directory: string, file: FileHandle, bytes: Buffer, { log, maxBytes = defaultMaxBytes }: EventJournalOptions) {
    this.#path = join(directory, fileName)
    this.#refusedPath = join(directory, refusedName)
    this.#file = file
    this.#log = log
    this.#maxBytes = maxBytes
    const { whole, damaged } = findCheckedLines(bytes)
    this.#endBytes = bytes.length
    this.#lines = whole
    if (damaged > 0) this.#log.warn({ path: this.#path, damaged }, 'the event journal has lines that are not whole; they are left out')
  }

  /** Opens that of a spool, or begins it. @throws RoomtapeError SPOOL_FAILED */
  static async open (directory: string, options: EventJournalOptions): Promise<EventJournal> {
    return attempt('open the event journal', async () => {
      const file = await open(join(directory, fileName), constants.O_RDWR | constants.O_CREAT, ownerOnly)
      syncFolder(directory)
      return new EventJournal(directory, file, await file.readFile(), options)
    })
  }

  /** How many events wait in it. */
  get size (): number { return this.#lines.length - this.#next }

  /** Adds an event. It is on the disk when this resolves. @throws RoomtapeError SPOOL_FAILED also when there is no room */
  async add (json: string): Promise<void> {
    const line = checkedLine(json)
    if (this.#endBytes + this.#unwrittenBytes + line.length > this.#maxBytes) throw new RoomtapeError('SPOOL_FAILED', 'the event journal is full')
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    this.#batch.push({ line, written: () => { resolve(undefined) }, failed: reject })
    this.#unwrittenBytes += line.length
    if (this.#batch.length === 1) void this.#work(() => this.#writeBatch())
    await promise
  }

  /** The oldest event; undefined when none waits. @throws RoomtapeError SPOOL_FAILED */
  async first (): Promise<string | undefined> {
    for (let place = this.#lines[this.#next]; place !== undefined; place = this.#lines[this.#next]) {
      const { position, length } = place
      const json = checkedJson(await attempt('read the event journal', () => readAt(this.#file, position, length)))
      if (json !== undefined) return json
      this.#log.warn({ path: this.#path, position }, 'a line of the event journal is damaged; it is left out')
      await this.removeFirst()
    }
    return undefined
  }

  /** Removes the oldest event: the tables have it. @throws RoomtapeError SPOOL_FAILED */
  async removeFirst (): Promise<void> {
    this.#next++
    if (this.size === 0) await this.#work(() => this.#empty())
  }

  /** Puts the oldest event, which the tables will never take, into a file beside, and removes it. @throws RoomtapeError SPOOL_FAILED */
  async refuseFirst (json: string): Promise<void> {
    await attempt('put an event aside', () => appendFile(this.#refusedPath, checkedLine(json), { mode: ownerOnly, flush: true }))
    await this.removeFirst()
  }

  async close (): Promise<void> {
    await this.#working
    await this.#file.close()
  }

  async #work (work: () => Promise<void>): Promise<void> {
    const done = this.#working.then(work)
    this.#working = done.catch(() => undefined) // whoever asked for it hears of it
    await done
  }

  async #writeBatch (): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    const bytes = Buffer.concat(batch.map(({ line }) => line))
    try {
      await attempt('write the event journal', () => this.#append(bytes))
    } catch (error) {
      for (const { failed } of batch) failed(error)
      return
    } finally {
      this.#unwrittenBytes -= bytes.length
    }
    for (const { line, written } of batch) {
      // Without its line breaks
      this.#lines.push({ position: this.#endBytes + 1, length: line.length - 2 })
      this.#endBytes += line.length
      written()
    }
  }

  async #append (bytes: Buffer): Promise<void> {
    try {
      await writeAll(this.#file, bytes, this.#endBytes)
      await this.#file.datasync()
      // Writing to a file that somebody removed goes well for ever, and all of it is lost
      if ((await this.#file.stat()).nlink === 0) throw new Error('the file was removed')
    } catch (error) {
      // The next batch goes to the same place.
      await this.#file.truncate(this.#endBytes).catch(() => undefined)
      throw error
    }
  }

  async #empty (): Promise<void> {
    if (this.size > 0) return // another came meanwhile
    await attempt('empty the event journal', () => this.#file.truncate(0))
    this.#lines = []
    this.#next = 0
    this.#endBytes = 0
  }
}
