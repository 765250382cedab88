import type { Seal } from '../core/seal.ts'
import { endpointHeadersContext } from './seal-contexts.ts'

/** The headers of an endpoint's own, by their names in lower case. */
export type EndpointHeaders = Readonly<Record<string, string>>

/** @returns null when there are none */
export function sealEndpointHeaders (seal: Seal, endpointId: string, headers: EndpointHeaders): string | null {
  return Object.keys(headers).length === 0 ? null : seal.seal(JSON.stringify(headers), endpointHeadersContext(endpointId))
}

/** @throws RoomtapeError SEAL_BROKEN */
export function openEndpointHeaders (seal: Seal, endpointId: string, sealed: string | null): EndpointHeaders {
  return sealed === null ? {} : JSON.parse(seal.open(sealed, endpointHeadersContext(endpointId))) as EndpointHeaders
}

/** Ours, and those that say how a request is sent. */
const refusedHeader = new RegExp(`^(${[
  'host', 'connection', 'keep-alive', 'proxy-.*', 'upgrade', 'te', 'trailer', 'transfer-encoding', 'expect',
  'content-.*', 'accept-encoding', 'user-agent', 'webhook-.*', 'x-attempt', 'traceparent'
].join('|')})$`, 'i')
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/
/** Visible ASCII, with spaces and tabs between. */
const headerValue = /^[!-~](?:[\t -~]*[!-~])?$/
const longestValue = 4_096

/** Says what is wrong with a header for an endpoint, if something is. The value may be a secret and is not in it. */
export function objectionToHeader (name: string, value: string): string | undefined {
  if (!headerName.test(name)) return 'is no name of a header'
  if (refusedHeader.test(name)) return 'is not for endpoints to set'
  if (value.length > longestValue) return `has a value longer than ${longestValue} characters`
  return headerValue.test(value) ? undefined : 'has a value that is not visible ASCII'
}
