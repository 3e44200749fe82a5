"""A house full of victims that hostile programs may try to reach."""

import os
import socket
from dataclasses import dataclass, field
from pathlib import Path

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
