import type { TaskView } from '../../../src/sandbox/cloud/relay-tasks.ts'
import type { Timeline } from '../../../src/timeline/schema.ts'
import type { Evidence } from './evidence.ts'

type Robot = Timeline['Users'][number]['Robots'][number]
type Outcome = NonNullable<Robot['Outcome']>

/** Outcomes that say of a task that TRTC has started that it is no more. */
const endings: ReadonlySet<Outcome> = new Set(['stopped', 'noSuchTask', 'idle', 'expired'])
/** Outcomes that say that TRTC may have started nothing. */
const nothings: ReadonlySet<Outcome> = new Set(['refused', 'unasked', 'orphan'])
const [idle, running] = [0, 2]

/** Robots of which the timeline says that nobody can stop their tasks. */
export function orphansOf (timeline: Timeline): Set<string> {
  return new Set(robotsOf(timeline).filter(({ Outcome }) => Outcome === 'orphan').map(({ RobotId }) => RobotId))
}

/** Whether TRTC pushes no more: somebody ended the task, or it gave up. */
export function isOver ({ endedBy, pushes }: Pick<TaskView, 'endedBy' | 'pushes'>): boolean {
  return endedBy !== undefined || pushes.every(({ status }) => status === idle)
}

/** Every Start that TRTC took is accounted for: its task has ended, or nobody could know how to stop it, and then it is listed and pushes to nobody. */
export function judgeTasks ({ tasks, timeline, heard }: Evidence): string[] {
  const faults: string[] = []
  const robots = new Map(robotsOf(timeline).map((robot) => [robot.RobotId, robot]))
  if (robots.size !== robotsOf(timeline).length) faults.push('a robot is listed twice')
  for (const { robotUserId, anchorUserId, endedBy, pushes } of tasks) {
    const name = `the relay ${robotUserId} of ${anchorUserId}`
    const robot = robots.get(robotUserId)
    robots.delete(robotUserId)
    if (robot === undefined) {
      faults.push(`${name} is listed nowhere`)
    } else if (robot.Outcome === 'orphan') {
      if (heard.some(({ type, userId }) => type === 401 && userId === robotUserId)) faults.push(`${name} is an orphan, though its TaskId was told`)
      if (endedBy === undefined && pushes.some(({ status }) => status === running)) faults.push(`${name} is an orphan, and its push is let in`)
    } else if (robot.Outcome === null || !endings.has(robot.Outcome)) {
      faults.push(`${name} was started, and is said to be ${robot.Outcome ?? 'running'}`)
    } else if (!isOver({ endedBy, pushes })) {
      faults.push(`${name} is said to have ended (${robot.Outcome}) and runs`)
    }
  }
  for (const { RobotId, Outcome } of robots.values()) {
    if (Outcome === null || !nothings.has(Outcome)) faults.push(`the relay ${RobotId} was never started, and is said to be ${Outcome ?? 'running'}`)
  }
  return faults
}

function robotsOf ({ Users }: Timeline): Robot[] {
  return Users.flatMap(({ Robots }) => Robots)
}
