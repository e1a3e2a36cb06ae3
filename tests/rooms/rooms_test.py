"""The map of the rooms in docs/design.md is what the sources say.

A row of its table is a folder of sources. The last column names the rooms that this one includes: all of
them, no other, and only rooms that stand further down. The list of namespaces says where a room's names are.
"""

import os
import re
import sys
import unittest

SOURCES = os.path.abspath(sys.argv.pop(1))
TOP = ("checkpoint", "text", "trainer", "tools", "examples")
TOOL = "tools/holdfast"
NAMESPACE = re.compile(r"^- `(holdfast::\w+)`: `([a-z/]+)`", re.MULTILINE)
BLOCK = re.compile(r"^namespace (holdfast[\w:]*) \{\n(.*?)^\}  // namespace \1$", re.MULTILINE | re.DOTALL)
BARE = re.compile(r"//.*$|^(class|struct|enum class) \w+;.*$", re.MULTILINE)  # comments, forward declarations
ROW = re.compile(r"^\| `([a-z0-9_/]+)` \| [^|]+ \|([^|]*)\|$")


def rows_of(text):
    """[(room, the rooms that it includes)], in the order of the table."""
    found = (ROW.match(line) for line in text.splitlines())
    return [(row[1], re.findall(r"`([^`]+)`", row[2])) for row in found if row]


def folders(root):
    """{folder: its sources}, of all folders that have any."""
    found = {}
    for top in TOP:
        for folder, _, files in os.walk(os.path.join(root, top)):
            sources = [os.path.join(folder, name) for name in files if name.endswith((".h", ".cpp"))]
            if sources:
                found[os.path.relpath(folder, root)] = sources
    return found


def room_of(header, folder):
    """The room of what an include names: <holdfast/…>, or in the tool "log/history.h"."""
    if header == "<holdfast/holdfast.h>":
        return "checkpoint"
    if header.startswith("<holdfast/"):
        return os.path.dirname(header[len("<holdfast/"):-1])
    room = os.path.dirname(header.strip('"'))
    return os.path.join(TOOL, room) if room and folder.startswith(TOOL) else folder


def included_rooms(folder, sources):
    """{room: the first include of it}, of other rooms."""
    rooms = {}
    for source in sorted(sources):
        with open(source, encoding="utf-8") as file:
            for header in re.findall(r'^#include (<holdfast/[^>]+>|"[^"]+")', file.read(), re.MULTILINE):
                room = room_of(header, folder)
                if room != folder:
                    rooms.setdefault(room, f"{os.path.relpath(source, SOURCES)} includes {header}")
    return rooms


def faults(rows, found):
    """What the table says that the sources do not, and the other way round. found: {room: {room: why}}."""
    listed = [room for room, _ in rows]
    for room in sorted(set(found) - set(listed)):
        yield f"{room} is not in the table"
    for place, (room, allowed) in enumerate(rows):
        if room not in found:
            yield f"{room} is in the table and has no sources"
            continue
        for other in sorted(set(allowed) - set(found[room])):
            yield f"{room} includes nothing of {other}, as the table says"
        for other, why in sorted(found[room].items()):
            if other not in allowed:
                yield f"{room} must not include {other}, but {why}"
            elif other not in listed[place + 1:]:
                yield f"{other} does not stand below {room} in the table"


def namespace_of(folder, namespaces):
    """The namespace of a folder's names. namespaces: {namespace: folder, with those below it}."""
    for namespace, top in namespaces.items():
        if (folder + "/").startswith(top + "/"):
            return namespace
    return "holdfast"


def strangers(folder, text, namespaces):
    """The namespaces of a header that defines something in another one than its room's."""
    own = namespace_of(folder, namespaces)
    for name, body in BLOCK.findall(text):
        is_own = name == own or name.startswith(own + "::") and name not in namespaces
        if not is_own and BARE.sub("", body).strip():
            yield name


class Rooms(unittest.TestCase):
    def test_a_room_has_its_names_in_its_namespace(self):
        with open(os.path.join(SOURCES, "docs", "design.md"), encoding="utf-8") as file:
            namespaces = dict(NAMESPACE.findall(file.read()))
        self.assertIn("holdfast::format", namespaces)
        for folder, sources in folders(SOURCES).items():
            for source in (name for name in sources if name.endswith(".h")):
                with open(source, encoding="utf-8") as file:
                    text = file.read()
                with self.subTest(os.path.relpath(source, SOURCES)):
                    self.assertEqual(list(strangers(folder, text, namespaces)), [])

    def test_the_map_is_what_the_sources_include(self):
        with open(os.path.join(SOURCES, "docs", "design.md"), encoding="utf-8") as file:
            rows = rows_of(file.read())
        found = {room: included_rooms(room, sources) for room, sources in folders(SOURCES).items()}
        self.assertEqual(list(faults(rows, found)), [])


class Faults(unittest.TestCase):
    """The test itself, on tables that lie."""

    ROWS = [("a", ["b"]), ("b", [])]

    def test_a_true_table_has_none(self):
        self.assertEqual(list(faults(self.ROWS, {"a": {"b": ""}, "b": {}})), [])

    def test_an_include_that_is_not_listed(self):
        found = {"a": {"b": ""}, "b": {"a": "b/x.h includes a/y.h"}}
        self.assertEqual(list(faults(self.ROWS, found)), ["b must not include a, but b/x.h includes a/y.h"])

    def test_an_include_that_is_listed_and_not_there(self):
        self.assertEqual(list(faults(self.ROWS, {"a": {}, "b": {}})),
                         ["a includes nothing of b, as the table says"])

    def test_an_arrow_that_runs_up(self):
        rows = [("b", []), ("a", ["b"])]
        self.assertEqual(list(faults(rows, {"a": {"b": ""}, "b": {}})),
                         ["b does not stand below a in the table"])

    def test_a_room_that_is_not_listed_or_not_there(self):
        self.assertEqual(list(faults(self.ROWS, {"a": {"b": ""}, "c": {}})),
                         ["c is not in the table", "b is in the table and has no sources"])

    def test_a_row_is_read(self):
        self.assertEqual(rows_of("| `a/b` | holds things | `c`, `d/e` |\n|---|---|---|\n| `c` | more |  |"),
                         [("a/b", ["c", "d/e"]), ("c", [])])


class Strangers(unittest.TestCase):
    NAMESPACES = {"holdfast::a": "checkpoint/a"}

    def found(self, folder, text):
        return list(strangers(folder, text, self.NAMESPACES))

    def test_a_name_of_the_room(self):
        text = "namespace holdfast::a {\nint x();\n}  // namespace holdfast::a\n"
        self.assertEqual(self.found("checkpoint/a/inner", text), [])
        self.assertEqual(self.found("checkpoint/b", text), ["holdfast::a"])

    def test_a_name_of_another(self):
        text = "namespace holdfast {\nint x();\n}  // namespace holdfast\n"
        self.assertEqual(self.found("checkpoint/a", text), ["holdfast"])
        self.assertEqual(self.found("checkpoint/ab", text), [])

    def test_a_name_that_is_only_declared(self):
        text = "namespace holdfast {\nclass X;  // x.h\n}  // namespace holdfast\n"
        self.assertEqual(self.found("checkpoint/a", text), [])


if __name__ == "__main__":
    unittest.main()
