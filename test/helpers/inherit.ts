import COS from 'cos-nodejs-sdk-v5'
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { cp, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { startCosServer } from '../../src/sandbox/cos-server.ts'
import { startReceiver } from '../../src/sandbox/receiver.ts'
import { startTrtcCloud } from '../../src/sandbox/trtc-cloud.ts'
import { putEmptyDatabase } from './embedded-database.ts'
import type { KilledGateway } from './killed-gateway.ts'
import { closeAfter, type Scope } from './scope.ts'
import { bucket, environment, sdkAppId, temporaryFolder, type Outside, type Tenant } from './world.ts'

/** A file of the spool, by its journal. */
interface SpooledFile {
  recordingId: string
  userId: string
  startMs: number
  /** It had been finished; those that had not are cut short by the kill. */
  isClosed: boolean
  content: Buffer
}

const corpus = join(import.meta.dirname, '../corpus/upgrade')
const killedBeforeMs = 10_000

/** What a killed gateway left, in this world and time: the clouds it knew are there, and it was killed ten seconds ago. */
export interface Heir extends Omit<KilledGateway, 'spool'> {
  outside: Outside
  env: Record<string, string>
  spoolDir: string
  /** What was in the spool. */
  spooled: SpooledFile[]
  /** What was in the bucket. */
  objects: { key: string, content: Buffer }[]
}

/** @param createDatabase of PostgreSQL, with its address; undefined: the embedded one */
export async function inherit (scope: Scope, name: string, createDatabase?: () => Promise<string>): Promise<Heir> {
  const folder = join(corpus, name)
  const stored = await readFile(join(folder, 'gateway.json'), 'utf8')
  const { killedMs, keys, tenant } = JSON.parse(stored) as KilledGateway
  const outside = await startOutsideWith(scope, keys, tenant)
  const translate = translation(JSON.parse(stored) as KilledGateway, outside, Date.now() - killedBeforeMs - killedMs)
  const killed = JSON.parse(translate(stored)) as KilledGateway

  const dataDir = await temporaryFolder(scope)
  await cp(join(folder, 'data-dir'), dataDir, { recursive: true })
  const spoolDir = join(dataDir, 'spool')
  for (const { path, modifiedMs } of killed.spool) {
    const file = join(spoolDir, path)
    if (path.endsWith('.ndjson')) await writeFile(file, translate(await readFile(file, 'utf8')))
    await utimes(file, modifiedMs / 1000, modifiedMs / 1000)
  }
  const env = { ...environment(outside, dataDir), MASTER_KEY: killed.masterKey }
  const dump = translate(await readFile(join(folder, 'dump.sql'), 'utf8'))
  const url = await createDatabase?.()
  await (url === undefined ? loadEmbedded(dataDir, dump) : loadPostgres(url, dump))
  const objects = await Promise.all((await filesBelow(join(folder, 'objects'))).map(async (path) => {
    const content = await readFile(join(folder, 'objects', path))
    return { key: translate(path), content: path.endsWith('.json') ? Buffer.from(translate(content.toString())) : content }
  }))
  await putObjects(outside, objects)
  const journals = killed.spool.map(({ path }) => join(spoolDir, path)).filter((path) => path.endsWith('.ndjson'))
  const spooled = await Promise.all(journals.map(spooledFile))
  return { ...killed, outside, env: url === undefined ? env : { ...env, DATABASE_URL: url }, spoolDir, spooled, objects }
}

async function spooledFile (journal: string): Promise<SpooledFile> {
  const [start, ...lines] = (await readFile(journal, 'utf8')).trim().split('\n').map((line) => JSON.parse(line) as SpooledFile & { type: string })
  const { recordingId, userId, startMs } = start!
  return { recordingId, userId, startMs, isClosed: lines.some(({ type }) => type === 'closed'), content: await readFile(journal.replace(/ndjson$/, 'm4a')) }
}

async function startOutsideWith (scope: Scope, keys: KilledGateway['keys'], { callbackSecret }: Tenant): Promise<Outside> {
  const cloud = await startTrtcCloud({ apps: [{ sdkAppId, secretKey: keys.sdkSecretKey, callbackKey: keys.callbackKey }], credentials: [keys.cloudKeys] })
  closeAfter(scope, () => cloud.close())
  const cos = await startCosServer({ buckets: [bucket], credentials: [keys.cosKeys] })
  closeAfter(scope, () => cos.close())
  const receiver = await startReceiver({ secrets: [callbackSecret] })
  closeAfter(scope, () => receiver.close())
  return { cloud, cos, receiver, ...keys }
}

/** Brings any text that was saved here and now: moments, addresses, and addresses that are sealed. By whole seconds, since some moments are. */
function translation ({ killedMs, masterKey, origins, sealed }: KilledGateway, { cos, receiver }: Outside, byMs: number): (text: string) => string {
  const seconds = Math.floor(byMs / 1000)
  const dayMs = 86_400_000
  const isNear = (atMs: number): boolean => Math.abs(atMs - killedMs) < dayMs
  const withAddresses = (text: string): string => text.replaceAll(origins.cos, cos.url).replaceAll(origins.receiver, new URL(receiver.url).origin)
  const resealed = sealed.map(({ context, text }) => [text, seal(masterKey, withAddresses(open(masterKey, text, context)), context)] as const)
  return (text) => withAddresses(resealed.reduce((rest, [before, after]) => rest.replaceAll(before, after), text))
    .replace(/(?<!\d)\d{13}(?!\d)/g, (ms) => isNear(Number(ms)) ? String(Number(ms) + seconds * 1000) : ms)
    .replace(/(?<!\d)\d{10}(?!\d)/g, (s) => isNear(Number(s) * 1000) ? String(Number(s) + seconds) : s)
    .replace(/(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)((?:\.\d+)?\+00)/g, (_, day: string, time: string, rest: string) =>
      new Date(Date.parse(`${day}T${time}Z`) + seconds * 1000).toISOString().replace('T', ' ').slice(0, 19) + rest)
}

async function loadEmbedded (dataDir: string, dump: string): Promise<void> {
  await putEmptyDatabase(dataDir)
  const database = await PGlite.create(join(dataDir, 'pglite'))
  await database.exec(dump)
  await database.close()
}

async function loadPostgres (url: string, dump: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(dump)
  await client.end()
}

async function filesBelow (folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
}

async function putObjects ({ cos, cosKeys }: Outside, objects: readonly { key: string, content: Buffer }[]): Promise<void> {
  const client = new COS({ SecretId: cosKeys.secretId, SecretKey: cosKeys.secretKey, Domain: `${cos.url.slice('http://'.length)}/{Bucket}`, Protocol: 'http:' })
  for (const { key, content } of objects) await client.putObject({ Bucket: bucket, Region: 'ap-guangzhou', Key: key, Body: content })
}

// Sealed text as of version 0.1.0, base64url of: format 1, nonce of 12 bytes, tag of 16, ciphertext.

function open (masterKey: string, sealed: string, context: string): string {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(masterKey, 'base64'), bytes.subarray(1, 13))
    .setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(13, 29))
  return Buffer.concat([decipher.update(bytes.subarray(29)), decipher.final()]).toString()
}

function seal (masterKey: string, text: string, context: string): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(masterKey, 'base64'), nonce).setAAD(Buffer.from(context))
  const ciphertext = Buffer.concat([cipher.update(text), cipher.final()])
  return Buffer.concat([Buffer.of(1), nonce, cipher.getAuthTag(), ciphertext]).toString('base64url')
}
