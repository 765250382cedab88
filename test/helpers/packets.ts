import { Demuxer } from 'node-av/api'

/** The frames of a file as FFmpeg finds them, with their times in samples. */
export async function packetsIn (file: Buffer): Promise<{ data: Buffer, pts: number }[]> {
  await using demuxer = await Demuxer.open(file)
  const packets: { data: Buffer, pts: number }[] = []
  for await (using packet of demuxer.packets()) {
    if (packet?.data) packets.push({ data: Buffer.from(packet.data), pts: Number(packet.pts) })
  }
  return packets
}
