/** The errors of COS that this server gives: by code, the HTTP status and the message. */
const refusalTable = {
  AccessDenied: [403, 'Access Denied.'],
  BadDigest: [400, 'The Content-MD5 you specified did not match what we received.'],
  EntityTooSmall: [400, 'Your proposed upload is smaller than the minimum allowed object size.'],
  EntityTooLarge: [400, 'Your proposed upload exceeds the maximum allowed object size.'],
  ExpiredToken: [400, 'The provided token has expired.'],
  FileAlreadyExists: [409, 'The object already exists.'],
  InternalError: [500, 'We encountered an internal error. Please try again.'],
  InvalidAccessKeyId: [403, 'The Access Key Id you provided does not exist in our records.'],
  InvalidArgument: [400, 'Invalid argument.'],
  InvalidDigest: [400, 'The Content-MD5 you specified is not valid.'],
  InvalidPart: [400, 'One or more of the specified parts could not be found.'],
  InvalidPartOrder: [400, 'The list of parts was not in ascending order.'],
  InvalidRange: [416, 'The requested range is not satisfiable.'],
  InvalidURI: [400, 'Could not parse the specified URI.'],
  KeyTooLong: [400, 'Your key is too long.'],
  MalformedXML: [400, 'The XML you provided was not well-formed.'],
  MethodNotAllowed: [405, 'The specified method is not allowed against this resource.'],
  MissingContentLength: [411, 'You must provide the Content-Length HTTP header.'],
  NoSuchBucket: [404, 'The specified bucket does not exist.'],
  NoSuchKey: [404, 'The specified key does not exist.'],
  NoSuchUpload: [404, 'The specified multipart upload does not exist.'],
  NotImplemented: [501, 'This sandbox does not have that call.'],
  PreconditionFailed: [412, 'At least one of the preconditions you specified did not hold.'],
  RequestTimeTooSkewed: [403, 'The difference between the request time and the current time is too large.'],
  SignatureDoesNotMatch: [403, 'The Signature you specified is invalid.'],
  SlowDown: [503, 'Reduce your request rate.']
} as const satisfies Record<string, readonly [number, string]>

export type RefusalCode = keyof typeof refusalTable

/** A request that gets an error document. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: RefusalCode
  /** Further elements of the error document. */
  readonly details: Readonly<Record<string, string>>

  constructor (code: RefusalCode, message?: string, details: Readonly<Record<string, string>> = {}) {
    super(message ?? refusalTable[code][1])
    this.code = code
    this.details = details
  }

  get status (): number { return refusalTable[this.code][0] }
}
