"""A second look at texts that say little by themselves: what are the others in their folder?"""

from collections import defaultdict
from collections.abc import Sequence

from lymer.servers.artifacts import Artifact

# So many of a folder's texts must be of the kind, and no fewer than this.
_SHARE = 0.7
_LEAST = 4
_FAINT = frozenset(("config", "notes", "history", "table"))


def judge_by_folder(artifacts: Sequence[Artifact]) -> None:
    """Let short texts among templates be templates: a mail of three words, or one that is a name
    and a value. Changes the artifacts."""
    folders: dict[str, list[Artifact]] = defaultdict(list)
    for artifact in artifacts:
        if artifact.media.startswith("text"):
            folders[artifact.path.replace("\\", "/").rpartition("/")[0]].append(artifact)
    for members in folders.values():
        alike = sum(one.kind == "template" for one in members)
        if alike < _LEAST or alike < _SHARE * len(members):
            continue
        for one in members:
            if one.kind in _FAINT:
                one.why = (
                    f"by itself {one.kind} ({one.why}), but {alike} of the {len(members)} texts "
                    "in its folder are templates"
                )
                one.kind = "template"
