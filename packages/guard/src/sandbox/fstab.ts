/** One mount for `mount -a -T`: many mounts by one process. */
export interface MountLine {
  source: string;
  target: string;
  type: string;
  options: readonly string[];
}

/** Blanks, backslashes and line ends as octal, as fstab(5) wants; `#` because a line could start with it. */
function field(text: string): string {
  return text.replaceAll(/[ \t\n\r\\#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

export function fstabLine(line: MountLine): string {
  return `${field(line.source)} ${field(line.target)} ${line.type} ${line.options.join(',')} 0 0\n`;
}
