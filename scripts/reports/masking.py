"""Mask personal data in citizens' texts by its form: numbers, plates, accounts, addresses and names.

In doubt a word is masked. What has no form of its own stays (KNOWN_LIMITS of tests/python/test_masking.py,
docs/operations.md): no mask is complete.
Each pattern reads a text once or within a limit, so that no text takes long.
"""

from __future__ import annotations

import re
import unicodedata

MASK = "***"
# Ideographs of all planes, and the private areas that hold rare characters of names.
HAN = (
    "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\ufaff"
    "\U00020000-\U0003ffff\U000f0000-\U0010ffff"
)
LETTER = "A-Za-z\u00c0-\u1fff\u3040-\u30ff\uac00-\ud7af"
OPEN, CLOSE = r"[(\[{<（［｛【〔「『“\"‘']", r"[)\]}>）］｝】〕」』”\"’']"
# Digits, also in words: 一三八…, 壹叁捌….
DIGIT = "[0-9〇○◯零一二两兩三四五六七八九幺壹贰貳叁參叄肆伍陆陸柒捌玖]"
# Any number of other characters than letters may separate the digits of one number.
BETWEEN = r"(?:[\W_年月日号號])*"
TITLES = "先生|女士|小姐|太太|同志|师傅|老师|阿姨|大哥|大姐"

AT = rf"\s*(?:[@＠﹫]|{OPEN}\s*(?:[@＠﹫]|at|艾特)\s*{CLOSE})\s*"
DOT = rf"\s*(?:[.．]|\bdot\b|{OPEN}\s*(?:dot|点|[.．])\s*{CLOSE}|点)\s*"
LOCAL = r"[\w.%+\-]{1,64}"
EMAIL = re.compile(
    # After an at sign the dot may be missing or another mark; after a word for it the dot is required.
    rf"(?:[\"“][^\"”\n]{{1,64}}[\"”]|{LOCAL})?{AT}[\w\-]+(?:{DOT}[\w\-]+|\s*[。,，、·]\s*[A-Za-z0-9\-]+)*"
    rf"|{LOCAL}\s*(?:#|\bat\b|艾特)\s*[\w\-]+(?:{DOT}[\w\-]+)+",
    re.IGNORECASE,
)
# Seven digits are a local phone number; cards, documents and mobiles have more. Letters may stand at both ends.
LONG_NUMBER = re.compile(
    rf"\+?[A-Za-z]{{0,2}}{DIGIT}(?:{BETWEEN}{DIGIT}){{6,}}(?:{BETWEEN}[Xx](?![A-Za-z]))?[)）]?")
TIME = r"(?:[01]?\d|2[0-3])[:：][0-5]\d"
WHEN = re.compile(rf"(?:(?:20\d\d年)?\d{{1,2}}月\d{{1,2}}[日号]?)?\s*(?:{TIME}(?:\s*[-—~～]+\s*{TIME})?)?")
# More than four characters are a name if none of them is a function word.
LONG_NAME = rf"(?:(?![的了是请您你我他她在很被把给让个位])[{HAN}]){{5,12}}"
FOREIGN_NAME = rf"[{LETTER}][{LETTER}.'’\-]{{0,40}}(?:[\s·•]{{1,3}}[{LETTER}][{LETTER}.'’\-]{{0,40}}){{0,3}}"
NAME = (
    rf"(?:(?:[{HAN}]+[·•・‧])+[{HAN}]+|{LONG_NAME}|[{HAN}](?:\s{{0,3}}[{HAN}]){{0,3}}|{FOREIGN_NAME})"
)
TITLED_NAME = re.compile(rf"(?:{NAME}\s*[、&]\s*)*{NAME}(?=(?:\s|[·•・‧]|{OPEN}){{0,4}}(?:{TITLES}))")
NAMED_ONESELF = re.compile(
    r"((?:我叫|我是|本人|姓名|名叫|名字是?|联系人)\s*[:：]?\s*)"
    rf"(?:[{HAN}]+[·•・‧][{HAN}·•・‧]+|{LONG_NAME}|[{HAN}]{{2,4}}|{FOREIGN_NAME})"
)

# 浙A·12345, 浙AD12345 (new energy), 浙A1234警.
PLATE = re.compile(
    "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使][A-Za-z]"
    rf"(?:[\s·•・.\-—]{{0,3}}(?:[A-Za-z]|{DIGIT})){{4,6}}[挂学警港澳]?"
)
# The number or name of an account stands after the word for it, or before.
ACCOUNT_WORD = (
    "微信|威信|薇信|徽信|v信|扣扣|企鹅|抖音|快手|支付宝|微博|小红书|钉钉|[加➕][v微扣q]|"
    "(?<![a-z])(?:vx|wx|wei ?xin|wechat|qq|weibo|tiktok|telegram|skype|line|whatsapp)"
)
ACCOUNT_ID = rf"(?:[ .]?(?:[A-Za-z0-9_\-]|{DIGIT})){{5,40}}"
ACCOUNT = re.compile(
    rf"((?:{ACCOUNT_WORD})(?:号码|账号|帐号|昵称|名字|群|号|是|为|叫|我|加|找|id|[\s:：=,，、()（）“”\"'@*#\-—>]){{0,8}})"
    rf"{ACCOUNT_ID}"
    rf"|(?<![A-Za-z0-9_\-]){ACCOUNT_ID}(?=\s{{0,3}}(?:是我?的?)?(?:加)?(?:微信|v信|扣扣|(?:vx|wx|wechat|qq)(?![a-z])))",
    re.IGNORECASE,
)
# A part of an address: characters without function words.
PLACE = rf"(?:(?![的了是请您你我他她在住到从很被把给让个位去往知])[{HAN}]){{0,12}}?"
HOUSE = rf"(?:{DIGIT}|[十百A-Za-z\-—－#附]){{1,8}}"
ADDRESS = re.compile(
    # …路12号, unless a word such as 窗 or 柜 follows.
    rf"{PLACE}(?:路|街|巷|弄|胡同|大道|大街|道)\s{{0,2}}{HOUSE}\s{{0,2}}(?:号|弄|巷)(?!\s?(?:窗|柜|台|机|厅))"
    rf"(?:\s?{PLACE}{HOUSE}\s?(?:栋|幢|座|号楼|单元|层|楼|室|户|号))*"
    rf"|{PLACE}(?:小区|花园|花苑|新村|家园|公寓|大厦|公馆|嘉园|华庭|名苑|佳苑|宿舍)\s?{HOUSE}"
    rf"(?:\s?(?:栋|幢|座|号楼|单元|层|楼|室|户|号))?"
    rf"(?:\s?{HOUSE}\s?(?:栋|幢|座|号楼|单元|层|楼|室|户|号))*"
    rf"|{PLACE}{HOUSE}\s?(?:栋|幢|座|号楼)\s?{HOUSE}(?:\s?(?:单元|层|楼|室|户|号))?(?:\s?{HOUSE}(?:\s?(?:室|户|号))?)?"
    rf"|{PLACE}{HOUSE}\s?(?:栋|幢|单元)(?:\s?{HOUSE}\s?(?:室|户|号))?"
    rf"|{PLACE}(?:村|屯|寨|社区)\s?{PLACE}{HOUSE}\s?(?:组|队|社|号|户)(?!\s?(?:窗|柜|台|机|厅))"
    rf"|{PLACE}(?:镇|乡|街道)(?:(?![的了是在里上])[{HAN}]){{1,6}}?(?:村|屯|寨|社区)"
)
# Surnames. Those that are more often another word (高, 和, 安, 平, 方, 于, 常 …) count only before a title.
SURNAME = (
    "(?:欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|"
    "[王李张刘陈杨黄赵周吴徐孙朱马胡郭林何罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘蒋蔡余杜叶程苏魏吕丁沈姜卢姚钟崔谭陆汪范廖贾韦夏"
    "邱侯邹熊孟秦阎薛江顾雷钱龙段郝邵史陶贺毛龚赖康尹施孔严戴莫翟樊兰殷庄齐左涂倪葛聂章俞焦路鲁岳梅盛霍耿佟奚麦闫詹柯阮柳辛])"
)
MORE_SURNAMES = (
    "[高白方石任金洪文向温关安常平于乔万武汤骆甘毕童费季单尚鲍游成牛华裴覃符柴祝鞠冉宁应宗舒苗管涂封卜翁]"
)
# Words that begin like a surname.
NOT_A_NAME = (
    "(?!(?<=[感多致道])谢|"
    "谢谢|何时|何必|何况|许多|曾经|程序|周到|周末|周[一二三四五六日内]|马上|马虎|夏天|龙头|顾客|顾问|"
    "范围|余下|史上|左右|施工|严格|严重|严肃|康复|毛病|章程|路上|路过|路口|盛情|高[度效峰兴新级质铁]|"
    "白[天跑等]|方[便式面法案向]|任[何务意]|金[额融]|文[件明化字]|向[前后来]|关[于门心键]|"
    "安[排全静心]|常[常见用规]|平[时台均和]|于是|成[功为]|应[该当]|单[位独]|尚未|万一|管理"
    ")"
)
OFFICE = (
    "科长|处长|局长|主任|书记|所长|站长|队长|院长|校长|镇长|乡长|县长|市长|区长|村长|部长|司长|厅长|会长|社长|行长|班长|组长|股长|"
    "店长|主席|主管|经理|总监|警官|警员|法官|律师|医生|大夫|护士|教授|会计|出纳|老板|秘书|助理|干事|科员|专员|巡视员|调研员|同学|"
    "大爷|大妈|大叔|叔叔|奶奶|爷爷|婆婆|妹妹|姐姐|哥哥|弟弟|师父|工程师|哥(?!们)|姐(?!妹)|叔|嫂|姨|"
    "局(?![面部势限里])|处(?![理于分罚方境在长])|科(?![技学室目普员长])|总(?![是共算体之结的数部])|队(?![伍列友长])|"
    "工(?![作人资商程伤会具业地龄])|某(?![些个种一])"
)
# Characters that may follow a name: 王芳很耐心, 王芳给我办的.
AFTER_NAME = "的很真态人服帮给说是在就办也都还特非把来去一耐不"
ONE_MORE = rf"(?:(?![的了是请您你我他她在很被把给让个位和])[{HAN}])"
OFFICER = re.compile(
    rf"{NOT_A_NAME}(?:{SURNAME}|{MORE_SURNAMES}){ONE_MORE}{{0,2}}\s{{0,2}}(?:副|代|老)?(?={OFFICE})"
    rf"|(?<=[小老阿]){NOT_A_NAME}(?:{SURNAME}|{MORE_SURNAMES})(?=$|[^{HAN}]|[{AFTER_NAME}]|同[志学])"
)
# Minority and foreign names have a point between their parts.
POINTED_NAME = re.compile(rf"[{HAN}]{{1,10}}(?:\s?[·•・‧]\s?[{HAN}]{{1,10}})+")
WORKER = (
    "人员|办事员|办事人|申请人|经办人?|投诉人|当事人|代理人|委托人|户主|法人|法定代表人|柜员|导办员?|咨询员|客服|保安|员工|"
    "同事|老公|老婆|爱人|丈夫|妻子|儿子|女儿|父亲|母亲|爸爸?|妈妈?"
)
SHORT_NAME = rf"{NOT_A_NAME}{SURNAME}[{HAN}]{{1,2}}?(?=$|[^{HAN}]|[{AFTER_NAME}])"
SAID_NAME = re.compile(
    rf"((?:{WORKER})\s?(?:是|叫|姓名|名字|[:：])?\s?){SHORT_NAME}"
    rf"|((?:叫|名为)(?:做)?\s?[“\"「]?){SHORT_NAME}"
    rf"|((?:我|他|她|本人|免贵|人员)姓\s?){SURNAME}"
    rf"|((?:姓名|名字|落款|署名)\s?(?:是|为|叫|[:：])?\s?)[{HAN}]{{2,4}}"
)


def mask(text: str) -> str:
    """Return the text with personal data replaced by ***; full-width digits and letters become plain."""
    plain = "".join(_plain(character) for character in unicodedata.normalize("NFC", text))
    plain = EMAIL.sub(MASK, plain)
    plain = ACCOUNT.sub(lambda found: f"{found[1] or ''}{MASK}", plain)
    plain = PLATE.sub(MASK, plain)
    plain = ADDRESS.sub(MASK, plain)
    plain = LONG_NUMBER.sub(lambda found: found[0] if WHEN.fullmatch(found[0]) else MASK, plain)
    plain = POINTED_NAME.sub(MASK, plain)
    plain = TITLED_NAME.sub(MASK, plain)
    plain = OFFICER.sub(MASK, plain)
    plain = SAID_NAME.sub(lambda found: f"{''.join(filter(None, found.groups()))}{MASK}", plain)
    return NAMED_ONESELF.sub(rf"\1{MASK}", plain)


def excerpt(text: str, length: int) -> str:
    """Return the beginning of a text, masked as a whole before it is cut."""
    masked = mask(text)
    return masked if len(masked) <= length else masked[:length] + "…"


def _plain(character: str) -> str:
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    # Zero-width characters could split a number invisibly.
    if unicodedata.category(character) == "Cf":
        return ""
    # Punctuation and blanks stay as written.
    if unicodedata.category(character)[0] in "PZ":
        return character
    return unicodedata.normalize("NFKC", character)
