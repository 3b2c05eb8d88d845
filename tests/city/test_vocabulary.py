"""The region's words."""

import json

import pytest

from city.vocabulary import Vocabulary
from tests.builders import config


@pytest.fixture(scope="module")
def words():
    return Vocabulary(config().region)


@pytest.mark.parametrize("text", ["Paal Merah", "pal merah", " PAL  MERAH ", "15.71.11"])
def test_every_spelling_is_one_district(words, text):
    assert words.term("district", text) == ("15.71.11", True)


def test_an_unknown_word_is_kept_and_reported(words):
    assert words.term("category", "Kabut asap") == ("Kabut asap", False)
    assert words.name("category", "Kabut asap") == "Kabut asap"
    assert words.name("agency", "pupr") == "PUPR"


def test_a_position_belongs_to_the_nearest_centroid_but_not_from_another_continent(words):
    assert words.district_at(-1.655, 103.603) == "15.71.07"
    assert words.district_at(39, -77) is None


def test_with_polygons_a_position_belongs_to_the_polygon_it_lies_in(tmp_path):
    square = {"type": "Polygon", "coordinates": [[[103, -2], [104, -2], [104, -1], [103, -1], [103, -2]]]}
    features = [{"type": "Feature", "properties": {"kode": "15.71.05"}, "geometry": square}]
    file = tmp_path / "kecamatan.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    region = config().region.model_copy(update={"boundaries": str(file)})
    assert Vocabulary(region).district_at(-1.5, 103.5) == "15.71.05"
    assert Vocabulary(region).district_at(-3.5, 103.5) is None
