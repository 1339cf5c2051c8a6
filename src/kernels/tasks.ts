/**
 * Generated work, as tasks that can share a dispatch. A task is an elementwise loop or a piece of a reduction: independent invocations, each
 * with a number `i`. Small tasks cost less than their dispatch, so tensor/compile puts several that do not depend on each other into one
 * ("horizontal fusion"; Ma and others, "Rammer: enabling holistic deep learning compiler optimizations with rTasks", 2020, §4). A workgroup
 * belongs to one task, so that its invocations do not diverge.
 */
import { wgslMath } from './math.js';
import {
  defineLaunch,
  flatIndex,
  gridFor,
  u32,
  type Binding,
  type Epilogue,
  type Launch,
  type Param,
} from './launch.js';

const WORKGROUP = 64;

/** WGSL functions with the memory and the uniform words they use. */
export interface Fragment extends Epilogue {
  /** `code` without the helper functions. */
  readonly own: string;
  readonly helpers: Helpers;
}

/** Functions that fragments share: names in kernels/math.ts, and WGSL texts. */
export interface Helpers {
  readonly math: readonly string[];
  readonly texts: readonly string[];
}

export interface Task {
  readonly name: string;
  /** Invocations. */
  readonly count: number;
  readonly bindings: readonly Binding[];
  readonly params: readonly Param[];
  readonly fragments: readonly Fragment[];
  /** What invocation `i` does. */
  readonly body: string;
}

/** One task: `i` counts through it. */
export function taskLaunch(task: Task): Launch {
  return defineLaunch({
    name: task.name,
    bindings: task.bindings,
    params: [u32('count', task.count), ...task.params],
    workgroupSize: [WORKGROUP, 1, 1],
    declarations: [helperText([task]), ownText(task)].join('\n'),
    body: `
  let i = ${flatIndex(WORKGROUP)};
  if (i >= p.count) { return; }
${task.body}`,
    grid: gridFor(task.count, WORKGROUP),
  });
}

/**
 * Several tasks in one launch, each in workgroups of its own. Bindings of the tasks with the same `ref` become one.
 * @param name what profiles show
 */
export function tasksLaunch(tasks: readonly Task[]): Launch {
  if (tasks.length === 1) return taskLaunch(tasks[0]);
  const bindings = new Map<string, Binding>();
  const params: Param[] = [];
  const functions: string[] = [];
  const branches: string[] = [];
  let groups = 0;
  tasks.forEach((task, t) => {
    const prefix = `t${t}_`;
    const rename = new Map<string, string>();
    for (const binding of task.bindings) {
      const key = `${binding.ref.kind}${binding.ref.index}`;
      const shared = bindings.get(key) ?? { ...binding, name: `m${bindings.size}` };
      bindings.set(key, shared);
      rename.set(binding.name, shared.name);
    }
    const own = ownText(task);
    for (const [, name] of own.matchAll(/\bfn (\w+)/g)) rename.set(name, prefix + name);
    const all = `${own}
fn ${prefix}run(i: u32) {
  if (i >= p.count) { return; }
${task.body}
}`;
    functions.push(
      all
        .replace(/\bp\.(\w+)/g, (_, name: string) => `p.${prefix}${name}`)
        .replace(/(?<!\.)\b[A-Za-z_]\w*\b/g, (name) => rename.get(name) ?? name),
    );
    params.push(...[u32('count', task.count), ...task.params].map((q) => ({ ...q, name: prefix + q.name })));
    params.push(u32(`${prefix}first`, groups));
    groups += Math.ceil(task.count / WORKGROUP);
    branches.unshift(
      `if (group >= p.${prefix}first) { ${prefix}run((group - p.${prefix}first) * ${WORKGROUP}u + lindex); }`,
    );
  });
  return defineLaunch({
    name: countedNames(tasks.map((task) => task.name)),
    bindings: [...bindings.values()],
    params,
    workgroupSize: [WORKGROUP, 1, 1],
    declarations: [helperText(tasks), ...functions].join('\n'),
    body: `
  let group = wid.y * nwg.x + wid.x;
  ${branches.join('\n  else ')}`,
    grid: gridFor(groups * WORKGROUP, WORKGROUP),
  });
}

const ownText = (task: Task): string => task.fragments.map((f) => f.own).join('\n');

/** Each helper of the tasks once. */
function helperText(tasks: readonly Task[]): string {
  const fragments = tasks.flatMap((task) => task.fragments);
  const math = wgslMath(...fragments.flatMap((f) => f.helpers.math));
  return [math, ...new Set(fragments.flatMap((f) => f.helpers.texts))].filter((text) => text !== '').join('\n');
}

/** "sum.join+add×2" */
function countedNames(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count > 1 ? `${name}×${count}` : name)).join('+');
}
