import { join } from 'node:path'
import { SpoolDirectory } from '../../src/spool/directory.ts'
import type { RecorderCalls } from './calls.ts'
import { Child } from './child.ts'
import type { Contestant, Place } from './contestant.ts'
import { mp4Frames } from './mp4-frames.ts'
import { recordingId, trackIdOf } from './roomtape-names.ts'

/** Our own capture threads, in a process of their own. @param profile folder for V8's CPU profiles */
export async function startRoomtape (
  { directory, threads }: Place,
  { profile, segmentSeconds, signal }: { profile: string | undefined, segmentSeconds: number | undefined, signal: AbortSignal }
): Promise<Contestant> {
  const spoolDir = join(directory, 'spool')
  const segments = segmentSeconds === undefined ? undefined : { seconds: segmentSeconds, directory: join(directory, 'store') }
  const recorder = new Child<RecorderCalls>(new URL('./recorder.ts', import.meta.url), profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`])
  try {
    await recorder.call('start', { spoolDir, threads, segments }, { signal })
  } catch (error) {
    await recorder[Symbol.asyncDispose]()
    throw error
  }
  const spool = new SpoolDirectory(spoolDir)
  return {
    open: (tracks, options) => recorder.call('open', { tracks }, options),
    pids: async () => [recorder.pid],
    finish: async (options) => { await recorder.call('finish', null, options) },
    filesOf: async (stream) => {
      const key = { recordingId, trackId: trackIdOf(stream), fileNumber: 1 } // one encoding, one file
      return await spool.bytes(key) > 0 ? [spool.path(key)] : []
    },
    framesIn: mp4Frames,
    [Symbol.asyncDispose]: () => recorder[Symbol.asyncDispose]()
  }
}
