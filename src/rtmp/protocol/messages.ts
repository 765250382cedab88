import { encodeAmf0, type Amf0Value } from './amf0.ts'
import { aacFourCc, flvTag } from '../../media/flv.ts'

/** @see Adobe, RTMP 1.0, 5.4 and 7.1 */
export const messageType = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowAckSize: 5,
  setPeerBandwidth: 6,
  audio: flvTag.audio,
  commandAmf3: 17,
  command: 20,
  aggregate: 22
} as const

export const userControl = { streamBegin: 0, pingRequest: 6, pingResponse: 7 } as const

/** The chunk size of our own direction, so that every message of ours is one chunk. */
const chunkSize = 4096
const windowBytes = 2_500_000
const dynamicLimit = 2
/** `CanDecode` of FourCcInfoMask, Enhanced RTMP v2. */
const canDecode = 1

const controlId = 2
const commandId = 3
const headerBytes = 12

function message (chunkStreamId: number, type: number, streamId: number, body: Uint8Array): Buffer {
  const bytes = Buffer.alloc(headerBytes + body.length)
  bytes[0] = chunkStreamId
  bytes.writeUIntBE(body.length, 4, 3)
  bytes[7] = type
  bytes.writeUInt32LE(streamId, 8)
  bytes.set(body, headerBytes)
  return bytes
}

function control (type: number, value: number, ...more: number[]): Buffer {
  const body = Buffer.alloc(4 + more.length)
  body.writeUInt32BE(value)
  body.set(more, 4)
  return message(controlId, type, 0, body)
}

export function acknowledgement (receivedBytes: number): Buffer {
  return control(messageType.acknowledgement, receivedBytes % 0x1_0000_0000)
}

export function userControlMessage (event: number, value: number): Buffer {
  const body = Buffer.alloc(6)
  body.writeUInt16BE(event)
  body.writeUInt32BE(value, 2)
  return message(controlId, messageType.userControl, 0, body)
}

export function command (streamId: number, ...values: Amf0Value[]): Buffer {
  return message(commandId, messageType.command, streamId, encodeAmf0(...values))
}

/**
 * The answer to `connect`: granted. We speak AMF0, whatever was asked for. A publisher that speaks Enhanced RTMP is told that of its codecs we take AAC.
 */
export function connected (transaction: Amf0Value, isEnhanced: boolean): Buffer {
  return Buffer.concat([
    control(messageType.windowAckSize, windowBytes),
    control(messageType.setPeerBandwidth, windowBytes, dynamicLimit),
    control(messageType.setChunkSize, chunkSize),
    command(0, '_result', transaction, { fmsVer: 'FMS/3,5,7,7009', capabilities: 31, mode: 1 }, {
      level: 'status',
      code: 'NetConnection.Connect.Success',
      description: 'connected',
      objectEncoding: 0,
      ...isEnhanced && { fourCcList: [aacFourCc], audioFourCcInfoMap: { [aacFourCc]: canDecode } }
    })
  ])
}

export type StatusCode =
  'NetStream.Publish.Start' | 'NetStream.Publish.BadName' | 'NetStream.Publish.Denied' | 'NetStream.Publish.Rejected' |
  'NetStream.Unpublish.Success'

export function onStatus (streamId: number, level: 'status' | 'error', code: StatusCode, description: string): Buffer {
  return command(streamId, 'onStatus', 0, null, { level, code, description })
}
