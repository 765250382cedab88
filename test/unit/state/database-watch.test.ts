import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { monotonicMs } from '../../../src/core/clock.ts'
import { DatabaseWatch } from '../../../src/state/database-watch.ts'
import { closeAfter } from '../../helpers/scope.ts'

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })

/** A database that answers, refuses or hangs, and a watch on it that has all the time it needs. */
function build (t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const database = { state: 'here' as 'here' | 'refuses' | 'hangs', asked: 0 }
  const answer = async (): Promise<string> => {
    database.asked++
    if (database.state === 'refuses') throw refused
    if (database.state === 'hangs') await new Promise(() => undefined)
    return 'answer'
  }
  const log: string[] = []
  const note = (_: unknown, message: string): void => { log.push(message) }
  const watch = new DatabaseWatch({ ping: answer, log: { info: note, warn: note } as never })
  closeAfter(t, () => { watch.close() })
  const pass = async (ms: number): Promise<void> => {
    t.mock.timers.tick(ms)
    for (let turns = 0; turns < 5; turns++) await turn()
  }
  return { watch, database, log, pass, answer, ended: watch.absences.reader(0) }
}

const away = { error: 'UNAVAILABLE' }

test('who asks gets the answer, or what the work throws for itself', async (t) => {
  const { watch, answer } = build(t)

  assert.equal(await watch.ask(answer), 'answer')
  await assert.rejects(watch.ask(() => Promise.reject(new Error('no such thing'))), /no such thing/)
  assert.equal(watch.isAway, false)
})

test('a database that refuses is away from the first question on, and back with the first answer', async (t) => {
  const { watch, database, log, pass, answer, ended } = build(t)
  let backs = 0
  watch.onHere(() => { backs++ })
  database.state = 'refuses'
  const beforeMs = monotonicMs()
  await assert.rejects(watch.ask(answer), away)
  await pass(0)

  assert.equal(watch.isAway, true)
  const asked = database.asked
  await assert.rejects(watch.ask(answer), away)
  assert.equal(database.asked, asked, 'nobody waits for it any more')
  database.state = 'here'
  await pass(500)
  assert.equal(await watch.ask(answer), 'answer')
  const spans = ended()
  assert.ok(spans.length === 1 && spans[0]!.fromMs >= beforeMs && spans[0]!.toMs <= monotonicMs(), JSON.stringify({ spans, beforeMs }))
  assert.deepEqual([backs, log], [1, ['the database is away', 'the database is back']])
})

test('a database that hangs is away after a while, for all who ask at once and since the first of them', async (t) => {
  const { watch, database, pass, answer, ended } = build(t)
  database.state = 'hangs'
  const beforeMs = monotonicMs()
  const asked = [watch.ask(answer), watch.ask(answer)].map((each) => assert.rejects(each, away))
  await pass(1_499)
  assert.equal(database.asked, 2)
  await pass(1)
  await Promise.all(asked)

  await assert.rejects(watch.ask(answer), away)
  assert.deepEqual([watch.isAway, database.asked], [false, 3], 'a ping decides, and until then nobody waits')
  await pass(2_000)
  assert.equal(watch.isAway, true)
  assert.ok(watch.absences.sinceMs! - beforeMs < 1, 'since it was asked, not since that was given up')
  database.state = 'here'
  await pass(500)
  assert.deepEqual([watch.isAway, ended().length], [false, 1])
})

test('work that takes too long on a database that answers is given up, and nothing was away', async (t) => {
  const { watch, pass, answer, ended } = build(t)
  let backs = 0
  watch.onHere(() => { backs++ })
  const slow = assert.rejects(watch.ask(() => new Promise(() => undefined)), away)
  await pass(1_500)
  await slow
  await pass(0)

  assert.equal(await watch.ask(answer), 'answer')
  assert.deepEqual([watch.isAway, ended(), backs], [false, [], 1])
})

test('it is found out without anybody asking, at the latest after two pings', async (t) => {
  const { watch, database, pass } = build(t)
  database.state = 'refuses'
  await pass(2_000)
  assert.equal(watch.isAway, true)
  database.state = 'hangs'
  assert.equal(await watch.look(), false, 'and who wants to know does not wait')
  await pass(500)
  database.state = 'here'
  await pass(2_000)
  await pass(500)
  assert.equal(await watch.look(), true)
  database.state = 'refuses'
  assert.equal(await watch.look(), false)
})
