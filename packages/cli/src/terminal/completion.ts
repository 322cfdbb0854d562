import {
  type AutocompleteProvider,
  CombinedAutocompleteProvider,
  fuzzyFilter,
  type SlashCommand,
} from '@earendil-works/pi-tui';
import { listFiles } from '../files.ts';

/** Files offered for one `@`; a longer list is no help. */
const offered = 20;
/** A list of files this old is read again: the agent and the person make new ones. */
const freshMs = 5_000;

const atPrefix = /(?:^|[\s([{"'])(@[^\s"']*)$/;

/** Completes `@file` from the workspace's files, slash commands and their arguments, and paths after Tab. */
export function completion(commands: SlashCommand[], workspace: string, now: () => number): AutocompleteProvider {
  const others = new CombinedAutocompleteProvider(commands, workspace, null);
  let files: { read: number; names: Promise<string[]> } | undefined;
  const names = () => {
    if (!files || now() - files.read > freshMs) files = { read: now(), names: listFiles(workspace) };
    return files.names;
  };
  return {
    getSuggestions: async (lines, cursorLine, cursorCol, options) => {
      const before = (lines[cursorLine] ?? '').slice(0, cursorCol);
      const prefix = atPrefix.exec(before)?.[1];
      if (prefix === undefined) return others.getSuggestions(lines, cursorLine, cursorCol, options);
      const found = fuzzyFilter(await names(), prefix.slice(1), (name) => name).slice(0, offered);
      if (options.signal.aborted || found.length === 0) return null;
      const items = found.map((name) => {
        const cut = name.lastIndexOf('/') + 1;
        const folder = name.slice(0, cut);
        return { value: `@${name}`, label: name.slice(cut), ...(folder ? { description: folder } : {}) };
      });
      return { items, prefix };
    },
    applyCompletion: (lines, cursorLine, cursorCol, item, prefix) =>
      others.applyCompletion(lines, cursorLine, cursorCol, item, prefix),
    shouldTriggerFileCompletion: (lines, cursorLine, cursorCol) =>
      others.shouldTriggerFileCompletion(lines, cursorLine, cursorCol),
  };
}
