"""What follows from the campaigns as they stand: templates, botnets, books and people."""

from collections.abc import Callable, Collection

import pyarrow as pa
import pyarrow.compute as pc

from lymer.actors import find_actors
from lymer.actors.joins import join_servers
from lymer.botnets import VOLUMES, NetworkData, find_botnets, place_clients
from lymer.campaigns import TEMPLATES, TemplateRule, infer_templates
from lymer.case.case import Case
from lymer.case.overruling import list_overrules
from lymer.engine import Engine
from lymer.servers import ARTIFACTS
from lymer.store import stage


def follow(
    case: Case,
    engine: Engine,
    begin: Callable[[str], None],
    *,
    changed: Collection[str] | None = None,
    networks: NetworkData | None = None,
) -> None:
    """Draw anew what rests on campaigns; `begin` is told the name of each stage.

    Of `changed`, ids of campaigns that were or are, templates are inferred anew and all others
    stay; without it, those of all campaigns are.
    """
    begin("templates")
    _infer(case, engine, changed)
    begin("botnets")
    _trace_botnets(case, networks)
    if case.store.files(ARTIFACTS):
        begin("joins")
        _join_servers(case)
    begin("actors")
    find_people(case)


def _infer(case: Case, engine: Engine, changed: Collection[str] | None) -> None:
    """The templates of the campaigns, as they are after all decisions."""
    with case.connect() as connection:
        spill = case.folder / ".spill"
        templates = infer_templates(connection, engine, TemplateRule(), spill=spill, only=changed)
    if changed is not None:
        others = case.store.read(TEMPLATES)
        is_changed = pc.is_in(others["campaign_id"], pa.array(sorted(changed), pa.string()))
        templates = pa.concat_tables([others.filter(pc.invert(is_changed)), templates])
    case.store.commit([stage(case.store.folder, TEMPLATES, templates)], replace=(TEMPLATES,))


def _trace_botnets(case: Case, networks: NetworkData | None) -> None:
    """Room 5 over the whole case."""
    with case.connect() as connection:
        found = find_botnets(connection, overrules=list_overrules(case, connection))
        found |= place_clients(connection, networks)
    staged = [stage(case.store.folder, table, rows) for table, rows in found.items()]
    case.store.commit(staged, replace=tuple(found))


def _join_servers(case: Case) -> None:
    """What the books of captured servers say of the campaigns and botnets as they are now."""
    with case.connect() as connection:
        joined = join_servers(connection)
    staged = [stage(case.store.folder, table, rows) for table, rows in joined.items()]
    # Numbers from books stand beside those counted here.
    own = tuple(table for table in joined if table is not VOLUMES)
    case.store.commit(staged, replace=own)


def find_people(case: Case) -> None:
    """Room 6 over the whole case, after all decisions."""
    with case.connect() as connection:
        found = find_actors(connection)
    staged = [stage(case.store.folder, table, rows) for table, rows in found.items()]
    case.store.commit(staged, replace=tuple(found))
