import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { readJournaled } from '../../src/rooms/journaled-event.ts'
import { EventJournal } from '../../src/spool/event-journal.ts'
import { runs } from '../helpers/fuzz.ts'

const folder = mkdtempSync(join(tmpdir(), 'roomtape-event-journal-'))
after(() => { rmSync(folder, { recursive: true, force: true }) })
const path = join(folder, 'event-journal.jsonl')
const log = { warn: () => undefined } as never

const events = Array.from({ length: 12 }, (_, n) => JSON.stringify({ n, text: `\n${'{"sha256":"'.repeat(n)}` }))
const written = await writtenBy(events)

async function writtenBy (all: readonly string[]): Promise<Buffer> {
  rmSync(path, { force: true })
  const journal = await EventJournal.open(folder, { log })
  for (const event of all) await journal.add(event)
  await journal.close()
  return readFileSync(path)
}

/** What a journal of these bytes holds, also of what is added to it then. */
async function heldBy (bytes: Uint8Array, added: readonly string[] = []): Promise<string[]> {
  writeFileSync(path, bytes)
  const journal = await EventJournal.open(folder, { log })
  for (const event of added) await journal.add(event)
  const held: string[] = []
  for (let json = await journal.first(); json !== undefined; json = await journal.first()) {
    held.push(json)
    await journal.removeFirst()
  }
  await journal.close()
  assert.equal(readFileSync(path).length === 0 || held.length === 0, true)
  return held
}

test('whatever bytes are in its place, they are no events, and what is added then is kept', async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (bytes) => {
    assert.deepEqual(await heldBy(bytes, events.slice(0, 2)), events.slice(0, 2))
  }), runs(200))
})

test('cut at any byte it holds what was whole, and what is added then', async () => {
  const ends = [...written.entries()].flatMap(([at, byte]) => byte === 0x0a && written[at - 1] === 0x7d ? [at] : [])
  await fc.assert(fc.asyncProperty(fc.nat({ max: written.length }), async (length) => {
    const whole = events.slice(0, ends.filter((end) => end <= length).length)
    assert.deepEqual(await heldBy(written.subarray(0, length), ['"more"']), [...whole, '"more"'])
  }), runs(200))
})

test('with bytes changed, put in and cut out it holds events that were written, each in its order, and all whose lines are as they were', async () => {
  const change = fc.record({ at: fc.nat({ max: written.length - 1 }), cut: fc.nat({ max: 40 }), put: fc.uint8Array({ maxLength: 40 }) })
  await fc.assert(fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
    const bytes = changes.reduce<Buffer>((all, { at, cut, put }) => Buffer.concat([all.subarray(0, at), put, all.subarray(at + cut)]), written)
    const held = await heldBy(bytes)

    assert.deepEqual(held, events.filter((event) => held.includes(event)))
    assert.ok(held.length >= events.length - 3 * 2, `${held.length} are left`)
  }), runs(200))
})

test('what is whole and no event of this version is refused, never taken for another', async () => {
  await fc.assert(fc.asyncProperty(fc.json(), async (json) => {
    assert.throws(() => readJournaled(json), { name: 'RoomtapeError' })
  }), runs(300))
})
