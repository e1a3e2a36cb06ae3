"""What the pages (*.md) link to, and the files that they name, are there.

A link is followed to its file and to its heading. A name in backticks or parentheses that looks like a
source, a script or a configuration must be the end of a path in the sources: "state/capture.h".
"""

import os
import re
import sys
import tempfile
import unittest

SOURCES = os.path.abspath(sys.argv.pop(1))
OTHERS = {"build", "runs", ".git", ".cache"}
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
NAME = re.compile(r"(?<![\w/.{*-])((?:[\w.-]+/)*[\w-]+\.(?:h|cpp|py|yaml|sbatch|md)(?!\w)"
                  r"|\.?/?(?:scripts|cmake|configs|tests)/[\w./-]*\w)")
IN_TEXT = re.compile(r"`([^`\n]+)`|\(([^()\n]+)\)")


def without_blocks(text):
    """The page without its blocks of code: fenced, or indented by four spaces after an empty line."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"(?:(?<=\n\n)|\A)(?:    [^\n]*\n|\n(?=    ))+", "\n", text)


def anchors(text):
    """Of all headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", without_blocks(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", re.sub(r"`", "", heading).lower()).replace(" ", "-") for heading in headings}


def files_of(root):
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in OTHERS]
        found += [os.path.relpath(os.path.join(folder, name), root) for name in folders + names]
    return found


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def broken_links(page, text):
    for target in LINK.findall(without_blocks(text)):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        path = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
        if not os.path.exists(path):
            yield f"links to {target}, which is not there"
        elif anchor and anchor not in anchors(read(path)):
            yield f"links to {target}, and there is no such heading"


def missing_names(text, files):
    ends = {"/" + path for path in files}
    tails = {end[at:] for end in ends for at in range(len(end)) if end[at] == "/"}
    text = LINK.sub("", without_blocks(text))
    for part in IN_TEXT.finditer(text):
        for name in NAME.findall(part[1] or part[2]):
            # Included as <holdfast/…>, whatever its folder.
            if "/" + name.lstrip("./").removeprefix("holdfast/") not in tails:
                yield f"names {name}, which is not there"


class Pages(unittest.TestCase):
    def test_link_to_and_name_what_is_there(self):
        files = files_of(SOURCES)
        pages = [path for path in files if path.endswith(".md")]
        self.assertIn("README.md", pages)
        faults = []
        for page in sorted(pages):
            text = read(os.path.join(SOURCES, page))
            faults += [f"{page} {fault}" for fault in broken_links(os.path.join(SOURCES, page), text)]
            faults += [f"{page} {fault}" for fault in missing_names(text, files)]
        self.assertEqual(faults, [])

    def test_are_all_linked_from_the_readme(self):
        text = read(os.path.join(SOURCES, "README.md"))
        for name in os.listdir(os.path.join(SOURCES, "docs")):
            if name.endswith(".md"):
                self.assertIn(f"(docs/{name})", text)

    def test_the_readme_says_the_first_things_first(self):
        lines = read(os.path.join(SOURCES, "README.md")).splitlines()
        self.assertLessEqual(len(lines), 130)
        first_screen = "\n".join(lines[:40])
        for thing in ("./scripts/demo", "./scripts/test", "cmake --install", "```cpp"):
            self.assertIn(thing, first_screen)


class Faults(unittest.TestCase):
    """The test itself, on pages that lie."""

    def test_links(self):
        with tempfile.TemporaryDirectory() as folder:
            page = os.path.join(folder, "a.md")
            text = "# `gc`, the first\n[x](a.md#gc-the-first) [y](#second) [z](b.md) [w](https://example.org/)\n"
            with open(page, "w", encoding="utf-8") as file:
                file.write(text)
            self.assertEqual(list(broken_links(page, text)),
                             ["links to #second, and there is no such heading", "links to b.md, which is not there"])

    def test_names(self):
        files = ["checkpoint/save/plan.h", "scripts/demo"]
        text = "`save/plan.h` (save/plan.h) `plan.h` `./scripts/demo` `scripts/no` `load/plan.h` (see io/file.h)\n"
        self.assertEqual(list(missing_names(text, files)),
                         ["names scripts/no, which is not there", "names load/plan.h, which is not there",
                          "names io/file.h, which is not there"])

    def test_blocks_of_code_are_left_alone(self):
        text = "`a`\n```cpp\n[x](b.md) `c.h`\n```\n\n    [y](d.md) `e.h`\n\nend\n"
        self.assertEqual(list(broken_links("a.md", text)) + list(missing_names(text, [])), [])


if __name__ == "__main__":
    unittest.main()
