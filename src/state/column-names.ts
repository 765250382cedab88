const camelCased = new Map<string, string>()
const snakeCased = new Map<string, string>()

/** A row that was JSON in SQL, with the names its columns have here. What is JSON itself keeps its own. */
export function camelCaseColumns (row: object): Record<string, unknown> {
  return renamed(row, camelCased, (column) => column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()))
}

/** A row to be JSON in SQL, with the names its columns have there. */
export function snakeCaseColumns (row: object): Record<string, unknown> {
  return renamed(row, snakeCased, (column) => column.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
}

function renamed (row: object, known: Map<string, string>, rename: (column: string) => string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => {
    let name = known.get(column)
    if (name === undefined) known.set(column, name = rename(column))
    return [name, value]
  }))
}
