import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { Track } from '../../../src/capture/track.ts'
import { FragmentBuffers } from '../../../src/media/mp4-writer.ts'
import type { GapCause } from '../../../src/media/track-summary.ts'
import { loadClip, secondOfTone } from '../../../src/sandbox/audio/clips.ts'
import { Spool } from '../../../src/storage/spool.ts'
import { listen, tonesHeard } from '../../helpers/listen.ts'

const clip = loadClip('low')
const frameMs = 1024 / 48
const beganMs = 1_767_225_600_000
const readEveryMs = 100

/** A source in the room: what it says in each second is the tone of that second. */
class Source {
  readonly #track: Track
  /** Room time, ms from the beginning, of the next frame. */
  #nowMs = 0
  /** The source's clock less the room's. */
  #clockMs = 4_000_000_000
  #heldUntilMs = 0

  constructor (track: Track) {
    this.#track = track
  }

  /** @param timestampBits how many the source counts in */
  talk (untilMs: number, timestampBits = 32): void {
    for (; this.#nowMs < untilMs; this.#nowMs += frameMs) {
      const frame = clip.frames[Math.round(this.#nowMs / frameMs) % clip.frames.length]!
      const arrivalMs = Math.ceil(Math.max(this.#nowMs, this.#heldUntilMs) / readEveryMs) * readEveryMs
      this.#track.write(frame, 0, frame.length, Math.round(this.#nowMs + this.#clockMs) % 2 ** timestampBits, beganMs + arrivalMs)
    }
  }

  /** Says nothing, while its clock goes on or stands. */
  silent (untilMs: number): void {
    this.#nowMs = Math.ceil(untilMs / frameMs) * frameMs
  }

  /** What it says arrives only then. */
  stall (untilMs: number): void { this.#heldUntilMs = untilMs }

  setClock (timestampMs: number): void { this.#clockMs = timestampMs - this.#nowMs }
}

interface Case {
  what: string
  play: (source: Source, track: Track) => void
  /** Which seconds are heard; each in its own. */
  seconds: number[]
  causes: GapCause[]
}

const cases: Case[] = [
  {
    what: 'a mute of three seconds',
    play: (source) => { source.talk(2800); source.silent(5900); source.talk(7990) },
    seconds: [0, 1, 2, 6, 7],
    causes: ['missing']
  },
  {
    what: 'somebody who leaves for five seconds and is pushed anew with another key',
    play: (source, track) => {
      source.talk(1900)
      track.end('stopped')
      source.silent(6900)
      source.setClock(77)
      source.talk(7990)
    },
    seconds: [0, 1, 7],
    causes: ['disconnected']
  },
  {
    what: 'a connection that breaks and comes back with timestamps from 0',
    play: (source, track) => {
      source.talk(2900)
      track.end('disconnected')
      source.silent(3900)
      source.setClock(0)
      source.talk(7990)
    },
    seconds: [0, 1, 2, 4, 5, 6, 7],
    causes: ['reconnected']
  },
  {
    what: 'a stall of two seconds, then all at once',
    play: (source) => { source.talk(2900); source.stall(4900); source.talk(7990) },
    seconds: [0, 1, 2, 3, 4, 5, 6, 7],
    causes: []
  },
  {
    what: 'a clock that leaps an hour forward in silence',
    play: (source) => {
      source.talk(2900)
      source.silent(3900)
      source.setClock(4_003_600_000)
      source.talk(7990)
    },
    seconds: [0, 1, 2, 4, 5, 6, 7],
    causes: ['clock']
  },
  {
    what: 'a clock that goes a minute back',
    play: (source) => {
      source.talk(2900)
      source.silent(3900)
      source.setClock(3_999_940_000)
      source.talk(7990)
    },
    seconds: [0, 1, 2, 4, 5, 6, 7],
    causes: ['clock']
  },
  {
    what: 'a clock that wraps at 24 bits, as does one of 32',
    play: (source) => {
      source.setClock(2 ** 24 - 2000)
      source.talk(4000, 24)
      source.setClock(2 ** 32 - 2000)
      source.talk(7990)
    },
    seconds: [0, 1, 2, 3, 4, 5, 6, 7],
    causes: []
  },
  {
    what: 'a pause of three seconds',
    play: (source, track) => {
      source.talk(1900)
      track.pause(true)
      source.talk(4900)
      track.pause(false)
      source.talk(7990)
    },
    seconds: [0, 1, 5, 6, 7],
    causes: ['paused']
  }
]

for (const { what, play, seconds, causes } of cases) {
  test(`each tone is heard in its own second, to a frame, after ${what}`, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'tones-'))
    t.after(() => { rmSync(directory, { recursive: true }) })
    const spool = new Spool(directory)
    const key = { recordingId: 'rec_1', trackId: 'trk_1' }
    const track = new Track({
      fillGaps: true,
      buffers: new FragmentBuffers(),
      openPart: (start) => spool.create({ ...key, userId: 'anchor', fillGaps: true, ...start }),
      onFailure: (error) => { throw error }
    })
    track.configure(clip.config)
    play(new Source(track), track)
    const [summary, ...more] = await track.close()

    assert.deepEqual(more, [])
    const heard = tonesHeard(await listen(await readFile(spool.path({ ...key, part: 1 }))))
    assert.deepEqual(heard.map(({ lengthMs }) => secondOfTone.ofLength(lengthMs)), seconds)
    for (const [index, { startMs }] of heard.entries()) {
      const lateMs = startMs + summary!.startMs - beganMs - seconds[index]! * 1000
      assert.ok(Math.abs(lateMs) <= frameMs, `second ${seconds[index]} is heard ${lateMs} ms late`)
    }
    assert.deepEqual(summary!.gaps.map(({ cause }) => cause), causes)
  })
}
