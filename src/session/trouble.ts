import { RoomtapeError } from '../core/errors.ts'

/** What a tenant is told of a failure: our own inner affairs are for the log. */
export function tellable (error: unknown): string {
  return error instanceof RoomtapeError && error.fault !== 'self' ? error.message : 'something failed on our side; it is tried again'
}
