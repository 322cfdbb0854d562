// Counts processes by the kernel's own accounting (acct(5)), and network attempts by the kernel's own counters: in namespaces
// of their own, so that nothing else on the machine is counted, and nothing a started process does to hide (double fork, new
// session, own namespace) matters.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Number of acct(2) by machine; Linux's syscall tables. */
const acctNumbers: Readonly<Record<string, number>> = { x64: 163, arm64: 89 };
/** Size of a version 3 record and the place of its 16-byte command name: struct acct_v3 of linux/acct.h. */
const recordBytes = 64;
const commandAt = 48;

const number = acctNumbers[process.arch];
/** The namespace's first process: switches accounting on, runs the command, keeps the counters, ends as it ended. */
const init = `
my $file = shift;
syscall(${number ?? 0}, $file) == 0 or die "acct: $!";
my $code = system({ $ARGV[0] } @ARGV) >> 8;
open(my $out, '>', "$file.net") or die $!;
for my $from ('/proc/net/snmp', '/proc/net/snmp6') { open(my $in, '<', $from) or next; print $out $_ while <$in>; }
close $out or die $!;
exit $code;`;

export interface Accounting {
  /** Program and arguments that run `argv` with accounting; its exit code is `argv`'s. */
  command: (argv: readonly string[]) => [string, string[]];
  /** Names of all processes of the last run, without the namespace's first one, which ends last. */
  processes: () => string[];
  /** Packets that the last run sent or had no way to send; only counted with `network: 'none'`. */
  packets: () => number;
}

function namesIn(data: Buffer): string[] {
  const names: string[] = [];
  for (let at = 0; at + recordBytes <= data.length; at += recordBytes)
    names.push(data.toString('utf8', at + commandAt, at + recordBytes).replace(/\0.*$/s, ''));
  while (names.at(-1) === 'perl') names.pop();
  return names;
}

function packetsIn(text: string): number {
  const [names, values] = text
    .split('\n')
    .filter((line) => line.startsWith('Ip: '))
    .map((line) => line.split(/\s+/));
  const four = ['OutRequests', 'OutNoRoutes'].map((name) => Number(values?.[names?.indexOf(name) ?? -1]));
  const six = [...text.matchAll(/^Ip6Out(?:Requests|NoRoutes)\s+(\d+)/gm)].map((match) => Number(match[1]));
  return [...four, ...six].reduce((sum, count) => sum + count, 0);
}

/** Accounts runs into files of `folder`. With `network: 'none'` the command has no way out, and each try is counted. */
export function accounting(folder: string, network: 'none' | 'shared'): Accounting {
  const file = join(folder, 'accounting');
  const spaces = ['--pid', '--fork', '--mount', '--mount-proc', ...(network === 'none' ? ['--net'] : [])];
  return {
    command: (argv) => {
      writeFileSync(file, '');
      writeFileSync(`${file}.net`, '');
      return ['unshare', [...spaces, 'perl', '-e', init, file, ...argv]];
    },
    processes: () => namesIn(readFileSync(file)),
    packets: () => packetsIn(readFileSync(`${file}.net`, 'utf8')),
  };
}

/** Why nothing can be counted here, or false; sees a process and a packet that are known to be there. Needs root. */
export function accountingMissing(folder: string): string | false {
  if (process.platform !== 'linux' || number === undefined) return 'process accounting is Linux on x64 and arm64 here';
  if (process.getuid?.() !== 0) return 'acct(2) needs root';
  const probe = accounting(folder, 'none');
  const send = "fetch('http://192.0.2.1').catch(() => require('child_process').spawnSync('/bin/true'))";
  const [program, args] = probe.command([process.execPath, '-e', send]);
  const { status } = spawnSync(program, args, { stdio: 'ignore' });
  if (status !== 0) return 'this machine has no unshare, perl or process accounting';
  return probe.processes().includes('true') && probe.packets() > 0 ? false : 'the kernel counted nothing';
}
