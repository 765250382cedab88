/** A room as TRTC's JSON names it. Room `123` and room `"123"` are two different rooms, so the JSON type is part of the name. */
export type RoomId = number | string

export const maxRoomNumber = 4_294_967_295

export function isRoomNumber (value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= maxRoomNumber
}

/** One text per room: `n:123` for the numeric room, `s:123` for the string room. */
export function roomKey (roomId: RoomId): string {
  return typeof roomId === 'number' ? `n:${roomId}` : `s:${roomId}`
}
