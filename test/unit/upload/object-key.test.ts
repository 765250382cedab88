import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fileKeyStem, segmentKeyFolder, timelineKey, trackFolder, type TrackPlace } from '../../../src/upload/object-key.ts'

const place: TrackPlace = {
  path: 'lessons', sdkAppId: 1_400_000_001, roomId: 'room-7f3a', recordingId: 'rec_1', keyVersion: 2, userId: 'anna', number: 1
}

interface FileOf { userId: string, number: number, fileNumber: number }

const keyOf = ({ userId, number, fileNumber }: FileOf): string => fileKeyStem(trackFolder({ ...place, userId, number }), fileNumber)

test('plain ids stand in keys as they are, and the first file has no number', () => {
  assert.equal(keyOf({ userId: 'anna_1-x', number: 1, fileNumber: 1 }), 'lessons/1400000001/room-7f3a/rec_1/anna_1-x/track')
  assert.equal(keyOf({ userId: 'anna', number: 1, fileNumber: 2 }), 'lessons/1400000001/room-7f3a/rec_1/anna/track-1-2')
  assert.equal(keyOf({ userId: 'anna', number: 2, fileNumber: 1 }), 'lessons/1400000001/room-7f3a/rec_1/anna/track-2-1')
  assert.equal(segmentKeyFolder({ ...place, number: 2 }), 'lessons/1400000001/room-7f3a/rec_1/anna/segments-2/')
  assert.equal(timelineKey({ ...place, path: '' }), '1400000001/room-7f3a/rec_1/timeline.json')
})

test('an id that is escaped is nobody\'s plain id: not what base64url makes of it, nor a name of ours, however long it is', () => {
  const longest = 'x'.repeat(120)
  const folders = ['a.b', 'YS5i', '=YS5i', 'segments', 'timeline.json', '.roomtape', '..', '学生', longest, `${longest}x`, `${longest}y`].map((userId) => trackFolder({ ...place, userId }).userFolder)

  assert.equal(new Set(folders).size, folders.length)
  assert.match(folders[0]!, /\/=YS5i\/$/)
  assert.match(folders.at(-1)!, /\/==[\w-]{43}\/$/)
  for (const folder of folders) assert.ok(folder.split('/').every((segment) => Buffer.byteLength(segment) <= 255 && !['.', '..', 'segments'].includes(segment)), folder)
})

/** Ids as TRTC's rooms have them, with those that have been mistaken for one another. */
const userId = fc.oneof(
  fc.constantFrom('a.b', 'YS5i', '=YS5i', 'segments', 'track', 'track-1-2', 'timeline.json', '.roomtape', '==', '='),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 128 }),
  fc.string({ unit: fc.constantFrom('a', 'Z', '0', '_', '-', '=', '.', '/'), minLength: 1, maxLength: 128 })
)
const number = fc.oneof(fc.constantFrom(1, 2, 11, 12, 112), fc.nat({ max: 200 }).map((count) => count + 1))
const file = fc.record({ userId, number, fileNumber: number })

test('two files of a recording never have one key', () => {
  fc.assert(fc.property(file, file, (one, other) => {
    const same = one.userId === other.userId && one.number === other.number && one.fileNumber === other.fileNumber
    return (keyOf(one) === keyOf(other)) === same
  }), { numRuns: 2_000 })
})

test('two rooms of one kind never share a folder', () => {
  fc.assert(fc.property(userId, userId, (one, other) => {
    return (timelineKey({ ...place, roomId: one }) === timelineKey({ ...place, roomId: other })) === (one === other)
  }), { numRuns: 1_000 })
})

test('segments of one track never lie in the folder of another, nor where files do', () => {
  const track = fc.record({ userId, number })
  fc.assert(fc.property(track, track, file, (one, other, { userId, number, fileNumber }) => {
    const folder = segmentKeyFolder({ ...place, ...one })
    const same = one.userId === other.userId && one.number === other.number
    return (folder === segmentKeyFolder({ ...place, ...other })) === same && !keyOf({ userId, number, fileNumber }).startsWith(folder)
  }), { numRuns: 1_000 })
})

test('what is uploaded for a recording that version 0.1.0 began lies in folders that 0.1.0 made for nobody', () => {
  const folderOf010 = (id: string): string => /^[\w-]+$/.test(id) ? id : Buffer.from(id).toString('base64url')
  fc.assert(fc.property(userId, userId, (one, other) => {
    const folder = trackFolder({ ...place, keyVersion: 1, userId: one }).userFolder.split('/').at(-2)
    return folder !== folderOf010(other)
  }), { numRuns: 1_000 })
  assert.equal(timelineKey({ ...place, keyVersion: 1, roomId: 'pair.1' }), 'lessons/1400000001/cGFpci4x/rec_1/timeline.json')
})
