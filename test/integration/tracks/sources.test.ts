import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CapturePool } from '../../../src/tracks/pool.ts'
import { connectPublisher, type RtmpPublisher } from '../../../src/sandbox/rtmp-publisher.ts'
import { clip, frameMs } from '../../helpers/tone-scenes.ts'
import { reports, say, source, spec, startPool, talkInNumbers } from '../../helpers/pool.ts'

const { signal } = new AbortController()
const denied = /Publish\.Denied/

const sourceA = source('the-key-of-source-a')
const sourceB = source('the-key-of-source-b')

async function connect (pool: CapturePool, from: { sourceId: string, key: string }): Promise<RtmpPublisher & { url: string }> {
  const { url } = await pool.expect('trk_1', from)
  const publisher = await connectPublisher(url, { signal })
  return Object.assign(publisher, { url })
}

const uploadOf = (target: Awaited<ReturnType<typeof startPool>>['target']) =>
  ({ recordingId: 'rec_1', trackId: 'trk_1', target, userFolder: 'a/', trackNumber: 1, notedKeys: [], format: 'm4a' as const })

test('of two sources the first to bring audio stays, also when the other was connected before, and the other key is dead at once', async (t) => {
  const { pool } = await startPool(t, { threads: 1 })
  const { all, listener, until } = reports()
  await pool.open(spec('trk_1'), listener)
  const early = await connect(pool, sourceA)
  early.configure(clip.config.config) // and no frame
  const first = await connect(pool, sourceB)

  say(first)
  const live = await until('live')

  assert.equal(live.sourceId, sourceB.sourceId)
  assert.equal(await early.closed, 'NetStream.Unpublish.Success')
  await assert.rejects(connectPublisher(early.url, { signal }), denied)
  await first.close()
  const lost = await until('lost', 2) // after that of the other one
  const again = await connectPublisher(first.url, { signal })
  say(again)
  await until('live', 2)
  await again.close()
  await until('lost', 3)
  const toldOf = (source: { sourceId: string }) => all.flatMap((report) => 'sourceId' in report && report.sourceId === source.sourceId ? [report.type] : [])
  assert.deepEqual(toldOf(sourceB), ['pushed', 'live', 'lost', 'pushed', 'live', 'lost'])
  assert.deepEqual(toldOf(sourceA), ['pushed', 'lost'], 'of the other one no audio is heard')
  assert.ok(lost.lastFrameMs !== null && lost.lastFrameMs >= live.atMs && lost.lastFrameMs <= lost.atMs)
  const { lastFrameMs } = await pool.finish('trk_1')
  assert.equal(lastFrameMs, (await until('lost', 3)).lastFrameMs)
})

test('a source that is live stays until another brings audio, and is then let go; what lies between is no reconnection', async (t) => {
  const { pool, target } = await startPool(t, { threads: 1 })
  const { all, listener, until } = reports()
  await pool.open(spec('trk_1'), listener)
  const first = await connect(pool, sourceA)
  say(first)
  await until('live')
  const second = await connect(pool, sourceB)
  second.configure(clip.config.config)

  for (let index = 24; index < 48; index++) first.write(clip.frames[index]!, Math.round(index * frameMs)) // it is heard still
  await pool.awaitQuiet('trk_1', true)
  const { lastFrameMs } = await until('quiet')
  say(second)
  await until('live', 2)
  await first.closed
  await second.close()
  await until('lost', 2)
  await pool.finish('trk_1')

  const told = all.filter((report) => report.type === 'live' || report.type === 'lost')
  assert.deepEqual(told.map(({ type, sourceId }) => [type, sourceId]),
    [['live', sourceA.sourceId], ['lost', sourceA.sourceId], ['live', sourceB.sourceId], ['lost', sourceB.sourceId]])
  assert.ok(told[1]?.type === 'lost' && told[1].lastFrameMs === lastFrameMs)
  const [file, ...more] = await pool.upload(uploadOf(target))
  assert.deepEqual(more, [])
  assert.equal(file!.frames - Math.round(file!.gapMs / frameMs), 72, 'the frames of both')
  assert.deepEqual(file!.gaps.map(({ cause }) => cause), ['disconnected'])
})

test('one source of two is released by its name; the other is let in, and the track goes on with another encoding in another file', async (t) => {
  const { pool, target } = await startPool(t, { threads: 1 })
  const { listener, until } = reports()
  await pool.open(spec('trk_1'), listener)
  const first = await connect(pool, sourceA)
  const { url } = await pool.expect('trk_1', sourceB)
  say(first)
  await until('live')
  const third = source('the-key-of-source-c')
  const next = await connect(pool, third)

  await assert.rejects(connectPublisher(url, { signal }), denied, 'dead since the first had audio')
  await pool.release('trk_1', sourceA.sourceId)
  await first.closed
  await assert.rejects(connectPublisher(first.url, { signal }), denied)
  next.configure(Buffer.of(0x11, 0x90)) // stereo
  for (let index = 0; index < 24; index++) next.write(clip.frames[index]!, Math.round(index * frameMs))
  assert.equal((await until('live', 2)).sourceId, third.sourceId)
  await pool.release('trk_1')
  await next.closed
  await pool.finish('trk_1')

  const files = await pool.upload(uploadOf(target))
  assert.deepEqual(files.map(({ fileNumber, channels, resumed }) => [fileNumber, channels, resumed]), [[1, 1, false], [2, 2, false]])
})

test('a source whose audio cannot be used says why, and harms no track', async (t) => {
  const { pool } = await startPool(t, { threads: 1 })
  const { all, listener, until } = reports()
  await pool.open(spec('trk_1'), listener)
  const useless = await connect(pool, sourceA)
  useless.write(clip.frames[0]!, 0)
  await useless.close()
  const mute = await until('unusable')
  const odd = await connect(pool, sourceB)
  odd.configure(Buffer.of(0xff, 0xff, 0xff, 0xff))
  const refused = await until('unusable', 2)
  await odd.closed
  await connect(pool, sourceA).then(say)
  await until('live')

  assert.partialDeepStrictEqual([mute, refused], [
    { trackId: 'trk_1', sourceId: sourceA.sourceId, cause: 'noConfiguration' },
    { trackId: 'trk_1', sourceId: sourceB.sourceId, cause: 'codec' }
  ])
  assert.deepEqual(all.flatMap((report) => report.type === 'lost' ? [report.lastFrameMs] : []), [null, null], 'none of their audio was heard')
})

test('a track falls quiet 1.5 s after its last frame, to some 50 ms, while another is heard; taken back, nothing is told', async (t) => {
  const { pool } = await startPool(t, { threads: 1 })
  const { listener, until } = reports()
  const other = reports()
  await pool.open(spec('trk_1'), listener)
  await pool.open(spec('trk_2'), other.listener)
  const talk = await talkInNumbers((await pool.expect('trk_1', sourceA)).url)
  const neighbour = await talkInNumbers((await pool.expect('trk_2', sourceB)).url)
  await talk.go(24)
  await until('live')

  await pool.awaitQuiet('trk_1', true)
  await pool.awaitQuiet('trk_2', true)
  const goingOn = neighbour.go(200)
  await talk.go(24) // heard still, and waited for
  const quiet = await until('quiet')
  await pool.awaitQuiet('trk_2', false)
  await goingOn
  await talk.go(1)
  await pool.awaitQuiet('trk_1', true)
  await until('quiet', 2)

  assert.ok(quiet.lastFrameMs !== null)
  const lateMs = quiet.atMs - quiet.lastFrameMs - 1_500
  t.diagnostic(`told ${lateMs} ms late`)
  assert.ok(lateMs >= 0 && lateMs < 250, `told ${lateMs} ms late`)
  assert.deepEqual(other.all.filter(({ type }) => type === 'quiet'), [])
  assert.equal((await pool.finish('trk_1')).lastFrameMs, (await until('quiet', 2)).lastFrameMs)
  await pool.awaitQuiet('trk_1', true) // finished: nothing happens
  assert.deepEqual(await pool.finish('trk_1'), { lastFrameMs: null })
})
