/**
 * System calls that a build or test does not need and kernel exploits do. Refused with EPERM; `clone3` and `io_uring` with
 * ENOSYS, so that libraries take their older way. Numbers: Linux `unistd` tables of each architecture.
 */
const refused: Readonly<Record<string, { x64: number; arm64: number }>> = {
  ptrace: { x64: 101, arm64: 117 },
  process_vm_readv: { x64: 310, arm64: 270 },
  process_vm_writev: { x64: 311, arm64: 271 },
  kexec_load: { x64: 246, arm64: 104 },
  kexec_file_load: { x64: 320, arm64: 294 },
  init_module: { x64: 175, arm64: 105 },
  finit_module: { x64: 313, arm64: 273 },
  delete_module: { x64: 176, arm64: 106 },
  add_key: { x64: 248, arm64: 217 },
  request_key: { x64: 249, arm64: 218 },
  keyctl: { x64: 250, arm64: 219 },
  bpf: { x64: 321, arm64: 280 },
  perf_event_open: { x64: 298, arm64: 241 },
  userfaultfd: { x64: 323, arm64: 282 },
  mount: { x64: 165, arm64: 40 },
  umount2: { x64: 166, arm64: 39 },
  pivot_root: { x64: 155, arm64: 41 },
  swapon: { x64: 167, arm64: 224 },
  swapoff: { x64: 168, arm64: 225 },
  reboot: { x64: 169, arm64: 142 },
  setns: { x64: 308, arm64: 268 },
  unshare: { x64: 272, arm64: 97 },
  open_by_handle_at: { x64: 304, arm64: 265 },
  name_to_handle_at: { x64: 303, arm64: 264 },
  open_tree: { x64: 428, arm64: 428 },
  move_mount: { x64: 429, arm64: 429 },
  fsopen: { x64: 430, arm64: 430 },
  fsconfig: { x64: 431, arm64: 431 },
  fsmount: { x64: 432, arm64: 432 },
  fspick: { x64: 433, arm64: 433 },
  mount_setattr: { x64: 442, arm64: 442 },
  quotactl: { x64: 179, arm64: 60 },
  acct: { x64: 163, arm64: 89 },
  settimeofday: { x64: 164, arm64: 170 },
  clock_settime: { x64: 227, arm64: 112 },
  adjtimex: { x64: 159, arm64: 171 },
};
const absent: typeof refused = {
  io_uring_setup: { x64: 425, arm64: 425 },
  io_uring_enter: { x64: 426, arm64: 426 },
  io_uring_register: { x64: 427, arm64: 427 },
};
/** Takes its flags by pointer, where a filter cannot look for new namespaces: libraries fall back to `clone`. */
const clone3 = 435;
const clone = { x64: 56, arm64: 220 };

const architectures = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
const EPERM = 1;
const ENOSYS = 38;
const allow = 0x7fff0000;
const fail = (errno: number) => 0x00050000 | errno;
const kill = 0x80000000;
/** Any new namespace but time (which shares its bit with the exit signal). */
const namespaceFlags = 0x7e020000;
/** ioctl that types into the terminal it runs in (TIOCSTI) and its console twin (TIOCLINUX). */
const ioctl = { x64: 16, arm64: 29, requests: [0x5412, 0x541c] } as const;
/** socket(AF_VSOCK | AF_ALG | AF_PACKET | AF_NETLINK needs no filter: the network namespace is empty). */
const socket = { x64: 41, arm64: 198, families: [38, 40] } as const;

type Instruction = [code: number, jt: number, jf: number, k: number];
const load = (offset: number): Instruction => [0x20, 0, 0, offset];
const ret = (value: number): Instruction => [0x06, 0, 0, value];
const ifEqual = (value: number, then: Instruction[]): Instruction[] => [[0x15, 0, then.length, value], ...then];

/** A seccomp filter in the kernel's form for one processor; undefined for those it is not written for. */
export function seccompProgram(arch: string): Buffer | undefined {
  if (arch !== 'x64' && arch !== 'arm64') return undefined;
  const list = (table: typeof refused, errno: number) =>
    Object.values(table).flatMap((numbers) => ifEqual(numbers[arch], [ret(fail(errno))]));
  const argument = (index: number) => 16 + index * 8;
  const program: Instruction[] = [
    load(4),
    [0x15, 1, 0, architectures[arch]],
    ret(kill),
    load(0),
    // The x32 form of x86-64 has the same calls by other numbers.
    ...(arch === 'x64' ? ([[0x35, 0, 1, 0x40000000], ret(kill)] satisfies Instruction[]) : []),
    ...list(refused, EPERM),
    ...list(absent, ENOSYS),
    ...ifEqual(clone3, [ret(fail(ENOSYS))]),
    ...ifEqual(clone[arch], [load(argument(0)), [0x45, 0, 1, namespaceFlags], ret(fail(EPERM)), ret(allow)]),
    ...ifEqual(ioctl[arch], [
      load(argument(1)),
      ...ioctl.requests.flatMap((request) => ifEqual(request, [ret(fail(EPERM))])),
      ret(allow),
    ]),
    ...ifEqual(socket[arch], [
      load(argument(0)),
      ...socket.families.flatMap((family) => ifEqual(family, [ret(fail(EPERM))])),
      ret(allow),
    ]),
    ret(allow),
  ];
  const bytes = Buffer.alloc(program.length * 8);
  for (const [i, [code, jt, jf, k]] of program.entries()) {
    bytes.writeUInt16LE(code, i * 8);
    bytes.writeUInt8(jt, i * 8 + 2);
    bytes.writeUInt8(jf, i * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, i * 8 + 4);
  }
  return bytes;
}
