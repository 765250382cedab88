export const recordingId = 'rec_bench'

export function trackIdOf (stream: number): string { return `trk_${String(stream).padStart(5, '0')}` }
