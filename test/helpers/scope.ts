/** What a thing lives as long as: a test's context, or `{ after }` of node:test for a whole file. */
export interface Scope { after (release: () => Promise<void>): void }

const stacks = new WeakMap<Scope, AsyncDisposableStack>()

/** Has a thing closed at the end of its scope, the latest first, as things that stand on one another must be. node:test closes the oldest first. */
export function closeAfter (scope: Scope, close: () => unknown): void {
  let stack = stacks.get(scope)
  if (stack === undefined) {
    const opened = stack = new AsyncDisposableStack()
    stacks.set(scope, opened)
    scope.after(() => opened.disposeAsync())
  }
  stack.defer(async () => { await close() })
}
