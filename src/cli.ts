import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { pino } from 'pino'
import { request } from 'undici'
import { loadSettings } from '../config/load.ts'
import { messageOf, RoomtapeError } from './core/errors.ts'
import { version } from './core/version.ts'
import { serve } from './main.ts'

const help = `Roomtape ${version}: records each speaker of a TRTC room as a track of its own.

  roomtape serve                     run the gateway; settings come from the environment (config/example.env)
  roomtape tenant add NAME           a new tenant; prints its callback secret, once
  roomtape tenant list
  roomtape key add --tenant ID [--name NAME]
                                     a new API key; prints it, once
  roomtape key list --tenant ID
  roomtape key revoke KEY_ID --tenant ID
  roomtape app add --tenant ID --sdk-app-id N [--cloud-endpoint HOST] [--cloud-region REGION]
                   [--bucket BUCKET --region REGION [--path PATH] | --directory DIR]
                                     a TRTC app with its default store; secrets come from the environment:
                                     CALLBACK_KEY, SDK_SECRET_KEY, CLOUD_SECRET_ID, CLOUD_SECRET_KEY,
                                     and for the bucket COS_SECRET_ID, COS_SECRET_KEY (else the running role)
  roomtape app list --tenant ID

All but serve ask a running gateway: --url URL (http://127.0.0.1:8080), and the token in ADMIN_TOKEN or in
the file admin-token of DATA_DIR (./data).
`

const options = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
  url: { type: 'string', default: 'http://127.0.0.1:8080' },
  tenant: { type: 'string' },
  name: { type: 'string' },
  'sdk-app-id': { type: 'string' },
  'cloud-endpoint': { type: 'string' },
  'cloud-region': { type: 'string' },
  bucket: { type: 'string' },
  region: { type: 'string' },
  path: { type: 'string' },
  directory: { type: 'string' }
} as const

type Values = ReturnType<typeof parse>['values']

try {
  await run()
} catch (error) {
  process.stderr.write(`roomtape: ${messageOf(error)}\n`)
  process.exitCode = 1
}

async function run (): Promise<void> {
  const { values, positionals } = parse()
  const [noun, verb, argument] = positionals
  if (values.version === true) { process.stdout.write(`${version}\n`); return }
  if (values.help === true || noun === undefined) { process.stdout.write(help); return }
  switch (`${noun} ${verb ?? ''}`.trim()) {
    case 'serve': {
      const settings = loadSettings(process.env)
      await serve(settings, pino({ name: 'roomtape', level: settings.LOG_LEVEL }))
      return
    }
    case 'tenant add': await call('POST', '/operator/tenants', values, { Name: given(argument, 'NAME') }); return
    case 'tenant list': await call('GET', '/operator/tenants', values); return
    case 'key add': await call('POST', `${tenantPath(values)}/keys`, values, { ...values.name !== undefined && { Name: values.name } }); return
    case 'key list': await call('GET', `${tenantPath(values)}/keys`, values); return
    case 'key revoke': await call('DELETE', `${tenantPath(values)}/keys/${encodeURIComponent(given(argument, 'KEY_ID'))}`, values); return
    case 'app add': await call('PUT', `${tenantPath(values)}/apps/${encodeURIComponent(given(values['sdk-app-id'], '--sdk-app-id'))}`, values, appOf(values)); return
    case 'app list': await call('GET', `${tenantPath(values)}/apps`, values); return
    default: throw new Error(`there is no command '${positionals.join(' ')}'; roomtape --help lists them`)
  }
}

function parse () {
  return parseArgs({ options, allowPositionals: true })
}

function tenantPath (values: Values): string {
  return `/operator/tenants/${encodeURIComponent(given(values.tenant, '--tenant'))}`
}

function appOf (values: Values): object {
  return {
    CallbackKey: given(process.env.CALLBACK_KEY, 'CALLBACK_KEY in the environment'),
    SdkSecretKey: given(process.env.SDK_SECRET_KEY, 'SDK_SECRET_KEY in the environment'),
    CloudSecretId: given(process.env.CLOUD_SECRET_ID, 'CLOUD_SECRET_ID in the environment'),
    CloudSecretKey: given(process.env.CLOUD_SECRET_KEY, 'CLOUD_SECRET_KEY in the environment'),
    CloudEndpoint: values['cloud-endpoint'],
    CloudRegion: values['cloud-region'],
    DefaultStore: storeOf(values)
  }
}

function storeOf ({ directory, bucket, region, path }: Values): object | undefined {
  if (directory !== undefined) return { Directory: directory }
  if (bucket === undefined) return undefined
  return { Bucket: bucket, Region: given(region, '--region'), Path: path, SecretId: process.env.COS_SECRET_ID, SecretKey: process.env.COS_SECRET_KEY }
}

function given (value: string | undefined, what: string): string {
  if (value === undefined || value === '') throw new Error(`${what} is needed; roomtape --help shows how`)
  return value
}

async function call (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, { url }: Values, body?: object): Promise<void> {
  const headers = { authorization: `Bearer ${adminToken()}`, ...body && { 'content-type': 'application/json' } }
  const response = await request(new URL(path, url), { method, headers, body: body === undefined ? null : JSON.stringify(body) }).catch((error: unknown) => {
    throw new Error(`no gateway answers at ${url}: ${messageOf(error)}`, { cause: error })
  })
  const text = await response.body.text()
  if (response.statusCode >= 400) throw new Error(problemOf(text, response.statusCode))
  if (text !== '') process.stdout.write(`${JSON.stringify(JSON.parse(text), null, 2)}\n`)
}

function adminToken (): string {
  if (process.env.ADMIN_TOKEN) return process.env.ADMIN_TOKEN
  const file = join(process.env.DATA_DIR ?? './data', 'admin-token')
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new RoomtapeError('KEY_INVALID', `set ADMIN_TOKEN, or DATA_DIR to the gateway's: ${file} cannot be read`, { cause: error })
  }
}

function problemOf (text: string, status: number): string {
  const { detail = text, Errors = [] } = JSON.parse(text) as { detail?: string, Errors?: Array<{ Pointer: string, Detail: string }> }
  return [`${status}: ${detail}`, ...Errors.map(({ Pointer, Detail }) => `  ${Pointer} ${Detail}`)].join('\n')
}
