"""The region's words."""

import json
from pathlib import Path

import pytest

import collectors
from city.config import District, Term
from city.documents import load
from city.vocabulary import Vocabulary, boundaries
from tests.builders import config

ROOT = Path(__file__).resolve().parents[2]


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


@pytest.mark.parametrize("level", ["kecamatan", "kelurahan"])
def test_real_boundaries_put_every_centroid_of_the_shipped_region_in_its_district(shared, level):
    shipped = load(ROOT / "config.yaml", collectors.args_of, {"SIMULATION_SECRET": "s" * 32}).region
    file = shared / "data" / "geo-jambi" / f"kota_jambi_15.71_{level}.geojson"
    region = shipped.model_copy(update={"boundaries": str(file)})
    assert sorted(boundaries(region)) == [district.code for district in region.districts]
    words = Vocabulary(region)
    assert all(words.district_at(district.lat, district.lon) == district.code for district in region.districts)


def test_far_from_the_equator_the_nearest_centroid_is_the_nearest_on_the_ground():
    # At 60 degrees north a degree of longitude is half a degree of latitude: 0.06 east is nearer than 0.04 north.
    places = [District(code="east", name="E", lat=60.0, lon=10.06), District(code="north", name="N", lat=60.04, lon=10)]
    region = config().region.model_copy(update={"districts": tuple(places)})
    assert Vocabulary(region).district_at(60.0, 10.0) == "east"


def test_a_position_that_is_no_number_and_a_city_without_districts_have_none(words):
    assert words.district_at(float("nan"), 103.6) is None
    bare = config().region.model_copy(update={"districts": ()})
    assert Vocabulary(bare).district_at(-1.6, 103.6) is None


def test_a_code_beats_a_name_and_a_name_beats_an_alias():
    terms = (Term(code="a", name="x", aliases=("b", "y")), Term(code="b", name="y"))
    words = Vocabulary(config().region.model_copy(update={"agencies": terms}))
    assert [words.term("agency", text)[0] for text in ("A", "b", "X", "y")] == ["a", "b", "a", "b"]
