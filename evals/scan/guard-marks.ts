// Apps in one text, `--- path` before each file, each guard marked in place: `⟦guard⟧` (removing it is one mutant) or
// `⟦guard→what stands there without it⟧`. Marks may stand inside marks.

export interface MarkedApp {
  /** The app with all its guards. */
  texts: Map<string, string>;
  mutants: { file: string; line: number; text: string; removed: string }[];
}

interface Mark {
  guard: Piece[];
  without: string;
}

type Piece = string | Mark;

/** Reads pieces up to the end of the text or of the mark that is open. */
function readPieces(text: string, from: number, inMark: boolean): { pieces: Piece[]; without: string; end: number } {
  const pieces: Piece[] = [];
  let plain = '';
  let arrow = -1;
  let at = from;
  for (; at < text.length; at++) {
    const char = text[at];
    if (char === '⟦' && arrow < 0) {
      const inner = readPieces(text, at + 1, true);
      pieces.push(plain, { guard: inner.pieces, without: inner.without });
      plain = '';
      at = inner.end;
    } else if (char === '⟧' && inMark) break;
    else if (char === '→' && inMark && arrow < 0) arrow = at;
    else if (arrow < 0) plain += char;
  }
  if (inMark && text[at] !== '⟧') throw new Error(`a mark is not closed: ${text.slice(from, from + 60)}`);
  return { pieces: [...pieces, plain], without: arrow < 0 ? '' : text.slice(arrow + 1, at), end: at };
}

/** The text with every guard but `removed`. */
function write(pieces: readonly Piece[], removed?: Mark): string {
  return pieces
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      return piece === removed ? piece.without : write(piece.guard, removed);
    })
    .join('');
}

function marksOf(pieces: readonly Piece[]): Mark[] {
  return pieces.flatMap((piece) => (typeof piece === 'string' ? [] : [piece, ...marksOf(piece.guard)]));
}

export function readMarkedApp(source: string): MarkedApp {
  const texts = new Map<string, string>();
  const mutants: MarkedApp['mutants'] = [];
  for (const part of source.split(/^--- /m).slice(1)) {
    const file = part.slice(0, part.indexOf('\n')).trim();
    const { pieces } = readPieces(part.slice(part.indexOf('\n') + 1), 0, false);
    const intact = write(pieces);
    texts.set(file, intact);
    for (const mark of marksOf(pieces)) {
      const text = write(pieces, mark);
      let same = 0;
      while (same < text.length && text[same] === intact[same]) same++;
      const removed = `${write(mark.guard)}${mark.without ? ` → ${mark.without}` : ''}`;
      mutants.push({ file, line: intact.slice(0, same).split('\n').length, text, removed });
    }
  }
  return { texts, mutants };
}
