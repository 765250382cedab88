import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import { Type } from 'typebox'
import openapi from '../../../plugins/openapi.ts'

interface Document {
  openapi: string
  info: { title: string, version: string }
  security: unknown
  components: { securitySchemes: { bearer: { type: string, scheme: string } } }
  paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema: unknown }> } }>>
}

test('the document describes the routes that come after it, with keys as bearer tokens', async (t) => {
  const app = Fastify()
  t.after(() => app.close())
  app.register(openapi, { version: '1.2.3' })
  const body = Type.Object({ RoomId: Type.Integer({ minimum: 1 }) })
  app.register(async (routes) => { routes.post('/v1/recordings', { schema: { body } }, async () => ({})) })

  const document = (await app.inject('/openapi.json')).json<Document>()

  assert.equal(document.openapi, '3.1.0')
  assert.deepEqual([document.info.title, document.info.version], ['Roomtape', '1.2.3'])
  assert.deepEqual(document.security, [{ bearer: [] }])
  assert.deepEqual([document.components.securitySchemes.bearer.type, document.components.securitySchemes.bearer.scheme], ['http', 'bearer'])
  assert.deepEqual(Object.keys(document.paths), ['/v1/recordings'])
  assert.deepEqual(document.paths['/v1/recordings']?.post?.requestBody?.content['application/json']?.schema, JSON.parse(JSON.stringify(body)))
})

test('what is sent to others stands in the document as webhooks', async (t) => {
  const app = Fastify()
  t.after(() => app.close())
  const webhooks = { 'recording.started': { post: { summary: 'The first audio has arrived.', responses: { '2XX': { description: 'It has arrived.' } } } } }
  app.register(openapi, { version: '1.2.3', webhooks })

  const document = (await app.inject('/openapi.json')).json<{ webhooks: unknown }>()

  assert.deepEqual(document.webhooks, webhooks)
})
