#!/bin/sh
# Installs the clients of the lock file into node_modules, unless that was done already.
set -e
cd "$(dirname "$0")"
done=node_modules/.installed-lock
if cmp -s package-lock.json "$done"; then
  exit 0
fi
npm ci --no-audit --no-fund
cp package-lock.json "$done"
