import { randomUUID } from 'node:crypto'
import type { TestContext } from 'node:test'
import type { Insertable } from 'kysely'
import { pino } from 'pino'
import { callbackPolicy, guardedDispatcher } from '../../src/callback/address-guard.ts'
import { sealEndpointSecrets } from '../../src/callback/endpoint-secrets.ts'
import type { CallbackEvent } from '../../src/callback/events.ts'
import { Outbox, type Told } from '../../src/callback/outbox.ts'
import { endpointUrlContext, tenantSecretContext } from '../../src/callback/seal-contexts.ts'
import { Sender, type SenderDeps } from '../../src/callback/sender.ts'
import { mintSecret } from '../../src/callback/signature.ts'
import { systemClock } from '../../src/core/clock.ts'
import { newId } from '../../src/core/ids.ts'
import { createSeal, type Seal } from '../../src/core/seal.ts'
import { putApp } from '../../src/state/apps.ts'
import type { Connection } from '../../src/state/database.ts'
import { insertRecording } from '../../src/state/recordings.ts'
import { insertTenant } from '../../src/state/tenants.ts'
import type { Tables } from '../../src/state/tables.ts'
import { noClock } from './no-clock.ts'
import { closeAfter } from './scope.ts'

export interface Callbacks {
  kysely: Connection
  seal: Seal
  outbox: Outbox
  sender: Sender
  /** Tenant `ten_1` has it. */
  secret: string
  /** Makes a tenant, with an app of the same number. @returns its secret */
  tenant: (id: string, sdkAppId: number) => Promise<string>
  /** Makes an endpoint of `ten_1`, unless another tenant is named. @returns its id and secret */
  endpoint: (url: string, columns?: Partial<Insertable<Tables['endpoints']>>) => Promise<{ id: string, secret: string }>
  /** Makes a recording that has ended, and tells of that. */
  end: (callback?: string | Partial<Told>) => Promise<EndEvent>
  /** Tells of events in one transaction. */
  tell: (...told: Array<Partial<Told> & Pick<Told, 'event'>>) => Promise<void>
}

export type EndEvent = Extract<CallbackEvent, { Type: 'recording.completed' | 'recording.failed' }>

/** A tenant, the outbox and a sender that runs, on a database of which nothing else is used. */
export async function startCallbacks (t: TestContext, kysely: Connection, deps: Partial<SenderDeps> = {}): Promise<Callbacks> {
  const seal = createSeal(Buffer.alloc(32, 7))
  const log = pino({ level: 'silent' })
  const outbox = new Outbox({ kysely, seal, onCommitted: (endpoints) => { sender.wake(endpoints) } })
  const dispatcher = guardedDispatcher(callbackPolicy(['127.0.0.1']))
  closeAfter(t, () => dispatcher.destroy())
  const sender = new Sender({
    kysely, seal, dispatcher, outbox, clock: systemClock, log, processId: newId('process'), userAgent: 'Roomtape/test', mayWork: () => true, ...deps
  })
  closeAfter(t, () => sender.close())
  await sender.start()

  async function tenant (id: string, sdkAppId: number): Promise<string> {
    const secret = mintSecret()
    await insertTenant(kysely, { id, name: id, sealedCallbackSecret: seal.seal(secret, tenantSecretContext(id)), createdMs: 1 })
    await putApp(kysely, seal, { sdkAppId, tenantId: id, engine: 'relay', callbackKey: 'key', createdMs: 1, updatedMs: 1 })
    return secret
  }
  const secret = await tenant('ten_1', 1)
  const tell: Callbacks['tell'] = (...told) => outbox.transaction(async (transaction, say) => {
    for (const each of told) say({ tenantId: 'ten_1', ...each })
  })
  return {
    kysely,
    seal,
    outbox,
    sender,
    secret,
    tenant,
    async endpoint (url, columns = {}) {
      const id = newId('ep')
      const secret = mintSecret()
      await kysely.insertInto('endpoints').values({
        id,
        tenantId: 'ten_1',
        sealedUrl: seal.seal(url, endpointUrlContext(id)),
        sealedSecrets: sealEndpointSecrets(seal, id, [{ secret }]),
        types: '["*"]',
        filters: '{}',
        createdMs: 1,
        updatedMs: 1,
        ...columns
      }).execute()
      return { id, secret }
    },
    async end (callback) {
      const told = typeof callback === 'string' ? { callback: { url: callback, format: 'full' as const } } : callback ?? {}
      const tenantId = told.tenantId ?? 'ten_1'
      const id = newId('rec')
      const { sdkAppId } = await kysely.selectFrom('apps').select('sdkAppId').where('tenantId', '=', tenantId).executeTakeFirstOrThrow()
      await insertRecording(kysely, {
        id,
        tenantId,
        sdkAppId,
        roomKey: 's:room',
        userId: id,
        jobId: randomUUID(),
        options: { strRoomId: 'room', subscribe: {}, policies: [], fillGaps: true, maxDurationSeconds: 60, maxIdleSeconds: 60, metadata: {} },
        sealedSecrets: 'sealed',
        createdMs: 1,
        ...noClock
      })
      const event = endEvent(id)
      await tell({ event, ...told })
      return event
    },
    tell
  }
}

export function endEvent (recordingId: string): EndEvent {
  return {
    Id: newId('evt'),
    Type: 'recording.completed',
    TimestampMs: Date.now(),
    SchemaVersion: 1,
    SdkAppId: 1,
    RoomId: 0,
    StrRoomId: 'room',
    UserId: 'recorder',
    RecordingId: recordingId,
    Reason: 'StopRequested',
    Message: '',
    StartMs: 1,
    EndMs: 2,
    Files: [],
    TimelineFile: '',
    Incomplete: false,
    Warnings: [],
    Skipped: [],
    SkippedCount: 0,
    Blind: [],
    Metadata: { text: '课堂' }
  }
}

/** A segment of `anchor`, unless another user is named. */
export function segmentEvent (recordingId: string, { userId = 'anchor', label = '' } = {}): CallbackEvent {
  const { Id, TimestampMs, SchemaVersion, SdkAppId, RoomId, StrRoomId, UserId, RecordingId, Metadata } = endEvent(recordingId)
  return {
    ...{ Id, TimestampMs, SchemaVersion, SdkAppId, RoomId, StrRoomId, UserId, RecordingId, Metadata },
    Type: 'segment.uploaded',
    Segment: {
      UserId: userId,
      TrackId: 'trk_1',
      Seq: 1,
      StartMs: 0,
      EndMs: 2_000,
      DurationMs: 2_000,
      GapMs: 0,
      Bytes: 1,
      Sha256: '',
      Codec: 'aac',
      SampleRate: 48_000,
      Channels: 1,
      Partial: false,
      Bucket: '',
      Key: 'k',
      RecordFile: 'f',
      Label: label
    }
  }
}
