import { Type, type Static } from 'typebox'
import type { SegmentRow } from '../../state/segments.ts'
import type { TrackRow } from '../../state/tracks.ts'
import { envelope, envelopeOf, Metadata, unixMs, type ToldRecording } from './envelope.ts'

/** A segment has been uploaded. */
export const SegmentUploaded = Type.Object({
  ...envelopeOf(Type.Literal('segment.uploaded')),
  Segment: Type.Object({
    UserId: Type.String({ description: 'Who is heard, alone.' }),
    TrackId: Type.String({ description: 'What `Seq` counts in.' }),
    Seq: Type.Integer({ minimum: 1, description: '1, 2, … without holes.' }),
    StartMs: unixMs("The room's time of its first sample."),
    EndMs: unixMs("The room's time of its end."),
    DurationMs: Type.Integer({ description: 'How long it plays.' }),
    GapMs: Type.Integer({ description: 'How much of it is silence put in, or left out.' }),
    Bytes: Type.Integer(),
    Sha256: Type.String({ description: 'Of its bytes, in lower-case hex.' }),
    Codec: Type.Literal('aac'),
    SampleRate: Type.Integer({ description: 'Hertz, of the AAC core.' }),
    Channels: Type.Integer({ description: 'Of the AAC core.' }),
    Partial: Type.Boolean({ description: 'The gateway crashed while it was written.' }),
    Bucket: Type.String({ description: 'Where it is; empty for a folder.' }),
    Key: Type.String({ description: 'Of the object.' }),
    RecordFile: Type.String({ description: 'Its URL.' }),
    Label: Type.String({ description: 'Of the first policy that names the user.' })
  }),
  Metadata
}, { description: 'A segment of a track is stored.' })
export type SegmentUploaded = Static<typeof SegmentUploaded>

export interface UploadedSegment {
  recording: ToldRecording
  track: Pick<TrackRow, 'id' | 'userId' | 'label'>
  segment: SegmentRow
  bucket: string
}

/** @see docs/callbacks.md */
export function segmentUploaded ({ recording, track, segment, bucket }: UploadedSegment, nowMs: number): SegmentUploaded {
  return {
    ...envelope('segment.uploaded', recording, nowMs),
    Segment: {
      UserId: track.userId,
      TrackId: track.id,
      Seq: segment.seq,
      StartMs: segment.startMs,
      EndMs: segment.endMs,
      DurationMs: segment.durationMs,
      GapMs: segment.gapMs,
      Bytes: segment.bytes,
      Sha256: segment.sha256,
      Codec: 'aac',
      SampleRate: segment.sampleRate,
      Channels: segment.channels,
      Partial: segment.partial,
      Bucket: bucket,
      Key: segment.key,
      RecordFile: segment.url,
      Label: track.label
    },
    Metadata: recording.options.metadata
  }
}
