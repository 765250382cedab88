/** How many deliveries may be under way at once. */
export interface LaneLimits {
  perEndpoint: number
  perTenant: number
  perProcess: number
  /** Of those of the process, kept for endpoints with nothing under way. */
  keptForFirsts: number
  /** Of these, kept for tenants that are within their bound: one with hundreds of receivers that hang does not take them all. */
  keptForTenants: number
}

export const laneLimits: LaneLimits = { perEndpoint: 8, perTenant: 64, perProcess: 512, keptForFirsts: 128, keptForTenants: 64 }

/** How many deliveries of an endpoint may be claimed and sent now. */
export interface Grant { endpointId: string, count: number }

interface Lane {
  endpointId: string
  tenant: TenantLanes
  /** Something may be due. */
  isDue: boolean
  /** How often it was said that something may be due. */
  wakes: number
  inFlight: number
  /** Of them, whether one was sent when nothing else was under way. */
  hasFirst: boolean
  limit: number
  idleSinceMs: number
}

interface TenantLanes {
  tenantId: string
  /** How many endpoints of it are remembered. */
  lanes: number
  inFlight: number
  /** Endpoints with something due; the next to send is first. */
  due: Map<string, Lane>
}

/** How long the pace of an endpoint is remembered while nothing is due. */
const forgetAfterMs = 600_000

/**
 * Who may send next, so that nobody waits for somebody else's receiver: round robin over tenants, then over their endpoints, each within its bounds.
 * An endpoint starts with one delivery at a time; each success adds one, a failure by network or timeout takes it back to one. One with nothing under way
 * may send one beyond its tenant's bound, unless what is left is kept for tenants with nothing under way. Knows nothing of what is sent.
 */
export class Lanes {
  readonly #limits: LaneLimits
  readonly #lanes = new Map<string, Lane>()
  readonly #tenants = new Map<string, TenantLanes>()
  /** Tenants with something due; the next is first. */
  readonly #ring = new Map<string, TenantLanes>()
  #inFlight = 0
  #firsts = 0

  constructor (limits: LaneLimits = laneLimits) {
    this.#limits = limits
  }

  get inFlight (): number { return this.#inFlight }

  /** Something may be due at an endpoint. */
  wake (endpointId: string, tenantId: string, nowMs: number): void {
    const lane = this.#laneOf(endpointId, tenantId, nowMs)
    lane.isDue = true
    lane.wakes++
    this.#enter(lane)
  }

  /** Whoever may send, and how much, `most` in all; it counts as under way until it is `returned` or `done`. */
  grant (most = Infinity): Array<Grant & { wakes: number }> {
    const granted = new Map<Lane, number>()
    for (let count = 0; count < most; count++) {
      const lane = this.#next()
      if (lane === undefined) break
      if (lane.inFlight === 0) {
        lane.hasFirst = true
        this.#firsts++
      }
      lane.inFlight++
      lane.tenant.inFlight++
      this.#inFlight++
      granted.set(lane, (granted.get(lane) ?? 0) + 1)
    }
    return [...granted].map(([{ endpointId, wakes }, count]) => ({ endpointId, count, wakes }))
  }

  /** Part of a grant was not used: nothing more was due. @param wakes as granted; who was woken since may have more */
  returned ({ endpointId, count, wakes }: Grant & { wakes: number }): void {
    const lane = this.#lanes.get(endpointId)
    if (lane === undefined) return
    if (lane.wakes === wakes) this.#leave(lane)
    for (let i = 0; i < count; i++) this.#release(lane)
  }

  /** A delivery is over. */
  done (endpointId: string, pace: 'faster' | 'same' | 'slowest', nowMs: number): void {
    const lane = this.#lanes.get(endpointId)
    if (lane === undefined) return
    if (pace === 'faster') lane.limit = Math.min(this.#limits.perEndpoint, lane.limit + 1)
    else if (pace === 'slowest') lane.limit = 1
    lane.idleSinceMs = nowMs
    this.#release(lane)
  }

  /** Forgets endpoints at which nothing has been due for a while. */
  forget (nowMs: number): void {
    for (const lane of this.#lanes.values()) {
      if (lane.isDue || lane.inFlight > 0 || nowMs - lane.idleSinceMs < forgetAfterMs) continue
      this.#lanes.delete(lane.endpointId)
      if (--lane.tenant.lanes === 0) this.#tenants.delete(lane.tenant.tenantId)
    }
  }

  /** The endpoint whose turn it is; tenants and endpoints that may not send now keep theirs. */
  #next (): Lane | undefined {
    if (this.#inFlight >= this.#limits.perProcess) return undefined
    for (const tenant of this.#ring.values()) {
      for (const lane of tenant.due.values()) {
        if (!this.#maySend(lane)) continue
        // Both go to the end of their rings
        tenant.due.delete(lane.endpointId)
        tenant.due.set(lane.endpointId, lane)
        this.#ring.delete(tenant.tenantId)
        this.#ring.set(tenant.tenantId, tenant)
        return lane
      }
    }
    return undefined
  }

  #maySend ({ inFlight, limit, tenant }: Lane): boolean {
    const { perTenant, perProcess, keptForFirsts, keptForTenants } = this.#limits
    if (inFlight === 0) return tenant.inFlight < perTenant || this.#inFlight < perProcess - keptForTenants
    return inFlight < limit && tenant.inFlight < perTenant && this.#inFlight - this.#firsts < perProcess - keptForFirsts
  }

  #release (lane: Lane): void {
    lane.inFlight--
    lane.tenant.inFlight--
    this.#inFlight--
    if (lane.inFlight === 0 && lane.hasFirst) {
      lane.hasFirst = false
      this.#firsts--
    }
  }

  #enter (lane: Lane): void {
    const { tenant } = lane
    tenant.due.set(lane.endpointId, lane)
    this.#ring.set(tenant.tenantId, tenant)
  }

  #leave (lane: Lane): void {
    const { tenant } = lane
    lane.isDue = false
    tenant.due.delete(lane.endpointId)
    if (tenant.due.size === 0) this.#ring.delete(tenant.tenantId)
  }

  #laneOf (endpointId: string, tenantId: string, nowMs: number): Lane {
    const known = this.#lanes.get(endpointId)
    if (known !== undefined) return known
    let tenant = this.#tenants.get(tenantId)
    if (tenant === undefined) this.#tenants.set(tenantId, tenant = { tenantId, lanes: 0, inFlight: 0, due: new Map() })
    tenant.lanes++
    const lane = { endpointId, tenant, isDue: false, wakes: 0, inFlight: 0, hasFirst: false, limit: 1, idleSinceMs: nowMs }
    this.#lanes.set(endpointId, lane)
    return lane
  }
}
