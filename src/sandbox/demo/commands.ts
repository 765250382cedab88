import type { World } from './world.ts'

/** Shell commands to try while the gateway goes on, a paragraph for each. They can be pasted as they stand. */
export function commandsFor ({ sandbox, gatewayUrl, dataDir, key }: World): string {
  const { trtc, receiver, control } = sandbox.describe()
  return `\
URL=${gatewayUrl}
KEY=${key}

# what was recorded
curl -sS -w "\\n" \\
  -H "Authorization: Bearer $KEY" \\
  "$URL/v1/recordings"

# record another room
curl -sS -w "\\n" \\
  -H "Authorization: Bearer $KEY" \\
  -H "Content-Type: application/json" \\
  "$URL/v1/recordings" -d '{
    "SdkAppId": ${trtc.sdkAppId}, "StrRoomId": "room-2",
    "UserId": "rec_2",
    "Callback": "${receiver.url}"}'

# have two people talk in it, for 18 seconds
curl -sSN ${control.url}/scenes -d '{
    "scene": "lesson", "roomId": "room-2",
    "gateway": "'"$URL"'"}'

# stop the newest recording while they talk
ID=$(curl -sS -H "Authorization: Bearer $KEY" \\
  "$URL/v1/recordings?Limit=1" |
  sed 's/.*"RecordingId":"\\([^"]*\\)".*/\\1/')
curl -sS -w "\\n" \\
  -H "Authorization: Bearer $KEY" \\
  -X POST "$URL/v1/recordings/$ID/stop"

# the operator's view, and everything there is to call
DATA_DIR=${dataDir} \\
  npx roomtape tenant list --url "$URL"
curl -sS "$URL/openapi.json"
`
}
