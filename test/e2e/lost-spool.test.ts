import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { spawnGateway, type GatewayProcess } from '../helpers/gateway-process.ts'
import { asTimeline } from '../helpers/timeline.ts'
import {
  asTenant, bucket, call, enterTalking, environment, eventually, provision, sdkAppId, startOutside, talked, temporaryFolder, type CallbackFile, type Outside,
  type Tenant
} from '../helpers/world.ts'

interface Left { outside: Outside, tenant: Tenant, env: Record<string, string>, recordingId: string, spoolDir: string, dataDir: string, former: string }

/** A gateway that is killed after a speaker has talked for two seconds, and whatever its spool holds then. */
async function leaveSpool (t: TestContext): Promise<Left> {
  const outside = await startOutside(t)
  const dataDir = await temporaryFolder(t)
  const spoolDir = join(await temporaryFolder(t), 'spool')
  const env = { ...environment(outside, dataDir), CFS_PATH: spoolDir }
  const gateway = await spawnGateway(t, env)
  const tenant = await provision(gateway.url, gateway.adminToken, outside)
  const recordingId = await asTenant(gateway.url, outside, tenant).start('room')
  enterTalking(outside.cloud.room(sdkAppId, 'room'), 'anchor')
  const former = await talked(outside, 'room', 'anchor', 2_000)
  await gateway.kill()
  return { outside, tenant, env, recordingId, spoolDir, dataDir, former }
}

/** The same gateway with another spool, which goes on with the room and ends it. */
async function goOnElsewhere (t: TestContext, { outside, env, former }: Left): Promise<GatewayProcess> {
  const gateway = await spawnGateway(t, { ...env, CFS_PATH: join(await temporaryFolder(t), 'spool') })
  outside.cloud.setCallbackUrl(sdkAppId, new URL('/trtc/events', gateway.url).href)
  await talked(outside, 'room', 'anchor', 1_000, [former])
  outside.cloud.room(sdkAppId, 'room').dismiss()
  return gateway
}

function operator<Body = Record<string, unknown>> ({ url, adminToken }: GatewayProcess, path: string, body?: object) {
  return call<Body>(url, `/operator${path}`, { token: adminToken, ...body !== undefined && { method: 'POST', body } })
}

interface SpoolView { SpoolId: string, State: string, OpenTracks: number }

async function spoolsOf (gateway: GatewayProcess): Promise<SpoolView[]> {
  return (await operator<{ Spools: SpoolView[] }>(gateway, '/spools')).body.Spools
}

test('a spool that is not mounted is waited for, said so, and finished by hand: nothing is missing', async (t) => {
  const left = await leaveSpool(t)
  const gateway = await goOnElsewhere(t, left)
  const { detail, ended } = asTenant(gateway.url, left.outside, left.tenant)

  const ready = await call<{ Status: string, MissingSpools: { Path: string }[] }>(gateway.url, '/readyz')
  assert.deepEqual([ready.status, ready.body.Status, ready.body.MissingSpools.map(({ Path }) => Path)], [200, 'ok', [left.spoolDir]])
  assert.ok(gateway.log.some((line) => line.includes('a spool with audio of tracks is not here')))
  await eventually(async () => (await detail(left.recordingId)).Files.length === 1 || undefined)
  const waiting = await detail(left.recordingId)
  assert.deepEqual([waiting.Status, waiting.Tracks.map(({ State }) => State)], ['Finishing', ['Open', 'Closed']])

  const finished = await operator(gateway, '/spools/finish', { Path: left.spoolDir })

  assert.deepEqual([finished.status, finished.body.Tracks, finished.body.Files, finished.body.Left], [200, 1, 1, 0], JSON.stringify(finished.body))
  const { Files, Incomplete } = await ended(left.recordingId)
  assert.deepEqual([Files.map(({ Status }) => Status), Incomplete], [[1, 1], misses(Files)])
  assert.equal(new Set(Files.map(({ Key }) => Key)).size, 2)
  assert.deepEqual(await recordingsIn(left.spoolDir), [])
  assert.deepEqual((await call<{ MissingSpools: unknown[] }>(gateway.url, '/readyz')).body.MissingSpools, [])
})

test('a spool that is forgotten is told as lost audio; when it comes back the recording has its files, and nobody is told twice', async (t) => {
  const left = await leaveSpool(t)
  const gateway = await goOnElsewhere(t, left)
  const { detail, ended } = asTenant(gateway.url, left.outside, left.tenant)
  const [away] = (await spoolsOf(gateway)).filter(({ State }) => State === 'Away')
  assert.equal(away?.OpenTracks, 1)

  const forgotten = await operator(gateway, `/spools/${away.SpoolId}/forget`, {})

  assert.deepEqual([forgotten.status, forgotten.body.State], [200, 'Forgotten'])
  const callback = await ended(left.recordingId)
  const { Files, TimelineFile } = callback
  assert.deepEqual(Files.map(({ Status }) => Status).sort(), [0, 1])
  const lost = Files.find(({ Status }) => Status === 0) as CallbackFile
  assert.match(lost.Message, /^the audio is in spool spl_\w+, which did not come back$/)
  assert.equal(callback.Incomplete, true)
  const timeline = asTimeline(await objectAt(left.outside, TimelineFile))
  const [user] = timeline.Users
  assert.equal(timeline.Incomplete, true)
  const [gap] = user!.Gaps
  assert.deepEqual([user!.Gaps.length, gap?.Cause, gap?.EndMs], [1, 'lost', user!.Tracks[1]!.Files[0]!.StartMs])
  assert.ok(gap!.EndMs - gap!.StartMs > 1_500, 'from the first audio that was on the disk')

  const finished = await operator(gateway, '/spools/finish', { Path: left.spoolDir })

  assert.deepEqual([finished.body.Tracks, finished.body.Files], [1, 1], JSON.stringify(finished.body))
  const now = await detail(left.recordingId) as Awaited<ReturnType<typeof detail>> & { Incomplete: boolean }
  assert.deepEqual([now.Files.length, now.Incomplete, now.Tracks.map(({ Message }) => Message)], [2, misses(now.Files), ['', '']])
  assert.equal(left.outside.receiver.attempts().length, 1)
})

test('a spool that comes back with its gateway is gone on with, also after it was forgotten', async (t) => {
  const left = await leaveSpool(t)
  const elsewhere = await goOnElsewhere(t, left)
  const tenant = asTenant(elsewhere.url, left.outside, left.tenant)
  const [away] = (await spoolsOf(elsewhere)).filter(({ State }) => State === 'Away')
  await operator(elsewhere, `/spools/${away!.SpoolId}/forget`, {})
  assert.equal((await tenant.ended(left.recordingId)).Incomplete, true)
  await elsewhere.terminate()

  const back = await spawnGateway(t, left.env)

  const { detail } = asTenant(back.url, left.outside, left.tenant)
  const now = await eventually(async () => {
    const found = await detail(left.recordingId) as Awaited<ReturnType<typeof detail>> & { Incomplete: boolean }
    return found.Files.length === 2 ? found : undefined
  })
  assert.equal(now.Incomplete, misses(now.Files))
  assert.deepEqual(await recordingsIn(left.spoolDir), [])
})

test('a copy of a spool is not started on, by its name and with what to do, until it is adopted', async (t) => {
  const left = await leaveSpool(t)
  const copy = join(await temporaryFolder(t), 'copy')
  await cp(left.spoolDir, copy, { recursive: true })
  const env = { ...left.env, CFS_PATH: copy }

  await assert.rejects(spawnGateway(t, env), (error: Error) => {
    assert.ok(error.message.includes(`${copy} was copied or moved`) || error.message.includes('left with 1'), error.message)
    return true
  })
  const refused = await roomtape(['spool', 'adopt', join(copy, 'nothing')])
  assert.deepEqual([refused.code, refused.stderr.includes('is no folder of this machine')], [1, true])
  await rm(left.spoolDir, { recursive: true })
  const adopted = await roomtape(['spool', 'adopt', copy])
  assert.equal(adopted.code, 0, adopted.stderr)

  const gateway = await spawnGateway(t, env)
  left.outside.cloud.setCallbackUrl(sdkAppId, new URL('/trtc/events', gateway.url).href)
  await talked(left.outside, 'room', 'anchor', 500, [left.former])
  left.outside.cloud.room(sdkAppId, 'room').dismiss()
  const { Files, Incomplete } = await asTenant(gateway.url, left.outside, left.tenant).ended(left.recordingId)
  assert.deepEqual([Files.map(({ Status }) => Status), Incomplete], [[1, 1], misses(Files)])
})

test('files that somebody removed from the spool are audio that is missing, and said to be', async (t) => {
  const left = await leaveSpool(t)
  for (const folder of await recordingsIn(left.spoolDir)) await rm(join(left.spoolDir, folder), { recursive: true })

  const gateway = await spawnGateway(t, left.env)
  left.outside.cloud.setCallbackUrl(sdkAppId, new URL('/trtc/events', gateway.url).href)
  await talked(left.outside, 'room', 'anchor', 1_000, [left.former])
  left.outside.cloud.room(sdkAppId, 'room').dismiss()

  const { Files, Incomplete } = await asTenant(gateway.url, left.outside, left.tenant).ended(left.recordingId)
  assert.deepEqual([Files.map(({ Status }) => Status).sort(), Incomplete], [[0, 1], true])
  const { status, body } = await call<{ LostTracks: { RecordingId: string, TrackId: string }[] }>(gateway.url, '/readyz')
  assert.deepEqual([status, body.LostTracks.map(({ RecordingId, TrackId }) => [RecordingId, typeof TrackId])], [200, [[left.recordingId, 'string']]])
})

/** Whether more than a second lies between one file and the next: then speech is missing, since nobody was there to hear it. */
function misses (files: ReadonlyArray<Pick<CallbackFile, 'StartMs' | 'EndMs'>>): boolean {
  const ordered = [...files].sort((a, b) => a.StartMs - b.StartMs)
  return ordered.some((file, index) => index > 0 && file.StartMs - ordered[index - 1]!.EndMs > 1_000)
}

/** The folders of recordings in a spool. */
async function recordingsIn (spoolDir: string): Promise<string[]> {
  return (await readdir(spoolDir, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

function roomtape (args: string[]): Promise<{ code: number | string | null | undefined, stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(import.meta.dirname, '../../bin/roomtape.js'), ...args], { timeout: 30_000 }, (error, _stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stderr })
    })
  })
}

async function objectAt ({ cos }: Outside, url: string): Promise<unknown> {
  const key = decodeURIComponent(new URL(url).pathname).split('/').slice(2).join('/')
  const object = await cos.get(bucket, key)
  assert.ok(object, key)
  return JSON.parse(object.content.toString())
}
