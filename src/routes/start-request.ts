import { Type, type Static } from 'typebox'
import { callbackFormats } from '../state/endpoint-options.ts'
import { CosConfig } from './store-config.ts'
import { zeroCounts } from './zero-values.ts'

const closed = { additionalProperties: false }
const patterns = (description: string) => Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { maxItems: 200, description })

/** @see docs/api.md */
export const StartRequest = Type.Object({
  SdkAppId: Type.Integer({ minimum: 1, maximum: 4_294_967_295, description: 'An app of the calling tenant.' }),
  RoomId: Type.Optional(Type.Integer({ minimum: 1, maximum: 4_294_967_295, description: 'Numeric room. It or StrRoomId is needed; of both it wins.' })),
  StrRoomId: Type.Optional(Type.String({ minLength: 1, maxLength: 128, pattern: '^[^\\u0000-\\u001f]*$', description: 'String room.' })),
  UserId: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: "The recorder's own id in the room, unique per request." }),
  UserSig: Type.Optional(Type.String({ maxLength: 4096, description: 'For UserId; checked when the SDK secret key of the app is known.' })),
  PrivateMapKey: Type.Optional(Type.String({ maxLength: 4096, description: "Taken for the seed's sake: TRTC's relay has no use for it." })),
  CosConfig: Type.Optional(CosConfig),
  Callback: Type.Optional(Type.String({ maxLength: 2048, description: 'Gets `recording.completed` or `recording.failed`, and `segment.uploaded` if segments are asked for.' })),
  CallbackFormat: Type.Optional(Type.Enum([...callbackFormats], { description: '`template`: the five fields of the serverless template at the end, and nothing else. Absent: the app\'s, else `full`.' })),
  Mode: Type.Optional(Type.String({ maxLength: 8, description: '`00`, audio, is the only one.' })),
  Subscribe: Type.Optional(Type.Object({
    UserIds: Type.Optional(patterns('Who is recorded; `*` at the end stands for any rest.')),
    ExcludeUserIds: Type.Optional(patterns('Who is not.'))
  }, closed)),
  Output: Type.Optional(Type.Object({
    Format: Type.Optional(Type.String({ maxLength: 8, description: '`m4a` (the default): fragmented MP4. `aac`: ADTS, which players guess the length of; a track whose frames ADTS cannot carry (960 samples, odd sample rates) is `m4a` all the same.' })),
    SegmentSeconds: Type.Optional(Type.Integer({ description: '2 to 600: each track is also cut into files of so many seconds, on a grid common to all, stored while the room talks and told of by `segment.uploaded`. 0 (the default): none.' })),
    FillGaps: Type.Optional(Type.Boolean({ description: 'Silence where there was none, so that file time is room time; otherwise gaps are cut out.' })),
    TrimSilence: Type.Optional(Type.Boolean({ description: 'false.' }))
  }, { ...closed, [zeroCounts]: true, description: 'What the files are like. Here `0` and `false` are values.' })),
  Policies: Type.Optional(Type.Array(Type.Object({
    UserIds: patterns('Whom the label is for; `*` at the end stands for any rest.'),
    Label: Type.String({ minLength: 1, maxLength: 64 })
  }, closed), { maxItems: 50, description: 'Labels that travel with the files of those users; the first that fits.' })),
  MaxDurationSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400, default: 86_400 })),
  MaxIdleSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400, default: 300, description: 'A room without anchors for so long is over.' })),
  Metadata: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'At most 4 kB of JSON; returned in every callback, never read. Numbers are those a double can hold; send others as text.' }))
}, {
  ...closed,
  description: 'Zero values (`0`, `""`, `null`, and an object without members or the `[]` that PHP makes of one) mean that the member is absent; in `Output` `0` does not. Digits as text are the number where one is expected.'
})
export type StartRequest = Static<typeof StartRequest>
