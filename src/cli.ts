import { readFileSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { request } from 'undici'
import { loadSettings } from '../config/load.ts'
import { messageOf, RoomtapeError } from './core/errors.ts'
import { parseArguments } from './core/parse-arguments.ts'
import { createLog } from './core/log.ts'
import { version } from './core/version.ts'

const help = `Roomtape ${version}: records each speaker of a TRTC room as a track of its own.

  roomtape serve
      runs the gateway; its settings are in the environment, as
      config/example.env has them

  roomtape tenant add NAME
      makes a tenant; prints the secret that signs its callbacks, this once
  roomtape tenant list

  roomtape key add --tenant ID [--name NAME]
      makes an API key; prints it, this once
  roomtape key list --tenant ID
  roomtape key revoke KEY_ID --tenant ID

  roomtape app add --tenant ID --sdk-app-id N [--cloud-endpoint HOST]
                   [--cloud-region REGION]
                   [--callback-format full|template] [STORE]
      adds a TRTC app, or replaces it; its secrets come from the environment:
        CALLBACK_KEY                      of the console's event callbacks
        SDK_SECRET_KEY                    of the application
        CLOUD_SECRET_ID, CLOUD_SECRET_KEY for the Cloud API
      --callback-format template tells of ends as the serverless template did,
      unless a start says otherwise
      STORE is where files go when a recording names no bucket:
        --bucket BUCKET --region REGION [--path PATH]
                  with COS_SECRET_ID and COS_SECRET_KEY, else the running role
        --directory DIR
                  a folder of the gateway's machine, absolute
  roomtape app list --tenant ID

  roomtape spool list
      lists spools: folders in which audio waits until it is uploaded
  roomtape spool finish PATH
      uploads what lies in a spool that is mounted on the gateway's machine, and
      applies the events in its journal
  roomtape spool forget SPOOL_ID
      waits for it no longer: its tracks are closed without their audio
  roomtape spool adopt PATH
      takes a folder that was moved over as the spool it was; for a folder of
      this machine, and only when the original is gone

  roomtape store allow --tenant ID --bucket BUCKET --region REGION [--path PATH]
      lets a tenant's recordings write without keys, by the role of the
      gateway's machine, to a bucket or to a folder of it with all below
  roomtape store deny --tenant ID --bucket BUCKET --region REGION [--path PATH]
      no longer; those under way go on
  roomtape store list --tenant ID

All but serve and spool adopt ask a running gateway and print its JSON:
  --url URL     where it is (default http://127.0.0.1:8080)
  ADMIN_TOKEN   the operator's token; without it the file admin-token
                in DATA_DIR (default ./data) is read
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
  'callback-format': { type: 'string' },
  bucket: { type: 'string' },
  region: { type: 'string' },
  path: { type: 'string' },
  directory: { type: 'string' }
} as const

type Values = ReturnType<typeof parse>['values']

try {
  await run()
} catch (error) {
  process.stderr.write(`roomtape: ${explain(error)}\n`)
  process.exitCode = 1
}

async function run (): Promise<void> {
  const { values, positionals } = parse()
  const [noun, verb, argument, ...rest] = positionals
  if (values.version === true) { process.stdout.write(`${version}\n`); return }
  if (values.help === true || noun === undefined) { process.stdout.write(help); return }
  if (rest.length > 0) throw new Error(`'${rest.join(' ')}' is too much: a name with spaces needs quotes`)
  switch (`${noun} ${verb ?? ''}`.trim()) {
    case 'serve': {
      const settings = loadSettings(process.env)
      // Nothing of the gateway is loaded for the other commands.
      const { serve } = await import('./main.ts')
      await serve(settings, createLog(settings.LOG_LEVEL))
      return
    }
    case 'tenant add': await call('POST', '/operator/tenants', values, { Name: given(argument, 'NAME') }); return
    case 'tenant list': await call('GET', '/operator/tenants', values); return
    case 'key add': await call('POST', `${tenantPath(values)}/keys`, values, { ...values.name !== undefined && { Name: values.name } }); return
    case 'key list': await call('GET', `${tenantPath(values)}/keys`, values); return
    case 'key revoke': await call('DELETE', `${tenantPath(values)}/keys/${encodeURIComponent(given(argument, 'KEY_ID'))}`, values); return
    case 'app add': await call('PUT', `${tenantPath(values)}/apps/${encodeURIComponent(given(values['sdk-app-id'], '--sdk-app-id'))}`, values, appOf(values)); return
    case 'spool list': await call('GET', '/operator/spools', values); return
    case 'spool finish': await call('POST', '/operator/spools/finish', values, { Path: resolve(given(argument, 'PATH')) }); return
    case 'spool forget': await call('POST', `/operator/spools/${encodeURIComponent(given(argument, 'SPOOL_ID'))}/forget`, values); return
    case 'spool adopt': {
      const { adoptFolder } = await import('./spool/lock.ts')
      process.stdout.write(`${JSON.stringify({ SpoolId: adoptFolder(resolve(given(argument, 'PATH'))) }, null, 2)}\n`)
      return
    }
    case 'app list': await call('GET', `${tenantPath(values)}/apps`, values); return
    case 'store allow': await changeRoleStores(values, (stores, store) => [...stores.filter((each) => !isSame(each, store)), store]); return
    case 'store deny': await changeRoleStores(values, (stores, store) => without(stores, store)); return
    case 'store list': await call('GET', `${tenantPath(values)}/role-stores`, values); return
    default: throw new Error(`there is no command '${positionals.join(' ')}'; roomtape --help lists them`)
  }
}

function parse () {
  return parseArguments({ options, allowPositionals: true })
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
    CallbackFormat: values['callback-format'],
    DefaultStore: storeOf(values)
  }
}

function storeOf ({ directory, bucket, region, path }: Values): object | undefined {
  if (directory !== undefined) {
    if (bucket !== undefined) throw new Error('--bucket and --directory exclude each other')
    if (!isAbsolute(directory)) throw new Error(`--directory must be absolute on the gateway's machine, not '${directory}'`)
    return { Directory: directory }
  }
  if (bucket === undefined && region === undefined && path === undefined) return undefined
  return { Bucket: given(bucket, '--bucket'), Region: given(region, '--region'), Path: path, SecretId: process.env.COS_SECRET_ID, SecretKey: process.env.COS_SECRET_KEY }
}

interface RoleStore { Bucket: string, Region: string, Path: string }

async function changeRoleStores (values: Values, change: (stores: RoleStore[], store: RoleStore) => RoleStore[]): Promise<void> {
  const path = `${tenantPath(values)}/role-stores`
  const store = { Bucket: given(values.bucket, '--bucket'), Region: given(values.region, '--region'), Path: (values.path ?? '').replace(/^\/+|\/+$/g, '') }
  const { RoleStores } = await ask('GET', path, values) as { RoleStores: RoleStore[] }
  await call('PUT', path, values, change(RoleStores, store))
}

function without (stores: RoleStore[], store: RoleStore): RoleStore[] {
  const rest = stores.filter((each) => !isSame(each, store))
  if (rest.length === stores.length) throw new Error('there is no such entry; roomtape store list shows what is allowed')
  return rest
}

function isSame (store: RoleStore, { Bucket, Region, Path }: RoleStore): boolean {
  return store.Bucket === Bucket && store.Region === Region && store.Path === Path
}

function given (value: string | undefined, what: string): string {
  if (value === undefined || value === '') throw new Error(`${what} is needed; roomtape --help shows how`)
  return value
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

async function call (method: Method, path: string, values: Values, body?: object): Promise<void> {
  const answer = await ask(method, path, values, body)
  if (answer !== undefined) process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`)
}

async function ask (method: Method, path: string, { url }: Values, body?: object): Promise<object | undefined> {
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) throw new Error(`--url must be like http://127.0.0.1:8080, not '${url}'`)
  const headers = { authorization: `Bearer ${adminToken()}`, ...body && { 'content-type': 'application/json' } }
  const response = await request(new URL(path, url), { method, headers, body: body === undefined ? null : JSON.stringify(body) }).catch((error: unknown) => {
    throw new Error(`no gateway answers at ${url}: ${messageOf(error)}`, { cause: error })
  })
  const answer = parseAnswer(await response.body.text(), url)
  if (response.statusCode === 401) throw new Error(`the gateway at ${url} has another operator's token: set ADMIN_TOKEN, or DATA_DIR to its own`)
  if (response.statusCode >= 400) throw new Error(problemOf(answer, response.statusCode))
  return answer
}

function parseAnswer (text: string, url: string): object | undefined {
  if (text === '') return undefined
  try {
    return JSON.parse(text) as object
  } catch (error) {
    throw new Error(`what answers at ${url} is no Roomtape`, { cause: error })
  }
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

function problemOf (answer: object | undefined, status: number): string {
  const { detail = 'no reason given', Errors = [] } = (answer ?? {}) as { detail?: string, Errors?: Array<{ Pointer: string, Detail: string }> }
  return [`${status}: ${detail}`, ...Errors.map(({ Pointer, Detail }) => `  ${Pointer} ${Detail}`)].join('\n')
}

/** The message, and of our own faults also what is behind them: a port in use, a full disk. */
function explain (error: unknown): string {
  const ours = error instanceof RoomtapeError && error.fault === 'self' && error.cause !== undefined
  return ours ? `${error.message}: ${messageOf(error.cause)}` : messageOf(error)
}
