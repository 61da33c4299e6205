#!/usr/bin/env bash
# What:     `f32.abs` of the NaN 0xffc00000, by one exported function called again and again, compiled by Chicory.
# Version:  com.dylibso.chicory:runtime and :compiler 1.7.5 from Maven Central, Java 17.
# Expected: 0x7fc00000 each time: `fabs` clears the sign of a NaN too, and nothing else (specification, fabs).
# Seen:     the first calls give 0xffc00000, later ones 0x7fc00000: `Math.abs` of Java 17 keeps the sign of a NaN until it is compiled.
# Matters:  one pure function gives two results in one process, and when it changes depends on the Java virtual machine: no replay holds.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
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
cat >Seen.java <<'JAVA'
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.Parser;
import java.util.HexFormat;

class Seen {
  // (func (export "f") (result i32) (i32.reinterpret_f32 (f32.abs (f32.const -nan))))
  static final byte[] MODULE = HexFormat.of().parseHex(
      "0061736d01000000" + "010501600001" + "7f" + "03020100" + "07050101660000" + "0a0b010900" + "430000c0ff" + "8bbc0b");

  public static void main(String[] arguments) {
    ExportFunction function = Instance.builder(Parser.parse(MODULE))
        .withMachineFactory(MachineFactoryCompiler::compile).build().export("f");
    int first = (int) function.apply()[0];
    int later = first;
    for (int call = 0; call < 50_000_000 && later == first; call++) later = (int) function.apply()[0];
    System.out.println("at first " + Integer.toHexString(first) + ", later " + Integer.toHexString(later));
  }
}
JAVA
java=$(ls -d /usr/lib/jvm/java-17-openjdk* 2>/dev/null | head -1)/bin/java
[ -x "$java" ] || java=java
seen=$("$java" -cp 'libraries/*' Seen.java)
expected='at first ffc00000, later 7fc00000'
echo "chicory 1.7.5, $("$java" -version 2>&1 | head -1): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
