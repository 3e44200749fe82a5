"""A house full of victims that hostile programs may try to reach."""

import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import gettempdir

import pytest

TOKEN = "hf_0b3d9c2e77aa41"  # in the environment
SECRET = "answer-key-5f2e91c4"  # in a file
VICTIM = "do not touch\n"


@dataclass
class House:
    """What must be untouched after every attack."""

    folder: Path
    secret: Path
    tcp: socket.socket
    udp: socket.socket
    unix: socket.socket
    before: dict[str, tuple[int, int, bytes]] = field(default_factory=dict)

    def fill(self, source: str) -> str:
        """Give a hostile program the addresses of its victims."""
        places = {
            "@DIR@": str(self.folder),
            "@SECRET_FILE@": str(self.secret),
            "@TCP@": str(self.tcp.getsockname()[1]),
            "@UNIX@": str(self.unix.getsockname()),
            "@HOST@": str(os.getpid()),
        }
        for mark, value in places.items():
            source = source.replace(mark, value)
        return source

    def look(self) -> dict[str, tuple[int, int, bytes]]:
        found = {}
        for path in sorted(self.folder.iterdir()):
            status = path.lstat()
            found[path.name] = status.st_mode, status.st_mtime_ns, path.read_bytes() if path.is_file() else b""
        return found

    def visitors(self) -> int:
        """Connections and datagrams that arrived."""
        count = 0
        for listener in (self.tcp, self.unix, self.udp):
            try:
                if listener is self.udp:
                    listener.recv(100)
                else:
                    listener.accept()[0].close()
                count += 1
            except BlockingIOError:
                pass
        return count


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
