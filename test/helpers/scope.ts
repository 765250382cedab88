/** How long something lives: a test, by its context, or a whole file, by `{ after }` of node:test. */
export interface Scope { after (release: () => Promise<void>): void }

const stacks = new WeakMap<Scope, AsyncDisposableStack>()

/** Has something closed at the end of its scope: the newest first, since it may need the older ones. node:test itself closes the oldest first. */
export function closeAfter (scope: Scope, close: () => unknown): void {
  let stack = stacks.get(scope)
  if (stack === undefined) {
    const opened = stack = new AsyncDisposableStack()
    stacks.set(scope, opened)
    scope.after(() => opened.disposeAsync())
  }
  stack.defer(async () => { await close() })
}
