#!/usr/bin/env bash
# What:     two `table.init` from one passive element segment whose item is `(struct.new $box (i32.const 0))`, then `ref.eq` of the two elements.
# Version:  com.dylibso.chicory:runtime and :compiler 1.7.5 from Maven Central, Java 17; beside it wasmtime 50.0.1 from PyPI.
# Expected: 1: a segment is evaluated once, when the module is instantiated, and `table.init` copies its references (specification, instantiation).
# Seen:     Wasmtime gives 1, Chicory 0, interpreted and compiled: each `table.init` makes a new object.
# Matters:  objects that are shared through a segment (constants, class descriptors) are not the same object, and what is written to one is not in the other.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv environment
environment/bin/python -m pip install --quiet --disable-pip-version-check wasmtime==50.0.1
cat >same.py <<'PY'
import wasmtime

TEXT = """(module
  (type $box (struct (field (mut i32))))
  (elem $e structref (item (struct.new $box (i32.const 0))))
  (table $t 2 structref)
  (func (export "same") (result i32)
    (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1))
    (table.init $t $e (i32.const 1) (i32.const 0) (i32.const 1))
    (ref.eq (table.get $t (i32.const 0)) (table.get $t (i32.const 1)))))"""
binary = bytes(wasmtime.wat2wasm(TEXT))
with open("module.wasm", "wb") as file:
    file.write(binary)
config = wasmtime.Config()
config.wasm_function_references = True
config.wasm_gc = True
engine = wasmtime.Engine(config)
store = wasmtime.Store(engine)
instance = wasmtime.Instance(store, wasmtime.Module(engine, binary), [])
print("wasmtime", instance.exports(store)["same"](store), end="; ")
PY
cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId>
  <artifactId>finding</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>com.dylibso.chicory</groupId><artifactId>runtime</artifactId><version>1.7.5</version></dependency>
    <dependency><groupId>com.dylibso.chicory</groupId><artifactId>compiler</artifactId><version>1.7.5</version></dependency>
  </dependencies>
</project>
XML
mvn --quiet --batch-mode dependency:copy-dependencies -DoutputDirectory=libraries >maven.log 2>&1 || { cat maven.log; exit 1; }
cat >Same.java <<'JAVA'
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import java.nio.file.Path;

class Same {
  public static void main(String[] arguments) {
    for (boolean compiled : new boolean[] {false, true}) {
      Instance.Builder builder = Instance.builder(Parser.parse(Path.of("module.wasm")));
      if (compiled) builder = builder.withMachineFactory(MachineFactoryCompiler::compile);
      long same = builder.build().export("same").apply()[0];
      System.out.print((compiled ? "chicory, compiled " : "chicory, interpreted ") + same + "; ");
    }
  }
}
JAVA
seen="$(environment/bin/python same.py)$(java -cp 'libraries/*' Same.java)"
expected='wasmtime 1; chicory, interpreted 0; chicory, compiled 0; '
echo "chicory 1.7.5, wasmtime 50.0.1: $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
