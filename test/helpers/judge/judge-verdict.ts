import { intersect, lengthOf, subtract, unite, type Span } from '../../../src/core/spans.ts'
import type { Evidence, HeardEvent, ToldEvent } from './evidence.ts'
import { killCostsMs, obeysMs, resumeHoldMs, sentFrames, voiceOf, type Ledger, type SentFrame } from './frame-ledger.ts'

/** How much audio may be lost by our own doing, and how far from that the judge cannot tell. */
const tolerable = { ms: 1_000, unsureMs: 500 }
/** A shorter wait for audio that was announced says nothing, a longer one something. */
const sureMs = 500
/** A source is absent when no push came so long after it was announced; a busy machine may take some time to notice, or to announce. */
const absentAfter = { ms: 15_000, unsureMs: 2_500 }
/** What a busy machine needs until audio is in the track. */
const slackMs = 300

/** What is true of somebody as far as the judge knows: at least, and at most. */
interface Known { least: Span[], most: Span[] }

type Answer = 'yes' | 'no' | 'either'

/** Whether status and `Incomplete` are those of the rules, as far as what was sent, said and done tells which. */
export function judgeVerdict (evidence: Evidence, end: ToldEvent | undefined, lost: readonly SentFrame[]): string[] {
  const { detail, timeline, ledger } = evidence
  const faults: string[] = []
  const incomplete = incompleteOf(evidence, lost)
  const failed = failedOf(evidence, incomplete.answer)
  const isFailed = detail.Status === 'Failed'
  if (failed.answer !== 'either' && isFailed !== (failed.answer === 'yes')) faults.push(`the recording is ${detail.Status}, though ${failed.why}`)
  if (end !== undefined && end.Type !== (isFailed ? 'recording.failed' : 'recording.completed')) faults.push(`the end is ${end.Type}, the recording ${detail.Status}`)
  if (incomplete.answer !== 'either' && detail.Incomplete !== (incomplete.answer === 'yes')) {
    const warnings = detail.Warnings.map(({ Code, UserId }) => `${Code} of ${UserId}`).join(', ')
    faults.push(`Incomplete is ${detail.Incomplete}, though ${incomplete.why} (warnings: ${warnings})`)
  }
  const told = [end?.Incomplete, detail.Incomplete, timeline.Incomplete]
  if (new Set(told.filter((each) => each !== undefined)).size > 1) faults.push(`Incomplete differs: ${told.join(', ')}`)
  if ((detail.Incomplete || isFailed) && detail.Warnings.length === 0) faults.push('no warning says what is missing')
  if (detail.Message !== (detail.Warnings[0]?.Message ?? '')) faults.push(`the message is not that of the first warning: ${detail.Message}`)
  const aways = [...ledger.absences.filter(({ port }) => port === undefined).map(({ fromMs, toMs }) => ({ startMs: fromMs, endMs: toMs })), ...ledger.outages]
  const away = timeline.Blind.filter(({ StartMs, EndMs }) => !aways.some(({ startMs, endMs }) =>
    StartMs < endMs + obeysMs && (EndMs ?? Infinity) > startMs - obeysMs))
  if (away.length > 0) faults.push('Blind tells of an absence that there was not')
  return faults
}

function failedOf ({ ledger, heard, timeline }: Evidence, incomplete: Answer): { answer: Answer, why: string } {
  if (timeline.Users.some(({ Tracks }) => Tracks.some(({ Files }) => Files.length > 0))) return { answer: 'no', why: 'there are files' }
  // Whether what came was kept is the business of those who look for the frames
  if (ledger.frames.length > 0) return { answer: 'either', why: '' }
  if (incomplete === 'yes') return { answer: 'yes', why: 'there is no file, and audio was announced' }
  const toldOf = heard.filter(({ type }) => type !== 401)
  if (toldOf.length === 0) return { answer: 'yes', why: 'there is no file, and nothing was told' }
  return incomplete === 'no' ? { answer: 'no', why: 'nobody was audible' } : { answer: 'either', why: '' }
}

/** Whether audio that came, or was announced, is in no file. @param lost frames that surely came and are in no file, though listed */
function incompleteOf (evidence: Evidence, lost: readonly SentFrame[]): { answer: Answer, why: string } {
  const { ledger } = evidence
  const reasons: string[] = []
  let isUnsure = false
  let [leastMs, mostMs] = [0, 0]
  const sent = [...sentFrames(ledger).values()]
  const whole: Span = { startMs: evidence.timeline.CreatedMs, endMs: evidence.timeline.EndMs ?? Infinity }
  for (const userId of usersOf(evidence)) {
    const speech = speechOf(userId, evidence, whole)
    const framesMs = framesOf(userId, ledger)
    const loss = ownLossOf(userId, framesMs, speech, evidence)
    leastMs += loss.leastMs
    mostMs += loss.mostMs

    const heardMs = lengthOf(subtract(toldAudible(userId, soonHeard(evidence), whole), pausedOf(userId, ledger).most))
    const fates = new Set(sent.filter((frame) => frame.userId === userId).map(({ fate }) => fate))
    const isKept = fates.has('received') || fates.has('unsure')
    if (!isKept && heardMs > sureMs) reasons.push(`${userId} was announced for ${Math.round(heardMs)} ms, and no frame came but in pauses`)
    if (!fates.has('received') && lengthOf(speech.most) > 0) isUnsure = true

    for (const { action, fault, atMs, userId: whose } of evidence.failedCalls) {
      if (whose !== userId || action !== 'StartPublishCdnStream' || (fault.kind === 'refuse' && fault.code === 'RequestLimitExceeded')) continue
      const wait = { startMs: atMs, endMs: framesMs.find((ms) => ms > atMs) ?? whole.endMs }
      const isHeard = framesMs.some((ms) => ms > atMs - 1_000 && ms <= atMs)
      const ms = lengthOf(intersect([wait], speech.least))
      if (fault.kind !== 'lost-answer' && !isHeard && ms > sureMs) reasons.push(`a Start for ${userId} came to nothing, and ${Math.round(ms)} ms of speech with it`)
      if (lengthOf(intersect([{ ...wait, endMs: wait.endMs + slackMs }], speech.most)) > 0) isUnsure = true
    }
    const isBarred = evidence.tasks.some(({ taskId, anchorUserId }) => anchorUserId === userId && evidence.barredTasks.has(taskId))
    if (isBarred && lengthOf(speech.most) > 0) isUnsure = true

    const silences = subtract([whole], unite(framesMs.map((ms) => ({ startMs: ms - slackMs, endMs: ms }))))
    const longest = (spans: readonly Span[]): number => Math.max(0, ...intersect(silences, spans).map(({ startMs, endMs }) => endMs - startMs))
    if (longest(speech.least) > absentAfter.ms + absentAfter.unsureMs) reasons.push(`${userId} spoke for ${Math.round(longest(speech.least))} ms on end, and no frame came`)
    if (longest(speech.most) > absentAfter.ms - absentAfter.unsureMs) isUnsure = true
  }
  const lostMs = lost.reduce((sum, { saidMs, endMs }) => sum + endMs - saidMs, 0)
  leastMs += lostMs
  mostMs += lostMs
  if (leastMs > tolerable.ms + tolerable.unsureMs) reasons.push(`at least ${Math.round(leastMs)} ms of speech were lost by the gateway`)
  if (mostMs > tolerable.ms - tolerable.unsureMs) isUnsure = true
  if (reasons.length > 0) return { answer: 'yes', why: reasons.join('; ') }
  return isUnsure ? { answer: 'either', why: '' } : { answer: 'no', why: `at most ${Math.round(mostMs)} ms are missing` }
}

function usersOf ({ ledger, heard }: Evidence): string[] {
  const heardOf = heard.flatMap(({ type, userId }) => type === 203 && userId !== undefined ? [userId] : [])
  return [...new Set([...ledger.talks.map(({ userId }) => userId), ...heardOf])].sort()
}

/** When frames of a user came, in order. */
function framesOf (userId: string, ledger: Ledger): number[] {
  return ledger.frames.filter(({ number }) => voiceOf(ledger, number)?.userId === userId).map(({ passedMs }) => passedMs).sort((a, b) => a - b)
}

/** Events that the gateway knew of well before it judged. */
function soonHeard ({ heard, attempts }: Evidence): HeardEvent[] {
  const judgedMs = Math.min(...attempts.filter(({ body }) => body.Type.startsWith('recording.')).map(({ receivedMs }) => receivedMs))
  return heard.filter(({ heardMs }) => heardMs < judgedMs - tolerable.ms)
}

/**
 * When audio of a user was to come: that it was said and that it was announced, by events of which the gateway knew, both (`least`), or
 * either (`most`). What is under way for a while shifts it.
 */
function speechOf (userId: string, evidence: Evidence, whole: Span): Known {
  const { ledger, heard } = evidence
  const said = intersect(ledger.talks.filter((talk) => talk.userId === userId), [whole])
  const paused = pausedOf(userId, ledger)
  const [surely, perhaps] = [toldAudible(userId, soonHeard(evidence), whole), toldAudible(userId, heard, whole)]
  const { audioDelayMs, frames } = ledger
  const later = (spans: readonly Span[]): Span[] => spans.map(({ startMs, endMs }) => ({ startMs: startMs + audioDelayMs, endMs: endMs + audioDelayMs }))
  // Whoever gave no sign any more may be gone for all that anybody knows
  const signMs = Math.max(...frames.filter(({ number }) => voiceOf(ledger, number)?.userId === userId).map(({ passedMs }) => passedMs),
    ...heard.filter((event) => event.type === 102 || event.userId === userId).map(({ eventMs }) => eventMs))
  const least = [intersect(said, later(said)), surely, perhaps, [{ startMs: 0, endMs: signMs }]].reduce((rest, spans) => intersect(rest, spans))
  const most = unite([...said, ...later(said), ...surely, ...perhaps])
  return { least: subtract(least, paused.most), most: subtract(most, paused.least) }
}

/** When a user was audible, by these events alone. */
function toldAudible (userId: string, events: readonly HeardEvent[], whole: Span): Span[] {
  const own = events.filter((event) => event.type === 102 || event.userId === userId).sort((a, b) => a.eventMs - b.eventMs)
  const spans: Span[] = []
  let sinceMs: number | undefined
  for (const { type, role, eventMs } of own) {
    if (type === 203) {
      sinceMs ??= eventMs
    } else if ([102, 104, 204].includes(type) || (type === 105 && role === 21)) {
      if (sinceMs !== undefined) spans.push({ startMs: sinceMs, endMs: eventMs })
      sinceMs = undefined
    }
  }
  if (sinceMs !== undefined) spans.push({ startMs: sinceMs, endMs: Infinity })
  return intersect(spans, [whole])
}

/** When nobody was to be recorded, for sure and perhaps. */
function pausedOf (userId: string, { pauses }: Ledger): Known {
  const own = pauses.filter((pause) => pause.userId === undefined || pause.userId === userId)
  return {
    least: unite(own.map(({ answeredMs, resumeAskedMs }) => ({ startMs: answeredMs, endMs: (resumeAskedMs ?? Infinity) + resumeHoldMs }))),
    most: unite(own.map(({ askedMs, resumedMs }) => ({ startMs: askedMs, endMs: (resumedMs ?? Infinity) + resumeHoldMs + obeysMs })))
  }
}

/** How much speech of a user the deaths of the gateway and of its threads cost. */
function ownLossOf (userId: string, framesMs: readonly number[], { least, most }: Known, { ledger }: Evidence): { leastMs: number, mostMs: number } {
  const [surely, perhaps]: [Span[], Span[]] = [[], []]
  for (const { fromMs, toMs, port } of ledger.absences) {
    const own = ledger.frames.filter(({ number }) => voiceOf(ledger, number)?.userId === userId)
    const last = own.findLast(({ passedMs, connection }) => passedMs <= fromMs && (connection.endedMs ?? Infinity) > fromMs - killCostsMs)
    const back = framesMs.find((ms) => ms > toMs) ?? Infinity
    if (port !== undefined && last?.connection.port !== port) {
      // A thread that had none of his audio costs him nothing, unless he was on his way to it
      if (last === undefined) perhaps.push({ startMs: fromMs, endMs: back + slackMs })
      continue
    }
    surely.push(port === undefined ? { startMs: fromMs, endMs: toMs } : { startMs: toMs, endMs: back })
    perhaps.push({ startMs: fromMs - killCostsMs, endMs: Math.max(toMs, back) + slackMs })
  }
  // A database that was away keeps nobody from being recorded, but from being asked for
  for (const { startMs, endMs } of ledger.outages) {
    perhaps.push({ startMs: startMs - killCostsMs, endMs: (framesMs.find((ms) => ms > endMs) ?? Infinity) + slackMs })
  }
  return { leastMs: lengthOf(intersect(unite(surely), least)), mostMs: lengthOf(intersect(unite(perhaps), most)) }
}
