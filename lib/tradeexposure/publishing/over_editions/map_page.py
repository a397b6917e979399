"""The page of the map: where canola grows, looked up by place, and receipts at stake by agricultural region.

Hectares are those of the Census table; every sum of money is a number that the edition published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tradeexposure import data
from tradeexposure.core import units
from tradeexposure.core.text import listing
from tradeexposure.data import geography
from tradeexposure.data.geography import (
    CANADA,
    CANOLA_TABLE,
    CAUTION,
    CENSUS_YEAR,
    LAYER,
    OUTLINES,
    PRAIRIES,
    PROVINCES,
    Shape,
)
from tradeexposure.publishing import manifest
from tradeexposure.publishing.drawings import Table
from tradeexposure.publishing.manifest import PublishedEdition

CENSUS, CROP = "census_crop_farms", "canola"
STAKE, ALLOCATED = "canola.receipts_at_stake_cad", "canola.receipts_at_stake_allocated_cad"
LARGE = 0.20  # of the land: what the headline counts
IN_PROSE = 2  # significant digits
DIGITS = 3  # decimals of shares in the page's data
ANSWER = (
    "Saskatchewan grew {sk} of Canada's {canada} million hectares of canola in {year}, Alberta {ab} and Manitoba {mb}."
)
STAKES = (
    "Canola receipts of {sk} in Saskatchewan, {ab} in Alberta and {mb} in Manitoba depended on seed sold to China in "
    "{year}."
)
CLAIM = "Canola covers a fifth or more of the land in {count} of {all} subdivisions"
ELSEWHERE = (
    "The Peace River of British Columbia, on the map's left edge, has at least {peace} of that province's {bc} "
    "hectares. Not drawn are the rest of it and the provinces east of Manitoba: {east}. Together with British Columbia "
    "they grew {share} of Canada's canola."
)
OF_A_PROVINCE = "{place} {area} hectares"
#: What the script writes of a place.
MESSAGES = {
    "told": "{name}, {province}: {area}; quality {grade}",
    "region": "{province}, agricultural region {region}",
    "area": "{area} hectares of canola",
    "hectares": "{area} ha",
    "stake": "receipts at stake of C${stake} million, an allocation",
    "no_stake": "no receipts are placed here",
    "withheld": "withheld",
    "unknown": "“{name}” is not on this map.",
    "drawn": "It shows canola in Alberta, Saskatchewan, Manitoba and the Peace River of British Columbia, by census "
    "subdivision. For a town, try the rural municipality or county around it.",
    "slider": "Census subdivisions: arrow keys go to the next place in that direction",
    "none": "no place chosen",
    **geography.GRADES,
}
HEADINGS = ("CCSUID", "Name", "Province", "Agricultural region", "Canola (ha)", "Quality grade", "Drawn land (km²)",
            "Share of the drawn land")  # fmt: skip


@dataclass(frozen=True)
class Outline:
    """A subdivision with its class of colour, or a province with its name: its path, and where its middle is."""

    path: str
    x: int
    y: int
    shade: str = ""
    hatched: bool = False
    title: str = ""


@dataclass(frozen=True)
class Drawing:
    """A map of `width` × `height` units."""

    width: int
    height: int
    places: tuple[Outline, ...]
    provinces: tuple[Outline, ...]


def pages(edition: PublishedEdition | None, *, languages: Sequence[str] = (manifest.ENGLISH,)) -> dict[str, str]:
    """The whole page, language → HTML; nothing where no edition published receipts at stake by region.

    Parameters
    ----------
    edition : PublishedEdition, optional
        Whose published numbers are shown.
    languages : sequence of str
        As of ``page.stamped``.

    Raises
    ------
    BadInput
        A table or outlines that cannot be read, or that do not fit each other.
    """
    from tradeexposure.publishing import page as publishing_page

    rows = edition.written_numbers() if edition and edition.whole else []
    stakes = (row for row in rows if row["result_id"].startswith((STAKE, ALLOCATED)))
    published = {row["result_id"]: float(row["value"]) for row in stakes}
    if not any(name.startswith(ALLOCATED) for name in published):
        return {}
    return publishing_page.alone("map", model(published), languages)


def model(published: Mapping[str, float]) -> dict[str, Any]:
    """What the page shows.

    Parameters
    ----------
    published : mapping
        Identifier → C$, of receipts at stake by province and by region.
    """
    areas = geography.canola_subdivisions(data.load(CANOLA_TABLE))
    farms = data.load(CENSUS)
    census = farms[(farms["census_year"] == CENSUS_YEAR) & (farms["crop"] == CROP)].set_index("geo")["area_ha"]
    described = data.describe(CANOLA_TABLE)
    year = max(name.rpartition(".")[2] for name in published if name.startswith(ALLOCATED))  # placed on regions
    drawn, known = drawing_of(areas), areas["share"].dropna()
    stakes = {PROVINCES[name]: published[f"{STAKE}.{PROVINCES[name]}.{year}"] for name in PRAIRIES}
    millions = {PROVINCES.get(name, "canada"): units.write(census[name] / units.MILLION, "ratio", IN_PROSE)
                for name in (*PRAIRIES, CANADA)}  # fmt: skip
    written = {place: units.write(value, "CAD", IN_PROSE) for place, value in stakes.items()}
    columns = ["ccsuid", "name", "province", "agricultural_region", "canola_ha", "quality", "km2", "share"]
    exact = areas.assign(canola_ha=areas["canola_ha"].astype(pd.Int64Dtype()), share=areas["share"].round(DIGITS))
    listed = exact[columns]
    rows = listed.astype(object).where(listed.notna(), None).to_dict("records")  # what is withheld is empty
    titles = {PROVINCES[name]: name for name in areas["province"].unique()}
    return {
        "answer": ANSWER.format(year=CENSUS_YEAR, **millions),
        "stakes": STAKES.format(year=year, **written),
        "claim": CLAIM.format(count=int((known >= LARGE).sum()), all=len(known)),
        "elsewhere": _elsewhere(areas, census),
        "drawing": drawn,
        "classes": geography.CLASSES,
        "grades": list(geography.GRADES.values()),
        "year": year,
        "census_year": CENSUS_YEAR,
        "provinces": [_province(name, areas, census, published, year=year) for name in PRAIRIES],
        "island": {"messages": MESSAGES, "titles": titles, "places": list(_places(areas, drawn))},
        "file": Table(HEADINGS, tuple(tuple(row.values()) for row in rows)).file,
        "table": described["tableNumber"],
        "address": described["address"],
    }


def _elsewhere(areas: pd.DataFrame, census: pd.Series) -> str:
    """British Columbia and the provinces that are not drawn at all, in words."""
    peace = areas.loc[~areas["province"].isin(PRAIRIES), "canola_ha"].sum()
    beyond = census.drop([CANADA, *PRAIRIES])
    east = beyond[beyond > 0].drop("British Columbia").sort_values(ascending=False)
    eastern = [OF_A_PROVINCE.format(place=place, area=f"{area:,.0f}") for place, area in east.items()]
    share = units.write(beyond.sum() / census[CANADA], "share", 1)
    west = {"peace": f"{peace:,.0f}", "bc": f"{census['British Columbia']:,.0f}"}
    return ELSEWHERE.format(**west, east=listing(eastern), share=share)


def _province(
    name: str, areas: pd.DataFrame, census: pd.Series, published: Mapping[str, float], *, year: str
) -> dict[str, Any]:
    """Rows of a province's regions, what they leave of it, and the province."""
    regions = geography.by_region(areas).set_index("province").loc[[name]]
    place, rows = PROVINCES[name], []
    for row in regions.to_dict("records"):
        stake = published.get(f"{ALLOCATED}.{place}.{row['region']}.{year}")
        rows.append({
            "region": row["region"],
            "lower_bound": row["withheld"] > 0,
            "area": f"{row['canola_ha']:,}",
            "subdivisions": row["subdivisions"],
            "withheld": row["withheld"] or "",
            "caution": row["caution"] or "",
            "stake": "" if stake is None else _whole(stake),
        })  # fmt: skip
    return {
        "title": name,
        "regions": rows,
        "left_ha": f"{census[name] - regions['canola_ha'].sum():,.0f}",
        "left": _whole(published[f"{ALLOCATED}.{place}.not_placed.{year}"]),
        "published_ha": f"{census[name]:,.0f}",
        "subdivisions": int(regions["subdivisions"].sum()),
        "published": _whole(published[f"{STAKE}.{place}.{year}"]),
    }  # fmt: skip


def _whole(value: float) -> str:
    """Millions of C$."""
    return f"{value / units.MILLION:,.0f}"


def _places(areas: pd.DataFrame, drawn: Drawing) -> Iterator[list[Any]]:
    """Each subdivision as the script reads it: name, province, region, hectares, grade, share of the land, centre."""
    for row, place in zip(areas.to_dict("records"), drawn.places, strict=True):
        there = row["quality"] != geography.WITHHELD
        area, share = (int(row["canola_ha"]), round(row["share"], DIGITS)) if there else (None, None)
        code = PROVINCES[row["province"]]
        yield [row["name"], code, row["agricultural_region"], area, row["quality"], share, place.x, place.y]


def drawing_of(areas: pd.DataFrame) -> Drawing:
    """The subdivisions in the order of `areas`, as of :func:`geography.canola_subdivisions`."""

    def outline(shape: Shape, **more: Any) -> Outline:
        x, y = geography.on_map(shape.centre)
        return Outline("".join(_path(shape)), round(x), round(y), **more)

    shapes = {shape.id: shape for shape in geography.shapes(OUTLINES, LAYER)}
    rows = areas[["ccsuid", "share", "quality"]].to_dict("records")
    places = (outline(shapes[row["ccsuid"]], shade=geography.class_of(row["share"]), hatched=row["quality"] == CAUTION)
              for row in rows)  # fmt: skip
    named = (outline(shape, title=shape.properties["name"]) for shape in geography.shapes(OUTLINES, "provinces"))
    return Drawing(geography.MAP_WIDTH, geography.map_height(), tuple(places), tuple(named))


def _path(shape: Shape) -> Iterator[str]:
    """Each ring as a move and steps of a tenth; points that fall together are one."""
    for ring in shape.rings:
        points = [(round(10 * x), round(10 * y)) for x, y in map(geography.on_map, ring)]
        (x, y), text = points[0], ""
        for then_x, then_y in points[1:-1]:
            if (then_x, then_y) != (x, y):
                text += f"{_tenth(then_x - x, text)}{_tenth(then_y - y, '.')}"
                x, y = then_x, then_y
        if text:
            start = _tenth(points[0][0], "") + _tenth(points[0][1], ".")
            yield "".join(("M", start, "l", text, "z"))


def _tenth(steps: int, before: str) -> str:
    """Steps of a tenth as a number, parted from one before it."""
    return f"{' ' if before and steps >= 0 else ''}{steps / 10:g}"
