# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# A mail server for tests, made of aiosmtpd: takes everything, and says no as its recipients' names ask for. Each mail is
# a file in DIR, N.eml, with its envelope in N.json; DIR/count has how many came. It prints its port, and ends when its
# standard input does.
#
#   smtp_sink.py DIR [--tls CERT KEY] [--implicit] [--auth USER:PASSWORD] [--count-only]
#
# nobody@    550 to RCPT         busy@   451 to RCPT          full@  552 after the text
# later@     452 after the text  lost@   takes the text and hangs up without a word
# slow@      takes it after half a minute

import argparse
import asyncio
import email
import email.policy
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    def __init__(self, options):
        self.options = options
        self.count = 0

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        replies = {"nobody": "550 5.1.1 no such user here", "busy": "451 4.3.0 come back later"}
        name = address.split("@")[0]
        if name not in replies:
            envelope.rcpt_tos.append(address)
        return replies.get(name, "250 OK")

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0]
        if name == "full":
            return "552 5.2.2 mailbox full"
        if name == "later":
            return "452 4.2.2 no room for now"
        if name == "slow":
            await asyncio.sleep(30)
        self.keep(session, envelope)
        if name == "lost":
            server.transport.abort()
        return "250 2.0.0 taken"

    def keep(self, session, envelope):
        self.count += 1
        if self.options.count_only:
            return
        base = os.path.join(self.options.dir, str(self.count))
        with open(base + ".eml", "wb") as file:
            file.write(envelope.content)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {part.get_content_type(): part.get_content().replace("\r\n", "\n")
                 for part in message.walk() if not part.is_multipart()}
        told = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": session.ssl is not None,
                "user": bool(session.authenticated), "subject": str(message["Subject"]),
                "sender": str(message["From"]), "parts": parts, "type": message.get_content_type(),
                "headers": {name: str(value) for name, value in message.items()},
                "defects": [str(defect) for defect in message.defects]}
        with open(base + ".tmp", "w", encoding="utf-8") as file:
            json.dump(told, file)
        os.rename(base + ".tmp", base + ".json")


def tls_context(options):
    if not options.tls:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*options.tls)
    return context


async def serve(options):
    loop = asyncio.get_running_loop()
    handler = Handler(options)
    context = tls_context(options)
    wanted = [part.encode() for part in options.auth.split(":", 1)] if options.auth else None

    def authenticate(server, session, envelope, mechanism, data):
        return AuthResult(success=[data.login, data.password] == wanted, handled=False)

    def protocol():
        return SMTP(handler, hostname="sink.test", tls_context=None if options.implicit else context,
                    authenticator=authenticate if wanted else None, auth_required=bool(wanted),
                    auth_require_tls=not options.implicit)

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=context if options.implicit else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    with open(os.path.join(options.dir, "count"), "w", encoding="utf-8") as file:
        file.write(str(handler.count))
    os._exit(0)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("dir")
    parser.add_argument("--tls", nargs=2)
    parser.add_argument("--implicit", action="store_true")
    parser.add_argument("--auth")
    parser.add_argument("--count-only", action="store_true")
    asyncio.run(serve(parser.parse_args()))


main()
