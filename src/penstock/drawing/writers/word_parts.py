"""The parts of Word that python-docx has no words for: fields, bookmarks, links, borders, grounds."""

from __future__ import annotations

from typing import Any


def element(tag: str, **attributes: str) -> Any:
    """`w:tag` with its attributes."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def field(paragraph: Any, code: str, shown: str = "", *, stale: bool = False) -> None:
    """A field that the office computes, such as PAGE, and what it shows until then."""
    begin = element("fldChar", fldCharType="begin", **({"dirty": "true"} if stale else {}))
    paragraph.add_run()._r.append(begin)
    paragraph.add_run()._r.append(instruction(code))
    paragraph.add_run()._r.append(element("fldChar", fldCharType="separate"))
    paragraph.add_run(shown)
    paragraph.add_run()._r.append(element("fldChar", fldCharType="end"))


def instruction(code: str) -> Any:
    made = element("instrText")
    made.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    made.text = f" {code} "
    return made


def bookmark(paragraph: Any, name: str, number: int) -> None:
    """A place that others lead to: the whole paragraph."""
    start = element("bookmarkStart", id=str(number), name=name)
    properties = paragraph._p.pPr
    if properties is None:
        paragraph._p.insert(0, start)
    else:
        properties.addnext(start)
    paragraph._p.append(element("bookmarkEnd", id=str(number)))


def link(paragraph: Any, to: str) -> Any:
    """A hyperlink to an address, to put runs into."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml.ns import qn

    made = element("hyperlink")
    made.set(qn("r:id"), paragraph.part.relate_to(to, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    paragraph._p.append(made)
    return made


def inner_link(paragraph: Any, bookmark: str) -> Any:
    """A hyperlink to a bookmark."""
    made = element("hyperlink", anchor=bookmark, history="1")
    paragraph._p.append(made)
    return made


def boxed(paragraph: Any, ground: str, edge: str) -> None:
    """A paragraph on coloured ground with a line at its left."""
    properties = paragraph._p.get_or_add_pPr()
    borders = element("pBdr")
    borders.append(element("left", val="single", sz="24", space="8", color=edge))
    properties.append(borders)
    properties.append(element("shd", val="clear", color="auto", fill=ground))
    _ordered(properties)


def under(paragraph: Any, colour: str, *, side: str = "bottom", thick: int = 6) -> None:
    """A line along a side of a paragraph."""
    properties = paragraph._p.get_or_add_pPr()
    borders = element("pBdr")
    borders.append(element(side, val="single", sz=str(thick), space="4", color=colour))
    properties.append(borders)
    _ordered(properties)


_ORDER = (
    "pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl", "numPr", "suppressLineNumbers",
    "pBdr", "shd", "tabs", "suppressAutoHyphens", "kinsoku", "wordWrap", "overflowPunct", "topLinePunct",
    "autoSpaceDE", "autoSpaceDN", "bidi", "adjustRightInd", "snapToGrid", "spacing", "ind", "contextualSpacing",
    "mirrorIndents", "suppressOverlap", "jc", "textDirection", "textAlignment", "textboxTightWrap", "outlineLvl",
    "divId", "cnfStyle", "rPr", "sectPr", "pPrChange",
)  # fmt: skip


def _ordered(properties: Any) -> None:
    """Word refuses properties of a paragraph that are not in the order of its schema."""
    names = {name: n for n, name in enumerate(_ORDER)}
    children = sorted(properties, key=lambda child: names.get(child.tag.rpartition("}")[2], 99))
    for child in children:
        properties.remove(child)
    for child in children:
        properties.append(child)


def repeated(row: Any) -> None:
    """The first row of a table stands again on every page, and never alone at the foot of one."""
    row._tr.get_or_add_trPr().append(element("tblHeader", val="true"))
    for cell in row.cells:
        for paragraph in cell.paragraphs:
            paragraph.paragraph_format.keep_with_next = True


def unbroken(row: Any) -> None:
    """A row never goes over the end of a page."""
    row._tr.get_or_add_trPr().insert(0, element("cantSplit", val="true"))
