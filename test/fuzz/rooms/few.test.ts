import { fuzzRooms } from '../../helpers/judge/fuzz-rooms.ts'

// The same as in `npm run fuzz:rooms`, shorter, for `npm test`
fuzzRooms({ seed: 816, size: { recordings: 8, seconds: 30 }, kinds: ['PostgreSQL'] })
