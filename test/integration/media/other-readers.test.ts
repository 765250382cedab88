import assert from 'node:assert/strict'
import { mkdir, readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test, type TestContext } from 'node:test'
import { audioSpecificConfig, parseAudioSpecificConfig, silentFrame } from '../../../src/media/aac.ts'
import { adtsFrame } from '../../../src/media/adts.ts'
import type { AudioConfig } from '../../../src/media/audio-config.ts'
import { FragmentBuffers } from '../../../src/media/mp4-writer.ts'
import type { Segment } from '../../../src/media/segments.ts'
import { loadClip } from '../../../src/sandbox/audio/clips.ts'
import { SpoolDirectory } from '../../../src/spool/directory.ts'
import { salvage } from '../../../src/spool/salvage.ts'
import { createSpoolFile, type SpoolWriter } from '../../../src/spool/writer.ts'
import { openLocalStore } from '../../../src/stores/local-store.ts'
import { Track } from '../../../src/tracks/track.ts'
import { putSegment, putTrackFile } from '../../../src/upload/put-audio.ts'
import { readers, type Read } from '../../helpers/other-readers.ts'
import { temporaryFolder } from '../../helpers/world.ts'

const beganMs = 1_767_225_600_000
const mono = loadClip('low')
// Readers do not decode: any frames do
const stereo = { config: parseAudioSpecificConfig(audioSpecificConfig(44_100, 2)), frames: mono.frames }
/** SBR to 48 kHz over AAC-LC at 24 kHz. */
const highEfficiency = { config: parseAudioSpecificConfig(Uint8Array.of(0x2b, 0x09, 0x88, 0x00)), frames: mono.frames }

interface Talk { config: AudioConfig, frames: readonly Uint8Array[] }
interface Recorded { path: string, segments: Segment[], frames: number }

/** Records a talk as a capture thread does. @param muted there are three seconds of nothing in its middle @param dies the writer never finishes */
async function record (
  t: TestContext, { config, frames }: Talk, { fillGaps = true, muted = false, dies = false } = {}
): Promise<Recorded> {
  const spool = new SpoolDirectory(await temporaryFolder(t))
  const key = { recordingId: 'rec_1', trackId: 'trk_1', fileNumber: 1 }
  const segments: Segment[] = []
  let file: SpoolWriter | undefined
  const track = new Track({
    fillGaps,
    buffers: new FragmentBuffers(),
    openFile: async (start) => (file = await createSpoolFile(spool, { ...key, ...start, userId: 'anchor', fillGaps })),
    segments: { grid: { seconds: 2, epochMs: beganMs }, onSegment: (segment) => segments.push(segment) },
    onFailure: (error) => { throw error }
  })
  const frameMs = config.frameSamples * 1000 / config.sampleRate
  track.configure(config)
  for (const [index, frame] of frames.entries()) {
    const atMs = index * frameMs + (muted && index >= frames.length / 2 ? 3_000 : 0)
    track.write(frame, 0, frame.length, Math.round(atMs), Math.round(beganMs + atMs))
  }
  if (dies) {
    track.tick(beganMs + 60_000)
    while (track.waiting > 0) await new Promise((resolve) => { setImmediate(resolve) })
    await file?.close()
    await truncate(spool.path(key), (await readFile(spool.path(key))).length - 100)
    const summary = await salvage(spool, key)
    assert.equal(summary?.partial, true)
    return { path: spool.path(key), segments, frames: summary.frames }
  }
  const [summary] = await track.close()
  assert.ok(summary)
  return { path: spool.path(key), segments, frames: summary.frames }
}

async function storeIn (t: TestContext) {
  const directory = join(await temporaryFolder(t), 'store')
  await mkdir(directory)
  return { directory, store: openLocalStore({ kind: 'local', directory, path: '' }) }
}

async function uploaded (t: TestContext, path: string, format: 'm4a' | 'aac'): Promise<Buffer> {
  const { directory, store } = await storeIn(t)
  const { key } = await putTrackFile(path, 'track', { store, format }, { notedKeys: new Set(), signal: t.signal })
  return readFile(join(directory, key))
}

/** What a reader should find, by what was written. */
function expected ({ sampleRate, channels, frameSamples }: AudioConfig, frames: number, codec: Read['codec'] = 'AAC-LC'): Read {
  return { codec, sampleRate, channels, frames, durationMs: Math.round(frames * frameSamples * 1000 / sampleRate) }
}

interface Kind { container: 'mp4' | 'adts', make: (t: TestContext) => Promise<{ content: Buffer, written: Read }> }

const kinds: Record<string, Kind> = {
  'AAC-LC, mono': { container: 'mp4', make: (t) => track(t, mono) },
  'AAC-LC, stereo': { container: 'mp4', make: (t) => track(t, stereo) },
  'HE-AAC': { container: 'mp4', make: (t) => track(t, highEfficiency) },
  'gaps filled': {
    container: 'mp4',
    async make (t) {
      const made = await track(t, mono, { muted: true })
      assert.ok(made.written.frames! > mono.frames.length + 100)
      return made
    }
  },
  'gaps cut out': { container: 'mp4', make: (t) => track(t, mono, { muted: true, fillGaps: false }) },
  salvaged: { container: 'mp4', make: (t) => track(t, mono, { dies: true }) },
  segment: {
    container: 'mp4',
    async make (t) {
      const { path, segments } = await record(t, mono, { muted: true })
      const { directory, store } = await storeIn(t)
      const segment = segments[1]!
      const { key } = await putSegment(path, segment, 'segments/', { store, format: 'm4a' }, { signal: t.signal })
      return { content: await readFile(join(directory, key)), written: expected(mono.config, segment.frames) }
    }
  },
  'ADTS, mono': { container: 'adts', make: (t) => track(t, mono, { format: 'aac' }) },
  'ADTS, stereo': { container: 'adts', make: (t) => track(t, stereo, { format: 'aac' }) },
  'ADTS, the core of HE-AAC': { container: 'adts', make: (t) => track(t, highEfficiency, { format: 'aac' }) }
}

async function track (
  t: TestContext, talk: Talk, { format = 'm4a', ...options }: { format?: 'm4a' | 'aac', muted?: boolean, fillGaps?: boolean, dies?: boolean } = {}
): Promise<{ content: Buffer, written: Read }> {
  const { path, frames } = await record(t, talk, options)
  const codec = talk === highEfficiency && format === 'm4a' ? 'HE-AAC' : 'AAC-LC'
  return { content: await uploaded(t, path, format), written: expected(talk.config, frames, codec) }
}

for (const [name, { containers, read, limits }] of Object.entries(readers)) {
  suite(`${name} reads`, () => {
    for (const [kind, { container, make }] of Object.entries(kinds)) {
      if (!containers.includes(container)) continue
      test(kind, async (t) => {
        const { content, written } = await make(t)

        const found = await read(content)

        assert.deepEqual(found, { ...written, ...limits(written, container) })
      })
    }
  })
}

test('of ADTS, mp4box reads nothing, and music-metadata does not count frames in the last 163 bytes', async () => {
  const adts = (frames: readonly Uint8Array[]): Buffer => Buffer.concat(frames.map((frame) => adtsFrame(mono.config, frame)))
  const silence = Array.from({ length: 100 }, () => silentFrame(mono.config))
  const uncounted = Math.floor(163 / adtsFrame(mono.config, silentFrame(mono.config)).length)

  const found = await readers['music-metadata']!.read(adts([...mono.frames, ...silence]))

  assert.equal(found.frames, mono.frames.length + 100 - uncounted)
  await assert.rejects(readers.mp4box!.read(adts(mono.frames)), /Invalid data/)
})
