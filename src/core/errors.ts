/** Whose doing a failure is: a `caller`'s is not retried; that of a `peer` (TRTC, a bucket, a receiver) is; `self` is ours. */
type Fault = 'caller' | 'peer' | 'self'

interface ErrorRow {
  /** What a caller reads in `Code`, in TRTC's own spelling. */
  code: string
  status: number
  fault: Fault
}

/** Every failure that has a name, and what becomes of it. `docs/errors.md` explains each row; a test keeps the two equal. */
export const errorTable = {
  VALIDATION: { code: 'InvalidParameter', status: 400, fault: 'caller' },
  BODY_MALFORMED: { code: 'InvalidParameter.Body', status: 400, fault: 'caller' },
  BODY_TOO_LARGE: { code: 'RequestSizeLimitExceeded', status: 413, fault: 'caller' },
  MEDIA_TYPE: { code: 'UnsupportedMediaType', status: 415, fault: 'caller' },
  UNSUPPORTED_MODE: { code: 'UnsupportedMode', status: 400, fault: 'caller' },
  UNSUPPORTED_OUTPUT: { code: 'UnsupportedOutput', status: 400, fault: 'caller' },
  SIGNATURE_INVALID: { code: 'AuthFailure.SignatureFailure', status: 401, fault: 'caller' },
  SIGNATURE_STALE: { code: 'AuthFailure.SignatureExpire', status: 401, fault: 'caller' },
  KEY_INVALID: { code: 'AuthFailure.InvalidKey', status: 401, fault: 'caller' },
  SCOPE_MISSING: { code: 'UnauthorizedOperation.Scope', status: 403, fault: 'caller' },
  ADDRESS_DENIED: { code: 'UnauthorizedOperation.Address', status: 403, fault: 'caller' },
  NOT_FOUND: { code: 'ResourceNotFound', status: 404, fault: 'caller' },
  CONFLICT: { code: 'ResourceInUse', status: 409, fault: 'caller' },
  ENDPOINT_LIMIT: { code: 'LimitExceeded.Endpoints', status: 409, fault: 'caller' },
  PRECONDITION_FAILED: { code: 'FailedOperation.Precondition', status: 412, fault: 'caller' },
  IDEMPOTENCY_RUNNING: { code: 'ResourceInUse.IdempotencyKey', status: 409, fault: 'caller' },
  IDEMPOTENCY_MISMATCH: { code: 'InvalidParameter.IdempotencyKey', status: 422, fault: 'caller' },
  APP_UNKNOWN: { code: 'InvalidParameter.SdkAppId', status: 400, fault: 'caller' },
  USERSIG_INVALID: { code: 'InvalidParameter.UserSig', status: 400, fault: 'caller' },
  CALLBACK_DENIED: { code: 'InvalidParameter.Callback', status: 422, fault: 'caller' },
  STORE_MISSING: { code: 'MissingParameter.CosConfig', status: 400, fault: 'caller' },
  STORE_NOT_LISTED: { code: 'UnauthorizedOperation.Store', status: 403, fault: 'caller' },
  STORE_DENIED: { code: 'InvalidParameter.CosConfig', status: 422, fault: 'caller' },
  STORE_UNAVAILABLE: { code: 'FailedOperation.Storage', status: 503, fault: 'peer' },
  STORE_CORRUPT: { code: 'FailedOperation.StorageChecksum', status: 502, fault: 'peer' },
  ROOM_FULL: { code: 'LimitExceeded.RoomRecordings', status: 409, fault: 'caller' },
  RATE_LIMITED: { code: 'RequestLimitExceeded', status: 429, fault: 'caller' },
  TRTC_REFUSED: { code: 'FailedOperation.Trtc', status: 502, fault: 'caller' },
  TRTC_UNAVAILABLE: { code: 'ServiceUnavailable.Trtc', status: 503, fault: 'peer' },
  CAPTURE_FULL: { code: 'ResourceInsufficient.Capture', status: 503, fault: 'peer' },
  WORKER_CRASHED: { code: 'InternalError.CaptureThread', status: 500, fault: 'self' },
  SPOOL_MOVED: { code: 'ResourceInUse.Spool', status: 409, fault: 'caller' },
  SPOOL_FAILED: { code: 'InternalError.Spool', status: 500, fault: 'self' },
  FILE_UNREADABLE: { code: 'InternalError.File', status: 500, fault: 'self' },
  SEAL_BROKEN: { code: 'InternalError.MasterKey', status: 500, fault: 'self' },
  SETTINGS_INVALID: { code: 'InvalidParameter.Settings', status: 500, fault: 'caller' },
  DATABASE_IN_USE: { code: 'ResourceInUse.Database', status: 500, fault: 'caller' },
  DATA_DIR_IN_USE: { code: 'ResourceInUse.DataDir', status: 409, fault: 'caller' },
  UNAVAILABLE: { code: 'ServiceUnavailable', status: 503, fault: 'self' },
  INTERNAL: { code: 'InternalError', status: 500, fault: 'self' }
} as const satisfies Record<string, ErrorRow>

export type ErrorName = keyof typeof errorTable

export class RoomtapeError extends Error {
  override readonly name = 'RoomtapeError'
  readonly error: ErrorName

  /** @param error the row of `errorTable`. @param message names the thing and what was expected; never a secret or a body. */
  constructor (error: ErrorName, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.error = error
  }

  get code (): string { return errorTable[this.error].code }
  get status (): number { return errorTable[this.error].status }
  get fault (): Fault { return errorTable[this.error].fault }
}

/** The text of whatever was thrown, for a message or a stored field. */
export function messageOf (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
