import { Type, type Static } from 'typebox'
import type { FileRow, TrackRow } from '../../state/tracks.ts'
import { unixMs } from './envelope.ts'

const seed = {
  UserId: Type.String({ description: 'Who is heard, alone.' }),
  RecordFile: Type.String({ description: 'URL of the object; empty with `Status` 0.' }),
  Status: Type.Enum([0, 1], { description: '1: stored. 0: the bucket refused it for good; the audio is still in the spool of the gateway.' }),
  Message: Type.String({ description: 'Why it is not stored; empty with `Status` 1.' })
}

/** One file as receivers of the serverless template know it, and what we add. */
export const WholeFile = Type.Object({
  ...seed,
  Key: Type.String({ description: 'Of the object.' }),
  Bytes: Type.Integer(),
  Sha256: Type.String({ description: 'Of its bytes, in lower-case hex.' }),
  DurationMs: Type.Integer({ description: 'How long it plays.' }),
  StartMs: unixMs("The room's time of its first sample."),
  EndMs: unixMs("The room's time of its end."),
  GapMs: Type.Integer({ description: 'How much of it is silence put in, or left out, because nothing came.' }),
  Partial: Type.Boolean({ description: 'The gateway crashed while it was written: it holds all but at most the last second.' }),
  Label: Type.String({ description: 'Of the first policy that names the user.' })
})
export type WholeFile = Static<typeof WholeFile>

/** One file at the end of a recording: of an end with too many, what we add is left out. */
export const ToldFile = Type.Object({ ...seed, ...Type.Partial(Type.Omit(WholeFile, Object.keys(seed) as Array<keyof typeof seed>)).properties })
export type ToldFile = Static<typeof ToldFile>

export function storedFile (file: FileRow, { userId, label }: Pick<TrackRow, 'userId' | 'label'>): WholeFile {
  return {
    UserId: userId,
    RecordFile: file.url,
    Status: 1,
    Message: '',
    Key: file.key,
    Bytes: file.bytes,
    Sha256: file.sha256,
    DurationMs: file.durationMs,
    StartMs: file.startMs,
    EndMs: file.endMs,
    GapMs: file.gapMs,
    Partial: file.partial,
    Label: label
  }
}

/** Stands for audio of a track that is in no file. */
export function unstoredFile ({ userId, label, message }: Pick<TrackRow, 'userId' | 'label' | 'message'>): WholeFile {
  return {
    UserId: userId,
    RecordFile: '',
    Status: 0,
    Message: message,
    Key: '',
    Bytes: 0,
    Sha256: '',
    DurationMs: 0,
    StartMs: 0,
    EndMs: 0,
    GapMs: 0,
    Partial: true,
    Label: label
  }
}

/** Beyond so much the files of an end are told by the seed's members alone. */
const maxFilesBytes = 1024 * 1024

/** Every file, whole if that is not too much. */
export function withinBytes (files: WholeFile[]): ToldFile[] {
  if (Buffer.byteLength(JSON.stringify(files)) <= maxFilesBytes) return files
  return files.map(({ UserId, RecordFile, Status, Message }) => ({ UserId, RecordFile, Status, Message }))
}
