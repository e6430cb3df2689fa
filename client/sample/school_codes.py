"""School identifier codes (学校标识码): class, province and serial number, ten digits."""

_CLASS_BY_TYPE = {
    "111": "11",
    "211": "21",
    "218": "21",
    "311": "31",
    "312": "31",
    "341": "34",
    "342": "34",
    "345": "34",
    "511": "51",
    "512": "51",
    "513": "51",
    "514": "51",
}


def school_code(school_type: str, province: str, serial: int) -> str:
    """The code of a school of this type (办学类型), with the class digits of the type."""
    return f"{_CLASS_BY_TYPE[school_type]}{province}{serial:06d}"
