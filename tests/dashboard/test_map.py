"""A map of any metric: small numbers, unknown and missing districts, points, rivers, labels; real polygons too."""

import itertools
import json

import pytest
import shapely

from city.config import Config
from city.judging import Judged
from dashboard.classes import Values, class_of, edges
from dashboard.labels import spots
from dashboard.panels import map as map_panel
from dashboard.reading import packed
from dashboard.schematic import WIDTH, picture
from dashboard.words import Words
from tests.builders import config
from tests.dashboard.look import WORDS, classed, parts, reading, text


def loaded(rows, region=None, points=None, counts=True, of_cases=False, unit="cases"):
    found = {"reading": reading(*rows, unit=unit), "late": None, "judged": Judged(), "counts": counts}
    found |= {"points": reading(*points) if points is not None else None, "of_cases": of_cases}
    return packed(found | {"picture": picture(region or config().region)})


def rows(*found):
    return [{"district": code, "value": value, "n": n} for code, value, n in found]


def drawn(found, words=WORDS, **args):
    return map_panel.draw(map_panel.Args(metric="complaints_open", **args), found, words)


def at(code, lat, lon, n=1):
    return {"lat": lat, "lon": lon, "value": n, "n": n}


THREE = rows(("15.71.05", 3, 3), ("15.71.07", 18, 18), ("15.71.11", 0, 0))


def test_below_five_is_told_as_such_and_is_a_class_of_its_own():
    found = drawn(loaded(THREE), small=True)
    assert sorted(text({"props": props}) for props in classed(found, "ml")) == [
        "18 Kota Baru", "<5 Paal Merah", "<5 Pelayangan"]  # fmt: skip
    paths = [part["props"]["className"] for part in parts(found) if part["type"] == "Path"]
    assert sorted(paths) == ["kec few", "kec few", "kec q1"]
    assert text({"props": classed(found, "ramp")[0]}) == "<5 18+"
    assert "3" not in text(found).split(), "nowhere"


def test_a_share_of_fewer_than_five_cases_is_not_told():
    found = drawn(loaded(rows(("15.71.05", 0.5, 4), ("15.71.07", 0.75, 8)), counts=False, of_cases=True, unit="ratio"))
    labels = [text({"props": props}) for props in classed(found, "ml")]
    assert sorted(labels) == ["75% Kota Baru", "<5 Pelayangan", "– Paal Merah"]


def test_a_district_without_a_value_is_hatched_and_counted_but_a_count_is_zero():
    found = drawn(loaded(rows(("15.71.05", 7.5, 9), ("15.71.07", 9.0, 9)), counts=False, unit="hours"))
    assert "2 dari 3 kecamatan" in text(found)
    hatched = [part["props"] for part in parts(found) if part["type"] == "Path" and "unk" in part["props"]["className"]]
    assert len(hatched) == 1 and hatched[0]["fill"].startswith("url(#")
    assert any(part["type"] == "Pattern" for part in parts(found))
    whole = drawn(loaded(rows(("15.71.05", 7, 7))))
    assert "kecamatan" not in text({"props": classed(whole, "mleg")[0]}) and not classed(whole, "unk")


def region_of(features, tmp_path, **changes):
    file = tmp_path / "kecamatan.geojson"
    file.write_text(json.dumps({"features": features}))
    region = config().region.model_dump() | {"boundaries": str(file)} | changes
    return Config.model_validate({"region": region, "sources": {}}).region


def square(code, west, south=-1.7, size=0.1):
    ring = [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]
    return {"properties": {"kode": code}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def test_polygons_that_lack_a_district_are_counted_and_its_cases_are_still_told(tmp_path):
    region = region_of([square("15.71.05", 103.5), square("15.71.07", 103.6)], tmp_path)
    found = drawn(loaded(THREE, region))
    assert "2 dari 3 kecamatan" in text({"props": classed(found, "mleg")[0]}) and "skematis" not in text(found)
    assert "Paal Merah" in text({"props": classed(found, "klist")[0]})


def test_a_river_of_the_file_is_drawn_and_is_no_district(tmp_path):
    river = {"properties": {"nama": "Batanghari"},
             "geometry": {"type": "LineString", "coordinates": [[103.5, -1.65], [103.7, -1.64]]}}  # fmt: skip
    region = region_of([square("15.71.05", 103.5), square("15.71.07", 103.6), river], tmp_path)
    found = drawn(loaded(THREE, region))
    (line,) = classed(found, "rv")
    assert line["d"].startswith("M0.0 ") and len(classed(found, "kec")) == 2


def test_points_lie_where_their_cases_are_and_those_elsewhere_are_counted(tmp_path):
    region = region_of([square("15.71.05", 103.5), square("15.71.07", 103.6)], tmp_path)
    points = [at("a", -1.65, 103.6, 2), at("b", -1.65, 103.65, 5), at("far", -3.0, 103.6), at("none", None, None, 3)]
    kind = {"kind": "complaint", "label": "laporan"}
    found = drawn(loaded(THREE, region, points), points=kind)
    places = [(float(p["style"]["left"][:-1]), float(p["style"]["top"][:-1])) for p in classed(found, "mpt")]
    assert places == [(50.0, 50.0), (75.0, 50.0)] and len(classed(found, "many")) == 1
    assert "laporan (11), 4 di luar peta" in text(found)


@pytest.mark.parametrize(("values", "bounds"), [([], []), ([4, 4, 4], []), ([1, 2, 3, 4, 5], [2, 3, 4, 5])])
def test_classes_hold_equal_counts_and_none_is_empty(values, bounds):
    assert edges(values) == bounds
    assert {class_of(value, bounds) for value in values} == set(range(1, len(bounds) + 2 if values else 1))


def test_values_that_run_into_each_other_have_touching_classes():
    values = Values({"a": 0.1, "b": 0.2, "c": 0.4}, frozenset(), "ratio", False)
    from dashboard.classes import ramp

    assert text(ramp(values, WORDS)) == "10–20% 20–40% 40%"


def test_a_label_too_large_for_its_area_goes_beside_with_a_line_that_crosses_no_label():
    areas = {"big": shapely.box(0, 0, 600, 600), "tiny": shapely.box(600, 0, 620, 20)}
    found = spots(areas, dict.fromkeys(areas, (100.0, 80.0)), (1000.0, 600.0))
    assert found["big"].lead is None and found["tiny"].lead
    assert found["tiny"].x - 50 >= 620 or found["tiny"].y - 40 >= 20
    line = shapely.LineString(found["tiny"].lead)
    big = found["big"]
    assert not line.intersects(shapely.box(big.x - 50, big.y - 40, big.x + 50, big.y + 40))


def test_slivers_inside_an_area_do_not_push_its_label_into_a_corner():
    sliver = [(100, 300), (500, 301), (500, 303)]
    found = spots({"a": shapely.Polygon(shapely.box(0, 0, 600, 600).exterior, [sliver])}, {"a": (100, 80)}, (600, 600))
    assert (found["a"].x, found["a"].y) == pytest.approx((300, 300), abs=3)


@pytest.mark.parametrize("level", ["kecamatan", "kelurahan", "none"])
def test_the_eleven_districts_of_kota_jambi_are_all_drawn_and_no_two_labels_overlap(shared, level):
    codes = json.loads((shared / "data/geo-jambi/kota_jambi_15.71_kecamatan.geojson").read_text())["features"]
    names = {one["properties"]["kode"]: one["properties"] for one in codes}
    districts = [{"code": code, "name": said["nama"], "lat": said["centroid_lat"], "lon": said["centroid_lng"]}
                 for code, said in names.items()]  # fmt: skip
    file = str(shared / f"data/geo-jambi/kota_jambi_15.71_{level}.geojson") if level != "none" else None
    made = Config.model_validate({"region": config().region.model_dump() | {"districts": districts, "boundaries": file},
                                  "sources": {}})  # fmt: skip
    shapes = picture(made.region)
    assert set(shapes.shapes) == set(names) and shapes.schematic is (level == "none")
    from dashboard.schematic import _room

    boxes = []
    for code, shape in shapes.shapes.items():
        (width, height), x, y = _room(names[code]["nama"]), shape.x * WIDTH, shape.y * shapes.height
        boxes.append(shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2))
    assert not [pair for pair in itertools.combinations(boxes, 2) if pair[0].intersection(pair[1]).area > 1]
    found = drawn(
        loaded(rows(*((code, number, number) for number, code in enumerate(names))), made.region), Words(made)
    )
    assert len(classed(found, "kec")) == len(classed(found, "ml")) == 11
