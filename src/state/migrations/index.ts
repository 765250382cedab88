import type { Migration } from 'kysely/migration'
import { up as first } from './0001-first.ts'

/** Applied in the order of their names; one that has been released is never edited. */
export const migrations: Record<string, Migration> = {
  '0001-first': { up: first }
}
