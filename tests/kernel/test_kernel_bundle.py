"""The code bundle: copied under its listed names, whatever the upload did to them; damaged code refused."""

import hashlib

import pytest
from fake_session import COMMIT, write_sums

from kernel import bundle, sums
from kernel.bundle import BundleError


def install(session):
    return bundle.install(session.input, session.temp, session.temp / "code")


@pytest.mark.parametrize("packed", [False, True])
def test_what_is_copied_is_what_was_packed(session, packed):
    folder = session.code(packed=packed)
    code = install(session)
    assert (code.commit, code.dirty, code.complaints) == (COMMIT, False, [])
    listed = {name.removeprefix("code/"): value for name, value in sums.read(folder / "SHA256SUMS").items()}
    copied = {path.relative_to(code.folder).as_posix(): sums.sum_of(path) for path in code.folder.rglob("*.py")}
    assert copied == {name: value for name, value in listed.items() if name.endswith(".py")}


def test_renamed_and_dropped_files_come_back(session):
    folder = session.code() / "code"
    (folder / "arc_submit" / "__init__.py").unlink()  # without content
    (folder / "arc_submit" / "cli.py").rename(folder / "cli-1.py")
    code = install(session)
    assert (code.folder / "arc_submit" / "__init__.py").read_bytes() == b""
    assert "probe" in (code.folder / "arc_submit" / "cli.py").read_text()
    assert not (code.folder / "cli-1.py").exists()
    assert code.complaints == [] and "code/arc_submit/cli.py" in code.notes[1]


def test_files_that_were_not_packed_are_not_copied(session):
    folder = session.code() / "code"
    (folder / "arc_submit" / "planted.py").write_text("1 / 0\n")
    assert not (install(session).folder / "arc_submit" / "planted.py").exists()


def test_missing_code_is_refused_and_a_missing_paper_only_said(session):
    folder = session.code()
    (folder / "code" / "README.md").write_text("read me")
    write_sums(folder)
    (folder / "code" / "README.md").unlink()
    assert install(session).complaints == ["code bundle: 1 files are missing: code/README.md"]
    (folder / "code" / "arc_submit" / "cli.py").unlink()
    with pytest.raises(BundleError, match=r"2 files are missing: .*code/arc_submit/cli.py"):
        install(session)


def test_a_bundle_without_the_solver_is_refused(session):
    folder = session.code()
    (folder / "code" / "arc_submit" / "__main__.py").unlink()
    write_sums(folder)
    with pytest.raises(BundleError, match=r"lists no code/arc_submit/__main__\.py"):
        install(session)


def test_names_are_believed_only_where_that_was_asked(tmp_path):
    (tmp_path / "a").write_text("changed")
    listed = {"a": hashlib.sha256(b"packed").hexdigest()}
    assert sums.match(listed, [tmp_path]).wrong == ["a"]
    assert sums.match(listed, [tmp_path], believe_names=True).found == {"a": tmp_path / "a"}
