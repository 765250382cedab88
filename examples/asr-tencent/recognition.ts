import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { CommonClient } from 'tencentcloud-sdk-nodejs-common'
import { NotTaken } from '../receiver/serve.ts'

export interface RecognitionOptions {
  secretId: string
  secretKey: string
  /** E.g. `ap-guangzhou`. */
  region: string
  /** Host; international accounts use `asr.intl.tencentcloudapi.com`. With `http://` before it, a server on this machine. */
  endpoint: string
  /** Tencent's name of a model, e.g. `16k_zh`, `16k_en`. */
  engine: string
  /** Where Tencent posts what it has heard; without it `DescribeTaskStatus` tells, for a day. */
  callbackUrl?: string
}

/** Tencent takes 20 tasks a second. */
const taskEveryMs = 50
/** Links must be shorter. */
const longestUrlBytes = 2048

/** Has Tencent's ASR recognize what is behind a link. @returns the id of the task @see Tencent docs, CreateRecTask (document 1093/37823) */
export function recognition ({ secretId, secretKey, region, endpoint, engine, callbackUrl }: RecognitionOptions): (url: string) => Promise<number> {
  const isPlain = endpoint.startsWith('http://')
  const client = new CommonClient(endpoint.replace(/^https?:\/\//, ''), '2019-06-14', {
    credential: { secretId, secretKey },
    region,
    // An agent of its own keeps calls to this machine from a proxy of the environment.
    profile: { httpProfile: { protocol: isPlain ? 'http://' : 'https://', reqTimeout: 10, ...isPlain && { agent: new Agent() } } }
  })
  let freeMs = 0

  async function turn (): Promise<void> {
    const nowMs = performance.now()
    freeMs = Math.max(nowMs, freeMs + taskEveryMs)
    if (freeMs > nowMs) await sleep(freeMs - nowMs)
  }

  return async (url) => {
    if (Buffer.byteLength(url) >= longestUrlBytes) throw new NotTaken(422, 'the link is too long for ASR: its object has a long name')
    await turn()
    try {
      const { Data } = await client.request('CreateRecTask', {
        EngineModelType: engine,
        ChannelNum: 1,
        ResTextFormat: 0,
        SourceType: 0,
        Url: url,
        ...callbackUrl !== undefined && { CallbackUrl: callbackUrl }
      }) as { Data: { TaskId: number } }
      return Data.TaskId
    } catch (error) {
      // Its text may hold the link, which is a secret while it is good.
      const code = (error as { code?: string }).code ?? ''
      if (code.startsWith('RequestLimitExceeded')) throw new NotTaken(429, code)
      throw new NotTaken(code === '' || code.startsWith('InternalError') ? 503 : 422, code === '' ? 'ASR does not answer' : code)
    }
  }
}
