import { sql, type Kysely } from 'kysely'

export async function up (db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db)
}

const statements = [
  // warned: the warnings that were told of while it went on, each `Code:UserId`.
  'alter table recordings add column warned jsonb not null default \'[]\'',
  // callback_format: of the callbacks of starts that name none.
  'alter table apps add column callback_format text not null default \'full\''
]
