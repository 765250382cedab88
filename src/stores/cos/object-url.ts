import type { CosTarget } from '../../core/store-target.ts'

/** Where an object is read from; by whom is up to the bucket. */
export function objectUrl ({ bucket, region, endpoint }: CosTarget, key: string): string {
  const origin = endpoint === undefined ? `https://${bucket}.cos.${region}.myqcloud.com` : `${endpoint}/${bucket}`
  return `${origin}/${key.split('/').map(encodeSegment).join('/')}`
}

/** As COS signs it: everything but A–Z a–z 0–9 - _ . ~ is escaped. */
function encodeSegment (segment: string): string {
  return encodeURIComponent(segment).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
