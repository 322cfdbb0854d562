// A workspace with an approved spec and a scripted model, driven through the command line.

import { join } from 'node:path';
import { phaseDocument, phases } from '@ambit/core/spec';
import { approvalHash, storeApproval } from '@ambit/engine/approvals';
import { readSpec } from '@ambit/engine/specs';
import { openAuditLog } from '@ambit/guard/audit';
import { type HookStage, makeHookStage } from './hook-stage.ts';

export interface PlannedTask {
  id: string;
  title: string;
  scope?: string;
  depends?: string;
  requirements?: string;
  details?: string[];
}

export interface SpecStage extends HookStage {
  /** Approves every document of the spec as it stands, as a person at a terminal would. */
  approve: (spec: string) => Promise<void>;
}

export const project: Record<string, string> = {
  'package.json': '{\n  "name": "shop",\n  "type": "module",\n  "scripts": { "test": "node --test" }\n}\n',
  'src/base.js': 'export const base = 1;\n',
  'test/base.test.js':
    "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { base } from '../src/base.js';\n\ntest('base', () => assert.equal(base, 1));\n",
};

/** The documents of a small spec with these tasks. */
export function specFiles(name: string, tasks: readonly PlannedTask[], waves?: string[][]): Record<string, string> {
  const lines = tasks.flatMap(({ id, title, scope, depends, requirements, details = [] }) => [
    `- [ ] ${id}. ${title}`,
    ...details.map((detail) => `  - ${detail}`),
    ...(scope ? [`  - _Scope: ${scope}_`] : []),
    ...(depends ? [`  - _Depends: ${depends}_`] : []),
    ...(requirements ? [`  - _Requirements: ${requirements}_`] : []),
  ]);
  const graph = waves
    ? `\n## Task Dependency Graph\n\n\`\`\`json\n${JSON.stringify({ waves: waves.map((ids, id) => ({ id, tasks: ids })) })}\n\`\`\`\n`
    : '';
  return {
    [`.kiro/specs/${name}/requirements.md`]:
      '# Requirements Document\n\n## Introduction\n\nSums.\n\n## Requirements\n\n### Requirement 1: Sums\n\n**User Story:** As a user, I want sums, so that I know the total\n\n#### Acceptance Criteria\n\n1. WHEN two numbers are given THE SYSTEM SHALL return their sum\n2. IF a number is not finite THEN THE SYSTEM SHALL refuse it\n',
    [`.kiro/specs/${name}/design.md`]: '# Design Document\n\n## Overview\n\nOne module a task.\n',
    [`.kiro/specs/${name}/tasks.md`]: `# Implementation Plan\n\n## Tasks\n\n${lines.join('\n')}\n${graph}`,
  };
}

export function makeSpecStage(files: Record<string, string>, modelUrl: string): SpecStage {
  const stage = makeHookStage(files, modelUrl);
  return {
    ...stage,
    approve: async (name) => {
      const folder = join(stage.workspace, '.kiro/specs', name);
      const spec = await readSpec({ name, folder, shown: `.kiro/specs/${name}` });
      const audit = await openAuditLog(stage.state, { now: () => new Date() });
      for (const phase of phases) {
        const document = phaseDocument(spec, phase);
        if (!document) continue;
        const sha256 = approvalHash(phase, document.source);
        const at = new Date().toISOString();
        await storeApproval(
          { state: stage.state, audit },
          { version: 1, spec: name, phase, sha256, file: document.file, by: 'tester', at, channel: 'terminal' },
        );
      }
    },
  };
}
