import type { Logger } from 'pino'
import { endAbsences, insertAbsence } from '../state/absences.ts'
import type { Connection } from '../state/database.ts'
import type { RecordingRow } from '../state/recordings.ts'
import { noteAbsent, noteAudio, notePush, notePushEnded, noteSourceTrouble } from '../state/sources.ts'
import { noteTrackTrouble } from '../state/tracks.ts'
import type { AbsenceCause, SourceTrouble, TrackTrouble } from '../state/troubles.ts'

export interface TrackNotesDeps {
  kysely: Connection
  log: Logger
}

/**
 * Notes what happens to the sources and tracks of one recording: the evidence by which it is judged. Each note is written after the one before;
 * one that the database does not take is tried again with the next, and a few times a minute at least.
 */
export class TrackNotes {
  readonly #recording: Pick<RecordingRow, 'id' | 'generation'>
  readonly #deps: TrackNotesDeps
  readonly #waiting: Array<(db: Connection) => Promise<void>> = []
  #writing: Promise<void> | undefined
  /** By track: the trouble that is noted. */
  readonly #troubles = new Map<string, TrackTrouble>()
  #absences = 0
  /** Users that nobody here can record, as far as this process has noted it. */
  readonly #away = new Set<string>()

  constructor (recording: Pick<RecordingRow, 'id' | 'generation'>, deps: TrackNotesDeps) {
    this.#recording = recording
    this.#deps = deps
  }

  /** How many absences were noted. */
  get absences (): number { return this.#absences }

  push (sourceId: string, atMs: number): void {
    this.#add((db) => notePush(db, sourceId, atMs))
  }

  audio (sourceId: string, atMs: number): void {
    this.#add((db) => noteAudio(db, sourceId, atMs))
  }

  pushEnded (sourceId: string, at: { atMs: number, lastFrameMs: number | null }): void {
    this.#add((db) => notePushEnded(db, sourceId, at))
  }

  sourceTrouble (sourceId: string, trouble: SourceTrouble, message: string): void {
    this.#add((db) => noteSourceTrouble(db, sourceId, trouble, storable(message)))
  }

  absent (sourceId: string, atMs: number, message: string): void {
    this.#add((db) => noteAbsent(db, sourceId, atMs, message))
  }

  /** A former owner noted it: it can be over. */
  known (trackId: string, trouble: TrackTrouble): void {
    this.#troubles.set(trackId, trouble)
  }

  /** @param trouble undefined: it is over */
  trackTrouble (trackId: string, trouble: TrackTrouble | undefined, message = ''): void {
    if (trouble === undefined && !this.#troubles.has(trackId)) return
    if (trouble === undefined) this.#troubles.delete(trackId)
    else this.#troubles.set(trackId, trouble)
    this.#add((db) => noteTrackTrouble(db, trackId, trouble ?? null, storable(message)))
  }

  /** Nobody here could record anybody, or hear of who came. */
  absence (cause: AbsenceCause, startMs: number, endMs: number): void {
    this.#absences++
    this.#add((db) => insertAbsence(db, { recordingId: this.#recording.id, userId: null, cause, startMs, endMs }))
  }

  /** Nobody here can record a user from now on, until `heard`. */
  away (userId: string, cause: AbsenceCause, startMs: number): void {
    this.#away.add(userId)
    this.#absences++
    this.#add((db) => insertAbsence(db, { recordingId: this.#recording.id, userId, cause, startMs, endMs: null }))
  }

  heard (userId: string, atMs: number): void {
    // A former owner may have noted one that goes on.
    if (!this.#away.delete(userId) && this.#recording.generation <= 1) return
    this.#add((db) => endAbsences(db, this.#recording.id, userId, atMs))
  }

  /** Writes what is not written yet. @throws what the database throws; nothing is forgotten by that */
  async settled (): Promise<void> {
    await this.#writing
    if (this.#waiting.length > 0) await this.#write()
  }

  #add (note: (db: Connection) => Promise<void>): void {
    this.#waiting.push(note)
    this.#writing ??= this.#write()
      .catch((err: unknown) => { this.#deps.log.warn({ err, notes: this.#waiting.length }, 'not noted yet') })
      .finally(() => { this.#writing = undefined })
  }

  async #write (): Promise<void> {
    for (let note = this.#waiting[0]; note !== undefined; note = this.#waiting[0]) {
      await note(this.#deps.kysely)
      this.#waiting.shift()
    }
  }
}

/** What others said may hold what no text column takes. */
function storable (message: string): string {
  return message.replaceAll('\u0000', '').slice(0, 1_000)
}
