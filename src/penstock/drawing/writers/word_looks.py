"""How our Word documents look: letters, headings with numbers, tables, sheets."""

from __future__ import annotations

from typing import Any

FONT, MONO = "Arial", "Courier New"
INK, QUIET, EDGE, ACCENT = "1D2939", "667085", "DFE3EA", "2457C5"
TABLE_STYLE = "Penstock Table"
TONES = {"note": ("EAF1FE", "2457C5"), "good": ("E8F6F1", "1F9D78"), "warning": ("FDF3E0", "B97500"),
         "bad": ("FCEBEB", "C92A2A")}  # fmt: skip
"""Tone → ground, edge."""
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

_TABLE = f"""<w:style xmlns:w="{W}" w:type="table" w:customStyle="1" w:styleId="PenstockTable">
<w:name w:val="{TABLE_STYLE}"/><w:basedOn w:val="TableNormal"/><w:uiPriority w:val="59"/><w:qFormat/>
<w:pPr><w:spacing w:before="40" w:after="40" w:line="240" w:lineRule="auto"/></w:pPr>
<w:rPr><w:sz w:val="17"/></w:rPr>
<w:tblPr><w:tblStyleRowBandSize w:val="1"/><w:tblInd w:w="90" w:type="dxa"/><w:tblBorders>
<w:top w:val="single" w:sz="4" w:color="{EDGE}"/><w:bottom w:val="single" w:sz="4" w:color="{EDGE}"/>
<w:insideH w:val="single" w:sz="4" w:color="{EDGE}"/></w:tblBorders>
<w:tblCellMar><w:top w:w="30" w:type="dxa"/><w:left w:w="90" w:type="dxa"/><w:bottom w:w="30" w:type="dxa"/>
<w:right w:w="90" w:type="dxa"/></w:tblCellMar></w:tblPr>
<w:tblStylePr w:type="firstRow"><w:rPr><w:b/><w:color w:val="{ACCENT}"/></w:rPr><w:tcPr>
<w:tcBorders><w:bottom w:val="single" w:sz="8" w:color="{ACCENT}"/></w:tcBorders>
<w:shd w:val="clear" w:color="auto" w:fill="F3F6FC"/></w:tcPr></w:tblStylePr>
<w:tblStylePr w:type="band2Horz"><w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="FAFBFC"/></w:tcPr></w:tblStylePr>
</w:style>"""


def _level(n: int) -> str:
    said = ".".join(f"%{k}" for k in range(1, n + 2))
    return (
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="Heading{n + 1}"/>'
        f'<w:suff w:val="space"/><w:lvlText w:val="{said} "/><w:lvlJc w:val="left"/>'
        f'<w:pPr><w:ind w:left="0" w:firstLine="0"/></w:pPr></w:lvl>'
    )


_NUMBERING = (
    f'<w:abstractNum xmlns:w="{W}" w:abstractNumId="770"><w:multiLevelType w:val="multilevel"/>'
    + "".join(_level(n) for n in range(3))
    + "</w:abstractNum>"
)
_NUMBERS = f'<w:num xmlns:w="{W}" w:numId="770"><w:abstractNumId w:val="770"/></w:num>'


def fresh() -> Any:
    """An empty document in our looks, A4."""
    import docx

    made = docx.Document()
    _sheet(made)
    _letters(made)
    _numbers(made)
    _tables(made)
    return made


def lend(made: Any) -> None:
    """A document of somebody else gets those of our styles that it does not have; its own stay as they are."""
    names = {style.name for style in made.styles}
    for n, size in enumerate((16, 13, 11, 10.5), 1):
        if f"Heading {n}" not in names:
            _style(made, f"Heading {n}", size=size, bold=True, before=12, after=4, keep=True)
    for name, size in (("List Bullet", 10.0), ("Caption", 8.5)):
        if name not in names:
            _style(made, name, size=size, after=4)
    if "Code" not in names:
        _style(made, "Code", size=8.5, font=MONO)
    if TABLE_STYLE not in names:
        _tables(made)


def _sheet(made: Any) -> None:
    from docx.shared import Cm

    section = made.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin, section.bottom_margin = Cm(2.3), Cm(2.1)
    section.header_distance = section.footer_distance = Cm(1.0)
    section.different_first_page_header_footer = True


def _letters(made: Any) -> None:
    _style(made, "Normal", size=10, color=INK, after=6, line=1.15)
    sizes = ((20, 0, 12), (14, 18, 6), (11.5, 14, 4), (10.5, 10, 3))
    for n, (size, before, after) in enumerate(sizes, 1):
        _style(made, f"Heading {n}", size=size, bold=True, color=ACCENT if n < 3 else INK, before=before,
               after=after, keep=True)  # fmt: skip
    _style(made, "Title", size=30, bold=True, color=INK, after=6)
    _style(made, "Subtitle", size=14, color=QUIET, after=24)
    _style(made, "Caption", size=8.5, color=QUIET, before=3, after=12)
    for name in ("List Bullet", "List Number"):
        _style(made, name, size=10, color=INK, after=3)
    for n in (1, 2, 3):
        _style(made, f"TOC {n}", size=10 if n == 1 else 9, bold=n == 1, color=INK if n < 3 else QUIET,
               before=5 if n == 1 else 0, after=1, line=1.0, left=0.55 * (n - 1))  # fmt: skip
    _style(made, "Code", size=8.5, font=MONO, color=INK, after=0, line=1.05)
    _style(made, "Header", size=8, color=QUIET)
    _style(made, "Footer", size=8, color=QUIET)


def _style(
    made: Any, name: str, *, size: float, font: str = FONT, bold: bool = False, color: str = INK, before: float = 0,
    after: float = 0, line: float = 0.0, left: float = 0.0, keep: bool = False,
) -> None:  # fmt: skip
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    names = {style.name for style in made.styles}
    style = made.styles[name] if name in names else made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.font.name, style.font.size, style.font.bold = font, Pt(size), bold
    style.font.italic = False
    style.font.color.rgb = RGBColor.from_string(color)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), font)
    how = style.paragraph_format
    how.space_before, how.space_after = Pt(before), Pt(after)
    if line:
        how.line_spacing = line
    if left:
        how.left_indent = Cm(left)
    how.keep_with_next = keep or None
    for tag in ("pBdr", "tabs"):
        for left_over in style.element.findall(f".//{qn(f'w:{tag}')}"):
            left_over.getparent().remove(left_over)


def _numbers(made: Any) -> None:
    """Headings of level 1 to 3 count by themselves."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import qn

    numbering = made.part.numbering_part.element
    numbering.insert(0, parse_xml(_NUMBERING))
    numbering.append(parse_xml(_NUMBERS))
    for n in range(3):
        properties = made.styles[f"Heading {n + 1}"].element.get_or_add_pPr()
        counted = properties.get_or_add_numPr()
        counted.get_or_add_ilvl().set(qn("w:val"), str(n))
        counted.get_or_add_numId().set(qn("w:val"), "770")


def _tables(made: Any) -> None:
    from docx.oxml import parse_xml

    made.styles.element.append(parse_xml(_TABLE))
