import { writeFile } from 'node:fs/promises'
import { eventSchemas } from '../src/callback/event-schemas.ts'

const schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Events of Roomtape',
  description: 'The body of a callback: one of these, by its `Type`.',
  oneOf: [...eventSchemas.keys()].map((type) => ({ $ref: `#/$defs/${type}` })),
  $defs: Object.fromEntries(eventSchemas)
}

/** docs/events.schema.json, for whoever reads callbacks by program. */
export function eventsSchemaJson (): string {
  return JSON.stringify(schema, null, 2) + '\n'
}

if (import.meta.main) await writeFile(new URL('events.schema.json', import.meta.url), eventsSchemaJson())
