/** When a rule is due, among the cases that it matches. */
export interface DueRule {
  /** Which matching case is the first to be hit, counted from 1; 1 if not given. */
  nth?: number
  /** How many matching cases are hit, from the `nth` on; 1 if not given, Infinity until the rule is taken back. */
  times?: number
  /** Called each time a case is hit, before what it asks for is done. */
  onHit?: () => void
}

/**
 * Faults to inject into what the sandbox is asked. Rules are asked in the order they were added; the first that matches and is due hits the case,
 * and later ones do not count it.
 */
export class FaultRules<Rule extends DueRule, Case> {
  readonly #matches: (rule: Rule, each: Case) => boolean
  #rules: Array<{ rule: Rule, seen: number }> = []

  constructor (matches: (rule: Rule, each: Case) => boolean) {
    this.#matches = matches
  }

  /** Adds a rule. @returns takes the rule back; what it has hit already stays hit */
  add (rule: Rule): () => void {
    const entry = { rule, seen: 0 }
    this.#rules.push(entry)
    return () => { this.#rules = this.#rules.filter((each) => each !== entry) }
  }

  /** Takes back all rules. */
  clear (): void {
    this.#rules = []
  }

  /** The rule that hits this case, if any. */
  take (each: Case): Rule | undefined {
    for (const entry of this.#rules) {
      const { rule } = entry
      if (!this.#matches(rule, each)) continue
      entry.seen++
      const { nth = 1, times = 1 } = rule
      if (entry.seen < nth || entry.seen >= nth + times) continue
      rule.onHit?.()
      return rule
    }
    return undefined
  }
}
