import { messageOf, RoomtapeError } from '../core/errors.ts'

/** Runs work on the spool's files. @throws RoomtapeError SPOOL_FAILED saying what could not be done, in place of what the file system threw */
export async function attempt<T> (what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof RoomtapeError) throw error
    throw new RoomtapeError('SPOOL_FAILED', `spool could not ${what}: ${messageOf(error)}`, { cause: error })
  }
}

/** Whether a call to the file system failed with one of these codes. */
export function hasCode (error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
