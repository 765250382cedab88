import { Ajv, type ErrorObject } from 'ajv'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Static } from 'typebox'
import { RoomtapeError } from '../src/core/errors.ts'
import { parseNetworks } from '../src/core/networks.ts'
import { SettingsSchema, type Settings } from './schema.ts'

type Environment = Readonly<Record<string, string | undefined>>
type Property = { type?: string, expects?: string } | undefined

const properties = SettingsSchema.properties as Readonly<Record<string, Property>>
const hostName = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i

const ajv = new Ajv({
  allErrors: true,
  useDefaults: true,
  formats: {
    'master-key': (value) => /^[A-Za-z0-9+/]{43}=$/.test(value),
    // a zone names an interface of this machine: nobody else can reach it by that
    host: (value) => (isIP(value) !== 0 && !value.includes('%')) || hostName.test(value),
    network: isNetwork,
    'callback-target': (value) => isNetwork(value) || (hostName.test(value) && !/^[\d.]+$/.test(value)),
    'http-origin': (value) => isUrl(value, ['http:', 'https:']) && /^https?:\/\/[^/?#@]+\/?$/i.test(value),
    'postgres-url': (value) => isUrl(value, ['postgres:', 'postgresql:'])
  }
}).addVocabulary(['expects'])
const validate = ajv.compile<Static<typeof SettingsSchema>>(SettingsSchema)

/**
 * The settings from the environment and, below it, from the JSON file that CONFIG_FILE names, which has the same names.
 * An empty variable counts as not set, as container tools write it so.
 * @throws RoomtapeError SETTINGS_INVALID naming every fault at once; no value is ever in the message
 */
export function loadSettings (env: Environment, { readFile = readText }: { readFile?: (path: string) => string } = {}): Settings {
  const faults: string[] = []
  const given: Record<string, unknown> = env.CONFIG_FILE ? readObject(env.CONFIG_FILE, readFile, faults) : {}
  for (const name of Object.keys(properties)) {
    const value = env[name]
    if (value !== undefined && value !== '') given[name] = fromText(value, properties[name])
  }

  if (!validate(given)) {
    // a list has a fault for each bad entry; one line for the setting is enough
    faults.push(...new Set((validate.errors ?? []).map(describe)))
    throw invalid(faults)
  }
  const { MASTER_KEY: masterKey, ...open } = given
  const { CFS_PATH: cfsPath = join(given.DATA_DIR, 'spool'), CAPTURE_WORKERS: captureWorkers = availableParallelism() } = given
  if (given.RTMP_PORT + captureWorkers - 1 > 65_535) faults.push('RTMP_PORT leaves no room below 65536 for one port per capture thread')
  if (given.DATABASE_URL !== undefined && masterKey === undefined) faults.push('MASTER_KEY is missing: with DATABASE_URL every node needs the same')
  if (faults.length > 0) throw invalid(faults)
  Object.freeze(given.TRUSTED_PROXIES)
  Object.freeze(given.CALLBACK_ALLOW_NETWORKS)
  return Object.freeze({ ...open, ...masterKey !== undefined && { MASTER_KEY: Buffer.from(masterKey, 'base64') }, CFS_PATH: cfsPath, CAPTURE_WORKERS: captureWorkers })
}

function readObject (path: string, readFile: (path: string) => string, faults: string[]): Record<string, unknown> {
  let json: string
  try {
    json = readFile(path)
  } catch (error) {
    faults.push(`CONFIG_FILE cannot be read: ${error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'}`)
    return {}
  }
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    // the parser's own message quotes the file, and with it perhaps a secret
    faults.push('CONFIG_FILE is not JSON')
    return {}
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  faults.push('CONFIG_FILE must hold one JSON object')
  return {}
}

/** Text that is not what the type wants stays text, for the schema to refuse. */
function fromText (value: string, property: Property): unknown {
  if (property?.type === 'array') return value.split(',').map((entry) => entry.trim())
  if (property?.type === 'integer' && /^-?\d+$/.test(value)) return Number(value)
  return value
}

function describe ({ keyword, params, instancePath, message = 'is not valid' }: ErrorObject): string {
  if (keyword === 'additionalProperties') return `${String(params.additionalProperty)} is not a setting`
  const missing = keyword === 'required'
  const name = missing ? String(params.missingProperty) : instancePath.split('/')[1] ?? ''
  return `${name} ${missing ? 'is missing: it ' : ''}${properties[name]?.expects ?? message}`
}

function invalid (faults: readonly string[]): RoomtapeError {
  return new RoomtapeError('SETTINGS_INVALID', `settings: ${faults.join('; ')}`)
}

function readText (path: string): string {
  return readFileSync(path, 'utf8')
}

function isNetwork (value: string): boolean {
  try {
    parseNetworks([value])
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

function isUrl (value: string, protocols: readonly string[]): boolean {
  return URL.canParse(value) && protocols.includes(new URL(value).protocol)
}
