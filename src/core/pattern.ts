/** Whether a text is what a pattern says: `*` at its end stands for any rest. */
export function matchesPattern (pattern: string, text: string): boolean {
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern
}
