import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SpoolDirectory, type SpoolKey } from '../../../src/spool/directory.ts'
import { EarlierFiles } from '../../../src/tracks/earlier-files.ts'

const { signal } = new AbortController()

/** A spool whose listing takes as long as a test wants. */
class SlowSpool extends SpoolDirectory {
  readonly asked: Array<{ recordingId: string } & PromiseWithResolvers<SpoolKey[]>> = []

  constructor () { super('/nowhere') }

  override list (recordingId: string): Promise<SpoolKey[]> {
    const asked = { recordingId, ...Promise.withResolvers<SpoolKey[]>() }
    this.asked.push(asked)
    return asked.promise
  }

  async untilAsked (count: number): Promise<void> {
    while (this.asked.length < count) await new Promise(setImmediate)
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate)
    assert.equal(this.asked.length, count)
  }
}

const trackOf = (number: number) => ({ recordingId: `rec_${number}`, trackId: 'trk_1' })

test('of many tracks four are salvaged at a time, in their order, also when some fail', async () => {
  const spool = new SlowSpool()
  const earlier = new EarlierFiles(spool)
  const all = Array.from({ length: 10 }, (_, number) => earlier.salvage(trackOf(number), 2, { isCut: true, signal }))
  const settled = Promise.allSettled(all)

  for (let done = 0; done < 10; done++) {
    await spool.untilAsked(Math.min(10, done + 4))
    assert.equal(earlier.busy, true)
    if (done % 3 === 0) spool.asked[done]!.reject(new Error('the disk is gone'))
    else spool.asked[done]!.resolve([])
  }

  const results = await settled
  assert.deepEqual(spool.asked.map(({ recordingId }) => recordingId), results.map((_, number) => `rec_${number}`))
  assert.deepEqual(results.map(({ status }) => status), results.map((_, number) => number % 3 === 0 ? 'rejected' : 'fulfilled'))
  await assert.rejects(all[0]!, { error: 'SPOOL_FAILED', message: /the disk is gone/ })
  assert.equal(await all[1], 0)
  assert.equal(earlier.busy, false)
})

test('nothing is looked at before the turn is over in which a track was opened, and nothing at all for one without earlier files', async () => {
  const spool = new SlowSpool()
  const earlier = new EarlierFiles(spool)

  const salvaged = earlier.salvage(trackOf(1), 2, { isCut: true, signal })
  assert.equal(await earlier.salvage(trackOf(2), 1, { isCut: true, signal }), 0)
  await Promise.resolve()
  assert.equal(spool.asked.length, 0)
  await spool.untilAsked(1)
  spool.asked[0]!.resolve([{ ...trackOf(1), fileNumber: 2 }, { ...trackOf(1), trackId: 'trk_2', fileNumber: 1 }])

  assert.equal(await salvaged, 0, 'files of its own and of others are left alone')
})

test('a track that is over gives its turn to the next', async () => {
  const spool = new SlowSpool()
  const earlier = new EarlierFiles(spool)
  const over = new AbortController()
  const busy = [1, 2, 3, 4].map((number) => earlier.salvage(trackOf(number), 2, { isCut: true, signal }))
  const gone = earlier.salvage(trackOf(5), 2, { isCut: true, signal: over.signal })
  const next = earlier.salvage(trackOf(6), 2, { isCut: true, signal })
  await spool.untilAsked(4)

  over.abort(new Error('the track is over'))
  spool.asked[0]!.resolve([])

  await assert.rejects(gone, /the track is over/)
  await spool.untilAsked(5)
  assert.equal(spool.asked[4]!.recordingId, 'rec_6')
  spool.asked.forEach(({ resolve }) => { resolve([]) })
  await Promise.all([...busy, next])
})
