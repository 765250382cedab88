import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { after, test } from 'node:test'
import type { Evidence } from '../helpers/judge/evidence.ts'
import { sentFrames } from '../helpers/judge/frame-ledger.ts'
import { judge } from '../helpers/judge/judge.ts'
import { playRound } from '../helpers/judge/judged-round.ts'
import { roundOf, type RoundSize } from '../helpers/judge/judged-script.ts'
import { startPostgres } from '../helpers/postgres.ts'
import { closeAfter } from '../helpers/scope.ts'

// FUZZ_LOG: path by which files begin that say what was done, and what the gateway wrote
const { FUZZ_RUNS, FUZZ_SECONDS = '60', FUZZ_SEED, FUZZ_LOG } = process.env
/** In `npm test`, where a failure shall not come and go with chance: short rounds, one in which a thread dies and one in which the process does. */
const fixed = { seeds: [137, 56], size: { recordings: 3, seconds: 9 } }
/** In `npm run fuzz`. */
const whole: RoundSize = { recordings: 16, seconds: 40 }

const size = FUZZ_RUNS === undefined ? fixed.size : whole
const postgres = FUZZ_SEED === undefined || Number(FUZZ_SEED) % 2 !== 0 ? await startPostgres() : undefined
if (postgres !== undefined) closeAfter({ after }, () => postgres.stop())

const untilMs = performance.now() + Number(FUZZ_SECONDS) * 1000
for (const [index, seed] of seeds().entries()) {
  const kind = seed % 2 === 0 ? 'PGlite' : 'PostgreSQL'
  test(`whatever happens, recordings are what was said: seed ${seed} (${kind})`, async (t) => {
    // Each database has its turn
    if (FUZZ_RUNS !== undefined && index > 1 && performance.now() > untilMs) {
      t.skip('the time is over')
      return
    }
    const script = roundOf(seed, size)
    const { recordings, log } = await playRound(t, script, kind === 'PGlite' ? undefined : await postgres?.createDatabase(`judged_${Math.abs(seed)}`))
    if (FUZZ_LOG !== undefined) {
      await writeFile(`${FUZZ_LOG}-${seed}.ndjson`, log.join('\n'))
      await writeFile(`${FUZZ_LOG}-${seed}.json`, JSON.stringify(recordings.map(({ objects, ...evidence }) => evidence), withoutFrames))
    }

    const { deaths, bucketAway } = script
    for (const [number, evidence] of recordings.entries()) {
      await t.test(`recording ${number}`, () => {
        const { recordingId, ledger: { absences } } = evidence
        assert.deepEqual(judge(evidence), [], JSON.stringify({ recordingId, ...script.recordings[number], deaths, bucketAway, absences }))
      })
    }
    const sent = recordings.flatMap(({ ledger }) => [...sentFrames(ledger).values()])
    const received = sent.filter(({ fate }) => fate === 'received')
    const count = (what: (evidence: Evidence) => number): number => recordings.reduce((sum, evidence) => sum + what(evidence), 0)
    t.diagnostic(`${sent.length} frames, ${received.length} of them surely received; ${deaths.map(({ of }) => of).join(', ')} died; ` +
      `${count(({ heard }) => heard.length)} events, ${count(({ tasks }) => tasks.length)} relays, ${count(({ failedCalls }) => failedCalls.length)} failed calls; ` +
      `${count(({ detail }) => detail.Files.length)} files; ${count(({ detail }) => Number(detail.Status === 'Failed'))} failed, ` +
      `${count(({ detail }) => Number(detail.Incomplete))} incomplete`)
    assert.ok(received.length > 100, `${received.length} frames were surely received`)
  })
}

/** Of what was sent in a recording there is too much to read. */
function withoutFrames (name: string, value: unknown): unknown {
  return name === 'frames' ? undefined : value
}

/** `npm run fuzz` takes others each time, as many as there is time for; `FUZZ_SEED` makes one happen again. */
function seeds (): number[] {
  if (FUZZ_SEED !== undefined) return [Number(FUZZ_SEED)]
  if (FUZZ_RUNS === undefined) return fixed.seeds
  const first = Date.now() % 1_000_000_000
  return Array.from({ length: Number(FUZZ_RUNS) }, (_, index) => first + index)
}
