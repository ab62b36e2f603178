"""Start, stop and connect to the warehouse that profiles.yml names.

Command line: ``warehouse.py start|stop|status`` runs the embedded warehouse
(seekdb) in ``.warehouse/``, on a unix socket only: no port is ever opened.
``warehouse.py query "select …"`` shows the rows of a query, on the target's server.
Other scripts import :func:`connect`.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import re
import signal
import ssl
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import mysql.connector
import yaml
from jinja2 import Environment, StrictUndefined, UndefinedError

from plain_text import UNPRINTABLE

PROJECT_DIR = Path(__file__).resolve().parent.parent
START_SECONDS = 60
# By default seekdb logs each step, 480 MB in 20 minutes of work. Here it logs errors only, such as what ends a query.
# It keeps at most two files of 256 MB, and writes 4 MB at each start, before it reads these parameters.
LOG_PARAMETERS = ("syslog_level=ERROR", "max_syslog_file_count=2", "syslog_io_bandwidth_limit=1M")
LOG_BYTES_KEPT = 64_000_000
QUERIES = ("select", "with", "show", "describe", "explain")


class WarehouseError(Exception):
    """A mistake that the user can correct; the text is one line that can be printed."""


def printable(value, has_lines: bool = False):
    """Return a text that can be shown in one line (or several, with has_lines); other values unchanged.

    Unprintable characters become U+FFFD and are not dropped, so that different texts stay different.
    """
    if not isinstance(value, str):
        return value
    return UNPRINTABLE.sub(lambda found: "\n" if has_lines and found[0] == "\n" else "\ufffd", value)


def profiles_path() -> Path:
    """Return the profiles.yml that dbt uses: from env, project or home."""
    folders = [os.environ.get("DBT_PROFILES_DIR"), PROJECT_DIR, Path.home() / ".dbt"]
    for folder in folders:
        if folder and (Path(folder) / "profiles.yml").is_file():
            return Path(folder) / "profiles.yml"
    raise WarehouseError("没有 profiles.yml，请运行 `make setup`，或复制 profiles.yml.example"
                         " / no profiles.yml: run `make setup`, or copy profiles.yml.example")


def read_profile(target: str | None = None) -> dict:
    """Return the rendered output of profile ``hall_scores``.

    Raises WarehouseError if the file, the output or an environment variable
    is missing.
    """
    path = profiles_path()
    environment = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 - YAML, not HTML
    environment.filters["as_number"] = int

    def env_var(name: str, default: str | None = None) -> str:
        value = os.environ.get(name, default)
        if value is None:
            raise WarehouseError(
                f"{path.name}: 没有设环境变量 {name} / environment variable {name} is not set")
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
        reason = " ".join(str(error).split())
        raise WarehouseError(
            f"{path}: 读不出 hall_scores 的连接设置（{reason}），请照 profiles.yml.example 改正"
            f" / cannot read profile hall_scores ({reason}); mend it after profiles.yml.example"
        ) from None
    name = target or os.environ.get("DBT_TARGET") or render(profile.get("target", "embedded"))
    if name not in profile["outputs"]:
        known = ", ".join(profile["outputs"])
        raise WarehouseError(
            f"{path}: 没有名为 '{name}' 的输出，有 {known} / no output '{name}'; known: {known}")
    return {key: render(value) for key, value in profile["outputs"][name].items()}


def tls_arguments(profile: dict) -> dict:
    """Return the connector's arguments for verified TLS; empty for type mysql.

    Raises WarehouseError if the profile or its CA file is not valid.
    """
    ca, by_name = profile.get("ssl_ca"), str(profile.get("ssl_verify_identity", "true")).lower()
    if profile.get("type", "mysql_tls") != "mysql_tls":
        if ca or os.environ.get("HALL_SCORES_SSL_CA"):
            raise WarehouseError(
                "profiles.yml: 要用 ssl_ca（HALL_SCORES_SSL_CA），输出的 type 须为 mysql_tls，否则 dbt 不验证；"
                "请照 profiles.yml.example 补上 / ssl_ca (HALL_SCORES_SSL_CA) needs an output of `type: mysql_tls`, "
                "or dbt would not verify; take over the lines of profiles.yml.example"
            )
        return {}
    if by_name not in ("true", "false"):
        raise WarehouseError(
            f'profiles.yml: ssl_verify_identity: "{by_name}" 应为 true 或 false'
            f' / ssl_verify_identity: "{by_name}" should be true or false'
        )
    path = PROJECT_DIR / str(ca or "")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError as error:
        raise WarehouseError(
            f"profiles.yml: ssl_ca: {path}: 不是可读的 PEM 证书文件（{error}），没有连接数据库"
            f" / not a readable PEM file of certificates ({error}); nothing was connected"
        ) from None
    # Otherwise the connector would also trust every CA of the system.
    os.environ |= {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}
    # Use Python's own TLS: some machines cannot load the library of the compiled connector.
    return {"use_pure": True, "ssl_ca": str(path), "ssl_verify_cert": True, "ssl_verify_identity": by_name == "true"}


def tls_failure(error: mysql.connector.Error, profile: dict) -> str | None:
    """Return what is wrong with the server's TLS, in one line; None for another error."""
    said = error.msg or str(error)
    place = f"{profile.get('server')}:{profile.get('port') or 3306}"
    if "SSL is required" in said:
        return (
            f"{place}: 服务器不提供 TLS，而 profiles.yml 写了 ssl_ca；没有发送口令"
            " / the server offers no TLS, and profiles.yml has ssl_ca; no password was sent"
        )
    if "certificate verify failed" in said.lower():
        reason = re.search(r"certificate verify failed: (.*?)\.?(?: \(_ssl|$)", said, re.IGNORECASE)
        reason = reason.group(1) if reason else said
        return (
            f"{place}: 服务器证书不能由 {profile['ssl_ca']} 证明（{reason}），没有发送口令；请核对主机名与证书"
            f" / the server's certificate is not vouched for by {profile['ssl_ca']} ({reason}); no password was sent;"
            " check host name and certificate"
        )
    if "[ssl" in said.lower():
        return (
            f"{place}: TLS 握手失败（{said}），没有发送口令 / the TLS handshake failed ({said}); no password was sent"
        )
    return None


def connect(target: str | None = None, **options):
    """Return a mysql.connector connection to the profile's warehouse.

    Raises WarehouseError, in one line, if it does not answer.
    """
    profile = read_profile(target)
    arguments = {
        "user": profile.get("username") or profile.get("user"),
        "password": profile.get("password") or "",
        "charset": profile.get("charset", "utf8mb4"),
        "collation": profile.get("collation", "utf8mb4_bin"),
        "allow_local_infile": False,  # a server can request any file of its client
        # Only MariaDB runs such a comment: see macros/adapter/session/set_session.sql.
        "init_command": "/*M! set session optimizer_switch = 'split_materialized=off' */",
    }
    if profile.get("server"):
        place = f"{profile['server']}:{profile.get('port') or 3306}"
        arguments |= {"host": profile["server"], "port": int(profile.get("port") or 3306)}
        arguments |= tls_arguments(profile)
    else:
        place = str(profile["unix_socket"])
        arguments["unix_socket"] = str(PROJECT_DIR / profile["unix_socket"])
        # The kernel limits socket paths to 107 bytes; a relative path may still fit.
        if len(os.fsencode(arguments["unix_socket"])) > 100:
            arguments["unix_socket"] = os.path.relpath(arguments["unix_socket"])
    try:
        return mysql.connector.connect(**(arguments | options))
    except mysql.connector.Error as error:
        if unproven := tls_failure(error, profile):
            raise WarehouseError(unproven) from None
        zh, en = ("", "") if profile.get("server") else ("，请先 `make start`", " (start it: `make start`)")
        reason = " ".join((error.msg or str(error)).split())
        raise WarehouseError(
            f"{place}: 数据库没有应答{zh}（{reason}） / warehouse does not answer at {place}{en}: {reason}"
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


def make_private(folder: Path) -> None:
    """Create a folder that only its owner may enter, and remove access for others to everything in it.

    Links are left as they are.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # a running server may remove its files
            if not path.is_symlink():
                path.chmod(0o700 if path.is_dir() or path.is_socket() else 0o600)


def start() -> None:
    """Start seekdb in .warehouse/ unless it runs; return when it answers."""
    base = _base_dir()
    # Only our own folders: a socket configured elsewhere may be in any folder.
    if PROJECT_DIR in base.parents or (base / "store" / "redo").is_dir():
        make_private(base)
    make_private(PROJECT_DIR / "logs")
    if _running_pid(base) and _answers():
        return
    import pylibseekdb

    binary = Path(pylibseekdb.__file__).parent / "seekdb"
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    for log in (base / "log").glob("seekdb.log*"):
        if log.stat().st_size > LOG_BYTES_KEPT:
            log.unlink()
    (base / "run").mkdir(mode=0o700, exist_ok=True)
    # seekdb --embedded ends when nobody holds a shared lock on this file. The
    # server inherits the lock, and so runs until `make stop`.
    lock = os.open(base / "run" / "seekdb.clients", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_SH)
    command = [str(binary), "--base-dir", os.path.relpath(base, PROJECT_DIR), "--embedded", "--nodaemon"]
    for parameter in ("memory_budget=2G", *LOG_PARAMETERS):
        command += ["--parameter", parameter]
    # seekdb gives up after 10 s by default; an hour is what MySQL users expect.
    for variable in ("ob_query_timeout=3600000000", "ob_trx_timeout=3600000000", "local_infile=1"):
        command += ["--variable", variable]
    with open(base / "seekdb.out", "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as output:
        process = subprocess.Popen(  # noqa: S603 - the binary of the pinned package
            command,
            cwd=PROJECT_DIR,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=[lock],
            env=os.environ | {"TELEMETRY_ENABLED": "0"},
            umask=0o077,
        )
    os.close(lock)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if _answers():
            return
        if process.poll() is not None:
            raise WarehouseError(
                f"seekdb 启动后立即以 {process.returncode} 结束，原因见 {base}/seekdb.out"
                f" / seekdb ended at once with code {process.returncode}: see {base}/seekdb.out")
        time.sleep(0.2)
    raise WarehouseError(
        f"seekdb 启动 {START_SECONDS} 秒后仍没有应答，原因见 {base}/log/seekdb.log"
        f" / seekdb does not answer after {START_SECONDS} s: see {base}/log/seekdb.log")


def stop() -> None:
    """Stop the embedded warehouse if it runs."""
    pid = _running_pid(_base_dir())
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    for _ in range(150):
        if not Path(f"/proc/{pid}").exists() or _running_pid(_base_dir()) is None:
            return
        time.sleep(0.2)
    raise WarehouseError(
        f"seekdb（进程 {pid}）没有结束，可试 kill -9 {pid} / seekdb (process {pid}) does not end; try: kill -9 {pid}")


def query(sql: str) -> str:
    """Return the rows of a query as a text table. Raises WarehouseError if it fails or may write."""
    import pandas as pd

    if not sql.lower().startswith(QUERIES):
        known = ", ".join(QUERIES)
        raise WarehouseError(f"只能查询，开头应是 {known} / a query begins with {known}")
    connection = connect()
    cursor = connection.cursor()
    try:
        cursor.execute("start transaction read only")
        cursor.execute(sql)
        rows = [tuple(map(printable, row)) for row in cursor.fetchall()]
        rows = pd.DataFrame(rows, columns=cursor.column_names, dtype=object)
    except mysql.connector.Error as error:
        reason = " ".join((error.msg or str(error)).split())
        raise WarehouseError(f"查询出错（{reason}） / the query failed: {reason}") from None
    finally:
        connection.close()
    return rows.to_string(index=False) if len(rows) else "没有行 / no rows"


def main() -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=["start", "stop", "status", "query"])
    parser.add_argument("sql", nargs="?", help="what to ask")
    options = parser.parse_args()
    if (options.action == "query") != (options.sql is not None):
        parser.error('应写 / write: warehouse.py query "select …"')
    try:
        if options.action == "status":
            connect().close()
            print("数据库有应答 / the warehouse answers")
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
