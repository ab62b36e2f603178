"""Start, stop and reach the warehouse that profiles.yml names.

Command line: ``warehouse.py start|stop|status`` runs the embedded warehouse
(seekdb) in ``.warehouse/``, on a unix socket only: no port is ever opened.
``warehouse.py query "select …"`` shows the rows of a query, on the target's server.
Other scripts import :func:`connect`.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import mysql.connector
import yaml
from jinja2 import Environment, StrictUndefined, UndefinedError

PROJECT_DIR = Path(__file__).resolve().parent.parent
START_SECONDS = 60
QUERIES = ("select", "with", "show", "describe", "explain")


class WarehouseError(Exception):
    """A mistake the user can mend; its text is one line fit to be printed."""


def profiles_path() -> Path:
    """Return the profiles.yml that dbt would take: env, project, home."""
    folders = [os.environ.get("DBT_PROFILES_DIR"), PROJECT_DIR, Path.home() / ".dbt"]
    for folder in folders:
        if folder and (Path(folder) / "profiles.yml").is_file():
            return Path(folder) / "profiles.yml"
    raise WarehouseError("no profiles.yml: run `make setup`, or copy profiles.yml.example")


def read_profile(target: str | None = None) -> dict:
    """Return the rendered output of profile ``hall_scores``.

    Raises WarehouseError when the file, the output or an environment variable
    is missing.
    """
    path = profiles_path()
    environment = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 - YAML, not HTML
    environment.filters["as_number"] = int

    def env_var(name: str, default: str | None = None) -> str:
        value = os.environ.get(name, default)
        if value is None:
            raise WarehouseError(f"{path.name}: environment variable {name} is not set")
        return value

    def render(value):
        if not isinstance(value, str):
            return value
        try:
            return environment.from_string(value).render(env_var=env_var)
        except (UndefinedError, ValueError) as error:
            raise WarehouseError(f"{path}: {value}: {error}") from None

    try:
        profile = yaml.safe_load(path.read_text(encoding="utf-8"))["hall_scores"]
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise WarehouseError(f"{path}: cannot read profile hall_scores: {error}") from None
    name = target or os.environ.get("DBT_TARGET") or render(profile.get("target", "embedded"))
    if name not in profile["outputs"]:
        known = ", ".join(profile["outputs"])
        raise WarehouseError(f"{path}: no output '{name}'; known: {known}")
    return {key: render(value) for key, value in profile["outputs"][name].items()}


def connect(target: str | None = None, **options):
    """Return a mysql.connector connection to the profile's warehouse.

    Raises WarehouseError, in one line, when it does not answer.
    """
    profile = read_profile(target)
    arguments = {
        "user": profile.get("username") or profile.get("user"),
        "password": profile.get("password") or "",
        "charset": profile.get("charset", "utf8mb4"),
        "collation": profile.get("collation", "utf8mb4_bin"),
        "allow_local_infile": True,
        # MariaDB alone reads such a comment: see macros/adapter/set_session.sql.
        "init_command": "/*M! set session optimizer_switch = 'split_materialized=off' */",
    }
    if profile.get("server"):
        place = f"{profile['server']}:{profile.get('port') or 3306}"
        arguments |= {"host": profile["server"], "port": int(profile.get("port") or 3306)}
    else:
        place = str(profile["unix_socket"])
        arguments["unix_socket"] = str(PROJECT_DIR / profile["unix_socket"])
        # The kernel cuts socket paths off at 107 bytes; a short relative one may still fit.
        if len(os.fsencode(arguments["unix_socket"])) > 100:
            arguments["unix_socket"] = os.path.relpath(arguments["unix_socket"])
    try:
        return mysql.connector.connect(**(arguments | options))
    except mysql.connector.Error as error:
        hint = "" if profile.get("server") else " (start it: `make start`)"
        raise WarehouseError(
            f"warehouse does not answer at {place}{hint}: {error.msg or error}"
        ) from None


def _base_dir() -> Path:
    socket = PROJECT_DIR / str(read_profile("embedded")["unix_socket"])
    return socket.parent.parent


def _running_pid(base: Path) -> int | None:
    try:
        pid = int((base / "run" / "seekdb.pid").read_text().strip() or 0)
        command = Path(f"/proc/{pid}/cmdline").read_bytes() if pid else b""
    except (OSError, ValueError):
        return None
    return pid if b"seekdb" in command else None


def _answers() -> bool:
    try:
        connect("embedded").close()
    except WarehouseError:
        return False
    return True


def start() -> None:
    """Start seekdb in .warehouse/ unless it runs; return when it answers."""
    base = _base_dir()
    if _running_pid(base) and _answers():
        return
    import pylibseekdb

    binary = Path(pylibseekdb.__file__).parent / "seekdb"
    (base / "run").mkdir(parents=True, exist_ok=True)
    # seekdb --embedded ends when nobody holds a shared lock on this file. The
    # server inherits the lock, and so lives until `make stop`.
    lock = os.open(base / "run" / "seekdb.clients", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_SH)
    command = [str(binary), "--base-dir", os.path.relpath(base, PROJECT_DIR), "--embedded", "--nodaemon"]
    for parameter in ("memory_budget=2G",):
        command += ["--parameter", parameter]
    # seekdb gives up after 10 s by default; an hour is what MySQL users expect.
    for variable in ("ob_query_timeout=3600000000", "ob_trx_timeout=3600000000", "local_infile=1"):
        command += ["--variable", variable]
    with (base / "seekdb.out").open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - the binary of the pinned package
            command,
            cwd=PROJECT_DIR,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=[lock],
            env=os.environ | {"TELEMETRY_ENABLED": "0"},
        )
    os.close(lock)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if _answers():
            return
        if process.poll() is not None:
            raise WarehouseError(f"seekdb ended at once with code {process.returncode}: see {base}/seekdb.out")
        time.sleep(0.2)
    raise WarehouseError(f"seekdb does not answer after {START_SECONDS} s: see {base}/log/seekdb.log")


def stop() -> None:
    """Stop the embedded warehouse; nothing happens when it is not running."""
    pid = _running_pid(_base_dir())
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    for _ in range(150):
        if not Path(f"/proc/{pid}").exists() or _running_pid(_base_dir()) is None:
            return
        time.sleep(0.2)
    raise WarehouseError(f"seekdb (process {pid}) does not end; try: kill -9 {pid}")


def query(sql: str) -> str:
    """Return the rows of a query as a table of text. Raises WarehouseError on an error in it, or if it may write."""
    import pandas as pd

    if not sql.lower().startswith(QUERIES):
        raise WarehouseError(f"a query begins with {', '.join(QUERIES)}")
    connection = connect()
    cursor = connection.cursor()
    try:
        cursor.execute("start transaction read only")
        cursor.execute(sql)
        rows = pd.DataFrame(cursor.fetchall(), columns=cursor.column_names, dtype=object)
    except mysql.connector.Error as error:
        raise WarehouseError(error.msg or str(error)) from None
    finally:
        connection.close()
    return rows.to_string(index=False) if len(rows) else "no rows"


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=["start", "stop", "status", "query"])
    parser.add_argument("sql", nargs="?", help="what to ask")
    options = parser.parse_args()
    if (options.action == "query") != (options.sql is not None):
        parser.error('write: warehouse.py query "select …"')
    try:
        if options.action == "status":
            connect().close()
            print("the warehouse answers")
        elif options.action == "query":
            print(query(options.sql))
        elif options.action == "start":
            start()
        else:
            stop()
    except WarehouseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
