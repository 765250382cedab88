import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseEnv } from 'node:util'
import fc from 'fast-check'
import { exampleEnv } from '../../../config/example-env.ts'
import { loadSettings } from '../../../config/load.ts'
import { SettingsSchema } from '../../../config/schema.ts'
import { RoomtapeError } from '../../../src/core/errors.ts'

const masterKey = Buffer.alloc(32, 7).toString('base64')

function faultsOf (env: Record<string, string>, file?: string): string[] {
  try {
    loadSettings(env, { readFile: () => file ?? assert.fail('no file was named') })
  } catch (error) {
    assert.ok(error instanceof RoomtapeError && error.error === 'SETTINGS_INVALID', String(error))
    return error.message.replace('settings: ', '').split('; ')
  }
  return []
}

test('nothing has to be set', () => {
  const settings = loadSettings({})

  assert.equal(settings.HOST, '127.0.0.1')
  assert.equal(settings.PORT, 8080)
  assert.equal(settings.CFS_PATH, join('data', 'spool'))
  assert.equal(settings.CAPTURE_WORKERS, availableParallelism())
  assert.equal(settings.DATABASE_URL, undefined)
  assert.equal(settings.MASTER_KEY, undefined)
  assert.deepEqual(settings.CALLBACK_ALLOW_NETWORKS, [])
})

test('the master key becomes its bytes, and must be given to nodes that share a database', () => {
  const shared = { DATABASE_URL: 'postgres://roomtape@db.example.com/roomtape' }

  assert.deepEqual(loadSettings({ ...shared, MASTER_KEY: masterKey }).MASTER_KEY, Buffer.alloc(32, 7))
  assert.deepEqual(faultsOf(shared), ['MASTER_KEY is missing: with DATABASE_URL every node needs the same'])
})

test('settings cannot be changed after loading, nor by loading again', () => {
  const settings = loadSettings({})

  assert.throws(() => { Object.assign(settings, { PORT: 1 }) }, TypeError)
  assert.throws(() => settings.CALLBACK_ALLOW_NETWORKS.push('0.0.0.0/0'), TypeError)
  assert.notEqual(loadSettings({}).CALLBACK_ALLOW_NETWORKS, settings.CALLBACK_ALLOW_NETWORKS)
})

test('text of the environment becomes numbers and lists', () => {
  const settings = loadSettings({
    PORT: '0', RETENTION_DAYS: '7', CALLBACK_ALLOW_NETWORKS: '10.0.0.0/8, fd00::/8,asr.internal,asr', TRUSTED_PROXIES: '10.1.2.3', DATA_DIR: '/srv/roomtape'
  })

  assert.equal(settings.PORT, 0)
  assert.equal(settings.RETENTION_DAYS, 7)
  assert.deepEqual(settings.CALLBACK_ALLOW_NETWORKS, ['10.0.0.0/8', 'fd00::/8', 'asr.internal', 'asr'])
  assert.deepEqual(settings.TRUSTED_PROXIES, ['10.1.2.3'])
  assert.equal(settings.CFS_PATH, '/srv/roomtape/spool')
})

test('an empty variable is one that is not set, and a variable we do not know is not ours', () => {
  assert.equal(loadSettings({ PORT: '', DATABASE_URL: '', PATH: '/bin' }).PORT, 8080)
})

test('the file gives settings with their types, and the environment wins over it', () => {
  const file = JSON.stringify({ PORT: 9000, LOG_LEVEL: 'debug', CALLBACK_ALLOW_NETWORKS: ['10.0.0.0/8'] })
  const paths: string[] = []

  const settings = loadSettings({ CONFIG_FILE: '/etc/roomtape.json', LOG_LEVEL: 'warn' }, { readFile: (path) => { paths.push(path); return file } })

  assert.deepEqual(paths, ['/etc/roomtape.json'])
  assert.equal(settings.PORT, 9000)
  assert.equal(settings.LOG_LEVEL, 'warn')
  assert.deepEqual(settings.CALLBACK_ALLOW_NETWORKS, ['10.0.0.0/8'])
})

test('every fault is told at once, by name', () => {
  const faults = faultsOf({ MASTER_KEY: 'x', ADMIN_TOKEN: 'short', RTMP_PUBLIC_HOST: 'rtmp://host', PORT: '65536', RETENTION_DAYS: 'a month', LOG_LEVEL: 'loud', TRUSTED_PROXIES: '10.0.0.0/8,any,all' })

  for (const name of ['MASTER_KEY', 'ADMIN_TOKEN', 'RTMP_PUBLIC_HOST', 'PORT', 'RETENTION_DAYS', 'LOG_LEVEL', 'TRUSTED_PROXIES']) {
    assert.equal(faults.filter((fault) => fault.startsWith(name)).length, 1, `${name} in ${faults.join('; ')}`)
  }
})

test('the file may hold no key that is no setting, no wrong type, and nothing but an object', () => {
  const named = { CONFIG_FILE: 'settings.json' }

  assert.deepEqual(faultsOf(named, '{"PROT": 1, "__proto__": 2, "constructor": 3}').toSorted(), ['PROT is not a setting', '__proto__ is not a setting', 'constructor is not a setting'])
  assert.deepEqual(faultsOf(named, '{"PORT": null, "HOST": 5}'), ['HOST must be string', 'PORT must be integer'])
  assert.deepEqual(faultsOf(named, '{"PORT": "8080"}'), ['PORT must be integer'])
  assert.deepEqual(faultsOf(named, '[]'), ['CONFIG_FILE must hold one JSON object'])
  assert.deepEqual(faultsOf(named, '{"ADMIN_TOKEN": "in-the-broken-file'), ['CONFIG_FILE is not JSON'])
})

test('a file that cannot be read is named with the reason', () => {
  assert.throws(() => loadSettings({ CONFIG_FILE: '/nowhere/settings.json' }), /CONFIG_FILE cannot be read: ENOENT/)
})

test('values that only look right are refused', () => {
  const wrong: Record<string, string[]> = {
    MASTER_KEY: ['x'.repeat(32), Buffer.alloc(31).toString('base64'), Buffer.alloc(32).toString('hex')],
    ADMIN_TOKEN: ['a'.repeat(23), 'a token with spaces in it'],
    RTMP_PUBLIC_HOST: ['host:1935', '[::1]', 'fe80::1%eth0', 'a b', '-a.example'],
    PORT: ['-1', '8080 ', '0x50', '1e3', '80.5'],
    DATABASE_URL: ['mysql://host/name', 'host'],
    COS_ENDPOINT: ['ftp://host', 'http://host/path', 'http://user@host', 'host:9000'],
    CALLBACK_ALLOW_NETWORKS: ['10.0.0.0/40', '10.0.0', '*', 'https://host', ','],
    TRTC_EVENT_MAX_AGE_SECONDS: ['59'],
    LOG_LEVEL: ['INFO']
  }

  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) assert.equal(faultsOf({ MASTER_KEY: masterKey, [name]: value }).length, 1, `${name}=${value}`)
  }
})

test('ports of all capture threads must exist', () => {
  assert.deepEqual(faultsOf({ RTMP_PORT: '65535', CAPTURE_WORKERS: '2' }), ['RTMP_PORT leaves no room below 65536 for one port per capture thread'])
  assert.deepEqual(faultsOf({ RTMP_PORT: '65535', CAPTURE_WORKERS: '1' }), [])
})

test('whatever the environment holds, loading gives settings or names faults without their values', () => {
  const names = Object.keys(SettingsSchema.properties)
  // long enough not to be part of a message by chance
  const value = fc.oneof(fc.string({ minLength: 12 }), fc.string({ minLength: 12, unit: 'binary' }), fc.integer().map((number) => `${number}-----------`))

  fc.assert(fc.property(fc.dictionary(fc.constantFrom(...names), value), (env) => {
    for (const fault of faultsOf(env)) {
      for (const given of Object.values(env)) assert.ok(!fault.includes(given), fault)
    }
  }))
})

test('whatever JSON the file holds, loading gives settings or names faults', () => {
  fc.assert(fc.property(fc.json(), (json) => { faultsOf({ CONFIG_FILE: 'settings.json' }, json) }))
})

test('the example names every setting, and its defaults are the real ones', () => {
  const lines = exampleEnv().replaceAll(/^# (?=[A-Z_]+=)/gm, '')

  assert.deepEqual(Object.keys(parseEnv(lines)).toSorted(), Object.keys(SettingsSchema.properties).toSorted())
  assert.deepEqual(loadSettings(parseEnv(lines)), loadSettings({}))
})
