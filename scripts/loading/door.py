"""The door: a file that somebody else wrote is copied into a private folder before anything reads it.

Nothing is followed on the way: a link in the drop folder may name a file that its maker could never read.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# What the loader reads; the night hands over files with these endings and names all others.
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
# Some fifteen million cases; whoever has more sends them by month. Without a limit one sparse file fills the disk.
MAX_BYTES = 2 << 30
NAME_BYTES = 200  # leaves room for -2, .rejected.csv and .txt below the 255 of file systems
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
NAME = re.compile(f"[A-Za-z0-9_{HAN}][A-Za-z0-9._{HAN}-]*")
NO_NAME = re.compile(f"[^A-Za-z0-9._{HAN}-]")
# Some servers finish an upload by a second link and the removal of the first: for a moment there are two.
LINK_SECONDS = 0.2
CHUNK = 1 << 20
KINDS = (
    (stat.S_ISLNK, "符号链接", "a symbolic link"),
    (stat.S_ISDIR, "文件夹", "a folder"),
    (stat.S_ISFIFO, "管道", "a FIFO"),
    (stat.S_ISSOCK, "套接字", "a socket"),
    (stat.S_ISCHR, "设备", "a device"),
    (stat.S_ISBLK, "设备", "a device"),
)


class Refused(Exception):
    """A file does not come in; the text is one line in Chinese and English, without the path."""


class Changed(Refused):
    """The file is still being written, or was exchanged: it may come in another time."""


class Gone(Refused):
    """There is no such file, or no more."""


def check_name(name: str) -> None:
    """Raise Refused unless a name is made of letters, digits, `.`, `_`, `-` and Chinese characters, and not too long.

    It does not begin with `.` or `-`.
    """
    if len(os.fsencode(name)) > NAME_BYTES:
        raise Refused(f"文件名超过 {NAME_BYTES} 字节，请改短 / the name is longer than {NAME_BYTES} bytes, shorten it")
    if not NAME.fullmatch(name):
        raise Refused(
            "文件名只能用字母、数字、. _ - 和汉字，不以 . 或 - 开头，请改名"
            " / a name is made of letters, digits, . _ - and Chinese characters, and does not begin with . or -;"
            " rename the file"
        )


def safe_name(name: str) -> str:
    """Return a name that passes check_name, as like to the given one as may be."""
    safe = NO_NAME.sub("_", name).lstrip(".-") or "_"
    stem, dot, suffix = safe.rpartition(".")
    ending = f"{dot}{suffix}" if stem and len(suffix) <= 8 else ""
    stem = os.fsencode(safe.removesuffix(ending))[: NAME_BYTES - len(ending)].decode(errors="ignore")
    return stem + ending


def check_kind(found: os.stat_result) -> None:
    """Raise Refused unless this is a plain file with one name and not too large."""
    for is_kind, zh, en in KINDS:
        if is_kind(found.st_mode):
            raise Refused(f"这是{zh}，只收普通文件 / this is {en}; only plain files are taken")
    if found.st_nlink != 1:
        raise Refused(
            f"这个文件有 {found.st_nlink} 个名字（硬链接），请复制一份再放"
            f" / the file has {found.st_nlink} names (hard links); put a copy of it"
        )
    if found.st_size > MAX_BYTES:
        raise Refused(
            f"文件有 {found.st_size} 字节，上限 {MAX_BYTES}，请按月分开"
            f" / the file has {found.st_size} bytes, at most {MAX_BYTES} are taken; split it by month"
        )


def is_same(one: os.stat_result, other: os.stat_result) -> bool:
    """Return whether two looks saw the same file with the same content."""
    return all(
        getattr(one, part) == getattr(other, part) for part in ("st_dev", "st_ino", "st_mode", "st_size", "st_mtime_ns")
    )


@contextmanager
def reading() -> Iterator[None]:
    """Turn what goes wrong with the file of somebody else into a refusal."""
    try:
        yield
    except FileNotFoundError:
        raise Gone("没有这个文件 / no such file") from None
    except OSError as error:
        text = error.strerror or type(error).__name__
        raise Refused(f"不能读取（{text}），请检查权限 / cannot be read ({text}); look at its permissions") from None


@contextmanager
def folder_opened(path: Path) -> Iterator[int]:
    """Give the descriptor of a folder that is no link itself; links above it are those of whoever named the path."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise Gone("没有这个文件 / no such file") from None
    except OSError as error:
        zh, en = ("是链接", "is a link") if path.is_symlink() else ("不能打开", f"cannot be opened: {error.strerror}")
        raise Refused(f"所在文件夹{zh}，请写文件夹本身 / its folder {en}; name the folder itself") from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def take(folder: int, name: str, copy: Path) -> os.stat_result:
    """Copy a plain file of an open folder to a path that is not there yet (mode 0600); return what was copied.

    Raises Refused (Changed), and OSError when the copy cannot be written, as when the disk is full.
    """
    with reading():
        check_kind_soon(lambda: os.stat(name, dir_fd=folder, follow_symlinks=False))
        # Not blocked by a FIFO or a lease that took the file's place since.
        source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        with reading():
            before = os.fstat(source)
        check_kind(before)
        # The folder is our own, so that nothing but O_EXCL is needed to know that the file is new.
        target = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            copied = pour(source, target, before.st_size)
            with reading():
                after = os.fstat(source)
            if copied != before.st_size or not is_same(before, after) or after.st_nlink != 1:
                raise Changed(
                    "读取时文件正在改变，请先用别的名字（.part）上传，传完再改名"
                    " / the file changed while it was read; upload under another name (.part) and rename when complete"
                )
        except BaseException:
            copy.unlink()
            raise
        finally:
            os.close(target)
    finally:
        os.close(source)
    return before


def check_kind_soon(look) -> None:
    """Check what is looked at; where it has two names, look once more a moment later."""
    found = look()
    if stat.S_ISREG(found.st_mode) and found.st_nlink != 1:
        time.sleep(LINK_SECONDS)
        found = look()
    check_kind(found)


def pour(source: int, target: int, size: int) -> int:
    """Copy no more than one byte beyond the size; return how many there were. Zeros take no room, as in a sparse file.
    """
    copied = 0
    while copied <= size:
        with reading():
            chunk = os.read(source, min(CHUNK, size + 1 - copied))
        if not chunk:
            break
        copied += len(chunk)
        if chunk.count(0) == len(chunk):
            os.lseek(target, len(chunk), os.SEEK_CUR)
            continue
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(target, rest):]
    os.ftruncate(target, copied)
    return copied


def copy_in(path: Path, private: Path) -> Path:
    """Copy a file into a private folder (0700, ours) under its own name; return the copy.

    Raises Refused for whatever is not a plain file with one name and a plain name, and OSError when the
    copy cannot be written.
    """
    check_name(path.name)
    copy = private / path.name
    with folder_opened(path.parent) as folder:
        take(folder, path.name, copy)
    return copy


def in_place(path: Path) -> Path:
    """Return the path of a file that nobody else can exchange, so that it needs no copy.

    Raises Refused as copy_in does, and for a folder that others may enter.
    """
    check_name(path.name)
    with folder_opened(path.parent) as folder:
        found = os.fstat(folder)
        if found.st_uid != os.geteuid() or found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise Refused("所在文件夹别人也能进入，不能用 --in-place"
                          " / others may enter its folder: not with --in-place")
        with reading():
            check_kind(os.stat(path.name, dir_fd=folder, follow_symlinks=False))
    return path.absolute()


def remove(folder: int, name: str, taken: os.stat_result) -> bool:
    """Remove an entry of an open folder if it is still what was taken; return whether it is gone.

    Raises OSError when the folder cannot be written.
    """
    try:
        if not is_same(os.stat(name, dir_fd=folder, follow_symlinks=False), taken):
            return False
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        pass
    return True
