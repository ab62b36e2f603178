"""Nothing that names or reaches a citizen survives in a comment that is shown: fifty forms of each kind."""

import re

import pytest

from reports.masking import MASK, excerpt, mask
from reports.read_marts import COMMENT_LENGTH, read_comments

MOBILE = "13812345678"
ID = "11010519491231002X"
SEPARATORS = [
    "", " ", "-", ".", " - ", "·", "/", "_", ",", "，", "—", "–", "\u2011", "\u2212", ":", "：", "、", "~", "～", "…",
    "*", "+", "|", "；", "-----", " . . . ", "(", "\u200b", "\ufe0f\u20e3", "📞", "\n", "\u3000",
]
PHONES = [
    *(f"电话{MOBILE[:3]}{mark}{MOBILE[3:7]}{mark}{MOBILE[7:]}请回电" for mark in SEPARATORS),
    "138年1234月5678日", "138号12345678",
    "".join(digit + "\ufe0f\u20e3" for digit in MOBILE), "".join(chr(ord(digit) + 0xFEE0) for digit in MOBILE),
    "".join(chr(ord(digit) + 0x1D7CE - 0x30) for digit in MOBILE), "①③⑧①②③④⑤⑥⑦⑧", "١٣٨١٢٣٤٥٦٧٨",
    "一三八一二三四五六七八", "幺三八幺二三四五六七八", "一三八〇〇一二三四五六", "一三八○○一二三四五六",
    "壹叁捌壹贰叁肆伍陆柒捌", "壹參捌壹貳參肆伍陸柒捌", "一三八12345678", "1 3 8 1 2 3 4 5 6 7 8",
    "+8613812345678", "008613812345678", "(+86)13812345678", "微信13812345678", "q13812345678q",
    "0571-88886666", "(0571)88886666", "88886666", "888 8666", "400-800-8888", "0571-88886666-801", "+1 212 555 0100",
    "找13812345678张三",
]
DOCUMENTS = [
    ID, ID.lower(), f"身份证{ID}", f"身份证号：{ID}。", f"（{ID}）", f"id={ID}", "110105194912310021",
    "110105 1949 1231 002X", "110105 1949年12月31日 002X", "11 01 05 19 49 12 31 00 21", "1101051949123100 2X",
    *(f"110105{mark}19491231{mark}002X" for mark in SEPARATORS if mark.strip() not in ("", "-----")),
    "".join(chr(ord(c) + 0xFEE0) for c in ID), "\u200b".join(ID), "一一零一零五一九四九一二三一零零二一",
    "110105491231002", "E12345678", "护照号 G87654321", "EA1234567", "D 1234 5678", "H1234567890", "台胞证0123456701",
    "A123456(7)", "K 123456（7）", "CHN110105491231", "银行卡6222021234567890123", "6222-0212-3456-7890",
    "不动产权证号0012345号", "军官证号 1234567",
]
MAILS = [
    *(f"请回复zhang{at}qq.com" for at in (
        "@", "＠", "﹫", " @ ", "(at)", "（at）", "[at]", "【at】", "{at}", "<at>", "「at」", "[@]", "（@）", "【＠】",
        "( at )", " at ", " AT ", "(AT)", "ＡＴ".join("()"), "艾特", "（艾特）", "#", "@\u200b",
    )),
    *(f"zhang@qq{dot}com" for dot in (
        ".", "．", "。", ",", "，", "、", " . ", "点", " dot ", "(dot)", "（dot）", "[.]", "【点】", "·", " DOT ",
    )),
    "zhang@qq", "zhang san@qq.com".replace(" ", "."), '"zhang san"@qq.com', "“zhang san”@qq.com", "zhang_88@qq.com",
    "z-s+zhang@qq.com", "zhang%qq@qq.com", "李四@qq.com", "13812345678@qq.com", "ZHANG@QQ.COM",
    "ｚｈａｎｇ@ｑｑ.ｃｏｍ", "zhang@mail.qq.com.cn", "zhang@vip.qq点com", "邮箱：zhang@qq.com。",
    "(zhang@qq.com)", "mailto:zhang@qq.com",
]
# Each text, and what must not be left of it.
NAMED = [
    *((text.format("王伟"), "王伟") for text in (
        "{}先生很耐心", "感谢{}女士", "窗口的 {} 先生", "{}\u3000女士办得快", "{}（先生）", "{}(女士)", "{}“先生”",
        "{}「先生」", "{}【女士】", "{} （ 先生）", "{}\n先生", "{}·先生", "{}同志", "{}师傅", "{}老师", "{}阿姨",
        "{}大哥", "{}大姐", "{}小姐", "{}太太", "谢谢{}先生和窗口", "我叫{}", "本人{}来办证", "姓名：{}", "联系人:{}",
        "名字是{}",
    )),
    *((f"{name}先生很耐心", part) for name, part in (
        ("王", "王"), ("欧阳娜娜", "娜娜"), ("古丽巴哈尔", "古丽"), ("阿卜杜热合曼", "阿卜"),
        ("迪丽热巴迪力木拉提", "迪丽"), ("阿卜杜·热合曼", "阿卜"), ("阿卜杜・热合曼", "阿卜"), ("欧阳·", "欧阳"),
        ("王 伟", "王"), ("王  小  伟", "王"), ("王伟、李强", "王伟"), ("王伟、古丽巴哈尔", "王伟"),
        ("王伟 & 李强", "王伟"), ("王伟和李强", "王伟"), ("王\u200b伟", "王"), ("𠮷田", "𠮷"), ("王\U000310ef", "王"),
        ("\ue863伟", "\ue863"), ("王\U000f0123", "王"), ("\uf9b5伟", "伟"), ("John Smith", "Smith"), ("O'Neil", "Neil"),
        ("José", "Jos"), ("Jose\u0301", "Jos"), ("Müller", "ller"), ("Jean-Luc", "Jean"), ("Иван", "Иван"),
        ("김철수", "김"), ("たなか", "たなか"), ("Ｊｏｈｎ", "ohn"),
    )),
    ("我叫古丽巴哈尔", "尔"), ("我叫José", "Jos"), ("我叫阿卜杜·热合曼", "热合曼"),
]
SECRETS = {"phones": PHONES, "documents": DOCUMENTS, "mails": MAILS, "names": NAMED}


@pytest.mark.parametrize("kind", SECRETS)
def test_there_are_fifty_forms_of_each(kind):
    """Two numbers of the same form count once."""
    assert len({re.sub("[0-9]", "0", str(form)) for form in SECRETS[kind]}) >= 50


@pytest.mark.parametrize("text", [*PHONES, *DOCUMENTS])
def test_no_number_survives(text):
    shown = mask(text)
    assert MASK in shown
    digits = [c for c in shown if c.isdigit() or c in "一二三四五六七八九幺两壹贰貳叁參肆伍陆陸柒捌玖〇○零"]
    assert len(digits) <= 3, shown  # what is left reaches nobody


@pytest.mark.parametrize("text", MAILS)
def test_no_address_survives(text):
    shown = mask(text)
    assert MASK in shown
    assert not re.search("[@＠﹫]|qq|com|zhang|李四|1381", shown.lower())


@pytest.mark.parametrize(("text", "name"), NAMED)
def test_no_name_survives(text, name):
    shown = mask(text)
    assert MASK in shown
    assert name not in shown


@pytest.mark.parametrize("secret", [f"电话{MOBILE}", f"证件{ID}", "邮箱zhang@qq.com", "古丽巴哈尔女士"])
def test_a_cut_through_it_shows_no_part_of_it(secret):
    """Wherever the text ends that is shown: nothing is masked but what is whole."""
    text = "很好，" * 3 + secret + "，谢谢" * 9
    for length in range(1, len(text)):
        assert mask(text).startswith(excerpt(text, length).removesuffix("…"))
    assert not re.search("13|11|zhang|古丽", excerpt(text, 15))


class Comments:
    """Marts that know one comment."""

    def read(self, _sql: str, **_parameters) -> list[dict]:
        text = "好" * (COMMENT_LENGTH - 5) + MOBILE
        return [{"comment_text": text, "recorded_rating": f"5 星 {MOBILE}"}]


def test_a_hall_page_gets_comment_and_rating_masked():
    """Of the number in the comment, the cut would leave five digits."""
    (row,) = read_comments(Comments(), {"hall": None})
    assert row["comment_text"] == "好" * (COMMENT_LENGTH - 5) + MASK
    assert row["recorded_rating"] == f"5 星 {MASK}"


@pytest.mark.parametrize("text", [
    "态度很好，办得很快", "排队两个小时", "3号窗口等了45分钟", "让我跑了三趟", "2026年9月1日办的", "材料来回补了两次",
    "满意度100%", "", "一次就办好了", "10:30到11:15", "10:30-11:15", "2026年11月24日10:30来的", "态度好！大姐很耐心",
])
def test_an_ordinary_comment_is_left_alone(text):
    assert mask(text) == text
