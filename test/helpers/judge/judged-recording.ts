import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CallbackEvent, Fate } from '../../../src/sandbox/cloud/events.ts'
import type { TaskView } from '../../../src/sandbox/cloud/relay-tasks.ts'
import type { Clip, Speaker } from '../../../src/sandbox/speaker.ts'
import type { Timeline } from '../../../src/timeline/schema.ts'
import type { Evidence, FailedCall, HeardEvent, Put, ToldEvent, ToldRecording } from './evidence.ts'
import type { Fault } from './faults.ts'
import { voiceNumbers, type Ledger, type Pause, type Talk } from './frame-ledger.ts'
import { isOver, orphansOf } from './judge-tasks.ts'
import type { Stage } from './judged-round.ts'
import type { Happening, JudgedScript } from './judged-script.ts'
import { movedBy } from './moved-times.ts'
import { frameMsOf, numberedClip } from '../numbered-talk.ts'
import { asTimeline } from '../timeline.ts'
import { bucket, sdkAppId } from '../world.ts'

/** How long the end is waited for: longer than a bucket is away, and than TRTC's calls fail. */
const patienceMs = 60_000
/** How long it takes until a speaker is heard, when nothing is in the way. */
const heardMs = 4_000
/** How long deliveries are waited for when the end has been told of. */
const deliveryMs = 10_000
/** How long Stops are waited for when the end has been told of: two of them may hang. */
const stopMs = 40_000
/** How often the gateway is asked whether something has happened: seldom enough not to hold it up. */
const pollMs = 1_000
/** After so long without anybody a recording whose room's end was told to nobody is over. */
const maxIdleSeconds = 10
const encodings = [48_000, 44_100] as const
const eventFaults = { once: undefined, twice: 'event doubled', late: 'event late', never: 'event lost' } as const satisfies Record<Fate, Fault | undefined>
const callFaults = { refuse: 'refused', hang: 'hung', 'lost-answer': 'answered to nobody' } as const

interface User {
  userId: string
  tone: JudgedScript['users'][number]['tone']
  entersSilent: boolean
  /** By encoding; made when it is first spoken. */
  clips: (Clip | undefined)[]
  voices: number[]
  encoding: number
  speaker: Speaker | undefined
}

/** What the gateway says of a recording that is over. */
export interface ToldOfRecording { detail: ToldRecording, timeline: Timeline }

/** One recording of a round: plays its script, and gathers what is known of it. */
export class JudgedRecording {
  readonly script: JudgedScript
  readonly #stage: Stage
  readonly #index: number
  readonly #roomId: string
  readonly #users: User[]
  readonly #talks: Talk[] = []
  readonly #pauses: Pause[] = []
  readonly #stalls: Talk[] = []
  readonly #failedCalls: FailedCall[] = []
  readonly #barredTasks = new Set<string>()
  /** Of events of the room so far. */
  #eventCount = 0
  /** By user: whether the last event by which one could know of him was told to nobody. */
  readonly #hidden = new Set<string>()
  /** Calls that the gateway should have taken. */
  readonly #refusals: string[] = []
  #recordingId = ''
  /** How much later than it was the gateway took the time to be when it was asked for the recording. */
  #clockOffsetMs = 0
  #stopAskedMs: number | undefined
  #tasks: TaskView[] = []

  constructor (script: JudgedScript, index: number, stage: Stage) {
    this.script = script
    this.#index = index
    this.#stage = stage
    this.#roomId = `judged-${index}`
    this.#users = script.users.map((user) => ({ ...user, clips: [], voices: [], encoding: 0, speaker: undefined }))
    for (const { userId, voices } of this.#users) {
      for (const sampleRate of encodings) {
        voices.push(stage.voices.length)
        stage.voices.push({ userId, recording: index, frameMs: 1024 * 1000 / sampleRate })
      }
    }
    stage.byRoom.set(this.#roomId, this)
  }

  /** What becomes of an event of the room. */
  fateOf (event: CallbackEvent): Fate {
    const fate = this.#fateOf(event)
    const fault = eventFaults[fate]
    if (fault !== undefined) this.#stage.faults.add(fault)
    return fate
  }

  /** Of an entry and the talk that follows not both are lost: nobody could know of the user. */
  #fateOf ({ EventType, EventInfo }: CallbackEvent): Fate {
    if (EventType === 102) return this.script.losesEnd ? 'never' : 'once'
    const { fates } = this.script
    const fate = fates?.[this.#eventCount++ % fates.length] ?? 'once'
    const isEndOfTask = EventType === 401 && (EventInfo.Payload as { Status: number }).Status === 0
    // By the one alone it can be known that the room is over, by the other, before anybody speaks, that it is not
    if ((isEndOfTask || EventType === 103) && this.script.losesEnd) return 'once'
    if (EventType !== 103 && EventType !== 203) return fate
    const userId = String(EventInfo.UserId)
    const tells = fate !== 'never' || this.#hidden.has(userId)
    if (tells) this.#hidden.delete(userId)
    else this.#hidden.add(userId)
    return tells && fate === 'never' ? 'once' : fate
  }

  /** Whether a relay that has sent this shall not reach the gateway. */
  bars (hello: Buffer): boolean {
    const { barred } = this.script
    if (barred === undefined) return false
    const { userId } = this.#user(barred.user)
    const task = this.#allTasks().filter(({ anchorUserId }) => anchorUserId === userId)[barred.nth - 1]
    const isIts = task?.pushes.some(({ url }) => hello.includes(url.slice(url.lastIndexOf('/') + 1))) === true
    if (isIts) this.#barredTasks.add(task.taskId)
    return isIts
  }

  async begin (): Promise<void> {
    const { output, calls, losesEnd } = this.script
    for (const { user, action, nth, fault } of calls) {
      const { userId } = this.#user(user)
      const onHit = (): void => {
        this.#failedCalls.push({ userId, action, fault, atMs: Date.now() })
        this.#stage.faults.add(`${action === 'StartPublishCdnStream' ? 'Start' : 'Stop'} ${callFaults[fault.kind]}`)
      }
      this.#stage.outside.cloud.faults.add({ ...fault, action, nth, userId, roomId: this.#roomId, onHit })
    }
    const { status, body } = await this.#start({
      SdkAppId: this.#appId,
      StrRoomId: this.#roomId,
      UserId: 'rec_1',
      Callback: this.#stage.outside.receiver.url,
      Output: output,
      ...losesEnd && { MaxIdleSeconds: maxIdleSeconds }
    })
    assert.equal(status, 202, JSON.stringify(body))
    this.#recordingId = String(body.RecordingId)
  }

  /** Plays the script, until the gateway has told the end and has stopped what TRTC pushes. */
  async play (): Promise<void> {
    const { steps, patient, bucket: wrong, end, beginsMs } = this.script
    if (beginsMs > 0) {
      await sleep(beginsMs)
      await this.begin()
    }
    this.#room.enter('witness', { role: 'audience' }) // so that the room stays when its last speaker leaves
    for (const user of this.#users) this.#enter(user)
    if (patient) await this.#heard()
    const begunMs = performance.now()
    const until = (atMs: number): Promise<void> => sleep(Math.max(0, begunMs + atMs - performance.now()))
    const bucketFails = async (): Promise<void> => {
      if (wrong === undefined) return
      await until(wrong.atMs)
      this.#stage.outside.cos.faults.add({ kind: wrong.kind, times: wrong.times, key: new RegExp(this.#recordingId) })
    }
    const failing = bucketFails()
    const lengthMs = this.#stage.lengthMs - beginsMs
    for (const step of steps) {
      if (step.atMs >= lengthMs) break
      await until(step.atMs)
      await this.#perform(step, this.#user(step.user))
    }
    await until(lengthMs)
    if (end === 'dismiss') {
      this.#hush()
      this.#room.dismiss()
    } else {
      this.#stopAskedMs = Date.now()
      await this.#post(`/${this.#recordingId}/stop`)
    }
    await failing
    await this.#ended()
    await this.#stopped()
    if (!this.#room.live) return
    this.#hush()
    this.#room.dismiss()
  }

  /** What the gateway says when all is delivered, or after a while. */
  async told (): Promise<ToldOfRecording> {
    const detail = await this.#deliveredDetail()
    return { detail: movedBy(-this.#clockOffsetMs, detail), timeline: movedBy(-this.#clockOffsetMs, await this.#timeline()) }
  }

  /** All that is known of it, when the gateway has ended. */
  async evidence ({ detail, timeline }: ToldOfRecording, exitCode: number | null): Promise<Evidence> {
    const { outside: { cos, receiver }, attemptsByKill } = this.#stage
    const keys = cos.list(bucket).map(({ key }) => key).filter((key) => key.includes(this.#recordingId))
    const objects = new Map(await Promise.all(keys.map(async (key) => {
      const { content, modifiedMs } = (await cos.get(bucket, key))!
      return [key, { content, putMs: modifiedMs }] as const
    })))
    return {
      recordingId: this.#recordingId,
      clockOffsetMs: this.#clockOffsetMs,
      ledger: this.#ledger(),
      segmentSeconds: this.script.output.SegmentSeconds,
      heard: this.#heardEvents(),
      failedCalls: this.#failedCalls,
      tasks: this.#tasks,
      barredTasks: this.#barredTasks,
      attempts: receiver.attempts().flatMap(({ body, receivedMs, signature, duplicate }, index) => {
        const life = attemptsByKill.filter((attempts) => index >= attempts).length
        if ((body as ToldEvent).RecordingId !== this.#recordingId) return []
        return [{ body: movedBy(-this.#clockOffsetMs, body as ToldEvent), receivedMs, signature, duplicate, life }]
      }),
      detail,
      timeline,
      objects,
      puts: this.#puts(),
      unfinished: cos.unfinished(bucket).flatMap(({ key }) => key.includes(this.#recordingId) ? [key] : []),
      spooled: (await this.#stage.spooled()).filter((path) => path.includes(this.#recordingId)),
      refusals: this.#refusals,
      exitCode
    }
  }

  get #room () { return this.#stage.outside.cloud.room(this.#appId, this.#roomId) }

  get #appId (): number { return sdkAppId + this.#index }

  #user (index: number): User {
    return this.#users[index % this.#users.length]!
  }

  #allTasks (): TaskView[] {
    return this.#stage.outside.cloud.tasks().filter(({ sdkAppId }) => sdkAppId === this.#appId)
  }

  async #post (path: string, body?: object) {
    const answer = await this.#stage.call<Record<string, unknown>>(path, { method: 'POST', ...body !== undefined && { body } })
    if (answer.status !== 202) this.#refusals.push(`${path} was answered with ${answer.status}: ${String(answer.body.detail)}`)
    return answer
  }

  /** Asks for the recording, until its bucket can be reached. */
  async #start (body: object) {
    for (;;) {
      await this.#stage.there()
      this.#clockOffsetMs = this.#stage.clockOffsetMs
      const answer = await this.#stage.call<Record<string, unknown>>('', { method: 'POST', body })
      if (answer.status !== 503) return answer
      await sleep(pollMs)
    }
  }

  async #timeline (): Promise<Timeline> {
    const { status, body } = await this.#stage.call<Timeline>(`/${this.#recordingId}/timeline`)
    assert.equal(status, 200, JSON.stringify(body))
    return asTimeline(body)
  }

  /** Waits until a frame has come from now on, or somebody could have been heard for long. */
  async #heard (): Promise<void> {
    const { frames } = this.#stage.tap
    for (let [seen, untilMs] = [frames.length, performance.now() + heardMs]; performance.now() < untilMs;) {
      for (; seen < frames.length; seen++) if (this.#isOwn(frames[seen]!.number)) return
      await sleep(20)
    }
  }

  /** Waits until the end has been told of, or for long: then the verdict says so. */
  async #ended (): Promise<void> {
    const isEnd = (body: unknown): boolean => (body as ToldEvent).RecordingId === this.#recordingId && (body as ToldEvent).Type.startsWith('recording.')
    await this.#stage.outside.receiver.next(({ body }) => isEnd(body), { signal: AbortSignal.timeout(patienceMs) }).catch(() => undefined)
  }

  /** Waits until every task has ended, as TRTC and the gateway have it, or for long. Of those that nobody can stop it is enough that they are listed. */
  async #stopped (): Promise<void> {
    for (const untilMs = performance.now() + stopMs; ;) {
      const timeline = await this.#timeline()
      this.#tasks = this.#allTasks()
      const orphans = orphansOf(timeline)
      const isSettled = this.#tasks.every((task) => isOver(task) || orphans.has(task.robotUserId)) &&
        timeline.Users.every(({ Robots }) => Robots.every(({ Outcome }) => Outcome !== null))
      if (isSettled || performance.now() > untilMs) return
      await sleep(pollMs)
    }
  }

  async #deliveredDetail (): Promise<ToldRecording> {
    for (const untilMs = performance.now() + deliveryMs; ;) {
      const { body } = await this.#stage.call<ToldRecording>(`/${this.#recordingId}`)
      if (performance.now() > untilMs || (body.Deliveries.length > 0 && body.Deliveries.every(({ State }) => State.toLowerCase() === 'delivered'))) return body
      await sleep(pollMs)
    }
  }

  #ledger (): Ledger {
    const { voices, tap, absences, outages } = this.#stage
    return {
      // What is of another recording is nobody's here
      voices: voices.map(({ userId, recording, frameMs }) => ({ userId: recording === this.#index ? userId : `${userId} in recording ${recording}`, frameMs })),
      roomStartMs: this.#room.startMs,
      frames: tap.frames.filter(({ number }) => this.#isOwn(number)),
      talks: this.#talks,
      audioDelayMs: this.script.audioDelayMs,
      pauses: this.#pauses,
      absences,
      outages,
      stalls: this.#stalls,
      stopAskedMs: this.#stopAskedMs
    }
  }

  #isOwn (number: number): boolean {
    return this.#stage.voices[Math.floor(number / voiceNumbers)]?.recording === this.#index
  }

  #heardEvents (): HeardEvent[] {
    const heard = new Map<string, HeardEvent>()
    for (const { sdkAppId, event: { EventType, EventInfo }, outcome, startedMs } of this.#stage.outside.cloud.deliveries()) {
      if (sdkAppId !== this.#appId || outcome !== 'answered') continue
      const { UserId, Role, EventMsTs, Payload } = EventInfo as { UserId?: string, Role?: number, EventMsTs: number, Payload?: { Status: number } }
      const event = { type: EventType, userId: UserId, role: Role, status: Payload?.Status, eventMs: EventMsTs, heardMs: startedMs }
      const key = JSON.stringify([EventType, UserId, EventMsTs, Payload?.Status])
      if (!heard.has(key)) heard.set(key, event)
    }
    return [...heard.values()]
  }

  #puts (): Put[] {
    const { outside: { cos }, putsByDeath } = this.#stage
    const disturbed = new Set<string>()
    return cos.log.flatMap(({ action, key, status, fault }, index) => {
      if (fault !== undefined) disturbed.add(key)
      const isPut = (action === 'put' || action === 'complete') && key.includes(this.#recordingId)
      if (!isPut || status !== 200 || fault !== undefined) return []
      return [{ key, life: putsByDeath.filter((puts) => index >= puts).length, disturbed: disturbed.delete(key) }]
    })
  }

  #enter (user: User): void {
    user.speaker = this.#room.enter(user.userId)
    if (!user.entersSilent) this.#talk(user)
    user.entersSilent = false
  }

  #talk (user: User): void {
    const { speaker, encoding, userId, tone, voices } = user
    if (speaker === undefined) return
    const clip = user.clips[encoding] ??= numberedClip(tone, encodings[encoding], voices[encoding]! * voiceNumbers)
    if (frameMsOf(clip.config) !== this.#stage.voices[voices[encoding]!]!.frameMs) throw new Error('a voice has other frames than its clip')
    if (!speaker.talking) this.#talks.push({ userId, startMs: Date.now(), endMs: Infinity })
    speaker.talk(clip)
  }

  /** Notes that a user speaks no more, or that nobody does. */
  #hush (userId?: string): void {
    const own = this.#talks.filter((talk) => talk.endMs === Infinity && (userId === undefined || talk.userId === userId))
    for (const talk of own) talk.endMs = Math.max(talk.startMs, Date.now())
  }

  async #perform (step: Happening, user: User): Promise<void> {
    const { speaker, voices, userId } = user
    const isHis = (number: number): boolean => voices.includes(Math.floor(number / voiceNumbers))
    // Steps that waited for the gateway come at once: nobody leaves, or speaks otherwise, while his clock stands.
    if (isOfClock(step) && this.#stands(userId)) return
    switch (step.what) {
      case 'come-or-go':
        if (speaker === undefined) {
          this.#enter(user)
        } else {
          this.#hush(userId)
          speaker.leave()
          user.speaker = undefined
        }
        break
      case 'mute-or-talk':
        if (speaker?.talking === true) {
          this.#hush(userId)
          speaker.mute()
        } else {
          this.#talk(user)
        }
        break
      case 'encoding':
        user.encoding = 1 - user.encoding
        if (speaker?.talking === true) this.#talk(user)
        break
      case 'cut':
      case 'reset': this.#stage.tap.break(step.what, isHis); break
      case 'source-stall': if (speaker?.talking === true) this.#stall(speaker, step.forMs); break
      case 'network-stall':
        if (this.#stage.tap.stall(step.forMs, step.speed, isHis) > 0) this.#stage.faults.add('network stalled')
        break
      case 'pause-or-resume': await this.#pause(user.userId); break
      case 'pause-or-resume-all': await this.#pause(undefined); break
      default: step satisfies never
    }
  }

  /** What would be said while the clock stands is not: it is no talk. */
  #stall (speaker: Speaker, ms: number): void {
    const { userId } = speaker
    const startMs = Date.now()
    speaker.stall(ms)
    this.#hush(userId)
    this.#talks.push({ userId, startMs: startMs + ms, endMs: Infinity })
    this.#stalls.push({ userId, startMs, endMs: startMs + ms })
    this.#stage.faults.add('source stalled')
  }

  #stands (userId: string): boolean {
    return this.#stalls.some((stall) => stall.userId === userId && stall.endMs > Date.now())
  }

  async #pause (userId: string | undefined): Promise<void> {
    const body = userId === undefined ? undefined : { UserIds: [userId] }
    const open = this.#pauses.find((pause) => pause.userId === userId && pause.resumedMs === undefined)
    await this.#stage.there()
    const askedMs = Date.now()
    await this.#post(`/${this.#recordingId}/${open === undefined ? 'pause' : 'resume'}`, body)
    if (open === undefined) {
      this.#pauses.push({ userId, askedMs, answeredMs: Date.now(), resumeAskedMs: undefined, resumedMs: undefined })
    } else {
      open.resumeAskedMs = askedMs
      open.resumedMs = Date.now()
    }
  }
}

/** Whether it is of a clock that runs. */
function isOfClock ({ what }: Happening): boolean {
  return what === 'come-or-go' || what === 'mute-or-talk' || what === 'encoding' || what === 'source-stall'
}
