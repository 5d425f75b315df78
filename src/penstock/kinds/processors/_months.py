"""Names of months in other languages, as regular expressions for the full and the short word."""

from __future__ import annotations

MONTHS = {
    "fr": "janv(?:ier|[.])? f[eé]v(?:rier|r[.]?|[.])? mars avr(?:il|[.])? mai juin juil(?:let|[.])? ao[uû]t "
          "sept(?:embre|[.])? oct(?:obre|[.])? nov(?:embre|[.])? d[eé]c(?:embre|[.])?",
    "de": "jan(?:uar|[.])? feb(?:ruar|[.])? m(?:ärz|rz|är)[.]? apr(?:il|[.])? mai juni? juli? aug(?:ust|[.])? "
          "sept?(?:ember|[.])? okt(?:ober|[.])? nov(?:ember|[.])? dez(?:ember|[.])?",
    "es": "ene(?:ro|[.])? feb(?:rero|[.])? mar(?:zo|[.])? abr(?:il|[.])? mayo?[.]? jun(?:io|[.])? jul(?:io|[.])? "
          "ago(?:sto|[.])? sept?(?:iembre|[.])? oct(?:ubre|[.])? nov(?:iembre|[.])? dic(?:iembre|[.])?",
    "it": "gen(?:naio|[.])? feb(?:braio|[.])? mar(?:zo|[.])? apr(?:ile|[.])? mag(?:gio|[.])? giu(?:gno|[.])? "
          "lug(?:lio|[.])? ago(?:sto|[.])? sett?(?:embre|[.])? ott(?:obre|[.])? nov(?:embre|[.])? dic(?:embre|[.])?",
    "nl": "jan(?:uari|[.])? feb(?:ruari|[.])? (?:maart|mrt[.]?) apr(?:il|[.])? mei juni? juli? aug(?:ustus|[.])? "
          "sept?(?:ember|[.])? okt(?:ober|[.])? nov(?:ember|[.])? dec(?:ember|[.])?",
    "pt": "jan(?:eiro|[.])? fev(?:ereiro|[.])? mar(?:ço|[.])? abr(?:il|[.])? mai(?:o|[.])? jun(?:ho|[.])? "
          "jul(?:ho|[.])? ago(?:sto|[.])? set(?:embro|[.])? out(?:ubro|[.])? nov(?:embro|[.])? dez(?:embro|[.])?",
}  # fmt: skip
ENGLISH = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
