"""Every region has a map on its first day."""

import json

import pytest
import shapely

from city.config import Config
from dashboard.schematic import WIDTH, cells, picture
from tests.builders import config

JAMBI = {
    "15.71.01": (-1.59506, 103.56253), "15.71.02": (-1.62169, 103.63093), "15.71.03": (-1.58281, 103.63559),
    "15.71.04": (-1.59450, 103.61402), "15.71.05": (-1.56490, 103.62194), "15.71.06": (-1.57171, 103.59289),
    "15.71.07": (-1.65442, 103.60261), "15.71.08": (-1.61667, 103.61326), "15.71.09": (-1.64840, 103.55744),
    "15.71.10": (-1.60144, 103.59404), "15.71.11": (-1.62710, 103.65143),
}  # fmt: skip


def overlap(areas) -> float:
    return sum(area.area for area in areas) / shapely.union_all(list(areas)).area - 1


def test_the_schematic_gives_every_district_one_cell_around_its_centroid():
    found = cells(JAMBI)
    assert set(found) == set(JAMBI)
    assert all(found[code].covers(shapely.Point(lon, lat)) for code, (lat, lon) in JAMBI.items())
    assert all(area.geom_type == "Polygon" for area in found.values())


def test_no_two_cells_overlap_and_together_they_have_no_hole():
    found = list(cells(JAMBI).values())
    assert overlap(found) == pytest.approx(0, abs=1e-9)
    whole = shapely.union_all(found)
    assert whole.geom_type == "Polygon" and not whole.interiors


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_region_of_few_districts_has_a_map_too(count):
    few = dict(list(JAMBI.items())[:count])
    assert set(cells(few)) == set(few)


def test_districts_in_one_line_still_have_cells():
    found = cells({"a": (0, 100), "b": (0, 101), "c": (0, 102)})
    assert len(found) == 3 and overlap(found.values()) == pytest.approx(0, abs=1e-9)


def test_labels_lie_inside_the_picture():
    drawn = picture(config().region)
    assert drawn.schematic and set(drawn.shapes) == {"15.71.05", "15.71.07", "15.71.11"}
    assert all(0 < shape.x < 1 and 0 < shape.y < 1 for shape in drawn.shapes.values())
    assert all(shape.path.startswith("M") and shape.path.endswith("Z") for shape in drawn.shapes.values())


def test_north_is_up():
    shapes = picture(config().region).shapes
    assert shapes["15.71.05"].y < shapes["15.71.11"].y < shapes["15.71.07"].y


def test_a_region_with_polygons_is_drawn_true_and_not_called_a_schematic(tmp_path):
    square = {
        "type": "Polygon",
        "coordinates": [[[103.5, -1.7], [103.7, -1.7], [103.7, -1.5], [103.5, -1.5], [103.5, -1.7]]],
    }
    file = tmp_path / "kecamatan.geojson"
    file.write_text(json.dumps({"features": [{"properties": {"kode": "15.71.07"}, "geometry": square}]}))
    region = config().region.model_dump() | {"boundaries": str(file)}
    drawn = picture(Config.model_validate({"region": region, "sources": {}}).region)
    assert not drawn.schematic and set(drawn.shapes) == {"15.71.07"}
    # At this latitude a degree of longitude is a little shorter than one of latitude.
    assert drawn.height == pytest.approx(WIDTH, rel=0.001) and drawn.height > WIDTH


def test_the_real_polygons_of_kota_jambi_all_have_a_shape(shared):
    region = config().region.model_dump() | {
        "boundaries": str(shared / "data/geo-jambi/kota_jambi_15.71_kecamatan.geojson")
    }
    drawn = picture(Config.model_validate({"region": region, "sources": {}}).region)
    assert set(drawn.shapes) == set(JAMBI)
