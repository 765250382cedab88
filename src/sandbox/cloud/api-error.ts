/** A failure as TRTC's Cloud API words it, e.g. `InvalidParameter.RoomId`. */
export class ApiError extends Error {
  readonly code: string

  constructor (code: string, message: string) {
    super(message)
    this.code = code
  }
}
