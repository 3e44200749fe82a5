"""Pages that are made from the code are what the code says."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_page_of_the_dsl_is_up_to_date() -> None:
    made = runpy.run_path(str(ROOT / "scripts" / "make_dsl_docs.py"))
    assert (ROOT / "docs" / "dsl.md").read_text("utf-8") == made["page"](), "run scripts/make_dsl_docs.py"
    assert (ROOT / "docs" / "dsl-extensions.md").read_text("utf-8") == made["extensions_page"](), (
        "run scripts/make_dsl_docs.py"
    )


def test_the_readme_names_only_files_that_exist() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    inside = text.split("## Inside", 1)[1].split("## ", 1)[0]
    named = [line.split()[0] for line in inside.splitlines() if line.startswith("    ")]
    assert named and all((ROOT / name).exists() for name in named)
