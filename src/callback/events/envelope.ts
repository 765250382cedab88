import { Type, type Static, type TObject, type TSchema, type TString } from 'typebox'
import { newId } from '../../core/ids.ts'
import type { RecordingRow } from '../../state/recordings.ts'

export const unixMs = (description: string) => Type.Integer({ description: `${description} Unix milliseconds.` })

/** What every event begins with. */
export const headOf = <Named extends TSchema>(type: Named) => ({
  Id: Type.String({ description: 'Of the event, the same on every attempt; also the header `webhook-id`.' }),
  Type: type,
  TimestampMs: unixMs('When it happened.'),
  SchemaVersion: Type.Literal(1, { description: 'Fields are added to it, never removed or changed: ignore those you do not know.' })
})

/** What every event of a recording begins with. */
export const envelopeOf = <Named extends TSchema>(type: Named) => ({
  ...headOf(type),
  SdkAppId: Type.Integer({ description: 'The app.' }),
  RoomId: Type.Integer({ description: 'The numeric room, 0 for a string room.' }),
  StrRoomId: Type.String({ description: 'The string room, empty for a numeric one.' }),
  UserId: Type.String({ description: "The recorder's id, as in the request." }),
  RecordingId: Type.String({ description: 'As in the answer to the request.' })
})

export const Metadata = Type.Record(Type.String(), Type.Unknown(), { description: 'As in the request.' })

/** What of a recording stands in the envelope of its events. */
export type ToldRecording = Pick<RecordingRow, 'id' | 'sdkAppId' | 'options' | 'userId'>

type Envelope = Omit<Static<TObject<ReturnType<typeof envelopeOf<TString>>>>, 'Type'>

/** The first members of an event. @param nowMs by the wall clock */
export function envelope<Named extends string> (type: Named, { sdkAppId, options, userId, id }: ToldRecording, nowMs: number): Envelope & { Type: Named } {
  return {
    Id: newId('evt'),
    Type: type,
    TimestampMs: nowMs,
    SchemaVersion: 1,
    SdkAppId: sdkAppId,
    RoomId: options.roomId ?? 0,
    StrRoomId: options.strRoomId ?? '',
    UserId: userId,
    RecordingId: id
  }
}
