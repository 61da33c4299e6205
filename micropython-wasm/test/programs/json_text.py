import json
print(json.dumps([1, 2.5, "x", None, True, False, [], {}]), json.dumps("q\"\\\n\u00e9") in ('"q\\"\\\\\\n\\u00e9"', '"q\\"\\\\\\n\u00e9"'))
print(json.loads('{"a": [1, 2, {"b": null}], "c": "\\u20ac\\n"}')["a"][2], json.loads(" [ 1 , -2.5e3 , true ] "))
obj = {"name": "Ada", "langs": ["en", "fr"], "age": 36, "nested": {"x": [[1], [2, [3]]]}}
print(json.loads(json.dumps(obj)) == obj, json.dumps({"k": [1, {"z": 2}]}), json.loads("123456789012345678901234567890"))
print(json.loads('"abc"'), json.loads("0"), json.loads("[]"), json.loads("{}"))
for bad in ("{", "[1,", "nope", ""):
    try:
        json.loads(bad)
        print("accepted", bad)
    except ValueError:
        print("ValueError", repr(bad))
s = "[" * 50 + "]" * 50
print(json.dumps(json.loads(s)) == s)
print(json.dumps({"b": 1}, separators=(",", ":")), json.dumps([1, 2], separators=(",", ":")))
import io
f = io.StringIO()
json.dump({"x": [1, 2]}, f)
print(f.getvalue(), json.load(io.StringIO("[4, 5]")))
