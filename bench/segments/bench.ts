import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FragmentBuffers } from '../../src/media/mp4-writer.ts'
import { openLocalStore } from '../../src/stores/local-store.ts'
import { SpoolDirectory } from '../../src/spool/directory.ts'
import { loadTalk } from './audio.ts'
import { compareAudio, compareFrames } from './compare.ts'
import { cutTrack } from './cut-track.ts'
import { help, parseOptions } from './options.ts'

/** Tracks under way together, as in a thread. The disk holds no more of them than that. */
const atATime = 10

/** `npm run bench -- segments`: fails when a frame of a track is not in its segments, or one too many is. */
export async function segmentsBench (args: string[], { signal }: { signal: AbortSignal }): Promise<void> {
  const options = parseOptions(args)
  if (options.help) {
    process.stdout.write(help)
    return
  }
  const { tracks, decoded } = options
  const totals = { frames: 0, segments: 0, samples: 0, cuttingMs: 0, cpuMs: 0 }
  const buffers = new FragmentBuffers()
  const talk = await loadTalk()
  for (let first = 0; first < tracks; first += atATime) {
    const directory = await mkdtemp(join(options.directory, 'roomtape-bench-'))
    try {
      const startedMs = performance.now()
      const cpu = process.cpuUsage()
      const store = openLocalStore({ kind: 'local', directory, path: '' })
      const spool = new SpoolDirectory(join(directory, 'spool'))
      const streams = Array.from({ length: Math.min(atATime, tracks - first) }, (_, index) => first + index)
      const cuts = await Promise.all(streams.map((stream) => cutTrack(stream, { ...options, talk, spool, store, directory, buffers, signal })))
      const { user, system } = process.cpuUsage(cpu)
      totals.cuttingMs += performance.now() - startedMs
      totals.cpuMs += (user + system) / 1000

      for (const [index, cut] of cuts.entries()) {
        totals.frames += await compareFrames(cut)
        totals.segments += cut.segmentPaths.length
        if (first + index < decoded) totals.samples += await compareAudio(cut)
        signal.throwIfAborted()
      }
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
    process.stderr.write(`${Math.min(tracks, first + atATime)} of ${tracks} tracks, ${totals.segments} segments\n`)
  }
  const { frames, segments, samples, cuttingMs, cpuMs } = totals
  process.stdout.write([
    `${tracks} tracks of ${options.minutes} minutes, cut every ${options.seconds} s: ${segments} segments, ${frames} frames`,
    'every frame of every track is in its segments once, in order and byte for byte, and nothing else is',
    ...decoded === 0
      ? []
      : [
      `${Math.min(decoded, tracks)} tracks decoded, ${samples} samples: through one decoder the segments are the track to the sample,`,
      'each by itself is the same stretch of the track but for its first frame'
        ],
    `recorded, cut and stored in ${(cuttingMs / 1000).toFixed(0)} s, ${(cpuMs / segments).toFixed(2)} ms of CPU for each segment, recording included`,
    ''
  ].join('\n'))
}
