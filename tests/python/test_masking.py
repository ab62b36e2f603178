"""Nothing that names or reaches a citizen survives in a comment that is shown: fifty forms of each kind."""

import pytest
from reports.masking import MASK, mask

MOBILE = "13812345678"
SEPARATORS = ["", " ", "-", ".", "  ", " - ", "·", "/"]
PHONES = [
    *(f"电话{MOBILE[:3]}{mark}{MOBILE[3:7]}{mark}{MOBILE[7:]}请回电" for mark in SEPARATORS),
    *(f"{lead}{MOBILE}" for lead in ("", "+86", "+86 ", "0086", "86-", "(+86)", "手机：", "微信", "tel:", "请打")),
    *("".join(chr(ord(digit) + 0xFEE0) for digit in number) for number in (MOBILE, "18698765432", "057188886666")),
    *("".join("零一二三四五六七八九"[int(digit)] for digit in number) for number in (MOBILE, "15900001111")),
    *("".join("〇幺两三四五六七八九"[int(digit)] for digit in number) for number in (MOBILE, "13211112222")),
    "一三八12345678", "壹叁捌壹贰叁肆伍陆柒捌",
    *("\u200b".join(number) for number in (MOBILE, "17712341234")),
    "1 3 8 1 2 3 4 5 6 7 8", "1-3-8-1-2-3-4-5-6-7-8", "138 12 34 56 78", "1381 2345 678",
    "0571-88886666", "0571 88886666", "(0571)88886666", "（0571）8888 6666", "010-62345678", "021 6234 5678",
    "88886666", "8888-6666", "888 8666", "400-800-8888", "4008008888", "400 800 8888", "800-810-1234",
    "+852 9123 4567", "+1 212 555 0100", "0571-88886666-801", "电话是138,1234,5678", "138_1234_5678",
    "138—1234—5678", "١٣٨١٢٣٤٥٦٧٨",
    "找13812345678张三", "q13812345678q", "①13812345678",
]
ID = "11010519491231002X"
DOCUMENTS = [
    ID, ID.lower(), f"身份证{ID}", f"身份证号：{ID}。", f"({ID})", f"（{ID}）", f"号码是{ID}，请查", f"id={ID}",
    "110105194912310021", "110105 19491231 0021", "110105-19491231-0021", "110105 1949 1231 002X",
    "110105.19491231.0021", "1101051949123100 2X", "11 01 05 19 49 12 31 00 21", "110105/19491231/0021",
    "".join(chr(ord(c) + 0xFEE0) for c in ID), "".join(chr(ord(c) + 0xFEE0) for c in "110105194912310021"),
    "\u200b".join(ID), "\u2060".join("110105194912310021"),
    "一一零一零五一九四九一二三一零零二一", "110105491231002", "110105 491231 002", "身份证110105491231002号",
    "330102200001011234", "身份证33010220000101123X办理", "3301022000 0101 123x", "证件330102-2000-0101-1234",
    "E12345678", "护照E12345678", "护照号 G87654321", "EA1234567", "护照EA 1234567", "D 1234 5678",
    "港澳通行证C12345678", "通行证 CA1234567", "H12345678", "H1234567890", "台胞证 12345678", "台胞证0123456701",
    "A123456(7)", "A1234567", "K 123456 (7)", "外国人永居证911123198001010123", "CHN110105491231",
    "社保卡 6217 0012 3456 7890 123", "银行卡6222021234567890123", "6222-0212-3456-7890", "驾驶证110105194912310021",
    "不动产权证号0012345号", "军官证号 1234567", "档案1101051234",
]
MAILS = [
    f"{local}{at}{host}"
    for local in ("zhang.san", "zhangsan_88", "z-s+hall", "13812345678", "li", "李四", "A.B")
    for at, host in (
        ("@", "qq.com"), ("＠", "163.com"), (" @ ", "mail.gov.cn"), ("(at)", "qq.com"), ("[at]", "foxmail.com"),
        (" at ", "outlook.com"), ("@", "vip.qq点com"),
    )
] + ["请回复zhang@example.com。", "邮箱：ZHANG@EXAMPLE.COM", "zhang#qq.com"]
NAMES = ["王", "张伟", "欧阳", "欧阳娜娜", "司马光", "李小明", "仝", "乜小雨", "阿卜杜·热合曼", "迪丽热巴",
         "John Smith", "Smith", "O'Neil"]
NAMED = [
    text.format(name) for name in NAMES
    for text in ("{}先生很耐心", "感谢{}女士", "窗口的 {} 先生", "{}\u3000女士办得快")
]
SECRETS = {"phones": PHONES, "documents": DOCUMENTS, "mails": MAILS, "names": NAMED}


@pytest.mark.parametrize("kind", SECRETS)
def test_there_are_fifty_forms_of_each(kind):
    assert len(set(SECRETS[kind])) >= 50


@pytest.mark.parametrize("text", [*PHONES, *DOCUMENTS])
def test_no_number_survives(text):
    shown = mask(text)
    assert MASK in shown
    digits = [c for c in shown if c.isdigit() or c in "一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖〇零"]
    assert len(digits) <= 3, shown  # what is left reaches nobody
    assert not any(part in shown for part in (MOBILE[3:], ID[6:14], ID[-4:]))


@pytest.mark.parametrize("text", MAILS)
def test_no_address_survives(text):
    shown = mask(text)
    assert MASK in shown
    parts = ("@", "qq", "163", "gov", "foxmail", "outlook", "example", "zhang")
    assert not any(part in shown.lower() for part in parts)


@pytest.mark.parametrize("text", NAMED)
def test_no_name_before_a_title_survives(text):
    shown = mask(text)
    assert MASK in shown
    assert not any(name in shown for name in NAMES)
    assert "先生" in shown or "女士" in shown


@pytest.mark.parametrize("text", ["我叫王小明，住在城东", "本人李四来办证", "姓名：赵六", "联系人:孙七"])
def test_no_name_after_an_introduction_survives(text):
    assert not any(name in mask(text) for name in ("王小明", "李四", "赵六", "孙七"))


@pytest.mark.parametrize("text", [
    "态度很好，办得很快", "排队两个小时", "3号窗口等了45分钟", "让我跑了三趟", "2026年9月1日办的", "材料来回补了两次",
    "满意度100%", "", "一次就办好了", "10:30到11:15",
])
def test_an_ordinary_comment_is_left_alone(text):
    assert mask(text) == text
