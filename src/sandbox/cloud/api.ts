import type { RoomId } from '../../trtc/room-id.ts'
import { checkUserSig } from '../../trtc/user-sig.ts'
import { ApiError } from './api-error.ts'
import { Params } from './params.ts'
import type { RelayTask } from './relay.ts'
import type { Room } from './room.ts'

export interface TaskRequest {
  sdkAppId: number
  roomId: RoomId
  robotUserId: string
  anchorUserId: string
  urls: string[]
  maxIdleSeconds: number
  audioEncode: AudioEncode | undefined
}

/** What the cloud lets its API's actions see and do. */
export interface CloudState {
  now: () => number
  /** The key that signs an app's UserSigs; undefined when there is no such app. */
  secretKeyOf: (sdkAppId: number) => string | undefined
  /** The room of this name; undefined when it is not live. */
  liveRoom: (sdkAppId: number, roomId: RoomId) => Room | undefined
  startTask: (request: TaskRequest) => RelayTask
  /** The relay task of this id, ended or not; undefined when it is not known. */
  task: (taskId: string) => RelayTask | undefined
  endTask: (task: RelayTask) => void
  /** Removes a user, person or robot. */
  removeUser: (sdkAppId: number, room: Room, userId: string) => void
  /** Whether a relay may push to another CDN than Tencent's: mainland accounts may not, unless Tencent's support has allowed it. */
  thirdPartyRelay: 'allowed' | 'denied'
}

interface AudioEncode {
  sampleRate: number
  channel: number
  bitRate: number
  codec: number
}

type Action = (body: unknown, cloud: CloudState) => object

/** The actions of TRTC's API version 2019-07-22 that the sandbox knows. */
export const actions = {
  StartPublishCdnStream: startPublish,
  UpdatePublishCdnStream: updatePublish,
  StopPublishCdnStream: stopPublish,
  RemoveUser: (body, cloud) => removeUsers(body, 'number', cloud),
  RemoveUserByStrRoomId: (body, cloud) => removeUsers(body, 'string', cloud),
  DismissRoom: (body, cloud) => dismissRoom(body, 'number', cloud),
  DismissRoomByStrRoomId: (body, cloud) => dismissRoom(body, 'string', cloud)
} as const satisfies Record<string, Action>

export type ActionName = keyof typeof actions

const publishGroups = ['SdkAppId', 'WithTranscoding', 'AudioParams', 'VideoParams', 'SingleSubscribeParams', 'PublishCdnParams', 'FeedBackRoomParams', 'SeiParams', 'RecordParams']
const maxUrls = 10
const maxUsers = 10

function startPublish (body: unknown, cloud: CloudState): object {
  const request = new Params(body).only(...publishGroups, 'RoomId', 'RoomIdType', 'AgentParams')
  const { sdkAppId, secretKey } = appOf(request, cloud)
  const roomId = publishedRoom(request)
  const agent = request.object('AgentParams').only('UserId', 'UserSig', 'MaxIdleTime')
  const robotUserId = agent.text('UserId')
  const fault = checkUserSig(agent.text('UserSig'), { sdkAppId, secretKey, userId: robotUserId, nowMs: cloud.now() })
  if (fault !== undefined) throw agent.invalid('UserSig', `is ${fault}`)
  const maxIdleSeconds = agent.int('MaxIdleTime', { min: 5, max: 86_400, fallback: 30 })
  mustBeSingleAudio(request)
  const task = cloud.startTask({
    sdkAppId,
    roomId,
    robotUserId,
    anchorUserId: subscribedUser(request, roomId),
    urls: publishUrls(request, cloud),
    maxIdleSeconds,
    audioEncode: audioEncode(request)
  })
  return { TaskId: task.options.taskId }
}

function updatePublish (body: unknown, cloud: CloudState): object {
  const request = new Params(body).only(...publishGroups, 'TaskId', 'SequenceNumber')
  const task = taskOf(request, cloud)
  const sequenceNumber = request.int('SequenceNumber')
  if (sequenceNumber <= task.sequenceNumber) throw request.invalid('SequenceNumber', 'does not grow')
  mustBeSingleAudio(request)
  const encode = audioEncode(request)
  if (encode !== undefined && JSON.stringify(encode) !== JSON.stringify(task.options.audioEncode)) {
    throw request.invalid('AudioParams', 'cannot change while the task runs')
  }
  const urls = request.has('PublishCdnParams') ? publishUrls(request, cloud) : undefined
  const anchorUserId = request.has('SingleSubscribeParams') ? subscribedUser(request, task.options.room.roomId) : undefined
  task.sequenceNumber = sequenceNumber
  if (urls !== undefined) task.pushTo(urls)
  if (anchorUserId !== undefined && anchorUserId !== task.anchorUserId) task.follow(anchorUserId)
  return { TaskId: task.options.taskId }
}

function stopPublish (body: unknown, cloud: CloudState): object {
  const task = taskOf(new Params(body).only('SdkAppId', 'TaskId', 'RecordKey'), cloud)
  cloud.endTask(task)
  return { TaskId: task.options.taskId }
}

function removeUsers (body: unknown, type: 'number' | 'string', cloud: CloudState): object {
  const request = new Params(body, { named: true }).only('SdkAppId', 'RoomId', 'UserIds')
  const { sdkAppId } = appOf(request, cloud)
  const roomId = namedRoom(request, type)
  const users = request.list('UserIds', { max: maxUsers })
  if (!users.every((user) => typeof user === 'string')) throw request.invalid('UserIds', 'is not an array of strings')
  const room = liveRoom(cloud, sdkAppId, roomId)
  for (const user of users) cloud.removeUser(sdkAppId, room, user)
  return {}
}

function dismissRoom (body: unknown, type: 'number' | 'string', cloud: CloudState): object {
  const request = new Params(body, { named: true }).only('SdkAppId', 'RoomId')
  const { sdkAppId } = appOf(request, cloud)
  liveRoom(cloud, sdkAppId, namedRoom(request, type)).dismiss()
  return {}
}

function appOf (request: Params, cloud: CloudState): { sdkAppId: number, secretKey: string } {
  const sdkAppId = request.int('SdkAppId')
  const secretKey = cloud.secretKeyOf(sdkAppId)
  if (secretKey === undefined) throw new ApiError('InvalidParameter.SdkAppId', 'The SdkAppId is not one of this account.')
  return { sdkAppId, secretKey }
}

function taskOf (request: Params, cloud: CloudState): RelayTask {
  const { sdkAppId } = appOf(request, cloud)
  const task = cloud.task(request.text('TaskId'))
  if (task?.options.sdkAppId !== sdkAppId || task.endedBy !== undefined) throw new ApiError('ResourceNotFound', 'There is no running task of this TaskId.')
  return task
}

function liveRoom (cloud: CloudState, sdkAppId: number, roomId: RoomId): Room {
  const room = cloud.liveRoom(sdkAppId, roomId)
  if (room === undefined) throw new ApiError('FailedOperation.RoomNotExist', 'The room does not exist.')
  return room
}

/** Reads `RoomId` of a room action: each exists twice, for numeric rooms and for rooms named by text. */
function namedRoom (request: Params, type: 'number' | 'string'): RoomId {
  return type === 'number' ? request.int('RoomId', { min: 1 }) : request.text('RoomId')
}

/** Reads the room of a relay action, which gives `RoomId` as text always, and in `RoomIdType` whether it is numeric (0) or text (1). */
function publishedRoom (request: Params): RoomId {
  const roomId = request.text('RoomId')
  if (request.oneOf('RoomIdType', [0, 1]) === 1) return roomId
  if (!/^[1-9]\d{0,9}$/.test(roomId) || Number(roomId) > 4_294_967_295) throw request.invalid('RoomId', 'is not a numeric room')
  return Number(roomId)
}

function mustBeSingleAudio (request: Params): void {
  const beyond = ['VideoParams', 'FeedBackRoomParams', 'SeiParams', 'RecordParams'].find((group) => request.has(group))
  if (beyond !== undefined) throw new ApiError('UnsupportedOperation', `The sandbox relays audio to URLs only, without ${beyond}.`)
  if (request.oneOf('WithTranscoding', [0, 1]) === 1) throw new ApiError('UnsupportedOperation', 'The sandbox does not mix: WithTranscoding must be 0.')
}

function subscribedUser (request: Params, roomId: RoomId): string {
  const stream = request.object('SingleSubscribeParams').only('UserMediaStream').object('UserMediaStream').only('UserInfo', 'StreamType')
  stream.oneOf('StreamType', [0, 1], 0)
  const user = stream.object('UserInfo').only('UserId', 'RoomId', 'RoomIdType')
  if (user.has('RoomId') && publishedRoom(user) !== roomId) throw new ApiError('UnsupportedOperation', 'The sandbox relays from the robot\'s own room only.')
  return user.text('UserId')
}

function publishUrls (request: Params, cloud: CloudState): string[] {
  return request.list('PublishCdnParams', { max: maxUrls }).map((item) => {
    const target = new Params(item, { path: 'PublishCdnParams.' }).only('PublishCdnUrl', 'IsTencentCdn')
    const url = target.text('PublishCdnUrl')
    if (!url.startsWith('rtmp://') || !URL.canParse(url)) throw target.invalid('PublishCdnUrl', 'is not an rtmp:// URL')
    if (target.oneOf('IsTencentCdn', [0, 1], 1) === 1) throw new ApiError('UnsupportedOperation', 'The sandbox has no Tencent CDN: IsTencentCdn must be 0, and is 1 when left out.')
    if (cloud.thirdPartyRelay === 'denied') throw new ApiError('UnsupportedOperation', 'Relaying to a third-party destination is not enabled for this account.')
    return url
  })
}

function audioEncode (request: Params): AudioEncode | undefined {
  if (!request.has('AudioParams')) return undefined
  const encode = request.object('AudioParams').only('AudioEncode').object('AudioEncode').only('SampleRate', 'Channel', 'BitRate', 'Codec')
  const sampleRate = encode.oneOf('SampleRate', [48_000, 44_100, 32_000, 24_000, 16_000, 8_000])
  const channel = encode.oneOf('Channel', [1, 2])
  const bitRate = encode.int('BitRate', { min: 8, max: 500 })
  const codec = encode.oneOf('Codec', [0, 1, 2], 0)
  if (codec === 2 && channel === 1) throw encode.invalid('Channel', 'must be 2 for HE-AACv2')
  if (codec > 0 && sampleRate === 8_000) throw encode.invalid('SampleRate', 'cannot be 8000 for HE-AAC')
  return { sampleRate, channel, bitRate, codec }
}
