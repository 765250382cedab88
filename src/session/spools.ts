import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { trackStarted } from '../callback/events/track-changed.ts'
import type { Outbox } from '../callback/outbox.ts'
import type { Clock } from '../core/clock.ts'
import type { Connection } from '../state/database.ts'
import { claimTracks, listSpools, lostSpools, noteFirstAudio, putSpool, touchSpool, type SpoolUse } from '../state/spools.ts'

export interface SpoolsOptions {
  /** Id and folder of the spool that this gateway works on. */
  id: string
  path: string
  nodeId: string
  /** How long another spool is waited for after a gateway last worked on it. */
  lostAfterMs: number
}

/** A track that was closed without audio that it had received. */
export interface LostTrack { recordingId: string, trackId: string }

export interface SpoolsDeps {
  kysely: Connection
  outbox: Pick<Outbox, 'transaction'>
  clock: Clock
  /** The wall clock, by which events are dated. */
  wall: Clock
  log: Logger
}

/** How often the first audio of tracks is noted, all together: within the second that a kill may lose anyway. */
const noteEveryMs = 500
/** How often a sign of life of our spool is noted, and others are looked for. */
const lookEveryMs = 60_000
/** How many lost tracks are told of. */
const maxLost = 100

/** The spool of this gateway among those that the database knows: whose tracks are here, whose are not, and who is not waited for any more. */
export class Spools {
  readonly #options: SpoolsOptions
  readonly #deps: SpoolsDeps
  /** First audio that is not noted yet, by track: the room's time, Unix milliseconds. */
  readonly #firstAudio = new Map<string, number>()
  #noting: Promise<void> | undefined
  #missing: SpoolUse[] = []
  readonly #lost: LostTrack[] = []
  #noteTimer: NodeJS.Timeout | undefined
  #lookTimer: NodeJS.Timeout | undefined

  constructor (options: SpoolsOptions, deps: SpoolsDeps) {
    this.#options = options
    this.#deps = deps
  }

  get id (): string { return this.#options.id }

  /** Spools that tracks wait for and that are not here, as of the last look. */
  get missing (): readonly SpoolUse[] { return this.#missing }

  /** The newest tracks that were closed without their audio since the start. */
  get lost (): readonly LostTrack[] { return this.#lost }

  onLost (track: LostTrack): void {
    this.#lost.push(track)
    if (this.#lost.length > maxLost) this.#lost.shift()
  }

  /** Notes that we work on this spool, and gives it the tracks that version 0.1.0 left in it. @param spooled tracks that have files in it */
  async start (spooled: string[]): Promise<void> {
    const { id, path, nodeId } = this.#options
    const { kysely, clock } = this.#deps
    await putSpool(kysely, { id, path, nodeId, host: hostname() }, clock.now())
    await claimTracks(kysely, { spoolId: id, nodeId, spooled })
    await this.look()
    this.#noteTimer = setInterval(() => { this.#noting ??= this.#note().finally(() => { this.#noting = undefined }) }, noteEveryMs)
    this.#lookTimer = setInterval(() => { this.look().catch((err: unknown) => { this.#deps.log.warn({ err }, 'spools not looked at') }) }, lookEveryMs)
  }

  onFirstAudio (trackId: string, startMs: number): void {
    this.#firstAudio.set(trackId, startMs)
  }

  /** Of these spools, those that are not waited for any more. */
  async lostOf (ids: readonly string[]): Promise<Set<string>> {
    const { kysely, clock } = this.#deps
    return lostSpools(kysely, ids, clock.now() - this.#options.lostAfterMs)
  }

  /** Notes a sign of life, and tells of spools that are missing now and were not before. */
  async look (): Promise<void> {
    const { kysely, clock, log } = this.#deps
    await touchSpool(kysely, this.id, clock.now())
    const missing = (await listSpools(kysely)).filter(({ id, openTracks }) => id !== this.id && openTracks > 0)
    for (const { id, path, host, nodeId, openTracks } of missing) {
      if (this.#missing.some((known) => known.id === id)) continue
      log.error({ spoolId: id, path, host, nodeId, tracks: openTracks }, 'a spool with audio of tracks is not here; they wait for it')
    }
    this.#missing = missing
  }

  async close (): Promise<void> {
    clearInterval(this.#noteTimer)
    clearInterval(this.#lookTimer)
    await this.#noting
    await this.#note()
  }

  async #note (): Promise<void> {
    if (this.#firstAudio.size === 0) return
    const noted = new Map(this.#firstAudio)
    try {
      await this.#deps.outbox.transaction(async (transaction, tell) => {
        for (const { track, audioMs, recording } of await noteFirstAudio(transaction, noted)) {
          tell({ tenantId: recording.tenantId, event: trackStarted({ recording, track, startMs: audioMs }, this.#deps.wall.now()) })
        }
      })
      for (const trackId of noted.keys()) this.#firstAudio.delete(trackId)
    } catch (err) {
      // They are kept, and noted with the next ones.
      this.#deps.log.warn({ err, tracks: noted.size }, 'first audio of tracks not noted yet')
    }
  }
}
