import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { CallbackMeasures } from '../../../src/callback/measures.ts'
import { startCallbacks } from '../../helpers/callbacks.ts'
import { onBothDatabases } from '../../helpers/databases.ts'
import { closeAfter } from '../../helpers/scope.ts'

const endpoints = 40

onBothDatabases('answers that are there together are noted together, once in a turn of the event loop, so that others have theirs', async (t, open) => {
  const { kysely } = await open(t)
  const measures: CallbackMeasures = new EventEmitter()
  let turn = 0
  let ticking = setImmediate(function tick () {
    turn++
    ticking = setImmediate(tick)
  })
  closeAfter(t, async () => { clearImmediate(ticking) })
  const notesInTurn = new Map<number, number>()
  const { promise: all, resolve } = Promise.withResolvers<undefined>()
  let attempts = 0
  let isSameNote = false
  measures.on('attempt', () => {
    if (!isSameNote) notesInTurn.set(turn, (notesInTurn.get(turn) ?? 0) + 1)
    isSameNote = true
    queueMicrotask(() => { isSameNote = false })
    if (++attempts === endpoints) resolve(undefined)
  })
  const { end, endpoint } = await startCallbacks(t, kysely, { measures })
  // Answers when all have asked
  const asked: ServerResponse[] = []
  const receiver = createServer((request, response) => {
    request.resume().once('end', () => { if (asked.push(response) === endpoints) asked.forEach((each) => each.end()) })
  })
  closeAfter(t, async () => {
    receiver.closeAllConnections()
    receiver.close()
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  for (let i = 0; i < endpoints; i++) await endpoint(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`)

  await end()
  await all

  assert.ok([...notesInTurn.values()].every((notes) => notes === 1), `${Math.max(...notesInTurn.values())} notes in one turn`)
})
