"""The code on the pages of docs/ gives what the pages say."""

import doctest
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parent
PAGES = [
    *sorted(DOCS.glob("*.md")),
    *sorted((DOCS / "guide").glob("*.md")),
    DOCS.parent / "README.md",
]
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def code_of(page):
    """What is between the fences, each line where it is on the page."""
    text, lines = page.read_text(), []
    for block in CODE.finditer(text):
        lines += [""] * (text.count("\n", 0, block.start(1)) - len(lines))
        lines += block[1].splitlines()
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_code_of_a_page(page):
    code = code_of(page)
    if ">>> " not in code:
        exec(compile(code, page, "exec"), {})
        return
    examples = doctest.DocTestParser().get_doctest(code, {}, page.stem, str(page), 0)
    failures = []
    doctest.DocTestRunner().run(examples, out=failures.append)
    assert not failures, "".join(failures)
