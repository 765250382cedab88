import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Timeline } from '../../src/session/timeline-schema.ts'

/** As it is published. */
const schema = JSON.parse(readFileSync(new URL('../../docs/timeline.schema.json', import.meta.url), 'utf8')) as object
const validate = new Ajv2020({ allErrors: true }).compile<Timeline>(schema)

/** A document that keeps to the published schema. */
export function asTimeline (document: unknown): Timeline {
  assert.ok(validate(document), JSON.stringify(validate.errors))
  return document
}

type PlacedFile = Pick<Timeline['Users'][number]['Tracks'][number]['Files'][number], 'StartMs' | 'Gaps'>

/** What a reader of docs/timeline.md makes of it: the room's time of a moment of the file. */
export function roomMsOf ({ StartMs, Gaps }: PlacedFile, fileMs: number): number {
  return StartMs + fileMs + cutMs(Gaps.filter((gap) => gap.FileMs + gap.FilledMs <= fileMs))
}

/** The moment of the file for one of the room; undefined where there is nothing to play. */
export function fileMsOf ({ StartMs, Gaps }: PlacedFile, roomMs: number): number | undefined {
  if (Gaps.some((gap) => gap.FilledMs === 0 && gap.StartMs <= roomMs && roomMs < gap.EndMs)) return undefined
  return roomMs - StartMs - cutMs(Gaps.filter(({ EndMs }) => EndMs <= roomMs))
}

function cutMs (gaps: PlacedFile['Gaps']): number {
  return gaps.reduce((sum, { StartMs, EndMs, FilledMs }) => sum + EndMs - StartMs - FilledMs, 0)
}
