"""The 33 kinds of licence issued in the district, 24 of them electronic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

For = Literal["FIRM", "VENUE", "PERSON"]


@dataclass(frozen=True)
class Kind:
    """A kind of licence: who issues it (part of a department's name), and for whom.

    `months` is the usual validity, None for kinds without an end; `venues` are the venue kinds it
    is needed for.
    """

    name: str
    issuer: str
    to: For
    months: int | None
    electronic: bool
    letters: str
    venues: tuple[str, ...] = ()


_FOOD = ("EATERY", "RESTAURANT", "SHOP", "MALL", "LARGE_HOTEL")
_PUBLIC = ("HOTEL", "LARGE_HOTEL", "BEAUTY_BATH", "ENTERTAINMENT", "STADIUM", "MALL")
_SCHOOL = ("SCHOOL", "LARGE_SCHOOL")
_CLINIC = ("CLINIC", "HOSPITAL")
_ALL = ("INTERNET_CAFE", "FACTORY", "WORKSHOP", *_FOOD, *_PUBLIC, *_SCHOOL, *_CLINIC)
_MARKET, _APPROVAL, _HEALTH = "市场监督管理局", "行政审批服务局", "卫生健康局"
_CULTURE, _EDUCATION, _LABOUR = "文化和旅游局", "教育和体育局", "人力资源和社会保障局"

KINDS: tuple[Kind, ...] = (
    Kind("营业执照", _MARKET, "FIRM", None, True, "YZ"),
    Kind("食品经营许可证", _APPROVAL, "VENUE", 60, True, "JY", _FOOD),
    Kind("食品小作坊登记证", _MARKET, "VENUE", 36, True, "XZ", ("WORKSHOP",)),
    Kind("小餐饮登记证", _MARKET, "VENUE", 36, True, "XC", ("EATERY",)),
    Kind("食品生产许可证", _MARKET, "VENUE", 60, True, "SC", ("WORKSHOP", "FACTORY")),
    Kind("药品经营许可证", _MARKET, "VENUE", 60, True, "YP", ("SHOP", "MALL")),
    Kind("第二类医疗器械经营备案凭证", _MARKET, "VENUE", None, True, "QX", ("SHOP", *_CLINIC)),
    Kind("特种设备使用登记证", _MARKET, "VENUE", None, True, "TS", ("MALL", "LARGE_HOTEL")),
    Kind("公共场所卫生许可证", _APPROVAL, "VENUE", 48, True, "WS", _PUBLIC),
    Kind("医疗机构执业许可证", _HEALTH, "VENUE", 60, True, "YL", _CLINIC),
    Kind("放射诊疗许可证", _HEALTH, "VENUE", 48, False, "FS", _CLINIC),
    Kind("生活饮用水卫生许可证", _HEALTH, "VENUE", 48, True, "YS", ("LARGE_SCHOOL", "LARGE_HOTEL")),
    Kind("特种行业许可证", "公安局", "VENUE", None, True, "TX", ("HOTEL", "LARGE_HOTEL")),
    Kind("公众聚集场所消防安全检查合格证", "公安局", "VENUE", None, False, "XF", _PUBLIC),
    Kind("网络文化经营许可证", _CULTURE, "VENUE", 36, True, "WW", ("INTERNET_CAFE",)),
    Kind("互联网上网服务营业场所信息网络安全审核", "公安局", "VENUE", None, False, "WA",
         ("INTERNET_CAFE",)),
    Kind("娱乐经营许可证", _CULTURE, "VENUE", 24, True, "YU", ("ENTERTAINMENT",)),
    Kind("营业性演出许可证", _CULTURE, "VENUE", 24, True, "YC", ("STADIUM",)),
    Kind("电影放映经营许可证", _CULTURE, "VENUE", 36, True, "DY", ("STADIUM",)),
    Kind("出版物经营许可证", _APPROVAL, "VENUE", 60, True, "CB", ("SHOP", "MALL")),
    Kind("印刷经营许可证", _APPROVAL, "VENUE", 36, True, "YX", ("FACTORY",)),
    Kind("民办学校办学许可证", _EDUCATION, "VENUE", 60, True, "BX", _SCHOOL),
    Kind("高危险性体育项目经营许可证", _EDUCATION, "VENUE", 60, False, "TY", ("STADIUM",)),
    Kind("户外广告设置许可证", "城市管理局", "VENUE", 24, True, "GG", _ALL),
    Kind("城镇污水排入排水管网许可证", "城市管理局", "VENUE", 60, True, "PS", _FOOD),
    Kind("临时占道经营许可证", "城市管理局", "VENUE", 12, False, "ZD", ("SHOP", "EATERY")),
    Kind("危险化学品经营许可证", "应急管理局", "VENUE", 36, True, "WH", ("FACTORY",)),
    Kind("人力资源服务许可证", _LABOUR, "FIRM", 60, True, "RL"),
    Kind("劳务派遣经营许可证", _LABOUR, "FIRM", 36, True, "LW"),
    Kind("房地产经纪机构备案证明", "住房和城乡建设局", "FIRM", 36, False, "FJ"),
    Kind("健康证明", _HEALTH, "PERSON", 12, False, "JK"),
    Kind("教师资格证", _EDUCATION, "PERSON", None, False, "JS"),
    Kind("道路运输从业资格证", "交通运输局", "PERSON", 72, False, "CY"),
)  # fmt: skip


def kind_code(index: int) -> str:
    """Two digits from 01, in the order of `KINDS`."""
    return f"{index + 1:02}"
