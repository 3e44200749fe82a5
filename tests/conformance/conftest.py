"""The house of this run."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from tempfile import gettempdir

import pytest
from hostile_house import SECRET, TOKEN, VICTIM, House


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    os.environ["ARC_TEST_TOKEN"] = TOKEN
    base = tmp_path_factory.mktemp("house")
    for path in (base, *base.parents):  # the other user must be able to come this far
        if path.stat().st_uid == os.geteuid() and path.is_relative_to(gettempdir()) and path != Path(gettempdir()):
            path.chmod(path.stat().st_mode | 0o711)
    folder = base / "open"
    folder.mkdir()
    folder.chmod(0o777)
    for name in ("victim", "victim.py"):
        (folder / name).write_text(VICTIM)
        (folder / name).chmod(0o666)
    secret = base / "secret.txt"
    secret.write_text(SECRET)
    secret.chmod(0o644)
    tcp = socket.create_server(("127.0.0.1", 0))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(tcp.getsockname())
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(str(base / "socket"))
    (base / "socket").chmod(0o777)
    unix.listen()
    for each in (tcp, udp, unix):
        each.setblocking(False)
    house = House(folder, secret, tcp, udp, unix)
    house.before = house.look()
    yield house
    for each in (tcp, udp, unix):
        each.close()
    del os.environ["ARC_TEST_TOKEN"]
