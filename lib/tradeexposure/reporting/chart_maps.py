"""Provinces of Canada on a map that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from tradeexposure.core import units
from tradeexposure.data import geography
from tradeexposure.reporting import chart_encodings as enc
from tradeexposure.reporting import chart_style

# Equal-area cone with the standard parallels of Statistics Canada's national maps; turned to the middle of Canada.
PROJECTION: dict[str, Any] = {"type": "conicEqualArea", "parallels": [49, 77], "rotate": [96, 0]}
TERRITORIES = ("nt", "nu", "yt")  # left out unless they have a number: they would halve the size of the provinces
HEIGHT, CIRCLES_HEIGHT = 340, 380
LARGEST_CIRCLE, LABELLED_FROM = 900, 0.18  # square pixels; part of the largest sum that has room for its number
UNITS = {"plain": "ratio", "share": "share", "change": "change", "money": "CAD"}


def _provinces() -> dict[str, Any]:
    """The TopoJSON of the provinces (layer ``provinces``, ids are lower-case postal codes)."""
    return geography.load("provinces")


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
        An unknown or repeated province, no rows, or a column that is not there.
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
        .mark_text(fontSize=11, fontWeight=600, lineBreak=" ")
        .encode(
            longitude=alt.Longitude("label_lon", type="quantitative"),
            latitude=alt.Latitude("label_lat", type="quantitative"),
            text=alt.Text("label_text", type="nominal"),
            color=shade,
        )
    )


def circle_map(
    frame: pd.DataFrame, *, name: str, value: str, value_title: str, provinces: Sequence[str]
) -> alt.LayerChart:
    """A sum by place: a circle whose area is the sum, with its number where there is room for it on a phone.

    Parameters
    ----------
    frame : DataFrame
        One row per place: `name`, `value` (positive), `lon` and `lat` in degrees.
    value_title : str
        What is shown, with its unit.
    provinces : sequence of str
        Codes of those that are drawn behind.

    Raises
    ------
    ValueError
        No rows, or a column that is not there.
    """
    data = enc.need(frame, name, value, "lon", "lat")
    shapes = alt.Data(values=_provinces(), format=alt.TopoDataFormat(feature="provinces", type="topojson"))
    ground = (
        alt.Chart(shapes)
        .mark_geoshape(fill=chart_style.NO_DATA, stroke="white")
        .transform_filter(alt.FieldOneOfPredicate("id", list(provinces)))
    )
    place = {
        "longitude": alt.Longitude("lon", type="quantitative"), "latitude": alt.Latitude("lat", type="quantitative"),
    }  # fmt: skip
    legend = alt.Legend(title=value_title, orient="top", tickCount=3, offset=6, symbolType="circle")
    size = alt.Size(value, type="quantitative", scale=alt.Scale(range=[0, LARGEST_CIRCLE], zero=True), legend=legend)
    tips = enc.tip(data, {name: name, value: value_title}, "plain")
    colour = chart_style.COLOURS["main"]
    circles = alt.Chart(data).mark_circle(color=colour, opacity=0.45).encode(**place, size=size, tooltip=tips)
    large = data[data[value] >= data[value].max() * LABELLED_FROM]
    written = (
        alt.Chart(large.assign(label_text=[f"{number:,.0f}" for number in large[value]]))
        .mark_text(fontSize=11, fontWeight=600, color=chart_style.INK)
        .encode(**place, text=alt.Text("label_text", type="nominal"))
    )
    return enc.layered(ground, circles, written, height=CIRCLES_HEIGHT).project(
        type="conicEqualArea", parallels=[50, 58], rotate=[107, 0]
    )
