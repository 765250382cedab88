import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { sentFrames } from '../helpers/frame-ledger.ts'
import { judge } from '../helpers/judge.ts'
import { playRecording } from '../helpers/judged-recording.ts'
import { scriptOf } from '../helpers/judged-script.ts'
import { startPostgres } from '../helpers/postgres.ts'
import { closeAfter } from '../helpers/scope.ts'

const { FUZZ_RUNS, FUZZ_SECONDS = '60', FUZZ_SEED } = process.env
/** In `npm test`, where a failure shall not come and go with chance: one of three speakers without a kill, two with one. */
const fixedSeeds = [22, 34, 37]
/** Recordings at a time. A good part of each is waiting. */
const atOnce = 3

const postgres = FUZZ_SEED === undefined || Number(FUZZ_SEED) % 2 !== 0 ? await startPostgres() : undefined
if (postgres !== undefined) closeAfter({ after }, () => postgres.stop())

// Real time, so beside one another
suite('whatever happens, a recording is what was said', { concurrency: atOnce }, () => {
  const until = performance.now() + Number(FUZZ_SECONDS) * 1000
  for (const seed of seeds()) {
    const kind = seed % 2 === 0 ? 'PGlite' : 'PostgreSQL'
    test(`seed ${seed} (${kind})`, async (t) => {
      if (FUZZ_RUNS !== undefined && performance.now() > until) {
        t.skip('the time is over')
        return
      }
      const script = scriptOf(seed)
      const evidence = await playRecording(t, script, kind === 'PGlite' ? undefined : await postgres?.createDatabase(`judged_${Math.abs(seed)}`))
      const received = [...sentFrames(evidence.ledger).values()].filter(({ fate }) => fate === 'received')

      assert.deepEqual(judge(evidence), [], JSON.stringify(script))
      if (seed === fixedSeeds[0]) assert.ok(received.length > 100, `${received.length} frames were surely received`)
    })
  }
})

/** `npm run fuzz` takes others each time, as many as there is time for; `FUZZ_SEED` makes one happen again. */
function seeds (): number[] {
  if (FUZZ_SEED !== undefined) return [Number(FUZZ_SEED)]
  if (FUZZ_RUNS === undefined) return fixedSeeds
  const first = Date.now() % 1_000_000_000
  return Array.from({ length: fixedSeeds.length * Number(FUZZ_RUNS) }, (_, index) => first + index)
}
