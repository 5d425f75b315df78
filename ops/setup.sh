#!/bin/sh
# Builds .venv from requirements.lock and nothing else. Safe to run again.
set -eu

python="${PYTHON:-python3}"

debian() {  # install a Debian package when we may; say what is missing when we may not
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >/dev/null
    else
        echo "Please install the Debian package $1 and run this again." >&2
        exit 1
    fi
}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Penstock needs Python 3.11 or newer; $python is older. Try: make PYTHON=python3.11 setup" >&2
    exit 1
}
"$python" -c 'import ensurepip' 2>/dev/null || debian python3-venv
[ -x .venv/bin/pip ] || { echo "Making .venv …"; "$python" -m venv .venv; }
echo "Installing the locked packages …"
pip() { .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation "$@"; }
# What builds a source package comes first, from the same lock, so that pip fetches nothing beside it.
awk '/^setuptools==/{on=1} on{print} on && !/\\$/{on=0}' requirements.lock > .venv/build-tools.txt
pip --require-hashes -r .venv/build-tools.txt
pip --require-hashes -r requirements.lock
pip --no-index -e . -e plugins/example -e node
.venv/bin/python -c 'import lightgbm' 2>/dev/null || debian libgomp1
touch .venv/ready
echo "Ready. Next: make demo"
