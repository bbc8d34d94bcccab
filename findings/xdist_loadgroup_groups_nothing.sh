#!/usr/bin/env bash
# pytest-xdist 3.8.0 with pytest 9.2.0, CPython 3.11.
#
# A good guess: with --dist loadgroup the tests that share an xdist_group mark run in one worker, one after the other.
# Seen: they are spread over the workers as with --dist load, and nothing says so. xdist appends the group to
# Item._nodeid, which pytest 9.2 no longer reads: a node's nodeid is made without it. With pytest 8.4.2 the same two
# files run as documented. A fixture that is shared by a group is made once a worker, and what must not run side by
# side does.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for number in 1 2; do
    cat >"$folder/test_$number.py" <<'PYTHON'
import time

import pytest


@pytest.mark.xdist_group("together")
@pytest.mark.parametrize("number", range(8))
def test_group(number, worker_id):
    time.sleep(0.2)
    with open("seen", "a") as file:
        file.write(worker_id + "\n")
PYTHON
done
python3 -m venv "$folder/venv"
workers() {  # how many workers ran the group under this pytest
    "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "pytest==$1" pytest-xdist==3.8.0
    (cd "$folder" && rm -f seen && venv/bin/python -m pytest -q -n 2 --dist loadgroup test_1.py test_2.py >log 2>&1) ||
        { cat "$folder/log"; exit 1; }
    sort -u "$folder/seen" | wc -l
}
old=$(workers 8.4.2)
new=$(workers 9.2.0)
echo "workers that ran one group: pytest 8.4.2: $old, pytest 9.2.0: $new"
[ "$old $new" = "1 2" ] || { echo "the behaviour has changed"; exit 1; }
