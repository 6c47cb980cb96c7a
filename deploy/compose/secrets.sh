#!/bin/sh
# Makes the secrets of the stack where they are missing, and never a second time: a new one would
# end every session, and a new password would fit no database that is there already.
set -eu

random() { od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# keep FILE MODE < CONTENT: whole or not at all.
keep() {
    if [ -s "$1" ]; then return; fi
    cat > "$1.new"
    chmod "$2" "$1.new"
    mv "$1.new" "$1"
    echo "made $1"
}

random | keep /secrets/jwt/secret 0400
# PostgreSQL runs as another user than we do; only its and the monolith's containers mount this.
random | keep /secrets/database/password 0444
printf 'postgresql://monolith:%s@postgres:5432/monolith' "$(cat /secrets/database/password)" |
    keep /secrets/database/url 0400
