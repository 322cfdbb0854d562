import type { Rule } from '@ambit/core/catalog';
import type { RawFinding } from '../../engine.ts';
import type { BadSetting, Scope, SettingMatch } from './match-schema.ts';
import type { Setting } from './settings.ts';

const VALUES = {
  off: /^(?:false|no|off|0|none|disabled?|suspended|inactive|deactivated|not_?enabled)$/i,
  on: /^(?:true|yes|on|1|enabled?|always|active|required?)$/i,
  everyone: /^(?:\*|0\.0\.0\.0(?:\/0)?|::(?:\/0)?|any|internet|all(?:Authenticated)?Users|everyone|all)$/i,
};

function badWay(bad: BadSetting): (setting: Setting) => boolean {
  const form = (text: string | undefined) => (text === undefined ? undefined : new RegExp(text, 'im'));
  const [name, notName, path] = [new RegExp(bad.name), form(bad['not-name']), form(bad.path)];
  const [notPath, beside, notBeside] = [form(bad['not-path']), form(bad.beside), form(bad['not-beside'])];
  const value = bad.is ? VALUES[bad.is] : form(bad.value);
  return (setting) => {
    if (!name.test(setting.name) || notName?.test(setting.name)) return false;
    if (value && !value.test(setting.value)) return false;
    if (bad.above !== undefined && !(Number(setting.value) > bad.above)) return false;
    if (bad.below !== undefined && !(setting.value !== '' && Number(setting.value) < bad.below)) return false;
    if ((path && !path.test(setting.path)) || notPath?.test(setting.path)) return false;
    if (!beside && !notBeside) return true;
    const around = setting.beside();
    return (beside?.test(around) ?? true) && !notBeside?.test(around);
  };
}

export interface SettingRule {
  rule: Rule;
  scopes: ReadonlySet<Scope>;
  accepts: (setting: Setting) => boolean;
}

export function compileSetting(rule: Rule, match: SettingMatch): SettingRule {
  const ways = match.of.map(badWay);
  return { rule, scopes: new Set(match.scopes), accepts: (setting) => ways.some((way) => way(setting)) };
}

/**
 * One finding a setting at most, by the first rule in order. Where a rule that knows the resource already speaks of the
 * same line, or of this setting in what holds it, this one is silent. `asked`: the settings such rules ask about.
 */
export function findSettings(
  settings: readonly Setting[],
  rules: readonly SettingRule[],
  said: readonly RawFinding[],
  asked: ReadonlyMap<string, ReadonlySet<string>>,
): RawFinding[] {
  const found: RawFinding[] = [];
  const places = new Set<number>();
  for (const setting of settings) {
    if (places.has(setting.line)) continue;
    const hit = rules.find(({ accepts }) => accepts(setting));
    if (!hit) continue;
    const leaf = setting.path.slice(setting.path.lastIndexOf('/') + 1).trim();
    const isKnown = said.some(
      ({ ruleId, line, endLine }) =>
        line <= setting.line && setting.line <= endLine && (asked.get(ruleId)?.has(leaf) ?? line === setting.line),
    );
    if (isKnown) continue;
    places.add(setting.line);
    found.push({ ruleId: hit.rule.id, line: setting.line, endLine: setting.endLine });
  }
  return found;
}
