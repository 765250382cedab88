/** A key pair of Tencent Cloud; temporary ones come with a token. */
export interface Credentials {
  secretId: string
  secretKey: string
  securityToken?: string
}

/** Where keys come from: given by a tenant, or those of the role that this machine runs under. */
export interface CredentialSource {
  /**
   * The keys to sign with now; the same object for as long as they are the same keys.
   * @throws RoomtapeError STORE_DENIED, STORE_UNAVAILABLE
   */
  get (options: { signal: AbortSignal }): Promise<Credentials>
  /** The store refused these although they should be good: says whether asking again may give others. */
  discard (credentials: Credentials): boolean
}

export function fixedCredentials (credentials: Credentials): CredentialSource {
  return { get: () => Promise.resolve(credentials), discard: () => false }
}
