import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { scanMp4, type ReadAt } from '../media/mp4-reader.ts'
import { scanSegments } from '../media/segment-scan.ts'
import type { Segment } from '../media/segments.ts'
import { summarize, type TrackSummary } from '../media/track-summary.ts'
import { attempt, hasCode } from './attempt.ts'
import { nameOf, type SpoolDirectory, type SpoolKey } from './directory.ts'
import { beginAgain, readJournal } from './journal.ts'
import { readAt } from './read-at.ts'
import { writeAll } from './writer.ts'

const readAheadBytes = 1024 * 1024

/**
 * Makes a file whole that nobody writes any more: cuts it after its last whole fragment and puts its length into the header.
 * A file that had been finished, and is as long as it was then, is left alone. Safe to do again, and twice at a time.
 * @returns its summary; undefined when there is no whole fragment, or no audio any more
 * @throws RoomtapeError SPOOL_FAILED
 */
export async function salvage (directory: SpoolDirectory, key: SpoolKey): Promise<TrackSummary | undefined> {
  const path = directory.path(key)
  const journalPath = directory.journalPath(key)
  return attempt(`salvage ${nameOf(key)}`, async () => {
    const audio = await openIfThere(path)
    if (audio === undefined) return undefined
    try {
      const { size, mtimeMs } = await audio.stat()
      const { closed, gaps, trims, ...journal } = await readJournal(journalPath)
      if (closed?.bytes === size) return closed.summary
      const scan = await scanMp4(readAhead(audio))
      if (scan === undefined || scan.frames === 0) return undefined
      const { frames, config } = scan
      const audioMs = frames * config.frameSamples * 1000 / config.sampleRate
      const { startMs, fillGaps, resumed = false } = journal.start ?? await beginAgain(journalPath, key, mtimeMs - audioMs)
      await audio.truncate(scan.wholeBytes)
      await writeAll(audio, scan.durationPatch.bytes, scan.durationPatch.offset)
      await audio.datasync()
      return summarize({ fileNumber: key.fileNumber, startMs, fillGaps, gaps, trims, frames, config, partial: true, resumed })
    } finally {
      await audio.close()
    }
  })
}

/**
 * Finds the segments of a file that was cut while it was written, and that `salvage` has made whole.
 * @param nextSeq numbers them
 * @throws RoomtapeError SPOOL_FAILED
 */
export async function spooledSegments (directory: SpoolDirectory, key: SpoolKey, nextSeq: () => number): Promise<Segment[]> {
  return attempt(`cut ${nameOf(key)}`, async () => {
    const { start, gaps } = await readJournal(directory.journalPath(key))
    const audio = await openIfThere(directory.path(key))
    if (audio === undefined) return []
    try {
      const found: Segment[] = []
      if (start !== undefined) await scanSegments(readAhead(audio), { ...start, fileNumber: key.fileNumber, gaps, nextSeq }, (segment) => found.push(segment))
      return found
    } finally {
      await audio.close()
    }
  })
}

async function openIfThere (path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDWR)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
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
