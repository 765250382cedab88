import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toneClips, type ToneClip } from '../../src/sandbox/audio/clips.ts'
import { listen, tonesHeard } from '../helpers/listen.ts'
import { bucket, enterTalking, sdkAppId, startWorld, talked } from '../helpers/world.ts'

/** Users whose folders version 0.1.0 mixed up, and such as look like names of our own. */
const clipOf: Record<string, ToneClip> = { 'a.b': 'low', YS5i: 'middle', segments: 'high' }

test('users whose ids are one another\'s escape, or a name of ours, have files of their own: each holds its speaker alone', async (t) => {
  const world = await startWorld(t)
  const recordingId = await world.start('lesson.1', { Output: { SegmentSeconds: 2 } })
  const room = world.cloud.room(sdkAppId, 'lesson.1')
  for (const [userId, clip] of Object.entries(clipOf)) enterTalking(room, userId, clip)
  await Promise.all(Object.keys(clipOf).map((userId) => talked(world, 'lesson.1', userId, 2_500)))
  room.dismiss()

  const { Files } = await world.ended(recordingId)

  assert.deepEqual(Files.map(({ UserId, Status }) => [UserId, Status]).sort(), Object.keys(clipOf).sort().map((userId) => [userId, 1]))
  assert.equal(new Set(Files.map(({ Key }) => Key)).size, Files.length)
  for (const { UserId, Key } of Files) {
    const object = await world.cos.get(bucket, Key)
    const tones = tonesHeard(await listen(object!.content)).map(({ frequency }) => frequency)
    assert.deepEqual([...new Set(tones)], [toneClips[clipOf[UserId]!]], `${UserId} is heard alone in ${Key}`)
  }
})
