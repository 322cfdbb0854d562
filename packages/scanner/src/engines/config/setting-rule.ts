import type { Rule } from '@ambit/core/catalog';
import type { RawFinding } from '../../engine.ts';
import type { BadSetting, Scope, SettingMatch } from './match-schema.ts';
import { EMPTY_NAME, type Setting } from './settings.ts';

const VALUES = {
  off: /^(?:false|no|off|0|none|disabled?|suspended|inactive|deactivated|not_?enabled)$/i,
  on: /^(?:true|yes|on|1|enabled?|always|active|required?)$/i,
  everyone: /^(?:\*|0\.0\.0\.0(?:\/0)?|::(?:\/0)?|any|internet|all(?:Authenticated)?Users|everyone|all)$/i,
};

interface Way {
  named: (name: string) => boolean;
  holds: (setting: Setting) => boolean;
}

function badWay(bad: BadSetting): Way {
  const form = (text: string | undefined) => (text === undefined ? undefined : new RegExp(text, 'im'));
  const [name, notName, path] = [new RegExp(bad.name), form(bad['not-name']), form(bad.path)];
  const [notPath, beside, notBeside] = [form(bad['not-path']), form(bad.beside), form(bad['not-beside'])];
  const value = bad.is ? VALUES[bad.is] : form(bad.value);
  const holds = (setting: Setting) => {
    if (value && !value.test(setting.value)) return false;
    if (bad.above !== undefined && !(Number(setting.value) > bad.above)) return false;
    if (bad.below !== undefined && !(setting.value !== '' && Number(setting.value) < bad.below)) return false;
    if ((path && !path.test(setting.path)) || notPath?.test(setting.path)) return false;
    if (!beside && !notBeside) return true;
    const around = setting.beside();
    return (beside?.test(around) ?? true) && !notBeside?.test(around);
  };
  return { named: (words) => name.test(words) && !notName?.test(words), holds };
}

/** Places of one file that one rule may report: more are noise. */
const PLACES_MAX = 200;

/** Names that are remembered; settings repeat theirs, and most names say nothing to any rule. */
const NAMES_KEPT = 10_000;

export interface SettingRule {
  rule: Rule;
  scopes: ReadonlySet<Scope>;
  ways: readonly Way[];
}

export function compileSetting(rule: Rule, match: SettingMatch): SettingRule {
  return { rule, scopes: new Set(match.scopes), ways: match.of.map(badWay) };
}

type Candidates = (name: string) => readonly { rule: SettingRule; way: Way }[];

/** By name: the ways of rules, in order, in which a setting of that name can be bad. */
export function candidatesOf(rules: readonly SettingRule[]): Candidates {
  const known = new Map<string, ReturnType<Candidates>>();
  return (name) => {
    const kept = known.get(name);
    if (kept) return kept;
    const found = rules.flatMap((rule) => rule.ways.filter(({ named }) => named(name)).map((way) => ({ rule, way })));
    if (known.size >= NAMES_KEPT) known.clear();
    known.set(name, found);
    return found;
  };
}

/**
 * One finding a setting at most, by the first rule in order. Where a rule that knows the resource already speaks of the
 * same line, or of this setting in what holds it, this one is silent. `asked`: the settings such rules ask about.
 */
export function findSettings(
  settings: readonly Setting[],
  candidates: Candidates,
  due: (rule: SettingRule) => boolean,
  said: readonly RawFinding[],
  asked: ReadonlyMap<string, ReadonlySet<string>>,
): RawFinding[] {
  const found: RawFinding[] = [];
  const places = new Set<number>();
  const counts = new Map<string, number>();
  for (const setting of settings) {
    if (places.has(setting.line)) continue;
    const hit = candidates(setting.name).find(({ rule, way }) => due(rule) && way.holds(setting))?.rule;
    if (!hit) continue;
    const last = setting.path.slice(setting.path.lastIndexOf('/') + 1).trim();
    const leaf = EMPTY_NAME.test(last) ? setting.name : last;
    const isKnown = said.some(
      ({ ruleId, line, endLine }) =>
        line <= setting.line && setting.line <= endLine && (asked.get(ruleId)?.has(leaf) ?? line === setting.line),
    );
    const known = counts.get(hit.rule.id) ?? 0;
    if (isKnown || known >= PLACES_MAX) continue;
    counts.set(hit.rule.id, known + 1);
    places.add(setting.line);
    found.push({ ruleId: hit.rule.id, line: setting.line, endLine: setting.endLine });
  }
  return found;
}
