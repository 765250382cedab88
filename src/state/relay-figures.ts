import { sql } from 'kysely'
import { deafCauses } from './absences.ts'
import type { Connection } from './database.ts'
import { countStops } from './relay-tasks.ts'
import { countUnconfirmed } from './rooms.ts'

/** What is waited for, and what is not known, of all recordings. */
export interface RelayFigures {
  /** Sources of running recordings that were asked for and bring nothing now. */
  sourcesWithoutPush: number
  /** Members who may be gone though no event said so. */
  unconfirmedMembers: number
  /** Relay tasks that have to end and are not known to have. */
  stopsWaiting: number
  /** Time of the running recordings in which nobody here heard of who came and went. */
  blindMs: number
}

export async function relayFigures (db: Connection): Promise<RelayFigures> {
  const [sources, blind, unconfirmedMembers, stopsWaiting] = await Promise.all([
    db.selectFrom('sources').innerJoin('recordings', 'recordings.id', 'sources.recordingId').select((eb) => eb.fn.countAll<number>().as('count'))
      .where('recordings.endedMs', 'is', null).where('sources.stoppedMs', 'is', null)
      .where((eb) => eb.or([eb('sources.pushedMs', 'is', null), eb('sources.pushEndedMs', 'is not', null)])).executeTakeFirstOrThrow(),
    db.selectFrom('absences').innerJoin('recordings', 'recordings.id', 'absences.recordingId')
      .select(sql<number>`coalesce(sum(absences.end_ms - absences.start_ms), 0)::bigint`.as('ms'))
      .where('recordings.endedMs', 'is', null).where('absences.userId', 'is', null).where('absences.cause', 'in', deafCauses).where('absences.endMs', 'is not', null).executeTakeFirstOrThrow(),
    countUnconfirmed(db),
    countStops(db)
  ])
  return { sourcesWithoutPush: sources.count, unconfirmedMembers, stopsWaiting, blindMs: blind.ms }
}
