import {
  type AutocompleteProvider,
  type Component,
  Container,
  Editor,
  Markdown,
  matchesKey,
  ProcessTerminal,
  SelectList,
  type Terminal,
  Text,
  TuiMainScreen,
} from '@earendil-works/pi-tui';
import { plainText } from '../run/report.ts';
import { makeTheme, type Theme } from './theme.ts';
import type { Choice, View } from './view.ts';

export interface RichOptions {
  colour: boolean;
  completion?: AutocompleteProvider;
  /** A stand-in in tests. */
  terminal?: Terminal;
}

/** Drawn parts that stay redrawable; older ones are the terminal's scrollback alone. */
const keptParts = 400;

/** Share of the screen that the pane may take. */
const paneShare = 3;

interface Pane extends Component {
  draw: ((columns: number, rows: number) => string[]) | undefined;
}

function makePane(terminal: Terminal, paint: (text: string) => string): Pane {
  const pane: Pane = {
    draw: undefined,
    render: (width) => {
      const rows = Math.max(3, Math.floor(terminal.rows / paneShare));
      return (pane.draw?.(width, rows) ?? []).map((line) => paint(plainText(line)));
    },
    invalidate: () => undefined,
  };
  return pane;
}

/** What is drawn: what was said above, one status line, the editor below. */
interface Drawing {
  terminal: Terminal;
  tui: TuiMainScreen;
  theme: Theme;
  log: Container;
  status: Text;
  pane: Pane;
  editor: Editor;
  /** The answer that is arriving. */
  message?: { part: Markdown; text: string };
  /** Somebody waits for an answer instead of a prompt. */
  answering?: { done: (text: string) => void; leave: () => void };
  interrupt: () => void;
}

function draw({ colour, completion, terminal = new ProcessTerminal() }: RichOptions): Drawing {
  const theme = makeTheme(colour);
  const tui = new TuiMainScreen(terminal, true);
  const editor = new Editor(tui, theme.editor);
  if (completion) editor.setAutocompleteProvider(completion);
  const drawing: Drawing = {
    terminal,
    tui,
    theme,
    log: new Container(),
    status: new Text('', 0, 0),
    pane: makePane(terminal, theme.tone.quiet),
    editor,
    interrupt: () => undefined,
  };
  for (const part of [drawing.log, drawing.pane, drawing.status, editor]) tui.addChild(part);
  tui.addInputListener((data) => onKey(drawing, data));
  return drawing;
}

function onKey(drawing: Drawing, data: string): { consume: true } | undefined {
  const { answering, editor } = drawing;
  if (!matchesKey(data, 'ctrl+c') && !(matchesKey(data, 'escape') && answering)) return undefined;
  if (answering) answering.leave();
  else if (editor.getText() !== '') editor.setText('');
  else drawing.interrupt();
  return { consume: true };
}

function add({ log, tui }: Drawing, part: Text | Markdown): void {
  log.addChild(part);
  for (const old of log.children.slice(0, Math.max(0, log.children.length - keptParts))) log.removeChild(old);
  tui.requestRender();
}

function addDelta(drawing: Drawing, text: string): void {
  if (!drawing.message) {
    drawing.message = { part: new Markdown('', 0, 0, drawing.theme.markdown), text: '' };
    add(drawing, drawing.message.part);
  }
  drawing.message.text += plainText(text);
  drawing.message.part.setText(drawing.message.text);
  drawing.tui.requestRender();
}

function begin({ tui, editor }: Drawing): void {
  tui.start();
  tui.setFocus(editor);
}

function takeInput(drawing: Drawing, onLine: (text: string) => void): void {
  const { editor } = drawing;
  editor.onSubmit = (text) => {
    if (text.trim() === '') return;
    editor.addToHistory(text);
    editor.setText('');
    const waiting = drawing.answering;
    if (waiting) waiting.done(text);
    else onLine(text);
  };
  begin(drawing);
}

/** A list that also answers to the letters in front of its choices. */
function chooser(choices: readonly Choice[], { list: theme }: Theme) {
  const items = choices.map(({ key, label }) => ({ value: key, label: `${key}  ${label}` }));
  const list = Object.assign(new SelectList(items, items.length, theme), {
    letters: (_key: string): void => undefined,
  });
  const handle = list.handleInput.bind(list);
  list.handleInput = (data: string) => {
    if (choices.some(({ key }) => key === data)) list.letters(data);
    else handle(data);
  };
  return list;
}

function choose(drawing: Drawing, title: readonly string[], choices: readonly Choice[]): Promise<string> {
  const { tui, editor, theme } = drawing;
  for (const text of title) add(drawing, new Text(plainText(text), 0, 0));
  drawing.status.setText(theme.tone.quiet('waiting for you'));
  return new Promise((resolve) => {
    const list = chooser(choices, theme);
    const close = (key: string) => {
      delete drawing.answering;
      tui.removeChild(list);
      tui.setFocus(editor);
      tui.requestRender();
      resolve(key);
    };
    const last = choices.at(-1)?.key ?? '';
    list.onSelect = (item) => close(item.value);
    list.onCancel = () => close(last);
    list.letters = close;
    drawing.answering = { done: () => undefined, leave: () => close(last) };
    tui.addChild(list);
    tui.setFocus(list);
    tui.requestRender();
  });
}

function ask(drawing: Drawing, question: string): Promise<string> {
  add(drawing, new Text(drawing.theme.tone.strong(plainText(question)), 0, 0));
  return new Promise((resolve) => {
    const close = (text: string) => {
      delete drawing.answering;
      resolve(text);
    };
    drawing.answering = { done: close, leave: () => close('') };
  });
}

/** The drawn session. Scrollback is the terminal's own. */
export function richView(options: RichOptions): View {
  const drawing = draw(options);
  const { tui, theme, status, terminal } = drawing;
  return {
    redraws: true,
    start: (onLine, onInterrupt) => {
      drawing.interrupt = onInterrupt;
      takeInput(drawing, onLine);
    },
    line: (text, tone = 'normal') => add(drawing, new Text(theme.tone[tone](plainText(text)), 0, 0)),
    delta: (text) => addDelta(drawing, text),
    endMessage: () => {
      delete drawing.message;
    },
    status: (text, busy) => {
      status.setText(theme.tone.quiet(`${busy ? '… ' : ''}${plainText(text)}`));
      tui.requestRender();
    },
    choose: (title, choices) => choose(drawing, title, choices),
    ask: (question) => ask(drawing, question),
    pane: (lines) => {
      drawing.pane.draw = lines;
      tui.requestRender();
    },
    history: (prompts) => {
      for (const prompt of prompts) drawing.editor.addToHistory(prompt);
    },
    draft: (text) => {
      drawing.editor.setText(text);
      tui.requestRender();
    },
    suspend: async (work) => {
      tui.stop();
      try {
        return await work();
      } finally {
        begin(drawing);
        tui.requestRender(true);
      }
    },
    stop: async () => {
      await terminal.drainInput(200, 20);
      tui.stop();
    },
  };
}
