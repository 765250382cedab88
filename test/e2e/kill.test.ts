import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { check } from '../../bench/kill/check.ts'
import { recordAndKill } from '../../bench/kill/killed.ts'
import { temporaryFolder } from '../helpers/world.ts'

/** `npm run bench -- kill` does it longer, and with random moments. */
test('a process killed under live tracks has lost less than a second of each, and its files play', async (t) => {
  const folder = await temporaryFolder(t)
  const signal = AbortSignal.any([t.signal, AbortSignal.timeout(30_000)])
  const moments = [700, 1_900, 2_800] // before the first fragment is written, and twice amid the others

  const killed = await Promise.all(moments.map((afterMs) => recordAndKill({ spoolDir: join(folder, String(afterMs)), tracks: 20, afterMs }, { signal })))
  const [early = [], ...late] = await Promise.all(killed.map(check))

  const all = [early, ...late].flat()
  assert.equal(all.length, 60)
  assert.deepEqual(all.filter(({ faults, filled }) => faults.length > 0 || filled > 0), [])
  assert.deepEqual(all.filter(({ lostMs }) => lostMs > 1_000), [])
  assert.deepEqual(late.flat().filter(({ files, found }) => files !== 1 || found < 37), [])
})
