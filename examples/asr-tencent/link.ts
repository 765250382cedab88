import COS from 'cos-nodejs-sdk-v5'

export interface LinkOptions {
  /** A key of its own that may read the segments' objects (`name/cos:GetObject`) and nothing else. */
  secretId: string
  secretKey: string
  /** Of the buckets, e.g. `ap-guangzhou`. */
  region: string
  /** Origin of a COS server other than Tencent's. */
  endpoint?: string
  /** How long a link is good for. */
  seconds: number
}

/** Makes links by which an object can be read for a while, without a call of COS. */
export function linkTo ({ secretId, secretKey, region, endpoint, seconds }: LinkOptions): (bucket: string, key: string) => string {
  const cos = new COS({ SecretId: secretId, SecretKey: secretKey, Protocol: 'https:', ...endpoint !== undefined && { Domain: `${endpoint}/{Bucket}` } })
  return (bucket, key) => cos.getObjectUrl({ Bucket: bucket, Region: region, Key: key, Method: 'GET', Sign: true, Expires: seconds })
}
