/**
 * What can be the matter with a source. `StartFailed`: we could not ask for it; `StartRefused`, `StartUnanswered`: TRTC said no, or nothing;
 * `RelayFailed`: TRTC gave up pushing; `SourceAbsent`: it was announced and no push came; `CodecRefused`, `ConfigurationMissing`: what came
 * cannot be recorded.
 */
export type SourceTrouble = 'StartFailed' | 'StartRefused' | 'StartUnanswered' | 'RelayFailed' | 'SourceAbsent' | 'CodecRefused' | 'ConfigurationMissing'

/**
 * What can be in the way of a track. `CaptureFull`: no thread had room for it; `DiskFailed`: the spool could not be written; `ThreadFailed`: a
 * capture thread failed it; `UploadDelayed`: the store does not take it at present.
 */
export type TrackTrouble = 'CaptureFull' | 'DiskFailed' | 'ThreadFailed' | 'UploadDelayed'

/**
 * How a task is known to have ended: `stopped`, TRTC confirmed a Stop; `noSuchTask`, it knew of none; `idle`, it said so by itself (401, Status 0);
 * `refused`, it never took the Start; `unasked`, the Start was given up before it was made; `expired`, its TaskId is too old to be stopped.
 */
export type TaskOutcome = 'stopped' | 'noSuchTask' | 'idle' | 'refused' | 'unasked' | 'expired'

/**
 * Why nobody here could record: the gateway or a thread was not there (`away`), the database was not (`database`), the spool failed (`disk`). `events`:
 * whoever was recorded went on, but what TRTC told of the room could not be taken.
 */
export type AbsenceCause = 'away' | 'database' | 'disk' | 'events'
