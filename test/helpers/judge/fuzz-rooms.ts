import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { test, type TestContext } from 'node:test'
import { startPostgres } from '../postgres.ts'
import { closeAfter, type Scope } from '../scope.ts'
import type { Evidence } from './evidence.ts'
import { faults, type Fault } from './faults.ts'
import { publishersLateMs, sentFrames } from './frame-ledger.ts'
import { judge } from './judge.ts'
import { playRound, type RoundEvidence } from './judged-round.ts'
import { roundOf, type RoundScript, type RoundSize } from './judged-script.ts'

type Kind = 'PostgreSQL' | 'PGlite'

export interface FuzzRoomsOptions {
  /** One in which every fault happens, which is held to it: a failure shall not come and go with chance. `FUZZ_SEED` takes its place. */
  seed: number
  size: RoundSize
  /** Each seed is played on these, one after the other. */
  kinds: readonly Kind[]
}

// FUZZ_LOG: path by which files begin that say what was done, and what the gateway wrote
const { FUZZ_SECONDS = '0', FUZZ_SEED, FUZZ_LOG } = process.env
/** Publishers may be so late: what is then wrong is not the gateway's fault. */
const mostLateMs = 150
/** How often a round is played whose publishers are late. */
const tries = 3

/**
 * Plays whole recordings and judges them, in real time, by real RTMP. `FUZZ_SECONDS` has it go on with other seeds for so long; each is printed, and
 * `FUZZ_SEED` makes it happen again.
 */
export function fuzzRooms ({ seed, size, kinds }: FuzzRoomsOptions): void {
  // A round may be played three times, and seeds go on: whoever runs this limits it
  test('whatever happens, recordings are what was said', { timeout: Infinity }, async (t) => {
    const postgres = kinds.includes('PostgreSQL') ? await startPostgres() : undefined
    if (postgres !== undefined) closeAfter(t, () => postgres.stop())

    for (const each of seedsFrom(Number(FUZZ_SEED ?? seed))) {
      for (const kind of kinds) {
        await t.test(`seed ${each} (${kind})`, async (t) => {
          const script = roundOf(each, size)
          const database = async (attempt: number): Promise<string | undefined> =>
            kind === 'PGlite' ? undefined : postgres?.createDatabase(`judged_${Math.abs(each)}_${attempt}`)
          const { round, found } = await playInTime(t, async (scope, attempt) => playRound(scope, script, await database(attempt)))
          if (FUZZ_LOG !== undefined) await writeLog(`${FUZZ_LOG}-${each}-${kind}`, round)
          t.diagnostic(summaryOf(round))
          for (const [number, faults] of found.entries()) {
            await t.test(`recording ${number}`, () => { assert.deepEqual(faults, [], whatWasDone(round.recordings[number]!, script, number)) })
          }
          if (each === seed) assert.deepEqual(round.faults.missing(expectedOf(kind, size)), [], 'what did not happen')
        })
      }
    }
  })
}

/**
 * Plays a round, and judges it. What is found when publishers were late says nothing: then it is void, and is played again.
 * @returns also what is wrong with each recording
 */
async function playInTime (
  t: TestContext, play: (scope: Scope, attempt: number) => Promise<RoundEvidence>
): Promise<{ round: RoundEvidence, found: string[][] }> {
  for (let attempt = 1; ; attempt++) {
    await using around = new AsyncDisposableStack()
    const round = await play({ after: (release) => { around.defer(release) } }, attempt)
    const lateMs = Math.round(publishersLateMs(round.recordings.map(({ ledger }) => ledger)))
    const found = round.recordings.map(judge)
    t.diagnostic(`publishers were late by ${lateMs} ms`)
    if (lateMs <= mostLateMs || found.every((faults) => faults.length === 0)) return { round, found }
    t.diagnostic(`so nothing is known of: ${found.flat().join('; ')}`)
    assert.ok(attempt < tries, `publishers were late ${tries} times, by ${lateMs} ms at last`)
  }
}

/** All that helps to see why. */
function whatWasDone (evidence: Evidence, { recordings, incidents, bucketAway }: RoundScript, number: number): string {
  const { recordingId, ledger: { absences, outages, stalls } } = evidence
  return JSON.stringify({ recordingId, ...recordings[number], incidents, bucketAway, absences, outages, stalls })
}

function expectedOf (kind: Kind, { without = [] }: RoundSize): Fault[] {
  const left: Fault[] = []
  if (kind === 'PGlite' || without.includes('database')) left.push('database away')
  if (without.includes('clock')) left.push('clock set')
  return faults.filter((fault) => !left.includes(fault))
}

function summaryOf ({ recordings, faults }: RoundEvidence): string {
  const sent = recordings.flatMap(({ ledger }) => [...sentFrames(ledger).values()])
  const count = (what: (evidence: Evidence) => number): number => recordings.reduce((sum, evidence) => sum + what(evidence), 0)
  return `${sent.length} frames, ${sent.filter(({ fate }) => fate === 'received').length} of them surely received; ` +
    `${count(({ heard }) => heard.length)} events, ${count(({ tasks }) => tasks.length)} relays, ${count(({ detail }) => detail.Files.length)} files; ` +
    `${count(({ detail }) => Number(detail.Status === 'Failed'))} failed, ${count(({ detail }) => Number(detail.Incomplete))} incomplete; ${String(faults)}`
}

async function writeLog (path: string, { recordings, log }: RoundEvidence): Promise<void> {
  // Of what was sent in a recording there is too much to read
  const withoutFrames = (name: string, value: unknown): unknown => name === 'frames' ? undefined : value
  await writeFile(`${path}.ndjson`, log.join('\n'))
  await writeFile(`${path}.json`, JSON.stringify(recordings.map(({ objects, ...evidence }) => evidence), withoutFrames))
}

function * seedsFrom (first: number): Generator<number> {
  const untilMs = performance.now() + Number(FUZZ_SECONDS) * 1000
  yield first
  while (performance.now() < untilMs) yield Date.now() % 1_000_000_000
}
