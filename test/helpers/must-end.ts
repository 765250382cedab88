import { isMainThread } from 'node:worker_threads'

/** How long a test file may go on: longer than the longest takes on a machine that is busy. */
const patienceMs = 240_000

// The runner limits tests, but not what they leave behind: a file whose process goes on for a handle nobody closed would hold up the run for ever.
if (isMainThread && process.env.NODE_TEST_CONTEXT !== undefined) {
  setTimeout(() => {
    console.error(`${process.argv[1]} does not end, it still has: ${process.getActiveResourcesInfo().join(', ')}`)
    process.exit(1)
  }, patienceMs).unref()
}
