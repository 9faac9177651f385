"""Code of the net library in lessons: written once, brought in by the build."""

import pytest

from convcourse.authoring.notebooks import library
from convcourse.authoring.notebooks.library import expanded

MODULE = '''"""A net."""

TABLE = {
    "A": (1, 2),
}


def block(x, filters):
    """One line.

    More.
    """
    y = x + filters
    return y


def short(x):
    return x
'''


@pytest.fixture(autouse=True)
def nets(tmp_path, monkeypatch):
    (tmp_path / "net.py").write_text(MODULE)
    monkeypatch.setattr(library, "NETS", tmp_path)


def test_a_body_stands_where_its_line_stood():
    script = 'def block(x, filters):\n    """Mine."""\n    ### BEGIN SOLUTION\n    ### BODY net.block\n    ### END SOLUTION\n'
    assert expanded(script) == script.replace("    ### BODY net.block", "    y = x + filters\n    return y")
    assert expanded("    ### BODY net.short") == "    return x"


def test_a_definition_is_shown_whole():
    assert expanded("### SHOW net.TABLE\nprint(1)") == 'TABLE = {\n    "A": (1, 2),\n}\nprint(1)'
    assert expanded("### SHOW net.short") == "def short(x):\n    return x"


@pytest.mark.parametrize("line", ["### SHOW net.nothing", "### BODY nowhere.block"])
def test_a_name_that_is_not_there_is_an_error(line):
    with pytest.raises(ValueError, match="has no"):
        expanded(line)
