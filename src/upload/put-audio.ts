import type { OutputFormat } from '../core/output-format.ts'
import { RoomtapeError } from '../core/errors.ts'
import { fitsAdts } from '../media/adts.ts'
import type { AudioConfig } from '../media/audio-config.ts'
import { readMp4Header } from '../media/mp4-reader.ts'
import { adtsOfRun, m4aOfRun } from '../media/segment-file.ts'
import type { Segment } from '../media/segments.ts'
import { adtsBytes } from './adts-bytes.ts'
import { fingerprint } from '../stores/fingerprint.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import type { UploadedObject, UploadedSegment } from '../stores/uploaded.ts'
import { byteSourceOf, openByteSource, readBytes, type ByteSource } from '../stores/byte-source.ts'

/** Where audio goes, and as what. */
export interface Destination {
  store: ObjectStore
  /** A track that ADTS cannot carry is `m4a` all the same. */
  format: OutputFormat
}

const contentTypes = { m4a: 'audio/mp4', aac: 'audio/aac' } as const satisfies Record<OutputFormat, string>

/**
 * Uploads a finished file of the spool. @param keyStem its key without ending
 * @throws RoomtapeError FILE_UNREADABLE, INTERNAL for a key that is noted, and what `ObjectStore.putFile` throws
 */
export async function putTrackFile (
  path: string, keyStem: string, { store, format }: Destination, { notedKeys, signal }: { notedKeys: ReadonlySet<string>, signal: AbortSignal }
): Promise<UploadedObject> {
  await using file = await openByteSource(path)
  const config = await configOf(path, file)
  const written = formatFor(format, config)
  const bytes = written === 'aac' ? await adtsBytes(file, config) : file
  const key = `${keyStem}.${written}`
  if (notedKeys.has(key)) throw new RoomtapeError('INTERNAL', `${key} is the key of a file that is noted already`)
  return await put(bytes, key, written, store, signal)
}

/**
 * Cuts a segment out of a file of the spool, which may still be written, and uploads it.
 * @param keyFolder of its key, ending in `/`
 * @throws RoomtapeError FILE_UNREADABLE, and what `ObjectStore.putFile` throws
 */
export async function putSegment (
  path: string, { byteStart, byteEnd, ...segment }: Segment, keyFolder: string, { store, format }: Destination, { signal }: { signal: AbortSignal }
): Promise<Omit<UploadedSegment, 'partial'>> {
  const { config, content, written } = await read()
  const key = `${keyFolder}${String(segment.seq).padStart(8, '0')}_${segment.startMs}.${written}`
  const object = await put(byteSourceOf(content), key, written, store, signal)
  return { ...segment, ...object, sampleRate: config.sampleRate, channels: config.channels }

  async function read (): Promise<{ config: AudioConfig, content: Buffer, written: OutputFormat }> {
    await using file = await openByteSource(path)
    const config = await configOf(path, file)
    const run = await readBytes(file, byteStart, byteEnd - byteStart)
    const written = formatFor(format, config)
    return { config, content: written === 'aac' ? adtsOfRun(config, run) : m4aOfRun(config, run), written }
  }
}

async function put (content: ByteSource, key: string, format: OutputFormat, store: ObjectStore, signal: AbortSignal): Promise<UploadedObject> {
  const print = await fingerprint(content, { signal })
  const { url } = await store.putFile(key, content, print, { contentType: contentTypes[format], signal })
  return { key, url, bytes: print.bytes, sha256: print.sha256 }
}

function formatFor (format: OutputFormat, config: AudioConfig): OutputFormat {
  return format === 'aac' && fitsAdts(config) ? 'aac' : 'm4a'
}

async function configOf (path: string, file: ByteSource): Promise<AudioConfig> {
  const header = await readMp4Header((offset, length) => readBytes(file, offset, length))
  if (header === undefined) throw new RoomtapeError('FILE_UNREADABLE', `${path} could not be read: no file of ours`)
  return header.config
}
