import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { newId } from '../src/core/ids.ts'
import { isUnreachable } from '../src/state/database.ts'
import { errorTable, RoomtapeError, type ErrorName } from '../src/core/errors.ts'

/** A failure whose problem document has more members than the usual ones, or another type. */
export class ProblemError extends RoomtapeError {
  readonly members: Readonly<Record<string, unknown>>

  constructor (error: ErrorName, message: string, members: Readonly<Record<string, unknown>>) {
    super(error, message)
    this.members = members
  }
}

const longestInstance = 200
const longestDetail = 500
const logLevels = { caller: 'info', peer: 'warn', self: 'error' } as const

const noBody = { error: 'BODY_MALFORMED', detail: 'the body is empty; JSON was expected' } as const

/** Fastify's own refusals as rows of `errorTable`; its 500s are our faults and not among them. */
const fastifyErrors: Readonly<Record<string, { error: ErrorName, detail: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { error: 'BODY_TOO_LARGE', detail: 'the body is larger than this call accepts' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { error: 'MEDIA_TYPE', detail: 'the body must be application/json' },
  FST_ERR_CTP_EMPTY_JSON_BODY: noBody,
  FST_ERR_CTP_INVALID_JSON_BODY: { error: 'BODY_MALFORMED', detail: 'the body is not JSON' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { error: 'BODY_MALFORMED', detail: 'the body is not as long as Content-Length says' },
  FST_ERR_BAD_URL: { error: 'VALIDATION', detail: 'the path is not a valid URL path' },
  FST_ERR_MAX_PARAM_LENGTH: { error: 'NOT_FOUND', detail: 'there is nothing here' },
  FST_ERR_HANDLER_TIMEOUT: { error: 'UNAVAILABLE', detail: 'the request took too long' }
}

/**
 * Every failure as an RFC 9457 document with TRTC's `Code` and `RequestId`, logged by fault; `request-id` on every answer, taken
 * over from the client when it is well formed. Register it first and on the root.
 */
export default fp(async (app) => {
  app.setGenReqId((request) => {
    const given = request.headers['request-id']
    return typeof given === 'string' && /^[\w-]{1,64}$/.test(given) ? given : newId('req')
  })
  app.addHook('onRequest', async (request, reply) => { reply.header('request-id', request.id) })
  app.setErrorHandler(sendProblem)
  app.setNotFoundHandler((request, reply) => { sendProblem(new RoomtapeError('NOT_FOUND', 'there is nothing here'), request, reply) })
}, { name: 'roomtape-problem-details', fastify: '5.x' })

/** The error handler; also Fastify's `frameworkErrors`, for URLs that no route can be looked up for. */
export function sendProblem (thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { error, detail, members } = problemOf(thrown, request.body)
  const { code, status, fault } = errorTable[error]
  request.log[logLevels[fault]](fault === 'caller' ? { code } : { code, err: thrown }, 'request failed')
  const document = {
    type: `urn:roomtape:problem:${error.toLowerCase().replaceAll('_', '-')}`,
    title: titleOf(error),
    status,
    detail: detail.slice(0, longestDetail),
    // without the query, where secrets end up
    instance: request.url.replace(/\?.*$/s, '').slice(0, longestInstance),
    Code: code,
    RequestId: request.id,
    ...members
  }
  reply.code(status).header('request-id', request.id).type('application/problem+json').send(JSON.stringify(document))
}

interface Problem {
  error: ErrorName
  detail: string
  members?: Readonly<Record<string, unknown>>
}

function problemOf (thrown: unknown, body: unknown): Problem {
  if (thrown instanceof ProblemError) return { error: thrown.error, detail: thrown.message, members: thrown.members }
  if (thrown instanceof RoomtapeError) return thrown.status === 500 ? ourFault(thrown.error) : { error: thrown.error, detail: thrown.message }
  if (isUnreachable(thrown)) return { error: 'UNAVAILABLE', detail: 'the database cannot be reached; try again' }
  const { code, statusCode = 500, validation, validationContext = 'body' } = (thrown ?? {}) as Partial<FastifyError>
  if (validation !== undefined && validationContext === 'body' && body === undefined) return noBody
  if (validation !== undefined) {
    const errors = validation.slice(0, 20).map((fault) => fieldOf(fault, validationContext))
    return { error: 'VALIDATION', detail: `${validationContext} is not as this call expects it`, members: { Errors: errors } }
  }
  const known = fastifyErrors[code ?? '']
  if (known !== undefined) return known
  // a body that broke off, or a plugin's refusal: its words may quote the body
  return statusCode >= 400 && statusCode < 500 ? { error: 'VALIDATION', detail: 'the request cannot be read' } : ourFault('INTERNAL')
}

function ourFault (error: ErrorName): Problem {
  return { error, detail: 'something failed on our side; our log has more under this RequestId' }
}

type ValidationFault = NonNullable<FastifyError['validation']>[number]

/** `Pointer` is a JSON pointer into the body as a URI fragment, else the place and the name, e.g. `querystring/Limit`. */
function fieldOf ({ keyword, instancePath, params, message = 'is not valid' }: ValidationFault, context: string): { Pointer: string, Detail: string } {
  const child = keyword === 'required' ? params.missingProperty : keyword === 'additionalProperties' ? params.additionalProperty : undefined
  const path = typeof child === 'string' ? `${instancePath}/${child.replaceAll('~', '~0').replaceAll('/', '~1')}` : instancePath
  const allowed = keyword === 'enum' && Array.isArray(params.allowedValues) ? `: ${params.allowedValues.join(', ')}` : ''
  return { Pointer: (context === 'body' ? `#${path}` : context + path).slice(0, longestInstance), Detail: message + allowed }
}

function titleOf (error: ErrorName): string {
  const words = error.toLowerCase().replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
