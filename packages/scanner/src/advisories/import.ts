import { lstat, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { AmbitError, messageOf } from '@ambit/core/errors';
import type { Ecosystem } from '../engines/deps/order.ts';
import { type Advisory, readOsv } from '../engines/deps/osv.ts';

/** No advisory is near this; a larger one is broken or meant to harm. */
export const documentMost = 8 * 1024 * 1024;
const fileMost = 1024 * 1024 * 1024;
/** Broken documents that are named; the rest is counted. */
const named = 10;

export interface Imported {
  advisories: Advisory[];
  withdrawn: Set<string>;
  documents: number;
  /** Ecosystems that any document was about. */
  ecosystems: Set<Ecosystem>;
  broken: { count: number; shown: string[] };
}

interface Sink {
  take: (text: string, where: string) => void;
  fail: (where: string, reason: string) => void;
}

function sinkInto(result: Imported): Sink {
  const fail = (where: string, reason: string) => {
    result.broken.count += 1;
    if (result.broken.shown.length < named) result.broken.shown.push(`${where}: ${reason}`);
  };
  const one = (data: unknown, where: string) => {
    try {
      const { id, withdrawn, advisories } = readOsv(data);
      result.documents += 1;
      if (withdrawn) result.withdrawn.add(id);
      for (const advisory of advisories) {
        result.ecosystems.add(advisory.ecosystem);
        result.advisories.push(advisory);
      }
    } catch (error) {
      fail(where, messageOf(error).slice(0, 300));
    }
  };
  const take = (text: string, where: string) => {
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch (error) {
      fail(where, `no JSON: ${messageOf(error).slice(0, 200)}`);
      return;
    }
    if (!Array.isArray(data)) one(data, where);
    else for (const [index, each] of data.entries()) one(each, `${where}[${index}]`);
  };
  return { take, fail };
}

function takeLines(content: string, where: string, sink: Sink): void {
  content.split('\n').forEach((line, index) => {
    const place = `${where}:${index + 1}`;
    if (line.length > documentMost) sink.fail(place, 'the line is too long for an advisory');
    else if (line.trim() !== '') sink.take(line, place);
  });
}

async function takeFile(path: string, where: string, sink: Sink): Promise<void> {
  const { size } = await lstat(path);
  const lines = /\.(?:ndjson|jsonl)$/i.test(path);
  if (size > fileMost) return sink.fail(where, 'larger than 1 GB');
  if (/\.zip$/i.test(path)) {
    const { unzipDocuments } = await import('./zip.ts');
    return unzipDocuments(await readFile(path), where, documentMost, sink);
  }
  const content = await readFile(path, 'utf8').catch((error: unknown) => sink.fail(where, messageOf(error)));
  if (content === undefined) return;
  if (lines) takeLines(content, where, sink);
  else sink.take(content, where);
}

async function takeFolder(folder: string, shown: string, sink: Sink): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const where = shown === '' ? entry.name : `${shown}/${entry.name}`;
    // Links are not followed: they could lead round in a circle.
    if (entry.isDirectory() && entry.name !== '.git') await takeFolder(join(folder, entry.name), where, sink);
    else if (entry.isFile() && /\.(?:json|ndjson|jsonl|zip)$/i.test(entry.name))
      await takeFile(join(folder, entry.name), where, sink);
  }
}

/** Reads a folder, a zip, or a JSON or NDJSON file of OSV documents. What is broken is named and left out. */
export async function importOsv(path: string): Promise<Imported> {
  const result: Imported = {
    advisories: [],
    withdrawn: new Set(),
    documents: 0,
    ecosystems: new Set(),
    broken: { count: 0, shown: [] },
  };
  const found = await lstat(path).catch((cause: unknown) => {
    throw new AmbitError('input.missing', `there are no advisories at \`${path}\``, { where: path, cause });
  });
  const sink = sinkInto(result);
  if (found.isDirectory()) await takeFolder(path, '', sink);
  else await takeFile(path, basename(path), sink);
  return result;
}
