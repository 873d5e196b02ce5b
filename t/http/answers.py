# SPDX-License-Identifier: Apache-2.0
# Copyright The mod_f1board authors
#
# answers.py DOCUMENT ANSWERS: checks recorded answers, one JSON object a line, against the OpenAPI document: status,
# media type, headers, and the body with python3-jsonschema. Objects may have no member that the document does not name.
# Exit status: 0 as described, 1 not, 77 without jsonschema.

import datetime
import json
import sys

try:
    import jsonschema
except ImportError:
    sys.exit(77)

formats = jsonschema.FormatChecker()


@formats.checks('date-time', raises=ValueError)
def is_date_time(text):
    return not isinstance(text, str) or datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).tzinfo is not None


def close(schema):
    """What is not named is not allowed."""
    if isinstance(schema, list):
        for item in schema:
            close(item)
    elif isinstance(schema, dict):
        if 'object' in schema.get('type', ()) and 'properties' in schema:
            schema.setdefault('additionalProperties', False)
        for item in schema.values():
            close(item)


def resolve(document, value):
    while '$ref' in value:
        name = value['$ref']
        value = document
        for step in name.split('/')[1:]:
            value = value[step]
    return value


def complaints(document, resolver, answer):
    operation = document['paths'][answer['template']][answer['method']]
    if answer['status'] not in operation['responses']:
        yield 'status %s' % answer['status']
        return
    response = resolve(document, operation['responses'][answer['status']])
    for name, header in response.get('headers', {}).items():
        optional = name in ('X-Limit-Clamped', 'Idempotency-Replayed') or (name, answer['status']) == ('Retry-After', '409')
        if name.lower() not in answer['headers'] and not optional:
            yield 'no header %s' % name
    if 'content' not in response:
        if answer['type']:
            yield 'a body of type %s' % answer['type']
        return
    if answer['type'] not in response['content']:
        yield 'media type %s' % answer['type']
        return
    schema = response['content'][answer['type']]['schema']
    for error in jsonschema.Draft202012Validator(schema, resolver=resolver, format_checker=formats).iter_errors(
            answer['body']):
        yield '%s: %s' % ('/'.join(str(step) for step in error.absolute_path), error.message[:300])


def main():
    with open(sys.argv[1], encoding='utf-8') as file:
        document = json.load(file)
    close(document)
    resolver = jsonschema.RefResolver('', document)
    count = wrong = 0
    with open(sys.argv[2], encoding='utf-8') as file:
        for line in file:
            answer = json.loads(line)
            count += 1
            for complaint in complaints(document, resolver, answer):
                wrong += 1
                print('%s: %s' % (answer['where'], complaint), file=sys.stderr)
    print('%d answers, %d complaints' % (count, wrong), file=sys.stderr)
    sys.exit(1 if wrong or not count else 0)


main()
