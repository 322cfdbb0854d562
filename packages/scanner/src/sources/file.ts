import { isAscii } from 'node:buffer';
import type { SourceFile } from '../engine.ts';
import { languageOf } from './language.ts';

/** Above this a file is only searched for secrets, above the next not at all; both are gaps. */
export const PARSE_MAX = 2_000_000;
/** Rows and lines that nothing executes: secrets are all there is to find in them, and those are looked for anyway. */
export const PLAIN_DATA = /\.(?:log|csv|tsv|jsonl|ndjson)(?:\.\d+)?$/i;
export const SEARCH_MAX = 20_000_000;

const binaryNames =
  /\.(?:png|jpe?g|gif|webp|avif|ico|bmp|tiff?|psd|woff2?|ttf|otf|eot|mp[34]|m4[av]|wav|ogg|webm|mov|avi|flac|zip|gz|tgz|bz2|xz|7z|rar|jar|war|class|pyc|so|dylib|dll|exe|wasm|node|pdf|docx?|xlsx?|pptx?|sqlite3?|db|parquet|onnx|bin|dat|o|a)$/i;

export function isBinaryName(path: string): boolean {
  return binaryNames.test(path);
}

const utf16 = (bytes: Uint8Array) =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);

/** A NUL in the first 8,000 bytes, as git decides; UTF-16 with its mark is text. */
export function isBinary(bytes: Uint8Array): boolean {
  return !utf16(bytes) && bytes.subarray(0, 8_000).includes(0);
}

/** Bundled or minified: made from sources that are scanned where they stand, or that are not ours. */
export function isGenerated(path: string, bytes: Uint8Array): boolean {
  if (/\.min\.(?:js|css|mjs)$|\.(?:map|bundle\.js|chunk\.js)$/i.test(path)) return true;
  // Yarn keeps its own program and its extensions in the project.
  if (/(?:^|\/)\.yarn\/(?:releases|plugins)\/|(?:^|\/)\.pnp\.(?:loader\.)?[cm]?js$/.test(path)) return true;
  if (!/\.(?:[cm]?js|css)$/.test(path) || bytes.length < 20_000) return false;
  let lines = 1;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines += 1;
  return bytes.length / lines > 500;
}

const TEST_NAME =
  /(?:^|\/)(?:tests?|__tests__|specs?|e2e|cypress)\/.*\.(?:[cm]?[jt]sx?|py)$|[._-](?:test|tests|spec|e2e|cy)\.[cm]?[jt]sx?$|(?:^|\/)(?:test_[^/]*|[^/]*_test|conftest)\.py$/;
/** A framework for tests, or a test by the form that all of them share. */
const TESTS =
  /\b(?:describe|it|test|suite|context)(?:\.\w+)?\s*\(\s*['"`]|(?:\bfrom|\brequire\()\s*['"](?:node:test|bun:test|vitest|mocha|ava|tape?|supertest|chai|@jest\/globals|@playwright\/test)['"]|\bdef test_\w+\(|\b(?:import|from)\s+(?:pytest|unittest|django\.test|rest_framework\.test)\b/;

/**
 * A file of tests, by its name and by what it holds: its servers are reached by nobody and its flaws are there on purpose. Both
 * have to say so, since a name alone would hide what an application keeps in such a folder.
 */
export function holdsTests({ path, search }: Pick<SourceFile, 'path' | 'search'>): boolean {
  return TEST_NAME.test(path) && TESTS.test(search);
}

const latin1 = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('latin1');

function decode(bytes: Uint8Array): string {
  if (!utf16(bytes)) return new TextDecoder('utf-8').decode(bytes);
  return new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes);
}

/** A file for engines; its text is decoded at the first read. */
export function sourceFile(path: string, bytes: Uint8Array): SourceFile {
  let text: string | undefined;
  let search: string | undefined;
  return {
    path,
    bytes,
    language: languageOf(path),
    get text() {
      text ??= isAscii(bytes) ? this.search : decode(bytes);
      return text;
    },
    get search() {
      search ??= utf16(bytes) ? this.text : latin1(bytes);
      return search;
    },
  };
}
