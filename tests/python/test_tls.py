"""With an ssl_ca, only a verified server gets a password, from the scripts and from dbt."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

import warehouse
from scratch_copy import PROJECT_DIR, copy_project

pytestmark = pytest.mark.once

MARIADBD = shutil.which("mariadbd")
BIN = Path(sys.executable).parent
WARM_SECONDS = 60


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory) -> Path:
    """Two CAs, and a certificate of the first for the name localhost, not for 127.0.0.1."""
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("right", "wrong"):
        openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                "-keyout", f"{name}.key", "-out", f"{name}.pem")
    openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=warehouse",
            "-keyout", "server.key", "-out", "server.csr")
    (folder / "names").write_text("subjectAltName=DNS:localhost")
    openssl(folder, "x509", "-req", "-in", "server.csr", "-CA", "right.pem", "-CAkey", "right.key",
            "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", "server.pem")
    return folder


@pytest.fixture(scope="module")
def server(certificates, tmp_path_factory):
    """A MariaDB with that certificate, which accepts only encrypted sessions; yields its port."""
    if not MARIADBD or not shutil.which("mariadb-install-db"):
        pytest.skip("mariadbd is not installed")
    folder, port = tmp_path_factory.mktemp("mariadb"), free_port()
    sock = Path("/tmp") / f"hs_test_{port}.sock"
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", f"--datadir={folder}", "--auth-root-authentication-method=normal",
         *(["--user=root"] if os.getuid() == 0 else [])],
        check=True, capture_output=True,
    )
    process = subprocess.Popen(
        [MARIADBD, "--no-defaults", f"--datadir={folder}", f"--socket={sock}", f"--pid-file={folder}/pid",
         f"--port={port}", "--bind-address=127.0.0.1", "--local-infile=1", "--innodb-buffer-pool-size=64M",
         "--require-secure-transport=ON", f"--ssl-ca={certificates}/right.pem",
         f"--ssl-cert={certificates}/server.pem", f"--ssl-key={certificates}/server.key",
         *(["--user=root"] if os.getuid() == 0 else [])],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + WARM_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        time.sleep(0.2)
    yield port
    process.terminate()
    process.wait(60)
    sock.unlink(missing_ok=True)


@pytest.fixture
def pretender():
    """Sends MySQL's greeting without TLS; yields its port and the received bytes."""
    greeting = (
        b"\x0a8.4.0\0" + (1).to_bytes(4, "little") + b"12345678\0" + (0xF7FF & ~0x0800).to_bytes(2, "little")
        + b"\x2d" + (2).to_bytes(2, "little") + (0x00FF).to_bytes(2, "little") + b"\x15" + bytes(10)
        + b"123456789012\0" + b"mysql_native_password\0"
    )
    listener, received = socket.create_server(("127.0.0.1", 0)), []

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                with client, suppress(OSError):
                    client.settimeout(10)
                    client.sendall(len(greeting).to_bytes(3, "little") + b"\0" + greeting)
                    received.append(client.recv(4096))

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1], received
    listener.close()


def settings(port: int, **names: str) -> dict[str, str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith(("HALL_SCORES_", "DBT_"))}
    return known | {
        "HALL_SCORES_TARGET": "mariadb", "HALL_SCORES_HOST": "localhost", "HALL_SCORES_PORT": str(port),
        "HALL_SCORES_USER": "root",
    } | names


def run_script(environment: dict[str, str], sql: str = "show status like 'Ssl_cipher'") -> tuple[int, str]:
    """Return exit code and output of warehouse.py, by the project's own profiles.yml.example."""
    result = subprocess.run(
        [sys.executable, PROJECT_DIR / "scripts/warehouse.py", "query", sql], env=environment, capture_output=True,
        text=True, timeout=120, check=False,
    )
    return result.returncode, result.stdout + result.stderr


def run_dbt(folder: Path, environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    result = subprocess.run(
        [sys.executable, BIN / "dbt", "--no-use-colors", *arguments], cwd=folder, capture_output=True, text=True,
        timeout=300, check=False, env=environment | {"DBT_PROFILES_DIR": str(folder)},
    )
    return result.returncode, result.stdout + result.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("project")
    copy_project(made)
    return made


@pytest.fixture(autouse=True)
def example_profile(folder, monkeypatch):
    monkeypatch.setenv("DBT_PROFILES_DIR", str(folder))


def test_the_right_server_is_spoken_to_in_cipher(server, certificates, folder):
    environment = settings(server, HALL_SCORES_SSL_CA=f"{certificates}/right.pem", DBT_PROFILES_DIR=str(folder))
    code, said = run_script(environment)
    assert code == 0 and "TLS_" in said, said
    code, said = run_dbt(folder, environment, "debug")
    assert code == 0 and "All checks passed" in said, said
    # The server accepts no other session, including that of the lock.
    code, said = run_dbt(folder, environment, "build", "--select", "+dim_metrics",
                         "--indirect-selection", "cautious")
    assert code == 0 and "Completed successfully" in said, said


@pytest.mark.parametrize(("wrong", "reason", "dbt_too"), [
    ({"HALL_SCORES_SSL_CA": "wrong.pem"}, "is not vouched for by", False),
    # The machine's own CAs are not trusted in addition.
    ({"HALL_SCORES_SSL_CA": "wrong.pem", "SSL_CERT_FILE": "right.pem"}, "is not vouched for by", True),
    ({"HALL_SCORES_SSL_CA": "right.pem", "HALL_SCORES_HOST": "127.0.0.1"}, "IP address mismatch", True),
    ({"HALL_SCORES_SSL_CA": "none.pem"}, "No such file", False),
    ({"HALL_SCORES_SSL_CA": "right.key"}, "not a readable PEM file", False),
    ({"HALL_SCORES_SSL_CA": "right.pem", "HALL_SCORES_SSL_VERIFY_IDENTITY": "no"}, "should be true or false", True),
])
def test_a_server_or_setting_that_is_wrong_is_refused(server, certificates, folder, wrong, reason, dbt_too):
    paths = {name: str(certificates / value) if value.endswith((".pem", ".key")) else value
             for name, value in wrong.items()}
    environment = settings(server, **paths, DBT_PROFILES_DIR=str(folder))
    code, said = run_script(environment)
    assert (code, said.count("\n")) == (1, 1) and " / " in said and reason in said, said
    assert "Traceback" not in said
    if dbt_too:
        code, said = run_dbt(folder, environment, "debug")
        assert code != 0 and reason in said and "Traceback" not in said, said


def test_a_build_is_refused_as_well(server, certificates, folder):
    environment = settings(server, HALL_SCORES_SSL_CA=f"{certificates}/wrong.pem")
    code, said = run_dbt(folder, environment, "build", "--select", "metric_definitions")
    assert code != 0 and "is not vouched for by" in said and "Traceback" not in said, said


def test_the_host_name_can_be_left_out(server, certificates, folder):
    environment = settings(
        server, HALL_SCORES_SSL_CA=f"{certificates}/right.pem", HALL_SCORES_HOST="127.0.0.1",
        HALL_SCORES_SSL_VERIFY_IDENTITY="false", DBT_PROFILES_DIR=str(folder),
    )
    code, said = run_script(environment)
    assert code == 0 and "TLS_" in said, said
    code, said = run_script(environment | {"HALL_SCORES_SSL_CA": f"{certificates}/wrong.pem"})
    assert code == 1 and "is not vouched for by" in said, said


def test_a_plaintext_pretender_learns_nothing(pretender, certificates, folder):
    port, received = pretender
    secret = {"DBT_ENV_SECRET_HALL_SCORES_PASSWORD": "geheim", "DBT_PROFILES_DIR": str(folder)}
    # Without a CA it is trusted, so the refusals below are due to the CA.
    run_script(settings(port, **secret))
    assert any(b"root" in sent for sent in received)
    received.clear()
    environment = settings(port, HALL_SCORES_SSL_CA=f"{certificates}/right.pem", **secret)
    code, said = run_script(environment)
    assert code == 1 and "the server offers no TLS" in said and said.count("\n") == 1, said
    for command in (["debug"], ["build", "--select", "metric_definitions"]):
        code, said = run_dbt(folder, environment, *command)
        assert code != 0 and "the server offers no TLS" in said, said
    assert received and not any(received)


def test_a_profile_of_before_does_not_go_on_unverified(certificates, folder, tmp_path, monkeypatch):
    text = (PROJECT_DIR / "profiles.yml.example").read_text("utf-8")
    old = "\n".join(line for line in text.splitlines() if "ssl" not in line.lower())
    assert old != text
    (tmp_path / "profiles.yml").write_text(old, "utf-8")
    environment = settings(1, HALL_SCORES_SSL_CA=f"{certificates}/right.pem", DBT_PROFILES_DIR=str(tmp_path))
    code, said = run_script(environment)
    assert code == 1 and "needs an output of `type: mysql_tls`" in said and said.count("\n") == 1, said


def test_without_an_authority_all_is_as_before():
    for profile in ({"type": "mysql", "server": "h"}, {"type": "mysql", "server": "h", "ssl_ca": ""}):
        assert warehouse.tls_arguments(profile) == {}
