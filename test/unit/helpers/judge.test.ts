import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { numbered } from '../../../bench/kill/numbered.ts'
import { silentFrame } from '../../../src/media/aac.ts'
import { FragmentBuffers, Mp4Writer } from '../../../src/media/mp4-writer.ts'
import { m4aOfRun } from '../../../src/media/segment-file.ts'
import { loadClip } from '../../../src/sandbox/audio/clips.ts'
import type { TaskView } from '../../../src/sandbox/cloud/relay-tasks.ts'
import type { Timeline } from '../../../src/timeline/schema.ts'
import type { Evidence, Put, StoredObject, ToldEvent, ToldFile, ToldSegment } from '../../helpers/judge/evidence.ts'
import { voiceNumbers, type Absence, type Ledger } from '../../helpers/judge/frame-ledger.ts'
import { judge } from '../../helpers/judge/judge.ts'
import type { TappedConnection } from '../../helpers/rtmp-tap.ts'

const roomStartMs = 1_767_225_600_000
const recordingId = 'rec_1'
const { config, frames: [audio] } = loadClip('low')
const frameMs = 1024 / 48
const voices = [{ userId: 'ann', frameMs }, { userId: 'bob', frameMs }]
const spokenFrames = 200
const roomEndMs = roomStartMs + 8_000

/** Frames of a voice as a file holds them; undefined is silence. */
type Numbers = (number | undefined)[]

const spoken = (voice: number): number[] => Array.from({ length: spokenFrames }, (_, n) => voice * voiceNumbers + n)

/** A recording of two who talked for four seconds, in two segments each, told of as it is. @param held what their files hold */
function evidenceOf ({ ann = spoken(0), bob = spoken(1) }: { ann?: Numbers, bob?: Numbers } = {}): Evidence {
  const objects = new Map<string, StoredObject>()
  const segments: ToldSegment[] = []
  const users = Object.entries({ ann, bob }).map(([userId, numbers]) => {
    const { whole, halves } = filesOf(numbers)
    const file = toldOf(userId, `${recordingId}/${userId}/track.m4a`, whole, numbers.length)
    objects.set(file.Key, { content: whole, putMs: roomStartMs })
    for (const [index, half] of halves.entries()) {
      const segment = { ...toldOf(userId, `${recordingId}/${userId}/segments/${index + 1}.m4a`, half, 0), TrackId: `trk_${userId}`, Seq: index + 1 }
      objects.set(segment.Key, { content: half, putMs: roomStartMs })
      segments.push(segment)
    }
    return { userId, file }
  })
  const timeline = timelineOf(users, segments)
  const timelineKey = `${recordingId}/timeline.json`
  objects.set(timelineKey, { content: Buffer.from(JSON.stringify(timeline)), putMs: roomStartMs })
  const files = users.map(({ file }) => file)
  const end = { Id: 'evt_1', Type: 'recording.completed', RecordingId: recordingId, Reason: 'RoomDismissed', Message: '', Incomplete: false, Files: files.map((file) => ({ ...file, Status: 1 })), TimelineFile: timelineKey }
  const bodies: ToldEvent[] = [...segments.map((Segment, index) => ({ Id: `evt_s${index}`, Type: 'segment.uploaded', RecordingId: recordingId, Segment })), end]
  return {
    recordingId,
    clockOffsetMs: 0,
    ledger: ledgerOf(),
    segmentSeconds: 2,
    heard: voices.map(({ userId }) => ({ type: 203, userId, role: undefined, status: undefined, eventMs: roomStartMs, heardMs: roomStartMs })),
    failedCalls: [],
    tasks: voices.map(({ userId }) => taskOf(userId)),
    barredTasks: new Set(),
    attempts: bodies.map((body) => ({ body, receivedMs: roomEndMs + 1, signature: 'valid', duplicate: false, life: 0 })),
    detail: {
      Status: 'Completed',
      Reason: 'RoomDismissed',
      Message: '',
      Incomplete: false,
      Warnings: [],
      TimelineFile: timelineKey,
      Files: files,
      Tracks: users.map(({ userId }) => ({ TrackId: `trk_${userId}`, UserId: userId, State: 'Closed', Segments: 2, LastSeq: 2 })),
      Deliveries: [{ Type: 'recording.completed', State: 'delivered' }]
    },
    timeline,
    objects,
    puts: [...objects.keys()].map((key): Put => ({ key, life: 0, disturbed: false })),
    unfinished: [],
    spooled: [],
    refusals: [],
    exitCode: 0
  }
}

function filesOf (numbers: Numbers): { whole: Buffer, halves: Buffer[] } {
  const writer = new Mp4Writer(config, new FragmentBuffers())
  const fragments: Buffer[] = []
  const flush = (): void => {
    const fragment = writer.takeFragment()
    if (fragment !== undefined) fragments.push(Buffer.from(fragment))
  }
  for (const number of numbers) {
    const frame = number === undefined ? silentFrame(config) : numbered(audio!, number)
    if (!writer.fits(frame.length)) flush()
    writer.add(frame, 0, frame.length)
  }
  flush()
  const middle = Math.ceil(fragments.length / 2)
  const whole = Buffer.concat([writer.header, ...fragments])
  return { whole, halves: [fragments.slice(0, middle), fragments.slice(middle)].map((half) => m4aOfRun(config, Buffer.concat(half))) }
}

function toldOf (UserId: string, Key: string, content: Buffer, frames: number): ToldFile {
  const DurationMs = Math.round(frames * frameMs)
  const Sha256 = createHash('sha256').update(content).digest('hex')
  return { UserId, Key, RecordFile: Key, Bytes: content.length, Sha256, StartMs: roomStartMs, EndMs: roomStartMs + DurationMs, DurationMs, GapMs: 0, Partial: false, Label: '' }
}

function timelineOf (users: { userId: string, file: ToldFile }[], segments: readonly ToldSegment[]): Timeline {
  return {
    SchemaVersion: 1,
    TimestampMs: roomStartMs,
    RecordingId: recordingId,
    SdkAppId: 1,
    RoomId: 0,
    StrRoomId: 'room',
    UserId: 'rec',
    Engine: 'relay',
    Reason: 'RoomDismissed',
    CreatedMs: roomStartMs,
    StartMs: roomStartMs,
    EndMs: roomEndMs,
    Incomplete: false,
    Warnings: [],
    Message: '',
    Output: { Format: 'm4a', FillGaps: true, SegmentSeconds: 2, GridMs: roomStartMs },
    Users: users.map(({ userId, file }) => ({
      UserId: userId,
      Label: '',
      Present: [],
      OnStage: [],
      Mutes: [],
      Robots: [{ RobotId: `robot of ${userId}`, StartMs: roomStartMs, EndMs: roomEndMs, Outcome: 'stopped' }],
      Tracks: [{
        TrackId: `trk_${userId}`,
        Number: 1,
        Message: '',
        Files: [{ ...file, Part: 1, SampleRate: 48_000, Channels: 1, Gaps: [], Trims: [] }],
        Segments: segments.filter(({ UserId }) => UserId === userId).map((segment) => ({ ...segment, Part: 1, FileMs: 0 }))
      }],
      Gaps: []
    })),
    Skipped: [],
    SkippedCount: 0,
    Blind: [],
    ClockSteps: [],
    Pauses: []
  }
}

function ledgerOf (): Ledger {
  const frames = [0, 1].flatMap((voice) => {
    const connection: TappedConnection = { openedMs: roomStartMs, port: 1935, endedBy: 'relay', endedMs: roomStartMs + 5_000, heldUp: [] }
    return spoken(voice).map((number, n) => ({ number, passedMs: roomStartMs + (n + 1) * frameMs, connection }))
  })
  const talks = voices.map(({ userId }) => ({ userId, startMs: roomStartMs, endMs: roomStartMs + spokenFrames * frameMs }))
  return { voices, roomStartMs, frames, talks, audioDelayMs: 0, pauses: [], absences: [], outages: [], stalls: [], stopAskedMs: undefined }
}

function taskOf (userId: string): TaskView {
  return { taskId: `task of ${userId}`, sdkAppId: 1, roomId: 'room', robotUserId: `robot of ${userId}`, anchorUserId: userId, endedBy: 'stopped', pushes: [] }
}

/** Has everything that tells of a recording say that audio is missing. */
function toIncomplete (evidence: Evidence): Evidence {
  const warning = { Code: 'AudioMissing' as const, UserId: 'ann', Message: 'audio was lost' }
  const missing = { Incomplete: true, Message: warning.Message, Warnings: [warning] }
  Object.assign(evidence.detail, missing)
  Object.assign(evidence.timeline, missing)
  Object.assign(evidence.attempts.at(-1)!.body, missing)
  return evidence
}

/** All the process, or a thread of it, for a while of the recording. */
function absenceOf (fromMs: number, toMs: number, port?: number): Absence {
  return { fromMs: roomStartMs + fromMs, toMs: roomStartMs + toMs, port }
}

const without = (numbers: number[], from: number, to: number): Numbers => numbers.map((number, index) => index >= from && index < to ? undefined : number)

/** Of ann, who talks for two seconds, nothing is said for so long, and her frames go on without a hole. @param told for how long her clock stood */
function stalled (silentMs: number, told = 1_000): Evidence {
  const missing = Math.round(silentMs / frameMs)
  const numbers = spoken(0).map((number, index) => index < 100 ? number : number + missing)
  const ledger = ledgerOf()
  const [of, connection] = [ledger.frames.filter(({ number }) => number >= voiceNumbers), ledger.frames[0]!.connection]
  const frames = [...numbers.map((number) => ({ number, passedMs: roomStartMs + (number + 1) * frameMs, connection })), ...of]
  const [startMs, endMs] = [roomStartMs + 100 * frameMs, roomStartMs + (100 + missing) * frameMs]
  const talks = [
    { userId: 'ann', startMs: roomStartMs, endMs: startMs }, { userId: 'ann', startMs: endMs, endMs: endMs + 100 * frameMs },
    ...ledger.talks.filter(({ userId }) => userId === 'bob')
  ]
  return { ...evidenceOf({ ann: numbers }), ledger: { ...ledger, frames, talks, stalls: [{ userId: 'ann', startMs: endMs - told, endMs }] } }
}

/** What was done to a good recording, and a sentence that must say so. */
const doctored: Record<string, { evidence: () => Evidence, found: RegExp }> = {
  'a missing second': { evidence: () => evidenceOf({ ann: without(spoken(0), 60, 107) }), found: /^47 frames of ann were received and are in no file/ },
  'silence that no gap lists': { evidence: () => evidenceOf({ ann: without(spoken(0), 60, 107) }), found: /47 frames of silence from 1280 ms on are in no gap/ },
  'a last second that is missing': { evidence: () => evidenceOf({ bob: spoken(1).slice(0, -47) }), found: /^47 frames of bob were received/ },
  'a doubled frame': { evidence: () => evidenceOf({ ann: spoken(0).toSpliced(80, 1, 79) }), found: /holds 1 frames twice/ },
  'frames that somebody else said': { evidence: () => evidenceOf({ ann: spoken(1), bob: spoken(0) }), found: /of ann holds 200 frames of bob/ },
  'a frame in two files': { evidence: () => evidenceOf({ bob: spoken(1).toSpliced(5, 1, 5) }), found: /of bob holds 1 frames that are in .*ann.* too/ },
  'frames out of their order': { evidence: () => evidenceOf({ ann: spoken(0).toSpliced(10, 2, 11, 10) }), found: /1 frames out of their order/ },
  'a file that is late': {
    evidence () {
      const evidence = evidenceOf()
      for (const { Tracks } of evidence.timeline.Users) for (const file of Tracks[0]!.Files) file.StartMs += 400
      for (const file of [...evidence.detail.Files, ...evidence.attempts.at(-1)!.body.Files!]) file.StartMs += 400
      return evidence
    },
    found: /200 frames of ann stand up to 40\d ms from where they were said, undisturbed/
  },
  'frames that stand apart from the others of their connection': {
    evidence () {
      const evidence = evidenceOf({ ann: [...spoken(0).slice(0, 150), ...Array<undefined>(5).fill(undefined), ...spoken(0).slice(150)] })
      evidence.timeline.Users[0]!.Tracks[0]!.Files[0]!.Gaps.push({ StartMs: roomStartMs + 3_200, EndMs: roomStartMs + 3_307, Cause: 'missing', FileMs: 3_200, FilledMs: 107 })
      return evidence
    },
    found: /50 frames of ann stand up to 107 ms from where they were said, others of their connection 0 ms/
  },
  'frames that are off by more than their source stood still': {
    evidence: () => stalled(3_000),
    found: /100 frames of ann stand up to -3\d\d\d ms from where they were said, where stalls may do 2001 ms/
  },
  'words of a pause': {
    evidence () {
      const evidence = evidenceOf()
      const pause = { userId: 'bob', askedMs: roomStartMs, answeredMs: roomStartMs, resumeAskedMs: undefined, resumedMs: undefined }
      return { ...evidence, ledger: { ...evidence.ledger, pauses: [pause] } }
    },
    found: /of bob holds \d+ frames that were said in a pause/
  },
  'a key that was written twice': {
    evidence () {
      const evidence = evidenceOf()
      return { ...evidence, puts: [...evidence.puts, evidence.puts[0]!] }
    },
    found: /track\.m4a was put 2 times/
  },
  'an object that was put after it had been told of': {
    evidence () {
      const evidence = evidenceOf()
      evidence.objects.get(`${recordingId}/ann/segments/1.m4a`)!.putMs = roomEndMs + 2
      return evidence
    },
    found: /segments\/1\.m4a was put again after it had been told of/
  },
  'two files with one key': {
    evidence () {
      const evidence = evidenceOf()
      const [first, second] = evidence.attempts.at(-1)!.body.Files!
      second!.Key = first!.Key
      return evidence
    },
    found: /^2 files have the key/
  },
  'a missing callback': {
    evidence () {
      const evidence = evidenceOf()
      return { ...evidence, attempts: evidence.attempts.slice(0, -1) }
    },
    found: /^the end was told of 0 times/
  },
  'a callback that comes again': {
    evidence () {
      const evidence = evidenceOf()
      return { ...evidence, attempts: [...evidence.attempts, { ...evidence.attempts.at(-1)!, duplicate: true }] }
    },
    found: /came again after it was accepted/
  },
  'another end': {
    evidence () {
      const evidence = evidenceOf()
      const last = evidence.attempts.at(-1)!
      return { ...evidence, attempts: [...evidence.attempts, { ...last, body: { ...last.body, Id: 'evt_2' } }] }
    },
    found: /^the end was told of 2 times/
  },
  'a failure although somebody was heard': {
    evidence () {
      const evidence = evidenceOf()
      evidence.attempts.at(-1)!.body.Type = 'recording.failed'
      return { ...evidence, detail: { ...evidence.detail, Status: 'Failed' } }
    },
    found: /^the recording is Failed, though there are files/
  },
  'an object nobody was told of': {
    evidence () {
      const evidence = evidenceOf()
      return { ...evidence, objects: new Map([...evidence.objects, ['rec_1/ann/track-2.m4a', { content: Buffer.alloc(1), putMs: roomStartMs }]]) }
    },
    found: /track-2\.m4a is in the bucket and was not told of/
  },
  'an object with other bytes': {
    evidence () {
      const evidence = evidenceOf()
      const { content } = evidence.objects.get(`${recordingId}/ann/track.m4a`)!
      content.writeUInt8(content.readUInt8(content.length - 1) ^ 1, content.length - 1)
      return evidence
    },
    found: /is not the bytes that were told of/
  },
  'a segment that is missing': {
    evidence () {
      const evidence = evidenceOf()
      return { ...evidence, attempts: evidence.attempts.filter(({ body }) => body.Segment?.Seq !== 1) }
    },
    found: /segments of track trk_ann of ann are numbered 2$/
  },
  'a segment with other frames': {
    evidence () {
      const evidence = evidenceOf()
      const segments = evidence.attempts.flatMap(({ body }) => body.Segment ?? [])
      segments[1]!.Key = segments[0]!.Key
      return evidence
    },
    found: /segments of track trk_ann of ann hold \d+ frames, its files 200/
  },
  'a GET that tells something else': {
    evidence () {
      const evidence = evidenceOf()
      evidence.detail.Files[0] = { ...evidence.detail.Files[0]!, GapMs: 7 }
      return evidence
    },
    found: /^files of callback and GET differ/
  },
  'a timeline.json that tells something else': {
    evidence () {
      const evidence = evidenceOf()
      evidence.timeline.Users[0]!.Tracks[0]!.Number = 2
      return evidence
    },
    found: /^tracks of timeline\.json and the timeline of now differ/
  },
  'a second track of a user': {
    evidence () {
      const evidence = evidenceOf()
      const { Tracks } = evidence.timeline.Users[0]!
      Tracks.push({ ...Tracks[0]!, TrackId: 'trk_2', Files: [], Segments: [] })
      return evidence
    },
    found: /^ann has 2 tracks/
  },
  'a file number that is missing': {
    evidence () {
      const evidence = evidenceOf()
      evidence.timeline.Users[0]!.Tracks[0]!.Files[0]!.Part = 2
      return evidence
    },
    found: /^files of track trk_ann of ann are numbered 2/
  },
  'a relay that is listed nowhere': {
    evidence () {
      const evidence = evidenceOf()
      evidence.timeline.Users[0]!.Robots = []
      return evidence
    },
    found: /^the relay robot of ann of ann is listed nowhere/
  },
  'a relay that was not stopped': {
    evidence () {
      const evidence = evidenceOf()
      const [ann, bob] = evidence.tasks
      return { ...evidence, tasks: [{ ...ann!, endedBy: undefined, pushes: [{ url: 'rtmp://host/live/key', status: 1 }] }, bob!] }
    },
    found: /^the relay robot of ann of ann is said to have ended \(stopped\) and runs/
  },
  'an orphan whose TaskId was told': {
    evidence () {
      const evidence = evidenceOf()
      evidence.timeline.Users[0]!.Robots[0]!.Outcome = 'orphan'
      const told = { type: 401, userId: 'robot of ann', role: undefined, status: 1, eventMs: roomStartMs, heardMs: roomStartMs }
      return { ...evidence, heard: [...evidence.heard, told] }
    },
    found: /^the relay robot of ann of ann is an orphan, though its TaskId was told/
  },
  'an orphan that is let in': {
    evidence () {
      const evidence = evidenceOf()
      evidence.timeline.Users[0]!.Robots[0]!.Outcome = 'orphan'
      const [ann, bob] = evidence.tasks
      return { ...evidence, tasks: [{ ...ann!, endedBy: undefined, pushes: [{ url: 'rtmp://host/live/key', status: 2 }] }, bob!] }
    },
    found: /^the relay robot of ann of ann is an orphan, and its push is let in/
  },
  'a relay that was stopped and had never begun': {
    evidence () {
      const evidence = evidenceOf()
      return { ...evidence, tasks: evidence.tasks.slice(1) }
    },
    found: /^the relay robot of ann was never started, and is said to be stopped/
  },
  'audio that is said to be missing and is not': {
    evidence: () => toIncomplete(evidenceOf()),
    found: /^Incomplete is true, though at most 0 ms are missing/
  },
  'speech during an absence that is not said to be missing': {
    evidence: () => ({ ...evidenceOf(), ledger: { ...ledgerOf(), absences: [absenceOf(1_000, 3_000)] } }),
    found: /^Incomplete is false, though at least 4000 ms of speech were lost by the gateway/
  },
  'speech that a thread took with it and that is not said to be missing': {
    evidence () {
      const ledger = ledgerOf()
      const frames = ledger.frames.filter(({ passedMs }) => passedMs < roomStartMs + 1_000 || passedMs > roomStartMs + 3_000)
      return { ...evidenceOf(), ledger: { ...ledger, frames, absences: [absenceOf(1_000, 1_010, 1935)] } }
    },
    found: /^Incomplete is false, though at least 3\d\d\d ms of speech were lost by the gateway/
  },
  'a Start that came to nothing and is not told of': {
    evidence () {
      const ledger = ledgerOf()
      const failedCalls = [{ userId: 'ann', action: 'StartPublishCdnStream' as const, fault: { kind: 'hang' as const }, atMs: roomStartMs }]
      return { ...evidenceOf(), failedCalls, ledger: { ...ledger, frames: ledger.frames.filter(({ passedMs }) => passedMs > roomStartMs + 2_000) } }
    },
    found: /^Incomplete is false, though a Start for ann came to nothing, and \d+ ms of speech with it/
  },
  'somebody who was announced and is not heard': {
    evidence () {
      const ledger = ledgerOf()
      return { ...evidenceOf(), ledger: { ...ledger, frames: ledger.frames.filter(({ number }) => number >= voiceNumbers) } }
    },
    found: /^Incomplete is false, though ann was announced for \d+ ms, and no frame came but in pauses/
  },
  'an absence that there was not': {
    evidence () {
      const evidence = evidenceOf()
      evidence.timeline.Blind.push({ StartMs: roomStartMs, EndMs: roomStartMs + 3_000 })
      return evidence
    },
    found: /^Blind tells of an absence that there was not/
  },
  'speech that is in no file and in no gap': {
    evidence () {
      const ledger = ledgerOf()
      const frames = ledger.frames.filter(({ number }) => number < 60 || number >= 107)
      return { ...evidenceOf({ ann: without(spoken(0), 60, 107) }), ledger: { ...ledger, frames } }
    },
    found: /^ann spoke from \S+ to \S+, which is in no file and in no gap/
  },
  'a last word that came after a stop': {
    evidence: () => ({ ...evidenceOf({ bob: spoken(1).slice(0, -47) }), ledger: { ...ledgerOf(), stopAskedMs: roomStartMs + 2_000 } }),
    found: /^47 frames of bob were received/
  },
  'a spool that is not empty': { evidence: () => ({ ...evidenceOf(), spooled: ['rec_1/trk_ann-1.m4a'] }), found: /^left in the spool/ },
  'a gateway that fails at its end': { evidence: () => ({ ...evidenceOf(), exitCode: 1 }), found: /^the gateway left with 1/ }
}

test('a recording that is as it should be is found so', () => {
  assert.deepEqual(judge(evidenceOf()), [])
})

test('silence that a gap lists is as it should be, when nobody spoke then', () => {
  const evidence = evidenceOf({ ann: without(spoken(0), 60, 107) })
  const [file] = evidence.timeline.Users[0]!.Tracks[0]!.Files
  file!.Gaps.push({ StartMs: roomStartMs + 1_280, EndMs: roomStartMs + 2_283, Cause: 'muted', FileMs: 1_280, FilledMs: 1_003 })
  const timeline = { content: Buffer.from(JSON.stringify(evidence.timeline)), putMs: roomStartMs }
  const stored = new Map([...evidence.objects, [`${recordingId}/timeline.json`, timeline]])
  const ledger = { ...evidence.ledger, frames: evidence.ledger.frames.filter(({ number }) => number < 60 || number >= 107) }

  assert.deepEqual(judge({ ...evidence, objects: stored, ledger }), [])
})

test('frames that are off by what their source stood still are as they should be', () => {
  assert.deepEqual(judge(stalled(1_000)), [])
})

for (const [what, { evidence, found }] of Object.entries(doctored)) {
  test(`${what} is found`, () => {
    const faults = judge(evidence())

    assert.ok(faults.some((fault) => found.test(fault)), JSON.stringify(faults))
  })
}

test('a kill is no excuse for a segment that is not told of: what the dead process was sending is sent at the next start', () => {
  const evidence = evidenceOf()
  const attempts = evidence.attempts.filter(({ body }) => body.Segment?.Seq !== 1 || body.Segment.UserId !== 'ann')
  const Deliveries = [...evidence.detail.Deliveries, { Type: 'segment.uploaded', State: 'waiting' }]
  const killed = { ...evidence, attempts, detail: { ...evidence.detail, Deliveries }, ledger: { ...evidence.ledger, absences: [absenceOf(0, 0)] } }

  const faults = judge(killed).join()

  assert.match(faults, /segments of track trk_ann of ann are numbered 2/)
  assert.match(faults, /a delivery is waiting/)
})

test('what a kill, a reset or a stop may cost is nobody\'s fault, and no more', () => {
  const evidence = evidenceOf({ ann: spoken(0).slice(0, -40), bob: spoken(1).slice(0, -60) })
  const endMs = roomStartMs + spokenFrames * frameMs

  const faults = judge({ ...evidence, ledger: { ...evidence.ledger, absences: [{ fromMs: endMs, toMs: endMs, port: undefined }] } })

  assert.deepEqual(faults.filter((fault) => fault.includes('received')).map((fault) => fault.replace(/ from .*/, '')), [
    '3 frames of bob were received and are in no file:'
  ])
})
