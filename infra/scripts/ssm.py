#!/usr/bin/env python3
"""nodenap-ssm get REGION NAME FILE    writes a parameter to FILE, readable by root only
nodenap-ssm put REGION NAME         writes stdin to a parameter, as a SecureString

Uses the instance's role and only Python's standard library, because Ubuntu's and Debian's images
have no AWS CLI. A value is never an argument and never printed.
"""

import datetime
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.request

IMDS = "http://169.254.169.254/latest/"
SECONDS_TO_TRY = 240  # the role, the network and the parameter may not be ready yet
PAUSE_S = 3
# Ignore proxies of the environment, which cannot reach the metadata service.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def fetch(url, headers, body=None, method=None):
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    with OPENER.open(request, timeout=10) as answer:
        return answer.read()


def credentials():
    lifetime = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
    session = fetch(IMDS + "api/token", lifetime, method="PUT").decode()
    headers = {"X-aws-ec2-metadata-token": session}
    folder = IMDS + "meta-data/iam/security-credentials/"
    role = fetch(folder, headers).decode().split()[0]
    return json.loads(fetch(folder + role, headers))


def keyed(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signed_headers(host, region, target, body):
    """The headers of a request to SSM, with Signature Version 4."""
    keys = credentials()
    moment = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": host,
        "x-amz-date": moment,
        "x-amz-security-token": keys["Token"],
        "x-amz-target": "AmazonSSM." + target,
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{moment[:8]}/{region}/ssm/aws4_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = keyed(b"AWS4" + keys["SecretAccessKey"].encode(), moment[:8])
    for part in (region, "ssm", "aws4_request"):
        key = keyed(key, part)
    signature = keyed(key, f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}").hex()
    identity = f"Credential={keys['AccessKeyId']}/{scope}"
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 {identity}, SignedHeaders={names}, Signature={signature}"
    )
    return headers


def call(region, target, parameters):
    host = f"ssm.{region}.amazonaws.com"
    body = json.dumps(parameters).encode()
    return json.loads(fetch(f"https://{host}/", signed_headers(host, region, target, body), body))


def cause(error):
    """The error's name; never the body, which may quote the request."""
    if not isinstance(error, urllib.error.HTTPError):
        return f"{type(error).__name__}: {getattr(error, 'reason', '')}"
    try:
        return str(json.loads(error.read())["__type"]).rsplit("#", 1)[-1]
    except (ValueError, KeyError, TypeError, OSError):
        return f"HTTP {error.code}"


def call_until_it_answers(region, target, parameters):
    end = time.monotonic() + SECONDS_TO_TRY
    while True:
        try:
            return call(region, target, parameters)
        except (OSError, ValueError, KeyError, IndexError) as error:
            text = f"nodenap-ssm: {target} {parameters['Name']}: {cause(error)}"
            if time.monotonic() > end:
                sys.exit(text)
            print(text + "; retrying", file=sys.stderr, flush=True)
            time.sleep(PAUSE_S)


def get(region, name, path):
    parameters = {"Name": name, "WithDecryption": True}
    value = call_until_it_answers(region, "GetParameter", parameters)["Parameter"]["Value"]
    os.umask(0o077)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(value)
    os.replace(path + ".new", path)


def put(region, name):
    value = sys.stdin.read().strip()
    if not value:
        sys.exit(f"nodenap-ssm: no value given for {name}")
    parameters = {"Name": name, "Value": value, "Type": "SecureString", "Overwrite": True}
    call_until_it_answers(region, "PutParameter", parameters)


def main():
    verbs = {("get", 5): get, ("put", 4): put}
    verb = verbs.get((sys.argv[1] if len(sys.argv) > 1 else "", len(sys.argv)))
    if not verb:
        sys.exit(__doc__)
    verb(*sys.argv[2:])


if __name__ == "__main__":
    main()
