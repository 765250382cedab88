import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { Outbox } from '../../../src/callback/outbox.ts'
import type { UploadedSegment } from '../../../src/stores/uploaded.ts'
import { systemClock } from '../../../src/core/clock.ts'
import { createSeal } from '../../../src/core/seal.ts'
import { SegmentLedger } from '../../../src/session/segment-ledger.ts'
import { putApp } from '../../../src/state/apps.ts'
import { insertRecording } from '../../../src/state/recordings.ts'
import { notedSeqs } from '../../../src/state/segments.ts'
import { insertTenant } from '../../../src/state/tenants.ts'
import { insertTrack } from '../../../src/state/tracks.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { noClock } from '../../helpers/no-clock.ts'

const seal = createSeal(Buffer.alloc(32, 7))
const target = { kind: 'local', directory: '/audio', path: '' } as const

function stored (seq: number): UploadedSegment {
  return {
    seq,
    fileNumber: 1,
    firstFrame: 94 * (seq - 1),
    frames: 94,
    key: `anchor/segments/${seq}.m4a`,
    url: `file:///audio/${seq}`,
    bytes: 18_000,
    sha256: 'ab',
    startMs: 2_000 * seq,
    endMs: 2_000 * seq + 2_005,
    durationMs: 2_005,
    gapMs: 0,
    sampleRate: 48_000,
    channels: 1,
    partial: false
  }
}

onBothDatabases('segments told of while the database fails are noted when it is back, each with one event; those of a crash are stored anew', async (t, open) => {
  const database = await open(t)
  const { kysely } = database
  await insertTenant(kysely, { id: 'ten_1', name: 'school', sealedCallbackSecret: 'sealed', createdMs: 1 })
  await putApp(kysely, seal, { sdkAppId: 1, tenantId: 'ten_1', engine: 'relay', callbackKey: 'key', createdMs: 1, updatedMs: 1 })
  const { row: recording } = await insertRecording(kysely, {
    id: 'rec_1',
    tenantId: 'ten_1',
    sdkAppId: 1,
    roomKey: 's:room',
    userId: 'rec_1',
    jobId: randomUUID(),
    options: {
      keyVersion: 2, strRoomId: 'room', subscribe: {}, policies: [], fillGaps: true, segmentSeconds: 2, maxDurationSeconds: 60, maxIdleSeconds: 60, metadata: {}
    },
    sealedSecrets: 'sealed',
    createdMs: 1_767_225_600_123,
    ...noClock
  })
  const track = await insertTrack(kysely, { id: 'trk_1', recordingId: 'rec_1', userId: 'anchor', generation: 1, label: 'strict', createdMs: 1, spoolId: 'spl_1' })
  const outbox = new Outbox({ kysely, seal, onCommitted: () => undefined })
  let failures = 0
  const asked: number[][] = []
  const segments = new SegmentLedger({ recording, target, callback: { url: 'https://example.com/', format: 'full' } }, {
    kysely,
    wall: systemClock,
    log: pino({ level: 'silent' }),
    // In the middle of the transaction, as when the connection breaks
    outbox: {
      transaction: (change) => outbox.transaction((transaction, tell) => change(transaction, (told) => {
        if (failures++ === 1) throw new Error('Connection terminated')
        tell(told)
      }))
    },
    pool: {
      uploadSegments: async ({ noted }) => {
        asked.push(noted)
        return [1, 2, 3, 4].filter((seq) => !noted.includes(seq)).map(stored)
      }
    }
  }, { signal: t.signal })

  for (const seq of [1, 2, 2]) segments.uploaded(track, stored(seq))
  await segments.settled()
  const afterFailure = await notedSeqs(kysely, 'trk_1')
  const rest = await Promise.all([segments.uploadNext(track), segments.uploadNext(track)]) // each puts what the one before has left

  assert.deepEqual(segments.spec(track), {
    seconds: 2, epochMs: 1_767_225_600_123, format: 'm4a', target, keyFolder: '1/room/rec_1/anchor/segments/'
  })
  assert.deepEqual([afterFailure, failures > 2], [[1, 2], true])
  assert.deepEqual([rest, asked], [[true, false], [[1, 2], [1, 2, 3, 4]]])
  const events = await kysely.selectFrom('events').select(['type', 'body']).orderBy('id').execute()
  const told = events.map(({ type, body }) => [type, (JSON.parse(body) as { Segment: { Seq: number, Label: string } }).Segment] as const)
  assert.deepEqual(told.map(([type, { Seq, Label }]) => [type, Seq, Label]).sort(), [1, 2, 3, 4].map((seq) => ['segment.uploaded', seq, 'strict']))
})
