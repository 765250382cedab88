import { Agent, request } from 'undici'
import type { Clock } from '../core/clock.ts'
import { RoomtapeError, messageOf } from '../core/errors.ts'
import type { CredentialSource, Credentials } from './credentials.ts'

export interface RoleCredentialsOptions {
  /** Where SCF puts the keys of a function's role; an environment that lives as long as the process. */
  env: Readonly<Record<string, string | undefined>>
  clock: Clock
  /** Where a CVM asks for the keys of its role, up to and with the last slash. */
  metadataUrl?: string
}

const cvmMetadataUrl = 'http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials/'
/** For each request. Outside of Tencent Cloud the address leads nowhere, and nobody shall wait for that. */
const metadataTimeoutMs = 2_000
const metadataTries = 2
/** Keys are renewed this long before they end: longer than any single upload call, so that no call starts with keys that end under it. */
const renewBeforeMs = 10 * 60_000

/** The role this process runs under: the environment of SCF if it is there, else the metadata address of a CVM. */
export function roleCredentials (options: RoleCredentialsOptions): CredentialSource {
  const fromMetadata = metadataCredentials(options.metadataUrl ?? cvmMetadataUrl, options.clock)
  let fromEnv: Credentials | undefined
  return {
    get (getOptions) {
      const current = scfCredentials(options.env)
      if (current === undefined) return fromMetadata.get(getOptions)
      if (fromEnv === undefined || !sameCredentials(fromEnv, current)) fromEnv = current
      return Promise.resolve(fromEnv)
    },
    discard: (credentials) => credentials !== fromEnv && fromMetadata.discard(credentials)
  }
}

function scfCredentials (env: RoleCredentialsOptions['env']): Credentials | undefined {
  const { TENCENTCLOUD_SECRETID: secretId, TENCENTCLOUD_SECRETKEY: secretKey, TENCENTCLOUD_SESSIONTOKEN: securityToken } = env
  if (!secretId || !secretKey) return undefined
  return securityToken ? { secretId, secretKey, securityToken } : { secretId, secretKey }
}

function sameCredentials (one: Credentials, other: Credentials): boolean {
  return one.secretId === other.secretId && one.secretKey === other.secretKey && one.securityToken === other.securityToken
}

interface TemporaryKeys {
  credentials: Credentials
  expiresAtMs: number
}

/** Keys of the CVM metadata service: kept, renewed early, asked for once however many wait. */
function metadataCredentials (baseUrl: string, clock: Clock): CredentialSource {
  let kept: TemporaryKeys | undefined
  let renewal: Promise<TemporaryKeys> | undefined

  function renew (): Promise<TemporaryKeys> {
    renewal ??= readKeys(baseUrl)
      .then((fresh) => { kept = fresh; return fresh })
      .finally(() => { renewal = undefined })
    return renewal
  }

  return {
    async get ({ signal }) {
      signal.throwIfAborted()
      if (kept !== undefined && kept.expiresAtMs - clock.now() > renewBeforeMs) return kept.credentials
      try {
        // the answer is for everybody who waits, so one who leaves does not end the asking
        return (await untilAborted(renew(), signal)).credentials
      } catch (error) {
        signal.throwIfAborted()
        if (kept !== undefined && kept.expiresAtMs > clock.now()) return kept.credentials
        throw error
      }
    },
    discard (credentials) {
      if (kept?.credentials === credentials) kept = undefined
      return true
    }
  }
}

function untilAborted<T> (promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const leave = (): void => { reject(signal.reason as Error) }
  signal.addEventListener('abort', leave, { once: true })
  return Promise.race([promise, aborted]).finally(() => { signal.removeEventListener('abort', leave) })
}

async function readKeys (baseUrl: string): Promise<TemporaryKeys> {
  // a dispatcher of its own goes to the address itself, whatever proxy the process is told to use
  const dispatcher = new Agent({ keepAliveTimeout: 1 })
  try {
    const role = (await readText(dispatcher, baseUrl)).trim()
    return parseKeys(await readText(dispatcher, `${baseUrl}${encodeURIComponent(role)}`), role)
  } finally {
    await dispatcher.close()
  }
}

async function readText (dispatcher: Agent, url: string): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      const { statusCode, body } = await request(url, { dispatcher, signal: AbortSignal.timeout(metadataTimeoutMs) })
      const text = await body.text()
      if (statusCode === 404) throw new RoomtapeError('STORE_DENIED', `no keys were given and this machine has no role: ${url} answered 404`)
      if (statusCode !== 200) throw new Error(`status ${statusCode}`)
      return text
    } catch (error) {
      if (error instanceof RoomtapeError) throw error
      if (tries < metadataTries) continue
      const message = `no keys were given and the role's could not be had from ${url}: ${messageOf(error)}`
      throw new RoomtapeError('STORE_UNAVAILABLE', message, { cause: error })
    }
  }
}

function parseKeys (text: string, role: string): TemporaryKeys {
  const answer = readObject(text)
  const { TmpSecretId: secretId, TmpSecretKey: secretKey, Token: securityToken, ExpiredTime: expiredTime, Code: code } = answer
  if (code === 'Success' && typeof secretId === 'string' && typeof secretKey === 'string' &&
    typeof securityToken === 'string' && typeof expiredTime === 'number') {
    return { credentials: { secretId, secretKey, securityToken }, expiresAtMs: expiredTime * 1_000 }
  }
  throw new RoomtapeError('STORE_UNAVAILABLE', `the metadata service gave no keys for role '${role}': expected Code Success, got ${String(code)}`)
}

function readObject (text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    // a page that is not JSON has no Code, which is what the caller then says; the text may hold a key and is not repeated
    return {}
  }
}
