import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Owner, readIn, removeIn, statIn, writeIn } from './tree.ts';

/** Where a repository keeps its settings. */
export const gitSettings = '.git/config';

interface Entry {
  /** Section and key in small letters, as git compares them. */
  section: string;
  sub: string | undefined;
  key: string;
  value: string;
}

/** The settings of a file as git itself writes one; undefined for anything written otherwise. */
function entriesOf(text: string): Entry[] | undefined {
  const entries: Entry[] = [];
  let place: Pick<Entry, 'section' | 'sub'> | undefined;
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '' || /^[#;]/.test(line)) continue;
    const header = /^\[([A-Za-z0-9-]+)(?: "((?:[^"\\]|\\["\\])*)")?\]$/.exec(line);
    const entry = /^([A-Za-z][A-Za-z0-9-]*)(?:\s*=\s*(.*))?$/.exec(line);
    if (header) place = { section: (header[1] ?? '').toLowerCase(), sub: header[2] };
    else if (entry && place && !(entry[2] ?? '').endsWith('\\'))
      entries.push({ ...place, key: (entry[1] ?? '').toLowerCase(), value: entry[2] ?? '' });
    else return undefined;
  }
  return entries;
}

const plainAddress =
  /^(?:https?:\/\/[\w.-]+(?::\d+)?(?:\/[\w.~%+-]*)*|ssh:\/\/(?:\w[\w.-]*@)?\w[\w.-]*(?::\d+)?(?:\/[\w.~+-]+)+|\w[\w.-]*@\w[\w.-]*:[\w.~+][\w.~/+-]*|\.{0,2}(?:\/[\w.-]+)+|\.|\w[\w.-]*(?:\/[\w.-]+)*)$/;
const plainName = /^[\w][\w./-]*$/;
const plainText = /^[^\u0000-\u001f\u007f]*$/;
const word = /^[\w-]*$/;

/**
 * Settings that name no program, no file to include and no other meaning for an address: what everyday git writes when a
 * remote is added or a branch is told what it follows. By section and key; `*` is any subsection.
 */
const harmless: Readonly<Record<string, RegExp>> = {
  'remote.*.url': plainAddress,
  'remote.*.pushurl': plainAddress,
  'remote.*.fetch': /^\+?refs\/[\w./*-]+:refs\/[\w./*-]+$/,
  'remote.*.prune': word,
  'remote.*.tagopt': /^--(?:no-)?tags$/,
  'branch.*.remote': /^(?:\.|[\w][\w.-]*)$/,
  'branch.*.pushremote': /^(?:\.|[\w][\w.-]*)$/,
  'branch.*.merge': /^refs\/[\w./-]+$/,
  'branch.*.rebase': word,
  'branch.*.description': plainText,
  'user.name': plainText,
  'user.email': plainText,
  'core.autocrlf': word,
  'core.eol': word,
  'core.safecrlf': word,
  'core.filemode': word,
  'core.ignorecase': word,
  'core.quotepath': word,
  'core.abbrev': word,
  'core.logallrefupdates': word,
};
/** Sections in which every key without a subsection is a choice of words. */
const choices =
  /^(?:pull|push|fetch|rebase|merge|branch|advice|color|column|status|stash|rerere|commit|tag|log|diff|blame|init|gc|submodule)$/;
/** Keys of those that name a program or a file all the same. */
const naming =
  /^(?:tool|guitool|external|orderfile|template|gpgsign|gpgformat|templatedir|mailmap|signed|pruneexpire)$/;

function isHarmless({ section, sub, key, value }: Entry): boolean {
  const known = harmless[sub === undefined ? `${section}.${key}` : `${section}.*.${key}`];
  if (known) return known.test(value) && (sub === undefined || plainName.test(sub));
  return sub === undefined && choices.test(section) && !naming.test(key) && word.test(value);
}

const named = ({ section, sub, key }: Entry) => [section, ...(sub === undefined ? [] : [sub]), key].join('.');
const spelled = (entry: Entry) => JSON.stringify([named(entry), entry.value]);

/**
 * The first setting that a run may not change, of those in which two texts of a settings file differ; `''` where one of
 * them cannot be read with certainty. Undefined: nothing but harmless ones differ.
 */
export function forbiddenSetting(before: string, after: string): string | undefined {
  if (before === after) return undefined;
  const [old, fresh] = [entriesOf(before), entriesOf(after)];
  if (!old || !fresh) return '';
  const without = (entries: readonly Entry[], others: readonly Entry[]) => {
    const left = others.map(spelled);
    return entries.filter((entry) => {
      const at = left.indexOf(spelled(entry));
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    });
  };
  const bad = [...without(fresh, old), ...without(old, fresh)].find((entry) => !isHarmless(entry));
  return bad && named(bad);
}

/**
 * Puts the settings of the run's repository back as the workspace has them where a command has left there what it may not
 * set; says so. Before the next command, hook or tool: nothing but the command itself has obeyed them, in the sandbox.
 * SECURITY: held by git-settings.test.ts.
 */
export async function takeBackSettings(
  root: string,
  workspace: string,
  owner: Owner | undefined,
): Promise<string | undefined> {
  const own =
    root === workspace ? undefined : await readFile(join(workspace, gitSettings), 'utf8').catch(() => undefined);
  if (own === undefined || (await statIn(root, '.git'))?.type !== 'directory') return undefined;
  const stats = await statIn(root, gitSettings);
  const plain = stats?.type === 'file' && stats.links === 1 && stats.size <= 1_000_000;
  const bad = plain ? forbiddenSetting(own, Buffer.from(await readIn(root, gitSettings)).toString('utf8')) : '';
  if (bad === undefined) return undefined;
  if (stats) await removeIn(root, gitSettings);
  await writeIn(root, gitSettings, own, owner ? { owner } : {});
  return `${gitSettings} is as it was before: ${bad === '' ? 'what was written there' : `\`${bad}\``} is not for a run to set`;
}
