import { RoomtapeError } from '../core/errors.ts'
import type { Seal } from '../core/seal.ts'
import type { Connection } from './database.ts'

const context = 'master-key-check'

/**
 * Finds out at start, not at the first callback, that this database was sealed with another key.
 * @throws RoomtapeError SEAL_BROKEN
 */
export async function checkMasterKey (kysely: Connection, seal: Seal): Promise<void> {
  const known = await kysely.selectFrom('masterKeyCheck').select('sealed').executeTakeFirst()
  if (known === undefined) {
    await kysely.insertInto('masterKeyCheck').values({ sealed: seal.seal('', context) }).execute()
    return
  }
  try {
    seal.open(known.sealed, context)
  } catch (error) {
    throw new RoomtapeError('SEAL_BROKEN', 'MASTER_KEY is not the one the secrets in this database were sealed with', { cause: error })
  }
}
