import { readFile } from 'node:fs/promises'
import { SpoolDirectory, type SpoolKey } from '../../src/spool/directory.ts'
import { salvage } from '../../src/spool/salvage.ts'
import { listen } from '../../test/helpers/listen.ts'
import { frameMs } from '../capture/clip.ts'
import { mp4Frames } from '../capture/mp4-frames.ts'
import { recordingId, trackIdOf } from '../capture/roomtape-names.ts'
import type { Killed } from './killed.ts'
import { numberOf } from './numbered.ts'

/** What a kill left of one track. */
export interface Remains {
  trackId: string
  files: number
  sent: number
  found: number
  /** Audio that had been received and is missing. */
  lostMs: number
  /** How long before the kill the first lost frame had been sent. */
  lostSinceMs: number
  /** Silent frames in the place of audio. */
  filled: number
  /** What is wrong with the track's files. */
  faults: string[]
}

/** The container counts its length in other units than we do. */
const toleranceMs = 1

/** Salvages what a killed process left, and has FFmpeg play all of it. */
export async function check ({ spoolDir, atMs, sentMs }: Killed): Promise<Remains[]> {
  const spool = new SpoolDirectory(spoolDir)
  const keys = await spool.list(recordingId)
  const all: Remains[] = []
  for (const [stream, times] of sentMs.entries()) {
    const trackId = trackIdOf(stream)
    const remains: Remains = { trackId, files: 0, sent: times.length, found: 0, lostMs: 0, lostSinceMs: 0, filled: 0, faults: [] }
    for (const key of keys.filter((key) => key.trackId === trackId)) await checkFile(spool, key, remains)
    remains.lostMs = (remains.sent - remains.found) * frameMs
    remains.lostSinceMs = atMs - (times[remains.found] ?? atMs)
    all.push(remains)
  }
  return all
}

async function checkFile (spool: SpoolDirectory, key: SpoolKey, remains: Remains): Promise<void> {
  const summary = await salvage(spool, key)
  if (summary === undefined) return
  const file = await readFile(spool.path(key))
  remains.files++
  let frames = 0
  for (const frame of mp4Frames(file)) {
    frames++
    const number = numberOf(frame)
    if (number === undefined) remains.filled++
    else if (number === remains.found) remains.found++
    else remains.faults.push(`frame ${number} stands where ${remains.found} belongs`)
  }
  const heard = await listen(file)
  const lengths = { summary: summary.durationMs, container: heard.durationSeconds * 1000, decoded: heard.pcm.length * 1000 / heard.sampleRate }
  if (Math.max(...Object.values(lengths)) - Math.min(...Object.values(lengths)) > toleranceMs) remains.faults.push(`lengths differ, ms: ${JSON.stringify(lengths)}`)
  if (frames !== summary.frames) remains.faults.push(`${frames} frames, the summary says ${summary.frames}`)
  if (!summary.partial) remains.faults.push('it counts as finished')
}
