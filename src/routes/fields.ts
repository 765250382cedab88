import { Type, type TSchema } from 'typebox'

/** An id of ours, in a path. */
export const Id = Type.String({ pattern: '^[\\w-]{1,64}$' })
export const ByTenant = Type.Object({ TenantId: Id })

/** Pattern of text without control characters. */
export const printable = '^[^\\u0000-\\u001f]*$'

export function orNull<Schema extends TSchema> (schema: Schema, description?: string) {
  return Type.Union([schema, Type.Null()], description === undefined ? {} : { description })
}

/** Pattern of text that the database can store: no control characters, no halves of surrogate pairs. */
export const storable = '^[^\\u0000-\\u001f\\ud800-\\udfff]*$'

/** Unix milliseconds in a query or a body. */
export const Moment = Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000 })

const defaultLimit = 20
/** Of a list, beside its filters. */
export const pageFields = {
  Limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: defaultLimit })),
  Cursor: Type.Optional(Type.String({ pattern: '^[\\w-]{1,64}$', description: '`NextCursor` of the page before.' }))
}

/** One page of rows, of which one more than it holds was asked for, if there is one. */
export function pageOf<Row extends { id: string }> (
  rows: readonly Row[], { Limit = defaultLimit }: { Limit?: number }
): { page: Row[], NextCursor: string | null } {
  const page = rows.slice(0, Limit)
  return { page, NextCursor: rows.length > page.length ? page.at(-1)?.id ?? null : null }
}

/** How many rows a page asks for. */
export function rowsOf ({ Limit = defaultLimit }: { Limit?: number }): number {
  return Limit + 1
}
