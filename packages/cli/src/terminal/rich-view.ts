import {
  type AutocompleteProvider,
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
import { makeTheme } from './theme.ts';
import type { Choice, View } from './view.ts';

export interface RichOptions {
  colour: boolean;
  completion?: AutocompleteProvider;
  /** A stand-in in tests. */
  terminal?: Terminal;
}

/** Drawn parts that stay redrawable; older ones are the terminal's scrollback alone. */
const keptParts = 400;

/** The drawn session: what was said above, one status line, the editor below. Scrollback is the terminal's own. */
export function richView({ colour, completion, terminal = new ProcessTerminal() }: RichOptions): View {
  const theme = makeTheme(colour);
  const tui = new TuiMainScreen(terminal, true);
  const log = new Container();
  const status = new Text('', 0, 0);
  const editor = new Editor(tui, theme.editor);
  if (completion) editor.setAutocompleteProvider(completion);
  for (const part of [log, status, editor]) tui.addChild(part);
  let message: { part: Markdown; text: string } | undefined;
  let answering: { done: (text: string) => void; leave: () => void } | undefined;
  let interrupt: () => void = () => undefined;
  const add = (part: Text | Markdown) => {
    log.addChild(part);
    for (const old of log.children.slice(0, Math.max(0, log.children.length - keptParts))) log.removeChild(old);
    tui.requestRender();
  };
  tui.addInputListener((data) => {
    if (!matchesKey(data, 'ctrl+c') && !(matchesKey(data, 'escape') && answering)) return undefined;
    if (answering) answering.leave();
    else if (editor.getText() !== '') editor.setText('');
    else interrupt();
    return { consume: true };
  });
  const begin = () => {
    tui.start();
    tui.setFocus(editor);
  };
  return {
    start: (onLine, onInterrupt) => {
      interrupt = onInterrupt;
      editor.onSubmit = (text) => {
        if (text.trim() === '') return;
        editor.addToHistory(text);
        editor.setText('');
        const waiting = answering;
        if (waiting) waiting.done(text);
        else onLine(text);
      };
      begin();
    },
    line: (text, tone = 'normal') => add(new Text(theme.tone[tone](plainText(text)), 0, 0)),
    delta: (text) => {
      if (!message) {
        message = { part: new Markdown('', 0, 0, theme.markdown), text: '' };
        add(message.part);
      }
      message.text += plainText(text);
      message.part.setText(message.text);
      tui.requestRender();
    },
    endMessage: () => {
      message = undefined;
    },
    status: (text, busy) => {
      status.setText(theme.tone.quiet(`${busy ? '… ' : ''}${plainText(text)}`));
      tui.requestRender();
    },
    choose: (title, choices) => {
      for (const text of title) add(new Text(plainText(text), 0, 0));
      return new Promise((resolve) => {
        const list = chooser(choices, theme.list);
        const close = (key: string) => {
          answering = undefined;
          tui.removeChild(list);
          tui.setFocus(editor);
          tui.requestRender();
          resolve(key);
        };
        const last = choices.at(-1)?.key ?? '';
        list.onSelect = (item) => close(item.value);
        list.onCancel = () => close(last);
        list.letters = (key) => close(key);
        answering = { done: () => undefined, leave: () => close(last) };
        tui.addChild(list);
        tui.setFocus(list);
        tui.requestRender();
      });
    },
    ask: (question) => {
      add(new Text(theme.tone.strong(plainText(question)), 0, 0));
      return new Promise((resolve) => {
        const close = (text: string) => {
          answering = undefined;
          resolve(text);
        };
        answering = { done: close, leave: () => close('') };
      });
    },
    redraws: true,
    suspend: async (work) => {
      tui.stop();
      try {
        return await work();
      } finally {
        begin();
        tui.requestRender(true);
      }
    },
    stop: async () => {
      await terminal.drainInput(200, 20);
      tui.stop();
    },
  };
}

/** A list that also answers to the letters in front of its choices. */
function chooser(choices: readonly Choice[], theme: ConstructorParameters<typeof SelectList>[2]) {
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
