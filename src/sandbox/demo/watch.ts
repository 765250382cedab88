import type { Sandbox } from '../sandbox.ts'

const everyMs = 100

/** Tells of each relay that begins to push and of each file that comes to the bucket, as the world outside the gateway sees them. */
export function watch (sandbox: Sandbox, tell: (text: string) => void): { look: () => void, [Symbol.dispose]: () => void } {
  const { bucket } = sandbox.describe().cos
  const told = new Set<string>()
  const once = (what: string, text: string): void => {
    if (told.has(what)) return
    told.add(what)
    tell(text)
  }
  const look = (): void => {
    for (const { taskId, anchorUserId, pushes } of sandbox.cloud.tasks()) {
      if (pushes.some(({ status }) => status === 2)) once(taskId, `  ${anchorUserId}'s audio is live, by RTMP`)
    }
    for (const { key, bytes } of sandbox.cos.list(bucket)) {
      if (key.endsWith('.m4a')) once(key, `  ${key.split('/').at(-2) ?? key}'s file is in the bucket, ${bytes} bytes`)
    }
  }
  const timer = setInterval(look, everyMs)
  return { look, [Symbol.dispose]: () => clearInterval(timer) }
}
