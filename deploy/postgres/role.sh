#!/usr/bin/env bash
# Runs once, when the database's volume is new: the nodes' role, which owns its database and may do nothing else.
set -euo pipefail

psql -v ON_ERROR_STOP=1 -U postgres -d postgres -v password="$RALM_PASSWORD" <<'SQL'
CREATE ROLE ralm LOGIN PASSWORD :'password';
CREATE DATABASE ralm OWNER ralm;
REVOKE ALL ON DATABASE ralm FROM PUBLIC;
SQL
