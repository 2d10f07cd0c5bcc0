"""stub"""


def fonts_digest(language_code: str) -> str:
    return ""
