import { checkCallbackUrl, type CallbackPolicy } from '../callback/address-guard.ts'
import { RoomtapeError } from '../core/errors.ts'
import { outputFormats } from '../core/output-format.ts'
import type { StartOrder } from '../rooms/start-recording.ts'
import type { StartRequest } from './start-request.ts'
import { cosTarget } from './store-config.ts'

export interface StartOrderOptions {
  callbackPolicy: CallbackPolicy
  cosEndpoint?: string | undefined
}

const minSegmentSeconds = 2
const maxSegmentSeconds = 600
const maxMetadataBytes = 4_096
/** Characters that PostgreSQL's JSON cannot hold, as `JSON.stringify` escapes them. */
const unstorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/
const defaultMaxDurationSeconds = 86_400
const defaultMaxIdleSeconds = 300

/**
 * The order that a request stands for. Checks what the schema cannot say.
 * @throws RoomtapeError VALIDATION, UNSUPPORTED_MODE, UNSUPPORTED_OUTPUT, CALLBACK_DENIED
 */
export function startOrder (body: StartRequest, tenantId: string, { callbackPolicy, cosEndpoint }: StartOrderOptions): StartOrder {
  const roomId = body.RoomId ?? body.StrRoomId
  if (roomId === undefined) throw new RoomtapeError('VALIDATION', 'RoomId or StrRoomId is needed')
  if ((body.Mode ?? '00') !== '00') throw new RoomtapeError('UNSUPPORTED_MODE', `Mode '${body.Mode ?? ''}' is not supported: only '00', audio, is`)
  const output = checkOutput(body.Output)
  if (unstorable.test(JSON.stringify(body))) throw new RoomtapeError('VALIDATION', 'text must not hold U+0000 or half a surrogate pair')
  if (Buffer.byteLength(JSON.stringify(body.Metadata ?? {})) > maxMetadataBytes) throw new RoomtapeError('VALIDATION', 'Metadata must be at most 4 kB of JSON')
  const { UserIds: userIds, ExcludeUserIds: excludeUserIds } = body.Subscribe ?? {}
  return {
    tenantId,
    sdkAppId: body.SdkAppId,
    roomId,
    userId: body.UserId,
    ...body.UserSig && { userSig: body.UserSig },
    options: {
      ...typeof roomId === 'number' ? { roomId } : { strRoomId: roomId },
      subscribe: { ...userIds && { userIds }, ...excludeUserIds && { excludeUserIds } },
      policies: (body.Policies ?? []).map(({ UserIds, Label }) => ({ userIds: UserIds, label: Label })),
      fillGaps: body.Output?.FillGaps ?? true,
      ...output,
      maxDurationSeconds: body.MaxDurationSeconds ?? defaultMaxDurationSeconds,
      ...body.CallbackFormat && { callbackFormat: body.CallbackFormat },
      maxIdleSeconds: body.MaxIdleSeconds ?? defaultMaxIdleSeconds,
      metadata: body.Metadata ?? {}
    },
    secrets: {
      ...body.CosConfig && { store: cosTarget(body.CosConfig, cosEndpoint) },
      ...body.Callback && { callback: checkCallbackUrl(body.Callback, callbackPolicy) }
    }
  }
}

function checkOutput ({ Format = 'm4a', SegmentSeconds = 0, TrimSilence = false }: NonNullable<StartRequest['Output']> = {}) {
  const format = outputFormats.find((known) => known === Format)
  if (format === undefined) throw new RoomtapeError('UNSUPPORTED_OUTPUT', `Output.Format '${Format}' is not supported: only ${outputFormats.join(', ')} are`)
  if (SegmentSeconds !== 0 && (SegmentSeconds < minSegmentSeconds || SegmentSeconds > maxSegmentSeconds)) {
    throw new RoomtapeError('UNSUPPORTED_OUTPUT', `Output.SegmentSeconds must be 0 or ${minSegmentSeconds} to ${maxSegmentSeconds}`)
  }
  if (TrimSilence) throw new RoomtapeError('UNSUPPORTED_OUTPUT', 'Output.TrimSilence is not supported')
  return { format, segmentSeconds: SegmentSeconds }
}
