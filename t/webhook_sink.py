# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# A receiver of webhooks for tests. Each request is a file DIR/N.json: path, headers, body, and whether its signature is
# right, by Python's own hmac with the secret in DIR/secret. The path says what is answered:
#
# /ok 204   /status/NNN that   /redirect 307 to /ok   /big 200 and a mebibyte   /slow 204 after half a minute
#
# It prints its port, and ends when its standard input does.

import base64
import hashlib
import hmac
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

count = 0
lock = threading.Lock()


def is_signed(headers, body):
    try:
        with open(os.path.join(sys.argv[1], "secret"), encoding="ascii") as file:
            secret = base64.b64decode(file.read().strip().removeprefix("whsec_"))
    except OSError:
        return None
    if abs(time.time() - int(headers["webhook-timestamp"])) > 60:
        return False
    text = f'{headers["webhook-id"]}.{headers["webhook-timestamp"]}.'.encode() + body
    mac = base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(headers["webhook-signature"], "v1," + mac)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.keep(body)
        if self.path == "/slow":
            time.sleep(30)
        words = self.path.split("/")
        status = {"ok": 204, "slow": 204, "big": 200, "redirect": 307}.get(words[1]) or int(words[2])
        self.send_response(status)
        if status == 307:
            self.send_header("Location", "/ok")
        data = b"x" * 1048576 if words[1] == "big" else b""
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def keep(self, body):
        global count
        told = {"path": self.path, "headers": dict(self.headers.items()), "body": json.loads(body),
                "signed": is_signed(self.headers, body)}
        with lock:
            count += 1
            base = os.path.join(sys.argv[1], str(count))
            with open(base + ".tmp", "w", encoding="utf-8") as file:
                json.dump(told, file)
            os.rename(base + ".tmp", base + ".json")

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
os._exit(0)
