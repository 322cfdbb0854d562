// An independent, naive reader of Kiro's documents: line patterns and nothing else. It shares no code with the parser,
// so that the two can disagree.

/** Lines (from 1) of criteria: top-level items below a heading that says «acceptance criteria» in some language. */
export function naiveCriteria(text: string): number[] {
  const found: number[] = [];
  let inside = false;
  let fenced = false;
  text.split(/\r\n|\n|\r/).forEach((line, i) => {
    if (/^\s*(```|~~~)/.test(line)) fenced = !fenced;
    else if (fenced) return;
    else if (/^#{1,6}\s/.test(line))
      inside = /acceptance|验收|驗收|受け入れ|受入|criterios de acep|critérios|critères|akzeptanz|인수|수락/i.test(
        line,
      );
    else if (inside && /^ ?(\d+[.)]|[-*+]) +\S/.test(line)) found.push(i + 1);
  });
  return found;
}

/** Lines of task boxes with the character between the brackets. */
export function naiveBoxes(text: string): { line: number; mark: string }[] {
  const found: { line: number; mark: string }[] = [];
  let fenced = false;
  text.split(/\r\n|\n|\r/).forEach((line, i) => {
    if (/^\s*(```|~~~)/.test(line)) fenced = !fenced;
    const box = fenced ? null : /^\s*(?:[-*+]|\d+\.)\s+\[([^\]]{1,2})\](?!\()/u.exec(line);
    if (box) found.push({ line: i + 1, mark: box[1] ?? '' });
  });
  return found;
}

/** Every `N.M` named in a requirements line of tasks.md, ranges of one requirement expanded. */
export function naiveReferences(text: string): { line: number; id: string }[] {
  const found: { line: number; id: string }[] = [];
  text.split(/\r\n|\n|\r/).forEach((line, i) => {
    const list = /(?:requirements?|validates|需求|要件|requisitos)[^:：]{0,20}[:：](.*)$/i.exec(line)?.[1];
    if (!list || !/^\s*[-*+]?\s*[_*(]|^\s*[-*+]\s*(?:requirements|需求)/i.test(line)) return;
    for (const match of list.matchAll(/(\d+)\.(\d+)(?:\s*[-–~]\s*(?:\1\.)?(\d+)(?![.\d]))?/g)) {
      const last = Number(match[3] ?? match[2]);
      for (let n = Number(match[2]); n <= last; n++) found.push({ line: i + 1, id: `${match[1]}.${n}` });
    }
  });
  return found;
}

/** `N.M` that exist when criteria are counted by hand: the N-th number in a requirement heading, the M-th item below. */
export function naiveIds(text: string): Set<string> {
  const ids = new Set<string>();
  let requirement = '';
  let count = 0;
  let inside = false;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const heading = /^#{1,6}\s+(.*)$/.exec(line)?.[1];
    if (heading !== undefined) {
      inside = /acceptance|验收|驗收|受け入れ|受入|criterios de acep|critérios|critères|akzeptanz/i.test(heading);
      const number = /^\D{0,14}?(\d+)(?=\s|[:：.]|$)/.exec(heading)?.[1];
      if (!inside && number) {
        requirement = number;
        count = 0;
      }
    } else if (inside && requirement && /^ ?(\d+[.)]|[-*+]) +\S/.test(line)) {
      const written = /^ ?(\d+)\.(?:(\d+))?/.exec(line);
      count++;
      ids.add(`${requirement}.${written?.[2] ?? written?.[1] ?? count}`);
    }
  }
  return ids;
}
