import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { Track } from '../../../src/tracks/track.ts'
import { FragmentBuffers } from '../../../src/media/mp4-writer.ts'
import { SpoolDirectory } from '../../../src/spool/directory.ts'
import { createSpoolFile } from '../../../src/spool/writer.ts'
import { assertTonesInPlace, clip, frameMs, play, toneScenes } from '../../helpers/tone-scenes.ts'

const beganMs = 1_767_225_600_000
const readEveryMs = 100

for (const scene of toneScenes) {
  test(`each tone is heard in its own second, to a frame, after ${scene.what}`, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'tones-'))
    t.after(() => { rmSync(directory, { recursive: true }) })
    const spool = new SpoolDirectory(directory)
    const key = { recordingId: 'rec_1', trackId: 'trk_1' }
    const track = new Track({
      fillGaps: true,
      buffers: new FragmentBuffers(),
      openFile: (start) => createSpoolFile(spool, { ...key, userId: 'anchor', fillGaps: true, ...start }),
      onFailure: (error) => { throw error }
    })
    track.configure(clip.config)
    await play(scene, {
      write (frame, timestampMs, dueMs) { // arrives when a thread would read it
        track.write(frame, 0, frame.length, timestampMs, beganMs + Math.ceil(dueMs / readEveryMs) * readEveryMs)
      },
      pause (paused) { track.pause(paused) },
      reconnect () { track.end('disconnected') },
      rejoin () { track.end('stopped') }
    })
    const [summary, ...more] = await track.close()

    assert.deepEqual(more, [])
    const file = await readFile(spool.path({ ...key, fileNumber: 1 }))
    await assertTonesInPlace(scene, { file, startMs: summary!.startMs - beganMs, toleranceMs: frameMs })
    assert.deepEqual(summary!.gaps.map(({ cause }) => cause), scene.causes)
  })
}
