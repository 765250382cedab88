import { writeFile } from 'node:fs/promises'
import { Timeline } from '../src/timeline/schema.ts'

const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...Timeline }

/** docs/timeline.schema.json, for whoever reads timelines by program. */
export function timelineSchemaJson (): string {
  return JSON.stringify(schema, null, 2) + '\n'
}

if (import.meta.main) await writeFile(new URL('timeline.schema.json', import.meta.url), timelineSchemaJson())
