"""A folder that is made where it is missing, but not what it is in: that may be a disk that is not mounted."""

from pathlib import Path


def not_mounted(folder: Path, what: str) -> str | None:
    """Return why a folder may not be made, with the cure; None where it may, or is there.

    Args:
        folder: The folder.
        what: What is to be kept in it, in words.
    """
    if folder.is_dir() or folder.parent.is_dir():
        return None
    return (
        f"{folder.parent} is not there, in which the folder for {what} is to be: is its disk mounted? "
        f"Mount it, or make {folder.parent}"
    )
