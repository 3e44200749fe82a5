"""The code bundle, from small git checkouts made here."""

import json
import subprocess
from pathlib import Path

import pytest

from arc_submit.errors import UserError
from arc_submit.kaggle import bundle, sums

FILES = {
    "pyproject.toml": '[project]\nname = "arc-submit"\nversion = "9.9"\nrequires-python = ">=3.11"\n',
    "arc_submit/__main__.py": "print(1)\n",
    "kernel/main.py": "print(2)\n",
    "weights/small/config.json": "{}\n",
    "weights/large/config.json": "{}\n",
    "requirements/locks/core.txt": "a==1\n",
    "tests/test_a.py": "1\n",
    "LICENSE": "MIT-0\n",
    ".gitignore": "*.secret\n",
}


def git(root: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", "-C", str(root), *who, *words], check=True, capture_output=True, text=True).stdout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "one")
    return root


def packed(folder: Path) -> set[str]:
    code = folder / "code"
    return {file.relative_to(code).as_posix() for file in code.rglob("*") if file.is_file()}


def test_a_bundle_holds_what_runs_and_says_its_commit(root: Path, tmp_path: Path) -> None:
    stamp = bundle.build(bundle.find_checkout(root), tmp_path / "code")
    assert packed(tmp_path / "code") == {
        "LICENSE",
        "arc_submit/__main__.py",
        "kernel/main.py",
        "pyproject.toml",
        "requirements/locks/core.txt",
        "weights/small/config.json",
    }
    assert stamp == json.loads((tmp_path / "code" / "BUNDLE.json").read_text())
    assert stamp.pop("created")
    assert stamp == {
        "kit": "arc-submit",
        "kind": "code",
        "version": "9.9",
        "commit": git(root, "rev-parse", "HEAD").strip(),
        "dirty": False,
        "python": ">=3.11",
    }
    listed = sums.read(tmp_path / "code")
    assert listed["code/kernel/main.py"] == sums.sha256(root / "kernel" / "main.py")
    assert set(listed) == {"BUNDLE.json", *(f"code/{name}" for name in packed(tmp_path / "code"))}


def test_the_small_model_stays_out_when_another_is_packed(root: Path, tmp_path: Path) -> None:
    bundle.build(bundle.find_checkout(root), tmp_path / "code", small=False)
    assert not [name for name in packed(tmp_path / "code") if name.startswith("weights")]


def test_the_same_commit_packs_to_the_same_bytes(root: Path, tmp_path: Path) -> None:
    def contents() -> dict[Path, bytes]:
        return {file: file.read_bytes() for file in (tmp_path / "code").rglob("*") if file.is_file()}

    stamp = bundle.build(bundle.find_checkout(root), tmp_path / "code")
    (tmp_path / "code" / "BUNDLE.json").write_text(json.dumps({**stamp, "created": "long ago"}, indent=2) + "\n")
    first = contents()
    assert bundle.build(bundle.find_checkout(root), tmp_path / "code")["created"] == "long ago"
    assert {file for file in contents() if contents()[file] != first[file]} == {tmp_path / "code" / "SHA256SUMS"}
    (root / "kernel" / "main.py").write_text("print(3)\n")
    assert bundle.build(bundle.find_checkout(root), tmp_path / "code")["created"] != "long ago"


@pytest.mark.parametrize(
    ("name", "text"), [("kernel/main.py", "print(3)\n"), ("arc_submit/new.py", "4\n"), ("LICENSE", None)]
)
def test_what_is_not_as_committed_is_packed_as_it_is_and_stamped(
    root: Path, tmp_path: Path, name: str, text: str | None
) -> None:
    file = root / name
    file.unlink() if text is None else file.write_text(text)
    checkout = bundle.find_checkout(root)
    assert checkout.changed == (name,)
    assert bundle.build(checkout, tmp_path / "code")["dirty"] is True
    assert (name in packed(tmp_path / "code")) is (text is not None)
    assert text is None or (tmp_path / "code" / "code" / name).read_text() == text


def test_ignored_files_and_changes_elsewhere_do_not_count(root: Path, tmp_path: Path) -> None:
    (root / "arc_submit" / "token.secret").write_text("x")
    (root / "tests" / "test_a.py").write_text("2\n")
    checkout = bundle.find_checkout(root)
    assert checkout.changed == ()
    bundle.build(checkout, tmp_path / "code")
    assert "arc_submit/token.secret" not in packed(tmp_path / "code")


def test_a_file_of_an_earlier_pack_does_not_stay(root: Path, tmp_path: Path) -> None:
    bundle.build(bundle.find_checkout(root), tmp_path / "code")
    (tmp_path / "code" / "code" / "arc_submit" / "gone.py").write_text("1")
    bundle.build(bundle.find_checkout(root), tmp_path / "code")
    assert "arc_submit/gone.py" not in packed(tmp_path / "code")


def test_a_kit_without_its_kernel_is_refused(root: Path, tmp_path: Path) -> None:
    (root / "kernel" / "main.py").unlink()
    with pytest.raises(UserError, match=r"kernel/main\.py: missing, and the run on Kaggle needs it"):
        bundle.build(bundle.find_checkout(root), tmp_path / "code")


def test_only_a_checkout_of_the_kit_with_a_commit_is_taken(root: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"expected a git checkout of arc-submit .*name it with --root"):
        bundle.find_checkout(tmp_path)
    with pytest.raises(UserError, match="no such folder"):
        bundle.find_checkout(tmp_path / "none")
    (root / "pyproject.toml").write_text('[project]\nname = "other"\n')
    with pytest.raises(UserError, match="a git checkout, but not of arc-submit"):
        bundle.find_checkout(root)
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    git(fresh, "init", "-q")
    (fresh / "pyproject.toml").write_text(FILES["pyproject.toml"])
    with pytest.raises(UserError, match="expected a checkout with a commit"):
        bundle.find_checkout(fresh)


@pytest.mark.parametrize(
    "name", [".env", ".env.local", "kaggle.json", "access_token", "a.pem", "id_rsa", "Credentials.JSON"]
)
@pytest.mark.parametrize("known", [True, False], ids=["committed", "new"])
def test_what_looks_like_a_secret_is_refused_by_name(root: Path, tmp_path: Path, name: str, known: bool) -> None:
    (root / "arc_submit" / name).write_text("x")
    if known:
        git(root, "add", "-f", ".")
        git(root, "commit", "-q", "-m", "oops")
    with pytest.raises(UserError, match=rf"arc_submit/{name}: looks like a secret"):
        bundle.build(bundle.find_checkout(root), tmp_path / "code")
    assert not (tmp_path / "code" / "code").exists()


def test_a_link_out_of_the_checkout_is_refused_and_one_within_is_not(root: Path, tmp_path: Path) -> None:
    (root / "arc_submit" / "inner.py").symlink_to("__main__.py")
    bundle.build(bundle.find_checkout(root), tmp_path / "code")
    (tmp_path / "private.txt").write_text("x")
    (root / "arc_submit" / "outer.py").symlink_to(tmp_path / "private.txt")
    with pytest.raises(UserError, match=r"arc_submit/outer\.py: a link out of the checkout"):
        bundle.build(bundle.find_checkout(root), tmp_path / "code")


def test_untracked_files_are_told_apart(root: Path) -> None:
    (root / "kernel" / "main.py").write_text("print(3)\n")
    for number in range(7):
        (root / "arc_submit" / f"new{number}.py").write_text("4\n")
    checkout = bundle.find_checkout(root)
    assert len(checkout.changed) == 8
    assert checkout.untracked == tuple(f"arc_submit/new{number}.py" for number in range(7))


def test_git_ignores_what_is_never_packed() -> None:
    ignored = (bundle.find_checkout().root / ".gitignore").read_text().splitlines()
    assert set(bundle.SECRETS) <= set(ignored)


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "code/../../x"])
def test_a_list_of_sums_that_leads_out_of_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  {name}\n")
    with pytest.raises(UserError, match=r"line 1: .*not a path inside the folder"):
        sums.read(tmp_path)


def test_git_that_is_missing_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UserError, match="git is missing"):
        bundle.find_checkout(root)


def test_the_package_that_runs_this_is_in_a_checkout_itself() -> None:
    assert (bundle.find_checkout().root / "arc_submit" / "kaggle" / "bundle.py").is_file()
