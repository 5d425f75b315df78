"""A message as a mail of the internet: RFC 5322 headers, text beside HTML, images inside, files attached."""

from __future__ import annotations

import re
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, getaddresses, make_msgid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from penstock.core.message import Attachment, Message


def recipients_of(message: Message) -> list[str]:
    """Every address a message goes to, each once; those of Bcc too, which no header shows."""
    everybody = getaddresses([*message.to, *message.cc, *message.bcc])
    return list(dict.fromkeys(address for _, address in everybody if address))


def as_mail(message: Message, sender: str) -> EmailMessage:
    """The mail, ready to be sent. Line breaks in the subject become spaces; nothing can add a header."""
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = re.sub(r"\s*[\r\n]+\s*", " ", message.subject).strip()
    mail["From"] = sender
    for header, people in (("To", message.to), ("Cc", message.cc)):
        if people:
            mail[header] = ", ".join(people)
    mail["Date"] = formatdate(localtime=False, usegmt=True)
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].strip("<> ") or "localhost")
    mail["Auto-Submitted"] = "auto-generated"
    _fill(mail, message)
    return mail


def _fill(mail: EmailMessage, message: Message) -> None:
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
        _show_inside(mail, [a for a in message.attachments if a.content_id])
    for file in message.attachments:
        if not file.content_id:
            main, sub = _mime(file)
            mail.add_attachment(file.content, main, sub, filename=file.name, params=_charset(file))


def _show_inside(mail: EmailMessage, images: list[Attachment]) -> None:
    html = mail.get_body(("html",))
    assert isinstance(html, EmailMessage)
    for image in images:
        main, sub = _mime(image)
        html.add_related(
            image.content, main, sub, cid=f"<{image.content_id}>", filename=image.name, disposition="inline"
        )


def _mime(attachment: Attachment) -> tuple[str, str]:
    main, _, sub = attachment.mime.partition(";")[0].partition("/")
    return main, sub or "octet-stream"


def _charset(attachment: Attachment) -> dict[str, str]:
    """What a text is written in; readers would take it for ASCII otherwise."""
    if not attachment.mime.startswith("text/"):
        return {}
    try:
        attachment.content.decode("utf-8")
    except UnicodeDecodeError:
        return {}
    return {"charset": "utf-8"}
