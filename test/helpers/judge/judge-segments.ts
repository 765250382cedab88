import type { Evidence, JudgedFile, ToldSegment } from './evidence.ts'

/** Whether this is the key of a segment. */
export function isSegment (key: string): boolean {
  return /\/segments[^/]*\//.test(key)
}

/** The segments of a track are numbered without holes and hold the frames of its files, each once. @param segments as they were told of */
export function judgeSegments (evidence: Evidence, files: readonly JudgedFile[], segments: readonly JudgedFile<ToldSegment>[]): string[] {
  const { detail, timeline, objects, segmentSeconds } = evidence
  const faults: string[] = []
  const told = new Set(segments.map((segment) => segment.told.Key))
  if (told.size !== segments.length) faults.push(`${segments.length} segments have ${told.size} keys`)
  for (const key of objects.keys()) if (isSegment(key) && !told.has(key)) faults.push(`${key} is in the bucket and was not told of`)
  if (segmentSeconds === 0 && segments.length > 0) faults.push('there are segments that nobody asked for')
  if (segmentSeconds === 0) return faults

  const byTrack = Map.groupBy(segments, (segment) => segment.told.TrackId)
  for (const { TrackId, UserId, Segments, LastSeq } of detail.Tracks) {
    const own = (byTrack.get(TrackId) ?? []).sort((a, b) => a.told.Seq - b.told.Seq)
    const name = `track ${TrackId} of ${UserId}`
    const seqs = own.map((segment) => segment.told.Seq)
    if (seqs.some((seq, index) => seq !== index + 1)) faults.push(`segments of ${name} are numbered ${seqs.join(' ')}`)
    if (Segments !== own.length || LastSeq !== own.length) faults.push(`${name} is said to have ${Segments} segments up to ${LastSeq}, ${own.length} were told of`)
    if (own.some((segment) => segment.told.UserId !== UserId)) faults.push(`segments of ${name} are told of as another user's`)
    const track = timeline.Users.flatMap(({ Tracks }) => Tracks).find((each) => each.TrackId === TrackId)
    const listed = track?.Segments.map(({ Seq, Key, Bytes, Sha256 }) => [Seq, Key, Bytes, Sha256])
    if (JSON.stringify(listed ?? []) !== JSON.stringify(own.map(({ told: { Seq, Key, Bytes, Sha256 } }) => [Seq, Key, Bytes, Sha256]))) {
      faults.push(`the timeline lists other segments of ${name} than were told of`)
    }
    const fileOf = ({ Key, StartMs }: { Key: string, StartMs: number }) => files.find((file) => file.told.Key === Key && file.told.StartMs === StartMs)
    const ofFiles = (track?.Files ?? []).flatMap((file) => fileOf(file)?.frames ?? [])
    const ofSegments = own.flatMap(({ frames }) => frames)
    const differsAt = ofFiles.findIndex((number, index) => number !== ofSegments[index])
    if (ofFiles.length !== ofSegments.length || differsAt >= 0) {
      faults.push(`segments of ${name} hold ${ofSegments.length} frames, its files ${ofFiles.length}; they differ from frame ${differsAt} on`)
    }
  }
  for (const trackId of byTrack.keys()) if (!detail.Tracks.some(({ TrackId }) => TrackId === trackId)) faults.push(`segments are told of an unknown track ${trackId}`)
  return faults
}
