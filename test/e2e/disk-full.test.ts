import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen, peakBetween } from '../helpers/listen.ts'
import { closeAfter } from '../helpers/scope.ts'
import { bucket, call, enterTalking, eventually, sdkAppId, startWorld, talked, temporaryFolder } from '../helpers/world.ts'

/** Above what `/readyz` asks for, and little enough to fill in a moment. */
const diskBytes = 120_000_000

/** A disk of its own. Undefined where mounting is not allowed. */
async function smallDisk (t: TestContext): Promise<string | undefined> {
  const path = join(await temporaryFolder(t), 'disk')
  mkdirSync(path)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', path], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  closeAfter(t, () => execFileSync('umount', ['--lazy', path]))
  return path
}

/** Leaves not a byte free, also of what others remove. Resolves when the disk is full. @returns how to free it again */
async function keepFull (disk: string): Promise<() => Promise<void>> {
  const path = join(disk, 'filler')
  const file = await open(path, 'w')
  const over = new AbortController()
  const fill = async (size: number): Promise<void> => {
    const piece = Buffer.alloc(size)
    for (let full = false; !full;) full = await file.write(piece).then(() => false, () => true)
  }
  await fill(1_048_576)
  await fill(4_096)
  const filling = (async () => {
    while (!over.signal.aborted) {
      await fill(4_096)
      await sleep(20)
    }
  })()
  return async () => {
    over.abort()
    await filling
    await file.close()
    await rm(path)
  }
}

test('a full disk costs what comes while it is full: what was heard is stored, and recording goes on when there is room', async (t) => {
  const disk = await smallDisk(t)
  if (disk === undefined) {
    t.skip('mounting a tmpfs is not allowed here')
    return
  }
  const world = await startWorld(t, { env: { CFS_PATH: join(disk, 'spool') } })
  const readiness = () => call<{ Checks: Record<string, string> }>(world.url, '/readyz')
  const id = await world.start('room')
  const room = world.cloud.room(sdkAppId, 'room')
  const users = ['anna', 'ben']
  for (const userId of users) enterTalking(room, userId)
  const before = await Promise.all(users.map((userId) => talked(world, 'room', userId, 2_500)))
  assert.equal((await readiness()).status, 200)

  const fullMs = Date.now()
  const free = await keepFull(disk)
  const { body: { Checks } } = await eventually(async () => {
    const answer = await readiness()
    return answer.status === 503 ? answer : undefined
  })
  assert.equal(Checks.Spool, 'full')
  // one further track of each has found no room, and somebody's third is tried
  await eventually(async () => (await world.detail(id)).Tracks.length >= 5 || undefined)
  await free()
  const freeMs = Date.now()
  assert.equal((await eventually(async () => {
    const answer = await readiness()
    return answer.status === 200 ? answer : undefined
  })).body.Checks.Spool, 'ok')
  await eventually(async () => {
    const { Tracks } = await world.detail(id)
    return users.every((userId) => Tracks.some((track) => track.UserId === userId && track.State === 'Open')) || undefined
  })
  await Promise.all(users.map((userId) => talked(world, 'room', userId, 3_000, before)))
  room.dismiss()

  const { Type, Files } = await world.ended(id)
  assert.equal(Type, 'recording.completed')
  for (const userId of users) {
    const files = Files.filter(({ UserId }) => UserId === userId)
    const [first, last] = [files[0]!, files.at(-1)!]
    assert.ok(files.length >= 2 && files.every(({ Status }) => Status === 1), JSON.stringify(files))
    assert.equal(first.Partial, true)
    assert.ok(fullMs - first.EndMs <= 1_100, `${userId}: ${fullMs - first.EndMs} ms before the disk was full are lost`)
    assert.equal(last.Partial, false)
    assert.ok(last.StartMs - freeMs < 10_000, `${userId}: heard again ${last.StartMs - freeMs} ms after there was room`)
    for (const { Key, DurationMs } of [first, last]) {
      const heard = await listen((await world.cos.get(bucket, Key))!.content)
      assert.ok(Math.abs(heard.durationSeconds * 1_000 - DurationMs) <= 1)
      assert.ok(peakBetween(heard, DurationMs - 1_100, DurationMs) > 0.1, 'whole to its end')
    }
  }
  assert.deepEqual((await readdir(join(disk, 'spool'))).sort(), ['event-journal.jsonl', 'lock.sqlite', 'spool-id'], 'nothing is left behind')

  // The disk itself cannot be made read-only while the gateway has its lock on it open: what it sees of it can
  execFileSync('mount', ['--bind', disk, disk])
  closeAfter(t, () => { execFileSync('umount', ['--lazy', disk]) })
  execFileSync('mount', ['-o', 'remount,bind,ro', disk])
  const { status, body } = await readiness()
  assert.deepEqual([status, body.Checks.Spool], [503, 'unwritable'])
})
