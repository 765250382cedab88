import { constants } from 'node:fs'
import { appendFile, mkdir, open, readdir, readFile, rm, rmdir, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { messageOf, RoomtapeError } from '../core/errors.ts'
import { scanMp4, type ReadAt } from '../media/mp4-reader.ts'
import { scanSegments } from '../media/segment-scan.ts'
import type { Segment } from '../media/segments.ts'
import { Gap, summarize, TrackSummary, Trim } from '../media/track-summary.ts'

/** What a file in the spool is of. Ids are made of `A-Z a-z 0-9 _ -`. */
export interface SpoolKey {
  recordingId: string
  trackId: string
  /** 1, 2, … */
  part: number
}

/** One line each in the journal beside the audio: what is needed to know the file again after a crash. */
const StartLine = Type.Object({
  type: Type.Literal('start'),
  version: Type.Literal(1),
  recordingId: Type.String(),
  trackId: Type.String(),
  part: Type.Integer({ minimum: 1 }),
  /** For people; what is known of the track is kept elsewhere. */
  userId: Type.Optional(Type.String()),
  startMs: Type.Integer(),
  fillGaps: Type.Boolean()
})
const GapLine = Type.Object({ type: Type.Literal('gap'), gap: Gap })
const TrimLine = Type.Object({ type: Type.Literal('trim'), trim: Trim })
/** `bytes`: how long the audio file is that the summary is of. */
const ClosedLine = Type.Object({ type: Type.Literal('closed'), bytes: Type.Integer(), summary: TrackSummary })
const JournalLine = Type.Union([StartLine, GapLine, TrimLine, ClosedLine])
type StartLine = Static<typeof StartLine>
type JournalLine = Static<typeof JournalLine>

interface SpoolStart extends SpoolKey {
  userId: string
  /** The room's time of the first frame, Unix milliseconds. */
  startMs: number
  fillGaps: boolean
}

const audioEnding = '.m4a'
const journalEnding = '.ndjson'
const readAheadBytes = 256 * 1024
/** People's voices are nobody else's business. */
const ownerOnly = 0o600

/**
 * Where audio waits on this machine until a store has it: `<directory>/<recordingId>/<trackId>-<part>.m4a`, a journal beside each file.
 * Nothing is removed but by `remove`; whatever a crash left is found again by `recordings` and `list`, and made whole by `salvage`.
 */
export class Spool {
  readonly #directory: string

  constructor (directory: string) {
    this.#directory = directory
  }

  /** Where the audio of that part is. @throws RoomtapeError VALIDATION for ids that are no file names */
  path (key: SpoolKey): string {
    return this.#stem(key) + audioEnding
  }

  /** Begins a file that does not exist yet. @throws RoomtapeError SPOOL_FAILED, VALIDATION */
  async create (start: SpoolStart): Promise<SpoolFile> {
    const { recordingId, trackId, part, userId, startMs, fillGaps } = start
    const stem = this.#stem(start)
    return attempt(`begin ${trackId}-${part}`, async () => {
      // The journal comes first: audio without one could not be placed in time
      await this.#beginJournal(stem + journalEnding, { type: 'start', version: 1, recordingId, trackId, part, userId, startMs, fillGaps })
      return new SpoolFile(await open(stem + audioEnding, 'wx', ownerOnly), stem)
    })
  }

  async #beginJournal (path: string, line: JournalLine): Promise<void> {
    for (let left = 10; ; left--) {
      try {
        await writeLine(path, line, { flag: 'wx' })
        return
      } catch (error) {
        // The recording's first file, or its last other one was just removed, and the folder with it
        if (left === 0 || !hasCode(error, 'ENOENT')) throw error
      }
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    }
  }

  /** The recordings that have files here. */
  async recordings (): Promise<string[]> {
    const entries = await this.#entries(this.#directory)
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort()
  }

  /** What is left of a recording: files that were never removed, finished or not. */
  async list (recordingId: string): Promise<SpoolKey[]> {
    const entries = await this.#entries(this.#folder(recordingId))
    const keys = entries.flatMap(({ name }) => {
      const [, trackId, part] = /^([A-Za-z0-9_-]+)-([1-9][0-9]*)\.ndjson$/.exec(name) ?? []
      return trackId === undefined ? [] : [{ recordingId, trackId, part: Number(part) }]
    })
    // Not by localeCompare, which takes as long as all the rest
    return keys.sort((a, b) => a.trackId === b.trackId ? a.part - b.part : a.trackId < b.trackId ? -1 : 1)
  }

  /**
   * Makes a file whole that nobody writes any more: cuts it after its last whole fragment and puts its length into the header.
   * A file that had been finished, and is as long as it was then, is left alone. Safe to do again, and twice at a time.
   * @returns its summary; undefined when there is no whole fragment, or no audio any more
   * @throws RoomtapeError SPOOL_FAILED
   */
  async salvage (key: SpoolKey): Promise<TrackSummary | undefined> {
    const stem = this.#stem(key)
    return attempt(`salvage ${key.trackId}-${key.part}`, async () => {
      const audio = await openIfThere(stem + audioEnding)
      if (audio === undefined) return undefined
      try {
        const { size, mtimeMs } = await audio.stat()
        const lines = await readJournal(stem + journalEnding)
        const closed = lines.find((line) => line.type === 'closed')
        if (closed?.bytes === size) return closed.summary
        const scan = await scanMp4(readAhead(audio))
        if (scan === undefined || scan.frames === 0) return undefined
        const { frames, config } = scan
        const start = lines.find((line) => line.type === 'start') ??
          await beginAgain(stem + journalEnding, key, mtimeMs - frames * config.frameSamples * 1000 / config.sampleRate)
        await audio.truncate(scan.wholeBytes)
        await writeAll(audio, scan.durationPatch.bytes, scan.durationPatch.offset)
        await audio.datasync()
        const gaps = lines.filter((line) => line.type === 'gap').map((line) => line.gap)
        const trims = lines.filter((line) => line.type === 'trim').map((line) => line.trim)
        const { startMs, fillGaps } = start
        return summarize({ part: key.part, startMs, fillGaps, gaps, trims, frames, config, partial: true })
      } finally {
        await audio.close()
      }
    })
  }

  /**
   * The segments of a file that was cut while it was written, and that `salvage` has made whole.
   * @param nextSeq numbers them
   * @throws RoomtapeError SPOOL_FAILED
   */
  async segments (key: SpoolKey, nextSeq: () => number): Promise<Segment[]> {
    const stem = this.#stem(key)
    return attempt(`cut ${key.trackId}-${key.part}`, async () => {
      const lines = await readJournal(stem + journalEnding)
      const start = lines.find((line) => line.type === 'start')
      const audio = await openIfThere(stem + audioEnding)
      if (audio === undefined) return []
      try {
        const gaps = lines.filter((line) => line.type === 'gap').map((line) => line.gap)
        const found: Segment[] = []
        if (start !== undefined) await scanSegments(readAhead(audio), { ...start, gaps, nextSeq }, (segment) => found.push(segment))
        return found
      } finally {
        await audio.close()
      }
    })
  }

  /** Length of the audio file; 0 when there is none. @throws RoomtapeError SPOOL_FAILED */
  async bytes (key: SpoolKey): Promise<number> {
    const path = this.path(key)
    return attempt(`look at ${key.trackId}-${key.part}`, async () => {
      try {
        return (await stat(path)).size
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return 0
        throw error
      }
    })
  }

  /** After the store has confirmed the bytes. Removing what is gone already is no error. @throws RoomtapeError SPOOL_FAILED */
  async remove (key: SpoolKey): Promise<void> {
    const stem = this.#stem(key)
    await attempt(`remove ${key.trackId}-${key.part}`, async () => {
      // In this order: audio without a journal would be lost from sight
      await rm(stem + audioEnding, { force: true })
      await rm(stem + journalEnding, { force: true })
      try {
        await rmdir(this.#folder(key.recordingId))
      } catch (error) {
        if (!hasCode(error, 'ENOTEMPTY', 'ENOENT', 'EEXIST')) throw error
      }
    })
  }

  #folder (recordingId: string): string {
    return join(this.#directory, checkedId(recordingId))
  }

  #stem ({ recordingId, trackId, part }: SpoolKey): string {
    if (!Number.isSafeInteger(part) || part < 1) throw new RoomtapeError('VALIDATION', `part ${part}, expected 1, 2, …`)
    return join(this.#folder(recordingId), `${checkedId(trackId)}-${part}`)
  }

  async #entries (folder: string) {
    return attempt('list', async () => {
      try {
        return await readdir(folder, { withFileTypes: true })
      } catch (error) {
        if (hasCode(error, 'ENOENT')) return []
        throw error
      }
    })
  }
}

/** Some six seconds. */
const appendsBetweenLooks = 8

/** A file being written. Calls must not overlap. All of them throw RoomtapeError SPOOL_FAILED. */
export class SpoolFile {
  readonly path: string
  readonly #journal: string
  readonly #audio: FileHandle
  #end = 0
  #appends = 0

  constructor (audio: FileHandle, stem: string) {
    this.#audio = audio
    this.path = stem + audioEnding
    this.#journal = stem + journalEnding
  }

  /** After a failure the file may hold a piece of `bytes`; salvage knows. */
  async append (bytes: Uint8Array): Promise<void> {
    await attempt('append', async () => {
      await writeAll(this.#audio, bytes, this.#end)
      // Writing to a file that somebody removed goes well for ever, and all of it is lost
      if (++this.#appends % appendsBetweenLooks === 0 && (await this.#audio.stat()).nlink === 0) throw new Error('the file was removed while it was written')
    })
    this.#end += bytes.length
  }

  async patch (offset: number, bytes: Uint8Array): Promise<void> {
    await attempt('patch', () => writeAll(this.#audio, bytes, offset))
  }

  async addGap (gap: Gap): Promise<void> {
    await attempt('note a gap', () => writeLine(this.#journal, { type: 'gap', gap }, { flag: 'a' }))
  }

  async addTrim (trim: Trim): Promise<void> {
    await attempt('note a trim', () => writeLine(this.#journal, { type: 'trim', trim }, { flag: 'a' }))
  }

  /** Makes the audio durable, then says in the journal that it is complete. */
  async finish (summary: TrackSummary): Promise<void> {
    await attempt('finish', async () => {
      await this.#audio.datasync()
      await writeLine(this.#journal, { type: 'closed', bytes: this.#end, summary }, { flag: 'a', flush: true })
      await this.#audio.close()
    })
  }

  async close (): Promise<void> {
    await attempt('close', () => this.#audio.close())
  }
}

function checkedId (id: string): string {
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(id)) throw new RoomtapeError('VALIDATION', 'an id in the spool is 1 to 128 of A-Z a-z 0-9 _ -')
  return id
}

async function attempt<T> (what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof RoomtapeError) throw error
    throw new RoomtapeError('SPOOL_FAILED', `spool could not ${what}: ${messageOf(error)}`, { cause: error })
  }
}

async function writeLine (path: string, line: JournalLine, options: { flag: 'wx' | 'a', flush?: boolean }): Promise<void> {
  await appendFile(path, JSON.stringify(line) + '\n', { mode: ownerOnly, ...options })
}

/**
 * The journal of a file that has audio and no whole first line, as a power cut may leave it. By when it was last written the audio ends about
 * there; that is noted, since salvage itself writes to it.
 */
async function beginAgain (path: string, { recordingId, trackId, part }: SpoolKey, startMs: number): Promise<StartLine> {
  const line: StartLine = { type: 'start', version: 1, recordingId, trackId, part, startMs: Math.round(startMs), fillGaps: true }
  // The first line break ends what is torn
  await appendFile(path, `\n${JSON.stringify(line)}\n`, { mode: ownerOnly, flush: true })
  return line
}

/** The lines that are whole: the last one may have been under way when the power went. */
async function readJournal (path: string): Promise<JournalLine[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return ''
    throw error
  })
  return text.split('\n').flatMap((line) => {
    const value = parsed(line)
    return Value.Check(JournalLine, value) ? [value] : []
  })
}

function parsed (line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // torn by a crash, or not ours: no line
  }
}

async function openIfThere (path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDWR)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

async function writeAll (file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

/** Reads forward in large steps: a scan looks at a few hundred bytes of each second. */
function readAhead (file: FileHandle): ReadAt {
  let from = 0
  let window: Buffer = Buffer.alloc(0)
  return async (offset, length) => {
    if (offset < from || offset + length > from + window.length) {
      from = offset
      window = await readAt(file, offset, Math.max(length, readAheadBytes))
    }
    return window.subarray(offset - from, offset - from + length)
  }
}

async function readAt (file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, offset + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return buffer.subarray(0, done)
}

function hasCode (error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
