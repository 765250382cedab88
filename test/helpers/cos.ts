import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { CosTarget } from '../../src/core/store-target.ts'
import { startCosServer, type CosServer, type CosServerOptions } from '../../src/sandbox/cos-server.ts'
import { openCosStore, type CosStoreOptions } from '../../src/stores/cos/cos-store.ts'
import { fixedCredentials } from '../../src/stores/credentials.ts'
import { fingerprint } from '../../src/stores/fingerprint.ts'
import type { Fingerprint, ObjectStore } from '../../src/stores/object-store.ts'
import { openByteSource, type ByteSource } from '../../src/stores/byte-source.ts'

export const MiB = 1_048_576
export const bucket = 'audio-1250000000'
export const credential = { secretId: 'AKIDtest', secretKey: 'a-secret-of-the-tests' }

export async function startCos (t: TestContext, options: Partial<CosServerOptions> = {}): Promise<CosServer> {
  const server = await startCosServer({ buckets: [bucket], credentials: [credential], ...options })
  t.after(() => server.close())
  return server
}

export function cosTarget (server: CosServer): CosTarget {
  return { kind: 'cos', region: 'ap-guangzhou', bucket, path: 'rec', endpoint: server.url }
}

/** A store with small parts and short pauses, so that a test of tries and parts is over soon. */
export function openCos (server: CosServer, options: Partial<CosStoreOptions> = {}): ObjectStore {
  return openCosStore(cosTarget(server), {
    credentials: fixedCredentials(credential),
    schedule: { attempts: 4, firstDelayMs: 2, maxDelayMs: 10 },
    timeoutMs: 5_000,
    multipartAboveBytes: 2 * MiB,
    partBytes: MiB,
    ...options
  })
}

export async function temporaryFolder (t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'roomtape-test-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Writes a file of random bytes and opens it. */
export async function randomFile (t: TestContext, bytes: number): Promise<{ path: string, file: ByteSource, content: Buffer, print: Fingerprint }> {
  const path = join(await temporaryFolder(t), 'track.m4a')
  const content = randomBytes(bytes)
  await writeFile(path, content)
  const file = await openByteSource(path)
  t.after(() => file[Symbol.asyncDispose]())
  return { path, file, content, print: await fingerprint(file, { signal: t.signal }) }
}
