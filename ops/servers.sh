#!/bin/sh
# Installs what tests start themselves: MariaDB, Java for Spark, LibreOffice to read documents back. PostgreSQL and S3 come as Python packages.
set -eu
missing=""
command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || missing="$missing mariadb-server"
command -v java >/dev/null || missing="$missing openjdk-17-jre-headless"
command -v soffice >/dev/null || missing="$missing libreoffice-writer fonts-dejavu"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing$missing for the tests …"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null \
        || echo "$missing could not be installed; the tests that need it will be skipped." >&2
else
    echo "Some tests need the Debian packages$missing; they will be skipped." >&2
fi
