import type { Migration } from 'kysely/migration'
import { up as first } from './0001-first.ts'
import { up as segments } from './0002-segments.ts'
import { up as timeline } from './0003-timeline.ts'
import { up as sources } from './0004-sources.ts'
import { up as workingGateway } from './0005-working-gateway.ts'
import { up as roleStores } from './0006-role-stores.ts'
import { up as spools } from './0007-spools.ts'
import { up as evidence } from './0008-evidence.ts'
import { up as clocks } from './0009-clocks.ts'
import { up as endpoints } from './0010-endpoints.ts'
import { up as warned } from './0011-warned.ts'
import { up as stage } from './0012-stage.ts'

/** Applied in the order of their names; one that has been released is never edited. */
export const migrations: Record<string, Migration> = {
  '0001-first': { up: first },
  '0002-segments': { up: segments },
  '0003-timeline': { up: timeline },
  '0004-sources': { up: sources },
  '0005-working-gateway': { up: workingGateway },
  '0006-role-stores': { up: roleStores },
  '0007-spools': { up: spools },
  '0008-evidence': { up: evidence },
  '0009-clocks': { up: clocks },
  '0010-endpoints': { up: endpoints },
  '0011-warned': { up: warned },
  '0012-stage': { up: stage }
}
