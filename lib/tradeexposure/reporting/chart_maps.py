"""Maps that need no network: the provinces of Canada, census subdivisions of the Prairies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

import altair as alt
import pandas as pd

from tradeexposure.core import units
from tradeexposure.data import geography
from tradeexposure.data.geography import Shape
from tradeexposure.reporting import chart_encodings as enc
from tradeexposure.reporting import chart_style

# Equal-area cone with the standard parallels of Statistics Canada's national maps; turned to the middle of Canada.
PROJECTION: dict[str, Any] = {"type": "conicEqualArea", "parallels": [49, 77], "rotate": [96, 0]}
TERRITORIES = ("nt", "nu", "yt")  # left out unless they have a number: they would halve the size of the provinces
HEIGHT = 340
TITLE_LIMIT = 320  # pixels of a legend's title, which a phone has room for
HATCH = 10  # units of the map between two lines
SLANTED = "M-1,1L1,-1M-1,0L0,-1M0,1L1,0"  # path of a symbol
Ring = list[tuple[int, int]]
UNITS = {"plain": "ratio", "share": "share", "change": "change", "money": "CAD"}


def _provinces() -> dict[str, Any]:
    """The TopoJSON of the provinces (layer ``provinces``, ids are lower-case postal codes)."""
    return geography.outlines("provinces")


def _with_places(data: pd.DataFrame, province: str) -> pd.DataFrame:
    """`data` with each province's code, name and label position."""
    codes = data[province].astype(str).str.strip().str.lower()
    shapes = {shape["id"]: shape["properties"] for shape in _provinces()["objects"]["provinces"]["geometries"]}
    known = {name: code for code, shape in shapes.items() for name in (code, shape["name"].lower())}
    unknown = sorted(set(codes) - set(known))
    if unknown:
        raise ValueError(f"map: no province {', '.join(unknown)}; allowed: {', '.join(sorted(set(known.values())))}")
    ids = codes.map(known)
    if ids.duplicated().any():
        raise ValueError(f"map: more than one row for {', '.join(sorted(set(ids[ids.duplicated()])))}")
    points = ids.map(lambda code: shapes[code]["label"])
    names = ids.map(lambda code: shapes[code]["name"])
    return data.assign(id=ids, province_name=names, label_lon=points.str[0], label_lat=points.str[1])


def province_map(
    frame: pd.DataFrame,
    *,
    province: str,
    value: str,
    value_title: str,
    numbers: str = "plain",
) -> alt.LayerChart:
    """A number by province: darker is more, the number itself stands on the province.

    Parameters
    ----------
    frame : DataFrame
        One row per province: `province` holds codes (``sk``) or names, `value` a number; provinces
        that are not in it, or have no number, are drawn in grey.
    value_title : str
        What is shown, with its unit.
    numbers : {"plain", "share", "change", "money"}
        How the number is written.

    Raises
    ------
    ValueError
        An unknown or repeated province.
    """
    data = _with_places(enc.need(frame, province, value), province).drop(columns=province)
    data = data[["id", "province_name", value, "label_lon", "label_lat"]]
    shapes = alt.Data(values=_provinces(), format=alt.TopoDataFormat(feature="provinces", type="topojson"))
    codes = [shape["id"] for shape in _provinces()["objects"]["provinces"]["geometries"]]
    drawn = alt.FieldOneOfPredicate("id", [code for code in codes if code not in {*TERRITORIES} - {*data["id"]}])
    ground = alt.Chart(shapes).mark_geoshape(fill=chart_style.NO_DATA).transform_filter(drawn)
    axis = enc.axis(numbers).to_dict()
    legend = alt.Legend(title=value_title, orient="top", offset=6, gradientLength=220, titleOrient="top", **axis)
    shade = alt.Color(
        value, type="quantitative", scale=alt.Scale(range=list(chart_style.SEQUENTIAL), zero=True), legend=legend
    )
    tips = enc.tip(data, {"province_name": "Province", value: value_title}, numbers)
    fields = [value, "province_name"]
    filled = (
        alt.Chart(shapes)
        .mark_geoshape()
        .encode(color=shade, tooltip=tips)
        .transform_lookup(lookup="id", from_=alt.LookupData(data=data, key="id", fields=fields))
        .transform_filter(f"isValid(datum['{value}'])")
    )
    written = _numbers(data.dropna(subset=[value]), value, numbers).encode(tooltip=tips)
    return enc.layered(ground, filled, written, height=HEIGHT).project(**PROJECTION)


def _numbers(data: pd.DataFrame, value: str, numbers: str) -> alt.Chart:
    """The number on each province, light on the darker ones."""
    texts = [units.write(number, UNITS[numbers], 2) for number in data[value]]
    shade = alt.condition(alt.datum[value] > data[value].max() * 0.55, alt.value("white"), alt.value(chart_style.INK))
    return (
        alt.Chart(data.assign(label_text=texts))
        .mark_text(fontSize=chart_style.NOTE_SIZE, fontWeight=600, lineBreak=" ")
        .encode(
            longitude=alt.Longitude("label_lon", type="quantitative"),
            latitude=alt.Latitude("label_lat", type="quantitative"),
            text=alt.Text("label_text", type="nominal"),
            color=shade,
        )
    )


def subdivision_map(
    frame: pd.DataFrame, *, shade: str, shade_title: str, classes: Sequence[str], number: str, texts: Sequence[str],
    caution: str,
) -> alt.LayerChart:  # fmt: skip
    """Census subdivisions of the Prairies and the Peace River, coloured by class; land without a row stays blank.

    Parameters
    ----------
    frame : DataFrame
        Key `ccsuid`; `shade` one of `classes`; pointing at a subdivision shows `texts` and, where there is one, its
        `number`; one with a word of `caution` is hatched.
    shade_title : str
        What the colours show.
    classes : sequence of str
        In the order of :data:`chart_style.LAND`.
    """
    data = enc.need(frame, "ccsuid", *texts, number, shade, caution)
    rings = {shape.id: _rings(shape) for shape in geography.shapes(geography.OUTLINES, geography.LAYER)}
    row = alt.LookupData(data=data, key="ccsuid", fields=[*texts, number, shade, caution])
    shades = _legend(classes, chart_style.LAND, title=shade_title, symbolStrokeColor=chart_style.MUTED)
    land = alt.Chart().transform_lookup(lookup="id", from_=row).mark_geoshape(strokeWidth=0.4, aria=False)
    land = land.encode(color=alt.Color(shade, **shades))
    valid, hints = f"isValid(datum['{number}'])", [alt.Tooltip(name, type="nominal") for name in texts]
    areas = alt.layer(
        land.transform_filter(valid).encode(tooltip=[*hints, alt.Tooltip(number, type="quantitative", format=",")]),
        land.transform_filter(f"!{valid}").encode(tooltip=hints),  # as a number it would be written as a zero
        data=_features(geography.AREA, {name: rings[name] for name in data["ccsuid"]}),
    )
    cautioned = data.dropna(subset=[caution])
    lines = alt.Chart(_features(geography.LINES, {name: _slanted(rings[name]) for name in cautioned["ccsuid"]}))
    slanted = _legend(cautioned[caution], [chart_style.INK], orient="bottom", symbolType=SLANTED)
    hatching = lines.transform_lookup(lookup="id", from_=row).mark_geoshape(filled=False, strokeWidth=0.7, aria=False)
    height = round(enc.WIDTH * geography.map_height() / geography.MAP_WIDTH)
    layers = areas, hatching.encode(stroke=alt.Stroke(caution, **slanted)), *_borders()
    return enc.layered(*layers, height=height).project(type="identity")


def _legend(names: Iterable[str], shades: Sequence[str], **setting: Any) -> dict[str, Any]:
    """What a channel says of names: their shades, and a legend close to the map."""
    scale = alt.Scale(domain=list(dict.fromkeys(names)), range=list(shades))
    legend = alt.Legend(titleOrient="top", titleLimit=TITLE_LIMIT, offset=8, symbolStrokeWidth=0.7, **setting)
    return {"type": "nominal", "scale": scale, "legend": legend}


def _borders() -> list[alt.Chart]:
    """Borders and names of the provinces; step by step, since JupyterLab points at a ring wherever it is within it."""
    shapes = geography.shapes(geography.OUTLINES, "provinces")
    steps = {shape.id: [step for ring in _rings(shape) for step in pairwise(ring)] for shape in shapes}
    borders = alt.Chart(_features(geography.LINES, steps))
    places = {shape.properties["name"]: list(map(round, geography.on_map(shape.centre))) for shape in shapes}
    names = alt.Chart(_features(geography.POINT, places)).mark_text(fontSize=chart_style.HEAD_SIZE, fontWeight=600)
    return [
        borders.mark_geoshape(filled=False, stroke=chart_style.MUTED, strokeWidth=1, aria=False),
        names.encode(
            longitude=alt.Longitude("geometry.coordinates[0]", type="quantitative"),
            latitude=alt.Latitude("geometry.coordinates[1]", type="quantitative"),
            text=alt.Text("id", type="nominal"),
        ),
    ]


def _features(kind: str, coordinates: Mapping[str, Any]) -> alt.InlineData:
    """GeoJSON features as one text, which takes a line of a notebook where lists would take one for each number."""
    return alt.InlineData(values=geography.features(kind, coordinates), format=alt.JsonDataFormat(type="json"))


def _rings(shape: Shape) -> list[Ring]:
    """Rings within the map's frame, in whole units of it; points that fall together are one."""
    right, foot = geography.MAP_WIDTH, geography.map_height()
    rings = []
    for ring in shape.rings:
        points = [(min(max(round(x), 0), right), min(max(round(y), 0), foot)) for x, y in map(geography.on_map, ring)]
        distinct = [point for point, _ in groupby(points)]
        if len(set(distinct)) > 2:
            rings.append(distinct)
    return rings


def _slanted(rings: Sequence[Ring]) -> list[list[tuple[float, float]]]:
    """Lines at :data:`HATCH` units from each other within rings: between an odd and an even crossing of an edge."""
    edges = [edge for ring in rings for edge in pairwise(ring)]
    sums = [x + y for ring in rings for x, y in ring]
    lines = []
    for level in range(min(sums) // HATCH * HATCH, max(sums), HATCH):
        crossed = sorted(
            (round(x + part * (then_x - x), 1), round(y + part * (then_y - y), 1))
            for (x, y), (then_x, then_y) in edges
            if (x + y <= level) != (then_x + then_y <= level)
            for part in [(level - x - y) / (then_x + then_y - x - y)]
        )
        lines += [[*pair] for pair in zip(crossed[::2], crossed[1::2], strict=True)]
    return lines
