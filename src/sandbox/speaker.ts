import type { AudioConfig } from '../media/audio-config.ts'

/** Encoded audio that is spoken round and round. */
export interface Clip {
  config: AudioConfig
  frames: readonly Uint8Array[]
}

/** Hears what one user of a room says; the user may come, talk, be muted and leave. */
export interface Listener {
  /** The user has said this frame. @param atMs when the frame begins, Unix milliseconds with their fraction */
  hear (frame: Uint8Array, config: AudioConfig, atMs: number): void
  /** The user has fallen silent: muted, gone to the audience or left. */
  quiet (): void
  /** The user's media clock stands still for so long: what follows is that much later than it counts. */
  stand (ms: number): void
}

/** What a speaker needs of the room it is in. */
export interface SpeakerRoom {
  /** Unix milliseconds, the zero of the room's clock. */
  readonly startMs: number
  now (): number
  listenersOf (userId: string): Iterable<Listener>
  /** Sends an event of this user. */
  send (type: number, info: Record<string, unknown>): void
  leave (speaker: Speaker, reason: number): void
  roleChanged (speaker: Speaker): void
}

export type SpeakerRole = 'anchor' | 'audience'

const roleNumbers = { anchor: 20, audience: 21 } as const
const leaveReasons = { normal: 1, timeout: 2, removed: 3, crossRoomEnded: 4, killed: 5 } as const
export type SpeakerLeaveReason = keyof typeof leaveReasons

/** How much talk a speaker makes up for after the machine stood still; what is older becomes a gap. */
const longestCatchUpMs = 10_000

/** A user of a room. What an anchor says is tied to the room's clock, so that the sound tells at which moment of the room it was spoken. */
export class Speaker {
  readonly userId: string
  readonly #room: SpeakerRoom
  readonly #ticker: Ticker
  #role: SpeakerRole
  #present = true
  #clip: Clip | undefined
  #talking = false
  #nextFrame = 0
  /** Until when the media clock stands still, milliseconds of the room. */
  #standsUntilMs = 0

  constructor (userId: string, role: SpeakerRole, room: SpeakerRoom, ticker: Ticker) {
    this.userId = userId
    this.#role = role
    this.#room = room
    this.#ticker = ticker
  }

  get role (): SpeakerRole { return this.#role }
  get roleNumber (): number { return roleNumbers[this.#role] }
  get talking (): boolean { return this.#talking }

  /** Starts to talk, or goes on with another clip. */
  talk (clip: Clip): void {
    this.#mustBePresent()
    if (this.#role !== 'anchor') throw new Error(`${this.userId} is audience and cannot talk`)
    const now = this.#room.now()
    if (this.#talking) this.advance(now)
    this.#clip = clip
    this.#nextFrame = Math.floor(Math.max(now - this.#room.startMs, this.#standsUntilMs) / frameMsOf(clip))
    if (this.#talking) return
    this.#talking = true
    this.#ticker.add(this)
    this.#room.send(203, { UserId: this.userId })
  }

  mute (): void {
    this.#mustBePresent()
    if (this.#hush()) this.#room.send(204, { UserId: this.userId, Reason: 0 })
  }

  /** Talks again, with the clip from before. */
  unmute (): void {
    if (this.#clip === undefined) throw new Error(`${this.userId} has not talked yet`)
    if (!this.#talking) this.talk(this.#clip)
  }

  /**
   * Has the media clock of a speaker who talks stand still for about so long, as a machine does that cannot keep up: nothing is said meanwhile, and
   * relays that push this speaker go on after it as if no time had passed.
   */
  stall (ms: number): void {
    this.#mustBePresent()
    const clip = this.#clip
    if (!this.#talking || clip === undefined) throw new Error(`${this.userId} does not talk`)
    this.advance(this.#room.now())
    const frames = Math.round(ms / frameMsOf(clip))
    this.#nextFrame += frames
    this.#standsUntilMs = this.#nextFrame * frameMsOf(clip)
    for (const listener of this.#room.listenersOf(this.userId)) listener.stand(frames * frameMsOf(clip))
  }

  /** Sends 105. To the audience, the audio ends without a 204, since TRTC does not promise one. */
  switchRole (role: SpeakerRole): void {
    this.#mustBePresent()
    if (role === this.#role) return
    this.#hush()
    this.#role = role
    this.#room.send(105, { UserId: this.userId, Role: this.roleNumber })
    this.#room.roleChanged(this)
  }

  /** Sends 104 and no 204: TRTC does not tell of the audio that ends with a visit. */
  leave (reason: SpeakerLeaveReason = 'normal'): void {
    this.#mustBePresent()
    this.#room.leave(this, leaveReasons[reason])
  }

  /** The room calls this when the user is no longer in it. */
  gone (): void {
    this.#hush()
    this.#present = false
  }

  /** Gives the listeners each frame that ended by `nowMs`, Unix milliseconds. */
  advance (nowMs: number): void {
    const clip = this.#clip
    if (clip === undefined) return
    const frameMs = frameMsOf(clip)
    const { startMs } = this.#room
    const until = Math.floor((nowMs - startMs) / frameMs)
    this.#nextFrame = Math.max(this.#nextFrame, until - Math.floor(longestCatchUpMs / frameMs))
    for (; this.#nextFrame < until; this.#nextFrame++) {
      const frame = clip.frames[this.#nextFrame % clip.frames.length]
      if (frame === undefined) throw new Error('a clip has no frames')
      for (const listener of this.#room.listenersOf(this.userId)) listener.hear(frame, clip.config, startMs + this.#nextFrame * frameMs)
    }
  }

  #hush (): boolean {
    if (!this.#talking) return false
    this.advance(this.#room.now())
    this.#talking = false
    this.#ticker.delete(this)
    for (const listener of this.#room.listenersOf(this.userId)) listener.quiet()
    return true
  }

  #mustBePresent (): void {
    if (!this.#present) throw new Error(`${this.userId} has left the room`)
  }
}

/** One timer for all speakers who talk. Frames follow the clock, so a late tick delays audio but neither loses nor stretches any. */
export class Ticker {
  readonly #speakers = new Set<Speaker>()
  readonly #now: () => number
  #timer: NodeJS.Timeout | undefined

  constructor (now: () => number) {
    this.#now = now
  }

  add (speaker: Speaker): void {
    this.#speakers.add(speaker)
    this.#timer ??= setInterval(() => {
      const now = this.#now()
      for (const each of this.#speakers) each.advance(now)
    }, tickMs)
  }

  delete (speaker: Speaker): void {
    this.#speakers.delete(speaker)
    if (this.#speakers.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

/** About one AAC frame. */
const tickMs = 20

function frameMsOf ({ config }: Clip): number {
  return config.frameSamples * 1000 / config.sampleRate
}
