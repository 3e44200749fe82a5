"""The report: a run's folder as one static HTML page that opens from disk, with no network and no build step.

`gather` reads the folder, `build` and `learning` decide what is shown (plain dataclasses, no HTML), `words` and `chart`
turn numbers into words and lines, `page.html` with `style.html` and `script.html` is the look. Covered: runs in
progress, killed runs, tasks without events, data without solutions. Left out: live updates, comparing two runs, editing
anything.

Programs are hostile text: the template escapes everything, invisible characters are spelled out, and the page's own
policy lets no script run but ours.
"""

import base64
import hashlib
import os
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from arc_submit.errors import OutputError
from arc_submit.report import learning
from arc_submit.report.build import Page, build
from arc_submit.report.gather import gather

__all__ = ["render", "write"]


def write(out: Path, target: Path) -> int:
    """Write the page about the run in folder `out` to `target`, atomically, and return its size in bytes.

    Raises:
        UserError: no run there, its data is gone or has changed, a broken trace, or a target that cannot be written.
    """
    content = render(build(gather(out))).encode("utf-8", "replace")
    draft = target.with_name(f".{target.name}.new")
    try:
        draft.write_bytes(content)
        os.replace(draft, target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise OutputError(f"{target}: cannot write the report ({error.strerror})") from None
    return len(content)


def render(page: Page) -> str:
    """Return the page as HTML."""
    environment = Environment(
        loader=PackageLoader("arc_submit.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = environment.get_template("script.html").render()
    return environment.get_template("page.html").render(
        page=page, script_hash=_hash(script), learning_keys=learning.KEYS, learning_headings=learning.HEADINGS
    )


def _hash(script: str) -> str:
    """The name by which the page's policy lets the script run: the hash of what stands between its tags."""
    inner = script.removeprefix("<script>").rstrip("\n").removesuffix("</script>")
    return "sha256-" + base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
