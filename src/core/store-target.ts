import { Type, type Static } from 'typebox'

/** A bucket of Tencent COS. Without keys the credentials of the running role are used. */
const CosTarget = Type.Object({
  kind: Type.Literal('cos'),
  region: Type.String(),
  bucket: Type.String(),
  /** Prefix of every key, without slashes at either end; '' is the root. */
  path: Type.String(),
  secretId: Type.Optional(Type.String()),
  secretKey: Type.Optional(Type.String()),
  securityToken: Type.Optional(Type.String()),
  /** Origin of a COS-compatible server, e.g. `http://127.0.0.1:9000`; addressed as `/<bucket>/<key>`. Set by operators only. */
  endpoint: Type.Optional(Type.String())
})

/** A folder of this machine. */
const LocalTarget = Type.Object({
  kind: Type.Literal('local'),
  directory: Type.String(),
  path: Type.String()
})

/** Where the files of a recording go, with what is needed to write there. Sealed wherever it is stored. */
export const StoreTarget = Type.Union([CosTarget, LocalTarget])
export type StoreTarget = Static<typeof StoreTarget>
export type CosTarget = Static<typeof CosTarget>
export type LocalTarget = Static<typeof LocalTarget>
