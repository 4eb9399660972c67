"""A place as people type it, in all its forms."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from handlers.grammar.readers import place_of
from handlers.values import Args, from_json, to_json
from workflows.errors import Refusal
from workflows.geo.datum import Datum, from_wgs84
from workflows.geo.places import Place, read_place
from workflows.geo.points import Point, metres

SHANGHAI = Point(31.2304, 121.4737)


@pytest.mark.parametrize(
    "typed",
    [
        "31.2304, 121.4737",
        "31.2304 121.4737",
        "31.2304，121.4737",
        "３１．２３０４，１２１．４７３７",
        "31.2304;121.4737",
        "31.2304/121.4737",
        "+31.2304+121.4737/",
        "31.2304N 121.4737E",
        "31.2304°N, 121.4737°E",
        "N31.2304 E121.4737",
        "E121.4737, N31.2304",
        "lat 31.2304 lon 121.4737",
        "纬度31.2304 经度121.4737",
        "经度：121.4737，纬度：31.2304",
        "经纬度：121.4737, 31.2304",
        "坐标 31.2304,121.4737",
        "东经121.4737度 北纬31.2304度",
        "北纬31.2304，东经121.4737",
        "31°13'49.44\"N 121°28'25.32\"E",
        "31°13′49.44″N, 121°28′25.32″E",
        "31º13’49.44”N 121º28’25.32”E",
        "N31°13.824' E121°28.422'",
        "北纬31度13分49.44秒，东经121度28分25.32秒",
        "31 13 49.44 N 121 28 25.32 E",
        "311349N1212825E",
        "51R UQ 54633 56140",
        "51RUQ5463356140",
        "51r uq 54633 56140",
        "geo:31.2304,121.4737",
        "geo:31.2304,121.4737;u=35",
        "https://www.openstreetmap.org/?mlat=31.2304&mlon=121.4737#map=15/31/121",
        "https://www.openstreetmap.org/#map=15/31.2304/121.4737",
    ],
)
def test_every_form_of_coordinates_is_read(typed: str) -> None:
    place = read_place(typed)
    assert place.words is None
    assert place.point is not None
    assert metres(place.point, SHANGHAI) < 20


@pytest.mark.parametrize(
    ("typed", "lat", "lon"),
    [
        ("33.8568S, 151.2153E", -33.8568, 151.2153),
        ("-33.8568, 151.2153", -33.8568, 151.2153),
        ("南纬33.5 西经70.6", -33.5, -70.6),
        ("34°36'30\"S 58°22'54\"W", -34.608333, -58.381667),
        ("0, 0", 0, 0),
        ("31, 121", 31, 121),
    ],
)
def test_each_side_of_the_world_has_its_sign(typed: str, lat: float, lon: float) -> None:
    point = read_place(typed).point
    assert point is not None
    assert (point.lat, point.lon) == pytest.approx((lat, lon), abs=1e-5)


@pytest.mark.parametrize(
    ("typed", "datum", "words"),
    [
        ("https://uri.amap.com/marker?position={lon},{lat}&name=人民广场", Datum.GCJ02, "人民广场"),
        ("https://uri.amap.com/navigation?to={lon},{lat},终点&mode=car", Datum.GCJ02, "终点"),
        ("https://wb.amap.com/?q={lat},{lon},人民广场", Datum.GCJ02, "人民广场"),
        ("https://wb.amap.com/?p=B001,{lat},{lon},人民广场,上海", Datum.GCJ02, "人民广场"),
        ("https://www.amap.com/regeo?lng={lon}&lat={lat}", Datum.GCJ02, None),
        (
            "androidamap://viewMap?sourceApplication=x&poiname=a&lat={lat}&lon={lon}&dev=0",
            Datum.GCJ02,
            "a",
        ),
        ("https://uri.amap.com/marker?position={lon},{lat}&coordinate=wgs84", Datum.WGS84, None),
        (
            "https://apis.map.qq.com/uri/v1/marker?marker=coord:{lat},{lon};title:广场;addr:路",
            Datum.GCJ02,
            "广场",
        ),
        ("https://apis.map.qq.com/uri/v1/geocoder?coord={lat},{lon}", Datum.GCJ02, None),
        ("https://map.qq.com/?pointx={lon}&pointy={lat}&name=广场", Datum.GCJ02, "广场"),
        (
            "http://api.map.baidu.com/marker?location={lat},{lon}&title=广场&output=html",
            Datum.BD09,
            "广场",
        ),
        ("baidumap://map/marker?location={lat},{lon}&coord_type=gcj02", Datum.GCJ02, None),
        ("bdapp://map/marker?location={lat},{lon}&coord_type=wgs84", Datum.WGS84, None),
        (
            "http://api.map.baidu.com/direction?destination=latlng:{lat},{lon}|name:广场",
            Datum.BD09,
            "广场",
        ),
        ("https://maps.apple.com/?ll={lat},{lon}&q=广场", Datum.GCJ02, "广场"),
        ("https://maps.apple.com/place?coordinate={lat},{lon}&name=广场", Datum.GCJ02, "广场"),
        ("https://maps.google.com/?q={lat},{lon}", Datum.GCJ02, None),
        ("https://www.google.com/maps/search/?api=1&query={lat}%2C{lon}", Datum.GCJ02, None),
        ("https://www.google.com/maps/@{lat},{lon},17z", Datum.GCJ02, None),
        (
            "https://www.google.com/maps/place/People%27s+Square/@1.5,1.5,17z/data=!3m1!4b1!4m6"
            "!3m5!1s0x0:0x0!8m2!3d{lat}!4d{lon}",
            Datum.GCJ02,
            "People's Square",
        ),
        ("geo:0,0?q={lat},{lon}(广场)", Datum.WGS84, "广场"),
        ("高德 {lon}, {lat}", Datum.GCJ02, None),
        ("gcj02: {lat},{lon}", Datum.GCJ02, None),
        ("{lat},{lon} 百度坐标", Datum.BD09, None),
        ("{lat},{lon} (bd09)", Datum.BD09, None),
        ("GPS {lat},{lon}", Datum.WGS84, None),
        ("{lat},{lon} cgcs2000", Datum.WGS84, None),
    ],
)
def test_a_map_link_means_the_degrees_of_that_map(
    typed: str, datum: Datum, words: str | None
) -> None:
    shown = from_wgs84(SHANGHAI, datum)
    place = read_place(typed.replace("{lat}", f"{shown.lat}").replace("{lon}", f"{shown.lon}"))
    assert place.datum is datum
    assert place.words == words
    assert place.point is not None
    assert metres(place.point, SHANGHAI) < 0.1


def test_baidus_metres_are_read_where_baidu_shows_its_own_building() -> None:
    """Baidu's documentation gives 116.307, 40.057 for (12947471.81, 4846474.54)."""
    place = read_place("https://map.baidu.com/@12947471.81,4846474.54,17z")
    assert place.datum is Datum.BD09
    assert place.given is not None
    assert place.given.lat == pytest.approx(40.057, abs=0.01)
    assert place.given.lon == pytest.approx(116.307, abs=0.01)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("3号阀室 31.2304,121.4737", "3号阀室"),
        ("3号阀室（31.2304，121.4737）", "3号阀室"),
        ("集合点 https://uri.amap.com/marker?position=121.4782,31.2284 东门", "集合点 东门"),
        ("North gate, 31.2304, 121.4737", "North gate"),
        ("31.2304, 121.4737 North gate", "North gate"),
        ("见 https://wb.amap.com/?q=31.2284,121.4782，东门集合", "见 ，东门集合"),
        ("坐标 31.2304,121.4737 阀室", "阀室"),
    ],
)
def test_words_beside_coordinates_stay_words(typed: str, words: str) -> None:
    place = read_place(typed)
    assert place.point is not None
    assert metres(place.point, SHANGHAI) < 60
    assert (place.words or "").replace("，", "").split() == words.replace("，", "").split()


@pytest.mark.parametrize(
    "typed",
    ["North shore, valve 3", "3号阀室", "K31+200", "阀室3, 5", "3.5 km处", "东门", "14:30 集合"],
)
def test_words_are_only_words(typed: str) -> None:
    assert read_place(typed) == Place(typed)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("91, 200", "place-off"),
        ("99.5,200", "place-off"),
        ("31.2N 200E", "place-off"),
        ("121.4737, 31.2304", "place-swapped"),
        ("31°73'N 121°E", "place-angle"),
        ("31.2 N, 121.4 N", "place-angle"),
        ("北纬31.2 北纬121.4", "place-angle"),
        ("51R ZZ 54633 56140", "place-grid"),
        ("99R UQ 54633 56140", "place-grid"),
        ("https://maps.app.goo.gl/abcDEF", "place-link"),
        ("https://surl.amap.com/abc", "place-link"),
        ("https://j.map.baidu.com/ab/c", "place-link"),
        ("https://example.org/x?q=31,121", "place-link"),
        ("https://www.amap.com/place/B00155", "place-link"),
        ("https://maps.google.com/?q=99.5,200", "place-off"),
        ("geo:99,200", "place-off"),
        ("geo:31,121;crs=nowhere", "place-link"),
        ("。。。", "place-empty"),
        ("词" * 201, "place-long"),
    ],
)
def test_what_is_no_place_is_refused_with_the_reason(typed: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_place(typed)
    assert refused.value.code == code


def test_swapped_coordinates_are_offered_the_right_way_round() -> None:
    found = place_of("121.4737, 31.2304")
    assert not isinstance(found, Place)
    assert found.instead == ("31.2304, 121.4737",)


@pytest.mark.parametrize(
    "typed",
    ["48.85, 2.35 sure", "确认 48.85, 2.35", "48.85, 2.35（无误）", "geo:48.85,2.35 确认"],
)
def test_who_is_sure_says_so_beside_the_place(typed: str) -> None:
    place = read_place(typed)
    assert place.sure
    assert place.point == Point(48.85, 2.35)
    assert place.words is None


@given(st.text(max_size=80) | st.from_regex(r"[0-9 .,°'NSEW北南东西经纬度:/?=&a-z-]{0,60}"))
def test_no_text_can_break_the_reader(typed: str) -> None:
    try:
        place = read_place(typed)
    except Refusal:
        return
    assert place.words is not None or place.point is not None
    assert from_json(to_json(place)) == place


@given(
    st.floats(-89.9, 89.9),
    st.floats(-179.9, 179.9),
    st.sampled_from(("decimal", "sides", "dms", "dm", "zh", "geo")),
)
def test_what_is_written_is_read_to_a_metre(lat: float, lon: float, form: str) -> None:
    place = read_place(_written(lat, lon, form))
    assert place.point is not None
    assert metres(place.point, Point(lat, lon)) < 1


def _written(lat: float, lon: float, form: str) -> str:
    north, east = ("N" if lat >= 0 else "S"), ("E" if lon >= 0 else "W")
    match form:
        case "decimal":
            return f"{lat:.6f}, {lon:.6f}"
        case "sides":
            return f"{abs(lat):.6f}{north} {abs(lon):.6f}{east}"
        case "geo":
            return f"geo:{lat:.6f},{lon:.6f}"
    parts = [_minutes(abs(each)) for each in (lat, lon)]
    if form == "dm":
        (d1, m1), (d2, m2) = parts
        return f"{d1}°{m1:.5f}'{north} {d2}°{m2:.5f}'{east}"
    (d1, m1), (d2, m2) = parts
    first, second = (int(m1), m1 % 1 * 60), (int(m2), m2 % 1 * 60)
    if form == "dms":
        return f"{d1}°{first[0]}'{first[1]:.3f}\"{north} {d2}°{second[0]}'{second[1]:.3f}\"{east}"
    left, right = ("北纬" if lat >= 0 else "南纬"), ("东经" if lon >= 0 else "西经")
    return f"{left}{d1}度{first[0]}分{first[1]:.3f}秒，{right}{d2}度{second[0]}分{second[1]:.3f}秒"


def _minutes(value: float) -> tuple[int, float]:
    """Whole degrees, and minutes rounded so that no form of them makes 60."""
    whole, part = divmod(round(value * 3600 * 1000), 3600 * 1000)
    return whole, part / 60000


def test_a_place_is_an_argument_that_can_be_stored() -> None:
    place = Place("阀室", SHANGHAI, Datum.GCJ02, from_wgs84(SHANGHAI, Datum.GCJ02), True)
    stored = Args({"place": place}).to_json()
    assert Args.from_json(stored).place("place") == place
