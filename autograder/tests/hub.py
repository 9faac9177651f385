"""A JupyterHub on loopback, with Unix accounts for its users and npm's configurable-http-proxy before it."""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.accounts import Account, in_the_open, make_account, remove_account
from tests.processes import end

PROXY = "configurable-http-proxy@5.3.0"
PATIENCE = 180.0
FORMGRADER = "nbgrader.server_extensions.formgrader"
# Left out because four servers start on one core here.
WITHOUT = (
    "jupyter_lsp",
    "jupyter_server_terminals",
    "jupyterlab",
    "jupytext",
    "nbgrader.server_extensions.course_list",
    "nbgrader.server_extensions.validate_assignment",
    "notebook",
    "notebook_shim",
)
CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.JupyterHub.db_url = "sqlite:///hub.sqlite"
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allowed_users = set({names!r})
c.JupyterHub.services = [{{"name": "office", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [
    {{"name": "office", "services": ["office"], "scopes": ["admin:users", "admin:servers", "tokens"]}},
]
c.Spawner.cmd = [{python!r}, "-m", "jupyterhub.singleuser"]
# As ~/.jupyter goes before /etc/jupyter.
c.Spawner.environment = {{"JUPYTER_CONFIG_PATH": lambda spawner: f"{homes}/{{spawner.user.name}}/.jupyter:{config}"}}
"""


@cache
def proxy() -> Path | None:
    """The proxy's program: the one on the PATH, or one that npm puts beside our packages; None where neither can be had."""
    if found := shutil.which("configurable-http-proxy"):
        return Path(found)
    if not shutil.which("npm"):
        return None
    folder = Path(sys.prefix, "share", "proxy")
    program = folder / "node_modules" / ".bin" / "configurable-http-proxy"
    if not program.exists():
        # npm has authorities of its own, and waits a minute for each package that it cannot fetch.
        trusted = os.environ | {"NODE_EXTRA_CA_CERTS": ssl.get_default_verify_paths().cafile or ""}
        install = ["npm", "install", "--silent", "--fetch-retry-maxtimeout=2000", "--fetch-retry-mintimeout=1000"]
        with suppress(subprocess.TimeoutExpired):
            subprocess.run([*install, "--prefix", folder, PROXY], check=False, capture_output=True, env=trusted, timeout=180)
    works = program.exists() and subprocess.run([program, "--version"], check=False, capture_output=True).returncode == 0
    return program if works else None


def why_no_hub() -> str:
    """Why no hub can be started here; empty when one can."""
    if not importlib.util.find_spec("jupyterhub"):
        return "JupyterHub is not installed (the extra `dev`)"
    return "" if proxy() else f"there is no configurable-http-proxy, and npm cannot fetch {PROXY}, or Node is too old for it"


@contextmanager
def open_hub(place: Path, config: Path, instructor: Account, names: list[str]) -> Iterator[list[User]]:
    """Run a hub for an instructor and for new accounts, whose names begin with these; yield them, each with a server.

    place: where all homes are. config: a folder of Jupyter configuration for all servers, in the place of /etc/jupyter. As
    docs/jupyterhub.md says, it takes the Formgrader away from everybody, and the instructor has a file that gives it back.
    """
    accounts = [make_account(name, place) for name in names]
    _extensions(config, formgrader=False)
    _extensions(instructor.home / ".jupyter", formgrader=True)
    shutil.chown(instructor.home / ".jupyter", instructor.name)
    port, hub_port, proxy_port = _free_ports(3)
    token = secrets.token_hex(16)
    folder = place / "jupyterhub"
    folder.mkdir(mode=0o700)
    text = CONFIG.format(
        port=port,
        hub_port=hub_port,
        proxy_port=proxy_port,
        proxy=str(proxy()),
        names=[account.name for account in (instructor, *accounts)],
        token=token,
        python=sys.executable,
        homes=place,
        config=config,
    )
    (folder / "jupyterhub_config.py").write_text(text)
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LANG": "C.UTF-8"}
    command = in_the_open(sys.executable, "-m", "jupyterhub")
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        hub = Hub(process, port, token, folder / "log.txt")
        yield hub.start_servers([instructor, *accounts])
    finally:
        end(process)  # and with it the servers and the proxy
        for account in accounts:
            remove_account(account)


def _extensions(folder: Path, formgrader: bool) -> None:
    folder.mkdir(exist_ok=True)
    extensions = {**dict.fromkeys(WITHOUT, False), FORMGRADER: formgrader}
    (folder / "jupyter_server_config.py").write_text(f"c.ServerApp.jpserver_extensions = {extensions}\n")


@dataclass(frozen=True)
class Hub:
    """A hub that has been started; `token` is that of a service which may start servers."""

    process: subprocess.Popen[bytes]
    port: int
    token: str
    log: Path

    def start_servers(self, accounts: list[Account]) -> list[User]:
        self._wait(lambda: bool(self._ask("GET", "")), "the hub")
        with ThreadPoolExecutor() as pool:  # a request for a server lasts until it runs
            return list(pool.map(self._user, accounts))

    def _user(self, account: Account) -> User:
        self._ask("POST", f"/users/{account.name}/server")
        self._wait(lambda: self._ask("GET", f"/users/{account.name}")["servers"][""]["ready"], f"{account.name}'s server")
        token = self._ask("POST", f"/users/{account.name}/tokens", {"expires_in": 3600})["token"]
        return User(self, account.name, account.home, token)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The hub's own REST interface, with the rights of an administrator's service."""
        reply = ask(method, f"http://127.0.0.1:{self.port}/hub/api{path}", self.token, body)
        return json.loads(reply) if reply else None

    def _wait(self, ready: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            given_up = self.process.poll() is not None or time.monotonic() > deadline
            assert not given_up, f"{what} did not start\n{self.log.read_text()}"
            try:
                if ready():
                    return
            except (OSError, KeyError):
                pass
            time.sleep(0.1)


@dataclass(frozen=True)
class User:
    """A user of the hub with a token of their own."""

    hub: Hub
    name: str
    home: Path
    token: str

    def assignments(self, action: str, unit: str, server_of: User | None = None) -> list[dict[str, Any]]:
        """Do what a button of the assignment list does: fetch, submit or fetch_feedback. Returns the list after it."""
        address = f"http://127.0.0.1:{self.hub.port}/user/{(server_of or self).name}/assignments/{action}"
        reply = json.loads(ask("POST", address, self.token, {"course_id": "convcourse", "assignment_id": unit}))
        assert reply["success"], reply["value"]
        return list(reply["value"])

    def opened(self, path: str) -> str:
        """What the user's own server shows at an address."""
        return ask("GET", f"http://127.0.0.1:{self.hub.port}/user/{self.name}/{path}", self.token)


def ask(method: str, address: str, token: str, body: dict[str, Any] | None = None) -> str:
    """Raises PermissionError where the token has no right to it, and OSError for other trouble."""
    headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as reply:
            return str(reply.read().decode())
    except urllib.error.HTTPError as error:
        if error.code == 403:
            raise PermissionError(address) from error
        raise OSError(f"{error.code} {error.read().decode()[:500]}") from error


def _free_ports(number: int) -> list[int]:
    probes = [socket.socket() for _ in range(number)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports
