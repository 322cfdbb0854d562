/**
 * An `ls` that leaves out, in the workspace's own folder, what stands only in place of protected files that do not exist:
 * empty, and listed for git as ignored. Whoever looks there would take the project for one of every tool at once. Nothing
 * is kept from anybody by it: what has content is listed, and every other program sees all of it.
 */
export function lsScript(ls: string, workspace: string): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  return `#!/bin/sh
real=${quoted(ls)}
list=$HOME/.config/git/ignore
[ -s "$list" ] && [ . -ef ${quoted(workspace)} ] || exec "$real" "$@"
for word; do
  case $word in
    --recursive | --directory | --ignore*) exec "$real" "$@" ;;
    --*) ;;
    -*[RdI]*) exec "$real" "$@" ;;
    -* | . | ./) ;;
    *) exec "$real" "$@" ;;
  esac
done
names= folders=
while IFS= read -r path; do
  name=\${path#/}
  case $name in */* | *[!A-Za-z0-9._-]*) continue ;; esac
  if [ -d "$name" ] && [ ! -L "$name" ]; then folders="$folders $name"; elif [ ! -s "$name" ]; then names="$names $name"; fi
done < "$list"
full=$([ ! "$folders" ] || find $folders ! -type d ! -size 0 -printf '%H ' 2>/dev/null)
for name in $folders; do case " $full" in *" $name "*) ;; *) names="$names $name" ;; esac; done
for name in $names; do set -- "-I$name" "$@"; done
exec "$real" "$@"
`;
}
