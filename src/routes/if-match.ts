import type { FastifyRequest } from 'fastify'
import { RoomtapeError } from '../core/errors.ts'

/** The `ETag` of something that counts its changes. */
export function etagOf (version: number): string {
  return `"${version}"`
}

/**
 * Lets a change through whose `If-Match` has the `ETag` of what is to be changed, or `*`, or which has none. A weak tag matches nothing.
 * @throws RoomtapeError PRECONDITION_FAILED
 * @see RFC 9110, 13.1.1
 */
export function checkIfMatch ({ headers }: FastifyRequest, version: number): void {
  const given = headers['if-match']
  if (given === undefined) return
  const tags = given.split(',').map((tag) => tag.trim())
  if (tags.includes('*') || tags.includes(etagOf(version))) return
  throw new RoomtapeError('PRECONDITION_FAILED', `If-Match does not fit: the ETag is ${etagOf(version)}`)
}
