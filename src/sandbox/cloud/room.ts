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
  /** Called before a user enters, so that the cloud ends a relay whose robot has the same id. */
  onEnter: (userId: string) => void
  onDismissed: () => void
  /** How long an empty room stays live when the last to leave was audience; after an anchor it is dismissed at once. */
  lingerMs: number
  /** Event 102 gives a numeric RoomId as text, as one of TRTC's own samples does. */
  quoteDismissedRoom: boolean
}

/** A room of the sandbox. It is live from the first entry to its dismissal, as often as somebody enters; the object stays. */
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

  /** When the room was last created, Unix milliseconds. A speaker's clip is tied to it: frame 0 belongs to this moment. */
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

  /** Ends the room for all at once and sends 102, no 104s; false when the room is not live. */
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

  /** Adds a listener to a user, who may not be there yet. @returns removes it */
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

  /** Sends an event of this room. No two have the same time, so that a gateway can tell two events of one kind apart. */
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
