import { pino, type DestinationStream, type Logger } from 'pino'

/** An error as it is logged. Its other members stay out: those of the database's and of HTTP clients' errors quote values and bodies. */
interface LoggedError { type: string, message: string, code?: unknown, stack?: string | undefined, cause?: LoggedError }

const deepestCause = 4

/** @param destination stdout by default */
export function createLog (level: string, destination?: DestinationStream): Logger {
  const options = { name: 'roomtape', level, serializers: { err: (error: unknown) => loggedError(error, 0) } }
  return destination === undefined ? pino(options) : pino(options, destination)
}

function loggedError (error: unknown, depth: number): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) }
  return {
    type: error.name,
    message: error.message,
    ...'code' in error && { code: error.code },
    stack: error.stack,
    ...error.cause !== undefined && depth < deepestCause && { cause: loggedError(error.cause, depth + 1) }
  }
}
