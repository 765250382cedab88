import { readFileSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { loadSettings } from '../config/load.ts'
import { askGateway, callGateway, given, type Method } from './cli/call-gateway.ts'
import { help } from './cli/help.ts'
import { tenantCommand, tenantOptions } from './cli/tenant-command.ts'
import { messageOf, RoomtapeError } from './core/errors.ts'
import { parseArguments } from './core/parse-arguments.ts'
import { createLog } from './core/log.ts'
import { version } from './core/version.ts'

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
  directory: { type: 'string' },
  ...tenantOptions
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
  const command = `${noun} ${verb ?? ''}`.trim()
  switch (command) {
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
    case 'endpoint add':
    case 'endpoint list':
    case 'endpoint test':
    case 'endpoint replay':
    case 'delivery list':
    case 'delivery replay': {
      await callGateway({ ...tenantCommand(command, argument, values), url: values.url, token: tenantKey(), isTenant: true })
      return
    }
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

function call (method: Method, path: string, { url }: Values, body?: object): Promise<void> {
  return callGateway({ url, token: adminToken(), method, path, body })
}

function ask (method: Method, path: string, { url }: Values): Promise<object | undefined> {
  return askGateway({ url, token: adminToken(), method, path })
}

function tenantKey (): string {
  return given(process.env.ROOMTAPE_KEY, "ROOMTAPE_KEY in the environment, a tenant's API key,")
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

/** The message, and of our own faults also what is behind them: a port in use, a full disk. */
function explain (error: unknown): string {
  const ours = error instanceof RoomtapeError && error.fault === 'self' && error.cause !== undefined
  return ours ? `${error.message}: ${messageOf(error.cause)}` : messageOf(error)
}
