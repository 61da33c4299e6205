// The interpreter of wazero as a contestant: requests and answers of bench/contest/protocol.ts, a line of JSON each.
// It counts nothing.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

type request struct {
	Do    string  `json:"do"`
	File  string  `json:"file"`
	Name  string  `json:"name"`
	Arg   int32   `json:"arg"`
	Times int     `json:"times"`
	ForMs float64 `json:"forMs"`
}

type answer struct {
	Ms     []float64 `json:"ms"`
	Result string    `json:"result"`
}

func since(start time.Time) float64 {
	return float64(time.Since(start).Nanoseconds()) / 1e6
}

func load(ctx context.Context, bytes []byte) (api.Module, error) {
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	add := func(value int32) int32 { return value + 1 }
	if _, err := runtime.NewHostModuleBuilder("bench").NewFunctionBuilder().WithFunc(add).Export("add").Instantiate(ctx); err != nil {
		return nil, err
	}
	abort := func(int32, int32, int32, int32) {}
	if _, err := runtime.NewHostModuleBuilder("env").NewFunctionBuilder().WithFunc(abort).Export("abort").Instantiate(ctx); err != nil {
		return nil, err
	}
	return runtime.Instantiate(ctx, bytes)
}

func call(ctx context.Context, module api.Module, r request) (answer, error) {
	function := module.ExportedFunction(r.Name)
	if function == nil {
		return answer{}, fmt.Errorf("no function %s", r.Name)
	}
	var ms []float64
	begin := time.Now()
	for {
		start := time.Now()
		var results []uint64
		for i := 0; i < r.Times; i++ {
			var err error
			if results, err = function.Call(ctx, api.EncodeI32(r.Arg)); err != nil {
				return answer{}, err
			}
		}
		ms = append(ms, since(start))
		if since(begin) >= r.ForMs {
			if function.Definition().ResultTypes()[0] == api.ValueTypeF64 {
				return answer{ms, fmt.Sprint(api.DecodeF64(results[0]))}, nil
			}
			return answer{ms, fmt.Sprint(api.DecodeI32(results[0]))}, nil
		}
	}
}

func main() {
	ctx := context.Background()
	out := json.NewEncoder(os.Stdout)
	_ = out.Encode(map[string]string{"version": "wazero 1.12.0"})
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<24)
	var module api.Module
	for in.Scan() {
		var r request
		var a answer
		err := json.Unmarshal(in.Bytes(), &r)
		switch {
		case err != nil:
		case r.Do == "load":
			var bytes []byte
			if bytes, err = os.ReadFile(r.File); err == nil {
				start := time.Now()
				module, err = load(ctx, bytes)
				a = answer{[]float64{since(start)}, ""}
			}
		case r.Do == "call" && module != nil:
			a, err = call(ctx, module, r)
		default:
			err = errors.New("wazero runs modules only")
		}
		if err != nil {
			_ = out.Encode(map[string]string{"error": err.Error()})
		} else {
			_ = out.Encode(a)
		}
	}
}
