import { Type, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import type { Clock } from '../core/clock.ts'
import { RoomtapeError } from '../core/errors.ts'
import type { Sessions } from '../session/sessions.ts'
import type { Spools } from '../session/spools.ts'
import type { Connection } from '../state/database.ts'
import { forgetSpool, listSpools } from '../state/spools.ts'
import { SpoolView, spoolView } from './views/spool.ts'

export interface SpoolRoutesOptions {
  kysely: Connection
  clock: Clock
  spools: Pick<Spools, 'id' | 'look'>
  sessions: Pick<Sessions, 'finishSpool' | 'wakeAll'>
}

/** The operator's spools: folders in which audio waits until it is uploaded. */
export async function spoolRoutes (scope: FastifyInstance, { kysely, clock, spools, sessions }: SpoolRoutesOptions): Promise<void> {
  const app = scope.withTypeProvider<TypeBoxTypeProvider>()

  app.get('/spools', {
    schema: { summary: 'List spools, and how many tracks wait in each', response: { 200: Type.Object({ Spools: Type.Array(SpoolView) }) } }
  }, async () => {
    return { Spools: (await listSpools(kysely)).map((spool) => spoolView(spool, spools.id)) }
  })

  app.post('/spools/finish', {
    schema: {
      summary: 'Upload what lies in a spool that is mounted on the machine of this gateway',
      body: Type.Object({ Path: Type.String({ pattern: '^/', maxLength: 1024, description: 'Its folder, absolute.' }) }, { additionalProperties: false }),
      response: {
        200: Type.Object({
          SpoolId: Type.String(),
          Tracks: Type.Integer({ description: 'Tracks whose files are uploaded now.' }),
          Files: Type.Integer(),
          Events: Type.Integer({ description: 'Room events of its event journal that had not come before.' }),
          Left: Type.Integer({ description: 'Tracks that stay: of no recording that is still known, or of another spool.' })
        })
      }
    }
  }, async ({ body }) => {
    const { spoolId, tracks, files, events, left } = await sessions.finishSpool(body.Path)
    await spools.look()
    return { SpoolId: spoolId, Tracks: tracks, Files: files, Events: events, Left: left }
  })

  app.post('/spools/:SpoolId/forget', {
    schema: {
      summary: 'Wait for a spool no longer: its tracks are closed without their audio',
      params: Type.Object({ SpoolId: Type.String({ pattern: '^[\\w:-]{1,128}$' }) }),
      response: { 200: SpoolView }
    }
  }, async ({ params: { SpoolId } }) => {
    if (SpoolId === spools.id) throw new RoomtapeError('CONFLICT', `spool ${SpoolId} is the one this gateway records into`)
    if (!await forgetSpool(kysely, SpoolId, clock.now())) throw new RoomtapeError('NOT_FOUND', `there is no spool ${SpoolId}`)
    sessions.wakeAll()
    const forgotten = (await listSpools(kysely)).find(({ id }) => id === SpoolId)
    if (forgotten === undefined) throw new RoomtapeError('NOT_FOUND', `there is no spool ${SpoolId}`)
    return spoolView(forgotten, spools.id)
  })
}
