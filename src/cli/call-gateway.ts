import { request } from 'undici'
import { messageOf } from '../core/errors.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export interface GatewayCall {
  /** Where the gateway is. */
  url: string
  token: string
  /** The token is a tenant's key, not the operator's. */
  isTenant?: boolean
  method: Method
  path: string
  body?: object | undefined
}

/** Calls a running gateway and prints what it answers. @throws Error that can be shown as it is */
export async function callGateway (call: GatewayCall): Promise<void> {
  const answer = await askGateway(call)
  if (answer !== undefined) process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`)
}

/** @throws Error that can be shown as it is */
export async function askGateway ({ url, token, isTenant = false, method, path, body }: GatewayCall): Promise<object | undefined> {
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) throw new Error(`--url must be like http://127.0.0.1:8080, not '${url}'`)
  const headers = { authorization: `Bearer ${token}`, ...body && { 'content-type': 'application/json' } }
  const response = await request(new URL(path, url), { method, headers, body: body === undefined ? null : JSON.stringify(body) }).catch((error: unknown) => {
    throw new Error(`no gateway answers at ${url}: ${messageOf(error)}`, { cause: error })
  })
  const answer = parseAnswer(await response.body.text(), url)
  if (response.statusCode === 401) {
    throw new Error(isTenant
      ? `the gateway at ${url} does not take the key in ROOMTAPE_KEY`
      : `the gateway at ${url} has another operator's token: set ADMIN_TOKEN, or DATA_DIR to its own`)
  }
  if (response.statusCode >= 400) throw new Error(problemOf(answer, response.statusCode))
  return answer
}

/** What a command needs. @throws Error that can be shown as it is */
export function given (value: string | undefined, what: string): string {
  if (value === undefined || value === '') throw new Error(`${what} is needed; roomtape --help shows how`)
  return value
}

function parseAnswer (text: string, url: string): object | undefined {
  if (text === '') return undefined
  try {
    return JSON.parse(text) as object
  } catch (error) {
    throw new Error(`what answers at ${url} is no Roomtape`, { cause: error })
  }
}

function problemOf (answer: object | undefined, status: number): string {
  const { detail = 'no reason given', Errors = [] } = (answer ?? {}) as { detail?: string, Errors?: Array<{ Pointer: string, Detail: string }> }
  return [`${status}: ${detail}`, ...Errors.map(({ Pointer, Detail }) => `  ${Pointer} ${Detail}`)].join('\n')
}
