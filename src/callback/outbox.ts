import type { Transaction } from 'kysely'
import { newId } from '../core/ids.ts'
import type { Seal } from '../core/seal.ts'
import type { Connection } from '../state/database.ts'
import { insertDeliveries, type NewDelivery } from '../state/deliveries.ts'
import type { CallbackFormat } from '../state/endpoint-options.ts'
import { endpointsToTell, type EndpointChoice } from '../state/endpoints.ts'
import { insertEvents } from '../state/events.ts'
import type { Tables } from '../state/tables.ts'
import { factsOf, isEnd, type CallbackEvent } from './events.ts'
import { wants } from './filter.ts'
import { callbackUrlHash, makeHiddenEndpoint } from './hidden-endpoint.ts'
import { deliveryUrlContext } from './seal-contexts.ts'

/** Where a recording's own caller is told, as the request said. */
export interface Callback { url: string, format: CallbackFormat }

export interface Told {
  tenantId: string
  event: CallbackEvent
  /** Who is told beside the tenant's endpoints; undefined: nobody asked. */
  callback?: Callback | undefined
}

export type Tell = (told: Told) => void

export interface OutboxDeps {
  kysely: Connection
  seal: Seal
  /** Told after the commit that something waits for these endpoints. */
  onCommitted: (endpoints: ReadonlyArray<{ id: string, tenantId: string }>) => void
}

/**
 * The transactional outbox: what happened and who is to be told of it are written in the transaction of the state change that caused it; all
 * happen, or none. It writes rows only: no job, no lock and no NOTIFY, of which each costs more than the rows.
 */
export class Outbox {
  readonly #deps: OutboxDeps

  constructor (deps: OutboxDeps) {
    this.#deps = deps
  }

  /** Runs a state change in a transaction. What it tells is written at its end, and the sender wakes after the commit. */
  async transaction<T> (change: (transaction: Transaction<Tables>, tell: Tell) => Promise<T>): Promise<T> {
    const told: Told[] = []
    const { result, deliveries } = await this.#deps.kysely.transaction().execute(async (transaction) => {
      const result = await change(transaction, (each) => { told.push(each) })
      return { result, deliveries: await this.#write(transaction, told) }
    })
    const toSend = deliveries.filter(({ state, pull }) => state === 'waiting' && pull !== true)
    if (toSend.length > 0) this.#deps.onCommitted(toSend.map(({ endpointId, tenantId }) => ({ id: endpointId, tenantId })))
    return result
  }

  async #write (transaction: Transaction<Tables>, told: readonly Told[]): Promise<NewDelivery[]> {
    const deliveries: NewDelivery[] = []
    const events: CallbackEvent[] = []
    for (const [tenantId, own] of Map.groupBy(told, (each) => each.tenantId)) {
      const endpoints = await this.#endpointsOf(transaction, tenantId, own)
      for (const each of own) {
        const made = this.#deliveriesOf(each, endpoints)
        deliveries.push(...made)
        // The end of a recording is kept though nobody is told of it.
        if (made.length > 0 || isEnd(each.event)) events.push(each.event)
      }
      await insertEvents(transaction, events.splice(0).map((event) => ({
        id: event.Id,
        tenantId,
        recordingId: 'RecordingId' in event ? event.RecordingId : null,
        type: event.Type,
        body: JSON.stringify(event),
        createdMs: event.TimestampMs
      })))
    }
    await insertDeliveries(transaction, deliveries)
    return deliveries
  }

  /** The tenant's endpoints, and the hidden ones of the callbacks that are named, by the HMAC of their URL. */
  async #endpointsOf (transaction: Connection, tenantId: string, told: readonly Told[]): Promise<{ own: EndpointChoice[], hidden: Map<string, string> }> {
    const { seal } = this.#deps
    const callbacks = new Map(told.flatMap(({ event, callback }) => callback === undefined || !isForCallback(event, callback)
      ? []
      : [[callbackUrlHash(seal, tenantId, callback.url), { callbackUrl: callback.url, nowMs: event.TimestampMs }] as const]))
    const known = await endpointsToTell(transaction, tenantId, [...callbacks.keys()])
    const hidden = new Map(known.flatMap(({ id, urlHash }) => urlHash === null ? [] : [[urlHash, id] as const]))
    // In one order everywhere: two transactions that make the same ones crosswise would wait for each other.
    for (const [hash, callback] of [...callbacks].sort(([a], [b]) => a < b ? -1 : 1)) {
      if (!hidden.has(hash)) hidden.set(hash, await makeHiddenEndpoint(transaction, seal, { tenantId, ...callback }))
    }
    return { own: known.filter((each) => !each.hidden), hidden }
  }

  #deliveriesOf ({ tenantId, event, callback }: Told, { own, hidden }: { own: readonly EndpointChoice[], hidden: ReadonlyMap<string, string> }): NewDelivery[] {
    const { seal } = this.#deps
    const common = { eventId: event.Id, tenantId, createdMs: event.TimestampMs }
    const facts = factsOf(event)
    const isMuted = (format: CallbackFormat): boolean => format === 'template' && !isEnd(event)
    const told = own.filter((each) => wants(each, facts) && !isMuted(each.format) && !isAbout(event, each))
    const deliveries: NewDelivery[] = told.map(({ id, format, pull, enabled }) =>
      ({ ...common, id: newId('dlv'), endpointId: id, sealedUrl: null, format, pull, state: enabled ? 'waiting' : 'held' }))
    const endpointId = callback && hidden.get(callbackUrlHash(seal, tenantId, callback.url))
    if (callback !== undefined && endpointId !== undefined && isForCallback(event, callback)) {
      const id = newId('dlv')
      deliveries.push({ ...common, id, endpointId, sealedUrl: seal.seal(callback.url, deliveryUrlContext(id)), format: callback.format, state: 'waiting' })
    }
    return deliveries
  }
}

/** An endpoint is not told of itself that it is disabled. */
function isAbout (event: CallbackEvent, { id }: EndpointChoice): boolean {
  return event.Type === 'endpoint.disabled' && event.Endpoint.EndpointId === id
}

/** A `Callback` gets what it always got; in the template's form the end alone. */
function isForCallback (event: CallbackEvent, { format }: Callback): boolean {
  return isEnd(event) || (event.Type === 'segment.uploaded' && format === 'full')
}
