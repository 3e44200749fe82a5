"""Wheels of a few hundred bytes, an index of them in a folder, and locks: packing without a registry."""

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path


def make(folder: Path, name: str, version: str, tag: str = "py3-none-any", body: str = "") -> Path:
    """A wheel with one module of its own name."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}/__init__.py": body,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tiny\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    wheel = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return wheel


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def index(folder: Path, *wheels: Path) -> str:
    """The address of a package index made of these wheels."""
    by_name: dict[str, list[Path]] = {}
    for wheel in wheels:
        by_name.setdefault(wheel.name.split("-")[0].replace("_", "-"), []).append(wheel)
    for name, files in by_name.items():
        page = folder / name / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        links = (f'<a href="{file.as_uri()}">{file.name}</a>' for file in files)
        page.write_text(f"<!doctype html><html><body>{''.join(links)}</body></html>")
    return folder.as_uri()


def lock(file: Path, pins: Mapping[str, tuple[Path, ...]]) -> Path:
    """A lock that allows these wheels for each `name==version`."""
    lines = [
        " \\\n".join([pin, *(f"    --hash=sha256:{sha256(wheel)}" for wheel in wheels)]) for pin, wheels in pins.items()
    ]
    file.write_text("# a comment\n" + "\n".join(lines) + "\n")
    return file
