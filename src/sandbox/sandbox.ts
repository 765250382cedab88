import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messageOf } from '../core/errors.ts'
import { hostInUrl } from '../core/networks.ts'
import type { RoomId } from '../trtc/room-id.ts'
import { startCosServer, type CosServer } from './cos-server.ts'
import { startReceiver, type Receiver } from './receiver.ts'
import { playScene, scenes, type SceneName } from './scenes.ts'
import { startTrtcCloud, type TrtcCloud } from './trtc-cloud.ts'

/** Keys of the sandbox's app and accounts. They open nothing else, and are the same on every machine so that the README can name them. */
const sandboxKeys = {
  sdkAppId: 1400000001,
  secretKey: 'sandbox-sdk-secret-key',
  callbackKey: 'SandboxCallbackKey',
  secretId: 'AKIDSANDBOX',
  cloudKey: 'sandbox-cloud-secret-key',
  region: 'ap-guangzhou',
  bucket: 'sandbox-1250000000'
} as const

/** TCP ports the sandbox listens on unless told otherwise. */
export const sandboxPorts = { trtc: 9400, cos: 9401, receiver: 9402, control: 9403 } as const

export interface SandboxOptions {
  host?: string
  ports?: Record<keyof typeof sandboxPorts, number>
  /** Folder where the bucket keeps its objects; without it they are gone when the sandbox closes. */
  directory?: string
}

/** A request to play a scene, as `POST <control>/scenes` takes it. */
export interface SceneRequest {
  scene: string
  /** Origin of the gateway that gets the room's events. */
  gateway: string
  roomId?: RoomId
  factor?: number
}

/** Starts the cloud, a bucket whose links anybody may open, and a receiver, with a control address that plays scenes. */
export async function startSandbox (options: SandboxOptions = {}): Promise<Sandbox> {
  const { host = '127.0.0.1', ports = sandboxPorts, directory } = options
  const { sdkAppId, secretKey, callbackKey, secretId, cloudKey, bucket } = sandboxKeys
  const credentials = [{ secretId, secretKey: cloudKey }]
  const parts: Closable[] = []
  try {
    const cloud = await startTrtcCloud({ host, port: ports.trtc, apps: [{ sdkAppId, secretKey, callbackKey }], credentials })
    parts.unshift(cloud)
    const kept = directory === undefined ? {} : { directory }
    const cos = await startCosServer({ host, port: ports.cos, buckets: [bucket], credentials, anonymousRead: true, ...kept })
    parts.unshift(cos)
    const receiver = await startReceiver({ host, port: ports.receiver })
    parts.unshift(receiver)
    const sandbox = new Sandbox(cloud, cos, receiver)
    await sandbox.listen(host, ports.control)
    return sandbox
  } catch (error) {
    for (const part of parts) await part.close()
    throw error
  }
}

interface Closable {
  close: () => Promise<void>
}

export class Sandbox {
  readonly cloud: TrtcCloud
  readonly cos: CosServer
  readonly receiver: Receiver
  readonly #control: Server
  readonly #abort = new AbortController()
  #controlUrl = ''

  constructor (cloud: TrtcCloud, cos: CosServer, receiver: Receiver) {
    this.cloud = cloud
    this.cos = cos
    this.receiver = receiver
    this.#control = createServer((request, response) => {
      this.#play(request, response).catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(400)
        response.end(`${JSON.stringify({ error: messageOf(error) })}\n`)
      })
    })
  }

  async listen (host: string, port: number): Promise<void> {
    this.#control.listen(port, host)
    await once(this.#control, 'listening')
    this.#controlUrl = `http://${hostInUrl(host)}:${(this.#control.address() as AddressInfo).port}`
  }

  /** Everything needed to point a gateway at this sandbox. */
  describe () {
    const { sdkAppId, secretKey, callbackKey, secretId, cloudKey, region, bucket } = sandboxKeys
    return {
      trtc: { endpoint: this.cloud.endpoint, sdkAppId, sdkSecretKey: secretKey, callbackKey, secretId, secretKey: cloudKey, region },
      cos: { endpoint: this.cos.url, bucket, region, secretId, secretKey: cloudKey },
      receiver: { url: this.receiver.url },
      control: { url: this.#controlUrl, scenes: Object.keys(scenes) }
    }
  }

  async close (): Promise<void> {
    this.#abort.abort()
    this.#control.close()
    this.#control.closeAllConnections()
    await once(this.#control, 'close')
    for (const part of [this.receiver, this.cos, this.cloud]) await part.close()
  }

  /** Plays the scene that was asked for and writes a line of JSON for each step when it is done. */
  async #play (request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST' || request.url !== '/scenes') throw new Error('the control address takes POST /scenes')
    const { scene: name, gateway, roomId, factor = 1 } = await readSceneRequest(request)
    if (!Object.hasOwn(scenes, name)) throw new Error(`there is no scene '${name}', but ${Object.keys(scenes).join(', ')}`)
    const scene = scenes[name as SceneName]
    const { sdkAppId } = sandboxKeys
    this.cloud.setCallbackUrl(sdkAppId, new URL('/trtc/events', gateway).href)
    const room = this.cloud.room(sdkAppId, roomId ?? scene.roomId)
    const say = (line: object) => response.write(`${JSON.stringify(line)}\n`)
    response.writeHead(200, { 'Content-Type': 'application/x-ndjson' })
    say({ sdkAppId, roomId: room.roomId, scene: name })
    const left = new AbortController()
    response.once('close', () => left.abort())
    try {
      await playScene(room, scene, { factor, signal: AbortSignal.any([this.#abort.signal, left.signal]), onStep: (step, atMs) => say({ atMs, ...step }) })
    } finally {
      room.dismiss() // after a scene that was broken off nobody talks on
    }
    await this.cloud.settled()
    response.end()
  }
}

async function readSceneRequest (request: IncomingMessage): Promise<SceneRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  const { scene, gateway, roomId, factor } = JSON.parse(Buffer.concat(chunks).toString()) as Partial<Record<string, unknown>>
  if (typeof scene !== 'string' || typeof gateway !== 'string' || !URL.canParse(gateway)) throw new Error('scene must be a name and gateway an address')
  if (roomId !== undefined && typeof roomId !== 'string' && typeof roomId !== 'number') throw new Error('roomId must be text or a number')
  if (factor !== undefined && (typeof factor !== 'number' || !(factor > 0))) throw new Error('factor must be a number above 0')
  return { scene, gateway, ...(roomId === undefined ? {} : { roomId }), ...(factor === undefined ? {} : { factor }) }
}
