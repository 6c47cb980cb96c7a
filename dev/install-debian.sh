#!/usr/bin/env bash
# Installs Debian packages (arguments) as root or by sudo, and lets none of them start a service.
set -euo pipefail

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# Debian starts a service as soon as it is installed, unless this file says no.
veto=/usr/sbin/policy-rc.d
if [ ! -e "$veto" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$veto" >/dev/null
    as_root chmod +x "$veto"
    trap 'as_root rm -f "$veto"' EXIT
fi
as_root apt-get update -qq
as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends "$@" >/dev/null
