import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { Gap, TrackSummary, Trim } from '../media/track-summary.ts'
import { hasCode } from './attempt.ts'
import type { SpoolKey } from './directory.ts'

/** The owner alone reads what is in the spool: people's voices are nobody else's business. */
export const ownerOnly = 0o600

/**
 * The spool journal: a file of JSON lines beside the audio, with what is needed to know the audio again after a crash. The file's number is
 * called `part` in it, as in the tables.
 */
const StartLine = Type.Object({
  type: Type.Literal('start'),
  version: Type.Literal(1),
  recordingId: Type.String(),
  trackId: Type.String(),
  part: Type.Integer({ minimum: 1 }),
  /** For people; what is known of the track is kept elsewhere. */
  userId: Type.Optional(Type.String()),
  startMs: Type.Integer(),
  fillGaps: Type.Boolean(),
  /** Present, and true, in the first file of a track that was gone on with. */
  resumed: Type.Optional(Type.Boolean())
})
const GapLine = Type.Object({ type: Type.Literal('gap'), gap: Gap })
const TrimLine = Type.Object({ type: Type.Literal('trim'), trim: Trim })
const ClosedLine = Type.Object({
  type: Type.Literal('closed'),
  /** Length of the audio that the summary is of. */
  bytes: Type.Integer(),
  summary: Type.Object({
    part: Type.Integer({ minimum: 1 }),
    ...Type.Omit(TrackSummary, ['fileNumber', 'resumed']).properties,
    /** Absent in the files of older versions: false. */
    resumed: Type.Optional(Type.Boolean())
  })
})
const JournalLine = Type.Union([StartLine, GapLine, TrimLine, ClosedLine])
type JournalLine = Static<typeof JournalLine>

/** What a file is, as it is known before its first frame is written. */
export interface SpoolStart extends SpoolKey {
  userId: string
  /** The room's time of the first frame, Unix milliseconds. */
  startMs: number
  fillGaps: boolean
  /** The track was gone on with by this file. */
  resumed?: boolean
}

/** All that a journal says of its file. */
export interface Journal {
  start: { startMs: number, fillGaps: boolean, resumed?: boolean } | undefined
  gaps: Gap[]
  trims: Trim[]
  /** Of a file that was finished. */
  closed: { bytes: number, summary: TrackSummary } | undefined
}

const emptyFolderTries = 10

/** Begins the journal of a file that does not exist yet. */
export async function beginJournal (path: string, { recordingId, trackId, fileNumber, userId, startMs, fillGaps, resumed = false }: SpoolStart): Promise<void> {
  const line: JournalLine = { type: 'start', version: 1, recordingId, trackId, part: fileNumber, userId, startMs, fillGaps, ...resumed && { resumed } }
  for (let left = emptyFolderTries; ; left--) {
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

export async function noteGap (path: string, gap: Gap): Promise<void> {
  await writeLine(path, { type: 'gap', gap }, { flag: 'a' })
}

export async function noteTrim (path: string, trim: Trim): Promise<void> {
  await writeLine(path, { type: 'trim', trim }, { flag: 'a' })
}

/** Notes, durably, that a file is finished. @param bytes its length */
export async function noteClosed (path: string, bytes: number, { fileNumber, ...summary }: TrackSummary): Promise<void> {
  await writeLine(path, { type: 'closed', bytes, summary: { part: fileNumber, ...summary } }, { flag: 'a', flush: true })
}

/**
 * Gives a start to the journal of a file that has audio and no whole first line, as a power cut may leave it. By when the audio was last written
 * it ends about there; that is noted, since salvage itself writes to it.
 */
export async function beginAgain (path: string, { recordingId, trackId, fileNumber }: SpoolKey, startMs: number): Promise<NonNullable<Journal['start']>> {
  const start = { startMs: Math.round(startMs), fillGaps: true }
  const line: JournalLine = { type: 'start', version: 1, recordingId, trackId, part: fileNumber, ...start }
  // The first line break ends what is torn
  await appendFile(path, `\n${JSON.stringify(line)}\n`, { mode: ownerOnly, flush: true })
  return start
}

/** Reads the lines that are whole: the last one may have been under way when the power went. A journal that is not there says nothing. */
export async function readJournal (path: string): Promise<Journal> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return ''
    throw error
  })
  const lines = text.split('\n').flatMap((line) => {
    const value = parsed(line)
    return Value.Check(JournalLine, value) ? [value] : []
  })
  const closed = lines.find((line) => line.type === 'closed')
  return {
    start: lines.find((line) => line.type === 'start'),
    gaps: lines.filter((line) => line.type === 'gap').map(({ gap }) => gap),
    trims: lines.filter((line) => line.type === 'trim').map(({ trim }) => trim),
    closed: closed && { bytes: closed.bytes, summary: summaryOf(closed) }
  }
}

function summaryOf ({ summary: { part, resumed = false, ...summary } }: Static<typeof ClosedLine>): TrackSummary {
  return { fileNumber: part, ...summary, resumed }
}

async function writeLine (path: string, line: JournalLine, options: { flag: 'wx' | 'a', flush?: boolean }): Promise<void> {
  await appendFile(path, JSON.stringify(line) + '\n', { mode: ownerOnly, ...options })
}

function parsed (line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // torn by a crash, or not ours: no line
  }
}
