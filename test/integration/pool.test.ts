import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { Worker } from 'node:worker_threads'
import type { TrackReport } from '../../src/capture/messages.ts'
import { CapturePool } from '../../src/capture/pool.ts'
import { loadClip } from '../../src/sandbox/audio/clips.ts'
import { connectPublisher, type RtmpPublisher } from '../../src/sandbox/rtmp-publisher.ts'
import { closeAfter } from '../helpers/scope.ts'
import { temporaryFolder } from '../helpers/world.ts'

const clip = loadClip('low')
const { signal } = new AbortController()

interface Reports { all: TrackReport[], listener: (report: TrackReport) => void, until: (type: TrackReport['type']) => Promise<TrackReport> }

function reports (): Reports {
  const all: TrackReport[] = []
  let wake = Promise.withResolvers<undefined>()
  return {
    all,
    listener (report) {
      all.push(report)
      wake.resolve(undefined)
      wake = Promise.withResolvers()
    },
    async until (type) {
      for (;;) {
        const found = all.find((report) => report.type === type)
        if (found !== undefined) return found
        await wake.promise
      }
    }
  }
}

async function startPool (t: TestContext, threads = 2) {
  const workers: Worker[] = []
  const onWorker = (worker: Worker): void => { workers.push(worker) }
  process.on('worker', onWorker)
  const crashes: Error[] = []
  const refused = Promise.withResolvers<Record<string, number>>()
  const folder = await temporaryFolder(t)
  const pool = new CapturePool({
    threads,
    spoolDir: join(folder, 'spool'),
    rtmpHost: '127.0.0.1',
    rtmpFirstPort: 0,
    rtmpPublicHost: '127.0.0.1',
    metadataUrl: 'http://127.0.0.1:1',
    onCrash: (error) => { crashes.push(error) },
    onRefused: refused.resolve
  })
  closeAfter(t, () => { process.off('worker', onWorker) })
  closeAfter(t, () => pool.close())
  await pool.start()
  return { pool, workers, crashes, refused: refused.promise, folder, target: { kind: 'local', directory: join(folder, 'store'), path: '' } as const }
}

const spec = (trackId: string) => ({ recordingId: 'rec_1', trackId, userId: 'anna', fillGaps: true })

/** Publishes half a second of talk, with the timestamps it has. */
function say (publisher: RtmpPublisher): void {
  publisher.configure(clip.config.config)
  for (const [index, frame] of clip.frames.slice(0, 24).entries()) publisher.write(frame, Math.round(index * 1024 / 48))
}

test('a track is fed by its key, finished, stored whole and then forgotten', async (t) => {
  const { pool, target } = await startPool(t)
  const { listener, until } = reports()
  await pool.open(spec('trk_1'), listener)
  const publisher = await connectPublisher(await pool.expect('trk_1', 'a-key-of-this-track'), { signal })
  say(publisher)
  await until('live')
  await publisher.close()
  await until('lost')
  await pool.finish('trk_1')

  assert.deepEqual(await pool.leftovers(), [{ recordingId: 'rec_1', trackId: 'trk_1' }])
  const [file, ...more] = await pool.store({ recordingId: 'rec_1', trackId: 'trk_1', target, keyStem: 'a/track' })
  assert.deepEqual([file?.key, file?.partial, file?.part, more], ['a/track.m4a', false, 1, []])
  assert.ok(Math.abs(file!.durationMs - 512) <= 22, `${file!.durationMs} ms`)
  assert.deepEqual(pool.load(), [0, 0])
  await pool.discard({ recordingId: 'rec_1', trackId: 'trk_1', parts: [1] })
  assert.deepEqual(await pool.store({ recordingId: 'rec_1', trackId: 'trk_1', target, keyStem: 'a/track' }), [])
})

test('tracks go to the least busy thread, each with a port of its own', async (t) => {
  const { pool } = await startPool(t)
  for (const id of ['trk_1', 'trk_2', 'trk_3', 'trk_4']) await pool.open(spec(id), () => undefined)
  const ports = new Set(await Promise.all(['trk_1', 'trk_2', 'trk_3', 'trk_4'].map(async (id) => new URL(await pool.expect(id, `the-key-of-${id}-01`)).port)))

  assert.deepEqual(pool.load(), [2, 2])
  assert.equal(ports.size, 2)
})

test('a key is dead when the next one is expected, and when it is released, and whoever comes with it is counted', async (t) => {
  const { pool, refused } = await startPool(t, 1)
  const { listener, until } = reports()
  await pool.open(spec('trk_1'), listener)
  const first = await pool.expect('trk_1', 'the-first-key-0001')
  const publisher = await connectPublisher(first, { signal })
  say(publisher)
  await until('live')
  const second = await pool.expect('trk_1', 'the-second-key-001')

  assert.equal(await publisher.closed, 'NetStream.Unpublish.Success')
  await assert.rejects(connectPublisher(first, { signal }), /Publish\.Denied/)
  const next = await connectPublisher(second, { signal })
  await pool.release('trk_1')
  await next.closed
  await assert.rejects(connectPublisher(second, { signal }), /Publish\.Denied/)
  const counted = await refused
  assert.ok(counted.key !== undefined && counted.key >= 1, JSON.stringify(counted))
})

for (const [name, message, die] of [
  ['is terminated', 'capture thread 0 left with 1', (worker: Worker) => worker.terminate()],
  // the thread's own code meets a message it cannot live with
  ['throws', "capture thread 0 left with 1: Cannot read properties of null (reading 'type')", async (worker: Worker) => { worker.postMessage(null) }]
] as const) {
  test(`a thread that ${name} answers every call and every track it held, and is replaced`, async (t) => {
    const { pool, workers, crashes, target } = await startPool(t)
    const held = reports()
    const other = reports()
    await pool.open(spec('trk_1'), held.listener)
    await pool.open(spec('trk_2'), other.listener)
    const publisher = await connectPublisher(await pool.expect('trk_1', 'a-key-of-this-track'), { signal })
    say(publisher)
    await held.until('live')

    const replaced = once(process, 'worker')
    await die(workers[0]!)
    const call = pool.expect('trk_1', 'another-key-of-this')
    await assert.rejects(call, { name: 'RoomtapeError', error: 'WORKER_CRASHED' })
    const broken = await held.until('broken')
    assert.deepEqual(broken, { type: 'broken', trackId: 'trk_1', error: { name: 'WORKER_CRASHED', message } })
    assert.equal(crashes.length, 1)
    assert.deepEqual(other.all, [])
    assert.equal(pool.alive(), false)

    await replaced
    await pool.open(spec('trk_3'), () => undefined)
    await connectPublisher(await pool.expect('trk_3', 'a-key-in-a-new-one'), { signal }).then((next) => next.close())
    assert.deepEqual([pool.alive(), pool.load()], [true, [1, 1]])
    await pool.release('trk_1')
    await pool.finish('trk_1')
    const [salvaged] = await pool.store({ recordingId: 'rec_1', trackId: 'trk_1', target, keyStem: 'a/track' })
    assert.ok(salvaged === undefined || salvaged.partial, 'what it had written, if it had written any')
  })
}

test('closing finishes what is being written, and the file is found by the next pool', async (t) => {
  const first = await startPool(t, 1)
  const { listener, until } = reports()
  await first.pool.open(spec('trk_1'), listener)
  const publisher = await connectPublisher(await first.pool.expect('trk_1', 'a-key-of-this-track'), { signal })
  say(publisher)
  await until('live')
  await publisher.close()
  await until('lost')
  await first.pool.close()

  const pool = new CapturePool({
    threads: 1,
    spoolDir: join(first.folder, 'spool'),
    rtmpHost: '127.0.0.1',
    rtmpFirstPort: 0,
    rtmpPublicHost: '127.0.0.1',
    metadataUrl: 'http://127.0.0.1:1',
    onCrash: () => undefined,
    onRefused: () => undefined,
  })
  closeAfter(t, () => pool.close())
  await pool.start()
  const [file] = await pool.store({ recordingId: 'rec_1', trackId: 'trk_1', target: first.target, keyStem: 'a/track' })
  assert.deepEqual([file?.partial, file?.key], [false, 'a/track.m4a'])
})

test('a store that takes nothing is known before anything is recorded, and an error keeps its name over the thread', async (t) => {
  const { pool, folder, target } = await startPool(t, 1)
  await pool.check(target)
  await writeFile(join(folder, 'file'), '')

  await assert.rejects(pool.check({ kind: 'local', directory: join(folder, 'file'), path: '' }), { name: 'RoomtapeError', error: 'STORE_DENIED' })
  await assert.rejects(pool.check({ kind: 'cos', bucket: 'x-1', region: 'r', path: '', secretId: 'half' }), { name: 'RoomtapeError', error: 'STORE_DENIED' })
})
