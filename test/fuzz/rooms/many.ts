import { fuzzRooms } from '../../helpers/judge/fuzz-rooms.ts'

// Of `npm run fuzz:rooms`, which has the machine to itself
fuzzRooms({ seed: 163, size: { recordings: 40, seconds: 60 }, kinds: ['PostgreSQL', 'PGlite'] })
