import type { Amf0Value } from './amf0.ts'

/**
 * What a publisher's command asks for. `acknowledge`: an answer without content. `unpublish`: the end of what is published on that message
 * stream; without one, whichever it is. `ignore`: nothing (`_checkbw` and the like): recording needs none, and an error in answer would make FFmpeg leave.
 */
export type Command =
  { type: 'connect', transaction: Amf0Value, app: readonly string[], isEnhanced: boolean } |
  { type: 'acknowledge' | 'createStream', transaction: Amf0Value } |
  { type: 'publish', name: string | undefined } |
  { type: 'unpublish', streamId: number | undefined } |
  { type: 'ignore' }

/**
 * @param streamId the message stream that the command came on
 * @see Adobe, RTMP 1.0, 7.2
 */
export function readCommand ([name, transaction, object, argument]: readonly Amf0Value[], streamId: number): Command {
  switch (name) {
    case 'connect': {
      const { app, tcUrl, fourCcList, audioFourCcInfoMap } = typeof object === 'object' && object !== null && !Array.isArray(object) ? object : {}
      return {
        type: 'connect',
        transaction,
        app: [app, tcUrl].filter((text) => typeof text === 'string'),
        isEnhanced: fourCcList !== undefined || audioFourCcInfoMap !== undefined
      }
    }
    case 'releaseStream':
    case 'FCPublish': return { type: 'acknowledge', transaction }
    case 'createStream': return { type: 'createStream', transaction }
    case 'publish': return { type: 'publish', name: typeof argument === 'string' ? argument : undefined }
    case 'FCUnpublish': return { type: 'unpublish', streamId: undefined }
    case 'deleteStream': return { type: 'unpublish', streamId: typeof argument === 'number' ? argument : undefined }
    case 'closeStream': return { type: 'unpublish', streamId: streamId === 0 ? undefined : streamId }
    default: return { type: 'ignore' }
  }
}
