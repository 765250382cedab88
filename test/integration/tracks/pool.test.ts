import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { connectPublisher } from '../../../src/sandbox/rtmp-publisher.ts'
import { reports, say, source, spec, startPool } from '../../helpers/pool.ts'

const { signal } = new AbortController()

test('a track is fed by its key, finished, stored whole and then forgotten', async (t) => {
  const { pool, target } = await startPool(t)
  const { listener, until } = reports()
  await pool.open(spec('trk_1'), listener)
  const publisher = await connectPublisher((await pool.expect('trk_1', source('a-key-of-this-track'))).url, { signal })
  say(publisher)
  await until('live')
  await publisher.close()
  await until('lost')
  await pool.finish('trk_1')

  assert.deepEqual(await pool.leftovers(), [{ recordingId: 'rec_1', trackId: 'trk_1' }])
  const [file, ...more] = await pool.upload({ recordingId: 'rec_1', trackId: 'trk_1', target, userFolder: 'a/', trackNumber: 1, notedKeys: [], format: 'm4a' })
  assert.deepEqual([file?.key, file?.partial, file?.fileNumber, more], ['a/track.m4a', false, 1, []])
  assert.ok(Math.abs(file!.durationMs - 512) <= 22, `${file!.durationMs} ms`)
  assert.deepEqual(pool.load(), [0, 0])
  await pool.discard({ recordingId: 'rec_1', trackId: 'trk_1', fileNumbers: [1] })
  assert.deepEqual(await pool.upload({ recordingId: 'rec_1', trackId: 'trk_1', target, userFolder: 'a/', trackNumber: 1, notedKeys: [], format: 'm4a' }), [])
})

test('a node that is reached by IPv6 alone has URLs that can be pushed to', async (t) => {
  const { pool } = await startPool(t, { threads: 1, rtmpHost: '::1', rtmpPublicHost: '::1' })
  const { listener, until } = reports()
  await pool.open(spec('trk_1'), listener)
  const url = (await pool.expect('trk_1', source('a-key-of-this-track'))).url
  const publisher = await connectPublisher(url, { signal })
  say(publisher)

  assert.match(url, /^rtmp:\/\/\[::1\]:\d+\/roomtape\/a-key/)
  await until('live')
  await publisher.close()
})

test('what is said while a track is paused is in no file, from the very first frame', async (t) => {
  const { pool, target } = await startPool(t)
  const { listener, until } = reports()
  const sayOnce = async (): Promise<void> => {
    const publisher = await connectPublisher((await pool.expect('trk_1', source('a-key-of-this-track'))).url, { signal })
    say(publisher)
    await publisher.close()
    await until('lost')
  }
  await pool.open({ ...spec('trk_1'), paused: true }, listener)
  await sayOnce()
  await pool.pause('trk_1', false)
  const resumedMs = performance.timeOrigin + performance.now() // as a thread tells the time
  await sayOnce()
  await pool.pause('trk_1', true)
  await sayOnce()
  await pool.finish('trk_1')
  await pool.pause('trk_1', false) // finished: nothing happens

  const [file, ...more] = await pool.upload({ recordingId: 'rec_1', trackId: 'trk_1', target, userFolder: 'a/', trackNumber: 1, notedKeys: [], format: 'm4a' })
  assert.deepEqual([file?.frames, file?.gaps, more], [24, [], []])
  assert.ok(file!.startMs >= resumedMs - 22, `begins ${resumedMs - file!.startMs} ms before it was resumed`)
})

test('tracks go to the least busy thread, each with a port of its own', async (t) => {
  const { pool } = await startPool(t)
  for (const id of ['trk_1', 'trk_2', 'trk_3', 'trk_4']) await pool.open(spec(id), () => undefined)
  const ports = new Set(await Promise.all(['trk_1', 'trk_2', 'trk_3', 'trk_4'].map(async (id) => new URL((await pool.expect(id, source(`the-key-of-${id}-01`))).url).port)))

  assert.deepEqual(pool.load(), [2, 2])
  assert.equal(ports.size, 2)
})

test('a key is dead when it is released, and whoever comes with it is counted', async (t) => {
  const { pool, refused } = await startPool(t, { threads: 1 })
  const { listener, until } = reports()
  await pool.open(spec('trk_1'), listener)
  const { url } = await pool.expect('trk_1', source('the-first-key-0001'))
  const publisher = await connectPublisher(url, { signal })
  say(publisher)
  await until('live')
  await pool.release('trk_1')

  assert.equal(await publisher.closed, 'NetStream.Unpublish.Success')
  await assert.rejects(connectPublisher(url, { signal }), /Publish\.Denied/)
  const counted = await refused
  assert.ok(counted.key !== undefined && counted.key >= 1, JSON.stringify(counted))
})

test('closing finishes what is being written, and the file is found by the next pool', async (t) => {
  const first = await startPool(t, { threads: 1 })
  const { listener, until } = reports()
  await first.pool.open(spec('trk_1'), listener)
  const publisher = await connectPublisher((await first.pool.expect('trk_1', source('a-key-of-this-track'))).url, { signal })
  say(publisher)
  await until('live')
  await publisher.close()
  await until('lost')
  await first.pool.close()

  const { pool } = await startPool(t, { threads: 1, spoolDir: join(first.folder, 'spool') })
  const [file] = await pool.upload({ recordingId: 'rec_1', trackId: 'trk_1', target: first.target, userFolder: 'a/', trackNumber: 1, notedKeys: [], format: 'm4a' })
  assert.deepEqual([file?.partial, file?.key], [false, 'a/track.m4a'])
})

test('a store that takes nothing is known before anything is recorded, and an error keeps its name over the thread', async (t) => {
  const { pool, folder, target } = await startPool(t, { threads: 1 })
  await pool.check(target)
  await writeFile(join(folder, 'file'), '')

  await assert.rejects(pool.check({ kind: 'local', directory: join(folder, 'file'), path: '' }), { name: 'RoomtapeError', error: 'STORE_DENIED' })
  await assert.rejects(pool.check({ kind: 'cos', bucket: 'x-1', region: 'r', path: '', secretId: 'half' }), { name: 'RoomtapeError', error: 'STORE_DENIED' })
})
