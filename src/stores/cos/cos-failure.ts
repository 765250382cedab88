/** Codes that another try can heal although their status is 4xx, or 200 with the error in the body. */
const healingCodes: ReadonlySet<string> = new Set([
  'InternalError', 'SlowDown', 'ServiceUnavailable', 'RequestTimeout', 'UserNetworkTooSlow', 'BadDigest', 'IncompleteBody',
  'EntitySizeNotMatch', 'RequestTimeTooSkewed'
])

/** Codes that other credentials can heal. The bare statuses are of a HEAD: its answer has no body and so no code. */
const credentialCodes: ReadonlySet<string> = new Set(['ExpiredToken', 'InvalidAccessKeyId', '400', '403'])

/** What a call of the COS SDK failed with: it rejects with plain objects, and with errors that hold whole responses. */
export class CosFailure extends Error {
  override readonly name = 'CosFailure'
  /** COS's own code, the status as text where the answer had none, or a network code such as `ECONNRESET`. */
  readonly code: string
  readonly statusCode: number | undefined
  readonly requestId: string | undefined

  constructor (rejection: unknown) {
    const { code, message, statusCode, RequestId: requestId } = Object(rejection) as Record<string, unknown>
    super(typeof message === 'string' ? message : String(rejection))
    this.code = typeof code === 'string' ? code : 'Error'
    this.statusCode = typeof statusCode === 'number' ? statusCode : undefined
    this.requestId = typeof requestId === 'string' ? requestId : undefined
  }

  /** Whether the same call may succeed later. */
  get heals (): boolean {
    if (healingCodes.has(this.code)) return true
    // the SDK has by now learned the server's time, so the next signature is of the right moment
    if (this.code === 'AccessDenied' && this.message === 'Request has expired') return true
    // 'Error' is what the SDK calls parameters that it refuses without asking anybody
    if (this.statusCode === undefined) return this.code !== 'Error'
    return this.statusCode >= 500 || this.statusCode === 429 || this.statusCode === 408 || this.answerBroke
  }

  /** Whether other credentials may succeed. */
  get refusesCredentials (): boolean {
    return credentialCodes.has(this.code)
  }

  /** What happened, in words that hold no secret. */
  get summary (): string {
    const what = this.code === 'Error' ? this.message : this.code
    const details = [this.statusCode, this.requestId].filter((detail) => detail !== undefined)
    return details.length === 0 ? what : `${what} (${details.join(', ')})`
  }

  /** The head of a good answer came and then the connection went. */
  private get answerBroke (): boolean {
    return this.statusCode !== undefined && this.statusCode < 300 && /^E[A-Z]+$/.test(this.code)
  }
}
