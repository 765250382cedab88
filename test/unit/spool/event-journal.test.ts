import assert from 'node:assert/strict'
import { appendFile, open, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { EventJournal } from '../../../src/spool/event-journal.ts'
import { beforeDatasync } from '../../helpers/failing-disk.ts'
import { closeAfter } from '../../helpers/scope.ts'
import { temporaryFolder } from '../../helpers/world.ts'

const fileName = 'event-journal.jsonl'
const full = { error: 'SPOOL_FAILED', message: 'the event journal is full' }

interface Opened { journal: EventJournal, warnings: object[] }

async function openJournal (t: TestContext, folder: string, maxBytes?: number): Promise<Opened> {
  const warnings: object[] = []
  const log = { warn: (what: object) => { warnings.push(what) } } as never
  const journal = await EventJournal.open(folder, { log, ...maxBytes !== undefined && { maxBytes } })
  closeAfter(t, () => journal.close())
  return { journal, warnings }
}

/** Takes everything out. */
async function rest (journal: EventJournal): Promise<string[]> {
  const all: string[] = []
  for (let json = await journal.first(); json !== undefined; json = await journal.first()) {
    all.push(json)
    await journal.removeFirst()
  }
  return all
}

const events = Array.from({ length: 20 }, (_, n) => JSON.stringify({ n, text: 'ü\n"{}'.repeat(n) }))

test('events come out in their order, and the file is empty when all are out', async (t) => {
  const folder = await temporaryFolder(t)
  const { journal } = await openJournal(t, folder)
  await Promise.all(events.slice(0, 10).map((event) => journal.add(event)))
  for (const event of events.slice(10)) await journal.add(event)

  assert.equal(journal.size, 20)
  assert.equal(await journal.first(), events[0])
  assert.deepEqual(await rest(journal), events)
  assert.deepEqual([journal.size, (await stat(join(folder, fileName))).size], [0, 0])
  await journal.add('7')
  assert.deepEqual(await rest(journal), ['7'])
})

test('the owner alone may read it, and each line is JSON', async (t) => {
  const folder = await temporaryFolder(t)
  const { journal } = await openJournal(t, folder)
  for (const event of events) await journal.add(event)

  assert.equal((await stat(join(folder, fileName))).mode & 0o777, 0o600)
  const lines = (await readFile(join(folder, fileName), 'utf8')).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as { of: unknown })
  assert.deepEqual(lines.map((line) => line.of), events.map((event) => JSON.parse(event) as unknown))
})

test('what was not taken out is there after a crash, in its order, and more can be added', async (t) => {
  const folder = await temporaryFolder(t)
  const { journal } = await openJournal(t, folder)
  for (const event of events) await journal.add(event)
  await journal.removeFirst()

  const { journal: again, warnings } = await openJournal(t, folder)
  await again.add('"more"')
  const { journal: third } = await openJournal(t, folder)
  assert.deepEqual(await rest(third), [...events, '"more"'], 'what was taken out before the last was may come twice')
  assert.deepEqual(warnings, [])
})

test('an event is on the disk before it counts as added, and those that come meanwhile go there together', async (t) => {
  const { journal } = await openJournal(t, await temporaryFolder(t))
  const { promise: disk, resolve: release } = Promise.withResolvers<undefined>()
  const datasync = await beforeDatasync(() => disk)
  t.after(() => { datasync.restore() })
  let added = 0
  const adding = events.map((event) => journal.add(event).then(() => { added++ }))
  while (datasync.callCount() === 0) await new Promise(setImmediate)

  assert.deepEqual([added, journal.size], [0, 0])
  const more = journal.add('"more"')
  release(undefined)
  await Promise.all([...adding, more])
  assert.ok(datasync.callCount() <= 3, `${datasync.callCount()} times`)
  assert.deepEqual(await rest(journal), [...events, '"more"'])
})

test('a torn end and damaged lines are left out with a warning, and cost no other line', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, fileName)
  const { journal } = await openJournal(t, folder)
  for (const event of events) await journal.add(event)
  const bytes = await readFile(path)
  const starts = [...bytes.entries()].flatMap(([at, byte]) => byte === 0x0a && bytes[at + 1] === 0x7b ? [at + 1] : [])
  bytes[starts[7]! + 60]! ^= 1
  bytes[starts[12]! - 1]! ^= 1 // the line break before it: it stands alone by the one before
  await writeFile(path, bytes.subarray(0, -3))

  const { journal: torn, warnings } = await openJournal(t, folder)
  await torn.add('"more"')
  assert.equal(warnings.length, 1)
  assert.partialDeepStrictEqual(warnings[0], { path, damaged: 3 })
  assert.deepEqual(await rest(torn), [...events.filter((_, n) => n !== 7 && n !== 12 && n !== 19), '"more"'])
})

test('a line that is damaged while the journal is open is left out as well', async (t) => {
  const folder = await temporaryFolder(t)
  const { journal, warnings } = await openJournal(t, folder)
  for (const event of events.slice(0, 3)) await journal.add(event)
  await using file = await open(join(folder, fileName), 'r+')
  await file.write('XX', 70)

  assert.deepEqual(await rest(journal), events.slice(1, 3))
  assert.equal(warnings.length, 1)
})

test('when it is full events are refused, those that are being written counted in, until it has been emptied', async (t) => {
  const { journal } = await openJournal(t, await temporaryFolder(t), 1_000)
  const event = JSON.stringify('x'.repeat(200))
  const added = await Promise.allSettled(Array.from({ length: 6 }, () => journal.add(event)))

  assert.deepEqual(added.map(({ status }) => status), ['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected', 'rejected'])
  await assert.rejects(journal.add(event), full)
  await journal.removeFirst()
  await assert.rejects(journal.add(event), full)
  assert.equal((await rest(journal)).length, 2)
  await journal.add(event)
})

test('a disk that fails refuses what it was to write and no more', async (t) => {
  const folder = await temporaryFolder(t)
  const { journal } = await openJournal(t, folder)
  await journal.add('1')
  const datasync = await beforeDatasync(async () => { throw new Error('no space') })
  await assert.rejects(journal.add('"a longer one that fails"'), { error: 'SPOOL_FAILED', message: /no space/ })
  datasync.restore()
  await journal.add('3')

  const { journal: again, warnings } = await openJournal(t, folder)
  assert.deepEqual(await rest(again), ['1', '3'])
  assert.deepEqual(warnings, [])
})

test('a file that somebody has removed takes nothing more; when all is out of it another is begun', async (t) => {
  const folder = await temporaryFolder(t)
  const { journal } = await openJournal(t, folder)
  await journal.add('1')
  await rm(join(folder, fileName))

  await assert.rejects(journal.add('2'), { error: 'SPOOL_FAILED' })
  assert.deepEqual(await rest(journal), ['1'])
  await journal.add('3')
  const { journal: again } = await openJournal(t, folder)
  assert.deepEqual(await rest(again), ['3'])
})

test('an event that is put aside is out of it, and in a file beside', async (t) => {
  const folder = await temporaryFolder(t)
  const { journal } = await openJournal(t, folder)
  for (const event of events.slice(0, 2)) await journal.add(event)
  await journal.refuseFirst(events[0]!)

  assert.deepEqual(await rest(journal), events.slice(1, 2))
  assert.match(await readFile(join(folder, 'event-journal-refused.jsonl'), 'utf8'), /"of":\{"n":0,/)
})

test('a file of another kind is left out line by line', async (t) => {
  const folder = await temporaryFolder(t)
  await appendFile(join(folder, fileName), 'hello\n{"sha256":"","of":{}}\n')
  const { journal, warnings } = await openJournal(t, folder)

  assert.equal(await journal.first(), undefined)
  assert.partialDeepStrictEqual(warnings, [{ damaged: 2 }])
})
