import { Type, type TSchema } from 'typebox'

/** An id of ours, in a path. */
export const Id = Type.String({ pattern: '^[\\w-]{1,64}$' })
export const ByTenant = Type.Object({ TenantId: Id })

/** Pattern of text without control characters. */
export const printable = '^[^\\u0000-\\u001f]*$'

export function orNull<Schema extends TSchema> (schema: Schema) {
  return Type.Union([schema, Type.Null()])
}
