#!/bin/sh
# Installs what tests start themselves: MariaDB, Java for Spark, LibreOffice to read documents back, an ssh server for git.
# PostgreSQL and S3 come as Python packages. Where systemd would start it for everybody, no ssh server is installed.
set -eu
missing=""
command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || missing="$missing mariadb-server"
command -v java >/dev/null || missing="$missing openjdk-17-jre-headless"
command -v soffice >/dev/null || missing="$missing libreoffice-writer fonts-dejavu"
[ -x /usr/sbin/sshd ] || [ -d /run/systemd/system ] || missing="$missing openssh-server"
[ "$(id -u)" != 0 ] || mkdir -p /run/sshd  # without it sshd of root does not start
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing$missing for the tests …"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null \
        || echo "$missing could not be installed; the tests that need it will be skipped." >&2
else
    echo "Some tests need the Debian packages$missing; they will be skipped." >&2
fi
