import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { constants } from 'node:fs'
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { suite, test, type TestContext } from 'node:test'
import { mp4Frames } from '../../../bench/capture/mp4-frames.ts'
import type { RoomtapeError } from '../../../src/core/errors.ts'
import type { UploadedFile } from '../../../src/stores/uploaded.ts'
import { freePort } from '../../helpers/free-port.ts'
import { harm, mortalScript as script, reports, source, spec, startPool, talkInNumbers } from '../../helpers/pool.ts'
import { closeAfter } from '../../helpers/scope.ts'
import { eventually } from '../../helpers/world.ts'

const second = 47

async function numbersIn (directory: string, file: UploadedFile): Promise<number[]> {
  return Array.from(mp4Frames(await readFile(join(directory, file.key))), (frame) => frame.readUInt32BE())
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number)

/** A pipe that nobody writes to: reading it is a call to the system that does not return, until it is released. */
function silentPipe (t: TestContext, folder: string): { fifo: string, release: () => Promise<void> } {
  const fifo = join(folder, 'pipe')
  execFileSync('mkfifo', [fifo])
  let writer: Promise<FileHandle> | undefined
  const release = async (): Promise<void> => { await (await (writer ??= open(fifo, constants.O_RDWR))).close() }
  closeAfter(t, release)
  return { fifo, release }
}

const ways = {
  exit: /^capture thread \d left with 7$/,
  throw: /^capture thread \d left with 1: the fixture throws$/,
  // on a machine that is busy its last moments, spent in collecting garbage, may last long enough for a hang
  'exhaust memory': /^capture thread \d (left with 1: .* JS heap out of memory|hangs)$/,
  hang: /^capture thread \d hangs$/,
  'stuck in a system call': /^capture thread \d hangs$/
} as const

suite('threads', { concurrency: true }, () => {
  test('whatever a thread dies of, its track is broken and kept, the others lose no frame, and another takes its place', async (t) => {
    const victims = Object.keys(ways) as Array<keyof typeof ways>
    const allRecovered = Promise.withResolvers<undefined>()
    const recovered: number[] = []
    const { pool, crashes, folder, target } = await startPool(t, {
      script,
      threads: victims.length + 1,
      onRecovered: (index) => { if (recovered.push(index) === victims.length) allRecovered.resolve(undefined) }
    })
    const { fifo, release } = silentPipe(t, folder)
    const begin = async (trackId: string) => {
      const { all, listener, until } = reports()
      await pool.open(spec(trackId), listener)
      const talk = await talkInNumbers((await pool.expect(trackId, source(`the-key-of-${trackId}-01`))).url)
      return { trackId, all, until, talk }
    }
    const held = []
    for (const way of victims) held.push({ way, ...await begin(`trk_${way.replaceAll(' ', '_')}`) }) // one in each thread, in this order
    const neighbour = await begin('trk_neighbour')
    await Promise.all([...held, neighbour].map(({ talk }) => talk.go(2 * second)))

    const over = new AbortController()
    const talking = (async () => { while (!over.signal.aborted) await neighbour.talk.go(5) })()
    await Promise.all(held.map(async ({ way, trackId, until }, index) => {
      await harm(join(folder, 'spool'), { thread: `capture-${index}`, harm: way, fifo })
      const harmedMs = performance.now()
      await assert.rejects(pool.expect(trackId, source('another-key-of-this')), { name: 'RoomtapeError', error: 'WORKER_CRASHED' })
      const broken = await until('broken')
      const noticedMs = performance.now() - harmedMs
      assert.ok(noticedMs < 11_000, `${way} noticed after ${noticedMs} ms`)
      assert.equal(broken.error.name, 'WORKER_CRASHED')
      assert.match(broken.error.message, ways[way])
      assert.ok(crashes.includes(broken.error.message))
    }))
    await allRecovered.promise
    const further = await begin('trk_further')
    await further.talk.close()
    over.abort()
    await talking

    assert.equal(pool.alive(), true)
    assert.deepEqual(crashes.length, victims.length)
    assert.deepEqual(recovered.toSorted(), victims.map((_, index) => index))
    await release() // what is stuck has its sockets still
    await Promise.all([...held, neighbour].map(({ talk }) => talk.close()))
    await neighbour.until('lost')
    assert.deepEqual(neighbour.all.map(({ type }) => type), ['pushed', 'live', 'firstAudio', 'lost'])
    await Promise.all([...held, neighbour].map(({ trackId }) => pool.finish(trackId)))
    for (const { way, trackId, talk } of held) {
      const [kept] = await pool.upload({ recordingId: 'rec_1', trackId, target, userFolder: `${trackId}/`, trackNumber: 1, notedKeys: [], format: 'm4a' })
      const heard = await numbersIn(target.directory, kept!)
      assert.equal(kept?.partial, true)
      assert.deepEqual(heard, upTo(heard.length))
      assert.ok(talk.sent - heard.length <= 1.1 * second, `${way}: ${talk.sent - heard.length} frames before its death are lost`)
    }
    const [whole] = await pool.upload({ recordingId: 'rec_1', trackId: neighbour.trackId, target, userFolder: `${neighbour.trackId}/`, trackNumber: 1, notedKeys: [], format: 'm4a' })
    assert.deepEqual([whole?.partial, whole?.gaps], [false, []])
    assert.deepEqual(await numbersIn(target.directory, whole!), upTo(neighbour.talk.sent))
  })

  test('a port that is still taken is tried again until it is free', async (t) => {
    const port = await freePort()
    const crashes: string[] = []
    const { promise: refusedTwice, resolve } = Promise.withResolvers<undefined>()
    const { pool, folder, recovered } = await startPool(t, {
      script,
      threads: 1,
      rtmpFirstPort: port,
      onCrash: ({ message }) => { if (crashes.push(message) === 3) resolve(undefined) }
    })
    const squatter = createServer()
    const { listener, until } = reports()
    await pool.open(spec('trk_1'), listener)

    await harm(join(folder, 'spool'), { thread: 'capture-0', harm: 'exit' })
    await until('broken')
    squatter.listen(port, '127.0.0.1')
    await refusedTwice
    squatter.close()
    await recovered

    await pool.open(spec('trk_2'), () => undefined)
    assert.equal(new URL((await pool.expect('trk_2', source('a-key-on-that-port'))).url).port, String(port))
    for (const message of crashes.slice(1)) assert.match(message, /^capture thread 0 left with 1: listen EADDRINUSE/)
  })

  test('threads that are busy to their limit refuse tracks with a reason, and take them again when they are not', async (t) => {
    const { pool, folder } = await startPool(t, { script })
    const names = ['capture-0', 'capture-1']
    const tell = (thread: string, order: 'busy' | 'rest') => harm(join(folder, 'spool'), { thread, harm: order })
    const { listener, all } = reports()
    await pool.open(spec('trk_1'), listener)

    await Promise.all(names.map((thread) => tell(thread, 'busy')))
    await eventually(async () => pool.figures().threads.every(({ load }) => load > 0.87) || undefined)
    await assert.rejects(pool.open(spec('trk_2'), listener), (error: RoomtapeError) => {
      assert.deepEqual([error.error, error.fault], ['CAPTURE_FULL', 'peer'])
      assert.match((error.cause as Error).message, /^the thread is busy \d+ % of the time$/)
      return true
    })
    assert.deepEqual([pool.load(), pool.figures().refusedTracks, pool.alive(), all], [[1, 0], 1, true, []], 'who is recorded is not touched')

    const { port } = await pool.expect('trk_1', source('a-key-of-this-track'))
    await assert.rejects(pool.open(spec('trk_4'), listener, { port }), { error: 'CAPTURE_FULL' }, 'a track that begins is refused, whatever the port')
    await pool.open({ ...spec('trk_3'), resumes: true }, listener, { port })
    assert.deepEqual(pool.load(), [2, 0], 'a track that goes on is pushed there in any case')
    await pool.finish('trk_3')

    await tell('capture-0', 'rest')
    await eventually(async () => (pool.figures().threads[0]?.load ?? 1) < 0.7 || undefined)
    await pool.open(spec('trk_2'), listener)
    assert.deepEqual(pool.load(), [2, 0], 'the one that has fewer tracks is still busy')
    await tell('capture-1', 'rest')
  })
})
