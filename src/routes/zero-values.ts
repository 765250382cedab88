import type { FastifyInstance } from 'fastify'

/** Marks the schema of an object among whose members 0 is a value like others: `{ [zeroCounts]: true }`. */
export const zeroCounts = 'x-zero-counts'

/** As much of JSON Schema as bodies and queries use. */
interface Shape {
  type?: string
  properties?: Readonly<Record<string, Shape>>
  items?: Shape
  anyOf?: readonly Shape[]
  [zeroCounts]?: boolean
}

/**
 * For the routes of its scope: reads what came by the route's schema before it is checked. Callers in Go, Java or PHP send members that they
 * have no value for, empty arrays for empty objects, and numbers as text; our own callbacks have a `RoomId` of 0 beside each `StrRoomId`.
 */
export function readZeroValuesAsAbsent (scope: FastifyInstance): void {
  scope.addHook('preValidation', async (request) => {
    const { body, querystring } = request.routeOptions.schema ?? {}
    if (body !== undefined) request.body = withoutZeroValues(body as Shape, request.body)
    if (querystring !== undefined) request.query = withoutZeroValues(querystring as Shape, request.query)
  })
}

/**
 * The value without members that stand for nothing, by the schema it will be checked against: `null`, `''`, 0 unless the schema says that it
 * counts, and an object that nothing is left of, or the `[]` that PHP makes of one. Digits where a whole number belongs become the number.
 * What the schema does not know, such as what is in `Metadata`, and the elements of lists stay as they are.
 */
function withoutZeroValues (shape: Shape, value: unknown): unknown {
  if (Array.isArray(value)) {
    if (value.length === 0 && isObjectShape(shape)) return {}
    const { items } = shape
    return items === undefined ? value : value.map((item: unknown) => isObject(item) ? withoutZeroValues(items, item) : item)
  }
  if (isObject(value)) return withoutZeroMembers(shape, value)
  return shape.type === 'integer' && typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
}

function withoutZeroMembers (shape: Shape, value: object): object {
  const shapes = new Map([shape, ...shape.anyOf ?? []].flatMap(({ properties = {} }) => Object.entries(properties)))
  return Object.fromEntries(Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    const own = shapes.get(name)
    if (own === undefined) return [[name, member]]
    const read = withoutZeroValues(own, member)
    return isZero(read, shape[zeroCounts] === true) ? [] : [[name, read]]
  }))
}

function isZero (value: unknown, zeroCounts: boolean): boolean {
  if (isObject(value)) return Object.keys(value).length === 0
  return value === undefined || value === null || value === '' || (value === 0 && !zeroCounts)
}

function isObjectShape ({ type, anyOf = [] }: Shape): boolean {
  return type === 'object' || anyOf.some(isObjectShape)
}

function isObject (value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
