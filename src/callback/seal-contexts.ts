// Where each secret of callbacks lives: sealed text opens nowhere else.

export const tenantSecretContext = (tenantId: string): string => `tenant:${tenantId}:callback`
export const endpointUrlContext = (endpointId: string): string => `endpoint:${endpointId}:url`
export const endpointHeadersContext = (endpointId: string): string => `endpoint:${endpointId}:headers`
export const endpointSecretsContext = (endpointId: string): string => `endpoint:${endpointId}:secrets`
export const deliveryUrlContext = (deliveryId: string): string => `delivery:${deliveryId}`
/** Of the digest by which a hidden endpoint is found. */
export const callbackUrlContext = (tenantId: string): string => `tenant:${tenantId}:callback-url`
