import type { EditorTheme, MarkdownTheme, SelectListTheme } from '@earendil-works/pi-tui';
import type { Tone } from './view.ts';

type Paint = (text: string) => string;

export interface Theme {
  tone: Record<Tone, Paint>;
  editor: EditorTheme;
  markdown: MarkdownTheme;
  list: SelectListTheme;
}

/** Sixteen-colour codes: they follow the user's own palette, light or dark. */
export function makeTheme(colour: boolean): Theme {
  const paint =
    (on: number, off = 39): Paint =>
    (text) =>
      colour ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  const plain: Paint = (text) => text;
  const bold = paint(1, 22);
  const dim = paint(2, 22);
  const cyan = paint(36);
  const list: SelectListTheme = {
    selectedPrefix: cyan,
    selectedText: bold,
    description: dim,
    scrollInfo: dim,
    noMatch: dim,
  };
  return {
    tone: { normal: plain, quiet: dim, good: paint(32), bad: paint(31), warning: paint(33), strong: bold },
    list,
    editor: { borderColor: dim, selectList: list },
    markdown: {
      heading: bold,
      link: cyan,
      linkUrl: dim,
      code: cyan,
      codeBlock: plain,
      codeBlockBorder: dim,
      quote: dim,
      quoteBorder: dim,
      hr: dim,
      listBullet: cyan,
      bold,
      italic: paint(3, 23),
      strikethrough: paint(9, 29),
      underline: paint(4, 24),
    },
  };
}
