import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { nameCallback } from '../callback/hidden-endpoint.ts'
import type { Clock, GatewayClock } from '../core/clock.ts'
import { RoomtapeError } from '../core/errors.ts'
import { clockOf } from '../rooms/recording-clock.ts'
import { checkStart, writeRecording, type CheckStartDeps, type WriteRecordingDeps } from '../rooms/start-recording.ts'
import type { GatewayLease } from '../session/gateway-lease.ts'
import type { Sessions } from '../session/sessions.ts'
import type { Connection } from '../state/database.ts'
import type { GaveUp } from '../state/endpoint-options.ts'
import { beginPauses, endPauses, openPauses } from '../state/pauses.ts'
import { findRecording, listRecordings, recordingStatuses, requestStop, type RecordingRow } from '../state/recordings.ts'
import { buildTimeline } from '../timeline/build.ts'
import { loadTimeline } from '../timeline/load.ts'
import { Timeline } from '../timeline/schema.ts'
import { Id, pageFields, pageOf, rowsOf } from './fields.ts'
import { startOrder, type StartOrderOptions } from './start-order.ts'
import { StartRequest } from './start-request.ts'
import { readZeroValuesAsAbsent, zeroCounts } from './zero-values.ts'
import { RecordingDetail, recordingDetail, RecordingList, RecordingView, recordingView } from './views/recording.ts'

export interface RecordingRoutesOptions {
  kysely: Connection
  clock: Clock
  gatewayClock: GatewayClock
  start: CheckStartDeps & WriteRecordingDeps
  order: StartOrderOptions
  sessions: Pick<Sessions, 'requested' | 'changed'>
  lease: Pick<GatewayLease, 'confirmed'>
  /** How long after the end of a pause what arrives was said during it. */
  resumeHoldMs: number
}

const ById = Type.Object({ RecordingId: Id })

const PauseRequest = Type.Union([
  Type.Object({
    UserIds: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 128, pattern: '^[^\\u0000]*$' }), {
      minItems: 1, maxItems: 200, description: 'Whom it is about, also before they come; absent: the whole recording.'
    }))
  }, { additionalProperties: false }),
  Type.Null()
], { [zeroCounts]: true })

const StartResponse = Type.Object({
  RequestId: Type.String(),
  RecordingId: Type.String(),
  Status: Type.Enum([...recordingStatuses]),
  Message: Type.String(),
  Warnings: Type.Optional(Type.Array(Type.Object({ Code: Type.String(), UserId: Type.String(), Message: Type.String() })))
})

/** A tenant's recordings: start, list, read, stop, pause, resume. */
export async function recordingRoutes (
  scope: FastifyInstance, { kysely, clock, gatewayClock, start, order, sessions, lease, resumeHoldMs }: RecordingRoutesOptions
): Promise<void> {
  const app = scope.withTypeProvider<TypeBoxTypeProvider>()
  readZeroValuesAsAbsent(scope)

  app.post('/recordings', {
    config: { roomtapeScope: 'recordings:write' },
    schema: { summary: 'Start a recording', body: StartRequest, response: { 200: StartResponse, 202: StartResponse } }
  }, async (request, reply) => {
    if (!lease.confirmed) throw new RoomtapeError('UNAVAILABLE', 'this gateway cannot tell at present whether it is the one that works; try again')
    const answer = await checkStart(startOrder(request.body, request.roomtapeTenant.id, order), start)
    const { row, created, gaveUp } = 'running' in answer
      ? { row: answer.running, created: false, gaveUp: null }
      : await kysely.transaction().execute(async (transaction) => {
        const { tenantId, secrets: { callback } } = answer.checked
        const written = await writeRecording(transaction, answer.checked, start)
        const gaveUp = callback === undefined ? null : await nameCallback(transaction, start.seal, { tenantId, callbackUrl: callback, nowMs: clock.now() })
        return { ...written, gaveUp }
      })
    sessions.requested()
    reply.code(created ? 202 : 200).header('location', `/v1/recordings/${row.id}`).header('x-scf-reqid', request.id)
    const warnings = gaveUp === null ? {} : { Warnings: [callbackGivenUp(gaveUp)] }
    return { RequestId: request.id, RecordingId: row.id, Status: row.status, Message: 'Async run task submitted', ...warnings }
  })

  app.get('/recordings', {
    config: { roomtapeScope: 'recordings:read' },
    schema: {
      summary: 'List recordings, newest first',
      querystring: Type.Object({
        ...pageFields,
        Status: Type.Optional(Type.Enum([...recordingStatuses])),
        SdkAppId: Type.Optional(Type.Integer())
      }, { additionalProperties: false, [zeroCounts]: true }),
      response: { 200: RecordingList }
    }
  }, async ({ query, roomtapeTenant: tenant }) => {
    const { Cursor, Status, SdkAppId } = query
    const rows = await listRecordings(kysely, { tenantId: tenant.id, limit: rowsOf(query), before: Cursor, status: Status, sdkAppId: SdkAppId })
    const { page, NextCursor } = pageOf(rows, query)
    const pauses = await openPauses(kysely, page.map(({ id }) => id))
    return { Recordings: page.map((row) => recordingView(row, pauses)), NextCursor }
  })

  app.get('/recordings/:RecordingId', {
    config: { roomtapeScope: 'recordings:read' },
    schema: { summary: 'One recording with its tracks, files and callbacks', params: ById, response: { 200: RecordingDetail } }
  }, async ({ params, roomtapeTenant: tenant }) => {
    const row = owned(await findRecording(kysely, params.RecordingId), tenant.id, params.RecordingId)
    return recordingDetail(kysely, row, { nowMs: clockOf(row, gatewayClock).now(), resumeHoldMs })
  })

  app.get('/recordings/:RecordingId/timeline', {
    config: { roomtapeScope: 'recordings:read' },
    schema: { summary: 'Who was there and when, and where in which file it is heard, by what is known now', params: ById, response: { 200: Timeline } }
  }, async ({ params, roomtapeTenant: tenant }) => {
    const row = owned(await findRecording(kysely, params.RecordingId), tenant.id, params.RecordingId)
    return buildTimeline(await loadTimeline(kysely, row, { resumeHoldMs }), { nowMs: clockOf(row, gatewayClock).now(), wallMs: clock.now() })
  })

  app.post('/recordings/:RecordingId/stop', {
    config: { roomtapeScope: 'recordings:write' },
    schema: { summary: 'Stop a recording; its files follow as after any other end', params: ById, response: { 202: RecordingView } }
  }, async ({ params, roomtapeTenant: tenant }, reply) => {
    const running = owned(await findRecording(kysely, params.RecordingId), tenant.id, params.RecordingId)
    const nowMs = clockOf(running, gatewayClock).now()
    const row = owned(await requestStop(kysely, tenant.id, params.RecordingId, nowMs), tenant.id, params.RecordingId)
    sessions.changed(row.id)
    reply.code(202)
    return viewOf(row)
  })

  for (const { name, summary, change } of pausing) {
    app.post(`/recordings/:RecordingId/${name}`, {
      config: { roomtapeScope: 'recordings:write' },
      schema: { summary, params: ById, body: PauseRequest, response: { 202: RecordingView } }
    }, async ({ params, body, roomtapeTenant: tenant }, reply) => {
      const row = owned(await findRecording(kysely, params.RecordingId), tenant.id, params.RecordingId)
      if (row.endedMs !== null || row.stopRequestedMs !== null) throw new RoomtapeError('CONFLICT', `recording ${row.id} has ended: there is nothing to ${name}`)
      await change(kysely, row.id, body?.UserIds, clockOf(row, gatewayClock).now())
      sessions.changed(row.id)
      reply.code(202)
      return viewOf(row)
    })
  }

  async function viewOf (row: RecordingRow): Promise<RecordingView> {
    return recordingView(row, await openPauses(kysely, [row.id]))
  }
}

const pausing = [
  { name: 'pause', summary: 'Pause a recording or some of its speakers: nothing is kept of what they say', change: beginPauses },
  { name: 'resume', summary: 'Go on with a recording or with some of its speakers; a pause of all and one of a speaker end each for itself', change: endPauses }
]

function callbackGivenUp (reason: GaveUp) {
  const why = reason === 'gone' ? 'it answered 410' : 'it has taken nothing for five days'
  return { Code: 'CallbackGivenUp', UserId: '', Message: `what waited for this Callback was given up, since ${why}` }
}

/** The recording, if it is the tenant's own. @throws RoomtapeError NOT_FOUND, also for another tenant's */
function owned (row: RecordingRow | undefined, tenantId: string, id: string): RecordingRow {
  if (row?.tenantId !== tenantId) throw new RoomtapeError('NOT_FOUND', `there is no recording ${id}`)
  return row
}
