import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordingEnded } from '../../../src/callback/events/recording-ended.ts'
import { templateBody } from '../../../src/callback/template.ts'
import type { FileRow } from '../../../src/state/tracks.ts'
import { asEvent } from '../../helpers/events.ts'
import { recording, track } from '../../helpers/plan-states.ts'

const verdict = { status: 'Completed', incomplete: false, warnings: [], message: '', skipped: [], skippedCount: 0, blind: [] } as const

/** The end of a recording with so many files, and one track that could not be stored. */
function endOf (fileCount: number, change: Parameters<typeof recording>[0] = {}) {
  const files = Array.from({ length: fileCount }, (_, index): FileRow & { userId: string, label: string } => ({
    trackId: `trk_${index}`,
    part: 1,
    userId: `anchor_${index}`,
    label: 'strict',
    key: `lessons/${index}/track.m4a`,
    url: `https://audio-1250000000.cos.ap-guangzhou.myqcloud.com/lessons/${index}/track.m4a`,
    bytes: 1,
    sha256: 'ab'.repeat(32),
    startMs: 2,
    endMs: 3,
    durationMs: 1,
    gapMs: 0,
    gaps: [],
    trims: [],
    frames: 1,
    sampleRate: 48_000,
    channels: 1,
    partial: false,
    resumed: false
  }))
  const refused = track('trk_refused', 'refused', { message: 'the bucket refused it', closedMs: 2 })
  return recordingEnded({ recording: recording({ reason: 'RoomDismissed', endedMs: 3, ...change }), verdict: { ...verdict, warnings: [], skipped: [], blind: [] }, tracks: [refused], files }, 5)
}

test('the serverless template gets its five fields alone: ids as text, empty when they are unused', () => {
  const { options } = recording()
  const named = templateBody(JSON.stringify(endOf(1)))
  const { strRoomId: _, ...rest } = options
  const numbered = templateBody(JSON.stringify(endOf(0, { sdkAppId: 1_400_000_001, options: { ...rest, roomId: 4_294_967_295 } })))

  assert.equal(named, JSON.stringify({
    SdkAppId: '1',
    RoomId: '',
    StrRoomId: 'room',
    UserId: 'recorder',
    Files: [
      { UserId: 'anchor_0', RecordFile: 'https://audio-1250000000.cos.ap-guangzhou.myqcloud.com/lessons/0/track.m4a', Status: 1, Message: '' },
      { UserId: 'refused', RecordFile: '', Status: 0, Message: 'the bucket refused it' }
    ]
  }))
  assert.deepEqual(JSON.parse(numbered), {
    SdkAppId: '1400000001',
    RoomId: '4294967295',
    StrRoomId: '',
    UserId: 'recorder',
    Files: [{ UserId: 'refused', RecordFile: '', Status: 0, Message: 'the bucket refused it' }]
  })
})

test('an end with thousands of files names them all, beyond 1 MiB by the members of the seed alone', () => {
  const some = endOf(2_000)
  const many = endOf(10_000)

  for (const event of [some, many]) asEvent(event)
  assert.ok(Buffer.byteLength(JSON.stringify(some.Files)) < 1024 * 1024)
  assert.deepEqual([some.Files.length, some.Files[0]?.Sha256], [2_001, 'ab'.repeat(32)])
  assert.deepEqual([many.Files.length, many.Files[0]], [10_001, {
    UserId: 'anchor_0', RecordFile: 'https://audio-1250000000.cos.ap-guangzhou.myqcloud.com/lessons/0/track.m4a', Status: 1, Message: ''
  }])
  assert.deepEqual((JSON.parse(templateBody(JSON.stringify(many))) as { Files: unknown }).Files, many.Files)
})
