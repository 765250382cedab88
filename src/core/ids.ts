import { monotonicFactory } from 'ulid'

const nextUlid = monotonicFactory()

/**
 * A new id such as `rec_01JGAVE8Q2ZK3T5M7N9P1R4S6V`: what it names, then a ULID, so that ids sort by the time they were made,
 * also within one millisecond of one process. Letters, digits and `_` only: a full stop would make callback signatures ambiguous.
 * Not a secret: the next id can be guessed from the last.
 */
export function newId<Prefix extends string> (prefix: Prefix): `${Prefix}_${string}` {
  return `${prefix}_${nextUlid()}`
}
