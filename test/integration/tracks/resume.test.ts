import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { mp4Frames } from '../../../bench/capture/mp4-frames.ts'
import type { UploadedFile } from '../../../src/stores/uploaded.ts'
import type { TrackSpec } from '../../../src/tracks/messages.ts'
import type { CapturePool } from '../../../src/tracks/pool.ts'
import { harm, mortalScript as script, reports, source, spec, startPool, talkInNumbers } from '../../helpers/pool.ts'

const second = 47
const sourceA = source('the-key-of-source-a')
type Target = Awaited<ReturnType<typeof startPool>>['target']

const uploadOf = (trackId: string, target: Target) =>
  ({ recordingId: 'rec_1', trackId, target, userFolder: `${trackId}/`, trackNumber: 1, notedKeys: [], format: 'm4a' as const })
const cutSpec = (trackId: string, target: Target): TrackSpec =>
  ({ ...spec(trackId), segments: { seconds: 1, epochMs: Date.now(), format: 'm4a', target, keyFolder: `${trackId}/segments/` } })

async function numbersIn (directory: string, file: UploadedFile): Promise<number[]> {
  return Array.from(mp4Frames(await readFile(join(directory, file.key))), (frame) => frame.readUInt32BE())
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number)

/** Says something into a track, and waits until all of it has arrived. @returns how many frames */
async function talk (pool: CapturePool, trackId: string, heard: ReturnType<typeof reports>, frames: number): Promise<number> {
  const losses = heard.all.filter(({ type }) => type === 'lost').length
  const talking = await talkInNumbers((await pool.expect(trackId, source(`the-key-of-${trackId}-01`))).url)
  await talking.go(frames)
  await talking.close()
  await heard.until('lost', losses + 1)
  return talking.sent
}

/** The segments that are in the spool and not among those, one call after the other. */
async function missing (pool: CapturePool, { recordingId, trackId, segments }: TrackSpec, told: number[], beforeFile?: number): Promise<number[]> {
  assert.ok(segments !== undefined)
  const { target, format, keyFolder } = segments
  const noted = [...told]
  for (;;) {
    const uploaded = await pool.uploadSegments({ recordingId, trackId, target, format, keyFolder, noted, ...beforeFile !== undefined && { beforeFile } })
    if (uploaded.length === 0) return noted.slice(told.length)
    noted.push(...uploaded.map(({ seq }) => seq))
  }
}

const told = ({ all }: ReturnType<typeof reports>) => all.flatMap((report) => report.type === 'segment' ? [report.segment] : [])

suite('tracks that go on', { concurrency: true }, () => {
  test('a track goes on at the port of the thread that died: files without a hole, every frame but those of the last second, each segment once', async (t) => {
    const { pool, folder, target, recovered } = await startPool(t, { script, threads: 2 })
    const cut = cutSpec('trk_1', target)
    const before = reports()
    await pool.open(cut, before.listener)
    const { url, port } = await pool.expect('trk_1', sourceA)
    const first = await talkInNumbers(url)
    await first.go(3 * second)
    await before.until('segment')
    assert.deepEqual([pool.portState(port), pool.portState(1)], ['up', 'none'])

    await harm(join(folder, 'spool'), { thread: 'capture-0', harm: 'exit' })
    await before.until('broken')
    assert.equal(pool.portState(port), 'down')
    await assert.rejects(pool.open({ ...cut, resumes: true }, () => undefined, { port }), { error: 'WORKER_CRASHED' })
    await recovered
    assert.equal(pool.portState(port), 'up')
    const after = reports()
    assert.deepEqual(await pool.open({ ...cut, resumes: true }, after.listener, { port }), { firstFileNumber: 2 })
    assert.equal((await pool.expect('trk_1', sourceA)).url, url)
    const further = await talkInNumbers(url)
    await further.go(2 * second)
    const early = await missing(pool, cut, told(before).map(({ seq }) => seq), 2)
    await further.go(second)
    await after.until('segment', 2)
    await further.close()
    await after.until('lost')
    await pool.finish('trk_1')
    await first.close()

    const live = [...told(before), ...told(after)].map(({ seq }) => seq)
    const rest = await missing(pool, cut, [...live, ...early])
    const all = [...live, ...early, ...rest].toSorted((a, b) => a - b)
    assert.deepEqual(all, upTo(all.length).map((index) => index + 1), 'numbered without a hole, none twice')
    assert.equal(Math.min(...told(after).map(({ seq }) => seq)), Math.max(...told(before).map(({ seq }) => seq), ...early) + 1)
    assert.ok(told(after).every(({ fileNumber }) => fileNumber === 2) && told(before).every(({ fileNumber }) => fileNumber === 1))
    const files = await pool.upload(uploadOf('trk_1', target))
    assert.deepEqual(files.map(({ fileNumber, partial, resumed }) => ({ fileNumber, partial, resumed })),
      [{ fileNumber: 1, partial: true, resumed: false }, { fileNumber: 2, partial: false, resumed: true }])
    const [kept, added] = await Promise.all(files.map((file) => numbersIn(target.directory, file)))
    assert.deepEqual(kept, upTo(kept!.length))
    assert.ok(first.sent - kept.length <= 1.1 * second, `${first.sent - kept.length} frames before its death are lost`)
    assert.deepEqual(added, upTo(further.sent))
  })

  test('a track goes on in the next process, and in the one after it, numbered on; what was just begun is no file', async (t) => {
    const first = await startPool(t, { threads: 1 })
    const spoolDir = join(first.folder, 'spool')
    const { target } = first
    const cut = cutSpec('trk_1', target)
    const seqs: number[] = []
    const sent: number[] = []
    let { pool } = first
    for (const fileNumber of [1, 2, 3]) {
      const heard = reports()
      assert.deepEqual(await pool.open({ ...cut, resumes: true }, heard.listener), { firstFileNumber: fileNumber })
      sent.push(await talk(pool, 'trk_1', heard, 2 * second))
      await heard.until('segment')
      await pool.close()
      seqs.push(...told(heard).map(({ seq }) => seq))
      const begun = join(spoolDir, 'rec_1', `trk_1-${fileNumber + 1}`)
      await writeFile(`${begun}.ndjson`, '')
      const whole = await readFile(join(spoolDir, 'rec_1', `trk_1-${fileNumber}.m4a`))
      await writeFile(`${begun}.m4a`, whole.subarray(0, whole.indexOf('moof') + 40 * fileNumber))
      pool = (await startPool(t, { threads: 1, spoolDir })).pool
    }

    assert.equal(new Set(seqs).size, seqs.length)
    const rest = await missing(pool, cut, seqs)
    const all = [...seqs, ...rest].toSorted((a, b) => a - b)
    assert.deepEqual(all, upTo(all.length).map((index) => index + 1))
    const files = await pool.upload(uploadOf('trk_1', target))
    assert.deepEqual(files.map(({ fileNumber, partial, resumed }) => ({ fileNumber, partial, resumed })),
      [1, 2, 3].map((fileNumber) => ({ fileNumber, partial: false, resumed: true })))
    for (const [index, file] of files.entries()) assert.deepEqual(await numbersIn(target.directory, file), upTo(sent[index]!))
  })

  test('only the first file of those with which a track goes on says so, and a track that has none before begins with the first', async (t) => {
    const { pool, target } = await startPool(t, { threads: 1 })
    const heard = reports()
    assert.deepEqual(await pool.open({ ...spec('trk_1'), resumes: true }, heard.listener), { firstFileNumber: 1 })
    await talk(pool, 'trk_1', heard, second)
    await pool.finish('trk_1')
    const again = reports()
    assert.deepEqual(await pool.open({ ...spec('trk_1'), resumes: true }, again.listener), { firstFileNumber: 2 })
    await talk(pool, 'trk_1', again, second)
    await talk(pool, 'trk_1', again, second)
    await pool.finish('trk_1')
    const fresh = reports()
    await pool.open(spec('trk_2'), fresh.listener)
    await talk(pool, 'trk_2', fresh, second)
    await pool.finish('trk_2')

    const resumed = async (trackId: string) => (await pool.upload(uploadOf(trackId, target))).map((file) => [file.fileNumber, file.resumed])
    assert.deepEqual(await resumed('trk_1'), [[1, true], [2, true]])
    assert.deepEqual(await resumed('trk_2'), [[1, false]])
  })

  test('a track whose earlier files cannot be read is broken, what was said by then is kept, and other tracks go on', async (t) => {
    const { pool, folder, target } = await startPool(t, { threads: 1 })
    for (let count = 1; count <= 2; count++) {
      const heard = reports()
      await pool.open({ ...spec('trk_1'), resumes: true }, heard.listener)
      await talk(pool, 'trk_1', heard, second)
      await pool.finish('trk_1')
    }
    const unreadable = join(folder, 'spool', 'rec_1', 'trk_1-1.m4a')
    await rm(unreadable)
    await mkdir(unreadable)
    const other = reports()
    await pool.open({ ...spec('trk_2'), resumes: true }, other.listener)

    const heard = reports()
    assert.deepEqual(await pool.open({ ...cutSpec('trk_1', target), resumes: true }, heard.listener), { firstFileNumber: 3 })
    const { error } = await heard.until('broken')
    await talk(pool, 'trk_2', other, second)

    assert.equal(error.name, 'SPOOL_FAILED')
    assert.match(error.message, /trk_1-1/)
    await pool.finish('trk_1')
    await pool.finish('trk_2')
    assert.equal((await pool.upload(uploadOf('trk_2', target))).length, 1)
    assert.deepEqual(heard.all.filter(({ type }) => type === 'broken').length, 1)
  })

  test('a port that somebody else has by then is given up after some tries, and another one serves', async (t) => {
    const { pool, folder, recovered, crashes } = await startPool(t, { script, threads: 1 })
    const { listener, until } = reports()
    await pool.open(spec('trk_1'), listener)
    const { port } = await pool.expect('trk_1', sourceA)

    await harm(join(folder, 'spool'), { thread: 'capture-0', harm: 'exit' })
    await until('broken')
    const squatter = createServer().listen(port, '127.0.0.1')
    await once(squatter, 'listening')
    await recovered
    await pool.open({ ...spec('trk_1'), resumes: true }, () => undefined)
    const further = await pool.expect('trk_1', sourceA)
    squatter.close()

    assert.notEqual(further.port, port)
    assert.deepEqual([pool.portState(port), pool.portState(further.port), crashes.length], ['none', 'up', 1])
    await assert.rejects(pool.open({ ...spec('trk_2'), resumes: true }, () => undefined, { port }), { error: 'WORKER_CRASHED' })
  })
})
