import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { loadSettings } from '../config/load.ts'
import { startGateway } from '../src/main.ts'

/** As much of JSON Schema as the routes use. */
interface Schema {
  type?: string
  description?: string
  enum?: unknown[]
  const?: unknown
  default?: unknown
  pattern?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  items?: Schema
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
}

interface Content { content?: Record<string, { schema: Schema }> }
interface Parameter { name: string, in: string, required?: boolean, description?: string, schema: Schema }
interface Operation { summary?: string, parameters?: Parameter[], requestBody?: Content, responses: Record<string, Content> }
export interface ApiDocument { paths: Record<string, Record<string, Operation>>, webhooks: Record<string, { post: { summary: string } }> }

const preamble = `# API

Made from the schemas of the routes by \`node docs/make-api.ts\`; do not edit. The same as OpenAPI 3.1: [openapi.json](openapi.json), and
\`GET /openapi.json\` of a running gateway.

**Who may call.** \`/v1\` takes a tenant's API key as \`Authorization: Bearer rt_live_…\` or \`x-api-key\`. \`/operator\` takes \`ADMIN_TOKEN\` as a
bearer token. \`/trtc/events\` takes what is signed with the app's callback key. \`/livez\`, \`/readyz\` and \`/openapi.json\` take anybody.

**Form.** Bodies are JSON of at most 64 kB with TRTC's names; a member we do not know is refused. Times are Unix milliseconds and end in
\`Ms\`. Members may be added to answers, never removed or changed. A call that needs no body may come with any \`Content-Type\`. Numbers that a
double cannot hold are refused: send them as text.

**Failures** are RFC 9457 documents with \`Code\` and \`RequestId\`: [errors.md](errors.md).

**Request ids.** Every answer has \`request-id\`; one you send (at most 64 of \`A-Z a-z 0-9 _ -\`) is kept.

**Again, but once.** \`Idempotency-Key\` on a \`POST\` below \`/v1\`: the same request within a day gets the answer of the one that
succeeded, with \`Idempotent-Replayed: true\`; a refusal is not kept, so that you can try again. Without it the same \`UserId\` in the same
room gets its running recording, with 200 instead of 202.

**Limits.** \`RateLimit\` and \`RateLimit-Policy\` tell where you stand; 429 comes with \`Retry-After\`.
`

/** The OpenAPI document of a gateway started for a moment in a folder that nobody uses. */
export async function loadApiDocument (dataDir: string): Promise<ApiDocument> {
  const settings = loadSettings({ DATA_DIR: dataDir, PORT: '0', RTMP_HOST: '127.0.0.1', RTMP_PORT: '0', CAPTURE_WORKERS: '1' })
  const gateway = await startGateway(settings, pino({ level: 'silent' }))
  try {
    const response = await fetch(new URL('/openapi.json', gateway.url))
    return await response.json() as ApiDocument
  } finally {
    await gateway.close()
  }
}

export function openApiJson (document: ApiDocument): string {
  return JSON.stringify(document, null, 2) + '\n'
}

/** The document as a page to read: a heading and tables for each call. */
export function apiPage ({ paths, webhooks }: ApiDocument): string {
  const calls = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ title: `${method.toUpperCase()} ${path}`, operation })))
  const contents = calls.map(({ title, operation }) => `| [\`${title}\`](#${anchorOf(title)}) | ${operation.summary ?? ''} |`)
  const events = Object.entries(webhooks).map(([type, { post: { summary } }]) => `| \`${type}\` | ${summary} |`)
  return [
    preamble,
    ['| Call | |', '| --- | --- |', ...contents, ''].join('\n'),
    ...calls.map(sectionOf),
    ['## Events\n', 'What is sent to you: [callbacks.md](callbacks.md). Their schemas: [events.schema.json](events.schema.json), and `webhooks` of the OpenAPI document.\n',
      table(['Event', ''], events)].join('\n')
  ].join('\n')
}

function sectionOf ({ title, operation: { summary = '', parameters = [], requestBody, responses } }: { title: string, operation: Operation }): string {
  const body = schemaOf(requestBody)
  const asked = [
    ...parameters.map(({ name, in: place, required = false, description = '', schema }) =>
      rowOf(name, schema, required, [place === 'path' ? 'In the path.' : 'In the query.', description])),
    ...body.items === undefined ? rowsOf(body) : rowsOf(body.items, { prefix: '[].' })
  ]
  const answers = Object.entries(responses).map(([status, answer]) => ({ status, rows: rowsOf(schemaOf(answer), { required: false }) }))
  // one call may answer the same with two statuses
  const groups = Map.groupBy(answers, ({ rows }) => rows.join('\n'))
  return [
    `## ${title}\n`,
    `${summary}.\n`,
    ...body.description === undefined ? [] : [`${body.description}\n`],
    ...asked.length === 0 ? [] : [table(['Field', 'Type', 'Required', 'Meaning'], asked)],
    ...[...groups].map(([, group]) => {
      const statuses = group.map(({ status }) => status).join(' or ')
      const [{ rows } = { rows: [] }] = group
      return rows.length === 0 ? `Answers ${statuses}.\n` : `Answers ${statuses}:\n\n${table(['Field', 'Type', 'Meaning'], rows)}`
    })
  ].join('\n')
}

function schemaOf (part: Content | undefined): Schema {
  return part?.content?.['application/json']?.schema ?? {}
}

interface RowOptions { prefix?: string, required?: boolean }

/** A row for each member, those of objects inside by their path: `CosConfig.Bucket`, `Policies[].Label`. */
function rowsOf (schema: Schema, { prefix = '', required: withRequired = true }: RowOptions = {}): string[] {
  return [schema, ...schema.anyOf ?? []].flatMap(({ properties = {}, required = [] }) => Object.entries(properties).flatMap(([name, member]) => {
    const path = prefix + name
    return [
      rowOf(path, member, withRequired ? required.includes(name) : undefined),
      ...rowsOf(member, { prefix: `${path}.`, required: withRequired }),
      ...[member, ...member.anyOf ?? []].flatMap(({ items = {} }) => rowsOf(items, { prefix: `${path}[].`, required: withRequired }))
    ]
  }))
}

function rowOf (name: string, schema: Schema, required: boolean | undefined, words: string[] = []): string {
  const notes = [
    ...words,
    schema.description ?? '',
    schema.pattern === undefined ? '' : `Matches \`${schema.pattern}\`.`,
    schema.default === undefined ? '' : `Default \`${JSON.stringify(schema.default)}\`.`
  ]
  const cells = [`\`${name}\``, typeOf(schema), ...required === undefined ? [] : [required ? 'yes' : ''], notes.filter(Boolean).join(' ')]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function typeOf (schema: Schema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ')
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (schema.items !== undefined) return `array${range(schema.minItems, schema.maxItems)} of ${typeOf(schema.items)}`
  const { type = 'any' } = schema
  return type + range(schema.minimum, schema.maximum) + range(schema.minLength, schema.maxLength, ' characters')
}

function range (least: number | undefined, most: number | undefined, unit = ''): string {
  if (least === undefined && most === undefined) return ''
  const bounds = most === undefined ? `from ${String(least)}` : least === undefined ? `up to ${most}` : `${least}–${most}`
  return `, ${bounds}${unit}`
}

function table (head: string[], rows: string[]): string {
  return [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...rows, ''].join('\n')
}

function anchorOf (title: string): string {
  return title.toLowerCase().replace(/[^\w -]/g, '').replaceAll(' ', '-')
}

if (import.meta.main) {
  const folder = await mkdtemp(join(tmpdir(), 'roomtape-api-'))
  try {
    const document = await loadApiDocument(folder)
    await writeFile(new URL('openapi.json', import.meta.url), openApiJson(document))
    await writeFile(new URL('api.md', import.meta.url), apiPage(document))
  } finally {
    await rm(folder, { recursive: true })
  }
}
