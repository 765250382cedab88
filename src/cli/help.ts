import { version } from '../core/version.ts'

export const help = `Roomtape ${version}: records each speaker of a TRTC room as a track of its own.

  roomtape serve
      runs the gateway; its settings are in the environment, as
      config/example.env has them

  roomtape tenant add NAME
      makes a tenant; prints the secret that signs its callbacks, this once
  roomtape tenant list

  roomtape key add --tenant ID [--name NAME]
      makes an API key; prints it, this once
  roomtape key list --tenant ID
  roomtape key revoke KEY_ID --tenant ID

  roomtape app add --tenant ID --sdk-app-id N [--cloud-endpoint HOST]
                   [--cloud-region REGION]
                   [--callback-format full|template] [STORE]
      adds a TRTC app, or replaces it; its secrets come from the environment:
        CALLBACK_KEY                      of the console's event callbacks
        SDK_SECRET_KEY                    of the application
        CLOUD_SECRET_ID, CLOUD_SECRET_KEY for the Cloud API
      --callback-format template tells of ends as the serverless template did,
      unless a start says otherwise
      STORE is where files go when a recording names no bucket:
        --bucket BUCKET --region REGION [--path PATH]
                  with COS_SECRET_ID and COS_SECRET_KEY, else the running role
        --directory DIR
                  a folder of the gateway's machine, absolute
  roomtape app list --tenant ID

  roomtape spool list
      lists spools: folders in which audio waits until it is uploaded
  roomtape spool finish PATH
      uploads what lies in a spool that is mounted on the gateway's machine, and
      applies the events in its journal
  roomtape spool forget SPOOL_ID
      waits for it no longer: its tracks are closed without their audio
  roomtape spool adopt PATH
      takes a folder that was moved over as the spool it was; for a folder of
      this machine, and only when the original is gone

  roomtape store allow --tenant ID --bucket BUCKET --region REGION [--path PATH]
      lets a tenant's recordings write without keys, by the role of the
      gateway's machine, to a bucket or to a folder of it with all below
  roomtape store deny --tenant ID --bucket BUCKET --region REGION [--path PATH]
      no longer; those under way go on
  roomtape store list --tenant ID

  roomtape endpoint add URL | --pull [--types TYPES] [--user-ids IDS]
                    [--labels LABELS] [--rooms ROOMS] [--sdk-app-ids N,...]
                    [--schedule NAME | SECONDS,...] [--format full|template]
      has events sent to a URL, or kept for a reader; prints the secret that
      signs them, this once. Lists are separated by commas, * at the end of an
      entry stands for any rest
  roomtape endpoint list [--hidden]
      lists endpoints and how they fare; --hidden: those of Callback URLs
  roomtape endpoint test ENDPOINT_ID
      sends test.ping now, and prints what came of it
  roomtape endpoint replay ENDPOINT_ID [--since TIME] [--until TIME]
                    [--types TYPES] [--states held,dead,delivered]
      makes deliveries again; those held and dead unless said. TIME is like
      2026-11-28T09:00:00Z, or Unix milliseconds

  roomtape delivery list [--endpoint ENDPOINT_ID] [--state STATE] [--type TYPE]
                    [--recording RECORDING_ID] [--since TIME] [--until TIME]
                    [--limit N] [--cursor CURSOR]
      lists deliveries, the newest first
  roomtape delivery replay DELIVERY_ID
      makes one more attempt now

All but serve and spool adopt ask a running gateway and print its JSON:
  --url URL     where it is (default http://127.0.0.1:8080)
  ADMIN_TOKEN   the operator's token; without it the file admin-token
                in DATA_DIR (default ./data) is read
  ROOMTAPE_KEY  a tenant's API key: for endpoint and delivery, instead of it
`
