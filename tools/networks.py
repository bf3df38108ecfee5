"""Make one CSV of networks from two npm packages: who holds them, and in which country.

The packages cut the addresses each in its own way, so their ranges stand below each other, with
the columns that each knows. Their versions stand in the first lines.
"""

import csv
import io
import json
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_LICENCES = {"asn": "RouteViews; DB-IP, CC BY 4.0", "geo-whois-asn-country": "CC0"}


def read(archive: Path) -> tuple[str, str, list[list[str]]]:
    """Name and version of a package, and the rows of its files, IPv4 first."""
    with tarfile.open(archive) as package:
        about = json.load(_text(package, "package.json"))
        name = str(about["name"]).partition("/")[2]
        rows = [
            row
            for family in ("ipv4", "ipv6")
            for row in csv.reader(_text(package, f"{name}-{family}.csv"))
        ]
    return name, str(about["version"]), rows


def _text(package: tarfile.TarFile, name: str) -> Any:
    file = package.extractfile(f"package/{name}")
    if file is None:
        raise SystemExit(f"there is no {name} in {package.name}")
    return io.TextIOWrapper(file, "utf-8", newline="")


def whole(rows: list[list[str]]) -> Iterator[list[str]]:
    """Rows of start, end, country, asn and name, from what one package has."""
    for start, end, *rest in rows:
        yield [start, end, *rest, "", ""] if len(rest) == 1 else [start, end, "", *rest]


def main(archives: list[Path], target: Path) -> None:
    """Write `target` from the packages."""
    packages = sorted(map(read, archives), key=lambda package: package[0])
    fresh = target.with_suffix(".new")
    with fresh.open("w", encoding="utf-8", newline="") as file:
        for name, version, _ in packages:
            file.write(f"# ip-location-db {name} {version} ({_LICENCES[name]})\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("start", "end", "country", "asn", "name"))
        for _, _, rows in packages:
            writer.writerows(whole(rows))
    fresh.replace(target)


if __name__ == "__main__":
    *sources, result = map(Path, sys.argv[1:])
    main(sources, result)
