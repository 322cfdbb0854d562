/**
 * A `git` that gets by in the sandbox. Its `mv` moves a folder by copying where the file system of the working copy cannot
 * rename one. Its `config` sets in the private home what it would set in the repository, where much is not for a run to set;
 * what it takes away it takes from where it is. Options that name a place of their own, questions, and every other command
 * are passed on unchanged.
 */
export function gitScript(git: string): string {
  return `#!/bin/sh
real='${git.replaceAll("'", `'\\''`)}'
if [ "$1" = mv ] && [ $# = 3 ] && [ -d "$2" ]; then
  case $2$3 in *-*) [ "\${2#-}" = "$2" ] && [ "\${3#-}" = "$3" ] || exec "$real" "$@" ;; esac
  said=$("$real" "$@" 2>&1) && exit 0
  code=$?
  case $said in *cross-device*) ;; *) echo "$said" >&2; exit $code ;; esac
  to=$3
  [ -d "$to" ] && to=\${to%/}/$(basename "$2")
  [ -e "$to" ] && { echo "$said" >&2; exit $code; }
  "$real" ls-files -z -- "$2" > "/tmp/.git-mv.$$" && mv -- "$2" "$to" && "$real" rm -rq --cached -- "$2" || exit 1
  while IFS= read -r path; do [ "$path" ] && "$real" add -- "$to\${path#"\${2%/}"}"; done <<-PATHS
	$(tr '\\0' '\\n' < "/tmp/.git-mv.$$")
	PATHS
  rm -f "/tmp/.git-mv.$$"
  exit 0
fi
state=before value= operands=0 sets= own= takes=
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
    config:--add | config:--replace-all) sets=1 ;;
    config:--unset* | config:--rename-section | config:--remove-section) sets=1 takes=1 ;;
    config:--type | config:--default) value=1 ;;
    config:-*) ;;
    config:*) operands=$((operands + 1)) ;;
  esac
done
[ $state = config ] && [ ! "$own" ] && { [ "$sets" ] || [ $operands -gt 1 ]; } || exec "$real" "$@"
[ "$takes" ] && "$real" "$@" 2>/dev/null && exit 0
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
