"""The door: copy a file that somebody else wrote into a private folder before anything reads it.

Links are never followed: a link in the drop folder may point to a file that its maker cannot read.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# What the loader reads; the nightly run passes on these files and reports all others.
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
# Some fifteen million cases; larger exports are split by month. Without a limit, one sparse file fills the disk.
MAX_BYTES = 2 << 30
NAME_BYTES = 200  # leaves room for -2, .rejected.csv and .txt within the 255 bytes of file systems
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
NAME = re.compile(f"[A-Za-z0-9_{HAN}][A-Za-z0-9._{HAN}-]*")
NO_NAME = re.compile(f"[^A-Za-z0-9._{HAN}-]")
# Some servers finish an upload with a second link and then remove the first, so there are two for a moment.
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
    """A file is refused; the text is one line in Chinese and English, without the path."""


class Changed(Refused):
    """The file is still being written, or was replaced; a later try may succeed."""


class Gone(Refused):
    """The file does not exist, or no longer."""


def check_name(name: str) -> None:
    """Raise Refused unless a name has only letters, digits, `.`, `_`, `-` and Chinese characters.

    It may not be too long, nor begin with `.` or `-`.
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
    """Return a name that passes check_name and is close to the given one."""
    safe = NO_NAME.sub("_", name).lstrip(".-") or "_"
    stem, dot, suffix = safe.rpartition(".")
    ending = f"{dot}{suffix}" if stem and len(suffix) <= 8 else ""
    stem = os.fsencode(safe.removesuffix(ending))[: NAME_BYTES - len(ending)].decode(errors="ignore")
    return stem + ending


def check_kind(found: os.stat_result) -> None:
    """Raise Refused unless this is a regular file with one link, and not too large."""
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
    """Return whether two stat results are of the same file, unchanged."""
    return all(
        getattr(one, part) == getattr(other, part) for part in ("st_dev", "st_ino", "st_mode", "st_size", "st_mtime_ns")
    )


@contextmanager
def reading() -> Iterator[None]:
    """Turn errors of a foreign file into Refused."""
    try:
        yield
    except FileNotFoundError:
        raise Gone("没有这个文件 / no such file") from None
    except OSError as error:
        text = error.strerror or type(error).__name__
        raise Refused(f"不能读取（{text}），请检查权限 / cannot be read ({text}); look at its permissions") from None


@contextmanager
def folder_opened(path: Path) -> Iterator[int]:
    """Yield the descriptor of a folder that is not a link; links above it belong to whoever gave the path."""
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
    """Copy a regular file of an open folder to a new path (mode 0600); return its stat result.

    Raises Refused (Changed), and OSError if the copy cannot be written, as when the disk is full.
    """
    with reading():
        check_kind_soon(lambda: os.stat(name, dir_fd=folder, follow_symlinks=False))
        # O_NONBLOCK: a FIFO or a lease may have taken the file's place.
        source = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        with reading():
            before = os.fstat(source)
        check_kind(before)
        # The folder is private, so O_EXCL alone ensures a new file.
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
    """Check the result of `look`; if the file has two links, look again a moment later."""
    found = look()
    if stat.S_ISREG(found.st_mode) and found.st_nlink != 1:
        time.sleep(LINK_SECONDS)
        found = look()
    check_kind(found)


def pour(source: int, target: int, size: int) -> int:
    """Copy at most one byte more than `size`; return how many were copied. Blocks of zeros stay sparse."""
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
    """Copy a file into a private folder (0700) under its own name; return the copy.

    Raises Refused for anything but a regular file with one link and a plain name, and OSError if the
    copy cannot be written.
    """
    check_name(path.name)
    copy = private / path.name
    with folder_opened(path.parent) as folder:
        take(folder, path.name, copy)
    return copy


def in_place(path: Path) -> Path:
    """Return the path of a file that nobody else can replace, so that it needs no copy.

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
    """Remove an entry of an open folder if it is still the file that was taken; return whether it is gone.

    Raises OSError if the folder cannot be written.
    """
    try:
        if not is_same(os.stat(name, dir_fd=folder, follow_symlinks=False), taken):
            return False
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        pass
    return True
