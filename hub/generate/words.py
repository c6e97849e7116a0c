"""Word lists for made-up names and addresses. Street names are real ones of each subdistrict."""

from __future__ import annotations

STREETS: dict[str, tuple[str, ...]] = {
    "370202001": ("香港中路", "江西路", "云霄路", "闽江路", "南京路", "东海西路", "山东路"),
    "370202002": ("团岛一路", "台西三路", "贵州路", "西镇巷", "费县路", "西藏路", "磁山路"),
    "370202004": ("云南路", "四川路", "广州路", "寿张路", "东平路", "嘉祥路", "滋阳路"),
    "370202005": ("中山路", "太平路", "泰安路", "湖南路", "曲阜路", "肥城路", "江苏路"),
    "370202007": ("江苏路", "大学路", "齐东路", "龙江路", "黄县路", "信号山路", "登州路"),
    "370202009": ("金口一路", "福山路", "红岛路", "正阳关路", "居庸关路", "太平角一路", "文登路"),
    "370202010": ("湛山大路", "香港西路", "仰口路", "盐城路", "秀湛路", "东海一路", "芝泉路"),
    "370202011": ("延吉路", "泰州路", "徐州路", "金湖路", "延安三路", "宁夏路", "镇江南路"),
    "370202012": ("太湖路", "天台路", "高邮湖路", "永嘉路", "宁夏路", "南京路", "洪泽湖路"),
    "370202013": ("银川西路", "仙游路", "三明路", "大尧三路", "天山路", "福州南路", "逍遥一路"),
    "370202014": ("澳门路", "汕头路", "海口路", "珠海路", "辛家庄北山路", "燕儿岛路", "香港东路"),
}
FALLBACK_STREETS = ("人民路", "建设路", "和平路", "解放路", "文化路", "滨海路", "中心街")

ESTATES = ("海景", "金海", "东海", "碧海", "银海", "浮山", "天泰", "百合", "怡景", "翠湖", "锦绣")
ESTATE_KINDS = ("花园", "小区", "家园", "公寓", "苑", "里")
TOWERS = ("国际大厦", "金融中心", "商务大厦", "广场", "大厦")

FIRST = (
    "海滨", "老船长", "金帆", "蓝湾", "栈桥", "琴岛", "胶东", "鲁味", "浪花", "海之韵", "八大关",
    "小青岛", "四季", "好邻居", "福满", "聚贤", "同乐", "永兴", "瑞祥", "东方", "和顺", "大海",
    "天成", "悦来", "明月", "新星", "一品", "百味", "乐家", "春和", "广源", "振华", "金桥", "海韵",
)  # fmt: skip

VENUE_WORDS: dict[str, tuple[str, ...]] = {
    "SCHOOL": ("幼儿园", "托管中心", "艺术培训学校"),
    "CLINIC": ("诊所", "口腔门诊部", "中医诊所"),
    "SHOP": ("便利店", "烟酒超市", "水果店", "五金店", "服装店", "茶叶店"),
    "EATERY": ("小吃店", "面馆", "烧烤店", "海鲜馆", "水饺馆", "快餐店"),
    "HOTEL": ("旅馆", "宾馆", "民宿"),
    "ENTERTAINMENT": ("歌舞厅", "量贩式KTV", "棋牌室"),
    "INTERNET_CAFE": ("网吧", "电竞馆"),
    "BEAUTY_BATH": ("美容院", "理发店", "洗浴中心", "足疗店"),
    "WORKSHOP": ("食品加工坊", "糕点坊", "豆制品坊"),
    "LARGE_SCHOOL": ("中学", "小学", "职业学校"),
    "HOSPITAL": ("医院", "妇产医院"),
    "MALL": ("购物中心", "大超市", "百货商场"),
    "RESTAURANT": ("大酒店", "海鲜大酒楼"),
    "LARGE_HOTEL": ("国际酒店", "大饭店"),
    "STADIUM": ("剧院", "体育馆", "影城"),
    "FACTORY": ("服装厂", "印刷厂", "仓储中心"),
}
VENUE_WEIGHTS: dict[str, float] = {
    "SCHOOL": 3, "CLINIC": 4, "SHOP": 34, "EATERY": 27, "HOTEL": 4, "ENTERTAINMENT": 2,
    "INTERNET_CAFE": 1, "BEAUTY_BATH": 12, "WORKSHOP": 3, "LARGE_SCHOOL": 1, "HOSPITAL": 0.4,
    "MALL": 1.6, "RESTAURANT": 3.5, "LARGE_HOTEL": 1.5, "STADIUM": 0.5, "FACTORY": 1.5,
}  # fmt: skip
VENUE_INDUSTRY: dict[str, str] = {
    "SCHOOL": "P8310", "CLINIC": "Q8425", "SHOP": "F5213", "EATERY": "H6291", "HOTEL": "H6129",
    "ENTERTAINMENT": "R9011", "INTERNET_CAFE": "R9013", "BEAUTY_BATH": "O8040",
    "WORKSHOP": "C1411", "LARGE_SCHOOL": "P8331", "HOSPITAL": "Q8411", "MALL": "F5212",
    "RESTAURANT": "H6210", "LARGE_HOTEL": "H6110", "STADIUM": "R8810", "FACTORY": "C1819",
}  # fmt: skip
"""Industry class of the firm that runs a venue (GB/T 4754-2017)."""
VENUE_FLOOR_AREA: dict[str, tuple[int, int]] = {
    "LARGE_SCHOOL": (2000, 30000), "HOSPITAL": (2000, 50000), "MALL": (1000, 60000),
    "RESTAURANT": (500, 4000), "LARGE_HOTEL": (2000, 40000), "STADIUM": (1500, 30000),
    "FACTORY": (500, 8000),
}  # fmt: skip
"""Floor area from and to, square metres; small venues have 15 to 300."""

FIRM_TRADES: tuple[tuple[str, str], ...] = (
    ("软件科技", "I6513"), ("信息技术", "I6531"), ("集成电路设计", "I6520"), ("物业管理", "K7020"),
    ("房地产开发", "K7010"), ("商贸", "F5193"), ("国际贸易", "F5199"), ("企业管理咨询", "L7249"),
    ("广告传媒", "L7259"), ("建筑工程", "E4710"), ("国际物流", "G5820"), ("文化传播", "R9051"),
    ("投资管理", "L7212"), ("海洋科技", "M7519"), ("人力资源服务", "L7269"),
)  # fmt: skip
"""Trade in a firm's name and its industry class (GB/T 4754-2017)."""
