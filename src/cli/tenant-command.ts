import { given, type GatewayCall } from './call-gateway.ts'

/** Options of the commands that a tenant's key is for. */
export const tenantOptions = {
  pull: { type: 'boolean' },
  hidden: { type: 'boolean' },
  types: { type: 'string' },
  'user-ids': { type: 'string' },
  labels: { type: 'string' },
  rooms: { type: 'string' },
  'sdk-app-ids': { type: 'string' },
  schedule: { type: 'string' },
  format: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  states: { type: 'string' },
  endpoint: { type: 'string' },
  state: { type: 'string' },
  type: { type: 'string' },
  recording: { type: 'string' },
  limit: { type: 'string' },
  cursor: { type: 'string' }
} as const

type Values = { [Name in keyof typeof tenantOptions]?: (typeof tenantOptions)[Name]['type'] extends 'boolean' ? boolean : string }
type Command = 'endpoint add' | 'endpoint list' | 'endpoint test' | 'endpoint replay' | 'delivery list' | 'delivery replay'

/** The call that such a command is. @throws Error that can be shown as it is */
export function tenantCommand (command: Command, argument: string | undefined, values: Values): Pick<GatewayCall, 'method' | 'path' | 'body'> {
  switch (command) {
    case 'endpoint add': return { method: 'POST', path: '/v1/endpoints', body: endpointOf(argument, values) }
    case 'endpoint list': return { method: 'GET', path: `/v1/endpoints?Limit=100${values.hidden === true ? '&Hidden=true' : ''}` }
    case 'endpoint test': return { method: 'POST', path: `/v1/endpoints/${idOf(argument, 'ENDPOINT_ID')}/test` }
    case 'endpoint replay': return { method: 'POST', path: `/v1/endpoints/${idOf(argument, 'ENDPOINT_ID')}/replay`, body: replayOf(values) }
    case 'delivery list': return { method: 'GET', path: `/v1/deliveries?${filterOf(values)}` }
    case 'delivery replay': return { method: 'POST', path: `/v1/deliveries/${idOf(argument, 'DELIVERY_ID')}/replay` }
  }
}

function endpointOf (url: string | undefined, values: Values): object {
  return {
    ...values.pull === true ? { Pull: true, Url: url } : { Url: given(url, 'URL, or --pull,') },
    Types: listOf(values.types),
    Filters: {
      UserIds: listOf(values['user-ids']),
      Labels: listOf(values.labels),
      Rooms: listOf(values.rooms),
      SdkAppIds: numbersOf(values['sdk-app-ids'], '--sdk-app-ids')
    },
    Schedule: /^\d/.test(values.schedule ?? '') ? numbersOf(values.schedule, '--schedule') : values.schedule,
    CallbackFormat: values.format
  }
}

function replayOf ({ since, until, types, states }: Values): object {
  return { SinceMs: momentOf(since, '--since'), UntilMs: momentOf(until, '--until'), Types: listOf(types), States: listOf(states) }
}

function filterOf ({ endpoint, state, type, recording, since, until, limit, cursor }: Values): string {
  const [SinceMs, UntilMs] = [momentOf(since, '--since'), momentOf(until, '--until')]
  const filter = { Endpoint: endpoint, State: state, Type: type, RecordingId: recording, SinceMs, UntilMs, Limit: limit, Cursor: cursor }
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(filter)) {
    if (value !== undefined) query.set(name, String(value))
  }
  return query.toString()
}

function idOf (argument: string | undefined, what: string): string {
  return encodeURIComponent(given(argument, what))
}

function listOf (text: string | undefined): string[] | undefined {
  return text?.split(',').map((entry) => entry.trim())
}

function numbersOf (text: string | undefined, option: string): number[] | undefined {
  const entries = listOf(text)
  if (entries?.some((entry) => !/^\d{1,15}$/.test(entry)) === true) throw new Error(`${option} must be numbers separated by commas, not '${text ?? ''}'`)
  return entries?.map(Number)
}

/** A time as people and as programs write it. */
function momentOf (text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  const ms = /^\d{1,16}$/.test(text) ? Number(text) : Date.parse(text)
  if (Number.isNaN(ms)) throw new Error(`${option} must be like 2026-11-28T09:00:00Z, not '${text}'`)
  return ms
}
