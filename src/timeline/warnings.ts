/** What a warning's text is made of. `message`: what was stored of the trouble, in words that may be told; '' if nothing was. */
interface About { userId: string, message: string }

/**
 * Every warning and what it says, the worst first.
 * @see docs/warnings.md
 */
const texts = {
  FileNotStored: ({ message }) => message || 'a file could not be stored; the gateway keeps its audio',
  AudioLost: ({ message }) => message || 'audio that came is not where the gateway keeps it any more',
  DiskFailed: ({ message }) => message || 'the disk of the gateway could not be written',
  ThreadFailed: ({ message }) => message || 'a capture thread of the gateway failed',
  CaptureFull: ({ message }) => message || 'the gateway has no room for another speaker',
  StartRefused: ({ message, userId }) => message || `TRTC refused to push the audio of '${userId}'`,
  StartFailed: ({ message, userId }) => message || `TRTC could not be asked for the audio of '${userId}'`,
  StartUnanswered: ({ message, userId }) => message || `TRTC did not answer when asked for the audio of '${userId}'`,
  SourceAbsent: ({ message, userId }) => message || `TRTC announced the audio of '${userId}', and no push came`,
  RelayFailed: ({ message, userId }) => message || `TRTC gave up pushing the audio of '${userId}'`,
  CodecRefused: ({ message, userId }) => message || `what TRTC pushed of '${userId}' has a codec that is not recorded`,
  ConfigurationMissing: ({ message, userId }) => message || `what TRTC pushed of '${userId}' cannot be decoded: its configuration never came`,
  SpeakerUnheard: ({ userId }) => `'${userId}' sent audio by TRTC's events, and none of it is stored`,
  AudioMissing: ({ message, userId }) => `audio of '${userId}' was lost by the gateway: ${message}`,
  Blind: ({ message }) => `the gateway did not hear who came and went for ${message}: whoever came then and was not told of again is not recorded`,
  NoEvents: () => 'no event of the room has come: nobody is recorded before TRTC tells who is there',
  EverybodySkipped: () => 'somebody was on stage, and nobody who is to be recorded',
  SourceWaiting: ({ userId }) => `the audio of '${userId}' was asked for and announced, and no push has come yet`,
  UploadDelayed: ({ message }) => message || 'a file could not be stored yet; it is tried again',
  MemberUnconfirmed: ({ userId }) => `'${userId}' has most likely left: no event said so, and TRTC's relays found nobody`,
  RelayOrphan: ({ userId }) => `TRTC may go on pushing the audio of '${userId}' to nobody: it never told the TaskId by which it could be stopped`
} satisfies Record<string, (about: About) => string>

export type WarningCode = keyof typeof texts

/** Every code, the worst first. */
export const warningCodes = Object.keys(texts) as WarningCode[]

/** Something to know of a recording. `UserId`: whom it is about; '' for all of it. */
export interface Warning { Code: WarningCode, UserId: string, Message: string }

/** At most so many are told. */
export const maxWarnings = 200

/** What is worth a warning. */
export interface Notice extends About { code: WarningCode }

/** One warning for each code and user, of the newest of its notices; the worst first, and of a kind by user. */
export function warningsOf (notices: readonly Notice[]): Warning[] {
  const newest = new Map(notices.map((notice) => [JSON.stringify([notice.code, notice.userId]), notice]))
  return [...newest.values()]
    .sort((a, b) => warningCodes.indexOf(a.code) - warningCodes.indexOf(b.code) || (a.userId < b.userId ? -1 : 1))
    .slice(0, maxWarnings)
    .map(({ code, userId, message }) => ({ Code: code, UserId: userId, Message: texts[code]({ userId, message }) }))
}
