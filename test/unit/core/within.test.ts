import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { TooLate, within } from '../../../src/core/within.ts'
import { closeAfter } from '../../helpers/scope.ts'

test('work in its time gives what it gives, work that is late is given up', async () => {
  assert.equal(await within(1_000, Promise.resolve(7)), 7)
  await assert.rejects(within(1_000, Promise.reject(new Error('no'))), /^Error: no$/)
  await assert.rejects(within(1, new Promise(() => undefined)), TooLate)
  const late = Promise.withResolvers<never>()
  await assert.rejects(within(1, late.promise), TooLate)
  late.reject(new Error('nobody waits for it any more')) // and the process lives
})

test('an answer that lies unread since the process stood still is in time', async (t) => {
  const server = createServer((socket) => { socket.pipe(socket) }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  closeAfter(t, () => {
    socket.destroy()
    server.close()
  })
  await once(socket, 'connect')
  socket.write('first')
  await once(socket, 'data')
  const echo = within(50, once(socket, 'data'))
  socket.write('answer')
  await new Promise(setImmediate) // it is sent, and comes back while nobody looks
  await new Promise(setImmediate)
  const untilMs = performance.now() + 200
  while (performance.now() < untilMs);

  assert.equal(String((await echo)[0]), 'answer')
})
