import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { FragmentBuffers, Mp4Writer } from '../../../src/media/mp4-writer.ts'
import { loadClip } from '../../../src/sandbox/audio/clips.ts'
import { SpoolDirectory } from '../../../src/spool/directory.ts'
import { readJournal } from '../../../src/spool/journal.ts'
import { nextFileNumber, removeJustBegun } from '../../../src/spool/just-begun.ts'
import { salvage } from '../../../src/spool/salvage.ts'
import { createSpoolFile } from '../../../src/spool/writer.ts'

const clip = loadClip('low')
const startMs = 1_767_225_600_000
const track = { recordingId: 'rec_1', trackId: 'trk_1' }

function spoolIn (t: TestContext): SpoolDirectory {
  const directory = mkdtempSync(join(tmpdir(), 'spool-'))
  t.after(() => { rmSync(directory, { recursive: true }) })
  return new SpoolDirectory(directory)
}

/** Writes a file as a crash would leave it. @returns where its first fragment begins and ends */
async function leave (spool: SpoolDirectory, fileNumber: number, { trackId = 'trk_1', resumed = false } = {}): Promise<{ header: number, first: number }> {
  const file = await createSpoolFile(spool, { ...track, trackId, fileNumber, userId: 'anna', startMs, fillGaps: true, resumed })
  const writer = new Mp4Writer(clip.config, new FragmentBuffers())
  await file.append(writer.header)
  for (const frame of clip.frames.slice(0, 37)) writer.add(frame, 0, frame.length)
  const fragment = writer.takeFragment()!
  await file.append(fragment)
  await file.close()
  return { header: writer.header.length, first: writer.header.length + fragment.length }
}

test('a track goes on with the number after its last file, whoever else has files of the recording', async (t) => {
  const spool = spoolIn(t)
  assert.equal(await nextFileNumber(spool, track), 1)
  for (const fileNumber of [1, 2, 10]) await leave(spool, fileNumber)
  await leave(spool, 11, { trackId: 'trk_1-1' })
  await leave(spool, 12, { trackId: 'trk_2' })

  assert.equal(await nextFileNumber(spool, track), 11)
  assert.equal((await spool.list('rec_1')).length, 5, 'nothing was removed')
})

test('a last file without a whole fragment is removed wherever it was cut, and its number used again; one whole fragment is enough', async (t) => {
  const spool = spoolIn(t)
  const { header, first } = await leave(spool, 1)
  for (const bytes of [0, 1, header - 1, header, header + 1, first - 1]) {
    await leave(spool, 2)
    truncateSync(spool.path({ ...track, fileNumber: 2 }), bytes)

    assert.equal(await nextFileNumber(spool, track), 2, `${bytes} bytes`)
    assert.equal((await spool.list('rec_1')).length, 1)
    assert.equal(existsSync(spool.path({ ...track, fileNumber: 2 })), false)
  }
  await leave(spool, 2)

  assert.equal(await nextFileNumber(spool, track), 3)
})

test('several such files in a row are removed, a journal without audio among them, and none before a whole one', async (t) => {
  const spool = spoolIn(t)
  await leave(spool, 1)
  truncateSync(spool.path({ ...track, fileNumber: 1 }), 700)
  await leave(spool, 2)
  for (const fileNumber of [3, 4]) await leave(spool, fileNumber)
  rmSync(spool.path({ ...track, fileNumber: 3 }))
  truncateSync(spool.path({ ...track, fileNumber: 4 }), 10)

  assert.equal(await nextFileNumber(spool, track), 3)
  assert.deepEqual((await spool.list('rec_1')).map(({ fileNumber }) => fileNumber), [1, 2])
})

test('a large file without a whole fragment is damaged rather than just begun: it is kept, and the track goes on after it', async (t) => {
  const spool = spoolIn(t)
  const key = { ...track, fileNumber: 1 }
  await leave(spool, 1)
  writeFileSync(spool.path(key), Buffer.alloc(65_536))

  assert.equal(await removeJustBegun(spool, key), false)
  assert.equal(await nextFileNumber(spool, track), 2)
  assert.equal(readFileSync(spool.path(key)).length, 65_536)
})

test('that a track was gone on with is known of a file that was finished, and of one that was salvaged; of an older version\'s it is not so', async (t) => {
  const spool = spoolIn(t)
  const key = { ...track, fileNumber: 2 }
  await leave(spool, 2, { resumed: true })

  const salvaged = await salvage(spool, key)
  assert.deepEqual([salvaged?.resumed, salvaged?.partial], [true, true])
  const journal = readFileSync(spool.journalPath(key), 'utf8')
  assert.match(journal, /"resumed":true/)
  const { resumed: _, fileNumber, ...former } = salvaged!
  const bytes = readFileSync(spool.path(key)).length
  const closed = (summary: object): string => JSON.stringify({ type: 'closed', bytes, summary: { part: fileNumber, ...former, ...summary } }) + '\n'
  writeFileSync(spool.journalPath(key), journal + closed({ partial: false, resumed: true }))
  assert.deepEqual(await salvage(spool, key), { ...salvaged, partial: false })

  const old = journal.replace(',"resumed":true', '')
  writeFileSync(spool.journalPath(key), old)
  assert.equal((await salvage(spool, key))?.resumed, false)
  writeFileSync(spool.journalPath(key), old + closed({ partial: false }))
  assert.deepEqual(await salvage(spool, key), { ...salvaged, partial: false, resumed: false })
  await leave(spool, 3)
  assert.doesNotMatch(readFileSync(spool.journalPath({ ...track, fileNumber: 3 }), 'utf8'), /resumed/, 'as an older version reads it')
  assert.equal((await readJournal(spool.journalPath(key))).closed?.summary.resumed, false)
})
