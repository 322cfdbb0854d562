/**
 * A `git` whose `config` sets in the private home what it would set in the repository, where settings are read-only. Options
 * that name a place of their own, questions, and every other command are passed on unchanged.
 */
export function gitScript(git: string): string {
  return `#!/bin/sh
real='${git.replaceAll("'", `'\\''`)}'
state=before value= operands=0 sets= own=
for word; do
  if [ "$value" ]; then value=; continue; fi
  case $state:$word in
    before:-C | before:-c | before:--git-dir | before:--work-tree | before:--namespace | before:--exec-path) value=1 ;;
    before:-*) ;;
    before:config) state=config ;;
    before:*) break ;;
    config:--local) ;;
    config:--global | config:--system | config:--worktree | config:-f | config:--file | config:--file=* | config:--blob*) own=1 ;;
    config:--get* | config:-l | config:--list | config:-e | config:--edit) own=1 ;;
    config:--add | config:--replace-all | config:--unset* | config:--rename-section | config:--remove-section) sets=1 ;;
    config:--type | config:--default) value=1 ;;
    config:-*) ;;
    config:*) operands=$((operands + 1)) ;;
  esac
done
[ $state = config ] && [ ! "$own" ] && { [ "$sets" ] || [ $operands -gt 1 ]; } || exec "$real" "$@"
state=before value= first=1
for word; do
  [ "$first" ] && set -- && first=
  if [ "$value" ]; then value=; set -- "$@" "$word"; continue; fi
  case $state:$word in
    before:-C | before:-c | before:--git-dir | before:--work-tree | before:--namespace | before:--exec-path) value=1 ;;
    before:config) state=config; set -- "$@" config --global; continue ;;
    config:--local) continue ;;
  esac
  set -- "$@" "$word"
done
exec "$real" "$@"
`;
}
