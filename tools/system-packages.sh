#!/bin/sh
# Installs what the browser and network tests drive, where that is possible without asking anybody:
# as root on a Debian system. Elsewhere the tests name what they skipped.
set -eu
home=$(cd "$(dirname "$0")" && pwd)
missing=
while read -r name; do
  [ -n "$name" ] || continue
  dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $name"
done < "$home/system-packages.txt"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "Not installed (needs root on Debian):$missing. Tests that need them are skipped and named." >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# The tests start servers of their own; those of the packages are neither started nor created.
mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] ||
  echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod +x "$policy"
  trap 'rm -f "$policy"' EXIT
fi
apt-get update -qq
# shellcheck disable=SC2086 # the names are split on purpose
apt-get install -qq -y --no-install-recommends $missing >/dev/null
for service in nginx squid; do
  case "$missing" in
    *"$service"*) if command -v systemctl >/dev/null; then systemctl --quiet disable "$service" 2>/dev/null || true; fi ;;
  esac
done
