import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { FragmentBuffers, Mp4Writer } from '../../../src/media/mp4-writer.ts'
import type { Gap, TrackSummary } from '../../../src/media/track-summary.ts'
import { loadClip } from '../../../src/sandbox/audio/clips.ts'
import { SpoolDirectory } from '../../../src/spool/directory.ts'
import { salvage } from '../../../src/spool/salvage.ts'
import { createSpoolFile, type SpoolWriter } from '../../../src/spool/writer.ts'
import { listen } from '../../helpers/listen.ts'

const clip = loadClip('high')
const startMs = 1_767_225_600_000
const key = { recordingId: 'rec_1', trackId: 'trk-1', fileNumber: 1 }
const start = { ...key, userId: 'anchor', startMs, fillGaps: true }

function spoolIn (t: TestContext): { spool: SpoolDirectory, directory: string } {
  const directory = mkdtempSync(join(tmpdir(), 'spool-'))
  t.after(() => { rmSync(directory, { recursive: true }) })
  return { spool: new SpoolDirectory(directory), directory }
}

/** Writes the clip's frames, leaving the file as a crash would find it. */
async function writeFrames (file: SpoolWriter, count = clip.frames.length): Promise<Mp4Writer> {
  const writer = new Mp4Writer(clip.config, new FragmentBuffers())
  await file.append(writer.header)
  for (const frame of clip.frames.slice(0, count)) {
    if (!writer.fits(frame.length)) await file.append(writer.takeFragment()!)
    writer.add(frame, 0, frame.length)
  }
  await file.append(writer.takeFragment()!)
  return writer
}

const summary: TrackSummary = {
  fileNumber: 1,
  startMs,
  endMs: startMs + 8000,
  durationMs: 8000,
  gapMs: 0,
  gaps: [],
  trims: [],
  frames: 375,
  sampleRate: 48_000,
  channels: 1,
  partial: false,
  resumed: false
}

test('a finished file is what was written, and salvage leaves it alone', async (t) => {
  const { spool } = spoolIn(t)
  const file = await createSpoolFile(spool, start)
  const writer = await writeFrames(file)
  const patch = writer.durationPatch()
  await file.patch(patch.offset, patch.bytes)
  await file.finish(summary)
  const before = readFileSync(spool.path(key))

  const salvaged = await salvage(spool, key)

  assert.deepEqual(salvaged, summary)
  assert.deepEqual(readFileSync(spool.path(key)), before)
  assert.equal((await listen(before)).pcm.length, 375 * 1024)
})

test('a file that nobody finished is whole up to its last whole fragment, says its length, and plays', async (t) => {
  const { spool } = spoolIn(t)
  const file = await createSpoolFile(spool, start)
  await writeFrames(file)
  await file.close()
  truncateSync(spool.path(key), statSync(spool.path(key)).size - 100)

  const salvaged = await salvage(spool, key)

  const frames = 10 * 37 // ten fragments of 37 frames; the eleventh was cut
  assert.deepEqual(salvaged, {
    ...summary, partial: true, frames, durationMs: Math.round(frames * 1024 / 48), endMs: startMs + Math.round(frames * 1024 / 48)
  })
  const heard = await listen(readFileSync(spool.path(key)))
  assert.equal(heard.pcm.length, frames * 1024)
  assert.deepEqual(await salvage(spool, key), salvaged)
})

test('gaps are known after a crash, but only those the audio had reached', async (t) => {
  const { spool } = spoolIn(t)
  const reached: Gap = { startMs: startMs + 1000, endMs: startMs + 1500, cause: 'missing', atFrame: 47 }
  const beyond: Gap = { startMs: startMs + 9000, endMs: startMs + 9500, cause: 'reconnected', atFrame: 400 }
  const filled = await createSpoolFile(spool, start)
  const cut = await createSpoolFile(spool, { ...start, fileNumber: 2, fillGaps: false })
  for (const file of [filled, cut]) {
    await writeFrames(file)
    await file.addGap(reached)
    await file.addGap(beyond)
    await file.close()
  }

  const withSilence = await salvage(spool, key)
  const withoutSilence = await salvage(spool, { ...key, fileNumber: 2 })

  assert.deepEqual([withSilence?.gaps, withSilence?.gapMs, withSilence?.durationMs, withSilence?.endMs], [[reached], 500, 8000, startMs + 8000])
  assert.deepEqual([withoutSilence?.gaps, withoutSilence?.gapMs, withoutSilence?.durationMs, withoutSilence?.endMs], [[reached], 500, 8000, startMs + 8500])
})

test('a process that is killed while it writes loses what was under way and nothing else', async (t) => {
  const { spool, directory } = spoolIn(t)
  const root = join(import.meta.dirname, '../../..')
  const program = `
    import { Track } from '${root}/src/tracks/track.ts'
    import { FragmentBuffers } from '${root}/src/media/mp4-writer.ts'
    import { SpoolDirectory } from '${root}/src/spool/directory.ts'
    import { createSpoolFile } from '${root}/src/spool/writer.ts'
    import { loadClip } from '${root}/src/sandbox/audio/clips.ts'
    const spool = new SpoolDirectory(${JSON.stringify(directory)})
    const { config, frames } = loadClip('high')
    let appends = 0
    const fail = (error) => { throw error }
    const track = new Track({
      fillGaps: true, buffers: new FragmentBuffers(), onFailure: fail,
      openFile: async (start) => {
        const file = await createSpoolFile(spool, { recordingId: 'rec_1', trackId: 'trk-1', userId: 'anchor', fillGaps: true, ...start })
        const append = file.append.bind(file)
        file.append = async (bytes) => {
          await append(bytes)
          if (++appends === 6) process.kill(process.pid, 'SIGKILL')
        }
        return file
      }
    })
    track.configure(config)
    frames.forEach((frame, i) => track.write(frame, 0, frame.length, Math.round(i * 1024 / 48), Math.round(${startMs} + i * 1024 / 48)))
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [, signal] = await once(child, 'exit') as [number | null, string | null]

  const salvaged = await salvage(spool, key)

  assert.equal(signal, 'SIGKILL')
  assert.deepEqual(await spool.list('rec_1'), [key])
  assert.deepEqual([salvaged?.frames, salvaged?.startMs, salvaged?.partial], [5 * 37, startMs, true])
  assert.equal((await listen(readFileSync(spool.path(key)))).pcm.length, 5 * 37 * 1024)
})

test('a journal whose last line is torn still tells the beginning', async (t) => {
  const { spool } = spoolIn(t)
  const file = await createSpoolFile(spool, start)
  await writeFrames(file)
  await file.close()
  appendFileSync(spool.path(key).replace('.m4a', '.ndjson'), '{"type":"closed","summary":{"part":1,"sta')

  const salvaged = await salvage(spool, key)

  assert.deepEqual([salvaged?.startMs, salvaged?.frames, salvaged?.partial], [startMs, 375, true])
})

test('a finished file that has lost its end is cut to what is whole and no longer counts as finished', async (t) => {
  const { spool } = spoolIn(t)
  const file = await createSpoolFile(spool, start)
  await writeFrames(file)
  await file.finish(summary)
  truncateSync(spool.path(key), statSync(spool.path(key)).size - 1)

  const salvaged = await salvage(spool, key)

  assert.deepEqual([salvaged?.frames, salvaged?.partial, salvaged?.startMs], [10 * 37, true, startMs])
})

test('audio whose journal has lost its beginning is placed by when it was last written, the same each time', async (t) => {
  const { spool } = spoolIn(t)
  const file = await createSpoolFile(spool, start)
  await writeFrames(file)
  await file.close()
  const lastWrittenMs = statSync(spool.path(key)).mtimeMs
  truncateSync(spool.path(key).replace('.m4a', '.ndjson'), 20)

  const salvaged = await salvage(spool, key)

  assert.deepEqual([salvaged?.startMs, salvaged?.frames, salvaged?.partial], [Math.round(lastWrittenMs - 8000), 375, true])
  assert.deepEqual(await salvage(spool, key), salvaged)
})

test('where no fragment is whole there is nothing to salvage', async (t) => {
  const { spool } = spoolIn(t)
  const empty = await createSpoolFile(spool, start)
  await empty.close()
  const headerOnly = await createSpoolFile(spool, { ...start, fileNumber: 2 })
  await headerOnly.append(new Mp4Writer(clip.config, new FragmentBuffers()).header)
  await headerOnly.close()

  assert.equal(await salvage(spool, key), undefined)
  assert.equal(await salvage(spool, { ...key, fileNumber: 2 }), undefined)
  assert.equal(await salvage(spool, { ...key, fileNumber: 3 }), undefined, 'a file that never was')
})

test('files stay until they are removed, and a recording without files is forgotten', async (t) => {
  const { spool, directory } = spoolIn(t)
  for (const fileNumber of [1, 2, 10]) await (await createSpoolFile(spool, { ...start, fileNumber })).close()
  await (await createSpoolFile(spool, { ...start, recordingId: 'rec_2', trackId: 'a-2' })).close()

  const reopened = new SpoolDirectory(directory)
  assert.deepEqual(await reopened.recordings(), ['rec_1', 'rec_2'])
  assert.deepEqual(await reopened.list('rec_2'), [{ recordingId: 'rec_2', trackId: 'a-2', fileNumber: 1 }])
  assert.deepEqual((await reopened.list('rec_1')).map(({ fileNumber }) => fileNumber), [1, 2, 10])

  for (const left of await reopened.list('rec_1')) await reopened.remove(left)
  await reopened.remove(key)
  assert.deepEqual(await reopened.recordings(), ['rec_2'])
  assert.deepEqual(await reopened.list('rec_1'), [])
})

test('a removal that was cut short leaves nothing to salvage', async (t) => {
  const { spool } = spoolIn(t)
  const file = await createSpoolFile(spool, start)
  await writeFrames(file)
  await file.finish(summary)
  rmSync(spool.path(key))

  assert.equal(await salvage(spool, key), undefined)
  assert.deepEqual(await spool.list('rec_1'), [key])
})

test('tracks of a recording begin while others of it are removed', async (t) => {
  const { spool } = spoolIn(t)

  await Promise.all(Array.from({ length: 50 }, async (_, i) => {
    const one = { ...key, trackId: `trk-${i}` }
    await (await createSpoolFile(spool, { ...start, ...one })).close()
    await spool.remove(one)
  }))

  assert.deepEqual(await spool.recordings(), [])
})

test('others on the machine cannot listen', async (t) => {
  const { spool } = spoolIn(t)
  await (await createSpoolFile(spool, start)).close()

  assert.equal(statSync(spool.path(key)).mode & 0o077, 0)
})

test('a file is never written over', async (t) => {
  const { spool } = spoolIn(t)
  await (await createSpoolFile(spool, start)).close()

  await assert.rejects(createSpoolFile(spool, start), { error: 'SPOOL_FAILED' })
})

test('ids that are no plain names never reach the disk', async (t) => {
  const { spool, directory } = spoolIn(t)
  mkdirSync(join(directory, 'other'))

  for (const id of ['..', '../other', 'a/b', '', 'a\0b', 'x'.repeat(129), 'ä']) {
    await assert.rejects(createSpoolFile(spool, { ...start, recordingId: id }), { error: 'VALIDATION' })
    await assert.rejects(salvage(spool, { ...key, trackId: id }), { error: 'VALIDATION' })
    await assert.rejects(spool.list(id), { error: 'VALIDATION' })
  }
  await assert.rejects(spool.remove({ ...key, fileNumber: 0 }), { error: 'VALIDATION' })
})

test('a file that somebody removes while it is written is noticed some appends later, and another can be begun', async (t) => {
  const { spool, directory } = spoolIn(t)
  const file = await createSpoolFile(spool, { ...start, fileNumber: 1 })
  await file.append(Buffer.alloc(10))

  rmSync(directory, { recursive: true })
  const appending = async (): Promise<void> => { for (let i = 0; i < 10; i++) await file.append(Buffer.alloc(10)) }

  await assert.rejects(appending, { error: 'SPOOL_FAILED', message: /was removed while it was written/ })
  await (await createSpoolFile(spool, { ...start, fileNumber: 2 })).close()
})
