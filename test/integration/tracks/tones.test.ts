import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectPublisher, type RtmpPublisher } from '../../../src/sandbox/rtmp-publisher.ts'
import { source, spec, startPool } from '../../helpers/pool.ts'
import { assertTonesInPlace, clip, frameMs, play, toneScenes, type ToneScene } from '../../helpers/tone-scenes.ts'
import { patienceMs } from '../../helpers/world.ts'

/** A frame, and one for a machine that is busy with other tests. Alone it is within one; the diagnostics tell. */
const toleranceMs = 2 * frameMs

const { pool, target } = await startPool({ after })
const unixMs = (): number => performance.timeOrigin + performance.now()

/** Plays a scene in real time. @returns Unix milliseconds of its beginning */
async function record (scene: ToneScene, trackId: string): Promise<number> {
  const signal = AbortSignal.timeout(patienceMs)
  let keys = 0
  const nextUrl = async () => {
    await pool.release(trackId)
    return (await pool.expect(trackId, source(`the-key-of-${trackId}-${++keys}`))).url
  }
  const connect = async (): Promise<RtmpPublisher> => {
    const publisher = await connectPublisher(url, { signal })
    publisher.configure(clip.config.config)
    return publisher
  }
  const until = (ms: number) => sleep(Math.max(0, beganMs + ms - unixMs()))

  let url = await nextUrl()
  let publisher = await connect()
  const beganMs = unixMs()
  await play(scene, {
    async write (frame, timestampMs, dueMs) {
      await until(dueMs)
      publisher.write(frame, timestampMs)
    },
    async pause (paused, dueMs) {
      await until(dueMs)
      await pool.pause(trackId, paused)
    },
    async reconnect () {
      await publisher.close()
      publisher = await connect()
    },
    async rejoin () {
      await publisher.close()
      url = await nextUrl()
      publisher = await connect()
    }
  })
  await publisher.close()
  return beganMs
}

// Real time, so beside one another
suite('through RTMP', { concurrency: true }, () => {
  for (const [index, scene] of toneScenes.entries()) {
    test(`each tone is heard in its own second after ${scene.what}`, async (t) => {
      const trackId = `trk_${index}`
      await pool.open(spec(trackId), () => undefined)
      const beganMs = await record(scene, trackId)
      await pool.finish(trackId)
      const [stored, ...more] = await pool.upload({ recordingId: 'rec_1', trackId, target, userFolder: `${trackId}/`, trackNumber: 1, notedKeys: [], format: 'm4a' })

      assert.deepEqual(more, [])
      const file = await readFile(join(target.directory, stored!.key))
      const lateMs = await assertTonesInPlace(scene, { file, startMs: stored!.startMs - beganMs, toleranceMs })
      t.diagnostic(`late by ${Math.min(...lateMs).toFixed(1)} to ${Math.max(...lateMs).toFixed(1)} ms`)
      assert.deepEqual(stored!.gaps.map(({ cause }) => cause), scene.causes)
    })
  }
})
