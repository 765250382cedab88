import { eventSchemas } from '../callback/event-schemas.ts'

const signed = [
  header('webhook-id', '`Id` of the event, the same on every attempt.'),
  header('webhook-timestamp', 'Unix seconds of this attempt.'),
  header('webhook-signature', '`v1,` and the signature in base64, by Standard Webhooks; several are separated by a space.')
]

/** OpenAPI's `webhooks`: every event that is sent, by its type. @see docs/callbacks.md */
export const webhooks: Record<string, object> = Object.fromEntries([...eventSchemas].map(([type, schema]) => [type, {
  post: {
    summary: schema.description ?? '',
    parameters: signed,
    requestBody: { required: true, content: { 'application/json': { schema } } },
    responses: { '2XX': { description: 'It has arrived. After anything else it is sent again, but for what docs/callbacks.md lists.' } }
  }
}]))

function header (name: string, description: string): object {
  return { name, in: 'header', required: true, description, schema: { type: 'string' } }
}
