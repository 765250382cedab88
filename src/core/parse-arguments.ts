import { parseArgs, type ParseArgsConfig } from 'node:util'
import { messageOf } from './errors.ts'

/** `parseArgs`, whose faults are one sentence. @throws Error that can be shown as it is */
export function parseArguments<Config extends ParseArgsConfig> (config: Config): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config)
  } catch (error) {
    // What follows the first sentence explains Node's way to write odd arguments.
    const [sentence = ''] = messageOf(error).split(/\.\s|\n/, 1)
    throw new Error(`${sentence.replace(/\.$/, '')}; --help shows what there is`, { cause: error })
  }
}
