import { Type, type Static, type TSchema } from 'typebox'
import { gapCauses } from '../timeline/schema.ts'
import { recordingStatuses } from '../state/recordings.ts'

const closed = { additionalProperties: false }
const patterns = (description: string) => Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { maxItems: 200, description })
const orNull = (schema: TSchema) => Type.Union([schema, Type.Null()])

export const CosConfig = Type.Object({
  SecretId: Type.Optional(Type.String({ minLength: 1, maxLength: 1024, description: 'With SecretKey; both absent: the credentials of the running role.' })),
  SecretKey: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  SecurityToken: Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description: 'With temporary keys.' })),
  Region: Type.String({ pattern: '^[a-z0-9-]{1,32}$', examples: ['ap-guangzhou'] }),
  Bucket: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,48}-[0-9]{1,20}$', description: 'With its APPID.', examples: ['audio-1250000000'] }),
  Path: Type.Optional(Type.String({ maxLength: 400, pattern: '^[^\\u0000-\\u001f\\\\]*$', description: 'Folder of the bucket; `/` is its root.' }))
}, { ...closed, description: 'Bucket the files go to.' })
export type CosConfig = Static<typeof CosConfig>

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
  }, closed)),
  Policies: Type.Optional(Type.Array(Type.Object({
    UserIds: patterns('Whom the label is for; `*` at the end stands for any rest.'),
    Label: Type.String({ minLength: 1, maxLength: 64 })
  }, closed), { maxItems: 50, description: 'Labels that travel with the files of those users; the first that fits.' })),
  MaxDurationSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400, default: 86_400 })),
  MaxIdleSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400, default: 300, description: 'A room without anchors for so long is over.' })),
  Metadata: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'At most 4 kB of JSON; returned in every callback, never read.' }))
}, closed)
export type StartRequest = Static<typeof StartRequest>

export const PauseRequest = Type.Union([
  Type.Object({
    UserIds: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 128, pattern: '^[^\\u0000]*$' }), {
      minItems: 1, maxItems: 200, description: 'Whom it is about, also before they come; absent: the whole recording.'
    }))
  }, closed),
  Type.Null()
])

export const StartResponse = Type.Object({
  RequestId: Type.String(),
  RecordingId: Type.String(),
  Status: Type.Enum([...recordingStatuses]),
  Message: Type.String()
})

const FileView = Type.Object({
  UserId: Type.String(),
  RecordFile: Type.String({ description: 'URL of the object.' }),
  Key: Type.String(),
  Bytes: Type.Integer(),
  Sha256: Type.String(),
  StartMs: Type.Integer({ description: "The room's time of the first sample, Unix milliseconds." }),
  EndMs: Type.Integer(),
  DurationMs: Type.Integer(),
  GapMs: Type.Integer(),
  Gaps: Type.Array(Type.Object({ StartMs: Type.Integer(), EndMs: Type.Integer(), Cause: Type.String({ description: gapCauses }) })),
  Partial: Type.Boolean({ description: 'Salvaged after a crash.' }),
  Label: Type.String()
})

export const RecordingView = Type.Object({
  RecordingId: Type.String(),
  Status: Type.Enum([...recordingStatuses]),
  Reason: orNull(Type.String()),
  Message: Type.String(),
  SdkAppId: Type.Integer(),
  RoomId: Type.Integer(),
  StrRoomId: Type.String(),
  UserId: Type.String(),
  CreatedMs: Type.Integer(),
  StartMs: orNull(Type.Integer()),
  EndMs: orNull(Type.Integer()),
  CompletedMs: orNull(Type.Integer()),
  Paused: Type.Boolean({ description: 'The whole recording is paused.' }),
  Metadata: Type.Record(Type.String(), Type.Unknown())
})
export type RecordingView = Static<typeof RecordingView>

export const RecordingDetail = Type.Object({
  ...RecordingView.properties,
  Tracks: Type.Array(Type.Object({
    TrackId: Type.String(),
    UserId: Type.String(),
    State: Type.Enum(['Open', 'Closed']),
    Paused: Type.Boolean({ description: 'Nothing is recorded now, for the whole recording or this user is paused.' }),
    Message: Type.String(),
    Segments: Type.Integer({ description: 'How many are stored.' }),
    LastSeq: Type.Integer({ description: 'Of the last of them; 0 when there is none.' })
  })),
  Files: Type.Array(FileView),
  TimelineFile: Type.String({ description: 'URL of timeline.json; empty until it is stored, and when the bucket refused it.' }),
  Deliveries: Type.Array(Type.Object({
    Type: Type.String(),
    State: Type.String(),
    Attempts: Type.Integer(),
    LastStatus: orNull(Type.Integer()),
    LastError: orNull(Type.String()),
    NextAttemptMs: orNull(Type.Integer())
  }))
})
export type RecordingDetail = Static<typeof RecordingDetail>

export const RecordingList = Type.Object({ Recordings: Type.Array(RecordingView), NextCursor: orNull(Type.String()) })
