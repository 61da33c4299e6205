#!/usr/bin/env bash
# What:     what `Call` gives for `(func (param i64) (result i32) (i64.eqz (local.get 0)))` and for the constant 0, with the argument 2**32 + 5.
# Version:  github.com/tetratelabs/wazero 1.12.0 from the Go proxy, both of its engines.
# Expected: 0 from both engines: the result is an i32, and the argument an i64 that is encoded as documented.
# Seen:     the interpreter gives 0, the compiler 4294967296: the result is written into the lower half of the word in which the argument lay.
# Matters:  results are to be decoded by `api.DecodeI32`, but `results[0] != 0` compiles, is what wazero's own examples do, and holds in tests on the interpreter.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >go.mod <<'MOD'
module finding

go 1.24

require github.com/tetratelabs/wazero v1.12.0
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// (func (export "z") (param i64) (result i32) (i64.eqz (local.get 0)))
// (func (export "c") (param i64) (result i32) (i32.const 0))
var module = []byte("\x00asm\x01\x00\x00\x00" +
	"\x01\x06\x01\x60\x01\x7e\x01\x7f" + "\x03\x03\x02\x00\x00" + "\x07\x09\x02\x01z\x00\x00\x01c\x00\x01" +
	"\x0a\x0c\x02\x05\x00\x20\x00\x50\x0b\x04\x00\x41\x00\x0b")

func main() {
	ctx := context.Background()
	engines := []struct {
		name   string
		config wazero.RuntimeConfig
	}{{"interpreter", wazero.NewRuntimeConfigInterpreter()}, {"compiler", wazero.NewRuntimeConfigCompiler()}}
	for _, engine := range engines {
		runtime := wazero.NewRuntimeWithConfig(ctx, engine.config)
		instance, err := runtime.Instantiate(ctx, module)
		if err != nil {
			panic(err)
		}
		fmt.Print(engine.name, ":")
		for _, call := range []string{"z", "c"} {
			results, err := instance.ExportedFunction(call).Call(ctx, api.EncodeI64(1<<32+5))
			if err != nil {
				panic(err)
			}
			fmt.Printf(" %s %d, decoded %d;", call, results[0], api.DecodeI32(results[0]))
		}
		fmt.Print(" ")
	}
}
GO
GOFLAGS=-mod=mod go mod tidy 2>go.log || { cat go.log; exit 1; }
seen=$(go run .)
expected='interpreter: z 0, decoded 0; c 0, decoded 0; compiler: z 4294967296, decoded 0; c 4294967296, decoded 0; '
echo "wazero 1.12.0, $(go version | cut -d' ' -f3,4): $seen"
[ "$seen" = "$expected" ] || { echo "changed: it was '$expected'"; exit 1; }
