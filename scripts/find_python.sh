#!/bin/sh
# Print the command of a Python that the project runs on: $PYTHON if it is set, else one on PATH, else one that uv
# fetches into .uv. If there is none, one line on stderr says what to type. Only the command goes to stdout.
# .uv lies in the checkout, because the account of the night cannot read home folders (deploy/hall-scores.service).
set -u
cd "$(dirname "$0")/.." || exit 1
VERSIONS='3.13 3.12 3.11'
FETCHED=3.12
named="make PYTHON=/…/python$FETCHED demo"

end() {
  printf 'error: %s\n' "$1" >&2
  exit 1
}

fits() { # Debian's python3 lacks ensurepip, and cannot make .venv, until python3-venv is installed
  # shellcheck disable=SC2086 # one argument a version
  "$1" -c 'import ensurepip, sys, venv; sys.exit("%d.%d" % sys.version_info[:2] not in sys.argv[1:])' $VERSIONS \
    >/dev/null 2>&1
}

fetched() { # what uv has fetched, now or earlier
  for python in "$PWD/.uv/python/cpython-$FETCHED."*/bin/"python$FETCHED"; do
    fits "$python" && echo "$python" && return
  done
  return 1
}

install_uv() { # into .uv/uv; with --target, pip does so on systems that manage their packages themselves (PEP 668)
  python=python3
  "$python" -c 'import pip' || { "$python" -m venv --clear .uv/pip && python=.uv/pip/bin/python; } || return
  PIP_USER=0 "$python" -m pip install --disable-pip-version-check --upgrade --target .uv/uv \
    --require-hashes -r requirements-uv.txt
}

if [ -n "${PYTHON:-}" ]; then
  fits "$PYTHON" && echo "$PYTHON" && exit
  end "PYTHON=$PYTHON 不合用，须是 Python $VERSIONS 之一，并带 venv（Debian 的软件包 python3-venv）\
 / PYTHON=$PYTHON does not fit: it must be one of Python $VERSIONS, with venv (Debian's package python3-venv)"
fi
for python in python3 $(printf 'python%s ' $VERSIONS); do
  fits "$python" && echo "$python" && exit
done
fetched && exit

uv=$(command -v uv) || uv=${HOME:-}/.local/bin/uv
[ -x "$uv" ] || uv=.uv/uv/bin/uv
if [ ! -x "$uv" ]; then
  sudo=
  [ "$(id -u)" = 0 ] || sudo='sudo '
  if command -v apt-get >/dev/null; then
    get="${sudo}apt-get update && ${sudo}apt-get install python3-venv"
  elif command -v dnf >/dev/null; then
    get="${sudo}dnf install python3-pip"
  else
    get=$named
  fi
  python3 -c 'import pip' 2>/dev/null || python3 -c 'import ensurepip, venv' 2>/dev/null \
    || end "没有 Python $VERSIONS，请运行 / none of Python $VERSIONS is here; type: $get"
  mkdir -p .uv
  install_uv >.uv/log 2>&1 \
    || end "没有 Python $VERSIONS，uv 也装不上（见 .uv/log）；请自行安装一个，再运行 / none of Python $VERSIONS is here,\
 and uv cannot be installed (see .uv/log); install one of them and type: $named"
fi
echo "用 uv 取 Python $FETCHED，放入 .uv / uv fetches Python $FETCHED into .uv" >&2
# Without the last two, uv also writes into the home folder.
UV_PYTHON_INSTALL_DIR=$PWD/.uv/python UV_PYTHON_INSTALL_BIN=0 UV_NO_CACHE=1 \
  "$uv" python install "$FETCHED" >&2 && fetched && exit
end "uv 取不到 Python $FETCHED；请自行安装 Python $VERSIONS 之一（没有外网时见 docs/operations.md 的 .uv），再运行 / uv cannot fetch\
 Python $FETCHED; install one of Python $VERSIONS (a closed network: .uv in docs/operations.md) and type: $named"
