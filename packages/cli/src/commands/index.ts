import type { Command } from '../command.ts';

interface Entry {
  name: string;
  summary: string;
  load: () => Promise<Command>;
}

/** Every command by name, loaded only when asked for; the order is that of `ambit --help`. */
export const commands: readonly Entry[] = [
  {
    name: 'spec',
    summary: 'requirements, design and tasks: write, check, approve, trace',
    load: async () => (await import('./spec.ts')).command,
  },
  {
    name: 'run',
    summary: 'carry out tasks of an approved spec',
    load: async () => (await import('./run.ts')).command,
  },
  {
    name: 'review',
    summary: 'look at what runs changed; apply or reject it',
    load: async () => (await import('./review.ts')).command,
  },
  {
    name: 'undo',
    summary: 'take back what Ambit did',
    load: async () => (await import('./undo.ts')).command,
  },
  {
    name: 'chat',
    summary: 'talk to the agent, or give it one job with -p (the default)',
    load: async () => (await import('./chat.ts')).command,
  },
  {
    name: 'resume',
    summary: 'go on with an earlier session',
    load: async () => (await import('./resume.ts')).command,
  },
  {
    name: 'agents',
    summary: 'custom agents and what each may use',
    load: async () => (await import('./agents.ts')).command,
  },
  {
    name: 'mcp',
    summary: 'MCP servers of sessions: list, sign in',
    load: async () => (await import('./mcp.ts')).command,
  },
  { name: 'scan', summary: 'what is wrong here', load: async () => (await import('./scan.ts')).command },
  {
    name: 'rules',
    summary: 'the rules of ambit scan; test your own',
    load: async () => (await import('./rules.ts')).command,
  },
  {
    name: 'trust',
    summary: 'what may instruct or run here, pinned by content',
    load: async () => (await import('./trust.ts')).command,
  },
  {
    name: 'steering',
    summary: 'guidance that runs are given',
    load: async () => (await import('./steering.ts')).command,
  },
  {
    name: 'hooks',
    summary: 'agent hooks: list, audit, make, migrate, run, watch',
    load: async () => (await import('./hooks.ts')).command,
  },
  {
    name: 'policy',
    summary: 'what runs may do here, and why',
    load: async () => (await import('./policy.ts')).command,
  },
  {
    name: 'log',
    summary: 'what runs did: show, verify, export',
    load: async () => (await import('./log.ts')).command,
  },
  {
    name: 'model',
    summary: 'which model does the work',
    load: async () => (await import('./model.ts')).command,
  },
  {
    name: 'install',
    summary: 'put Ambit where other tools call it',
    load: async () => (await import('./install.ts')).command,
  },
  {
    name: 'doctor',
    summary: 'what is present, what is missing, what that costs',
    load: async () => (await import('./doctor.ts')).command,
  },
  {
    name: 'demo',
    summary: 'the whole line on a throw-away sample project',
    load: async () => (await import('./demo.ts')).command,
  },
];
