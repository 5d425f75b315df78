#!/bin/sh
# Installs Debian's Chromium for the browser walks when we may; otherwise they say what they miss and are skipped.
set -eu
command -v chromium >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser walks …"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null \
        || echo "Chromium could not be installed; the browser walks will be skipped." >&2
else
    echo "The browser walks need the Debian package chromium; they will be skipped." >&2
fi
