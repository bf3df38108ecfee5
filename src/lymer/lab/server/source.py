"""Source text of the application: invented, in one of several languages, with its authors' handles.

It is never run and does nothing: it reads like the panel of a mailing application, names the
tables, folders and macros the rest of the folder uses, and sends no mail.
"""

from collections.abc import Sequence

from lymer.lab.draws import Draw
from lymer.lab.names import Names
from lymer.lab.server.wording import Wording
from lymer.lab.texts.macros import Macros
from lymer.lab.texts.template import SLOT_KINDS, Slot

# Comment mark, function form, assignment, end, file ending (none of them a top-level domain).
_LANGUAGES = {
    "php": ("//", "function {n}($job, $db) {{", "    ${v} = {e};", "}}", "php"),
    "perl": ("#", "sub {n} {{ my ($job, $db) = @_;", "    my ${v} = {e};", "}}", "cgi"),
    "csharp": ("//", "public static void {n}(Job job, Db db) {{", "    var {v} = {e};", "}}", "cs"),
    "java": ("//", "static void {n}(Job job, Db db) {{", "    Object {v} = {e};", "}}", "java"),
    "ruby": ("#", "def {n}(job, db)", "  {v} = {e}", "end", "rb"),
}
_UNSEEN_LANGUAGES = {
    "lua": ("--", "function {n}(job, db)", "  local {v} = {e}", "end", "lua"),
    "tcl": ("#", "proc {n} {{job db}} {{", "  set {v} {{{e}}}", "}}", "tcl"),
    "pascal": ("//", "procedure {n}(job: TJob; db: TDb); begin", "  {v} := {e};", "end;", "pas"),
}


def draw_language(draw: Draw) -> tuple[str, str, str, str, str]:
    """Comment mark, function head, statement, end and file ending."""
    return draw.style(list(_LANGUAGES.values()), list(_UNSEEN_LANGUAGES.values()))


def source_files(
    draw: Draw,
    names: Names,
    words: Wording,
    macros: Macros,
    handles: Sequence[str],
    application: str,
) -> dict[str, str]:
    """File name to text."""
    mark, head, line, end, ending = draw_language(draw)
    verbs = ("load", "next", "split", "expand", "report", "check", "charge", "rotate")
    files: dict[str, str] = {}
    version = f"{draw.whole(1, 4)}.{draw.whole(0, 30)}"
    for name in draw.some(
        ("index", "jobs", "macro", "nodes", "billing", "stat", "queue", "conf"), 5
    ):
        author = draw.pick(handles)
        text = [
            f"{mark} {application} {version} - {name}",
            f"{mark} {draw.pick(('by', '(c)', 'author:', 'coded by', '@'))} {author}",
            "",
        ]
        for _ in range(draw.whole(2, 5)):
            if draw.chance(0.4):
                todo = draw.pick(("todo ask", "fix for", "idea of", "as told by", "XXX"))
                text.append(f"{mark} {todo} {draw.pick(handles)}: {names.word()} {names.word()}")
            text.append(head.format(n=f"{draw.pick(verbs)}_{names.fresh(1, 2)}"))
            for concept in draw.some(("jobs", "lists", "nodes", "accounts"), 2):
                table = words.table(concept)
                text.append(
                    line.format(
                        v=names.fresh(1, 1),
                        e=f'"SELECT * FROM {table} WHERE {words["id"]} = 1"',
                    )
                )
            text += [end.format(), ""]
        if name == "macro":
            text += [f"{mark} macros:"]
            text += [
                f"{mark}   {macros.slot(Slot(kind, 2, 9))}  {kind}"
                for kind in SLOT_KINDS
                if kind != "split"
            ]
        files[f"{name}.{ending}"] = "\n".join(text) + "\n"
    return files
