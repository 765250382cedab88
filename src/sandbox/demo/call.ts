/** Calls the gateway as any client does. @throws Error with what a problem document says */
export async function call<Body> (url: URL, { method = 'GET', token, body, signal }: {
  method?: 'GET' | 'POST' | 'PUT', token: string, body?: object, signal: AbortSignal
}): Promise<Body> {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, ...body !== undefined && { 'content-type': 'application/json' } },
    body: body === undefined ? null : JSON.stringify(body),
    signal
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${url.pathname} got ${response.status}: ${text}`)
  return JSON.parse(text) as Body
}
