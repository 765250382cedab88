import type { RoomId } from '../../trtc/room-id.ts'
import { Speaker, type Listener, type SpeakerRole, type SpeakerRoom, type Ticker } from '../speaker.ts'

/** A relay task, seen from the room. */
export interface RoomListener extends Listener {
  /** Whether the user listened to is in the room as an anchor. */
  presence (isAnchor: boolean): void
}

export interface RoomOptions {
  now: () => number
  ticker: Ticker
  /** Sends an event callback. */
  send: (type: number, info: Record<string, unknown>) => void
  /** Someone enters: who else has this id must go. */
  onEnter: (userId: string) => void
  onDismissed: () => void
  /** How long a room stays after the last of the audience has left; after an anchor it goes at once. */
  lingerMs: number
  /** Names a numeric room as text in event 102, as one of TRTC's own samples does. */
  quoteDismissedRoom: boolean
}

/** A room of the sandbox: exists as a name for ever, and live from the first entry to its dismissal. */
export class Room implements SpeakerRoom {
  readonly roomId: RoomId
  readonly #options: RoomOptions
  readonly #speakers = new Map<string, Speaker>()
  readonly #listeners = new Map<string, Set<RoomListener>>()
  #startMs: number
  #live = false
  #lastEventMs = 0
  #linger: NodeJS.Timeout | undefined

  constructor (roomId: RoomId, options: RoomOptions) {
    this.roomId = roomId
    this.#options = options
    this.#startMs = options.now()
  }

  /** When the room was last created, Unix milliseconds: the zero of what its speakers say. */
  get startMs (): number { return this.#startMs }
  get live (): boolean { return this.#live }

  now (): number { return this.#options.now() }

  /** Creates the room if need be. A second entry of one user removes the first. */
  enter (userId: string, { role = 'anchor' }: { role?: SpeakerRole } = {}): Speaker {
    this.#options.onEnter(userId)
    const before = this.#speakers.get(userId)
    const speaker = new Speaker(userId, role, this, this.#options.ticker)
    this.#speakers.set(userId, speaker)
    clearTimeout(this.#linger)
    if (before !== undefined) this.#tellLeft(before, 3)
    if (!this.#live) {
      this.#live = true
      this.#startMs = this.now()
      this.send(101, { UserId: userId })
    }
    this.send(103, { UserId: userId, Role: speaker.roleNumber, TerminalType: 4, UserType: 3, Reason: 1 })
    this.roleChanged(speaker)
    return speaker
  }

  /** Removes a user; false when there is none of this id. */
  kick (userId: string): boolean {
    const speaker = this.#speakers.get(userId)
    speaker?.leave('removed')
    return speaker !== undefined
  }

  /** Ends the room for all at once; false when it is not live. Nobody's leaving is told apart from it. */
  dismiss (): boolean {
    if (!this.#live) return false
    clearTimeout(this.#linger)
    for (const speaker of this.#speakers.values()) {
      speaker.gone()
      this.#tellPresence(speaker.userId, false)
    }
    this.#speakers.clear()
    this.#live = false
    const { quoteDismissedRoom, onDismissed } = this.#options
    this.send(102, quoteDismissedRoom ? { RoomId: String(this.roomId) } : {})
    onDismissed()
    return true
  }

  /** Listens to a user, who may not be there yet. Gives the way to stop. */
  listen (userId: string, listener: RoomListener): () => void {
    const listeners = this.#listeners.get(userId) ?? new Set()
    this.#listeners.set(userId, listeners.add(listener))
    listener.presence(this.#speakers.get(userId)?.role === 'anchor')
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(userId) === listeners) this.#listeners.delete(userId)
    }
  }

  listenersOf (userId: string): Iterable<RoomListener> {
    return this.#listeners.get(userId) ?? []
  }

  leave (speaker: Speaker, reason: number): void {
    this.#speakers.delete(speaker.userId)
    this.#tellLeft(speaker, reason)
    this.#tellPresence(speaker.userId, false)
    if (this.#speakers.size > 0) return
    if (speaker.role === 'anchor') this.dismiss()
    else this.#linger = setTimeout(() => this.dismiss(), this.#options.lingerMs)
  }

  roleChanged (speaker: Speaker): void {
    this.#tellPresence(speaker.userId, speaker.role === 'anchor')
  }

  /** Times of one room never repeat, so that two events of a kind are two events. */
  send (type: number, info: Record<string, unknown>): void {
    this.#lastEventMs = Math.max(this.#lastEventMs + 1, this.now())
    const eventMs = this.#lastEventMs
    this.#options.send(type, { RoomId: this.roomId, EventTs: Math.floor(eventMs / 1000), EventMsTs: eventMs, ...info })
  }

  /** Stops every timer; tells nobody. */
  close (): void {
    clearTimeout(this.#linger)
    for (const speaker of this.#speakers.values()) speaker.gone()
    this.#speakers.clear()
  }

  #tellLeft (speaker: Speaker, reason: number): void {
    speaker.gone()
    this.send(104, { UserId: speaker.userId, Role: speaker.roleNumber, Reason: reason })
  }

  #tellPresence (userId: string, isAnchor: boolean): void {
    for (const listener of this.listenersOf(userId)) listener.presence(isAnchor)
  }
}
