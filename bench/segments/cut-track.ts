import { join } from 'node:path'
import { setImmediate as immediately } from 'node:timers/promises'
import { Track } from '../../src/tracks/track.ts'
import type { AudioConfig } from '../../src/media/audio-config.ts'
import type { FragmentBuffers } from '../../src/media/mp4-writer.ts'
import type { Segment } from '../../src/media/segments.ts'
import type { ObjectStore } from '../../src/stores/object-store.ts'
import { putSegment } from '../../src/upload/put-audio.ts'
import { SpoolDirectory } from '../../src/spool/directory.ts'
import { createSpoolFile } from '../../src/spool/writer.ts'

const recordingId = 'rec_segments'
const epochMs = 1_767_225_600_000

/** Audio between two interruptions, which are a mute and a broken connection in turn. */
const talkMs = 290_000
/** Length of an interruption. */
const awayMs = 7_300
/** Virtual time that passes between two waits for the disk and the store. */
const stepMs = 1_000
const mostUnsent = 30

export interface Cut {
  trackId: string
  /** The track's own file. */
  path: string
  /** The files of its segments in their order. */
  segmentPaths: string[]
  /** The segments that the track told of, in their order. */
  segments: Segment[]
}

export interface CutOptions {
  talk: { config: AudioConfig, frames: readonly Uint8Array[] }
  spool: SpoolDirectory
  store: ObjectStore
  /** The folder of the store. */
  directory: string
  buffers: FragmentBuffers
  minutes: number
  seconds: number
  signal: AbortSignal
}

/** Records one track in virtual time; its segments are cut and uploaded as they come, one at a time and in order, as a capture thread does. */
export async function cutTrack (stream: number, options: CutOptions): Promise<Cut> {
  const { talk: { config, frames }, spool, store, directory, buffers, minutes, seconds, signal } = options
  const trackId = `trk_${stream}`
  const frameMs = config.frameSamples * 1000 / config.sampleRate
  const segments: Segment[] = []
  const segmentPaths: string[] = []
  const path = spool.path({ recordingId, trackId, fileNumber: 1 })
  let uploaded = Promise.resolve()
  const failures: Error[] = []

  const track = new Track({
    fillGaps: true,
    buffers,
    openFile: (start) => createSpoolFile(spool, { recordingId, trackId, userId: trackId, fillGaps: true, ...start }),
    segments: {
      grid: { seconds, epochMs },
      onSegment: (segment) => {
        segments.push(segment)
        uploaded = uploaded.then(async () => {
          const { key } = await putSegment(path, segment, `${trackId}/`, { store, format: 'm4a' }, { signal })
          segmentPaths.push(join(directory, key))
        })
      }
    },
    onFailure: (error) => { failures.push(error) }
  })
  track.configure(config)
  const startMs = epochMs + stream * 37 // speakers do not begin together, nor on the grid
  const endMs = startMs + minutes * 60_000
  let talkUntilMs = startMs + talkMs
  let stepUntilMs = startMs + stepMs
  let away = 0
  for (let frame = 0, nowMs = startMs; nowMs < endMs; frame++) {
    if (nowMs >= talkUntilMs) {
      if (away++ % 2 === 1) track.end('disconnected')
      nowMs += awayMs
      talkUntilMs = nowMs + talkMs
    }
    const bytes = frames[(stream * 37 + frame) % frames.length] ?? new Uint8Array()
    track.write(bytes, 0, bytes.length, Math.round(nowMs), Math.round(nowMs))
    nowMs += frameMs
    if (nowMs < stepUntilMs) continue
    stepUntilMs = nowMs + stepMs
    track.tick(Math.round(nowMs))
    // Disk and store are slower than virtual time
    while (track.waiting > 0) await immediately()
    if (failures.length > 0) throw new AggregateError(failures, `${trackId} could not be written`)
    if (segments.length - segmentPaths.length > mostUnsent) await uploaded
    signal.throwIfAborted()
  }
  await track.close()
  await uploaded
  if (track.lostMs > 0) throw new Error(`${trackId}: the disk was behind, and ${track.lostMs} ms are lost`)
  return { trackId, path, segmentPaths, segments }
}
