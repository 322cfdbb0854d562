import type { ChangedFile, StoredChangeSet } from '@ambit/engine/change-set';
import type { StatePaths } from '@ambit/guard/state';
import type { Choice } from './terminal/view.ts';

/** How a person is shown a piece and asked about it. */
export interface PickPorts {
  line: (text: string) => void;
  choose: (title: readonly string[], choices: readonly Choice[]) => Promise<string>;
}

/** What a person chose of a change set, in the words of `applyChangeSet`; undefined when they left. */
export interface Picked {
  files: string[];
  hunks: Record<string, number[]>;
  /** Everything that can be applied was taken. */
  whole: boolean;
}

const answers: readonly Choice[] = [
  { key: 'y', label: 'take this' },
  { key: 'n', label: 'leave this' },
  { key: 'f', label: 'take the rest of this file' },
  { key: 'd', label: 'leave the rest of this file' },
  { key: 'q', label: 'stop; apply nothing' },
];
const wholeFile = answers.filter(({ key }) => 'ynq'.includes(key));

interface FileChoice {
  taken: number[];
  of: number;
}

async function pickFile(
  file: ChangedFile,
  pieces: readonly { number: number; text: string }[],
  head: readonly string[],
  ports: PickPorts,
): Promise<FileChoice | 'left'> {
  const taken: number[] = [];
  for (const [i, { number, text }] of pieces.entries()) {
    const title = [...(i === 0 ? head : []), ...text.trimEnd().split('\n')];
    const where = pieces.length > 1 ? `${file.path}: hunk ${i + 1} of ${pieces.length}` : file.path;
    const key = await ports.choose([...title, where], pieces.length > 1 ? answers : wholeFile);
    if (key === 'q') return 'left';
    if (key === 'y') taken.push(number);
    if (key === 'f') return { taken: [...taken, ...pieces.slice(i).map((piece) => piece.number)], of: pieces.length };
    if (key === 'd') break;
  }
  return { taken, of: pieces.length };
}

/** Goes through a change set in risk order, hunk by hunk, each file with the reasons to look at it. */
export async function pickHunks(
  set: StoredChangeSet,
  state: Pick<StatePaths, 'changeSets'>,
  ports: PickPorts,
): Promise<Picked | undefined> {
  const { describeFile, describeFlag, fileTexts, hunksOf, inRiskOrder, pieceOf } = await import('@ambit/engine/review');
  const picked: Picked = { files: [], hunks: {}, whole: true };
  for (const file of inRiskOrder(set)) {
    const head = ['', describeFile(file)];
    for (const flag of set.flags.filter(({ path }) => path === file.path)) head.push(`  ! ${describeFlag(flag)}`);
    if (file.withheld) {
      for (const text of head) ports.line(text);
      continue;
    }
    const texts = await fileTexts(state, set, file);
    const choosable = texts && file.kind === 'modified' && file.type === 'file' && !file.drifted;
    const hunks = choosable ? hunksOf(texts) : [];
    const pieces =
      hunks.length > 0 && texts
        ? hunks.map((hunk) => ({ number: hunk.number, text: pieceOf(hunk, texts) }))
        : [
            {
              number: 0,
              text: texts
                ? hunksOf(texts)
                    .map((hunk) => pieceOf(hunk, texts))
                    .join('')
                : '',
            },
          ];
    const choice = await pickFile(file, pieces, head, ports);
    if (choice === 'left') return undefined;
    const all = choice.taken.length === choice.of;
    picked.whole &&= all;
    if (choice.taken.length === 0) continue;
    picked.files.push(file.path);
    if (!all) picked.hunks[file.path] = choice.taken;
  }
  return picked;
}
